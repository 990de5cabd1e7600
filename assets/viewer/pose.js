// Forward kinematics of the SMPL-X skeleton at any time between two samples.

import { multiplyRows, nlerp, quaternionToRows } from "./math.js";

const ROWS = 12; // three rows of four numbers for each joint

/** The posed skeleton: `rows` are the skinning matrices, `joints_m` the joint centres; both are reused. */
export class Pose {
  #data;
  #local;
  #localRows = new Float32Array(9);
  #world;
  #parents;
  #rest;

  constructor(data) {
    this.#data = data;
    this.#rest = data.arrays.joints_rest_m;
    this.#parents = data.arrays.parents;
    this.jointCount = this.#parents.length;
    this.#local = new Float32Array(4 * this.jointCount);
    this.#world = new Float32Array(9 * this.jointCount);
    this.rows = new Float32Array(ROWS * this.jointCount);
    this.joints_m = new Float32Array(3 * this.jointCount);
    for (let j = 0; j < this.jointCount; j++) this.#local[4 * j + 3] = 1;
    const still = data.arrays.still_joints ?? [];
    for (let s = 0; s < still.length; s++) {
      const q = data.arrays.still_rotations;
      nlerp(this.#local, 4 * still[s], q, 4 * s, q, 4 * s, 0);
    }
  }

  /** Pose the skeleton between samples `first` and `second`. */
  evaluate(first, second, fraction) {
    const { moving_joints: moving, rotations, transl_m: transl } = this.#data.arrays;
    const stride = 4 * moving.length;
    for (let m = 0; m < moving.length; m++) {
      nlerp(this.#local, 4 * moving[m], rotations, first * stride + 4 * m, rotations, second * stride + 4 * m, fraction);
    }
    for (let axis = 0; axis < 3; axis++) {
      const a = transl[3 * first + axis];
      this.joints_m[axis] = this.#rest[axis] + a + fraction * (transl[3 * second + axis] - a);
    }
    for (let j = 0; j < this.jointCount; j++) this.#placeJoint(j);
    return this;
  }

  /** Where the pelvis faces on the ground (SMPL-X bodies face +Z at rest), written into out as x, z. */
  facing(out) {
    out[0] = this.#world[2];
    out[1] = this.#world[8];
    return out;
  }

  #placeJoint(j) {
    const world = this.#world;
    const rest = this.#rest;
    const parent = this.#parents[j];
    if (parent < 0) {
      quaternionToRows(world, 0, this.#local, 0);
    } else {
      quaternionToRows(this.#localRows, 0, this.#local, 4 * j);
      multiplyRows(world, 9 * j, world, 9 * parent, this.#localRows, 0);
      const x = rest[3 * j] - rest[3 * parent];
      const y = rest[3 * j + 1] - rest[3 * parent + 1];
      const z = rest[3 * j + 2] - rest[3 * parent + 2];
      for (let r = 0; r < 3; r++) {
        const at = 9 * parent + 3 * r;
        this.joints_m[3 * j + r] = this.joints_m[3 * parent + r] + world[at] * x + world[at + 1] * y + world[at + 2] * z;
      }
    }
    for (let r = 0; r < 3; r++) {
      const from = 9 * j + 3 * r;
      const to = ROWS * j + 4 * r;
      const a = world[from], b = world[from + 1], c = world[from + 2];
      this.rows[to] = a;
      this.rows[to + 1] = b;
      this.rows[to + 2] = c;
      this.rows[to + 3] = this.joints_m[3 * j + r] - (a * rest[3 * j] + b * rest[3 * j + 1] + c * rest[3 * j + 2]);
    }
  }
}

const WRISTS = [20, 21];

/** Where both wrists are in every frame: left x y z, right x y z. */
export function handWays(data) {
  const pose = new Pose(data);
  const ways = new Float32Array(6 * data.frameCount);
  for (let frame = 0; frame < data.frameCount; frame++) {
    const joints = pose.evaluate(frame, frame, 0).joints_m;
    WRISTS.forEach((wrist, hand) => {
      for (let axis = 0; axis < 3; axis++) ways[6 * frame + 3 * hand + axis] = joints[3 * wrist + axis];
    });
  }
  return ways;
}

/**
 * Size and direction of the whole motion, from at most `samples` poses: the highest joint, the widest reach
 * from the pelvis on the ground, and the mean direction the pelvis faces.
 */
export function motionExtent(data, samples = 64) {
  const pose = new Pose(data);
  const facing = new Float32Array(2);
  const extent = { height_m: 0, reach_m: 0, facing: [0, 0] };
  const step = Math.max(1, Math.floor(data.frameCount / samples));
  for (let frame = 0; frame < data.frameCount; frame += step) {
    if (!data.arrays.valid[frame]) continue;
    const joints = pose.evaluate(frame, frame, 0).joints_m;
    for (let j = 0; j < pose.jointCount; j++) {
      extent.height_m = Math.max(extent.height_m, joints[3 * j + 1]);
      extent.reach_m = Math.max(extent.reach_m, Math.hypot(joints[3 * j] - joints[0], joints[3 * j + 2] - joints[2]));
    }
    pose.facing(facing);
    extent.facing[0] += facing[0];
    extent.facing[1] += facing[1];
  }
  if (Math.hypot(...extent.facing) < 1e-6) extent.facing = [0, 1];
  extent.height_m ||= 1.7;
  return extent;
}
