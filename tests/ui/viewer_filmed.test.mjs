import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decode } from "../../assets/viewer/data.js";
import { Filmed, lens, turnToCamera } from "../../assets/viewer/filmed.js";
import { upFromTilt } from "../../assets/viewer/level_math.js";
import { Pose } from "../../assets/viewer/pose.js";

const bytes = readFileSync(process.env.ERGO_VIEWER_BIN);
const data = decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const PAIRS = [[11, 16], [12, 17], [13, 18], [14, 19], [15, 20], [16, 21], [23, 1], [24, 2], [25, 4], [26, 5], [27, 7], [28, 8]];

function close(actual, expected, tolerance) {
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < tolerance, `${i}: ${actual[i]} ≠ ${value}`));
}

/** The result as a camera at `place` (room to camera, turned by `R`) would have filmed it. */
function filmedFrom(place) {
  const { width_px, height_px } = data.meta.video;
  const { pitch_deg, roll_deg, focal_px } = data.meta.gravity;
  const R = turnToCamera(upFromTilt(pitch_deg, roll_deg));
  const keypoints = new Int16Array(data.arrays.keypoints.length).fill(-32768);
  const pose = new Pose(data);
  for (let frame = 0; frame < data.frameCount; frame++) {
    const joints = pose.evaluate(frame, frame, 0).joints_m;
    for (const [landmark, joint] of PAIRS) {
      const [x, y, z] = [0, 1, 2].map((r) => place[r] + [0, 1, 2].reduce((sum, c) => sum + R[3 * r + c] * joints[3 * joint + c], 0));
      keypoints[2 * (33 * frame + landmark)] = Math.round(10000 * (0.5 + (focal_px * x) / (z * width_px)));
      keypoints[2 * (33 * frame + landmark) + 1] = Math.round(10000 * (0.5 + (focal_px * y) / (z * height_px)));
    }
  }
  const keypoint_confidence = new Uint8Array(data.arrays.keypoint_confidence.length).fill(255);
  return { R, data: { ...data, arrays: { ...data.arrays, keypoints, keypoint_confidence } } };
}

test("the room's up is the camera's, and its axes stay a right-handed frame", () => {
  for (const [pitch, roll] of [[11, 0], [-20, 7], [35, -15]]) {
    const up = upFromTilt(pitch, roll);
    const R = turnToCamera(up);
    close([R[1], R[4], R[7]], up, 1e-6);
    const [a, b] = [[R[0], R[3], R[6]], [R[1], R[4], R[7]]];
    const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    close(cross, [R[2], R[5], R[8]], 1e-6);
    assert.ok(R[8] < 0); // the room's Z comes towards the camera
  }
});

test("the camera's place is found from what it saw, between samples too", () => {
  const place = [0.4, 0.9, 3.6];
  const { R, data: seen } = filmedFrom(place);
  const rows = new Float32Array(12);
  const filmed = new Filmed(seen);
  for (const [first, second, fraction] of [[3, 3, 0], [4, 5, 0.4], [0, 1, 0.5]]) {
    assert.ok(filmed.at({ first, second, fraction }, rows));
    close([rows[3], rows[7], rows[11]], place, 0.02);
    close([rows[0], rows[5], rows[10]], [R[0], R[4], R[8]], 1e-6);
  }
  const { width_px, height_px } = data.meta.video;
  const made = { viewProjection: new Float32Array(16), eye: new Float32Array(3), back: new Float32Array(3), right: new Float32Array(3) };
  lens(made, rows, data.meta.gravity.focal_px, width_px, height_px);
  const joints = new Pose(data).evaluate(0, 0, 0).joints_m;
  const clip = [0, 1, 2, 3].map((r) => made.viewProjection[12 + r] + [0, 1, 2].reduce((sum, c) => sum + made.viewProjection[4 * c + r] * joints[3 * 16 + c], 0));
  const shoulder = 2 * 11;
  close([0.5 + clip[0] / clip[3] / 2, 0.5 - clip[1] / clip[3] / 2], [0, 1].map((i) => seen.arrays.keypoints[shoulder + i] / 10000), 0.02);
  assert.ok(Math.abs(clip[2]) < clip[3]);
});

test("a moving camera is turned back, and too few landmarks say nothing", () => {
  const { data: seen } = filmedFrom([0, 1, 4]);
  const turn = Float32Array.of(0, 0, 1, 0, 1, 0, -1, 0, 0);
  const camera_turn = new Float32Array(9 * data.frameCount);
  for (let frame = 0; frame < data.frameCount; frame++) camera_turn.set(turn, 9 * frame);
  const rows = new Float32Array(12);
  const plain = new Float32Array(12);
  new Filmed(seen).at({ first: 2, second: 2, fraction: 0 }, plain);
  new Filmed({ ...seen, arrays: { ...seen.arrays, camera_turn } }).at({ first: 2, second: 2, fraction: 0 }, rows);
  close(rows.subarray(0, 3), [...plain.subarray(8, 11)].map((v) => -v), 1e-6);
  const keypoints = seen.arrays.keypoints.slice().fill(-32768);
  assert.equal(new Filmed({ ...seen, arrays: { ...seen.arrays, keypoints } }).at({ first: 2, second: 2, fraction: 0 }, rows), false);
});
