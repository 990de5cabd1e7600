// What stands around the body: the ground with its grid and shadow, the plumb line with gravity's arrow, and the ways of
// the hands.

import { compile } from "./gl.js";
import { GROUND_FRAGMENT, GROUND_VERTEX, LINE_FRAGMENT, LINE_VERTEX, SHADOW_SEGMENTS } from "./shaders.js";

const GROUND_HALF_M = 3.5;
const LINE_PX = 1.2;
const TRAIL_PX = 2.2;
const ARROW_M = 0.07;
/** The colours of the ways of the hands, left and right: lightness and hue differ. */
export const HANDS = ["#2f7fd6", "#c8642a"];

// Limbs that shade the ground: two joints of the SMPL-X order and the radius of the limb in metres.
const LIMBS = [
  [0, 12, 0.15], [12, 15, 0.1], [1, 4, 0.09], [2, 5, 0.09], [4, 7, 0.06], [5, 8, 0.06], [7, 10, 0.055],
  [8, 11, 0.055], [16, 18, 0.05], [17, 19, 0.05], [18, 20, 0.045],
];

const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);

export class Guides {
  #gl;
  #ground;
  #line;
  #empty;
  #limbStart = new Float32Array(4 * SHADOW_SEGMENTS);
  #limbEnd = new Float32Array(4 * SHADOW_SEGMENTS);
  #hands = HANDS.map((hex) => Float32Array.from(rgb(hex)));

  constructor(gl) {
    this.#gl = gl;
    this.#ground = compile(gl, GROUND_VERTEX, GROUND_FRAGMENT, [
      "viewProjection", "centre", "halfSize", "ink", "shadowStrength", "limbStart", "limbEnd",
    ]);
    this.#line = compile(gl, LINE_VERTEX, LINE_FRAGMENT, [
      "viewProjection", "start", "end", "pixel", "ink", "opacity", "dash",
    ]);
    this.#empty = gl.createVertexArray();
  }

  release() {
    const gl = this.#gl;
    gl.deleteVertexArray(this.#empty);
    gl.deleteProgram(this.#ground.program);
    gl.deleteProgram(this.#line.program);
  }

  /** Grid and shadow below a pose's joints. */
  drawGround(camera, joints, ink, opacity) {
    const gl = this.#gl;
    const { program, at } = this.#ground;
    for (let i = 0; i < SHADOW_SEGMENTS; i++) {
      const [from, to, radius] = LIMBS[i];
      for (let axis = 0; axis < 3; axis++) {
        this.#limbStart[4 * i + axis] = joints[3 * from + axis];
        this.#limbEnd[4 * i + axis] = joints[3 * to + axis];
      }
      this.#limbStart[4 * i + 3] = this.#limbEnd[4 * i + 3] = radius;
    }
    gl.useProgram(program);
    gl.uniformMatrix4fv(at.viewProjection, false, camera.viewProjection);
    gl.uniform2f(at.centre, joints[0], joints[2]);
    gl.uniform1f(at.halfSize, GROUND_HALF_M);
    gl.uniform3fv(at.ink, ink);
    gl.uniform1f(at.shadowStrength, 0.5 * opacity);
    gl.uniform4fv(at.limbStart, this.#limbStart);
    gl.uniform4fv(at.limbEnd, this.#limbEnd);
    gl.depthMask(false);
    gl.bindVertexArray(this.#empty);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.depthMask(true);
  }

  /** Make ready for lines on a canvas of this size; `ratio` is device pixels for each CSS pixel. */
  beginLines(camera, width, height, ratio) {
    const gl = this.#gl;
    gl.useProgram(this.#line.program);
    gl.uniformMatrix4fv(this.#line.at.viewProjection, false, camera.viewProjection);
    this.pixel = [ratio / width, ratio / height];
    gl.bindVertexArray(this.#empty);
  }

  /** Gravity: a dashed line through the pelvis with an arrow at its foot. */
  drawPlumb(camera, joints, height_m, ink) {
    const [x, , z] = joints;
    this.#style(ink, 0.55, LINE_PX, 0.08);
    this.#draw(x, height_m * 1.05, z, x, 0, z);
    this.#style(ink, 0.75, 1.5 * LINE_PX, 0);
    for (const way of [-1, 1]) {
      const dx = way * 0.55 * ARROW_M * camera.right[0];
      const dz = way * 0.55 * ARROW_M * camera.right[2];
      this.#draw(x + dx, ARROW_M, z + dz, x, 0, z);
    }
  }

  /** The way of each hand up to a frame, fading into the past. `ways` are six numbers for each frame (see `handWays`). */
  drawTrails(ways, valid, first, last) {
    for (const [hand, ink] of this.#hands.entries()) {
      for (let frame = first; frame < last; frame++) {
        if (!valid[frame] || !valid[frame + 1]) continue;
        this.#style(ink, 0.15 + 0.8 * ((frame - first) / (last - first)), TRAIL_PX, 0);
        const a = 6 * frame + 3 * hand;
        const b = a + 6;
        this.#draw(ways[a], ways[a + 1], ways[a + 2], ways[b], ways[b + 1], ways[b + 2]);
      }
    }
  }

  #style(ink, opacity, width_px, dash_m) {
    const gl = this.#gl;
    const { at } = this.#line;
    gl.uniform2f(at.pixel, width_px * this.pixel[0], width_px * this.pixel[1]);
    gl.uniform3fv(at.ink, ink);
    gl.uniform1f(at.opacity, opacity);
    gl.uniform1f(at.dash, dash_m);
  }

  #draw(ax, ay, az, bx, by, bz) {
    const gl = this.#gl;
    gl.uniform3f(this.#line.at.start, ax, ay, az);
    gl.uniform3f(this.#line.at.end, bx, by, bz);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}
