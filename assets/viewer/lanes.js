// The lanes of risk: one for each method and side, colour and height by risk step, a thin line where unknowns could
// lift it, gaps hatched. Drawing only; `view` is {left, width, ratio, span, theme}.

import { hatch } from "./hatching.js";
import { RISK, stepOfLevel, stepOfTotal } from "./risk.js";
import { columnSteps, NONE, stretches } from "./timeline_math.js";

export const LANE_PX = 26;
const POSSIBLE_PX = 1.5;

/** The risk steps of a method and side over time, and those that the unknowns allow. */
export function makeLane(data, method, side) {
  const prefix = `${method.id}.${side}`;
  const total = data.arrays[`${prefix}.total`];
  const level = data.arrays[`${prefix}.level`];
  const high = data.arrays[`${prefix}.high`];
  const steps = new Uint8Array(total.length).fill(NONE);
  const possible = new Uint8Array(total.length).fill(NONE);
  for (let i = 0; i < total.length; i++) {
    if (total[i] === 0) continue;
    steps[i] = stepOfLevel(method, level[i]);
    possible[i] = stepOfTotal(method, high[i]);
  }
  return { method, side, steps, possible };
}

export function drawLane(context, times, lane, top, view) {
  context.fillStyle = view.theme.lane;
  context.fillRect(view.left, top, view.width, LANE_PX);
  // a thin line tells how high the unknowns could lift the score
  context.fillStyle = view.theme.muted;
  stretches(columns(times, lane.possible, view), view, (step, x, w) => {
    if (step !== NONE) context.fillRect(x, top + LANE_PX - bandHeight(step), w, POSSIBLE_PX);
  });
  stretches(columns(times, lane.steps, view), view, (step, x, w) => {
    if (step === NONE) hatch(context, x, top, w, LANE_PX, view.theme.hatch);
    else {
      context.fillStyle = RISK[step].color;
      context.fillRect(x, top + LANE_PX - bandHeight(step), w, bandHeight(step));
    }
  });
}

/** What it would be: what is above the line would go. */
export function drawAfter(context, times, steps, top, view) {
  stretches(columns(times, steps, view), view, (step, x, w) => {
    if (step === NONE) return;
    const y = top + LANE_PX - bandHeight(step);
    context.fillStyle = view.theme.veil;
    context.fillRect(x, top, w, y - top);
    context.fillStyle = view.theme.ink;
    context.fillRect(x, y - 1, w, 2);
  });
}

function columns(times, steps, view) {
  return columnSteps(times, steps, view.span, Math.max(1, Math.round(view.width * view.ratio)));
}

function bandHeight(step) {
  return ((step + 1) / RISK.length) * LANE_PX;
}
