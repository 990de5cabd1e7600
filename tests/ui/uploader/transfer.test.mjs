// The transfer against a real HTTP server that stumbles; only XMLHttpRequest, which Node lacks, is replaced by fetch.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { partCount } from "../../../assets/uploader/plan.js";
import { gate, HttpError, remedy, retryWait, sendParts } from "../../../assets/uploader/transfer.js";

const PART = 1000;
const bytes = Uint8Array.from({ length: 9500 }, (_, i) => (i * 31) % 251);
const file = new Blob([bytes]);
const plan = { sizeBytes: bytes.length, partSizeBytes: PART, partCount: partCount(bytes.length, PART) };
const shortWait = () => new Promise((resolve) => setTimeout(resolve, 1));

async function put(url, blob, { signal, onLoaded }) {
  const response = await fetch(url, { method: "PUT", body: blob, signal });
  if (!response.ok) throw new HttpError(response.status);
  onLoaded(blob.size);
}

/** A store of parts; `trouble(number, try)` may answer with a status, "drop", or a promise to wait for. */
async function storeOfParts(trouble = () => null) {
  const parts = new Map();
  const tries = new Map();
  const signedAs = [];
  let open = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    const number = Number(url.pathname.slice(1));
    const attempt = (tries.get(number) ?? 0) + 1;
    tries.set(number, attempt);
    signedAs.push(url.searchParams.get("sig"));
    mostOpen = Math.max(mostOpen, (open += 1));
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const answer = await trouble(number, attempt);
      open -= 1;
      if (answer === "drop") return request.socket.destroy();
      if (!answer) parts.set(number, Buffer.concat(chunks));
      response.writeHead(answer ?? 200).end();
    });
    request.on("close", () => !request.complete && (open -= 1));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  let signings = 0;
  return {
    parts,
    tries,
    signedAs,
    mostOpen: () => mostOpen,
    async sign(numbers) {
      signings += 1;
      return Object.fromEntries(numbers.map((n) => [n, `http://127.0.0.1:${server.address().port}/${n}?sig=${signings}`]));
    },
    whole: () => Buffer.concat([...parts.keys()].sort((a, b) => a - b).map((n) => parts.get(n))),
    close: () => (server.closeAllConnections(), server.close()),
  };
}

const job = (store, more = {}) => ({
  file,
  plan,
  finished: {},
  sign: store.sign,
  signal: new AbortController().signal,
  gate: gate(),
  onProgress: () => {},
  onTrouble: () => {},
  wait: shortWait,
  put,
  ...more,
});

test("every byte arrives once and in place, four parts at a time at most", async () => {
  const store = await storeOfParts(async () => void (await shortWait()));
  const seen = [];
  await sendParts(job(store, { onProgress: (n) => seen.push(n) }));
  assert.deepEqual(new Uint8Array(store.whole()), bytes);
  assert.equal(seen.at(-1), bytes.length);
  assert.ok(store.mostOpen() <= 4 && store.mostOpen() > 1);
  store.close();
});

test("only missing parts are sent", async () => {
  const store = await storeOfParts();
  await sendParts(job(store, { finished: { 1: PART, 2: PART, 3: 7, 10: 500 } }));
  assert.deepEqual([...store.parts.keys()].sort((a, b) => a - b), [3, 4, 5, 6, 7, 8, 9]);
  store.close();
});

test("lost connections, 503 and 429 are tried again; nothing is lost", async () => {
  const store = await storeOfParts((n, attempt) => {
    if (n === 2 && attempt < 3) return "drop";
    if (n === 5 && attempt < 4) return 503;
    return n === 7 && attempt === 1 ? 429 : null;
  });
  const waits = [];
  await sendParts(job(store, { onTrouble: (ms) => ms && waits.push(ms) }));
  assert.deepEqual(new Uint8Array(store.whole()), bytes);
  assert.equal(waits.length, 6);
  store.close();
});

test("an expired address is replaced by a fresh one", async () => {
  const store = await storeOfParts((n, attempt) => (n === 4 && attempt === 1 ? 403 : null));
  await sendParts(job(store, { parallel: 1 }));
  assert.deepEqual(new Uint8Array(store.whole()), bytes);
  assert.deepEqual([...new Set(store.signedAs)], ["1", "2"]);
  store.close();
});

test("a refusal is final and stops the other parts", async () => {
  const store = await storeOfParts((n) => (n === 3 ? 413 : null));
  await assert.rejects(sendParts(job(store, { parallel: 1 })), (error) => error.status === 413);
  assert.equal(store.tries.get(3), 1);
  assert.equal(store.tries.has(4), false);
  store.close();
});

test("it gives up after the agreed number of tries", async () => {
  const store = await storeOfParts((n) => (n === 1 ? 500 : null));
  await assert.rejects(sendParts(job(store, { attempts: 3 })), HttpError);
  assert.equal(store.tries.get(1), 3);
  store.close();
});

test("a pause interrupts, keeps what arrived and continues", async () => {
  const door = gate();
  let paused = false;
  const store = await storeOfParts(async (n, attempt) => {
    if (n === 6 && attempt === 1) {
      door.pause();
      paused = true;
      await shortWait();
    }
    return null;
  });
  const sent = sendParts(job(store, { gate: door, parallel: 1 }));
  while (!paused) await shortWait();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(store.tries.has(7), false);
  door.resume();
  await sent;
  assert.deepEqual(new Uint8Array(store.whole()), bytes);
  store.close();
});

test("cancelling rejects with the reason and sends no more", async () => {
  const abort = new AbortController();
  const store = await storeOfParts((n) => void (n === 3 && abort.abort(new Error("cancelled"))));
  await assert.rejects(sendParts(job(store, { signal: abort.signal, parallel: 1 })), /cancelled|abort/i);
  assert.equal(store.tries.has(5), false);
  store.close();
});

test("waits double, are capped, and never knock in step", () => {
  assert.ok(retryWait(0, () => 0) === 200 && retryWait(0, () => 1) === 400);
  assert.equal(retryWait(3, () => 1), 3200);
  assert.equal(retryWait(30, () => 1), 30_000);
  assert.equal(remedy(new Error("network")), "retry");
  assert.deepEqual([400, 403, 404, 408, 413, 429, 500, 503].map((s) => remedy(new HttpError(s))),
    ["resign", "resign", "fail", "retry", "fail", "retry", "retry", "retry"]);
});
