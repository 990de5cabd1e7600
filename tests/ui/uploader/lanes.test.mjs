import assert from "node:assert/strict";
import { test } from "node:test";

import { lanes } from "../../../assets/uploader/lanes.js";

const PART = 16e6;

/** Send `parts` parts over a line of `speed(lanes)` bytes per millisecond; the counts that were used. */
function drive(chosen, clock, parts, speed) {
  const used = [];
  for (let i = 0; i < parts; i += 1) {
    used.push(chosen.count);
    const ms = (chosen.count * PART) / speed(chosen.count);
    clock.now += ms / chosen.count;
    chosen.arrived(PART, ms);
  }
  return used;
}

function fresh(options) {
  const clock = { now: 0 };
  return [lanes({ now: () => clock.now, ...options }), clock];
}

test("it starts with four and takes more while that makes the whole faster", () => {
  const [chosen, clock] = fresh({ most: 8 });
  assert.equal(chosen.count, 4);
  const used = drive(chosen, clock, 200, (count) => 20_000 * count);
  assert.equal(used.at(-1), 8);
});

test("on a line that four fill it stays at four, but for a look now and then", () => {
  const [chosen, clock] = fresh();
  const used = drive(chosen, clock, 400, () => 80_000);
  assert.ok(used.every((count) => count === 4 || count === 5));
  assert.ok(used.filter((count) => count === 5).length < 80);
});

test("a storm of failures halves it once, then it comes back", () => {
  const [chosen, clock] = fresh();
  for (let i = 0; i < 20; i += 1) chosen.stumbled();
  assert.equal(chosen.count, 2);
  assert.ok(drive(chosen, clock, 60, (count) => 20_000 * count).at(-1) >= 4);
});

test("on a slow line fewer parts travel, so that each is soon safe", () => {
  const [chosen, clock] = fresh();
  const used = drive(chosen, clock, 20, () => 250); // 2 Mbit/s: 16 MB alone take 64 s
  assert.equal(used.at(-1), 1);
});

test("never more than allowed", () => {
  const [chosen, clock] = fresh({ most: 4 });
  assert.ok(drive(chosen, clock, 200, (count) => 20_000 * count).every((count) => count === 4));
});
