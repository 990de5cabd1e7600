// The film from left to right on a canvas: lanes of risk, the curve of an angle with its bands, worst moments as
// triangles. It is a slider: pointer and keys choose the time; zoomed in, a bar below tells which part is shown.

import { drawCurve } from "./curve.js";
import { angleAt, methodWords, nearestIndex, scoreAt, WHOLE_BODY } from "./data.js";
import { pixelRatio } from "./element.js";
import { Hover } from "./hover.js";
import { drawAfter, drawLane, LANE_PX, makeLane } from "./lanes.js";
import { angleText, scoreWords } from "./now_panel.js";
import { NOT_ASSESSED, NOT_SEEN } from "./risk.js";
import { formatTime, Span, tickStep, timeToX, xToTime } from "./timeline_math.js";
import { attachTimelinePointer } from "./timeline_pointer.js";

const LANE_GAP_PX = 6;
const MARKER_PX = 18;
const CURVE_PX = 96;
const AXIS_PX = 24;
const OVERVIEW_PX = 8;
const EDGE_PX = 8;
const LABEL_PX = { wide: 104, narrow: 68 };
const NARROW_PX = 560;

export class Timeline {
  #canvas;
  #context;
  #hoverBox;
  #still = document.createElement("canvas");
  #data;
  #clock;
  #theme;
  #lanes;
  #moments;
  #stillValid = false;
  #request = 0;
  #hover = null;
  #detach;
  #observer;
  #ghosts = null;
  #story = null;
  #onSpan;
  selecting = false; // dragging chooses a stretch, as it does with shift

  /** `onSpan` is told when another part of the film is shown. */
  constructor(canvas, readout, data, clock, moments, theme, onSpan = () => {}) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#hoverBox = new Hover(readout);
    this.#data = data;
    this.#clock = clock;
    this.#theme = theme;
    this.#moments = moments;
    this.#onSpan = onSpan;
    this.span = new Span(clock.duration_s);
    this.#lanes = data.meta.methods.flatMap((method) => method.sides.map((side) => makeLane(data, method, side)));
    canvas.style.height = `${this.#height()}px`;
    this.#observer = new ResizeObserver(() => this.redraw());
    this.#observer.observe(canvas);
    this.#detach = attachTimelinePointer(canvas, this.#pointed());
    this.redraw();
  }

  /** Take the pictures under the pointer from this film. */
  setFilm(source) {
    this.#hoverBox.setFilm(source);
  }

  /** Draw everything anew, with other colours if given. */
  redraw(theme = this.#theme) {
    this.#theme = theme;
    this.#stillValid = false;
    this.invalidate();
  }

  /** Draw a line where the scores of other inputs would be; null for none. */
  setAfter(file) {
    this.#ghosts = file && this.#lanes.map(({ method, side }) => makeLane(file, method, side).steps);
    this.redraw();
  }

  /** Draw the curve of an angle, as `storyOf` gives it. */
  setStory(story) {
    this.#story = story;
    this.redraw();
  }

  /** Show a part of the film `factor` times as long around a time; 0 shows all of it. */
  zoom(factor, at_s = this.#clock.time_s) {
    if (factor === 0) this.span.whole();
    else this.span.zoom(factor, Math.min(this.span.to_s, Math.max(this.span.from_s, at_s)));
    this.#onSpan();
    this.redraw();
  }

  /** Turn to the part of the film in which the clock stands. */
  reveal() {
    if (this.span.reveal(this.#clock.time_s)) this.redraw();
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
    this.#detach();
    this.#hoverBox.destroy();
    this.#observer.disconnect();
  }

  // -- places ------------------------------------------------------------------------------------------------------

  #lanesBottom() {
    return MARKER_PX + this.#lanes.length * (LANE_PX + LANE_GAP_PX);
  }

  #axisTop() {
    return this.#lanesBottom() + CURVE_PX + LANE_GAP_PX;
  }

  #height() {
    return this.#axisTop() + AXIS_PX + OVERVIEW_PX;
  }

  #left() {
    return this.#canvas.clientWidth < NARROW_PX ? LABEL_PX.narrow : LABEL_PX.wide;
  }

  #width() {
    return Math.max(1, this.#canvas.clientWidth - this.#left() - EDGE_PX);
  }

  #x(time_s) {
    return timeToX(time_s, this.span, this.#left(), this.#width());
  }

  #inSight(time_s) {
    return time_s >= this.span.from_s - 1e-6 && time_s <= this.span.to_s + 1e-6;
  }

  #momentAt(x, y) {
    if (y > MARKER_PX + 4) return null;
    let best = null;
    for (const moment of this.#moments) {
      const away = Math.abs(this.#x(moment.time_s) - x);
      if (away < 10 && (best === null || away < Math.abs(this.#x(best.time_s) - x))) best = moment;
    }
    return best;
  }

  #pointed() {
    return {
      timeOf: (x) => xToTime(x, this.span, this.#left(), this.#width()),
      momentAt: (x, y) => this.#momentAt(x, y),
      onAxis: (y) => this.span.zoomed && y > this.#axisTop(),
      selects: () => this.selecting,
      seek: (time_s) => this.#clock.seek(time_s),
      choose: (range) => this.#clock.setRange(range),
      hover: (place) => {
        this.#hover = place;
        this.invalidate();
      },
      zoom: (factor, time_s) => this.zoom(factor, time_s),
      pan: (px) => {
        this.span.pan((px / this.#width()) * this.span.length_s);
        this.#onSpan();
        this.redraw();
      },
    };
  }

  // -- drawing -----------------------------------------------------------------------------------------------------

  #frame = () => {
    this.#request = 0;
    const ratio = pixelRatio();
    const width = this.#canvas.clientWidth;
    const height = this.#height();
    if (width === 0) return;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#stillValid = false;
    }
    if (this.#clock.playing && this.span.reveal(this.#clock.time_s)) this.#stillValid = false;
    if (!this.#stillValid) this.#drawStill(ratio);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.drawImage(this.#still, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawRange(context);
    this.#drawHover(context);
    this.#drawPlayhead(context);
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
    const view = { left: this.#left(), width: this.#width(), ratio, span: this.span, theme: this.#theme };
    const times = this.#data.arrays.timestamps_s;
    this.#lanes.forEach((lane, index) => {
      const top = MARKER_PX + index * (LANE_PX + LANE_GAP_PX);
      context.fillStyle = this.#theme.muted;
      context.fillText(this.#laneWords(lane), 0, top + LANE_PX / 2);
      drawLane(context, times, lane, top, view);
      if (this.#ghosts) drawAfter(context, times, this.#ghosts[index], top, view);
    });
    if (this.#story) this.#drawStory(context, view);
    context.fillStyle = this.#theme.ink;
    for (const { time_s } of this.#moments) if (this.#inSight(time_s)) triangle(context, this.#x(time_s), MARKER_PX - 3, 5);
    this.#drawOverview(context);
    this.#stillValid = true;
  }

  #laneWords(lane) {
    const narrow = this.#canvas.clientWidth < NARROW_PX;
    return methodWords(lane.method, narrow && lane.side !== WHOLE_BODY ? lane.side[0].toUpperCase() : lane.side);
  }

  #drawStory(context, view) {
    const top = this.#lanesBottom();
    const box = { left: view.left, top, width: view.width, height: CURVE_PX };
    drawCurve(context, this.#data, this.#story, box, this.span, this.#theme, view.ratio);
    if (view.left < LABEL_PX.wide) return this.#labelInside(context, box);
    context.fillStyle = this.#theme.muted;
    wrapped(context, this.#story.angle.label, view.left - 36).forEach((line, i) => context.fillText(line, 0, top + 8 + 15 * i));
  }

  // Where there is no room beside the lane.
  #labelInside(context, { left, top }) {
    const text = this.#story.angle.label;
    context.fillStyle = this.#theme.veil;
    context.fillRect(left + 4, top + 4, context.measureText(text).width + 8, 18);
    context.fillStyle = this.#theme.ink;
    context.fillText(text, left + 8, top + 13);
  }

  #drawAxis(context) {
    const { from_s, to_s, length_s } = this.span;
    const step = tickStep(length_s, this.#width());
    const bottom = this.#axisTop();
    const digits = step < 1 ? 1 : 0;
    context.textAlign = "center";
    for (let i = Math.ceil(from_s / step - 1e-6); i * step <= to_s + 1e-6; i++) {
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

  // Zoomed in: which part of the film is shown.
  #drawOverview(context) {
    if (!this.span.zoomed) return;
    const top = this.#height() - OVERVIEW_PX + 2;
    const scale = this.#width() / this.span.duration_s;
    context.fillStyle = this.#theme.line;
    context.fillRect(this.#left(), top, this.#width(), 4);
    context.fillStyle = this.#theme.accent;
    context.fillRect(this.#left() + scale * this.span.from_s, top, Math.max(4, scale * this.span.length_s), 4);
  }

  #drawRange(context) {
    const range = this.#clock.range;
    if (!range) return;
    const from = Math.max(this.#left(), this.#x(range[0]));
    const to = Math.min(this.#left() + this.#width(), this.#x(range[1]));
    context.fillStyle = this.#theme.range;
    if (to > from) context.fillRect(from, 0, to - from, this.#axisTop() + 2);
  }

  #drawHover(context) {
    if (!this.#hover) {
      this.#hoverBox.hide();
      return;
    }
    const moment = this.#momentAt(this.#hover.x, this.#hover.y);
    const time_s = moment ? moment.time_s : xToTime(this.#hover.x, this.span, this.#left(), this.#width());
    const x = this.#x(time_s);
    context.fillStyle = this.#theme.muted;
    context.fillRect(Math.round(x), MARKER_PX - 2, 1, this.#axisTop() - MARKER_PX + 4);
    const text = moment ? this.#momentText(moment) : this.#hoverText(time_s);
    this.#hoverBox.show(text, time_s, x, this.#canvas.clientWidth);
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
    if (this.#story) {
      const value = angleAt(this.#data, this.#story.column, frame);
      lines.push(`${this.#story.angle.label} ${value === null ? NOT_SEEN : angleText(value, this.#story.angle.unit)}`);
    }
    return lines.join("\n");
  }

  #drawPlayhead(context) {
    if (!this.#inSight(this.#clock.time_s)) return;
    const x = Math.round(this.#x(this.#clock.time_s));
    context.fillStyle = this.#theme.accent;
    context.fillRect(x - 1, MARKER_PX - 4, 2, this.#axisTop() - MARKER_PX + 8);
    context.beginPath();
    context.arc(x, this.#axisTop() + 4, 4.5, 0, 2 * Math.PI);
    context.fill();
  }

  #describe() {
    const time = this.#clock.time_s;
    this.#canvas.setAttribute("aria-valuemax", this.#clock.duration_s.toFixed(2));
    this.#canvas.setAttribute("aria-valuenow", time.toFixed(2));
    this.#canvas.setAttribute("aria-valuetext", formatTime(time));
  }
}

/** Words in lines no wider than `width` (a longer word stands alone). */
function wrapped(context, text, width) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function triangle(context, x, bottom, half) {
  context.beginPath();
  context.moveTo(x, bottom - 1.6 * half);
  context.lineTo(x + half, bottom);
  context.lineTo(x - half, bottom);
  context.fill();
}
