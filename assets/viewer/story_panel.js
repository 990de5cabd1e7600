// One angle in words below its curve: what it measures, drawn, how it stands now, and how long it was in which band.

import { angleSentence, drawAngle } from "./angle_drawing.js";
import { angleAt } from "./data.js";
import { bandShares } from "./heat.js";
import { element } from "./element.js";
import { angleText, isZoned } from "./now_panel.js";
import { NOT_SEEN, squares } from "./risk.js";

const LEAST_SHARE = 0.005;

function degrees(value) {
  return `${value < 0 ? "−" : ""}${Math.abs(value)}°`;
}

/** "under −20°", "20–45°", "over 90°". */
export function bandWords(bands, at) {
  if (bands.length === 1) return "any angle";
  if (at === 0) return `under ${degrees(bands[0].end)}`;
  if (at === bands.length - 1) return `over ${degrees(bands[at].start)}`;
  return `${degrees(bands[at].start)} to ${degrees(bands[at].end)}`;
}

export class StoryPanel {
  #data;
  #story = null;
  #now;
  #root;
  #picture = element("div", "ev-story-picture");
  #words = element("div", "ev-story-words");

  constructor(root, data) {
    this.#data = data;
    this.#root = root;
    root.setAttribute("aria-label", "The angle of the curve");
    root.replaceChildren(this.#picture, this.#words);
  }

  /** Show a story, as `storyOf` gives it. */
  setStory(story) {
    this.#story = story;
    this.#root.hidden = story === null;
    if (!story) return;
    const { angle } = story;
    const drawing = drawAngle(angle.id, angle.label);
    this.#picture.replaceChildren(...(drawing ? [drawing] : []));
    this.#now = element("span", "ev-story-now");
    const head = element("h3", "ev-story-head");
    head.append(element("span", "", angle.label), this.#now);
    this.#words.replaceChildren(head, element("p", "ev-story-meaning", angleSentence(angle)), ...this.#bands());
  }

  /** Say how the angle stands at a sample. */
  update(frame) {
    if (!this.#story) return;
    const value = angleAt(this.#data, this.#story.column, frame);
    const text = value === null ? NOT_SEEN : angleText(value, this.#story.angle.unit);
    if (this.#now.textContent !== text) this.#now.textContent = text;
  }

  #bands() {
    const { bands, cause, method, item } = this.#story;
    const { shares, seen } = bandShares(this.#data, this.#story);
    if (bands.length === 0) return [element("p", "ev-story-meaning", `${method.label} has no bands for this angle alone.`)];
    const stack = element("div", "ev-stack");
    stack.setAttribute("aria-hidden", "true");
    const list = element("ul", "ev-story-bands");
    bands.forEach((band, at) => {
      if (shares[at] < LEAST_SHARE) return;
      const piece = element("span");
      piece.dataset.step = String(band.step);
      piece.style.flexBasis = `${100 * shares[at] * seen}%`;
      stack.append(piece);
      const entry = element("li");
      entry.dataset.step = String(band.step);
      const mark = element("span", "ev-squares", squares(band.step));
      mark.setAttribute("aria-hidden", "true");
      const points = isZoned(method) || item.names?.length ? (item.names?.[band.points - item.min] ?? "") : `${band.points} ${band.points === 1 ? "point" : "points"}`;
      entry.append(mark, element("span", "", `${bandWords(bands, at)}${points ? `, ${points}` : ""}`), element("b", "", `${Math.round(100 * shares[at])} %`));
      list.append(entry);
    });
    if (seen < 1 - LEAST_SHARE) {
      const piece = element("span", "ev-unseen");
      piece.style.flexBasis = `${100 * (1 - seen)}%`;
      piece.title = NOT_SEEN;
      stack.append(piece);
    }
    const note = element("p", "ev-story-meaning", `${method.label}, ${item.label.toLowerCase()}: share of the time seen (${Math.round(100 * seen)} % of the film). ${cause.assumed ?? ""}`);
    return [stack, list, note];
  }
}
