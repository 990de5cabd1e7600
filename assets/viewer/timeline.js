// Lanes of risk over time on a canvas: one lane for each method and side, colour and height by risk step, a
// thin line where unknowns could lift it, gaps hatched, worst moments as triangles. It is a slider: pointer and
// keys choose the time.

import { methodWords, nearestIndex, scoreAt, WHOLE_BODY } from "./data.js";
import { scoreWords } from "./now_panel.js";
import { NOT_ASSESSED, RISK, stepOfLevel, stepOfTotal } from "./risk.js";
import { columnSteps, formatTime, NONE, tickStep, timeToX, xToTime } from "./timeline_math.js";

const LANE_PX = 26;
const LANE_GAP_PX = 6;
const MARKER_PX = 18;
const AXIS_PX = 24;
const EDGE_PX = 8;
const LABEL_PX = { wide: 104, narrow: 68 };
const NARROW_PX = 560;
const DRAG_PX = 6;
const POSSIBLE_PX = 1.5;

export class Timeline {
  #canvas;
  #context;
  #readout;
  #still = document.createElement("canvas");
  #data;
  #clock;
  #theme;
  #lanes;
  #moments;
  #stillValid = false;
  #request = 0;
  #hover = null;
  #drag = null;
  #abort = new AbortController();
  #observer;
  #ghosts = null;
  selecting = false; // dragging chooses a stretch, as it does with shift

  constructor(canvas, readout, data, clock, moments, theme) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#readout = readout;
    this.#data = data;
    this.#clock = clock;
    this.#theme = theme;
    this.#moments = moments;
    this.#lanes = data.meta.methods.flatMap((method) => method.sides.map((side) => this.#lane(method, side)));
    canvas.style.height = `${this.#height()}px`;
    this.#observer = new ResizeObserver(() => this.redraw());
    this.#observer.observe(canvas);
    this.#listen();
    this.redraw();
  }

  /** Draw everything anew, with other colours if given. */
  redraw(theme = this.#theme) {
    this.#theme = theme;
    this.#stillValid = false;
    this.invalidate();
  }

  /** Draw a line where the scores of other inputs would be; null for none. */
  setAfter(file) {
    this.#ghosts = file && this.#lanes.map(({ method, side }) => this.#lane(method, side, file).steps);
    this.redraw();
  }

  invalidate() {
    this.#request ||= requestAnimationFrame(this.#frame);
  }

  /** Draw at once what is waiting to be drawn. */
  flush() {
    cancelAnimationFrame(this.#request);
    this.#frame();
  }

  destroy() {
    cancelAnimationFrame(this.#request);
    this.#abort.abort();
    this.#observer.disconnect();
  }

  #lane(method, side, data = this.#data) {
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

  #height() {
    return MARKER_PX + this.#lanes.length * (LANE_PX + LANE_GAP_PX) + AXIS_PX;
  }

  #left() {
    return this.#canvas.clientWidth < NARROW_PX ? LABEL_PX.narrow : LABEL_PX.wide;
  }

  #width() {
    return Math.max(1, this.#canvas.clientWidth - this.#left() - EDGE_PX);
  }

  #x(time_s) {
    return timeToX(time_s, this.#clock.duration_s, this.#left(), this.#width());
  }

  #timeOf(event) {
    const x = event.clientX - this.#canvas.getBoundingClientRect().left;
    return xToTime(x, this.#clock.duration_s, this.#left(), this.#width());
  }

  #momentAt(event) {
    const box = this.#canvas.getBoundingClientRect();
    if (event.clientY - box.top > MARKER_PX + 4) return null;
    const x = event.clientX - box.left;
    let best = null;
    for (const moment of this.#moments) {
      const away = Math.abs(this.#x(moment.time_s) - x);
      if (away < 10 && (best === null || away < Math.abs(this.#x(best.time_s) - x))) best = moment;
    }
    return best;
  }

  #listen() {
    const canvas = this.#canvas;
    const on = (type, listener) => canvas.addEventListener(type, listener, { signal: this.#abort.signal });
    on("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      const moment = this.#momentAt(event);
      const time_s = moment ? moment.time_s : this.#timeOf(event);
      const loop = event.shiftKey || this.selecting;
      this.#drag = { x: event.clientX, time_s, loop, moment };
      if (!loop) this.#clock.seek(time_s);
    });
    on("pointermove", (event) => {
      this.#hover = { time_s: this.#timeOf(event), moment: this.#momentAt(event) };
      if (this.#drag && Math.abs(event.clientX - this.#drag.x) > DRAG_PX) this.#drag.moment = null;
      if (this.#drag && !this.#drag.moment) {
        if (this.#drag.loop) this.#clock.setRange(order(this.#drag.time_s, this.#hover.time_s));
        else this.#clock.seek(this.#hover.time_s);
      }
      this.invalidate();
    });
    on("pointerup", (event) => {
      const drag = this.#drag;
      this.#drag = null;
      if (drag?.loop && Math.abs(event.clientX - drag.x) <= DRAG_PX) this.#clock.setRange(null);
    });
    on("pointercancel", () => (this.#drag = null));
    on("pointerleave", () => {
      this.#hover = null;
      this.invalidate();
    });
  }

  #frame = () => {
    this.#request = 0;
    const ratio = Math.min(2.5, window.devicePixelRatio || 1);
    const width = this.#canvas.clientWidth;
    const height = this.#height();
    if (width === 0) return;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#stillValid = false;
    }
    if (!this.#stillValid) this.#drawStill(ratio);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.drawImage(this.#still, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawRange(context, height);
    this.#drawHover(context, height);
    this.#drawPlayhead(context, height);
    this.#describe();
  };

  #drawStill(ratio) {
    this.#still.width = this.#canvas.width;
    this.#still.height = this.#canvas.height;
    const context = this.#still.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = `12px ${this.#theme.font}`;
    context.textBaseline = "middle";
    this.#drawAxis(context);
    const narrow = this.#canvas.clientWidth < NARROW_PX;
    this.#lanes.forEach((lane, index) => {
      const top = MARKER_PX + index * (LANE_PX + LANE_GAP_PX);
      context.fillStyle = this.#theme.muted;
      const side = narrow && lane.side !== WHOLE_BODY ? lane.side[0].toUpperCase() : lane.side;
      context.fillText(methodWords(lane.method, side), 0, top + LANE_PX / 2);
      this.#drawLane(context, lane, top, ratio);
      if (this.#ghosts) this.#drawGhost(context, this.#ghosts[index], top, ratio);
    });
    context.fillStyle = this.#theme.ink;
    for (const moment of this.#moments) triangle(context, this.#x(moment.time_s), MARKER_PX - 3, 5);
    this.#stillValid = true;
  }

  #drawLane(context, lane, top, ratio) {
    const left = this.#left();
    const width = this.#width();
    context.fillStyle = this.#theme.lane;
    context.fillRect(left, top, width, LANE_PX);
    const count = Math.max(1, Math.round(width * ratio));
    const columns = (steps) => columnSteps(this.#data.arrays.timestamps_s, steps, this.#clock.duration_s, count);
    // a thin line tells how high the unknowns could lift the score
    context.fillStyle = this.#theme.hatch;
    this.#bands(columns(lane.possible), (step, x, w) => {
      if (step !== NONE) context.fillRect(x, top + LANE_PX - bandHeight(step), w, POSSIBLE_PX);
    });
    this.#bands(columns(lane.steps), (step, x, w) => {
      if (step === NONE) this.#hatch(context, x, top, w);
      else this.#band(context, step, x, top, w);
    });
  }

  // What it would be: what is above the line would go.
  #drawGhost(context, steps, top, ratio) {
    const count = Math.max(1, Math.round(this.#width() * ratio));
    const columns = columnSteps(this.#data.arrays.timestamps_s, steps, this.#clock.duration_s, count);
    this.#bands(columns, (step, x, w) => {
      if (step === NONE) return;
      const y = top + LANE_PX - bandHeight(step);
      context.fillStyle = this.#theme.veil;
      context.fillRect(x, top, w, y - top);
      context.fillStyle = this.#theme.ink;
      context.fillRect(x, y - 1, w, 2);
    });
  }

  /** Call `draw(step, x, width)` for every stretch of equal steps. */
  #bands(columns, draw) {
    const left = this.#left();
    const width = this.#width();
    for (let start = 0; start < columns.length; ) {
      let end = start + 1;
      while (end < columns.length && columns[end] === columns[start]) end++;
      draw(columns[start], left + (start / columns.length) * width, ((end - start) / columns.length) * width);
      start = end;
    }
  }

  #band(context, step, x, top, width) {
    const height = bandHeight(step);
    context.fillStyle = RISK[step].color;
    context.fillRect(x, top + LANE_PX - height, width, height);
  }

  #hatch(context, x, top, width) {
    context.save();
    context.beginPath();
    context.rect(x, top, width, LANE_PX);
    context.clip();
    context.strokeStyle = this.#theme.hatch;
    context.lineWidth = 1;
    context.beginPath();
    const first = Math.floor((x - LANE_PX) / 6) * 6;
    for (let at = first; at < x + width; at += 6) {
      context.moveTo(at, top + LANE_PX);
      context.lineTo(at + LANE_PX, top);
    }
    context.stroke();
    context.restore();
  }

  #drawAxis(context) {
    const duration = this.#clock.duration_s;
    const step = tickStep(duration, this.#width());
    const bottom = this.#height() - AXIS_PX;
    const digits = step < 1 ? 1 : 0;
    context.textAlign = "center";
    for (let i = 0; i * step <= duration + 1e-6; i++) {
      const x = Math.round(this.#x(i * step)) + 0.5;
      context.fillStyle = this.#theme.line;
      context.fillRect(x - 0.5, MARKER_PX - 2, 1, bottom - MARKER_PX + 4);
      context.fillStyle = this.#theme.muted;
      const label = formatTime(i * step, digits);
      const half = context.measureText(label).width / 2;
      context.fillText(label, Math.min(x, this.#canvas.clientWidth - half), bottom + 13);
    }
    context.textAlign = "left";
  }

  #drawRange(context, height) {
    const range = this.#clock.range;
    if (!range) return;
    context.fillStyle = this.#theme.range;
    context.fillRect(this.#x(range[0]), 0, this.#x(range[1]) - this.#x(range[0]), height - AXIS_PX + 2);
  }

  #drawHover(context, height) {
    if (!this.#hover || this.#drag) {
      this.#readout.hidden = true;
      return;
    }
    const moment = this.#hover.moment;
    const time_s = moment ? moment.time_s : this.#hover.time_s;
    const x = this.#x(time_s);
    context.fillStyle = this.#theme.muted;
    context.fillRect(Math.round(x), MARKER_PX - 2, 1, height - AXIS_PX - MARKER_PX + 4);
    this.#readout.hidden = false;
    this.#readout.textContent = moment ? this.#momentText(moment) : this.#hoverText(time_s);
    const half = this.#readout.offsetWidth / 2;
    const centre = Math.min(this.#canvas.clientWidth - half, Math.max(half, x));
    this.#readout.style.transform = `translate(${Math.round(centre - half)}px, calc(-100% - 4px))`;
  }

  #momentText(moment) {
    const method = this.#data.meta.methods.find((entry) => entry.id === moment.method);
    const head = `▲ ${formatTime(moment.time_s)} · ${method?.label ?? moment.method} ${moment.side ?? ""} ${moment.total}`;
    return moment.text ? `${head}\n${moment.text}` : head;
  }

  #hoverText(time_s) {
    const frame = nearestIndex(this.#data.arrays.timestamps_s, time_s);
    const lines = [formatTime(time_s)];
    for (const { method, side } of this.#lanes) {
      const score = scoreAt(this.#data, method.id, side, frame);
      lines.push(`${methodWords(method, side)} ${score ? scoreWords(method, score) : NOT_ASSESSED}`);
    }
    return lines.join("\n");
  }

  #drawPlayhead(context, height) {
    const x = Math.round(this.#x(this.#clock.time_s));
    context.fillStyle = this.#theme.accent;
    context.fillRect(x - 1, MARKER_PX - 4, 2, height - AXIS_PX - MARKER_PX + 8);
    context.beginPath();
    context.arc(x, height - AXIS_PX + 4, 4.5, 0, 2 * Math.PI);
    context.fill();
  }

  #describe() {
    const time = this.#clock.time_s;
    this.#canvas.setAttribute("aria-valuemax", this.#clock.duration_s.toFixed(2));
    this.#canvas.setAttribute("aria-valuenow", time.toFixed(2));
    this.#canvas.setAttribute("aria-valuetext", formatTime(time));
  }
}

function bandHeight(step) {
  return ((step + 1) / RISK.length) * LANE_PX;
}

function order(a, b) {
  return a < b ? [a, b] : [b, a];
}

function triangle(context, x, bottom, half) {
  context.beginPath();
  context.moveTo(x, bottom - 1.6 * half);
  context.lineTo(x + half, bottom);
  context.lineTo(x - half, bottom);
  context.fill();
}
