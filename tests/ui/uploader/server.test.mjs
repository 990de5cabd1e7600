import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, askUntilAnswered, Refused, Unreachable } from "../../../assets/uploader/server.js";
import { quickLine } from "./browser.mjs";

const answering = (...answers) => ({ begin: async () => answers.shift() });
const error = (code) => ({ error: { code, message: "m", hint: "h" } });

test("a call that failed on the way is no answer", async () => {
  await assert.rejects(ask(answering(undefined), "begin", {}), Unreachable);
  await assert.rejects(ask({ begin: async () => Promise.reject(new Error("network")) }, "begin", {}), Unreachable);
  await assert.rejects(ask(answering(error("VideoTooLarge")), "begin", {}), (refused) => refused instanceof Refused && refused.final);
});

test("it is asked until there is an answer, which a refusal is", async () => {
  const waits = [];
  const troubles = [];
  const around = { line: quickLine(waits), signal: new AbortController().signal, onTrouble: (e) => troubles.push(e?.code ?? null) };
  const server = answering(undefined, error("StoreUnreachable"), { job: 1 });
  assert.deepEqual(await askUntilAnswered(server, "begin", {}, around), { job: 1 });
  assert.equal(waits.length, 2);
  assert.deepEqual(troubles, ["Unreachable", "StoreUnreachable", null]);
  await assert.rejects(askUntilAnswered(answering(error("AccessDenied")), "begin", {}, around), Refused);
});
