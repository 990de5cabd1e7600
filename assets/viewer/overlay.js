// The tracked skeleton over the video's picture, limbs in the colour of their region's risk.

import { MISSING_I16 } from "./data.js";
import { pixelRatio } from "./element.js";
import { RISK } from "./risk.js";

const FRACTION = 10000;
const SURE = 128; // confidence of 255 below which a limb is drawn dashed
const LANDMARKS = 33;

// Landmarks at both ends (BlazePose numbering) and the body region of the limb between them; the region order
// is that of the tints: head, trunk, then left and right upper arm, lower arm, hand, leg.
const LIMBS = [
  [7, 0, 0], [0, 8, 0],
  [11, 12, 1], [11, 23, 1], [12, 24, 1], [23, 24, 1],
  [11, 13, 2], [12, 14, 3], [13, 15, 4], [14, 16, 5], [15, 19, 6], [16, 20, 7],
  [23, 25, 8], [25, 27, 8], [27, 31, 8], [27, 29, 8], [24, 26, 9], [26, 28, 9], [28, 32, 9], [28, 30, 9],
];
const JOINTS = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

/** Where a picture of this shape lies in a box that shows it whole. */
export function fittedBox(boxWidth, boxHeight, pictureWidth, pictureHeight, out) {
  const scale = Math.min(boxWidth / pictureWidth, boxHeight / pictureHeight);
  out.width = pictureWidth * scale;
  out.height = pictureHeight * scale;
  out.left = (boxWidth - out.width) / 2;
  out.top = (boxHeight - out.height) / 2;
  return out;
}

export class Overlay {
  #canvas;
  #context;
  #data;
  #box = { left: 0, top: 0, width: 0, height: 0 };
  #points = new Float32Array(2 * LANDMARKS);
  #sure = new Uint8Array(LANDMARKS);
  #observer;
  #last = null;

  constructor(canvas, data) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#data = data;
    this.#observer = new ResizeObserver(() => this.#last && this.draw(...this.#last));
    this.#observer.observe(canvas);
  }

  /** Draw the skeleton at a place between samples, limbs coloured by `steps` (risk step of each region). */
  draw(place, steps) {
    this.#last = [place, steps];
    const ratio = pixelRatio();
    const width = this.#canvas.clientWidth;
    const height = this.#canvas.clientHeight;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (width === 0) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { width_px, height_px } = this.#data.meta.video;
    fittedBox(width, height, width_px, height_px, this.#box);
    this.#place(place);
    const thickness = Math.max(2, 0.011 * this.#box.height);
    context.lineCap = "round";
    for (const [from, to, region] of LIMBS) this.#limb(from, to, steps[region], thickness);
    this.#neck(steps[0], thickness);
    context.fillStyle = "#ffffff";
    for (const joint of JOINTS) this.#dot(joint, 0.55 * thickness);
  }

  destroy() {
    this.#observer.disconnect();
  }

  #place({ first, second, fraction, nearest }) {
    const { keypoints, keypoint_confidence: confidence } = this.#data.arrays;
    for (let k = 0; k < LANDMARKS; k++) {
      this.#sure[k] = confidence[nearest * LANDMARKS + k];
      for (let axis = 0; axis < 2; axis++) {
        const a = keypoints[2 * (first * LANDMARKS + k) + axis];
        const b = keypoints[2 * (second * LANDMARKS + k) + axis];
        const near = keypoints[2 * (nearest * LANDMARKS + k) + axis];
        const value = a === MISSING_I16 || b === MISSING_I16 ? near : a + fraction * (b - a);
        const size = axis === 0 ? this.#box.width : this.#box.height;
        const start = axis === 0 ? this.#box.left : this.#box.top;
        this.#points[2 * k + axis] = value === MISSING_I16 ? Number.NaN : start + (value / FRACTION) * size;
      }
    }
  }

  #limb(from, to, step, thickness) {
    const p = this.#points;
    const sure = Math.min(this.#sure[from], this.#sure[to]) >= SURE;
    this.#line(p[2 * from], p[2 * from + 1], p[2 * to], p[2 * to + 1], step, thickness, sure);
  }

  #neck(step, thickness) {
    const p = this.#points;
    this.#line(
      (p[22] + p[24]) / 2, (p[23] + p[25]) / 2, (p[14] + p[16]) / 2, (p[15] + p[17]) / 2, step, thickness, true,
    );
  }

  #line(x0, y0, x1, y1, step, thickness, sure) {
    if (Number.isNaN(x0 + y0 + x1 + y1)) return;
    const context = this.#context;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.setLineDash(sure ? [] : [1, 2 * thickness]);
    context.lineWidth = thickness + 2;
    context.strokeStyle = "rgba(15, 20, 26, 0.55)";
    context.stroke();
    context.lineWidth = thickness;
    context.strokeStyle = step > 0 ? RISK[step].color : "#f4f6f7";
    context.stroke();
    context.setLineDash([]);
  }

  #dot(k, radius) {
    if (Number.isNaN(this.#points[2 * k]) || this.#sure[k] < SURE) return;
    this.#context.beginPath();
    this.#context.arc(this.#points[2 * k], this.#points[2 * k + 1], radius, 0, 2 * Math.PI);
    this.#context.fill();
  }
}
