import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { test } from "node:test";

import { liftAt, liftInputs, liftOutcomes, measuredOf, ofLifts, spanOfLift } from "../../assets/viewer/whatif_lifts.js";
import { inputsOf, seenAt, spanOf, WhatIf } from "../../assets/viewer/whatif_state.js";

const TRUNK = { id: "trunk_twisted", kind: "yes_no", sided: false, told: false, items: ["reba.trunk"] };
const ARM = { id: "raised", kind: "yes_no", sided: true, told: false, items: ["reba.upper_arm", "iso11226.side_upper_arm"] };
const LOAD = { id: "load_kg", kind: "number", sided: false, told: true, items: ["reba.load"] };

function packed(meta, arrays = {}) {
  const entries = {};
  const chunks = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    entries[name] = { dtype: array instanceof Int16Array ? "i2" : "u1", shape: [array.length], offset };
    const bytes = new Uint8Array(Math.ceil(array.byteLength / 8) * 8);
    bytes.set(new Uint8Array(array.buffer));
    chunks.push(bytes);
    offset += bytes.length;
  }
  let header = JSON.stringify({ version: 1, meta, arrays: entries });
  while ((8 + header.length) % 8) header += " ";
  const head = Buffer.alloc(8);
  head.write("ERGO");
  head.writeUInt32LE(header.length, 4);
  return deflateSync(Buffer.concat([head, Buffer.from(header), ...chunks])).toString("base64");
}

const answer = (request) => ({
  file: packed({ summaries: [], overrides: request.overrides }, { "input.raised.left": new Uint8Array([1, 255, 0]) }),
});
const change = (value) => ({ input: "raised", value, rule: "is", side: null, start_s: null, end_s: null });

test("an item's inputs come with the side they are to be set for", () => {
  const all = [TRUNK, ARM, LOAD];
  assert.deepEqual(inputsOf(all, "reba", "trunk", "left"), [{ input: TRUNK, side: null }]);
  assert.deepEqual(inputsOf(all, "reba", "upper_arm", "left"), [{ input: ARM, side: "left" }]);
  assert.deepEqual(inputsOf(all, "reba", "upper_arm", "both"), [{ input: ARM, side: null }]);
  assert.deepEqual(inputsOf(all, "iso11226", "right_upper_arm", "both"), [{ input: ARM, side: "right" }]);
  assert.deepEqual(inputsOf(all, "rula", "neck", "left"), []);
});

test("a scope is a span of the film, and a stretch that is not chosen is none", () => {
  assert.deepEqual(spanOf("film", 2, null, 10), { start_s: null, end_s: null });
  assert.deepEqual(spanOf("moment", 0.2, null, 10), { start_s: 0, end_s: 0.7 });
  assert.deepEqual(spanOf("stretch", 2, [1, 3], 10), { start_s: 1, end_s: 3 });
  assert.equal(spanOf("stretch", 2, null, 10), null);
});

test("the newest change of an input holds, and reset takes all back", async () => {
  const state = new WhatIf(async (request) => answer(request), "job", { overrides: [] });
  await state.open();
  assert.equal(state.changed, false);
  assert.equal(state.after, null);
  assert.equal(seenAt(state.seen, ARM, "left", 0, {}, []), true);
  assert.equal(seenAt(state.seen, ARM, "left", 1, {}, []), null);
  assert.equal(seenAt(state.seen, LOAD, null, 0, { load_kg: 12 }, []), 12);
  await state.add([change(true)]);
  await state.add([change(false)]);
  assert.deepEqual(state.changes.map((said) => said.value), [false]);
  assert.notEqual(state.after, null);
  await state.reset();
  assert.equal(state.after, null);
});

test("what is refused is said and not kept", async () => {
  const refuse = { error: { message: "raised is 3.", hint: "Give yes or no." } };
  const state = new WhatIf(async (request) => (request.overrides.some((said) => said.value === 3) ? refuse : answer(request)), "job", { overrides: [] });
  await state.open();
  await state.add([change(true)]);
  await state.add([{ ...change(3), start_s: 1, end_s: 2 }]);
  assert.equal(state.problem, "raised is 3. Give yes or no.");
  assert.deepEqual(state.changes.map((said) => said.value), [true]);
});

test("an answer that comes late is dropped", async () => {
  const waiting = [];
  const state = new WhatIf((request) => new Promise((done) => waiting.push(() => done(answer(request)))), "job", { overrides: [] });
  const first = state.add([change(true)]);
  const second = state.add([change(false)]);
  waiting[1]();
  await second;
  waiting[0]();
  await first;
  assert.deepEqual(state.changes.map((said) => said.value), [false]);
});

test("a lift is found by the time, and has its own span and measures", () => {
  const lift = { origin: { time_s: 2, asymmetry_deg: -20 }, destination: { time_s: 3.5 } };
  const turn = { id: "lift_from_turn_deg", items: ["niosh.asymmetry_deg"] };
  assert.equal(liftAt([lift], 1.95), lift);
  assert.equal(liftAt([lift], 4), undefined);
  assert.deepEqual(spanOfLift(lift), { start_s: 1.9, end_s: 3.5 });
  assert.equal(measuredOf(turn, lift), 20);
  assert.equal(measuredOf(turn, undefined), null);
  assert.equal(measuredOf(LOAD, lift), null);
  assert.deepEqual(liftInputs([turn, LOAD], "lifts"), [{ input: turn, side: null }]);
  assert.deepEqual(liftInputs([turn, LOAD], "trunk"), []);
  assert.ok(ofLifts(turn) && !ofLifts(LOAD));
});

test("the hardest lift speaks for NIOSH, and a day that is not told for nothing", () => {
  const limit = (rwl, index) => ({ limits: [{ end: "origin", rwl, index, level: 2 }], counts: "origin" });
  const levels = [{ level: 2, label: "Increased", risk_step: 2 }];
  const day = { lifft: { probability: null, label: "LiFFT", levels }, duet: { probability: 0.123, label: "DUET", level: 2, levels } };
  const said = (...lifts) => liftOutcomes({ lifting: { lifts, levels }, fatigue: day }).map(({ id, text, mark }) => [id, text, mark]);
  assert.deepEqual(said(limit(12, 0.8), limit(7, 1.4)), [["niosh", "LI 1.4", "■■□□"], ["duet", "12 %", "■■□□"]]);
  assert.equal(said(limit(9, null))[0][1], "9.0 kg");
  assert.equal(said(limit(0, null))[0][1], "nothing allowed");
  assert.equal(said()[0][1], "no lift");
  assert.equal(said({ limits: [], counts: null })[0][1], "no lift");
});
