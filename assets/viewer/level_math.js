// The level of a camera: up in its frame from pitch and roll, and the lines that show it in the picture.
// Camera frame: X right, Y down, Z away. Pitch is positive looking down, roll turned clockwise.

const RAD = Math.PI / 180;

/** Up in camera coordinates. */
export function upFromTilt(pitch_deg, roll_deg) {
  const p = pitch_deg * RAD;
  const r = roll_deg * RAD;
  return [Math.sin(r) * Math.cos(p), -Math.cos(r) * Math.cos(p), -Math.sin(p)];
}

/** The inverse of upFromTilt: [pitch_deg, roll_deg]. */
export function tiltFromUp([x, y, z]) {
  const length = Math.hypot(x, y, z);
  return [Math.asin(Math.min(1, Math.max(-1, -z / length))) / RAD, Math.atan2(x, -y) / RAD];
}

/** `up` turned by row `frame` of `turns` (R_ref_cam, 9 numbers a frame), back with `inverse`; no turns, no change. */
export function turned(turns, frame, up, inverse = false) {
  if (!turns) return up;
  const at = (row, column) => turns[9 * frame + 3 * row + column];
  return [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, j) => sum + (inverse ? at(j, i) : at(i, j)) * up[j], 0));
}

/**
 * The line of the horizon as two points in pixels from the picture's middle, long enough for any picture; null when the
 * camera looks straight up or down.
 */
export function horizon([x, y, z], focal_px, reach_px) {
  const flat = Math.hypot(x, y);
  if (flat < 1e-3) return null;
  const middle = [(-z * focal_px * x) / (flat * flat), (-z * focal_px * y) / (flat * flat)];
  const along = [-y / flat, x / flat];
  return [
    [middle[0] - reach_px * along[0], middle[1] - reach_px * along[1]],
    [middle[0] + reach_px * along[0], middle[1] + reach_px * along[1]],
  ];
}

/** A plumb line through a point (pixels from the middle): its other end, `length_px` down; null at the nadir itself. */
export function plumb([x, y, z], focal_px, from, length_px) {
  // The picture of a step down (−up) from the ray through the point, without its part along that ray.
  const dx = -x * focal_px + z * from[0];
  const dy = -y * focal_px + z * from[1];
  const size = Math.hypot(dx, dy);
  return size < 1e-6 ? null : [from[0] + (length_px * dx) / size, from[1] + (length_px * dy) / size];
}

/** New pitch and roll after a drag from one point to another (pixels from the middle); its ends turn the roll. */
export function dragged([pitch_deg, roll_deg], focal_px, from, to, halfWidth_px) {
  const atEnd = Math.abs(from[0]) > 0.5 * halfWidth_px;
  if (!atEnd) return clamped(pitch_deg - Math.atan((to[1] - from[1]) / focal_px) / RAD, roll_deg);
  let turn = Math.atan2(to[1], to[0]) - Math.atan2(from[1], from[0]);
  turn = Math.atan2(Math.sin(turn), Math.cos(turn));
  return clamped(pitch_deg, roll_deg + turn / RAD);
}

/** Pitch and roll kept within what the analysis takes. */
export function clamped(pitch_deg, roll_deg) {
  const roll = ((((roll_deg + 180) % 360) + 360) % 360) - 180;
  return [Math.min(89, Math.max(-89, pitch_deg)), roll];
}
