// The transfer against a real HTTP server that stumbles; only XMLHttpRequest, which Node lacks, is replaced by fetch.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lanes } from "../../../assets/uploader/lanes.js";
import { partCount } from "../../../assets/uploader/plan.js";
import { HttpError, LineLost } from "../../../assets/uploader/retry.js";
import { gate, sendParts } from "../../../assets/uploader/transfer.js";
import { put, quickLine, until } from "./browser.mjs";
import { storeOfParts } from "./store_of_parts.mjs";

const PART = 1000;
const bytes = Uint8Array.from({ length: 9500 }, (_, i) => (i * 31) % 251);
const file = new Blob([bytes]);
const plan = { sizeBytes: bytes.length, partSizeBytes: PART, partCount: partCount(bytes.length, PART) };
const moment = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));
const oneLane = () => lanes({ most: 1 });

const job = (store, more = {}) => ({
  file,
  plan,
  finished: {},
  sign: store.sign,
  ask: async () => store.finished(),
  signal: new AbortController().signal,
  gate: gate(),
  line: quickLine(),
  onProgress: () => {},
  onTrouble: () => {},
  put,
  ...more,
});

test("every byte arrives once and in place, several parts at a time", async () => {
  const store = await storeOfParts(async () => void (await moment(20)));
  const seen = [];
  await sendParts(job(store, { onProgress: (n) => seen.push(n) }));
  assert.deepEqual(store.whole(), bytes);
  assert.equal(seen.at(-1), bytes.length);
  assert.ok(seen.every((n) => n <= bytes.length));
  assert.ok(store.mostOpen() <= 6 && store.mostOpen() >= 4);
  assert.ok([...store.tries.values()].every((tries) => tries === 1));
  store.close();
});

test("only missing parts are sent", async () => {
  const store = await storeOfParts();
  await sendParts(job(store, { finished: { 1: PART, 2: PART, 3: 7, 10: 500 } }));
  assert.deepEqual([...store.parts.keys()].sort((a, b) => a - b), [3, 4, 5, 6, 7, 8, 9]);
  store.close();
});

test("lost connections, 503 and 429 are tried again, as late as the store asks; nothing is lost", async () => {
  const store = await storeOfParts((n, attempt) => {
    if (n === 2 && attempt < 3) return "drop";
    if (n === 5 && attempt < 4) return 503;
    return n === 7 && attempt === 1 ? [429, { "retry-after": "120" }] : null;
  });
  const waits = [];
  const heard = [];
  await sendParts(job(store, { line: quickLine(waits), onTrouble: (error) => heard.push(error) }));
  assert.deepEqual(store.whole(), bytes);
  assert.equal(waits.length, 6);
  assert.equal(waits.filter((ms) => ms === 120_000).length, 1);
  assert.equal(heard.at(-1), null);
  store.close();
});

test("one part in five failing costs tries, not the upload", async () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const store = await storeOfParts(() => (random() < 0.2 ? ["drop", 500, 503][Math.floor(random() * 3)] : null));
  await sendParts(job(store));
  assert.deepEqual(store.whole(), bytes);
  store.close();
});

test("a part whose answer was lost is not sent twice", async () => {
  const store = await storeOfParts((n, attempt) => (n === 4 && attempt === 1 ? "cut" : null));
  await sendParts(job(store));
  assert.deepEqual(store.whole(), bytes);
  assert.equal(store.tries.get(4), 1);
  store.close();
});

for (const status of [400, 403]) {
  test(`an expired address (${status}) is replaced by a fresh one, and so are those signed with it`, async () => {
    const store = await storeOfParts((n, attempt) => (n === 4 && attempt === 1 ? status : null));
    await sendParts(job(store, { lanes: oneLane() }));
    assert.deepEqual(store.whole(), bytes);
    assert.deepEqual([...new Set(store.signedAs)], ["1", "2"]);
    store.close();
  });
}

test("an address that is refused again and again is no matter of age", async () => {
  const store = await storeOfParts((n) => (n === 1 ? 403 : null));
  await assert.rejects(sendParts(job(store)), (error) => error.status === 403);
  assert.equal(store.tries.get(1), 6);
  store.close();
});

for (const status of [413, 507, 404]) {
  test(`${status} is final and stops the other parts`, async () => {
    const store = await storeOfParts((n) => (n === 3 ? status : null));
    await assert.rejects(sendParts(job(store, { lanes: oneLane() })), (error) => error.status === status);
    assert.equal(store.tries.get(3), 1);
    assert.equal(store.tries.has(4), false);
    store.close();
  });
}

test("it gives up when nothing has arrived for half an hour, but time offline does not count", async () => {
  let now = 0;
  let online = false;
  const waits = [];
  const line = { online: () => online, wait: async (ms) => (waits.push(ms), (now += online ? ms : 3600e3)) };
  const store = await storeOfParts(() => 503);
  const sent = sendParts(job(store, { line, now: () => now, lanes: oneLane() }));
  await until(() => waits.length === 5);
  online = true;
  await assert.rejects(sent, HttpError);
  assert.ok(now > 5 * 3600e3 + 30 * 60e3 && now < 5 * 3600e3 + 31 * 60e3);
  store.close();
});

test("a file that changed on the disk is told, not tried again", async () => {
  const gone = { size: bytes.length, slice: () => ({ arrayBuffer: async () => Promise.reject(new Error("NotReadable")) }) };
  const store = await storeOfParts();
  const unreadable = async () => Promise.reject(new LineLost());
  await assert.rejects(sendParts(job(store, { file: gone, put: unreadable })), (error) => error.code === "FileChanged");
  store.close();
});

test("a pause interrupts, keeps what arrived and continues", async () => {
  const door = gate();
  let paused = false;
  const store = await storeOfParts(async (n, attempt) => {
    if (n === 6 && attempt === 1) {
      door.pause();
      paused = true;
      await moment();
    }
    return null;
  });
  const troubles = [];
  const sent = sendParts(job(store, { gate: door, lanes: oneLane(), onTrouble: (error) => error && troubles.push(error) }));
  await until(() => paused);
  await moment(30);
  assert.equal(store.tries.has(7), false);
  door.resume();
  await sent;
  assert.deepEqual(store.whole(), bytes);
  assert.deepEqual(troubles, []);
  store.close();
});

test("cancelling rejects with the reason and sends no more", async () => {
  const abort = new AbortController();
  const store = await storeOfParts((n) => void (n === 3 && abort.abort(new Error("cancelled"))));
  await assert.rejects(sendParts(job(store, { signal: abort.signal, lanes: oneLane() })), /cancelled|abort/i);
  assert.equal(store.tries.has(5), false);
  store.close();
});

test("addresses are signed a batch at a time", async () => {
  const asked = [];
  const store = await storeOfParts();
  const sign = (numbers) => (asked.push(numbers), store.sign(numbers));
  await sendParts(job(store, { sign }));
  assert.deepEqual(asked, [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  store.close();
});
