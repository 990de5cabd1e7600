// The stage: video, body, timeline and the scores of this moment on one clock.
//
//   const stage = mount(element, { data_url, video_url, title });
//   stage.destroy();
//
// `element.__ergo` tells tests where it is: {ready, time_s, frame, drawn, error, playing}.

import { bodyControls } from "./body_controls.js";
import { BodyRenderer } from "./body_renderer.js";
import { Clock } from "./clock.js";
import { isWholeBody, locate, methodWords, nearestIndex, regionSteps, resolveSide, scoreAt } from "./data.js";
import { element as make } from "./element.js";
import { HeatPanel } from "./heat_panel.js";
import { attachKeyboard } from "./keyboard.js";
import { Level } from "./level.js";
import { addStyle, download } from "./loading.js";
import { buildStage, choice, setIcon } from "./markup.js";
import { NowPanel, scoreWords } from "./now_panel.js";
import { NOT_ASSESSED } from "./risk.js";
import { REGIONS } from "./shaders.js";
import { Spoken } from "./spoken.js";
import { Stories } from "./stories.js";
import { StoryPanel } from "./story_panel.js";
import { readTheme, rgbOf, watchTheme } from "./theme.js";
import { Timeline } from "./timeline.js";
import { formatTime, neighbourMoment } from "./timeline_math.js";
import { VideoOverlay } from "./video_overlay.js";
import { WhatIfPanel } from "./whatif_panel.js";
import { WhatIf } from "./whatif_state.js";

const VIEWS = [["front", "Front", "1"], ["side", "Side", "2"], ["top", "Top", "3"], ["camera", "Camera", "4"]];
const SIDES = [["left", "Left"], ["right", "Right"], ["worst", "Worse", "the worse side of each moment"]];

/** One mounted result. */
class Stage {
  #abort = new AbortController();
  #cleanup = [];
  #place = { first: 0, second: 0, fraction: 0, nearest: 0, seen: false };
  #steps = new Uint8Array(REGIONS);
  #spoken;
  #shown = { frame: -1, method: null, side: null };

  constructor(root, config, state) {
    this.config = config;
    this.state = state;
    this.parts = buildStage(root);
    this.parts.title.textContent = config.title ?? "";
    this.parts.title.hidden = !config.title;
    this.side = "worst";
    this.#spoken = new Spoken(this.parts.live);
  }

  async start() {
    const { parts, config, state } = this;
    parts.message.textContent = "Loading the result…";
    parts.root.dataset.state = "loading";
    try {
      const [data] = await Promise.all([download(config.data_url, this.#abort.signal), addStyle()]);
      if (this.#abort.signal.aborted) return;
      this.data = data;
      this.#assemble();
      parts.message.textContent = "";
      parts.root.dataset.state = "ready";
      state.ready = true;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      state.error = error.message;
      parts.root.dataset.state = "error";
      parts.message.textContent = error.message;
      await addStyle();
    }
  }

  destroy() {
    this.#abort.abort();
    this.#spoken.stop();
    for (const undo of this.#cleanup.reverse()) undo();
    this.parts.video.removeAttribute("src");
    this.parts.video.load();
    this.parts.root.remove();
  }

  #assemble() {
    const { data, parts, config } = this;
    const times = data.arrays.timestamps_s;
    this.method = data.meta.methods[0];
    this.moments = [...(data.meta.moments ?? [])].sort((a, b) => a.time_s - b.time_s);
    const duration_s = data.meta.video.duration_s || times.at(-1) || 0;
    this.clock = new Clock(config.video_url ? parts.video : null, duration_s);
    this.#cleanup.push(() => this.clock.destroy());
    this.#makeBody();
    this.#makeChoices();
    this.overlay = new VideoOverlay(parts.overlays, data, (text) => this.#noteVideo(text));
    this.level = new Level(parts.videoFigure, data, config.job ? (pitch, roll) => this.#useLevel(pitch, roll) : null);
    this.#cleanup.push(() => this.level.destroy());
    this.now = new NowPanel(parts.now, data, (id) => this.pickMethod(id), (item, side) => this.stories.pickItem(item, side));
    const theme = readTheme(parts.root);
    this.timeline = new Timeline(parts.timeline, parts.readout, data, this.clock, this.moments, theme, () => this.#showZoom());
    this.#tellStories();
    this.#cleanup.push(() => this.overlay.destroy(), () => this.timeline.destroy());
    this.#cleanup.push(watchTheme(() => this.#applyTheme()));
    this.#applyTheme();
    this.#makeControls();
    this.#offerWhatIf();
    this.clock.subscribe((reason) => this.#onClock(reason));
    this.#startVideo();
    parts.timeTotal.textContent = ` / ${formatTime(duration_s, 1)}`;
    this.#refresh();
    this.#showState();
  }

  #tellStories() {
    const { parts, data } = this;
    const panel = new StoryPanel(parts.story, data);
    this.story = panel;
    const heat = new HeatPanel(parts.heat, data, (region) => {
      this.stories.pickRegion(region);
      parts.timeline.scrollIntoView({ block: "nearest" });
    });
    this.stories = new Stories(data, {
      heat: (method, side) => heat.update(method, side),
      region: (region) => heat.choose(region),
      story: (story) => {
        panel.setStory(story);
        panel.update(this.#place.nearest);
        this.timeline.setStory(story);
      },
    });
    this.stories.look(this.method, this.side);
    this.#cleanup.push(() => parts.heat.remove()); // it may stand elsewhere on the page
  }

  #showZoom() {
    const { zoomOut } = this.parts.buttons;
    zoomOut.disabled = !this.timeline.span.zoomed;
  }

  #startVideo() {
    const { parts, config, data } = this;
    const { width_px, height_px } = data.meta.video;
    parts.root.style.setProperty("--ergo-aspect", String(width_px / height_px));
    if (config.video_url) {
      parts.video.src = new URL(config.video_url, document.baseURI).href;
      if (matchMedia("(hover: hover)").matches) this.timeline.setFilm(parts.video.src);
    } else this.#noteVideo("There is no video with this result; body and scores play by themselves.");
  }

  #noteVideo(text) {
    this.parts.videoNote.textContent = text;
    this.parts.videoNote.hidden = text === "";
  }

  #makeBody() {
    const { parts, data } = this;
    const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
    try {
      this.renderer = new BodyRenderer(parts.canvas, {
        onDraw: () => (this.state.drawn += 1),
        onPick: (region) => this.stories.pickRegion(region),
        reducedMotion,
      });
      this.renderer.load(data);
      this.tools = bodyControls(parts.bodyTools, this.renderer, data, this.moments, () => this.clock.time_s);
      this.#cleanup.push(() => this.renderer?.destroy());
    } catch (error) {
      this.renderer = null;
      parts.canvas.hidden = parts.viewCorner.hidden = parts.bodyTools.hidden = true;
      parts.bodyNote.textContent = `${error.message} Video, scores and timeline work without it.`;
      parts.bodyNote.hidden = false;
    }
    const hasCamera = Boolean(data.meta.camera);
    const views = VIEWS.map(([name, text, key]) => [name, name === "camera" && !hasCamera ? "¾" : text, `key ${key}`]);
    this.views = choice("View", views, (name) => this.view(name));
    this.views.set("camera");
    parts.viewCorner.append(this.views.group);
  }

  #makeChoices() {
    const { methods } = this.data.meta;
    this.methodChoice = choice("Method", methods.map((m) => [m.id, m.label]), (id) => this.pickMethod(id));
    this.sideChoice = choice("Side", SIDES, (side) => this.pickSide(side));
    this.methodChoice.set(this.method.id);
    this.sideChoice.set(this.side);
    this.parts.choices.append(this.methodChoice.group, this.sideChoice.group);
    this.#offerSides();
  }

  #offerSides() {
    for (const button of this.sideChoice.buttons.values()) button.disabled = isWholeBody(this.method);
  }

  #makeControls() {
    const { parts, clock } = this;
    const on = (node, type, listener) => node.addEventListener(type, listener, { signal: this.#abort.signal });
    const { buttons } = parts;
    on(buttons.play, "click", () => clock.toggle());
    on(buttons.frameBack, "click", () => this.stepFrame(-1));
    on(buttons.frameOn, "click", () => this.stepFrame(1));
    on(buttons.peakBack, "click", () => this.toPeak(-1));
    on(buttons.peakOn, "click", () => this.toPeak(1));
    const loop = () => {
      clock.setLoop(!clock.loop);
      if (!clock.loop) clock.setRange(null);
    };
    on(buttons.loop, "click", loop);
    on(buttons.help, "click", () => parts.help.showModal());
    on(buttons.zoomIn, "click", () => this.timeline.zoom(0.5));
    on(buttons.zoomOut, "click", () => this.timeline.zoom(2));
    this.#showZoom();
    on(parts.speed, "change", () => clock.setRate(Number(parts.speed.value)));
    on(parts.video, "click", () => clock.toggle());
    on(parts.levelButton, "click", () => {
      this.level.show(!this.level.visible);
      parts.levelButton.setAttribute("aria-pressed", String(this.level.visible));
    });
    buttons.peakBack.disabled = buttons.peakOn.disabled = this.moments.length === 0;
    this.#cleanup.push(attachKeyboard(parts.root, {
      toggle: () => clock.toggle(),
      frame: (direction) => this.stepFrame(direction),
      second: (direction) => this.seek(clock.time_s + direction),
      peak: (direction) => this.toPeak(direction),
      goto: (time_s) => this.seek(time_s),
      view: (name) => this.view(name),
      turn: ([yaw, pitch]) => this.renderer?.orbit(yaw, pitch),
      zoom: (factor) => this.renderer?.zoomBy(factor),
      span: (factor) => this.timeline.zoom(factor),
      loop,
      follow: () => this.tools?.toggleFollow(),
      trail: () => this.tools?.toggleTrail(),
      ghost: () => this.tools?.pinGhost(),
      help: () => parts.help.showModal(),
    }));
  }

  /** Ask the page around to analyse again with this tilt. */
  #useLevel(pitch_deg, roll_deg) {
    const detail = { job: this.config.job, pitch_deg, roll_deg };
    this.parts.root.dispatchEvent(new CustomEvent("ergo:level", { detail, bubbles: true }));
  }

  #offerWhatIf() {
    const { config, parts } = this;
    if (!config.what_if || !config.rescore) return;
    const state = new WhatIf(config.rescore, config.job, config.what_if);
    const keep = (said) => {
      const detail = { job: config.job, ...said };
      parts.root.dispatchEvent(new CustomEvent("ergo:keep", { detail, bubbles: true }));
    };
    this.whatIf = new WhatIfPanel(parts.whatIf, this.data, this.clock, state, keep, (stretch) => {
      this.timeline.selecting = stretch;
    });
    this.#cleanup.push(state.subscribe(() => {
      this.now.setAfter(state.after);
      this.timeline.setAfter(state.after);
      if (!state.busy) tellPage(state.after && { before: state.seen.cards, after: state.after.cards });
    }), () => tellPage(null));
  }

  pickMethod(id) {
    this.method = this.data.meta.methods.find((method) => method.id === id);
    this.methodChoice.set(id);
    this.#offerSides();
    this.stories.look(this.method, this.side);
    this.#refresh();
  }

  pickSide(side) {
    this.side = side;
    this.sideChoice.set(side);
    this.stories.look(this.method, side);
    this.#refresh();
  }

  view(name) {
    this.views.set(name);
    this.renderer?.turnTo(name);
  }

  /** Pause at the sample before or after this moment's. */
  stepFrame(direction) {
    const times = this.data.arrays.timestamps_s;
    this.clock.pause();
    const next = nearestIndex(times, this.clock.time_s) + direction;
    this.seek(times[Math.min(times.length - 1, Math.max(0, next))]);
  }

  /** Pause at the worst moment before or after. */
  toPeak(direction) {
    const moment = neighbourMoment(this.moments, this.clock.time_s, direction);
    if (!moment) return;
    this.clock.pause();
    this.seek(moment.time_s);
  }

  /** Go to a time and turn the timeline to it. */
  seek(time_s) {
    this.clock.seek(time_s);
    this.timeline.reveal();
  }

  #onClock(reason) {
    if (reason === "time") this.#refresh();
    else this.#showState();
    if (reason === "error") {
      this.#noteVideo("The video cannot be played here; body and scores play by themselves. If this page was open for long, reload it.");
    }
    if (!this.clock.playing) this.#spoken.soon(() => this.#words());
  }

  #refresh() {
    const { data, clock, state } = this;
    const place = locate(data.arrays.timestamps_s, data.arrays.valid, clock.time_s, this.#place);
    const frame = place.nearest;
    const same = frame === this.#shown.frame && this.method === this.#shown.method && this.side === this.#shown.side;
    if (!same) {
      regionSteps(data, this.method, this.side, frame, this.#steps);
      this.renderer?.tint(this.#steps);
      this.now.update(frame, this.method, this.side);
      this.story.update(frame);
      this.whatIf?.update(frame, this.method, this.side);
      this.#shown = { frame, method: this.method, side: this.side };
      if (this.renderer) {
        this.parts.bodyNote.hidden = place.seen;
        this.parts.bodyNote.textContent = place.seen ? "" : "not seen";
      }
    }
    this.renderer?.show(place);
    this.overlay.draw(place, this.#steps);
    this.level.draw(frame);
    this.timeline.invalidate();
    this.parts.timeNow.textContent = formatTime(clock.time_s);
    state.time_s = clock.time_s;
    state.frame = frame;
  }

  #showState() {
    const { parts, clock, state } = this;
    const playing = clock.playing;
    state.playing = playing;
    setIcon(parts.buttons.play, playing ? "pause" : "play");
    parts.buttons.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    parts.buttons.loop.setAttribute("aria-pressed", String(clock.loop));
    this.whatIf?.showRange();
    this.timeline.invalidate();
  }

  #applyTheme() {
    const theme = readTheme(this.parts.root);
    this.renderer?.setInk(rgbOf(theme.ink));
    this.timeline.redraw(theme);
    if (!matchMedia("print").matches) return;
    this.timeline.flush(); // paper does not wait for the next frame
    this.renderer?.flush();
  }

  #words() {
    if (this.clock.playing) return null;
    const frame = this.#place.nearest;
    const side = resolveSide(this.data, this.method, this.side, frame);
    const score = scoreAt(this.data, this.method.id, side, frame);
    const verdict = score ? scoreWords(this.method, score) : NOT_ASSESSED;
    return `${formatTime(this.clock.time_s)}: ${methodWords(this.method, side)} ${verdict}`;
  }
}

/** Tell the page around what its cards would say with other inputs, null where none are tried. */
function tellPage(detail) {
  document.dispatchEvent(new CustomEvent("ergo:beside", { detail }));
}

/**
 * Show a result inside an element.
 * @param {HTMLElement} host
 * @param {{data_url: string, video_url?: string, title?: string}} config
 * @returns {{destroy: () => void, state: object, seek: (time_s: number) => void}}
 */
export function mount(host, config) {
  const state = { ready: false, time_s: 0, frame: 0, drawn: 0, playing: false, error: null };
  host.__ergo = state;
  const root = make("section", "ergo-viewer");
  root.tabIndex = -1;
  root.setAttribute("aria-label", "Video, body and scores");
  host.replaceChildren(root);
  const stage = new Stage(root, config, state);
  stage.start();
  return {
    state,
    heat: stage.parts.heat,
    seek: (time_s) => stage.timeline && stage.seek(time_s),
    destroy() {
      stage.destroy();
      if (host.__ergo === state) delete host.__ergo;
    },
  };
}
