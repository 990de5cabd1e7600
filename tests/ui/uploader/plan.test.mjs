import assert from "node:assert/strict";
import { test } from "node:test";

import { batchToSign, finishedBytes, missingParts, partBytes, partCount, partRange } from "../../../assets/uploader/plan.js";

const plan = (sizeBytes, partSizeBytes) => ({ sizeBytes, partSizeBytes, partCount: partCount(sizeBytes, partSizeBytes) });

test("the parts cover the file once, in order, whatever the sizes", () => {
  for (let size = 1; size <= 60; size += 1) {
    for (let part = 1; part <= 25; part += 1) {
      const p = plan(size, part);
      let at = 0;
      for (let n = 1; n <= p.partCount; n += 1) {
        const { start, end } = partRange(p, n);
        assert.equal(start, at);
        assert.ok(end > start);
        assert.equal(end - start, partBytes(p, n));
        at = end;
      }
      assert.equal(at, size);
    }
  }
});

test("a part of the wrong size is sent again", () => {
  const p = plan(25, 10);
  assert.deepEqual(missingParts(p, { 1: 10, 2: 7 }), [2, 3]);
  assert.deepEqual(missingParts(p, { 1: 10, 2: 10, 3: 5 }), []);
  assert.equal(finishedBytes(p, { 1: 10, 2: 7, 3: 5 }), 15);
});

test("the part needed now is signed first, and no more than the limit", () => {
  assert.deepEqual(batchToSign(7, [3, 7, 9, 11], 3), [7, 3, 9]);
  assert.deepEqual(batchToSign(1, []), [1]);
});
