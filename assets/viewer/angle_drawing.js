// What each angle means, drawn: the segment that is measured, what it is measured against (dashed), and the arc between.

const SVG = "http://www.w3.org/2000/svg";
const ARC = 13;

// For each angle (without its side): `still` lines around it, `head` if shown, the `pivot`, the far end of the `zero`
// direction and of the measured `part`. 64 × 64; seen from the side unless `from` says otherwise.
const DRAWINGS = {
  trunk_flexion: { still: [[22, 60, 22, 40]], head: [46, 10], pivot: [22, 40], zero: [22, 10], part: [40, 17] },
  trunk_inclination: { still: [[22, 60, 22, 40]], head: [46, 10], pivot: [22, 40], zero: [22, 10], part: [40, 17] },
  trunk_side_bend: { from: "from behind", still: [[26, 60, 28, 42], [40, 60, 38, 42]], head: [48, 11], pivot: [33, 42], zero: [33, 10], part: [43, 18] },
  trunk_twist: { from: "from above", still: [[12, 44, 52, 44]], head: [32, 32], pivot: [32, 32], zero: [58, 32], part: [54, 18] },
  neck_flexion: { still: [[26, 60, 28, 34]], head: [44, 14], pivot: [28, 34], zero: [30, 6], part: [40, 18] },
  head_inclination: { still: [[20, 60, 26, 34]], head: [44, 16], pivot: [26, 34], zero: [26, 6], part: [40, 19] },
  neck_side_bend: { from: "from behind", still: [[32, 60, 32, 38], [16, 40, 48, 40]], head: [44, 14], pivot: [32, 36], zero: [32, 6], part: [41, 19] },
  neck_twist: { from: "from above", still: [[8, 32, 56, 32]], head: [32, 32], pivot: [32, 32], zero: [32, 6], part: [20, 9] },
  shoulder_flexion: { still: [[26, 20, 24, 58]], head: [29, 9], pivot: [26, 20], zero: [24, 54], part: [54, 34] },
  shoulder_abduction: { from: "from the front", still: [[24, 58, 24, 20], [40, 58, 40, 20], [24, 20, 40, 20]], head: [32, 9], pivot: [40, 20], zero: [40, 54], part: [60, 40] },
  shoulder_elevation: { still: [[26, 20, 24, 58]], head: [29, 9], pivot: [26, 20], zero: [24, 54], part: [54, 34] },
  arm_elevation_gravity: { still: [[34, 20, 20, 56]], head: [42, 10], pivot: [34, 20], zero: [34, 56], part: [60, 38] },
  elbow_flexion: { still: [[20, 8, 22, 36]], pivot: [22, 36], zero: [24, 62], part: [50, 46] },
  wrist_flexion: { still: [[6, 32, 36, 32]], pivot: [36, 32], zero: [60, 32], part: [54, 48] },
  wrist_deviation: { from: "from above the hand", still: [[6, 32, 36, 32]], pivot: [36, 32], zero: [60, 32], part: [56, 44] },
  forearm_rotation: { from: "along the forearm", still: [], head: [32, 32], pivot: [32, 32], zero: [32, 6], part: [52, 14] },
  hip_flexion: { still: [[28, 8, 26, 34]], pivot: [26, 34], zero: [24, 60], part: [54, 38] },
  knee_flexion: { still: [[34, 6, 38, 32]], pivot: [38, 32], zero: [42, 60], part: [20, 52] },
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

/** A drawing of an angle's definition as an SVG element, or null for one that has none (distances). */
export function drawAngle(id, label) {
  const drawing = DRAWINGS[baseAngle(id)];
  if (!drawing) return null;
  const svg = node("svg", { viewBox: "0 0 64 64", class: "ev-angle", role: "img", "aria-label": `${label}, seen ${drawing.from ?? "from the side"}` });
  for (const [x1, y1, x2, y2] of drawing.still) svg.append(line([x1, y1], [x2, y2], "still"));
  if (drawing.head) svg.append(node("circle", { cx: drawing.head[0], cy: drawing.head[1], r: 6, class: "head" }));
  svg.append(line(drawing.pivot, drawing.zero, "zero"), line(drawing.pivot, drawing.part, "part"));
  svg.append(node("path", { d: arcPath(drawing.pivot, drawing.zero, drawing.part), class: "arc" }));
  return svg;
}
