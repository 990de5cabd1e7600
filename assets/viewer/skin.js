// The skinned body on the graphics card: mesh, weights and program uploaded once; a drawing takes the joints' matrices,
// ten tints and a camera.

import { compile, uploadMesh } from "./gl.js";
import { BODY_FRAGMENT, BODY_VERTEX } from "./shaders.js";

const UNIFORMS = ["viewProjection", "tint", "jointRegion", "eye", "keyDirection", "opacity"];

export class Skin {
  #gl;
  #body;
  #mesh;
  #joints;

  /** @param rows skinning matrices as `Pose` gives them, for their size */
  constructor(gl, arrays, rows) {
    this.#gl = gl;
    this.#body = compile(gl, BODY_VERTEX, BODY_FRAGMENT, UNIFORMS);
    this.#mesh = uploadMesh(gl, arrays);
    gl.useProgram(this.#body.program);
    gl.uniform1uiv(this.#body.at.jointRegion, Uint32Array.from(arrays.joint_region));
    this.#joints = gl.createBuffer();
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.#joints);
    gl.bufferData(gl.UNIFORM_BUFFER, rows.byteLength, gl.DYNAMIC_DRAW);
    gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.#joints);
    gl.uniformBlockBinding(this.#body.program, gl.getUniformBlockIndex(this.#body.program, "JointRows"), 0);
  }

  /** Draw it; `camera` is {viewProjection, eye}, `key` points to the light, `tints` are r g b strength of each region. */
  draw(rows, tints, opacity, { viewProjection, eye }, key) {
    const gl = this.#gl;
    const { program, at } = this.#body;
    gl.useProgram(program);
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.#joints);
    gl.bufferSubData(gl.UNIFORM_BUFFER, 0, rows);
    gl.uniformMatrix4fv(at.viewProjection, false, viewProjection);
    gl.uniform4fv(at.tint, tints);
    gl.uniform3fv(at.eye, eye);
    gl.uniform3fv(at.keyDirection, key);
    gl.uniform1f(at.opacity, opacity);
    gl.bindVertexArray(this.#mesh.vertexArray);
    if (opacity < 0.99) {
      // depth first, so that a see-through body does not show its own inside
      gl.colorMask(false, false, false, false);
      gl.drawElements(gl.TRIANGLES, this.#mesh.count, this.#mesh.indexType, 0);
      gl.colorMask(true, true, true, true);
      gl.depthFunc(gl.LEQUAL);
    }
    gl.drawElements(gl.TRIANGLES, this.#mesh.count, this.#mesh.indexType, 0);
    gl.depthFunc(gl.LESS);
    gl.bindVertexArray(null);
  }

  release() {
    const gl = this.#gl;
    for (const buffer of [...this.#mesh.buffers, this.#joints]) gl.deleteBuffer(buffer);
    gl.deleteVertexArray(this.#mesh.vertexArray);
    gl.deleteProgram(this.#body.program);
  }
}

/** The key light hangs up and to the left of whoever looks, so every view shows form; `back` points to the eye. */
export function keyLight(out, back, right) {
  for (let i = 0; i < 3; i++) out[i] = 0.62 * back[i] + 0.62 * (i === 1 ? 1 : 0) - 0.48 * right[i];
  const length = Math.hypot(out[0], out[1], out[2]);
  for (let i = 0; i < 3; i++) out[i] /= length;
  return out;
}

/** Empty the canvas and make ready for premultiplied colours. */
export function clearForBody(gl) {
  gl.clearColor(0, 0, 0, 0);
  gl.depthMask(true);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  gl.enable(gl.DEPTH_TEST);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
}
