// The curve of one angle over time, with the bands behind it in which its points stay the same. Hatched where the worker
// was not seen; dotted where only what the angle needs was not.

import { angleValues, indexAt, LONGEST_BRIDGE_S } from "./data.js";
import { dots, hatch } from "./hatching.js";
import { RISK } from "./risk.js";
import { columnRanges, columnSteps, NONE, stretches, timeToX } from "./timeline_math.js";

/** What is known of an angle at a sample; NONE where the worker was not seen. */
export const HIDDEN = 0;
export const KNOWN = 1;

const MARGIN_DEG = 5;
const EDGE_LABEL_PX = 12;

/** Lowest and highest degree of the lane: all that was measured, and the first edges on both sides of it. */
export function curveRange(values, bands) {
  let low = 0;
  let high = 30;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const edge = bands.map((band) => band.end).find((end) => end > high);
  if (edge !== undefined && edge - high < 30 && edge < 180) high = edge;
  return [low - MARGIN_DEG, high + MARGIN_DEG];
}

/** KNOWN, HIDDEN or NONE for every sample; what the curve leads over counts as known. */
export function curveStates(times, values, valid) {
  const states = Uint8Array.from(values, (value, i) => (Number.isNaN(value) ? (valid[i] ? HIDDEN : NONE) : KNOWN));
  let before = -1;
  for (let i = 0; i < states.length; i++) {
    if (states[i] !== KNOWN) continue;
    if (before >= 0 && times[i] - times[before] <= LONGEST_BRIDGE_S) states.fill(KNOWN, before, i);
    before = i;
  }
  return states;
}

/**
 * Draw a story's curve into a box {left, top, width, height} of the canvas.
 * @param theme colours of the page
 */
export function drawCurve(context, data, story, box, span, theme, ratio) {
  const { left, top, width, height } = box;
  const values = angleValues(data, story.column);
  const [low, high] = curveRange(values, story.bands);
  const y = (value) => top + height - ((value - low) / (high - low)) * height;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = theme.lane;
  context.fillRect(left, top, width, height);
  for (const band of story.bands) {
    if (band.end <= low || band.start >= high) continue;
    const upper = Math.max(top, y(band.end));
    const lower = Math.min(top + height, y(band.start));
    context.globalAlpha = band.step ? 0.3 : 0.14;
    context.fillStyle = RISK[band.step].color;
    context.fillRect(left, upper, width, lower - upper);
    context.globalAlpha = 1;
    context.fillStyle = theme.hatch;
    context.fillRect(left, Math.round(lower), width, 1);
  }
  drawUnknown(context, data, values, box, span, theme, ratio);
  drawLine(context, data, values, y, box, span, theme, ratio);
  context.restore();
  drawEdges(context, story, y, [low, high], box, theme);
}

function drawUnknown(context, data, values, { left, top, width, height }, span, theme, ratio) {
  const { timestamps_s: times, valid } = data.arrays;
  const states = columnSteps(times, curveStates(times, values, valid), span, Math.max(1, Math.round(width * ratio)));
  stretches(states, { left, width }, (state, x, w) => {
    if (state === KNOWN) return;
    if (state === HIDDEN) return dots(context, x, top, w, height, theme.muted);
    context.fillStyle = theme.lane; // no angle, and no score that a band could stand for
    context.fillRect(x, top, w, height);
    hatch(context, x, top, w, height, theme.hatch);
  });
}

function drawLine(context, data, values, y, { left, width }, span, theme, ratio) {
  const count = Math.max(1, Math.round(width * ratio));
  const times = data.arrays.timestamps_s;
  context.beginPath();
  if (indexAt(times, span.to_s) - indexAt(times, span.from_s) < count) tracePoints(context, times, values, y, left, width, span);
  else traceRanges(context, columnRanges(times, values, span, count), y, left, width, count);
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.stroke();
}

// Fewer samples than pixels: from sample to sample, never over a gap.
function tracePoints(context, times, values, y, left, width, span) {
  const last = Math.min(times.length - 1, indexAt(times, span.to_s) + 1);
  let before = -1;
  for (let i = indexAt(times, span.from_s); i <= last; i++) {
    if (Number.isNaN(values[i])) continue;
    const x = timeToX(times[i], span, left, width);
    if (before >= 0 && times[i] - times[before] <= LONGEST_BRIDGE_S) context.lineTo(x, y(values[i]));
    else context.moveTo(x, y(values[i]));
    before = i;
  }
}

// More samples than pixels: all that lies under a column.
function traceRanges(context, ranges, y, left, width, count) {
  let open = false;
  for (let x = 0; x < count; x++) {
    const least = ranges[2 * x];
    const most = ranges[2 * x + 1];
    if (Number.isNaN(least)) {
      open = false;
      continue;
    }
    const at = left + ((x + 0.5) / count) * width;
    if (open) context.lineTo(at, y(most));
    else context.moveTo(at, y(most));
    if (most > least) context.lineTo(at, y(least));
    open = true;
  }
}

// The edges in degrees, left of the lane; those that would lie on each other are left out.
function drawEdges(context, story, y, [low, high], { left, top, height }, theme) {
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  let last = Infinity;
  const edges = story.bands.length ? story.bands.map((band) => band.start) : [0, 30, 60, 90, 120];
  for (const edge of edges) {
    const at = y(edge);
    if (edge <= low || edge >= high || last - at < EDGE_LABEL_PX || at < top + 4 || at > top + height - 2) continue;
    context.fillText(`${edge < 0 ? "−" : ""}${Math.abs(edge)}°`, left - 6, at);
    last = at;
  }
  context.textAlign = "left";
}
