import assert from "node:assert/strict";
import { test } from "node:test";

import { uploadQueue } from "../../../assets/uploader/queue.js";

/** Uploads whose states the test sets by hand. */
function queueOfFakes() {
  const sent = [];
  const queue = uploadQueue({
    open: (file, onChange) => {
      const item = {
        file,
        name: file.name,
        state: "checking",
        become: (state) => ((item.state = state), onChange(item)),
        prepare: async () => {},
        send: () => (sent.push(file.name), item.become("uploading")),
        cancel: () => item.become("cancelled"),
      };
      return item;
    },
    onChange: () => {},
  });
  return { queue, sent };
}

const file = (name) => ({ name, size: 1, lastModified: 1 });

test("one after the other, in the order of choosing; a failed one does not hold up the rest", () => {
  const { queue, sent } = queueOfFakes();
  const [a, b, c] = queue.add(["a", "b", "c"].map(file));
  b.become("waiting");
  assert.deepEqual(sent, ["b"]); // a is still being looked at
  a.become("waiting");
  c.become("waiting");
  assert.deepEqual(sent, ["b"]);
  b.become("ready");
  assert.deepEqual(sent, ["b", "a"]);
  a.become("failed");
  assert.deepEqual(sent, ["b", "a", "c"]);
  assert.equal(queue.busy, true);
  c.become("ready");
  assert.equal(queue.busy, false);
});

test("a pause holds the line", () => {
  const { queue, sent } = queueOfFakes();
  const [a, b] = queue.add(["a", "b"].map(file));
  a.become("waiting");
  b.become("waiting");
  a.become("paused");
  assert.deepEqual(sent, ["a"]);
  queue.remove(a);
  assert.deepEqual(sent, ["a", "b"]);
});

test("the same file is not added twice, but a failed one may be chosen again", () => {
  const { queue } = queueOfFakes();
  const [a] = queue.add([file("a")]);
  assert.deepEqual(queue.add([file("a")]), []);
  a.become("failed");
  assert.equal(queue.add([file("a")]).length, 1);
  assert.equal(queue.items.length, 1);
});
