// "Where": the body painted with what the whole film did to it, and a table of its parts to choose one from.

import { define } from "./definition.js";
import { element } from "./element.js";
import { itemsOfRegion, peakStep, regionShares, regionWords, shareFrom, storyOf } from "./heat.js";
import { makeFigure } from "./figure.js";
import { NOT_ASSESSED, RISK, squares } from "./risk.js";

const SIDE_WORDS = { left: "left side", right: "right side", worst: "both sides" };
const COLUMNS = ["right", "left"]; // as the figure, which faces the reader

function shareWords(share) {
  return share > 0 && share < 0.01 ? "<1 %" : `${Math.round(100 * share)} %`;
}

export class HeatPanel {
  #data;
  #figure;
  #caption;
  #cells = new Map();
  #onPick;
  #method = null;

  /** @param {(region: string) => void} onPick called with the region that was chosen */
  constructor(root, data, onPick) {
    this.#data = data;
    this.#onPick = onPick;
    this.#figure = makeFigure(data.meta.regions);
    this.#figure.svg.addEventListener("click", (event) => {
      const region = event.target.dataset?.region;
      if (region) onPick(region);
    });
    this.#caption = element("p", "ev-heat-caption");
    const body = element("div", "ev-heat");
    body.append(this.#figure.svg, this.#table());
    root.replaceChildren(body, this.#caption);
  }

  #table() {
    const table = element("table", "ev-heat-table");
    const head = element("tr");
    for (const text of ["Part", "Right", "Left"]) {
      const cell = element("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    const top = element("thead");
    top.append(head);
    const body = element("tbody");
    const { regions } = this.#data.meta;
    for (const part of new Set(regions.map((region) => region.replace(/^(left|right)_/, "")))) {
      const row = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(this.#name(part, regions.includes(part) ? part : `left_${part}`));
      row.append(name);
      if (regions.includes(part)) row.append(this.#cell(part, 2));
      else for (const side of COLUMNS) row.append(this.#cell(`${side}_${part}`, 1));
      body.append(row);
    }
    table.append(top, body);
    return table;
  }

  #name(part, region) {
    const name = element("button", "term", regionWords(part).replace(/^./, (letter) => letter.toUpperCase()));
    name.type = "button";
    define(name, () => {
      const stories = itemsOfRegion(this.#method, region).map((item) => storyOf(this.#data, this.#method, item, "left"));
      return stories.find((story) => story)?.angle ?? null;
    }, { tap: true });
    return name;
  }

  #cell(region, columns) {
    const cell = element("td");
    cell.colSpan = columns;
    const button = element("button", "ev-heat-cell");
    button.type = "button";
    button.addEventListener("click", () => this.#onPick(region));
    cell.append(button);
    this.#cells.set(region, button);
    return cell;
  }

  /** Paint for a method and a side ("left", "right" or "worst"). */
  update(method, side) {
    this.#method = method;
    const shares = regionShares(this.#data, method, side);
    const sides = method.sides.length === 1 ? "" : `, ${SIDE_WORDS[side]}`;
    this.#caption.textContent = shares
      ? `${method.label}${sides}. Number: share of the time at “medium” or worse. Colour: what the part reaches in the worst 5 %.${shares.includes(null) ? ` –: ${NOT_ASSESSED}.` : ""}`
      : `${method.label}: ${NOT_ASSESSED} in this film.`;
    this.#data.meta.regions.forEach((region, r) => {
      const steps = shares?.[r] ?? null;
      const told = steps !== null;
      const step = told ? peakStep(steps) : null;
      const words = told ? shareWords(shareFrom(steps)) : "–";
      const button = this.#cells.get(region);
      button.replaceChildren(element("span", "ev-squares", told ? squares(step) : ""), element("span", "", words));
      button.firstChild.setAttribute("aria-hidden", "true");
      const meaning = told ? `${words} of the time at medium or worse, up to ${RISK[step].word}` : NOT_ASSESSED;
      button.setAttribute("aria-label", `${regionWords(region)}: ${meaning}`);
      button.title = `${regionWords(region)}: ${meaning}. Click to see its angle.`;
      for (const node of [button, this.#figure.parts.get(region)]) node.dataset.step = step === null ? "none" : String(step);
    });
  }

  /** Mark the region whose angle is shown; null for none. */
  choose(region) {
    for (const [name, button] of this.#cells) {
      button.setAttribute("aria-pressed", String(name === region));
      this.#figure.parts.get(name).classList.toggle("ev-chosen", name === region);
    }
  }
}
