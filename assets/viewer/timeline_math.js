// The arithmetic of the timeline: time to pixels and back, round ticks, and scores as one step a pixel column.

import { indexAt, LONGEST_BRIDGE_S } from "./data.js";

export const NONE = 255;

export function timeToX(time_s, duration_s, left, width) {
  return left + (duration_s > 0 ? time_s / duration_s : 0) * width;
}

export function xToTime(x, duration_s, left, width) {
  return Math.min(duration_s, Math.max(0, ((x - left) / Math.max(1, width)) * duration_s));
}

/** Seconds between ticks: the smallest round number that leaves `room` pixels between labels. */
export function tickStep(duration_s, width, room = 64) {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const wanted = (duration_s * room) / Math.max(1, width);
  return steps.find((step) => step >= wanted) ?? steps.at(-1);
}

/** "4.25 s", "1:04.2", "1:02:03": as exact as `digits` asks for. */
export function formatTime(time_s, digits = 2) {
  if (time_s < 60) return `${time_s.toFixed(digits)} s`;
  const scale = 10 ** digits;
  const rounded = Math.round(time_s * scale) / scale;
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor((rounded % 3600) / 60);
  const seconds = (rounded % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * The highest risk step under each pixel column, NONE where nothing was assessed. A sample holds until the
 * next one, but never longer than a gap.
 * @param {ArrayLike<number>} steps risk step of each sample, NONE where not assessed
 */
export function columnSteps(times, steps, duration_s, width) {
  const columns = new Uint8Array(width).fill(NONE);
  if (times.length === 0 || duration_s <= 0) return columns;
  const perColumn = duration_s / width;
  for (let x = 0; x < width; x++) {
    const from = x * perColumn;
    const to = from + perColumn;
    let highest = NONE;
    for (let i = indexAt(times, from); i < times.length && times[i] < to; i++) {
      const end = Math.min(times[i + 1] ?? times[i] + LONGEST_BRIDGE_S, times[i] + LONGEST_BRIDGE_S);
      if (end <= from || steps[i] === NONE) continue;
      if (highest === NONE || steps[i] > highest) highest = steps[i];
    }
    columns[x] = highest;
  }
  return columns;
}

/** The moment after (direction 1) or before (−1) a time, or null. Moments must be sorted by time_s. */
export function neighbourMoment(moments, time_s, direction) {
  const near = 0.02;
  if (direction > 0) return moments.find((moment) => moment.time_s > time_s + near) ?? null;
  return moments.findLast((moment) => moment.time_s < time_s - near) ?? null;
}
