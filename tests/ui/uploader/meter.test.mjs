import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesInWords, speedMeter, timeInWords } from "../../../assets/uploader/meter.js";

test("speed is that of the last seconds, not of the whole upload", () => {
  let now = 0;
  const meter = speedMeter(() => now);
  assert.equal(meter.speed(), null);
  for (let i = 0; i <= 10; i += 1) meter.note((now = i * 1000) * 10); // 10 kB/s
  assert.ok(Math.abs(meter.speed() - 10_000) < 1);
  for (let i = 11; i <= 30; i += 1) meter.note(100_000 + ((now = i * 1000) - 10_000)); // 1 kB/s
  assert.ok(Math.abs(meter.speed() - 1000) < 1);
  assert.ok(Math.abs(meter.secondsLeft(5000) - 5) < 0.01);
});

test("a stall says nothing rather than infinity", () => {
  let now = 0;
  const meter = speedMeter(() => now);
  for (let i = 0; i < 20; i += 1, now += 1000) meter.note(500);
  assert.equal(meter.secondsLeft(1000), null);
  meter.note(900);
  meter.reset();
  assert.equal(meter.speed(), null);
});

test("sizes and times in words", () => {
  assert.equal(bytesInWords(0), "0 bytes");
  assert.equal(bytesInWords(999), "999 bytes");
  assert.equal(bytesInWords(1_290_000), "1.3 MB");
  assert.equal(bytesInWords(999_999_999), "1.0 GB");
  assert.equal(bytesInWords(100e9), "100 GB");
  assert.equal(timeInWords(2), "a few seconds");
  assert.equal(timeInWords(41), "about 40 s");
  assert.equal(timeInWords(58), "about 1 min");
  assert.equal(timeInWords(7800), "about 2 h 10 min");
});
