// The scores of this moment and why: each method's total with its range and word, then the items of the
// chosen method with their points and the angles that cause them. Built once; a frame only changes text.

import { angleAt, isWholeBody, methodWords, MISSING_U8, resolveSide, scoreAt } from "./data.js";
import { define } from "./definition.js";
import { element } from "./element.js";
import { NOT_ASSESSED, NOT_SEEN, squares, stepOfLevel, stepOfPoints, wordOfLevel } from "./risk.js";

const WORTH_TELLING = 10; // degrees

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setStep(node, step) {
  const value = step === null ? "none" : String(step);
  if (node.dataset.step !== value) node.dataset.step = value;
}

/** Whether a method's totals are zones, told by their word and not by a number. */
export function isZoned(method) {
  return method.scale === "zones";
}

/** The total as people read it: "6 (5–7, 90 %) Medium", or for zones "Acceptable". */
export function scoreWords(method, score) {
  const word = wordOfLevel(method, score.level);
  if (isZoned(method)) return word;
  return [score.total, rangeText(score), word].filter((part) => part !== "").join(" ");
}

/** "(5–7, 90 %)", what the errors of the angles leave of a score; without drawn errors what unknowns leave of it. */
export function rangeText(score) {
  const [low, high] = score.interval ?? [score.low, score.high];
  if (low === high) return "";
  return score.interval ? `(${low}–${high}, 90 %)` : `(${low}–${high})`;
}

/** An angle with its unit: "63°", "−4°", "12 cm"; a true minus sign, no decimals. */
export function angleText(value, unit) {
  const rounded = Math.round(value);
  const number = `${rounded < 0 ? "−" : ""}${Math.abs(rounded)}`;
  return unit === "deg" || unit === "°" ? `${number}°` : `${number} ${unit}`;
}

export class NowPanel {
  #data;
  #cards;
  #rows = [];
  #body;
  #caption;
  #method = null;
  #angleColumns;
  #shown = null;
  #after = null;
  #onItem;

  /**
   * @param {(methodId: string) => void} onPick called when a method's card is pressed
   * @param {(item: object, side: string) => void} onItem called when an item with an angle is pressed
   */
  constructor(root, data, onPick, onItem = () => {}) {
    this.#data = data;
    this.#onItem = onItem;
    this.#angleColumns = new Map(data.meta.angles.map((angle, column) => [angle.id, column]));
    const cards = element("div", "ev-cards");
    this.#cards = data.meta.methods.map((method) => this.#makeCard(cards, method, onPick));
    const table = element("table", "ev-items");
    this.#caption = element("caption");
    this.#body = element("tbody");
    table.append(this.#caption, this.#head(), this.#body);
    const space = element("div");
    space.append(table);
    root.replaceChildren(cards, space);
    let width = 0;
    new ResizeObserver(() => {
      if (root.clientWidth === width) return;
      width = root.clientWidth;
      this.#reserve(space, table);
    }).observe(root);
  }

  // Room for the longest table, so that nothing jumps when another method is chosen.
  #reserve(space, table) {
    let height = 0;
    for (const method of this.#data.meta.methods) {
      this.#makeRows(method);
      height = Math.max(height, table.offsetHeight);
    }
    space.style.minHeight = `${height}px`;
    if (this.#shown) this.update(...this.#shown);
  }

  /** Show a sample for the chosen method (of meta.methods) and side ("left", "right" or "worst"). */
  update(frame, method, side) {
    this.#shown = [frame, method, side];
    if (method !== this.#method) this.#makeRows(method);
    for (const card of this.#cards) this.#updateCard(card, frame, side, card.method === method);
    const shown = resolveSide(this.#data, method, side, frame);
    const assessed = scoreAt(this.#data, method.id, shown, frame) !== null;
    const worse = side === "worst" && !isWholeBody(method) ? ", the worse side now" : "";
    const why = `${methodWords(method, shown)}${worse}: ${isZoned(method) ? "the zone of each part" : "what makes the score"}`;
    setText(this.#caption, assessed ? why : `${method.label}: this moment is ${NOT_ASSESSED}`);
    const points = this.#data.arrays[`${method.id}.${shown}.items`];
    this.#rows.forEach((row, i) => {
      const value = points ? points[frame * method.items.length + i] : MISSING_U8;
      this.#updateRow(row, value, assessed, shown, frame);
    });
  }

  /** Scores under other inputs, to stand beside those of the film; null for none. */
  setAfter(file) {
    this.#after = file;
    if (this.#shown) this.update(...this.#shown);
  }

  #makeCard(parent, method, onPick) {
    const root = element("button", isWholeBody(method) ? "ev-card ev-card-slim" : "ev-card");
    root.type = "button";
    root.addEventListener("click", () => onPick(method.id));
    const name = element("span", "ev-card-name");
    const total = element("span", "ev-card-total");
    const range = element("span", "ev-card-range");
    const marks = element("span", "ev-squares");
    marks.setAttribute("aria-hidden", "true");
    const word = element("span", "ev-card-word");
    const figure = element("span", "ev-card-figure");
    const after = element("span", "ev-after");
    figure.append(total, after, range);
    const level = element("span", "ev-card-level");
    level.append(marks, word);
    root.append(name, figure, level);
    parent.append(root);
    return { root, name, total, after, range, marks, word, method };
  }

  #updateCard(card, frame, side, chosen) {
    const shown = resolveSide(this.#data, card.method, side, frame);
    const score = scoreAt(this.#data, card.method.id, shown, frame);
    setText(card.name, score || side !== "worst" ? methodWords(card.method, shown) : card.method.label);
    card.root.setAttribute("aria-pressed", String(chosen));
    const step = score ? stepOfLevel(card.method, score.level) : null;
    setStep(card.root, step);
    const word = score ? wordOfLevel(card.method, score.level) : NOT_ASSESSED;
    const zoned = isZoned(card.method) && score;
    setText(card.total, zoned ? "" : score ? String(score.total) : "–");
    setText(card.range, score && !zoned ? rangeText(score) : "");
    setText(card.marks, score ? squares(step) : "");
    setText(card.word, word);
    const other = this.#after && score ? scoreAt(this.#after, card.method.id, shown, frame) : null;
    const differs = other !== null && other.total !== score.total;
    setText(card.after, differs ? `→ ${isZoned(card.method) ? wordOfLevel(card.method, other.level) : other.total}` : "");
    setStep(card.after, differs ? stepOfLevel(card.method, other.level) : null);
    if (differs) setText(card.range, ""); // room for the number that matters now
  }

  #head() {
    const head = element("thead");
    const row = element("tr");
    for (const text of ["Item", "Seen", "Points"]) {
      const cell = element("th", "", text);
      cell.scope = "col";
      row.append(cell);
    }
    head.append(row);
    return head;
  }

  #makeRows(method) {
    this.#method = method;
    this.#rows = method.items.map((item) => {
      const row = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(this.#itemName(item));
      const seen = element("td", "ev-item-seen");
      const cell = element("td", "ev-item-points");
      const bar = element("span", "ev-bar");
      bar.setAttribute("aria-hidden", "true");
      const fill = element("span");
      bar.append(fill);
      const points = element("span", "ev-item-number");
      cell.append(bar, points);
      row.append(name, seen, cell);
      return { row, seen, fill, points, item };
    });
    this.#body.replaceChildren(...this.#rows.map((row) => row.row));
  }

  // Items with an angle lead to its curve.
  #itemName(item) {
    if (!item.regions?.length || !item.angles?.length) return element("span", "", item.label);
    const button = element("button", "ev-item-name", item.label);
    button.type = "button";
    define(button, () => this.#angleOf(item));
    button.addEventListener("click", () => {
      const [frame, method, side] = this.#shown;
      this.#onItem(item, resolveSide(this.#data, method, side, frame));
    });
    return button;
  }

  #angleOf(item) {
    const [frame, method, side] = this.#shown;
    const { id } = item.angles[0];
    const column = this.#angleColumns.get(`${resolveSide(this.#data, method, side, frame)}_${id}`) ?? this.#angleColumns.get(id);
    return this.#data.meta.angles[column] ?? null;
  }

  #updateRow(row, value, assessed, side, frame) {
    const missing = !assessed || value === MISSING_U8;
    row.row.classList.toggle("ev-missing", missing);
    const other = this.#after?.arrays[`${this.#method.id}.${side}.items`]?.[frame * this.#method.items.length + this.#rows.indexOf(row)];
    const differs = !missing && other !== undefined && other !== MISSING_U8 && other !== value;
    const now = missing ? "–" : isZoned(this.#method) ? "" : String(value);
    setText(row.points, differs ? `${now || (row.item.names?.[value - row.item.min] ?? value)} → ${isZoned(this.#method) ? (row.item.names?.[other - row.item.min] ?? other) : other}` : now);
    row.row.classList.toggle("ev-changed", differs);
    const { min, max } = row.item;
    const share = missing || max <= min ? 0 : Math.min(1, Math.max(0, value - min) / (max - min));
    row.fill.style.width = `${Math.round(100 * share)}%`;
    setStep(row.row, missing ? null : stepOfPoints(row.item, value));
    const name = missing ? "" : (row.item.names?.[value - min] ?? "");
    const angles = this.#seenText(row.item, side, frame);
    const byHand = missing ? "" : this.#byHand(row.item, side, frame);
    const seen = [byHand, name, angles === NOT_SEEN && name ? "" : angles].filter(Boolean).join(" · ");
    if (seen !== row.seen.textContent) row.seen.textContent = row.seen.title = seen;
  }

  // What was set by hand and kept with the result, at this moment.
  #byHand(item, side, frame) {
    const time_s = this.#data.arrays.timestamps_s[frame];
    const texts = (this.#data.meta.overrides ?? [])
      .filter((said) => time_s >= (said.start_s ?? 0) && time_s < (said.end_s ?? Infinity))
      .filter((said) => said.items.some(([m, i, s]) => m === this.#method.id && i === item.id && s === side))
      .map((said) => said.text);
    return texts.length ? `by hand: ${texts.join(", ")}` : "";
  }

  #seenText(item, side, frame) {
    const causes = item.angles ?? [];
    if (causes.length === 0) return item.source ?? "";
    const parts = [];
    for (const { id, word, opposite } of causes) {
      const column = this.#angleColumns.get(`${side}_${id}`) ?? this.#angleColumns.get(id);
      if (column === undefined) continue;
      const value = angleAt(this.#data, column, frame);
      if (value === null) continue;
      // the first angle is always told, the others only when they are worth a word
      if (parts.length === 0 || Math.abs(value) >= WORTH_TELLING) {
        const direction = Math.round(value) < 0 ? opposite : word;
        parts.push(`${direction} ${angleText(Math.abs(value), this.#data.meta.angles[column].unit)}`);
      }
    }
    return parts.length ? parts.join(" · ") : NOT_SEEN;
  }
}
