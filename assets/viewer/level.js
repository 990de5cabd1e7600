// Horizon and plumb lines over the video, to be compared with the room and turned by hand or by keys.

import { clamped, dragged, horizon, plumb, tiltFromUp, turned, upFromTilt } from "./level_math.js";
import { fittedBox } from "./overlay.js";
import { element } from "./element.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP_DEG = 0.5;
const BIG_STEP_DEG = 5;
const PLUMBS = [-0.38, 0, 0.38]; // of the picture's width, from its middle
const SOURCES = {
  user: "set by hand", lines: "from the room's edges", body: "from the body", prior: "a guess",
};

const degrees = (value) => `${Math.abs(value) < 0.05 ? "0.0" : value.toFixed(1).replace("-", "−")}°`;

export class Level {
  #figure;
  #data;
  #box = { left: 0, top: 0, width: 0, height: 0 };
  #frame = 0;
  #drag = null;
  #lines = new Map();
  #observer;

  /** `use` is called with (pitch_deg, roll_deg) when the reader wants them used; without it they are only shown. */
  constructor(figure, data, use) {
    this.#figure = figure;
    this.#data = data;
    const { pitch_deg, roll_deg } = data.meta.gravity;
    this.found = [pitch_deg, roll_deg];
    this.tilt = [...this.found];
    this.#build(use);
    this.#observer = new ResizeObserver(() => this.draw(this.#frame));
    this.#observer.observe(figure);
  }

  get visible() {
    return !this.handle.hidden;
  }

  show(visible) {
    this.handle.hidden = !visible;
    this.panel.hidden = !visible;
    this.svg.toggleAttribute("hidden", !visible);
    if (visible) this.draw(this.#frame);
  }

  destroy() {
    this.#observer.disconnect();
    for (const node of [this.svg, this.handle, this.panel]) node.remove();
  }

  #build(use) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "ev-level");
    this.svg.setAttribute("aria-hidden", "true");
    for (const name of ["horizon", ...PLUMBS.keys()]) {
      const group = document.createElementNS(SVG, "g");
      for (const kind of ["under", "over"]) {
        const line = document.createElementNS(SVG, "line");
        line.setAttribute("class", `ev-level-${kind}`);
        group.append(line);
      }
      this.#lines.set(name, group);
      this.svg.append(group);
    }
    this.handle = element("div", "ev-level-handle");
    this.handle.tabIndex = 0;
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", "Level of the camera: arrows up and down pitch it, left and right roll it");
    this.handle.setAttribute("aria-valuemin", "-89");
    this.handle.setAttribute("aria-valuemax", "89");
    this.panel = element("div", "ev-level-panel");
    this.readout = element("span", "ev-level-readout");
    this.use = element("button", "ev-chip", "Use this level");
    this.use.type = "button";
    this.use.hidden = !use;
    this.use.addEventListener("click", () => use?.(...this.tilt));
    this.reset = element("button", "ev-chip", "Reset");
    this.reset.type = "button";
    this.reset.addEventListener("click", () => this.#set(this.found));
    this.panel.append(this.readout, this.use, this.reset);
    this.handle.addEventListener("pointerdown", (event) => this.#grab(event));
    this.handle.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) this.handle.addEventListener(end, () => (this.#drag = null));
    this.handle.addEventListener("keydown", (event) => this.#key(event));
    this.#figure.append(this.svg, this.handle, this.panel);
    this.show(false);
  }

  /** Draw the lines as the camera stood in sample `frame`. */
  draw(frame) {
    this.#frame = frame;
    if (!this.visible) return;
    const { width_px, height_px } = this.#data.meta.video;
    const { clientWidth, clientHeight } = this.#figure;
    const { left, top, width, height } = fittedBox(clientWidth, clientHeight, width_px, height_px, this.#box);
    this.svg.setAttribute("viewBox", `${-width / 2} ${-height / 2} ${width} ${height}`);
    for (const node of [this.svg, this.handle]) {
      Object.assign(node.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    }
    const up = this.#upHere();
    const focal = this.#focal();
    this.#place("horizon", horizon(up, focal, 2 * (width + height)));
    PLUMBS.forEach((share, index) => {
      const from = [share * width, 0];
      const down = plumb(up, focal, from, 0.42 * height);
      const above = plumb(up, focal, from, -0.42 * height);
      this.#place(index, down && above ? [above, down] : null);
    });
    this.#say();
  }

  #place(name, ends) {
    for (const line of this.#lines.get(name).children) {
      line.toggleAttribute("hidden", !ends);
      if (!ends) continue;
      ["x1", "y1", "x2", "y2"].forEach((key, index) => line.setAttribute(key, ends.flat()[index].toFixed(2)));
    }
  }

  #say() {
    const { sd_deg, source } = this.#data.meta.gravity;
    const [pitch, roll] = this.tilt;
    const moved = this.#changed();
    const words = moved ? "set by hand" : `${SOURCES[source] ?? "estimated"}, ±${sd_deg.toFixed(1)}°`;
    const text = `pitch ${degrees(pitch)}, roll ${degrees(roll)}`;
    this.readout.textContent = `${text} · ${words}`;
    this.handle.setAttribute("aria-valuenow", pitch.toFixed(1));
    this.handle.setAttribute("aria-valuetext", text);
    this.use.disabled = !moved;
    this.reset.disabled = !moved;
  }

  #changed() {
    return this.tilt.some((value, index) => Math.abs(value - this.found[index]) > 0.05);
  }

  #set(tilt) {
    this.tilt = [...tilt];
    this.draw(this.#frame);
  }

  // What the reader turns is the camera as it stands now; what is kept is the camera of the first frame.
  #upHere() {
    return turned(this.#data.arrays.camera_turn, this.#frame, upFromTilt(...this.tilt), true);
  }

  #setHere([pitch, roll]) {
    const up = turned(this.#data.arrays.camera_turn, this.#frame, upFromTilt(...clamped(pitch, roll)));
    this.#set(tiltFromUp(up));
  }

  #focal() {
    return (this.#data.meta.gravity.focal_px * this.#box.width) / this.#data.meta.video.width_px;
  }

  #point(event) {
    const bounds = this.handle.getBoundingClientRect();
    return [event.clientX - bounds.left - bounds.width / 2, event.clientY - bounds.top - bounds.height / 2];
  }

  #grab(event) {
    if (event.button !== 0) return;
    this.handle.setPointerCapture(event.pointerId);
    this.#drag = { from: this.#point(event), tilt: tiltFromUp(this.#upHere()) };
  }

  #move(event) {
    if (!this.#drag) return;
    const { from, tilt } = this.#drag;
    this.#setHere(dragged(tilt, this.#focal(), from, this.#point(event), this.#box.width / 2));
  }

  #key(event) {
    const arrow = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the stage's own arrows step through time
    const step = event.shiftKey ? BIG_STEP_DEG : STEP_DEG;
    const [pitch, roll] = tiltFromUp(this.#upHere());
    this.#setHere([pitch + step * arrow[0], roll + step * arrow[1]]);
  }
}
