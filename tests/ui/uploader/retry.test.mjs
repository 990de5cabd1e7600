import assert from "node:assert/strict";
import { test } from "node:test";

import { askedWait, HttpError, LineLost, remedy, retryWait } from "../../../assets/uploader/retry.js";

test("waits double, are capped, and never knock in step", () => {
  assert.ok(retryWait(0, () => 0) === 200 && retryWait(0, () => 1) === 400);
  assert.equal(retryWait(3, () => 1), 3200);
  assert.equal(retryWait(300, () => 1), 30_000);
});

test("each refusal has its remedy", () => {
  assert.equal(remedy(new LineLost()), "retry");
  assert.equal(remedy(Object.assign(new Error("no"), { final: true })), "fail");
  const cures = { 400: "resign", 403: "resign", 404: "renew", 408: "retry", 413: "fail", 429: "retry", 500: "retry", 503: "retry", 507: "fail" };
  for (const [status, cure] of Object.entries(cures)) assert.equal(remedy(new HttpError(Number(status))), cure, status);
});

test("Retry-After is read as seconds or a date, and kept within reason", () => {
  assert.equal(askedWait("7"), 7000);
  assert.equal(askedWait("Thu, 26 Nov 2026 10:00:09 GMT", Date.UTC(2026, 10, 26, 10, 0, 0)), 9000);
  assert.equal(askedWait("Thu, 26 Nov 2020 10:00:09 GMT"), 0);
  assert.equal(askedWait("86400"), 300_000);
  for (const nothing of [null, "", "soon"]) assert.equal(askedWait(nothing), 0);
});

test("a store's own words are kept", () => {
  const error = new HttpError(507, { told: { code: "StorageFull", message: "No room is left.", hint: "Delete something." } });
  assert.deepEqual([error.message, error.code, error.hint], ["No room is left.", "StorageFull", "Delete something."]);
});
