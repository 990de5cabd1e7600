// An orbiting camera that eases towards its goal: drag turns, shift-drag or two fingers move, pinch or wheel
// zooms, named views are goals like any other.

import { multiply, perspective, viewFromAxes } from "./math.js";

export const FOV = (28 * Math.PI) / 180;
const EASE_S = 0.14;
const PITCH_LIMITS = [-0.06, 1.55];
const ZOOM_LIMITS = [0.25, 3];
const STILL = 1e-4;
const CLICK_PX = 5;

const wrap = (angle) => Math.atan2(Math.sin(angle), Math.cos(angle));
const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));

export class OrbitCamera {
  constructor() {
    this.viewProjection = new Float32Array(16);
    this.eye = new Float32Array(3);
    this.right = new Float32Array(3);
    this.up = new Float32Array(3);
    this.back = new Float32Array(3);
    this.reducedMotion = false;
    // yaw, pitch, zoom, target x y z: where the camera is and where it goes
    this.now = new Float32Array([0, 0.1, 1, 0, 0.9, 0]);
    this.goal = this.now.slice();
    this.pan = new Float32Array(3);
    this.height_m = 1.8;
    this.reach_m = 0.8;
    this.moving = true;
    this.following = true;
    this.#projection = new Float32Array(16);
    this.#view = new Float32Array(16);
  }

  #projection;
  #view;
  #anchor = new Float32Array(2);

  /** Frame a motion of this height and reach. */
  frame(height_m, reach_m) {
    this.height_m = Math.max(height_m, 1);
    this.reach_m = Math.max(reach_m, 0.4);
    this.moving = true;
  }

  /** Turn to a view; angles in radians, yaw 0 looks from +Z. Pan and zoom go back to the framed body. */
  turnTo(yaw, pitch) {
    this.goal[0] = this.now[0] + wrap(yaw - this.now[0]);
    this.goal[1] = pitch;
    this.goal[2] = 1;
    this.pan.fill(0);
    this.moving = true;
  }

  orbit(dYaw, dPitch) {
    this.goal[0] += dYaw;
    this.goal[1] = clamp(this.goal[1] + dPitch, PITCH_LIMITS);
    this.moving = true;
  }

  zoomBy(factor) {
    this.goal[2] = clamp(this.goal[2] * factor, ZOOM_LIMITS);
    this.moving = true;
  }

  /** Move by a distance in CSS pixels of a canvas `height_px` high. */
  panBy(dx, dy, height_px) {
    const metres = (2 * Math.tan(FOV / 2) * this.#distance(1)) / height_px;
    for (let axis = 0; axis < 3; axis++) {
      this.pan[axis] += metres * (dy * this.up[axis] - dx * this.right[axis]);
    }
    this.moving = true;
  }

  /** Keep looking at a body whose pelvis stands over x, z; stay where it is when not `following`. */
  follow(x, z) {
    if (!this.following) {
      x = this.#anchor[0];
      z = this.#anchor[1];
    }
    this.#anchor[0] = x;
    this.#anchor[1] = z;
    this.goal[3] = x + this.pan[0];
    this.goal[4] = 0.455 * this.height_m + this.pan[1];
    this.goal[5] = z + this.pan[2];
    this.moving = true;
  }

  /** Jump to the goal. */
  settle() {
    this.now.set(this.goal);
    this.moving = true;
  }

  /** Ease for `elapsed_s` and make the matrices for an aspect ratio. */
  update(elapsed_s, aspect) {
    const gain = this.reducedMotion ? 1 : 1 - Math.exp(-elapsed_s / EASE_S);
    let left = 0;
    for (let i = 0; i < this.now.length; i++) {
      const step = this.goal[i] - this.now[i];
      this.now[i] += gain * step;
      left = Math.max(left, Math.abs(step));
    }
    this.moving = left > STILL;
    const cosPitch = Math.cos(this.now[1]), sinPitch = Math.sin(this.now[1]);
    const sinYaw = Math.sin(this.now[0]), cosYaw = Math.cos(this.now[0]);
    this.back[0] = sinYaw * cosPitch; this.back[1] = sinPitch; this.back[2] = cosYaw * cosPitch;
    this.right[0] = cosYaw; this.right[1] = 0; this.right[2] = -sinYaw;
    this.up[0] = -sinYaw * sinPitch; this.up[1] = cosPitch; this.up[2] = -cosYaw * sinPitch;
    const distance = this.#distance(aspect);
    for (let axis = 0; axis < 3; axis++) this.eye[axis] = this.now[3 + axis] + distance * this.back[axis];
    viewFromAxes(this.#view, this.right, this.up, this.back, this.eye);
    perspective(this.#projection, FOV, aspect, 0.05 * distance, 10 * distance);
    multiply(this.viewProjection, this.#projection, this.#view);
  }

  #distance(aspect) {
    const half = Math.tan(FOV / 2);
    const tall = (0.5 * this.height_m * 1.32) / half;
    const wide = (Math.min(this.reach_m, 0.75 * this.height_m) * 1.15) / (half * aspect);
    return this.now[2] * Math.max(tall, wide) + 0.2;
  }
}

/**
 * Pointer, pinch and wheel on a canvas; `clicked` gets the place of a click without a drag, −1 to 1 to the right and up.
 * Returns a function that lets go of it.
 */
export function attachPointer(canvas, camera, changed, clicked = () => {}) {
  const fingers = new Map();
  let pinch = 0;
  let moved_px = 0;
  const abort = new AbortController();
  const on = (type, listener, options = {}) =>
    canvas.addEventListener(type, listener, { signal: abort.signal, ...options });

  on("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    pinch = 0;
    moved_px = 0;
  });
  on("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const dx = event.clientX - finger.x;
    const dy = event.clientY - finger.y;
    finger.x = event.clientX;
    finger.y = event.clientY;
    moved_px += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 2) {
      const [a, b] = fingers.values();
      const span = Math.hypot(a.x - b.x, a.y - b.y);
      if (pinch > 0 && span > 0) camera.zoomBy(pinch / span);
      pinch = span;
      camera.panBy(dx / 2, dy / 2, canvas.clientHeight);
    } else if (event.shiftKey || event.buttons & 6) camera.panBy(dx, dy, canvas.clientHeight);
    else camera.orbit(-0.008 * dx, 0.008 * dy);
    changed();
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    pinch = 0;
  };
  on("pointerup", (event) => {
    if (moved_px > CLICK_PX || fingers.size !== 1 || event.button !== 0) return;
    const box = canvas.getBoundingClientRect();
    clicked([(2 * (event.clientX - box.left)) / box.width - 1, 1 - (2 * (event.clientY - box.top)) / box.height]);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) on(type, lift);
  on("contextmenu", (event) => event.preventDefault());
  // The page keeps scrolling over the body until it has been clicked (or ctrl is held, as a pinch on a pad does).
  on("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    camera.zoomBy(Math.exp(event.deltaY * (event.ctrlKey ? 0.01 : 0.0012)));
    changed();
  }, { passive: false });
  return () => abort.abort();
}
