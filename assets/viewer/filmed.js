// Where the body stands before the camera that filmed it. The motion lives in the room, upright and on the ground; how
// the camera was turned is known, so that only its place is left: three numbers a sample, from the landmarks that were
// seen and the joints that they belong to.

import { MISSING_I16 } from "./data.js";
import { upFromTilt } from "./level_math.js";
import { multiplyRows } from "./math.js";
import { Pose } from "./pose.js";

const FRACTION = 10000;
const LANDMARKS = 33;
// Landmark (BlazePose numbering) and joint (SMPL-X order): shoulders, elbows, wrists, hips, knees, ankles.
const PAIRS = [
  [11, 16], [12, 17], [13, 18], [14, 19], [15, 20], [16, 21], [23, 1], [24, 2], [25, 4], [26, 5], [27, 7], [28, 8],
];
const LEAST_PAIRS = 4;
const STEADY_SAMPLES = 3; // the distance is that of so many samples on both sides together: it shakes, and changes slowly
const SUMS = 6; // weight, x, y, a, b, distance of a sample

/** Row-major rotation from the room to a camera in whose frame `up` points up (as ergo/geometry/camera.py has it). */
export function turnToCamera([x, y, z]) {
  const [a, b, c] = [x, -y, -z]; // up with Y and Z turned over, as the room has them; it is swung onto (0, 1, 0)
  const k = 1 / (1 + b);
  return Float32Array.of(
    1 - k * a * a, a, -k * a * c,
    a, -b, c, // Y of the camera points down,
    k * a * c, -c, k * c * c - 1, // Z away
  );
}

export class Filmed {
  #data;
  #pose;
  #turn;
  #rows = new Float32Array(9);
  #back = new Float32Array(9);
  #sums;
  #known;
  #other = new Float32Array(12);

  constructor(data) {
    this.#data = data;
    this.#pose = new Pose(data);
    const { pitch_deg, roll_deg } = data.meta.gravity;
    this.#turn = turnToCamera(upFromTilt(pitch_deg, roll_deg));
    this.#sums = new Float32Array(SUMS * data.frameCount);
    this.#known = new Uint8Array(data.frameCount);
  }

  /**
   * The camera at a place between samples, written into `out` as three rows of four: room coordinates in metres to its
   * frame (X right, Y down, Z away). False when too little was seen to tell.
   */
  at({ first, second, fraction }, out) {
    if (!this.#sample(first, out)) return false;
    if (second === first || fraction === 0) return true;
    if (!this.#sample(second, this.#other)) return true;
    for (let i = 0; i < 12; i++) out[i] += fraction * (this.#other[i] - out[i]);
    return true;
  }

  #sample(frame, out) {
    const distance = this.#distance(frame);
    const at = SUMS * frame;
    const [weight, x, y, a, b] = this.#sums.subarray(at, at + 5);
    if (Number.isNaN(distance) || weight === 0) return false;
    const rows = this.#turned(frame);
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) out[4 * r + c] = rows[3 * r + c];
    out[3] = (a + x * distance) / weight;
    out[7] = (b + y * distance) / weight;
    out[11] = distance;
    return true;
  }

  // The mean of the samples around: they differ by their noise, the worker hardly.
  #distance(frame) {
    if (!this.#look(frame)) return Number.NaN;
    let sum = 0;
    let count = 0;
    const last = Math.min(this.#data.frameCount - 1, frame + STEADY_SAMPLES);
    for (let i = Math.max(0, frame - STEADY_SAMPLES); i <= last; i++) {
      if (!this.#look(i)) continue;
      sum += this.#sums[SUMS * i + 5];
      count += 1;
    }
    return sum / count;
  }

  // Least squares over the landmarks of a sample: x·(Pz + z) = Px + tx for each, with P the joint turned into the
  // camera's axes. Done once a sample. False when there are too few.
  #look(frame) {
    const at = SUMS * frame;
    if (!this.#known[frame]) {
      this.#known[frame] = 1;
      this.#sums[at + 5] = Number.NaN;
      if (this.#data.arrays.valid[frame]) this.#solve(frame, at);
    }
    return !Number.isNaN(this.#sums[at + 5]);
  }

  #solve(frame, at) {
    const { keypoints, keypoint_confidence: confidence } = this.#data.arrays;
    const { width_px, height_px } = this.#data.meta.video;
    const focal = this.#data.meta.gravity.focal_px;
    const joints = this.#pose.evaluate(frame, frame, 0).joints_m;
    const R = this.#turned(frame);
    let w = 0, wx = 0, wy = 0, wr = 0, wa = 0, wb = 0, wc = 0, pairs = 0;
    for (const [landmark, joint] of PAIRS) {
      const k = frame * LANDMARKS + landmark;
      if (keypoints[2 * k] === MISSING_I16 || confidence[k] === 0) continue;
      const x = ((keypoints[2 * k] / FRACTION - 0.5) * width_px) / focal;
      const y = ((keypoints[2 * k + 1] / FRACTION - 0.5) * height_px) / focal;
      const [jx, jy, jz] = [joints[3 * joint], joints[3 * joint + 1], joints[3 * joint + 2]];
      const pz = R[6] * jx + R[7] * jy + R[8] * jz;
      const a = x * pz - (R[0] * jx + R[1] * jy + R[2] * jz);
      const b = y * pz - (R[3] * jx + R[4] * jy + R[5] * jz);
      const weight = (confidence[k] / 255) ** 2;
      w += weight;
      wx += weight * x;
      wy += weight * y;
      wr += weight * (x * x + y * y);
      wa += weight * a;
      wb += weight * b;
      wc += weight * (x * a + y * b);
      pairs += 1;
    }
    const spread = wr - (wx * wx + wy * wy) / w;
    if (pairs < LEAST_PAIRS || !(spread > 1e-9)) return;
    const distance = ((wx * wa + wy * wb) / w - wc) / spread;
    if (distance > 0.2) this.#sums.set([w, wx, wy, wa, wb, distance], at);
  }

  #turned(frame) {
    const turns = this.#data.arrays.camera_turn;
    if (!turns) return this.#turn;
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) this.#back[3 * r + c] = turns[9 * frame + 3 * c + r];
    multiplyRows(this.#rows, 0, this.#back, 0, this.#turn, 0);
    return this.#rows;
  }
}

/**
 * What clip space makes of a camera (rows as `Filmed.at` gives them), column-major; the picture fills the viewport.
 * @param out {{viewProjection: Float32Array, eye: Float32Array, back: Float32Array, right: Float32Array}}
 */
export function lens(out, rows, focal_px, width_px, height_px) {
  const distance = rows[11];
  const near = 0.1 * Math.max(0.5, distance);
  const far = distance + 20;
  const scale = [(2 * focal_px) / width_px, (-2 * focal_px) / height_px, (far + near) / (far - near), 1];
  for (let c = 0; c < 4; c++) {
    for (let r = 0; r < 4; r++) out.viewProjection[4 * c + r] = scale[r] * rows[4 * Math.min(r, 2) + c];
  }
  out.viewProjection[14] -= (2 * far * near) / (far - near);
  for (let c = 0; c < 3; c++) {
    out.right[c] = rows[c];
    out.back[c] = -rows[8 + c];
    out.eye[c] = -(rows[c] * rows[3] + rows[4 + c] * rows[7] + rows[8 + c] * rows[11]);
  }
  return out;
}
