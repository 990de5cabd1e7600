import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { whyNotAVideo } from "../../../assets/uploader/sniff.js";

const text = (value) => new TextEncoder().encode(value);
const code = (bytes, size = 1000, limit) => whyNotAVideo(Uint8Array.from(bytes), size, limit)?.code ?? null;

test("a real clip may be a video", async () => {
  const bytes = await readFile(new URL("../../../assets/examples/lift_squat.mp4", import.meta.url));
  assert.equal(whyNotAVideo(new Uint8Array(bytes.subarray(0, 512)), bytes.length, 1e9), null);
});

test("containers of moving pictures pass", () => {
  assert.equal(code([0x1a, 0x45, 0xdf, 0xa3, 1, 2]), null); // Matroska, WebM
  assert.equal(code([...text("RIFF"), 1, 2, 3, 4, ...text("AVI LIST")]), null);
  assert.equal(code([0x47, 0x40, 0x00, 0x10, 0x00]), null); // MPEG transport stream
  assert.equal(code([0, 0, 1, 0xba, 0x44]), null);
  assert.equal(code([0, 0, 0, 0x14, ...text("ftypqt  "), 0]), null);
});

test("what is no video is told so, with a hint", () => {
  assert.equal(code([], 0), "EmptyFile");
  assert.equal(code(text("10:14 lift the box\r\n10:15 …")), "NotAVideo");
  assert.equal(code(text("<!DOCTYPE html><title>404</title>")), "NotAVideo");
  assert.equal(code([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), "NotAVideo");
  assert.equal(code([...text("%PDF-1.7"), 0, 1]), "NotAVideo");
  assert.equal(code([...text("ID3"), 3, 0, 0]), "NoVideoStream");
  assert.equal(code([...text("RIFF"), 1, 2, 3, 4, ...text("WAVEfmt ")]), "NoVideoStream");
  assert.equal(code([0, 0, 0, 0x18, ...text("ftypM4A "), 0]), "NoVideoStream");
  assert.equal(code([0x1a, 0x45, 0xdf, 0xa3], 2e9, 1e9), "VideoTooLarge");
  for (const bytes of [[], text("words"), [...text("ID3"), 3]]) {
    const problem = whyNotAVideo(Uint8Array.from(bytes), bytes.length);
    assert.ok(problem.message && problem.hint);
  }
});
