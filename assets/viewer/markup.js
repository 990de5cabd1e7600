// The stage's elements, made once. No text of the result passes through here: that is set as text, never HTML.

import { element } from "./element.js";
import { RISK, squares } from "./risk.js";

const GLASS = "M10 3a7 7 0 1 0 4.200 12.600l5.100 5.100 1.400-1.400-5.100-5.100A7 7 0 0 0 10 3zm0 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10z";

const ICONS = {
  zoomIn: `${GLASS}M9 7h2v2h2v2h-2v2H9v-2H7V9h2z`,
  zoomOut: `${GLASS}M7 9h6v2H7z`,
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z",
  frameBack: "M15.5 5v14L6.5 12zM18 5h1.8v14H18z",
  frameOn: "M8.5 5v14l9-7zM4.2 5H6v14H4.2z",
  peakBack: "M14 5l1.4 1.4L9.8 12l5.6 5.6L14 19l-7-7zM4.6 5h1.8v14H4.6z",
  peakOn: "M10 5L8.6 6.4 14.2 12l-5.6 5.6L10 19l7-7zM17.6 5h1.8v14h-1.8z",
  loop: "M7 7h9.2l-2-2L15.600 3.600 20 8l-4.400 4.400-1.400-1.400 2-2H7a2 2 0 0 0-2 2v1.500H3V11a4 4 0 0 1 4-4zM17 17H7.800l2 2-1.400 1.400L4 16l4.400-4.400 1.400 1.400-2 2H17a2 2 0 0 0 2-2v-1.500h2V13a4 4 0 0 1-4 4z",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 1.800a7.200 7.200 0 1 1 0 14.400 7.200 7.200 0 0 1 0-14.400zm-.9 10.700h1.800v1.800h-1.800zm.9-8.500c-1.900 0-3.200 1.200-3.300 2.900h1.800c.1-.8.600-1.300 1.500-1.300.8 0 1.400.5 1.400 1.200 0 .6-.3.900-1 1.400-.9.600-1.300 1.100-1.300 2.200v.5h1.800v-.3c0-.6.200-.9 1-1.400.9-.6 1.400-1.300 1.400-2.400C15.300 8.100 13.900 7 12 7z",
};

/** Put another icon on a button. */
export function setIcon(button, name) {
  button.querySelector("path").setAttribute("d", ICONS[name]);
}

function iconButton(name, label, key) {
  const button = element("button", "ev-button");
  button.type = "button";
  button.title = `${label} (${key})`;
  button.setAttribute("aria-label", label);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  button.append(svg);
  return button;
}

/** A row of buttons of which one is pressed. */
export function choice(label, options, pick) {
  const group = element("div", "ev-choice");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  const buttons = new Map();
  for (const [value, text, hint] of options) {
    const button = element("button", "", text);
    button.type = "button";
    if (hint) button.title = hint;
    button.addEventListener("click", () => pick(value));
    buttons.set(value, button);
    group.append(button);
  }
  const set = (value) => {
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === value));
  };
  return { group, set, buttons };
}

function legend() {
  const list = element("ul", "ev-legend");
  list.setAttribute("aria-label", "Risk scale");
  for (const risk of RISK) {
    const entry = element("li");
    const swatch = element("span", "ev-squares", squares(risk.step));
    swatch.dataset.step = String(risk.step);
    swatch.setAttribute("aria-hidden", "true");
    entry.append(swatch, element("span", "", risk.word));
    list.append(entry);
  }
  return list;
}

const KEYS = [
  ["Space", "play or pause"],
  ["← →", "one frame back, on"],
  ["Shift + ← →", "one second back, on"],
  ["J  K", "worst moment before, after"],
  ["1  2  3  4", "view from front, side, top, camera"],
  ["+  −", "closer, farther"],
  ["Alt + arrows", "turn the body"],
  ["F  T  G", "follow the body, the way of the hands, keep this moment as a ghost"],
  ["I  O  0", "timeline: zoom in, out, the whole film (also pinch, or wheel after a click)"],
  ["L", "loop"],
  ["Shift + drag on the timeline", "loop a stretch; shift + click plays all"],
  ["Click on the body", "the angle of that part, its bands and share of time"],
  ["?", "this list"],
];

function helpDialog() {
  const dialog = element("dialog", "ev-help");
  dialog.setAttribute("aria-label", "Keys");
  const list = element("dl");
  for (const [keys, what] of KEYS) {
    const term = element("dt");
    term.append(element("kbd", "", keys));
    list.append(term, element("dd", "", what));
  }
  const form = element("form");
  form.method = "dialog";
  form.append(element("button", "ev-text-button", "Close"));
  dialog.append(element("h3", "", "Keys"), list, form);
  return dialog;
}

function videoFigure() {
  const figure = element("figure", "ev-video");
  const video = element("video");
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  video.tabIndex = -1;
  video.setAttribute("aria-label", "The video");
  const [skeleton, videoBody] = ["ev-skeleton", "ev-video-body"].map((name) => {
    const canvas = element("canvas", `ev-overlay ${name}`);
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  });
  const note = element("figcaption", "ev-note");
  note.hidden = true;
  const level = element("button", "ev-chip", "Level");
  level.type = "button";
  level.title = "Show horizon and plumb lines over the video; drag them where they do not fit the room";
  level.setAttribute("aria-pressed", "false");
  const corner = element("div", "ev-corner");
  corner.append(level);
  figure.append(video, skeleton, videoBody, corner, note);
  return { figure, videoFigure: figure, video, overlays: { skeleton, body: videoBody, corner }, videoNote: note, levelButton: level };
}

function bodyFigure() {
  const figure = element("figure", "ev-body");
  const canvas = element("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The body in 3D, parts painted by their risk");
  canvas.title = "Drag turns, shift + drag moves, a click on a part shows its angle";
  const note = element("figcaption", "ev-note");
  note.hidden = true;
  const corner = element("div", "ev-corner");
  const tools = element("div", "ev-tools");
  const scale = element("span", "ev-scale", "grid 1 m · arrow: gravity");
  figure.append(canvas, corner, tools, scale, note);
  return { figure, canvas, bodyNote: note, viewCorner: corner, bodyTools: tools };
}

function transport() {
  const bar = element("div", "ev-transport");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Playback");
  const buttons = {
    peakBack: iconButton("peakBack", "Worst moment before", "J"),
    frameBack: iconButton("frameBack", "One frame back", "←"),
    play: iconButton("play", "Play", "space"),
    frameOn: iconButton("frameOn", "One frame on", "→"),
    peakOn: iconButton("peakOn", "Worst moment after", "K"),
    loop: iconButton("loop", "Loop", "shift + drag on the timeline loops a stretch"),
    zoomOut: iconButton("zoomOut", "Show more of the film", "O"),
    zoomIn: iconButton("zoomIn", "Zoom into the timeline", "I"),
    help: iconButton("help", "Keys", "?"),
  };
  buttons.play.classList.add("ev-play");
  buttons.loop.setAttribute("aria-pressed", "false");
  const time = element("span", "ev-time");
  const now = element("span", "ev-time-now");
  const total = element("span", "ev-time-total");
  time.append(now, total);
  const speed = element("select", "ev-speed");
  speed.setAttribute("aria-label", "Speed");
  for (const rate of [0.25, 0.5, 1, 2]) {
    const option = element("option", "", `${rate}×`);
    option.value = String(rate);
    option.selected = rate === 1;
    speed.append(option);
  }
  const { peakBack, frameBack, play, frameOn, peakOn, zoomOut, zoomIn, loop, help } = buttons;
  bar.append(peakBack, frameBack, play, frameOn, peakOn, time, element("span", "ev-space"), zoomOut, zoomIn, speed, loop, help);
  return { bar, buttons, speed, timeNow: now, timeTotal: total };
}

const TIMELINE_KEY = [
  ["moment", "worst moment"],
  ["possible", "as high as the unknowns allow"],
  ["unseen", "not seen or not assessed"],
  ["hidden", "only this part not seen"],
];

function timelineKey() {
  const list = element("ul", "ev-key");
  list.setAttribute("aria-label", "Signs in the timeline");
  for (const [kind, words] of TIMELINE_KEY) {
    const sign = element("i", `ev-sign-${kind}`, kind === "moment" ? "▲" : "");
    sign.setAttribute("aria-hidden", "true");
    const entry = element("li");
    entry.append(sign, words);
    list.append(entry);
  }
  return list;
}

function timelineBox() {
  const box = element("div", "ev-timeline");
  const canvas = element("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-label", "Time, with the risk of each method and side");
  canvas.setAttribute("aria-valuemin", "0");
  canvas.setAttribute("aria-valuenow", "0");
  const readout = element("div", "ev-readout");
  readout.hidden = true;
  box.append(canvas, readout, timelineKey());
  return { box, timeline: canvas, readout };
}

/** Build the stage inside `root` (emptied first) and return its parts by name. */
export function buildStage(root) {
  const video = videoFigure();
  const body = bodyFigure();
  const controls = transport();
  const time = timelineBox();
  const header = element("header", "ev-header");
  const title = element("h2", "ev-title");
  const choices = element("div", "ev-choices");
  header.append(title, choices, legend());
  const whatIf = element("section", "ev-whatif");
  whatIf.hidden = true;
  const story = element("section", "ev-story");
  const heat = element("section", "ev-heat-root");
  heat.setAttribute("aria-label", "Strain by part of the body");
  const now = element("section", "ev-now");
  now.setAttribute("aria-label", "Scores at this moment");
  const help = helpDialog();
  const live = element("div", "ev-live");
  live.setAttribute("aria-live", "polite");
  const message = element("div", "ev-message");
  message.setAttribute("role", "status");
  const grid = element("div", "ev-grid");
  grid.append(header, video.figure, body.figure, now, controls.bar, time.box, story, heat, whatIf, message);
  root.replaceChildren(grid, help, live);
  return { root, title, choices, now, whatIf, story, heat, help, live, message, ...video, ...body, ...controls, ...time };
}
