// One upload through all its states, against a store that speaks HTTP and a server that answers like the page's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { keptUploads } from "../../../assets/uploader/kept.js";
import { fileLocks } from "../../../assets/uploader/locks.js";
import { partCount } from "../../../assets/uploader/plan.js";
import { upload } from "../../../assets/uploader/upload.js";
import { memoryStorage, put, quickLine, until } from "./browser.mjs";
import { storeOfParts } from "./store_of_parts.mjs";

const PART = 1000;
const bytes = Uint8Array.from({ length: 7500 }, (_, i) => (i * 31) % 251);
bytes.set([0, 0, 0, 20, ...new TextEncoder().encode("ftypisom")]);
const film = () => new File([bytes], "a.mp4", { type: "video/mp4", lastModified: 5 });

/** The page's server for one video; `calls` counts its questions, `answer(name)` may replace an answer. */
function pageServer(store, answer = () => undefined) {
  const calls = {};
  const size = bytes.length;
  const answers = {
    begin: ({ sizeBytes }) => ({ videoKey: "k", uploadId: "u", sizeBytes, partSizeBytes: PART, partCount: partCount(size, PART) }),
    parts: () => ({ finished: store.finished(), starts: false }),
    sign: async ({ numbers }) => ({ urls: await store.sign(numbers) }),
    complete: () => ({ job: null }),
    abort: () => ({ done: true }),
  };
  const ask = (name) => async (data) => {
    calls[name] = (calls[name] ?? 0) + 1;
    const replaced = answer(name, calls[name]);
    return replaced === undefined ? answers[name](data) : replaced;
  };
  return { calls, ...Object.fromEntries(Object.keys(answers).map((name) => [name, ask(name)])) };
}

const gone = { error: { code: "KeyNotFound", message: "gone", hint: "again" } };

function opened(server, more = {}) {
  const states = [];
  const item = upload(more.file ?? film(), {
    server,
    kept: keptUploads(more.storage ?? memoryStorage()),
    locks: fileLocks(null),
    line: more.line ?? quickLine(),
    greeting: async () => ({ maxBytes: 1e9 }),
    onChange: ({ state }) => {
      if (states.at(-1) !== state) states.push(state);
      if (state === "waiting") queueMicrotask(() => item.send()); // as the queue does
    },
    put,
  });
  return { item, states };
}

test("from a file to a video that is ready", async () => {
  const store = await storeOfParts();
  const server = pageServer(store);
  const storage = memoryStorage();
  const { item, states } = opened(server, { storage });
  item.prepare();
  await until(() => item.state === "ready");
  assert.deepEqual(states, ["checking", "waiting", "uploading", "finishing", "ready"]);
  assert.deepEqual(store.whole(), bytes);

  const again = opened(server, { storage }); // the same file, chosen once more: nothing is sent
  again.item.prepare();
  await until(() => again.item.state === "ready");
  assert.equal(again.item.known, true);
  assert.equal(server.calls.begin, 1);
  assert.ok([...store.tries.values()].every((tries) => tries === 1));
  store.close();
});

test("after a crash only the rest is sent", async () => {
  const store = await storeOfParts(async (n) => (n > 3 && !revived ? new Promise(() => {}) : null));
  let revived = false;
  const storage = memoryStorage();
  const crashed = opened(pageServer(store), { storage });
  crashed.item.prepare();
  await until(() => store.parts.size === 3 && store.tries.size >= 4);
  revived = true;
  const { item } = opened(pageServer(store), { storage });
  item.prepare();
  await until(() => item.state === "ready");
  assert.equal(item.resumedBytes, 3 * PART);
  assert.deepEqual([1, 2, 3].map((n) => store.tries.get(n)), [1, 1, 1]);
  assert.deepEqual(store.whole(), bytes);
  store.close();
});

test("an upload that the store has forgotten begins anew, while it is sent as well", async () => {
  const store = await storeOfParts((n, attempt) => (n === 5 && attempt === 1 ? 404 : null));
  let swept = false;
  const server = pageServer(store, (name, call) => {
    if (name === "parts" && call === 2 && !swept) return (swept = true), gone;
    return undefined;
  });
  const { item } = opened(server);
  item.prepare();
  await until(() => item.state === "ready");
  assert.equal(server.calls.begin, 2);
  assert.deepEqual(store.whole(), bytes);
  store.close();
});

test("a server that restarts is asked again; the upload waits for it", async () => {
  const store = await storeOfParts();
  const server = pageServer(store, (name, call) => (name !== "abort" && call < 4 ? null : undefined));
  const { item, states } = opened(server);
  item.prepare();
  await until(() => item.state === "ready");
  assert.ok(states.includes("retrying"));
  assert.deepEqual(store.whole(), bytes);
  store.close();
});

test("a lost line is said at once, also while a part on its way has not noticed", async () => {
  const held = [];
  const store = await storeOfParts((n) => (n === 2 ? new Promise((resolve) => held.push(resolve)) : null));
  let tell;
  let online = true;
  const line = { ...quickLine(), online: () => online, watch: (listener) => ((tell = listener), () => (tell = null)) };
  const { item } = opened(pageServer(store), { line });
  item.prepare();
  await until(() => held.length === 1);
  online = false;
  tell();
  assert.deepEqual([item.state, item.trouble], ["retrying", "offline"]);
  item.pause();
  tell();
  assert.equal(item.state, "paused");
  item.resume();
  assert.equal(item.state, "retrying");
  online = true;
  tell();
  assert.equal(item.state, "uploading");
  await until(() => held.length === 2); // the pause broke the first one off
  held.forEach((letGo) => letGo(null));
  await until(() => item.state === "ready");
  assert.equal(tell, null);
  assert.deepEqual(store.whole(), bytes);
  store.close();
});

test("what the server refuses is told with its code and hint, and can be tried again", async () => {
  const full = { error: { code: "StorageFull", message: "No room.", hint: "Delete something." } };
  const store = await storeOfParts();
  const server = pageServer(store, (name, call) => (name === "begin" && call === 1 ? full : undefined));
  const { item } = opened(server);
  await item.prepare();
  assert.deepEqual(item.error, { code: "StorageFull", message: "No room.", hint: "Delete something.", hopeless: false });
  item.retry();
  await until(() => item.state === "ready");
  store.close();
});

test("a file that is no video is told before anything is asked", async () => {
  const store = await storeOfParts();
  const server = pageServer(store);
  const { item } = opened(server, { file: new File(["10:15 lift the box"], "a.mp4") });
  await item.prepare();
  assert.equal(item.error.code, "NotAVideo");
  assert.equal(item.error.hopeless, true);
  assert.deepEqual(server.calls, {});
  store.close();
});

test("cancelling drops what was begun; cancelling what is ready does not", async () => {
  const store = await storeOfParts((n) => (n === 2 ? new Promise(() => {}) : null));
  const server = pageServer(store);
  const storage = memoryStorage();
  const { item } = opened(server, { storage });
  item.prepare();
  await until(() => store.parts.size >= 3);
  item.cancel();
  assert.equal(item.state, "cancelled");
  assert.equal(server.calls.abort, 1);
  assert.equal(storage.length, 0);
  store.close();
});
