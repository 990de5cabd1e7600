// Which part of the body a click in the 3D view means: the limb nearest to it on the screen, nearer ones first.

// Two joints of the SMPL-X order, the region between them and the radius of the limb in metres.
const LIMBS = [
  [12, 15, "head", 0.11], [0, 9, "trunk", 0.15], [1, 2, "trunk", 0.12], [16, 17, "trunk", 0.07],
  [16, 18, "left_upper_arm", 0.06], [17, 19, "right_upper_arm", 0.06],
  [18, 20, "left_lower_arm", 0.05], [19, 21, "right_lower_arm", 0.05],
  [20, 28, "left_hand", 0.05], [21, 43, "right_hand", 0.05],
  [1, 4, "left_leg", 0.1], [4, 7, "left_leg", 0.07], [7, 10, "left_leg", 0.06],
  [2, 5, "right_leg", 0.1], [5, 8, "right_leg", 0.07], [8, 11, "right_leg", 0.06],
];
const NEAR = 1.3; // a click this many radii off the middle of a limb still means it

function project(m, joints, j) {
  const x = joints[3 * j];
  const y = joints[3 * j + 1];
  const z = joints[3 * j + 2];
  const w = m[3] * x + m[7] * y + m[11] * z + m[15];
  return [(m[0] * x + m[4] * y + m[8] * z + m[12]) / w, (m[1] * x + m[5] * y + m[9] * z + m[13]) / w, w];
}

/**
 * @param {Float32Array} viewProjection column-major 4×4
 * @param {Float32Array} joints three numbers for each joint
 * @param {[number, number]} at the click, −1 to 1 to the right and up
 * @param {number} aspect width by height of the canvas
 * @param {number} focal 1 / tan of half the vertical field of view
 * @returns {string|null} name of the region
 */
export function pickRegion(viewProjection, joints, at, aspect, focal) {
  let best = null;
  let nearest = Infinity;
  for (const [from, to, region, radius_m] of LIMBS) {
    const a = project(viewProjection, joints, from);
    const b = project(viewProjection, joints, to);
    const along = [(b[0] - a[0]) * aspect, b[1] - a[1]];
    const click = [(at[0] - a[0]) * aspect, at[1] - a[1]];
    const length = along[0] ** 2 + along[1] ** 2;
    const t = length > 0 ? Math.min(1, Math.max(0, (click[0] * along[0] + click[1] * along[1]) / length)) : 0;
    const off = Math.hypot(click[0] - t * along[0], click[1] - t * along[1]);
    const depth = a[2] + t * (b[2] - a[2]);
    const radii = (off * depth) / (radius_m * focal); // off its middle
    const surface = depth - radius_m * Math.sqrt(Math.max(0, 1 - radii * radii));
    if (depth > 0 && radii < NEAR && surface < nearest) {
      nearest = surface;
      best = region;
    }
  }
  return best;
}
