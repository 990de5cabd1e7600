import assert from "node:assert/strict";
import { test } from "node:test";

import { announcer, words } from "../../../assets/uploader/words.js";

const meter = { speed: () => 5e6, secondsLeft: () => 70 };
const item = (changes) => ({ name: "a.mp4", file: { size: 1e9 }, plan: { sizeBytes: 1e9 }, loaded: 250e6, ...changes });

test("every state has a line", () => {
  const error = { message: "It failed.", hint: "Do this." };
  for (const state of ["checking", "elsewhere", "waiting", "uploading", "retrying", "paused", "finishing", "ready", "failed"]) {
    assert.ok(words(item({ state, error }), meter).line, state);
  }
  assert.equal(words(item({ state: "uploading" }), meter).line, "250 MB of 1.0 GB · 5.0 MB/s · about 1 min left");
  assert.match(words(item({ state: "uploading", starts: true }), meter).hint, /starts by itself/);
});

test("trouble is called by its name", () => {
  const line = (trouble) => words(item({ state: "retrying", trouble }), meter).line;
  assert.match(line("offline"), /offline/);
  assert.match(line({ status: 503 }), /busy/);
  assert.match(line({ code: "Unreachable" }), /server/);
  assert.match(line(new Error()), /stumbles/);
  assert.equal(words(item({ state: "retrying", trouble: "offline" }), meter).hint, "25 % have arrived and are not sent again.");
  assert.match(words(item({ state: "finishing", trouble: "offline" }), meter).hint, /offline/);
});

test("what goes on says where it goes on from", () => {
  const hint = (changes) => words(item({ state: "uploading", ...changes }), meter).hint;
  assert.equal(hint({ resumedBytes: 200e6 }), "200 MB had arrived before.");
  assert.match(hint({ resumedBytes: 200e6, starts: true }), /before\. The analysis starts/);
  assert.equal(hint({ resumedBytes: 0 }), "");
});

test("a listener hears changes and quarters, not the counting between", () => {
  let now = 0;
  const region = { said: [], set textContent(text) { this.said.push(text); } };
  const say = announcer(region, () => now);
  const film = item({ state: "uploading", loaded: 0 });
  for (let share = 0; share <= 100; share += 1, now += 1000) {
    film.loaded = share * 10e6;
    say(film, "uploading");
  }
  assert.deepEqual(region.said, ["uploading", "a.mp4: 25 % uploaded.", "a.mp4: 50 % uploaded.", "a.mp4: 75 % uploaded.", "a.mp4: 100 % uploaded."]);
  film.state = "ready";
  say(film, "ready");
  say(film, "ready");
  assert.equal(region.said.length, 6);
});
