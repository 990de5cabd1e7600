// One skinned body on a ground grid in WebGL 2, and the ghost of another moment. Mesh and weights are uploaded once; a
// frame uploads 55 joint matrices (one uniform buffer) and ten tints, and allocates nothing.

import { attachPointer, FOV, OrbitCamera } from "./camera.js";
import { indexAt } from "./data.js";
import { pixelRatio } from "./element.js";
import { Guides } from "./guides.js";
import { pickRegion } from "./pick.js";
import { handWays, motionExtent, Pose } from "./pose.js";
import { RISK, RISK_RGB } from "./risk.js";
import { REGIONS } from "./shaders.js";
import { clearForBody, keyLight, Skin } from "./skin.js";

const TINT_EASE_S = 0.09;
const UNSEEN_OPACITY = 0.22;
const GHOST_OPACITY = 0.28;
const GHOST_RGB = [0.62, 0.66, 0.7];
const TRAIL_S = 2;
const CAMERA_ANGLES = { front: [0, 0.09], side: [Math.PI / 2, 0.07], top: [0, 1.54], camera: [Math.PI / 4, 0.22] };


/** Draws a body; call `show` with a time between samples, `tint` with risk steps, `turnTo` with a view's name. */
export class BodyRenderer {
  #canvas;
  #gl;
  #camera = new OrbitCamera();
  #data = null;
  #pose = null;
  #resources = null;
  #request = 0;
  #lastDraw = 0;
  #steps = new Uint8Array(REGIONS);
  #tints = new Float32Array(4 * REGIONS);
  #place = { first: 0, second: 0, fraction: 0, nearest: 0, seen: false };
  #ghost = null;
  #ghostRows = null;
  #ghostTints = new Float32Array(4 * REGIONS);
  #ways = null;
  #ink = new Float32Array([0.2, 0.22, 0.25]);
  #key = new Float32Array(3);
  #opacity = 1;
  #opacityGoal = 1;
  #front = 0;
  #cameraYaw = null;
  #cameraPitch = 0;
  #cleanup = [];
  #onDraw;

  /** @throws {Error} when the browser has no WebGL 2. */
  constructor(canvas, { onDraw = () => {}, onPick = () => {}, reducedMotion = false } = {}) {
    this.#canvas = canvas;
    this.#onDraw = onDraw;
    this.#camera.reducedMotion = reducedMotion;
    this.#gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: true });
    if (!this.#gl) throw new Error("This browser cannot draw in 3D (WebGL 2 is off or missing).");
    this.drawn = 0;
    for (let r = 0; r < REGIONS; r++) this.#ghostTints.set([...GHOST_RGB, 0.9], 4 * r);
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(canvas);
    const lost = (event) => event.preventDefault();
    const restored = () => {
      this.#resources = null;
      this.invalidate();
    };
    canvas.addEventListener("webglcontextlost", lost);
    canvas.addEventListener("webglcontextrestored", restored);
    this.#cleanup.push(
      () => observer.disconnect(),
      () => canvas.removeEventListener("webglcontextlost", lost),
      () => canvas.removeEventListener("webglcontextrestored", restored),
      attachPointer(canvas, this.#camera, () => this.invalidate(), (at) => {
        const region = this.#pick(at);
        if (region) onPick(region);
      }),
    );
    this.#resize();
  }

  /** Take a decoded result; frames the motion and turns to the camera's view. */
  load(data) {
    this.#release();
    this.#data = data;
    this.#pose = new Pose(data);
    const extent = motionExtent(data);
    this.#front = Math.atan2(extent.facing[0], extent.facing[1]);
    const headroom_m = 0.14; // the highest joint is the head's centre or a hand
    this.#camera.frame(extent.height_m + headroom_m, extent.reach_m + 0.15);
    const direction = data.meta.camera?.direction;
    this.#cameraYaw = direction ? Math.atan2(-direction[0], -direction[2]) : null;
    this.#cameraPitch = direction ? Math.asin(-direction[1]) : 0;
    this.show({ first: 0, second: 0, fraction: 0, nearest: 0, seen: data.arrays.valid[0] === 1 });
    this.turnTo("camera");
    this.#camera.settle();
    this.#opacity = this.#opacityGoal;
  }

  /** Pose the body at a place between samples, as `locate` gives it. */
  show(place) {
    if (!this.#pose) return;
    Object.assign(this.#place, place);
    this.#pose.evaluate(place.first, place.second, place.fraction);
    this.#camera.follow(this.#pose.joints_m[0], this.#pose.joints_m[2]);
    this.#opacityGoal = place.seen ? 1 : UNSEEN_OPACITY;
    this.invalidate();
  }

  /** Risk steps 0–4 of the ten regions. */
  tint(steps) {
    this.#steps.set(steps);
    this.invalidate();
  }

  /** Show the posture of another frame as a ghost; null for none. */
  setGhost(frame) {
    this.#ghost = frame === null ? null : (this.#ghost ?? new Pose(this.#data)).evaluate(frame, frame, 0);
    this.#ghostRows ??= new Float32Array(this.#pose.rows.length);
    this.invalidate();
  }

  /** Show the way of the hands over the last two seconds. */
  setTrails(shown) {
    this.#ways = shown ? handWays(this.#data) : null;
    this.invalidate();
  }

  /** Keep the body in the middle, or let it walk. */
  setFollow(following) {
    this.#camera.following = following;
    this.show(this.#place);
  }

  #pick(at) {
    if (!this.#pose) return null;
    const aspect = this.#canvas.width / Math.max(1, this.#canvas.height);
    return pickRegion(this.#camera.viewProjection, this.#pose.joints_m, at, aspect, 1 / Math.tan(FOV / 2));
  }

  /** Ease to "front", "side", "top" or "camera". */
  turnTo(name) {
    let [yaw, pitch] = CAMERA_ANGLES[name];
    yaw += this.#front;
    if (this.#cameraYaw !== null) {
      if (name === "camera") {
        yaw = this.#cameraYaw;
        pitch = Math.min(1.2, Math.max(0.02, this.#cameraPitch));
      } else if (name === "side" && Math.sin(this.#cameraYaw - this.#front) < 0) {
        yaw = this.#front - Math.PI / 2; // the side that the video shows
      }
    }
    this.#camera.turnTo(yaw, pitch);
    this.invalidate();
  }

  orbit(dYaw, dPitch) {
    this.#camera.orbit(dYaw, dPitch);
    this.invalidate();
  }

  zoomBy(factor) {
    this.#camera.zoomBy(factor);
    this.invalidate();
  }

  /** Colour of grid and plumb line, "#rrggbb" or three numbers 0–1. */
  setInk(rgb) {
    this.#ink.set(rgb);
    this.invalidate();
  }

  invalidate() {
    if (!this.#request) this.#request = requestAnimationFrame(this.#frame);
  }

  /** Draw at once what is waiting to be drawn. */
  flush() {
    cancelAnimationFrame(this.#request);
    this.#resize();
    cancelAnimationFrame(this.#request);
    this.#frame(performance.now());
  }

  destroy() {
    cancelAnimationFrame(this.#request);
    for (const undo of this.#cleanup) undo();
    this.#release();
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.#data = this.#pose = null;
  }

  #frame = (now_ms) => {
    this.#request = 0;
    if (!this.#data || this.#gl.isContextLost()) return;
    const elapsed_s = Math.min(0.1, Math.max(0.001, (now_ms - this.#lastDraw) / 1000));
    this.#lastDraw = now_ms;
    const easing = this.#ease(elapsed_s);
    this.#camera.update(elapsed_s, this.#canvas.width / Math.max(1, this.#canvas.height));
    this.#draw();
    this.drawn += 1;
    this.#onDraw();
    if (easing || this.#camera.moving) this.invalidate();
  };

  #ease(elapsed_s) {
    const gain = this.#camera.reducedMotion ? 1 : 1 - Math.exp(-elapsed_s / TINT_EASE_S);
    let left = Math.abs(this.#opacityGoal - this.#opacity);
    this.#opacity += gain * (this.#opacityGoal - this.#opacity);
    for (let r = 0; r < REGIONS; r++) {
      const step = this.#steps[r];
      const at = 4 * r;
      for (let c = 0; c < 3; c++) {
        const away = RISK_RGB[step][c] - this.#tints[at + c];
        this.#tints[at + c] += gain * away;
        left = Math.max(left, Math.abs(away));
      }
      const away = RISK[step].tint - this.#tints[at + 3];
      this.#tints[at + 3] += gain * away;
      left = Math.max(left, Math.abs(away));
    }
    return left > 0.003;
  }

  #resize() {
    const ratio = pixelRatio();
    const width = Math.max(1, Math.round(this.#canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.#canvas.clientHeight * ratio));
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.invalidate();
  }

  #build() {
    const gl = this.#gl;
    this.#resources = { skin: new Skin(gl, this.#data.arrays, this.#pose.rows), guides: new Guides(gl) };
  }

  #release() {
    if (this.#resources && !this.#gl.isContextLost()) {
      this.#resources.skin.release();
      this.#resources.guides.release();
    }
    this.#resources = null;
  }

  #draw() {
    if (!this.#resources) this.#build();
    const gl = this.#gl;
    const camera = this.#camera;
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    clearForBody(gl);
    const { skin, guides } = this.#resources;
    const joints = this.#pose.joints_m;
    if (camera.back[1] > 0) guides.drawGround(camera, joints, this.#ink, this.#opacity);
    guides.beginLines(camera, this.#canvas.width, this.#canvas.height, pixelRatio());
    guides.drawPlumb(camera, joints, camera.height_m, this.#ink);
    if (this.#ways) guides.drawTrails(this.#ways, this.#data.arrays.valid, this.#trailFrom(), this.#place.nearest);
    keyLight(this.#key, camera.back, camera.right);
    if (this.#ghost) this.#drawGhost();
    skin.draw(this.#pose.rows, this.#tints, this.#opacity, camera, this.#key);
  }

  #trailFrom() {
    const times = this.#data.arrays.timestamps_s;
    return indexAt(times, times[this.#place.nearest] - TRAIL_S);
  }

  // On the same spot of the ground as the body, so that the postures can be compared.
  #drawGhost() {
    const pose = this.#ghost;
    const dx = this.#pose.joints_m[0] - pose.joints_m[0];
    const dz = this.#pose.joints_m[2] - pose.joints_m[2];
    this.#ghostRows.set(pose.rows);
    for (let at = 0; at < this.#ghostRows.length; at += 12) {
      this.#ghostRows[at + 3] += dx;
      this.#ghostRows[at + 11] += dz;
    }
    this.#resources.skin.draw(this.#ghostRows, this.#ghostTints, GHOST_OPACITY, this.#camera, this.#key);
    this.#gl.clear(this.#gl.DEPTH_BUFFER_BIT); // the body itself is never hidden by it
  }
}
