import assert from "node:assert/strict";
import { test } from "node:test";

import { keptUploads } from "../../../assets/uploader/kept.js";
import { memoryStorage } from "./browser.mjs";

const DAY_MS = 24 * 3600 * 1000;
const file = { name: "a.mp4", size: 30, lastModified: 5 };
const plan = { videoKey: "k", uploadId: "u", sizeBytes: 30, partSizeBytes: 10, partCount: 3 };

test("what was kept for a file is found under its fingerprint, and under no other", () => {
  const kept = keptUploads(memoryStorage());
  kept.keep("p1", file, plan);
  assert.deepEqual(kept.of("p1").plan, plan);
  assert.equal(kept.of("p2"), null);
  kept.forget("p1");
  assert.equal(kept.of("p1"), null);
});

test("only uploads that did not end are offered again, the latest first", () => {
  let now = 0;
  const storage = memoryStorage({ "something else": "{}" });
  const kept = keptUploads(storage, () => now);
  for (const [print, state] of [["old", "sending"], ["ended", "done"], ["new", "sending"]]) {
    now += 1000;
    kept.keep(print, file, plan, state);
  }
  assert.deepEqual(kept.unfinished().map(([print]) => print), ["new", "old"]);
  now += 5 * DAY_MS;
  assert.equal(kept.unfinished().length, 2);
  now += 2 * DAY_MS; // the store has cleaned up by now
  assert.equal(kept.unfinished().length, 0);
});

test("without storage, or with rubbish in it, an upload simply starts anew", () => {
  const rubbish = keptUploads(memoryStorage({ "ergo.upload.p": "{not json", "ergo.upload.q": "null" }));
  assert.equal(rubbish.of("p"), null);
  assert.deepEqual(rubbish.unfinished(), []);
  const forbidden = keptUploads(undefined);
  forbidden.keep("p", file, plan);
  forbidden.forget("p");
  assert.equal(forbidden.of("p"), null);
  assert.deepEqual(forbidden.unfinished(), []);
});
