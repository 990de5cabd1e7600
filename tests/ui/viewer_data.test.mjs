import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  angleAt, decode, indexAt, isWholeBody, locate, methodWords, nearestIndex, regionSteps, resolveSide, scoreAt,
} from "../../assets/viewer/data.js";
import { motionExtent, Pose } from "../../assets/viewer/pose.js";

// A file written by ergo.report.viewer, and what the Python side knows of it.
const path = process.env.ERGO_VIEWER_BIN;
const expected = JSON.parse(process.env.ERGO_VIEWER_EXPECTED ?? "null");
const buffer = () => {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
const place = () => ({ first: 0, second: 0, fraction: 0, nearest: 0, seen: false });

test("decodes what Python wrote", () => {
  const data = decode(buffer());
  assert.equal(data.frameCount, expected.frames);
  assert.equal(data.arrays.vertices_m.length, 3 * expected.vertices);
  assert.deepEqual(data.shapes.rotations, [expected.frames, data.arrays.moving_joints.length, 4]);
  assert.deepEqual(data.meta.methods.map((method) => method.id), ["rula", "reba", "owas", "iso11226", "en1005_4"]);
});

test("views lie inside the one buffer: nothing is copied", () => {
  const bytes = buffer();
  const data = decode(bytes);
  for (const array of Object.values(data.arrays)) assert.equal(array.buffer, bytes);
});

test("refuses other files, newer versions and cut ones with a sentence", () => {
  assert.throws(() => decode(new ArrayBuffer(4)), /not a result of Ergo/);
  assert.throws(() => decode(new TextEncoder().encode("<html>not found").buffer), /not a result of Ergo/);
  assert.throws(() => decode(buffer().slice(0, -64)), /cut short/);
  assert.throws(() => decode(buffer().slice(0, 100)), /cut short/);
  const newer = new Uint8Array(buffer());
  const at = Buffer.from(newer).indexOf('"version":1');
  newer[at + 10] = "7".charCodeAt(0);
  assert.throws(() => decode(newer.buffer), /version 7/);
});

test("finds the sample at and nearest to a time", () => {
  const times = new Float32Array([0, 0.5, 1, 4]);
  assert.equal(indexAt(times, -1), 0);
  assert.equal(indexAt(times, 0.5), 1);
  assert.equal(indexAt(times, 0.99), 1);
  assert.equal(indexAt(times, 99), 3);
  assert.equal(nearestIndex(times, 0.8), 2);
  assert.equal(nearestIndex(times, 2.4), 2);
  assert.equal(nearestIndex(times, 2.6), 3);
  assert.equal(nearestIndex(new Float32Array([2]), 0), 0);
});

test("interpolates inside the motion but never over a gap or an unseen frame", () => {
  const out = place();
  const times = new Float32Array([0, 0.1, 0.2, 1.2]);
  locate(times, new Uint8Array([1, 1, 1, 1]), 0.125, out);
  assert.deepEqual([out.first, out.second, out.nearest, out.seen], [1, 2, 1, true]);
  assert.ok(Math.abs(out.fraction - 0.25) < 1e-5);
  locate(times, new Uint8Array([1, 1, 1, 1]), 0.6, out);
  assert.deepEqual([out.first, out.second, out.fraction], [2, 2, 0]);
  locate(times, new Uint8Array([1, 1, 0, 1]), 0.18, out);
  assert.deepEqual([out.first, out.second, out.fraction, out.seen], [2, 2, 0, false]);
  locate(times, new Uint8Array([1, 1, 1, 1]), 50, out);
  assert.deepEqual([out.nearest, out.seen], [3, true]);
});

test("scores: missing is null, the worse side is the higher total", () => {
  const data = decode(buffer());
  const reba = data.meta.methods[1];
  const [gap] = expected.gap;
  assert.equal(scoreAt(data, "reba", "left", gap), null);
  const left = scoreAt(data, "reba", "left", expected.deepest);
  const right = scoreAt(data, "reba", "right", expected.deepest);
  assert.ok(left.total > right.total);
  assert.ok(left.low <= left.total && left.total <= left.high);
  assert.ok(left.interval[0] <= left.total && left.total <= left.interval[1]);
  assert.equal(resolveSide(data, reba, "worst", expected.deepest), "left");
  assert.equal(resolveSide(data, reba, "right", expected.deepest), "right");
});

test("regions: worst is the higher of both sides, region by region", () => {
  const data = decode(buffer());
  const method = data.meta.methods[0];
  const [left, right, worst] = ["left", "right", "worst"].map((side) =>
    regionSteps(data, method, side, expected.deepest, new Uint8Array(data.meta.regions.length)),
  );
  worst.forEach((step, r) => assert.equal(step, Math.max(left[r], right[r])));
  assert.ok(worst.some((step) => step > 0));
});

test("angles: tenths of a degree, null where not seen", () => {
  const data = decode(buffer());
  const column = data.meta.angles.findIndex((angle) => angle.id === "trunk_flexion");
  assert.ok(Math.abs(angleAt(data, column, expected.deepest) - expected.trunk_flexion) < 0.051);
  assert.equal(angleAt(data, column, expected.gap[0]), null);
});

test("a method of the whole body has one side, whatever is chosen", () => {
  const data = decode(buffer());
  const [rula, , owas] = data.meta.methods;
  assert.deepEqual([isWholeBody(rula), isWholeBody(owas)], [false, true]);
  const regions = (side) => regionSteps(data, owas, side, expected.deepest, new Uint8Array(data.meta.regions.length));
  for (const side of ["left", "right", "worst"]) {
    assert.equal(resolveSide(data, owas, side, expected.deepest), "both");
    assert.deepEqual(regions(side), regions("worst"));
  }
  assert.ok(regions("left").some((step) => step > 0));
  assert.ok(scoreAt(data, "owas", "both", expected.deepest).total >= 1);
  assert.equal(methodWords(owas, "both"), "OWAS");
  assert.equal(methodWords(rula, "left"), "RULA left");
});

test("forward kinematics agrees with Python's", () => {
  const data = decode(buffer());
  const pose = new Pose(data).evaluate(expected.deepest, expected.deepest, 0);
  expected.joints_m.flat().forEach((value, i) => {
    assert.ok(Math.abs(pose.joints_m[i] - value) < 2e-3, `joint ${Math.floor(i / 3)}: ${pose.joints_m[i]} ${value}`);
  });
});

test("skinning matrices leave the joint's rest place at the joint", () => {
  const data = decode(buffer());
  const pose = new Pose(data).evaluate(3, 4, 0.5);
  const rest = data.arrays.joints_rest_m;
  for (let j = 0; j < pose.jointCount; j++) {
    for (let r = 0; r < 3; r++) {
      const at = 12 * j + 4 * r;
      let value = pose.rows[at + 3];
      for (let c = 0; c < 3; c++) value += pose.rows[at + c] * rest[3 * j + c];
      assert.ok(Math.abs(value - pose.joints_m[3 * j + r]) < 1e-5);
    }
  }
});

test("posing allocates no arrays", () => {
  const data = decode(buffer());
  const pose = new Pose(data);
  const { rows, joints_m: joints } = pose;
  pose.evaluate(0, 1, 0.3);
  assert.equal(pose.rows, rows);
  assert.equal(pose.joints_m, joints);
});

test("the extent of the motion frames every joint", () => {
  const extent = motionExtent(decode(buffer()));
  assert.ok(Math.abs(extent.height_m - expected.highest_joint_m) < 0.02);
  assert.ok(extent.reach_m > 0.3 && extent.reach_m < 1.2);
  assert.ok(Math.abs(Math.atan2(...extent.facing) - expected.heading_rad) < 0.01);
});
