// The one risk scale of the page: five steps, each with a colour, a word and a number of filled squares.
// The hues run along blue–yellow with falling lightness at the top, so the order survives every common
// colour-vision deficiency; the word and the squares carry it without any colour. frame.css repeats the
// colours as --ergo-risk-N (a test keeps both equal).

export const RISK = Object.freeze([
  Object.freeze({ step: 0, color: "#a9bac5", word: "negligible", tint: 0 }),
  Object.freeze({ step: 1, color: "#3b8eae", word: "low", tint: 0.44 }),
  Object.freeze({ step: 2, color: "#e9bd45", word: "medium", tint: 0.6 }),
  Object.freeze({ step: 3, color: "#db7a2b", word: "high", tint: 0.68 }),
  Object.freeze({ step: 4, color: "#a3234b", word: "very high", tint: 0.76 }),
]);

export const NOT_SEEN = "not seen";
export const NOT_ASSESSED = "not assessed";

const MAX_STEP = RISK.length - 1;

/** Filled and empty squares of a step: ■■■□ for step 3. */
export function squares(step) {
  return "■".repeat(step) + "□".repeat(MAX_STEP - step);
}

/** "#rrggbb" as three numbers 0–1 written into out at offset. */
export function hexToRgb(hex, out, offset = 0) {
  const value = Number.parseInt(hex.slice(1), 16);
  out[offset] = (value >> 16) / 255;
  out[offset + 1] = ((value >> 8) & 255) / 255;
  out[offset + 2] = (value & 255) / 255;
  return out;
}

/** The colours of the steps as three numbers 0–1 each. */
export const RISK_RGB = Object.freeze(RISK.map((risk) => hexToRgb(risk.color, new Float32Array(3))));

/** Step 0–4 of a method's own level (RULA counts 1–4, REBA 0–4); undefined levels give step 0. */
export function stepOfLevel(method, level) {
  for (const entry of method.levels) if (entry.level === level) return entry.step;
  return 0;
}

/** Risk step of a method's total. */
export function stepOfTotal(method, total) {
  for (const entry of method.levels) if (total >= entry.min && total <= entry.max) return entry.step;
  return 0;
}

/** The method's own word for a level. */
export function wordOfLevel(method, level) {
  for (const entry of method.levels) if (entry.level === level) return entry.label;
  return "";
}

/**
 * Risk step of an item's points: its own where its points are codes or zones, else a step for each point above the
 * least, squeezed if there are more than four.
 */
export function stepOfPoints(item, points) {
  if (item.steps?.length) return item.steps[points - item.min] ?? 0;
  const above = Math.max(0, points - item.min);
  return Math.min(MAX_STEP, Math.floor((MAX_STEP * above) / Math.max(MAX_STEP, item.max - item.min) + 0.5));
}
