import assert from "node:assert/strict";
import { test } from "node:test";

import { forget, recall, remember } from "../../../assets/uploader/resume.js";

const DAY_MS = 24 * 3600 * 1000;
const file = { name: "a.mp4", size: 30, lastModified: 5 };
const plan = { videoKey: "k", uploadId: "u", sizeBytes: 30, partSizeBytes: 10, partCount: 3 };

/** What a browser's storage does, over a map. */
function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, String(value)),
    removeItem: (key) => void kept.delete(key),
  };
}

test("the same file finds its upload again, another one does not", () => {
  const store = storage();
  remember(store, file, plan);
  assert.deepEqual(recall(store, { ...file }), plan);
  assert.equal(recall(store, { ...file, lastModified: 6 }), null);
  assert.equal(recall(store, { ...file, size: 31 }), null);
  forget(store, file);
  assert.equal(recall(store, file), null);
});

test("an upload that the store has cleaned up by now is not offered", () => {
  const store = storage();
  remember(store, file, plan, 0);
  assert.deepEqual(recall(store, file, 5 * DAY_MS), plan);
  assert.equal(recall(store, file, 7 * DAY_MS), null);
});

test("without storage, or with rubbish in it, an upload simply starts anew", () => {
  const broken = {
    getItem: () => "{not json",
    setItem: () => {
      throw new Error("full");
    },
    removeItem: () => {
      throw new Error("forbidden");
    },
  };
  remember(broken, file, plan);
  forget(broken, file);
  assert.equal(recall(broken, file), null);
});
