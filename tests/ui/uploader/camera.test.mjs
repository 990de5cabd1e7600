import assert from "node:assert/strict";
import { test } from "node:test";

import { openCamera, recordingName, recordingType, refusal } from "../../../assets/uploader/camera.js";

test("each refusal is told in words that help", () => {
  const messages = ["NotAllowedError", "NotFoundError", "NotReadableError", "Insecure", "Unsupported", "AbortError"].map((name) => {
    const { code, message, hint } = refusal({ name });
    assert.equal(code, name);
    assert.ok(message && hint);
    return message;
  });
  assert.equal(new Set(messages).size, messages.length);
});

test("without https or a recorder it is said before anybody is asked", async () => {
  await assert.rejects(openCamera("", { navigator: {} }), { name: "Insecure" });
  const navigator = { mediaDevices: { getUserMedia: () => assert.fail("asked") } };
  await assert.rejects(openCamera("", { navigator }), { name: "Unsupported" });
});

test("a recording has a name that sorts by time and ends like its kind", () => {
  const at = new Date(2026, 10, 6, 9, 5, 7);
  assert.equal(recordingName("video/webm;codecs=vp9", at), "Recording 2026-11-06 09-05-07.webm");
  assert.equal(recordingName("video/mp4;codecs=avc1.640028", at), "Recording 2026-11-06 09-05-07.mp4");
  assert.equal(recordingType((type) => type.startsWith("video/webm")), "video/webm;codecs=vp9");
  assert.equal(recordingType(() => false), "");
});
