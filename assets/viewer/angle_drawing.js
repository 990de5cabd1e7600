// What each angle means, drawn: the segment that is measured, what it is measured against (dashed), and the arc between.

const SVG = "http://www.w3.org/2000/svg";
const ARC = 13;

// One entry an angle (without its side): `of` is measured against `to`; `still` lines around it, `head` if shown, the
// `pivot`, the far end of the `zero` direction and of the measured `part`. Distances have a `gap` from the zero line to the
// part instead. 64 × 64; seen from the side unless `from` says otherwise.
const DRAWINGS = {
  trunk_flexion: { of: "the line from hips to shoulders", to: "the vertical", still: [[22, 60, 22, 40]], head: [46, 10], pivot: [22, 40], zero: [22, 10], part: [40, 17] },
  trunk_inclination: { of: "the line from hips to shoulders", to: "the vertical", still: [[22, 60, 22, 40]], head: [46, 10], pivot: [22, 40], zero: [22, 10], part: [40, 17] },
  trunk_side_bend: { of: "the line from hips to shoulders", to: "the vertical", from: "from behind", still: [[26, 60, 28, 42], [40, 60, 38, 42]], head: [48, 11], pivot: [33, 42], zero: [33, 10], part: [43, 18] },
  trunk_twist: { of: "the line of the shoulders", to: "the line of the hips", from: "from above", still: [[12, 44, 52, 44]], head: [32, 32], pivot: [32, 32], zero: [58, 32], part: [54, 18] },
  neck_flexion: { of: "the head", to: "the trunk", still: [[26, 60, 28, 34]], head: [44, 14], pivot: [28, 34], zero: [30, 6], part: [40, 18] },
  head_inclination: { of: "the head", to: "the vertical", still: [[20, 60, 26, 34]], head: [44, 16], pivot: [26, 34], zero: [26, 6], part: [40, 19] },
  neck_side_bend: { of: "the head", to: "the trunk", from: "from behind", still: [[32, 60, 32, 38], [16, 40, 48, 40]], head: [44, 14], pivot: [32, 36], zero: [32, 6], part: [41, 19] },
  neck_twist: { of: "where the nose points", to: "straight ahead of the shoulders", from: "from above", still: [[8, 32, 56, 32]], head: [32, 32], pivot: [32, 32], zero: [32, 6], part: [20, 9] },
  shoulder_flexion: { of: "the upper arm", to: "the trunk, forward and back", still: [[26, 20, 24, 58]], head: [29, 9], pivot: [26, 20], zero: [24, 54], part: [54, 34] },
  shoulder_abduction: { of: "the upper arm", to: "the trunk, sideways", from: "from the front", still: [[24, 58, 24, 20], [40, 58, 40, 20], [24, 20, 40, 20]], head: [32, 9], pivot: [40, 20], zero: [40, 54], part: [60, 40] },
  shoulder_elevation: { of: "the upper arm", to: "the trunk", still: [[26, 20, 24, 58]], head: [29, 9], pivot: [26, 20], zero: [24, 54], part: [54, 34] },
  arm_elevation_gravity: { of: "the upper arm", to: "the vertical", still: [[34, 20, 20, 56]], head: [42, 10], pivot: [34, 20], zero: [34, 56], part: [60, 38] },
  shoulder_raised_cm: { of: "the shoulder", to: "its height at rest", from: "from behind", still: [[32, 60, 32, 24], [14, 30, 32, 26]], head: [32, 13], pivot: [32, 26], zero: [50, 30], part: [50, 18], gap: [[54, 30], [54, 18]] },
  elbow_flexion: { of: "the forearm", to: "the upper arm, straightened", still: [[20, 8, 22, 36]], pivot: [22, 36], zero: [24, 62], part: [50, 46] },
  wrist_flexion: { of: "the hand", to: "the forearm", still: [[6, 32, 36, 32]], pivot: [36, 32], zero: [60, 32], part: [54, 48] },
  wrist_deviation: { of: "the hand", to: "the forearm", from: "from above the hand", still: [[6, 32, 36, 32]], pivot: [36, 32], zero: [60, 32], part: [56, 44] },
  forearm_rotation: { of: "the thumb", to: "pointing up", from: "along the forearm", still: [], head: [32, 32], pivot: [32, 32], zero: [32, 6], part: [52, 14] },
  hip_flexion: { of: "the thigh", to: "the trunk, straightened", still: [[28, 8, 26, 34]], pivot: [26, 34], zero: [24, 60], part: [54, 38] },
  knee_flexion: { of: "the lower leg", to: "the thigh, straightened", still: [[34, 6, 38, 32]], pivot: [38, 32], zero: [42, 60], part: [20, 52] },
  hand_across_cm: { of: "the wrist", to: "the middle plane of the body", from: "from above", still: [[14, 24, 50, 24]], head: [32, 24], pivot: [50, 24], zero: [32, 58], zeroFrom: [32, 8], part: [20, 46], gap: [[32, 46], [20, 46]] },
  hand_out_cm: { of: "the wrist", to: "the plane through the shoulder", from: "from the front", still: [[14, 20, 40, 20], [27, 20, 27, 58]], head: [27, 9], pivot: [40, 20], zero: [40, 58], part: [58, 48], gap: [[40, 48], [58, 48]] },
};

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function line([x1, y1], [x2, y2], className) {
  return node("path", { d: `M${x1} ${y1}L${x2} ${y2}`, class: className });
}

/** The path of the arc from one direction to another around a pivot, the short way. */
export function arcPath(pivot, zero, part, radius = ARC) {
  const towards = ([x, y]) => Math.atan2(y - pivot[1], x - pivot[0]);
  const from = towards(zero);
  const turn = Math.atan2(Math.sin(towards(part) - from), Math.cos(towards(part) - from));
  const at = (angle) => [pivot[0] + radius * Math.cos(angle), pivot[1] + radius * Math.sin(angle)].map((v) => v.toFixed(1)).join(" ");
  return `M${at(from)}A${radius} ${radius} 0 0 ${turn > 0 ? 1 : 0} ${at(from + turn)}`;
}

/** The name of an angle without its side. */
export function baseAngle(id) {
  return id.replace(/^(left|right)_/, "");
}

/** What an angle is measured between, where from, and its zero and sign: one sentence; `angle` as the result lists it. */
export function angleSentence({ id, zero, positive }) {
  const drawing = DRAWINGS[baseAngle(id)];
  const words = [drawing && `${drawing.of[0].toUpperCase()}${drawing.of.slice(1)} against ${drawing.to}`];
  const sign = positive === "any direction" ? "whichever way" : positive && `plus is ${positive}`;
  words.push(zero && `0 is ${zero}`, sign);
  return `${words.filter(Boolean).join("; ")}.`;
}

/** A drawing of an angle's definition as an SVG element, or null for one that has none. */
export function drawAngle(id, label) {
  const drawing = DRAWINGS[baseAngle(id)];
  if (!drawing) return null;
  const svg = node("svg", { viewBox: "0 0 64 64", class: "ev-angle", role: "img", "aria-label": `${label}, seen ${drawing.from ?? "from the side"}` });
  for (const [x1, y1, x2, y2] of drawing.still) svg.append(line([x1, y1], [x2, y2], "still"));
  if (drawing.head) svg.append(node("circle", { cx: drawing.head[0], cy: drawing.head[1], r: 6, class: "head" }));
  svg.append(line(drawing.zeroFrom ?? drawing.pivot, drawing.zero, "zero"), line(drawing.pivot, drawing.part, "part"));
  const measured = drawing.gap ? line(...drawing.gap, "arc") : node("path", { d: arcPath(drawing.pivot, drawing.zero, drawing.part), class: "arc" });
  svg.append(measured);
  return svg;
}

/** The names of all angles that have a drawing. */
export const DRAWN = Object.freeze(Object.keys(DRAWINGS));
