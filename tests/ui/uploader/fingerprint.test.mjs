import assert from "node:assert/strict";
import { test } from "node:test";

import { digest, fingerprint } from "../../../assets/uploader/fingerprint.js";

const content = new Uint8Array(400_000).map((_, i) => (i * 7) % 253);
const film = (changes = {}, bytes = content) => new File([bytes], changes.name ?? "a.mp4", { lastModified: changes.lastModified ?? 5 });

test("the same file gives the same, whoever opens it", async () => {
  assert.equal(await fingerprint(film()), await fingerprint(film()));
  assert.match(await fingerprint(film()), /^[0-9a-f]{16}$/);
});

test("another name, time, size, beginning, middle or end gives another", async () => {
  const changed = (at) => content.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const others = [film({ name: "b.mp4" }), film({ lastModified: 6 }), film({}, content.slice(0, -1))];
  others.push(...[0, 200_001, 399_999].map((at) => film({}, changed(at))));
  const prints = await Promise.all([film(), ...others].map(fingerprint));
  assert.equal(new Set(prints).size, prints.length);
});

test("empty and tiny files have one as well", async () => {
  assert.notEqual(await fingerprint(film({}, new Uint8Array(0))), await fingerprint(film({}, new Uint8Array(1))));
});

test("a digest spreads", () => {
  const seen = new Set(Array.from({ length: 20_000 }, (_, i) => digest(new Uint8Array([i & 255, i >> 8]))));
  assert.equal(seen.size, 20_000);
});
