// The arithmetic of the timeline: time to pixels and back, round ticks, and scores as one step a pixel column.

import { indexAt, LONGEST_BRIDGE_S } from "./data.js";

export const NONE = 255;

const SHORTEST_SPAN_S = 0.5;

/** The part of the film that the timeline shows. */
export class Span {
  constructor(duration_s) {
    this.duration_s = duration_s;
    this.whole();
  }

  get length_s() {
    return this.to_s - this.from_s;
  }

  get zoomed() {
    return this.length_s < this.duration_s - 1e-6;
  }

  whole() {
    this.from_s = 0;
    this.to_s = this.duration_s;
  }

  /** Make it `factor` times as long, with `at_s` staying where it is. */
  zoom(factor, at_s) {
    const length = Math.min(this.duration_s, Math.max(Math.min(SHORTEST_SPAN_S, this.duration_s), this.length_s * factor));
    const share = this.length_s > 0 ? (at_s - this.from_s) / this.length_s : 0;
    this.#place(at_s - share * length, length);
  }

  pan(by_s) {
    this.#place(this.from_s + by_s, this.length_s);
  }

  /** Turn the page when a time has run out of sight; tells whether it had to. */
  reveal(time_s) {
    if (time_s >= this.from_s && time_s <= this.to_s) return false;
    this.#place(time_s - 0.1 * this.length_s, this.length_s);
    return true;
  }

  #place(from_s, length_s) {
    this.from_s = Math.min(this.duration_s - length_s, Math.max(0, from_s));
    this.to_s = this.from_s + length_s;
  }
}

export function timeToX(time_s, span, left, width) {
  return left + (span.length_s > 0 ? (time_s - span.from_s) / span.length_s : 0) * width;
}

export function xToTime(x, span, left, width) {
  const time_s = span.from_s + ((x - left) / Math.max(1, width)) * span.length_s;
  return Math.min(span.to_s, Math.max(span.from_s, time_s));
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
 * The highest risk step under each pixel column of a span, NONE where nothing was assessed. A sample holds until the
 * next one, but never longer than a gap.
 * @param {ArrayLike<number>} steps risk step of each sample, NONE where not assessed
 */
export function columnSteps(times, steps, span, width) {
  const columns = new Uint8Array(width).fill(NONE);
  eachSample(times, span, width, (x, i) => {
    if (steps[i] !== NONE && (columns[x] === NONE || steps[i] > columns[x])) columns[x] = steps[i];
  });
  return columns;
}

/** Lowest and highest value under each pixel column of a span, as pairs; NaN where there is none. */
export function columnRanges(times, values, span, width) {
  const ranges = new Float32Array(2 * width).fill(Number.NaN);
  eachSample(times, span, width, (x, i) => {
    if (Number.isNaN(values[i])) return;
    if (!(ranges[2 * x] <= values[i])) ranges[2 * x] = values[i];
    if (!(ranges[2 * x + 1] >= values[i])) ranges[2 * x + 1] = values[i];
  });
  return ranges;
}

/** Call `use(x, i)` for every sample i that holds under pixel column x. */
function eachSample(times, span, width, use) {
  if (times.length === 0 || span.length_s <= 0) return;
  const perColumn = span.length_s / width;
  for (let x = 0; x < width; x++) {
    const from = span.from_s + x * perColumn;
    const to = from + perColumn;
    for (let i = indexAt(times, from); i < times.length && times[i] < to; i++) {
      if (Math.min(times[i + 1] ?? times[i] + LONGEST_BRIDGE_S, times[i] + LONGEST_BRIDGE_S) > from) use(x, i);
    }
  }
}

/** Call `draw(step, x, width)` for every stretch of equal steps of columns that fill {left, width}. */
export function stretches(steps, { left, width }, draw) {
  for (let start = 0; start < steps.length; ) {
    let end = start + 1;
    while (end < steps.length && steps[end] === steps[start]) end++;
    draw(steps[start], left + (start / steps.length) * width, ((end - start) / steps.length) * width);
    start = end;
  }
}

/** The moment after (direction 1) or before (−1) a time, or null. Moments must be sorted by time_s. */
export function neighbourMoment(moments, time_s, direction) {
  const near = 0.02;
  if (direction > 0) return moments.find((moment) => moment.time_s > time_s + near) ?? null;
  return moments.findLast((moment) => moment.time_s < time_s - near) ?? null;
}
