// One skinned body on a ground grid in WebGL 2. Mesh and weights are uploaded once; a frame uploads 55 joint
// matrices (one uniform buffer) and ten tints, and allocates nothing.

import { attachPointer, OrbitCamera } from "./camera.js";
import { smoothNormals } from "./math.js";
import { motionExtent, Pose } from "./pose.js";
import { hexToRgb, RISK } from "./risk.js";
import {
  BODY_FRAGMENT, BODY_VERTEX, GROUND_FRAGMENT, GROUND_VERTEX, PLUMB_FRAGMENT, PLUMB_VERTEX, REGIONS,
  SHADOW_SEGMENTS,
} from "./shaders.js";

const TINT_EASE_S = 0.09;
const UNSEEN_OPACITY = 0.22;
const GROUND_HALF_M = 3.5;
const CAMERA_ANGLES = { front: [0, 0.09], side: [Math.PI / 2, 0.07], top: [0, 1.54], camera: [Math.PI / 4, 0.22] };

// Limbs that shade the ground: two joints of the SMPL-X order and the radius of the limb in metres.
const LIMBS = [
  [0, 12, 0.15], [12, 15, 0.1], [1, 4, 0.09], [2, 5, 0.09], [4, 7, 0.06], [5, 8, 0.06], [7, 10, 0.055],
  [8, 11, 0.055], [16, 18, 0.05], [17, 19, 0.05], [18, 20, 0.045],
];

const RISK_RGB = RISK.map((risk) => hexToRgb(risk.color, new Float32Array(3)));

function compile(gl, vertex, fragment, uniforms) {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The 3D view could not be prepared: ${gl.getProgramInfoLog(program)}`);
  }
  const at = {};
  for (const name of uniforms) at[name] = gl.getUniformLocation(program, name);
  return { program, at };
}

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
  #limbStart = new Float32Array(4 * SHADOW_SEGMENTS);
  #limbEnd = new Float32Array(4 * SHADOW_SEGMENTS);
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
  constructor(canvas, { onDraw = () => {}, reducedMotion = false } = {}) {
    this.#canvas = canvas;
    this.#onDraw = onDraw;
    this.#camera.reducedMotion = reducedMotion;
    this.#gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: true });
    if (!this.#gl) throw new Error("This browser cannot draw in 3D (WebGL 2 is off or missing).");
    this.drawn = 0;
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
      attachPointer(canvas, this.#camera, () => this.invalidate()),
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
    this.show({ first: 0, second: 0, fraction: 0, seen: data.arrays.valid[0] === 1 });
    this.turnTo("camera");
    this.#camera.settle();
    this.#opacity = this.#opacityGoal;
  }

  /** Pose the body at a place between samples, as `locate` gives it. */
  show(place) {
    if (!this.#pose) return;
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
    const ratio = Math.min(2.5, window.devicePixelRatio || 1);
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
    const { vertices_m, faces, skin_joints, skin_weights, colors, joint_region } = this.#data.arrays;
    const body = compile(gl, BODY_VERTEX, BODY_FRAGMENT, [
      "viewProjection", "tint", "jointRegion", "eye", "keyDirection", "opacity",
    ]);
    const ground = compile(gl, GROUND_VERTEX, GROUND_FRAGMENT, [
      "viewProjection", "centre", "halfSize", "ink", "shadowStrength", "limbStart", "limbEnd",
    ]);
    const plumb = compile(gl, PLUMB_VERTEX, PLUMB_FRAGMENT, ["viewProjection", "top", "foot", "pixel", "ink", "opacity"]);
    const mesh = gl.createVertexArray();
    gl.bindVertexArray(mesh);
    const buffers = [];
    const attribute = (index, values, size, type, { integer = false, normalized = false } = {}) => {
      const buffer = gl.createBuffer();
      buffers.push(buffer);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(index);
      if (integer) gl.vertexAttribIPointer(index, size, type, 0, 0);
      else gl.vertexAttribPointer(index, size, type, normalized, 0, 0);
    };
    attribute(0, vertices_m, 3, gl.FLOAT);
    attribute(1, smoothNormals(vertices_m, faces), 3, gl.FLOAT);
    attribute(2, skin_joints, 4, gl.UNSIGNED_BYTE, { integer: true });
    attribute(3, skin_weights, 4, gl.UNSIGNED_BYTE, { normalized: true });
    attribute(4, colors, 3, gl.UNSIGNED_BYTE, { normalized: true });
    const index = gl.createBuffer();
    buffers.push(index);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, index);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    gl.useProgram(body.program);
    gl.uniform1uiv(body.at.jointRegion, Uint32Array.from(joint_region));
    const joints = gl.createBuffer();
    buffers.push(joints);
    gl.bindBuffer(gl.UNIFORM_BUFFER, joints);
    gl.bufferData(gl.UNIFORM_BUFFER, this.#pose.rows.byteLength, gl.DYNAMIC_DRAW);
    gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, joints);
    gl.uniformBlockBinding(body.program, gl.getUniformBlockIndex(body.program, "JointRows"), 0);
    const empty = gl.createVertexArray();
    const indexType = faces instanceof Uint32Array ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
    this.#resources = { body, ground, plumb, mesh, empty, joints, buffers, count: faces.length, indexType };
  }

  #release() {
    const gl = this.#gl;
    if (this.#resources && !gl.isContextLost()) {
      for (const buffer of this.#resources.buffers) gl.deleteBuffer(buffer);
      gl.deleteVertexArray(this.#resources.mesh);
      gl.deleteVertexArray(this.#resources.empty);
      for (const { program } of [this.#resources.body, this.#resources.ground, this.#resources.plumb]) {
        gl.deleteProgram(program);
      }
    }
    this.#resources = null;
  }

  #draw() {
    if (!this.#resources) this.#build();
    const gl = this.#gl;
    const camera = this.#camera;
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    if (camera.back[1] > 0) this.#drawGround();
    this.#drawPlumbLine();
    // The key light hangs up and to the left of whoever looks, so every view shows form.
    for (let i = 0; i < 3; i++) this.#key[i] = 0.62 * camera.back[i] + 0.62 * (i === 1 ? 1 : 0) - 0.48 * camera.right[i];
    const length = Math.hypot(this.#key[0], this.#key[1], this.#key[2]);
    for (let i = 0; i < 3; i++) this.#key[i] /= length;
    this.#drawBody();
  }

  #drawBody() {
    const gl = this.#gl;
    const { body, mesh, joints, count, indexType } = this.#resources;
    gl.useProgram(body.program);
    gl.bindBuffer(gl.UNIFORM_BUFFER, joints);
    gl.bufferSubData(gl.UNIFORM_BUFFER, 0, this.#pose.rows);
    gl.uniformMatrix4fv(body.at.viewProjection, false, this.#camera.viewProjection);
    gl.uniform4fv(body.at.tint, this.#tints);
    gl.uniform3fv(body.at.eye, this.#camera.eye);
    gl.uniform3fv(body.at.keyDirection, this.#key);
    gl.uniform1f(body.at.opacity, this.#opacity);
    gl.bindVertexArray(mesh);
    if (this.#opacity < 0.99) {
      // depth first, so that a see-through body does not show its own inside
      gl.colorMask(false, false, false, false);
      gl.drawElements(gl.TRIANGLES, count, indexType, 0);
      gl.colorMask(true, true, true, true);
      gl.depthFunc(gl.LEQUAL);
    }
    gl.drawElements(gl.TRIANGLES, count, indexType, 0);
    gl.depthFunc(gl.LESS);
    gl.bindVertexArray(null);
  }

  #drawGround() {
    const gl = this.#gl;
    const { ground, empty } = this.#resources;
    const joints = this.#pose.joints_m;
    for (let i = 0; i < SHADOW_SEGMENTS; i++) {
      const [from, to, radius] = LIMBS[i];
      for (let axis = 0; axis < 3; axis++) {
        this.#limbStart[4 * i + axis] = joints[3 * from + axis];
        this.#limbEnd[4 * i + axis] = joints[3 * to + axis];
      }
      this.#limbStart[4 * i + 3] = this.#limbEnd[4 * i + 3] = radius;
    }
    gl.useProgram(ground.program);
    gl.uniformMatrix4fv(ground.at.viewProjection, false, this.#camera.viewProjection);
    gl.uniform2f(ground.at.centre, joints[0], joints[2]);
    gl.uniform1f(ground.at.halfSize, GROUND_HALF_M);
    gl.uniform3fv(ground.at.ink, this.#ink);
    gl.uniform1f(ground.at.shadowStrength, 0.5 * this.#opacity);
    gl.uniform4fv(ground.at.limbStart, this.#limbStart);
    gl.uniform4fv(ground.at.limbEnd, this.#limbEnd);
    gl.depthMask(false);
    gl.bindVertexArray(empty);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindVertexArray(null);
    gl.depthMask(true);
  }

  #drawPlumbLine() {
    const gl = this.#gl;
    const { plumb, empty } = this.#resources;
    const joints = this.#pose.joints_m;
    gl.useProgram(plumb.program);
    gl.uniformMatrix4fv(plumb.at.viewProjection, false, this.#camera.viewProjection);
    gl.uniform3f(plumb.at.top, joints[0], this.#camera.height_m * 1.05, joints[2]);
    gl.uniform3f(plumb.at.foot, joints[0], 0, joints[2]);
    const ratio = Math.min(2.5, window.devicePixelRatio || 1);
    gl.uniform2f(plumb.at.pixel, (1.2 * ratio) / this.#canvas.width, (1.2 * ratio) / this.#canvas.height);
    gl.uniform3fv(plumb.at.ink, this.#ink);
    gl.bindVertexArray(empty);
    gl.uniform1f(plumb.at.opacity, 0.55);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindVertexArray(null);
  }
}
