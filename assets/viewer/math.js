// Column-major 4×4 matrices and xyzw quaternions in plain arrays. Every function writes into its first
// argument and allocates nothing, so that they can run for every frame.

export function perspective(out, fovY, aspect, near, far) {
  const f = 1 / Math.tan(fovY / 2);
  out.fill(0);
  out[0] = f / aspect;
  out[5] = f;
  out[10] = (far + near) / (near - far);
  out[11] = -1;
  out[14] = (2 * far * near) / (near - far);
  return out;
}

/** View matrix from the eye's three axes: right, up, back (unit, orthogonal) and its position. */
export function viewFromAxes(out, right, up, back, eye) {
  for (let i = 0; i < 3; i++) {
    out[4 * i] = right[i];
    out[4 * i + 1] = up[i];
    out[4 * i + 2] = back[i];
    out[4 * i + 3] = 0;
  }
  out[12] = -(right[0] * eye[0] + right[1] * eye[1] + right[2] * eye[2]);
  out[13] = -(up[0] * eye[0] + up[1] * eye[1] + up[2] * eye[2]);
  out[14] = -(back[0] * eye[0] + back[1] * eye[1] + back[2] * eye[2]);
  out[15] = 1;
  return out;
}

export function multiply(out, a, b) {
  for (let c = 0; c < 4; c++) {
    const b0 = b[4 * c], b1 = b[4 * c + 1], b2 = b[4 * c + 2], b3 = b[4 * c + 3];
    for (let r = 0; r < 4; r++) {
      out[4 * c + r] = a[r] * b0 + a[4 + r] * b1 + a[8 + r] * b2 + a[12 + r] * b3;
    }
  }
  return out;
}

/**
 * Normalised linear interpolation of two quaternions on the shorter arc. The inputs may have any common
 * scale (int16 samples are passed as they are stored); the result has unit length.
 */
export function nlerp(out, outAt, a, aAt, b, bAt, fraction) {
  const dot = a[aAt] * b[bAt] + a[aAt + 1] * b[bAt + 1] + a[aAt + 2] * b[bAt + 2] + a[aAt + 3] * b[bAt + 3];
  const wa = 1 - fraction;
  const wb = dot < 0 ? -fraction : fraction;
  const x = wa * a[aAt] + wb * b[bAt];
  const y = wa * a[aAt + 1] + wb * b[bAt + 1];
  const z = wa * a[aAt + 2] + wb * b[bAt + 2];
  const w = wa * a[aAt + 3] + wb * b[bAt + 3];
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  if (length < 1e-12) {
    out[outAt] = out[outAt + 1] = out[outAt + 2] = 0;
    out[outAt + 3] = 1;
    return out;
  }
  out[outAt] = x / length;
  out[outAt + 1] = y / length;
  out[outAt + 2] = z / length;
  out[outAt + 3] = w / length;
  return out;
}

/** Row-major 3×3 rotation of the unit quaternion at q[at…at+3]. */
export function quaternionToRows(out, outAt, q, at) {
  const x = q[at], y = q[at + 1], z = q[at + 2], w = q[at + 3];
  out[outAt] = 1 - 2 * (y * y + z * z);
  out[outAt + 1] = 2 * (x * y - z * w);
  out[outAt + 2] = 2 * (x * z + y * w);
  out[outAt + 3] = 2 * (x * y + z * w);
  out[outAt + 4] = 1 - 2 * (x * x + z * z);
  out[outAt + 5] = 2 * (y * z - x * w);
  out[outAt + 6] = 2 * (x * z - y * w);
  out[outAt + 7] = 2 * (y * z + x * w);
  out[outAt + 8] = 1 - 2 * (x * x + y * y);
  return out;
}

/** Row-major 3×3 product a·b. `out` must be neither a's nor b's nine numbers. */
export function multiplyRows(out, outAt, a, aAt, b, bAt) {
  for (let r = 0; r < 3; r++) {
    const a0 = a[aAt + 3 * r], a1 = a[aAt + 3 * r + 1], a2 = a[aAt + 3 * r + 2];
    for (let c = 0; c < 3; c++) {
      out[outAt + 3 * r + c] = a0 * b[bAt + c] + a1 * b[bAt + 3 + c] + a2 * b[bAt + 6 + c];
    }
  }
  return out;
}

/** Area-weighted smooth normals, unit length, of an indexed triangle mesh. */
export function smoothNormals(vertices, faces) {
  const normals = new Float32Array(vertices.length);
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * faces[f], b = 3 * faces[f + 1], c = 3 * faces[f + 2];
    const ux = vertices[b] - vertices[a], uy = vertices[b + 1] - vertices[a + 1], uz = vertices[b + 2] - vertices[a + 2];
    const vx = vertices[c] - vertices[a], vy = vertices[c + 1] - vertices[a + 1], vz = vertices[c + 2] - vertices[a + 2];
    const nx = uy * vz - uz * vy, ny = uz * vx - ux * vz, nz = ux * vy - uy * vx;
    for (const at of [a, b, c]) {
      normals[at] += nx;
      normals[at + 1] += ny;
      normals[at + 2] += nz;
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1;
    normals[i] /= length;
    normals[i + 1] /= length;
    normals[i + 2] /= length;
  }
  return normals;
}
