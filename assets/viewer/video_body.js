// The body itself over the picture of the video: skinned as in the 3D view, seen with the camera that filmed it.

import { pixelRatio } from "./element.js";
import { Filmed, lens } from "./filmed.js";
import { fittedBox } from "./overlay.js";
import { Pose } from "./pose.js";
import { RISK, RISK_RGB } from "./risk.js";
import { REGIONS } from "./shaders.js";
import { clearForBody, keyLight, Skin } from "./skin.js";

const OPACITY = 0.72;

export class VideoBody {
  #canvas;
  #data;
  #gl;
  #skin = null;
  #pose;
  #filmed;
  #rows = new Float32Array(12);
  #lens = {
    viewProjection: new Float32Array(16), eye: new Float32Array(3), back: new Float32Array(3), right: new Float32Array(3),
  };
  #key = new Float32Array(3);
  #tints = new Float32Array(4 * REGIONS);
  #box = { left: 0, top: 0, width: 0, height: 0 };
  #last = null;
  #abort = new AbortController();
  #observer;

  /** @throws {Error} when the browser has no WebGL 2. */
  constructor(canvas, data) {
    this.#canvas = canvas;
    this.#data = data;
    this.#gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: true });
    if (!this.#gl) throw new Error("This browser cannot draw in 3D (WebGL 2 is off or missing).");
    this.#pose = new Pose(data);
    this.#filmed = new Filmed(data);
    const again = () => this.#last && this.draw(...this.#last);
    const { signal } = this.#abort;
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { signal });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#skin = null;
      again();
    }, { signal });
    this.#observer = new ResizeObserver(again);
    this.#observer.observe(canvas);
  }

  /** Draw the body at a place between samples, painted by `steps` (risk step of each region). */
  draw(place, steps) {
    this.#last = [place, steps];
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    const ratio = pixelRatio();
    const { clientWidth, clientHeight } = this.#canvas;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    clearForBody(gl);
    if (!place.seen || !clientWidth || !this.#filmed.at(place, this.#rows)) return;
    const { width_px, height_px } = this.#data.meta.video;
    const box = fittedBox(width, height, width_px, height_px, this.#box);
    gl.viewport(Math.round(box.left), Math.round(box.top), Math.round(box.width), Math.round(box.height));
    lens(this.#lens, this.#rows, this.#data.meta.gravity.focal_px, width_px, height_px);
    keyLight(this.#key, this.#lens.back, this.#lens.right);
    for (let r = 0; r < REGIONS; r++) {
      this.#tints.set(RISK_RGB[steps[r]], 4 * r);
      this.#tints[4 * r + 3] = RISK[steps[r]].tint;
    }
    this.#pose.evaluate(place.first, place.second, place.fraction);
    this.#skin ??= new Skin(gl, this.#data.arrays, this.#pose.rows);
    this.#skin.draw(this.#pose.rows, this.#tints, OPACITY, this.#lens, this.#key);
  }

  destroy() {
    this.#abort.abort();
    this.#observer.disconnect();
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
