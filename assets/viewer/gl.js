// Small steps of WebGL 2: a program with the places of its uniforms, a mesh on the graphics card.

import { smoothNormals } from "./math.js";

/** @throws {Error} with the driver's words when a shader does not compile or link. */
export function compile(gl, vertex, fragment, uniforms) {
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

/** Vertices, normals, weights and colours of a body, uploaded once: {vertexArray, buffers, count, indexType}. */
export function uploadMesh(gl, { vertices_m, faces, skin_joints, skin_weights, colors }) {
  const vertexArray = gl.createVertexArray();
  gl.bindVertexArray(vertexArray);
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
  const indexType = faces instanceof Uint32Array ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
  return { vertexArray, buffers, count: faces.length, indexType };
}
