import assert from "node:assert/strict";
import { test } from "node:test";

import { fileLocks } from "../../../assets/uploader/locks.js";

const manager = globalThis.navigator?.locks; // Node has the browsers' own from version 24 on
const signal = () => new AbortController().signal;

test("the second waits, is told so, and goes on when the first lets go", { skip: !manager }, async () => {
  const [first, second] = [fileLocks(manager), fileLocks(manager)];
  const letGo = await first.hold("p", signal(), () => assert.fail("nobody was first"));
  const order = [];
  const waited = second.hold("p", signal(), () => order.push("told")).then((release) => (order.push("held"), release));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(order, ["told"]);
  letGo();
  (await waited)();
  assert.deepEqual(order, ["told", "held"]);
});

test("another file does not wait, and waiting can be given up", { skip: !manager }, async () => {
  const locks = fileLocks(manager);
  const letGo = await locks.hold("p", signal());
  (await locks.hold("q", signal()))();
  assert.deepEqual([...(await locks.held())], ["p"]);
  const abort = new AbortController();
  await assert.rejects(
    locks.hold("p", abort.signal, () => abort.abort(new Error("cancelled"))),
    /cancelled/,
  );
  letGo();
});

test("where browsers have no locks nobody waits", async () => {
  const locks = fileLocks(null);
  (await locks.hold("p", signal()))();
  (await locks.hold("p", signal()))();
  assert.equal((await locks.held()).size, 0);
});
