// "What if": change what the scores rest on and see the new ones beside the old. Nothing is kept until it is asked for.

import { isWholeBody, methodWords, resolveSide } from "./data.js";
import { choice } from "./markup.js";
import { element } from "./element.js";
import { angleText, isZoned } from "./now_panel.js";
import { NOT_ASSESSED, squares, stepOfLevel, wordOfLevel } from "./risk.js";
import { formatTime } from "./timeline_math.js";
import { LIFT_TABS, liftAt, liftInputs, liftOutcomes, measuredOf, ofLifts, spanOfLift } from "./whatif_lifts.js";
import { inputsOf, seenAt, spanOf } from "./whatif_state.js";

const STANCES = ["both_legs", "one_leg", "sitting", "kneeling", "walking"];
const SCOPES = [
  ["film", "Whole film"], ["moment", "This moment", "half a second before and after it"],
  ["stretch", "A stretch", "drag on the timeline, or set its ends here"],
];

const words = (value) => String(value).replace("_", " ");

function button(className, text, listener) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", listener);
  return node;
}

function seenWords(input, value) {
  if (value === null) return input.told ? "not told" : ofLifts(input) ? "no lift" : "not seen";
  if (input.kind === "yes_no") return value ? "yes" : "no";
  return input.kind === "choice" ? words(value) : angleText(value, input.unit);
}

export class WhatIfPanel {
  #data;
  #clock;
  #state;
  #parts = {};
  #scope = "film";
  #item = null;
  #shown = null;
  #rows = [];
  #onScope;

  /** `keep` is called with {overrides, who, why}; `onScope` is told whether a stretch is being chosen. */
  constructor(root, data, clock, state, keep, onScope) {
    this.#data = data;
    this.#clock = clock;
    this.#state = state;
    this.#onScope = onScope;
    root.hidden = false;
    root.setAttribute("aria-label", "What if");
    const open = button("ev-whatif-open", "", () => this.#toggle());
    open.append(element("strong", "", "What if…"), element("span", "", "change an input and see the score beside the old one"));
    open.setAttribute("aria-expanded", "false");
    const body = element("div", "ev-whatif-body");
    body.hidden = true;
    body.append(this.#left(), this.#right(keep));
    root.append(open, body);
    Object.assign(this.#parts, { root, open, body });
    state.subscribe(() => this.#show());
  }

  #toggle() {
    const { open, body } = this.#parts;
    body.hidden = !body.hidden;
    open.setAttribute("aria-expanded", String(!body.hidden));
    this.#onScope(!body.hidden && this.#scope === "stretch");
    if (!body.hidden) {
      this.#makeItems();
      this.#state.open();
    }
  }

  #left() {
    const left = element("div", "ev-whatif-left");
    const scope = choice("For which time", SCOPES, (name) => this.#pickScope(name));
    scope.set(this.#scope);
    const ends = element("span", "ev-whatif-ends");
    ends.hidden = true;
    const range = element("span", "ev-whatif-range");
    ends.append(
      button("ev-text-button", "From here", () => this.#setEnd(0)), button("ev-text-button", "To here", () => this.#setEnd(1)), range,
    );
    const when = element("div", "ev-whatif-line");
    when.append(element("h4", "", "For"), scope.group, ends);
    const tries = element("div", "ev-whatif-line");
    tries.append(element("h4", "", "Try"));
    for (const change of this.#state.config.redesigns) {
      const chip = button("ev-text-button", change.label, () => {
        this.#parts.assumes.textContent = `Assumes: ${change.assumes}`;
        this.#add(change.overrides.map(({ input, value, rule, side }) => ({ input, value, rule, side })));
      });
      chip.title = change.assumes;
      tries.append(chip);
    }
    const assumes = element("p", "ev-whatif-note");
    const items = element("div", "ev-whatif-line");
    const rows = element("div", "ev-whatif-rows");
    left.append(when, tries, assumes, items, rows);
    Object.assign(this.#parts, { scope, ends, range, assumes, items, rows });
    return left;
  }

  #right(keep) {
    const right = element("div", "ev-whatif-right");
    const outcome = element("table", "ev-whatif-outcome");
    const list = element("ul", "ev-whatif-list");
    const problem = element("p", "ev-whatif-problem");
    problem.setAttribute("role", "alert");
    const form = element("form", "ev-whatif-keep");
    const field = (label, hint) => {
      const input = element("input");
      input.type = "text";
      input.maxLength = label === "Who" ? 100 : 1000;
      input.placeholder = hint;
      const wrap = element("label", "", label);
      wrap.append(input);
      form.append(wrap);
      return input;
    };
    const who = field("Who", "your name");
    const why = field("Why", "what you saw, or what is planned");
    const submit = element("button", "ev-whatif-submit", "Keep as a new analysis");
    const reset = button("ev-text-button", "Reset", () => this.#state.reset());
    form.append(submit, reset);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit.disabled = true;
      keep({ overrides: this.#state.changes, who: who.value, why: why.value });
    });
    const live = element("p", "ev-live");
    live.setAttribute("aria-live", "polite");
    right.append(outcome, list, problem, form, live);
    Object.assign(this.#parts, { outcome, list, problem, form, submit, live });
    return right;
  }

  #pickScope(name) {
    this.#scope = name;
    this.#parts.scope.set(name);
    this.#onScope(name === "stretch");
    this.showRange();
  }

  #setEnd(end) {
    const now = this.#clock.time_s;
    const [from, to] = this.#clock.range ?? [0, this.#clock.duration_s];
    this.#clock.setRange(end ? [Math.min(from, now - 0.1), now] : [now, Math.max(to, now + 0.1)]);
    this.showRange();
  }

  /** The stretch that is chosen, in words. */
  showRange() {
    const { ends, range } = this.#parts;
    ends.hidden = this.#scope !== "stretch";
    const chosen = this.#clock.range;
    range.textContent = chosen ? `${formatTime(chosen[0], 1)} – ${formatTime(chosen[1], 1)}` : "drag on the timeline";
  }

  /** Follow the stage: the sample, the method and the side it shows. */
  update(frame, method, side) {
    const before = this.#shown;
    this.#shown = { frame, method, side, resolved: resolveSide(this.#data, method, side, frame) };
    if (this.#parts.body.hidden) return;
    if (before?.method !== method || before?.side !== side) this.#makeItems();
    else this.#showSeen();
  }

  #makeItems() {
    const { method } = this.#shown;
    const items = [...method.items.map((item) => [item.id, item.label]), ...LIFT_TABS];
    if (!items.some(([id]) => id === this.#item)) {
      this.#item = (method.items.find((item) => ["trunk", "back"].includes(item.id)) ?? method.items[0]).id;
    }
    const tabs = choice(`Item of ${method.label}, or the lifts`, items, (id) => {
      this.#item = id;
      tabs.set(id);
      this.#makeRows();
    });
    tabs.set(this.#item);
    this.#parts.items.replaceChildren(element("h4", "", "Change"), tabs.group);
    this.#makeRows();
  }

  #makeRows() {
    const { method, side } = this.#shown;
    const whose = isWholeBody(method) || side === "worst" ? "both" : side;
    const { inputs } = this.#state.config;
    const of_lifts = liftInputs(inputs, this.#item);
    const found = of_lifts.length ? of_lifts : inputsOf(inputs, method.id, this.#item, whose);
    this.#rows = found.map((entry) => this.#makeRow(entry));
    this.#parts.rows.replaceChildren(...this.#rows.map((row) => row.root));
    this.#showSeen();
  }

  #makeRow({ input, side }) {
    const root = element("div", "ev-whatif-row");
    const name = input.sided ? `${side ? `${side} ` : "both: "}${input.label.toLowerCase()}` : input.label;
    const label = element("span", "ev-whatif-name", name[0].toUpperCase() + name.slice(1));
    const seen = element("span", "ev-whatif-seen");
    const controls = element("span", "ev-whatif-controls");
    controls.setAttribute("role", "group");
    controls.setAttribute("aria-label", name);
    const set = (value, rule = "is") => this.#add([{ input: input.id, value, rule, side }], input);
    if (input.kind === "yes_no") {
      for (const value of [true, false]) controls.append(button("ev-text-button", value ? "Yes" : "No", () => set(value)));
    } else if (input.kind === "choice") {
      for (const value of input.choices) controls.append(button("ev-text-button", words(value), () => set(value)));
    } else this.#numberControls(controls, input, set, name);
    root.append(label, seen, controls);
    return { root, seen, input, side };
  }

  #numberControls(controls, input, set, name) {
    for (const edge of input.steps) {
      controls.append(button("ev-text-button", `below ${angleText(edge, input.unit)}`, () => set(edge - 1, "at_most")));
    }
    const field = element("input", "ev-whatif-number");
    const step = input.whole ? 1 : "any";
    Object.assign(field, { type: "number", min: input.low, max: input.high, step, placeholder: "exactly" });
    field.setAttribute("aria-label", `${name}, exactly, ${input.unit}`);
    const use = () => field.value !== "" && field.reportValidity() && set(Number(field.value));
    field.addEventListener("keydown", (event) => event.key === "Enter" && use());
    field.addEventListener("change", use);
    controls.append(field, element("span", "ev-whatif-unit", input.unit));
  }

  #add(overrides, input = null) {
    const span = this.#spanFor(input);
    if (!span) return;
    this.#state.add(overrides.map((said) => ({ who: "", why: "", made_utc: "", ...said, ...span })));
  }

  /** Start and end of what is to be set; says what is missing where there is none. */
  #spanFor(input) {
    const { scope, clock } = { scope: this.#scope, clock: this.#clock };
    const { range, problem } = this.#parts;
    if (input?.of_the_job) return { start_s: null, end_s: null };
    if (scope === "moment" && input && ofLifts(input)) {
      const lift = liftAt(this.#lifts(), clock.time_s);
      if (!lift) problem.textContent = "There is no lift at this moment.";
      return lift ? spanOfLift(lift) : null;
    }
    const span = spanOf(scope, clock.time_s, clock.range, clock.duration_s);
    if (!span) range.textContent = "choose a stretch first: drag on the timeline";
    return span;
  }

  #lifts() {
    return this.#state.seen?.meta.lifting?.lifts ?? [];
  }

  #showSeen() {
    const { frame, resolved } = this.#shown;
    const { seen, config } = this.#state;
    for (const row of this.#rows) {
      const side = row.input.sided ? (row.side ?? (resolved === "both" ? "left" : resolved)) : null;
      const value = seenAt(seen, row.input, side, frame, config.told, STANCES)
        ?? measuredOf(row.input, liftAt(this.#lifts(), this.#clock.time_s));
      const text = `now ${seenWords(row.input, value)}`;
      if (row.seen.textContent !== text) row.seen.textContent = text;
    }
  }

  #show() {
    const { root, list, problem, form, submit, outcome, live } = this.#parts;
    const state = this.#state;
    root.dataset.state = state.busy ? "busy" : state.after ? "changed" : "same";
    if (state.busy) return;
    problem.textContent = state.problem;
    form.hidden = !state.changed;
    submit.disabled = false; // after a refusal it can be tried with other changes
    list.replaceChildren(...state.changes.map((said, index) => {
      const entry = element("li");
      const drop = button("ev-whatif-drop", "×", () => state.remove(index));
      drop.setAttribute("aria-label", `Undo: ${said.text}`);
      entry.append(element("span", "", said.text), element("span", "ev-whatif-span", said.span ?? ""), drop);
      return entry;
    }));
    const rows = this.#outcomeRows();
    outcome.replaceChildren(...rows.map((row) => row.node));
    live.textContent = state.after ? rows.map((row) => row.words).join("; ") : "";
    this.#showSeen();
  }

  /** The peaks as they were and as they would be. */
  #outcomeRows() {
    const { seen, after } = this.#state;
    const caption = element("caption", "", after ? "Peak, now → with the changes" : "Peak of the film");
    const rows = (seen?.meta.summaries ?? []).map((before) => {
      const method = this.#data.meta.methods.find((entry) => entry.id === before.method);
      const next = after?.meta.summaries.find((entry) => entry.method === before.method && entry.side === before.side);
      const number = (side) => side.peak === null ? NOT_ASSESSED
        : isZoned(method) ? wordOfLevel(method, side.peak_level) : String(Math.round(side.peak));
      const differs = next && next.peak !== before.peak;
      const node = element("tr", differs ? "ev-changed" : "");
      const name = element("th", "", methodWords(method, before.side));
      name.scope = "row";
      const score = element("td", "ev-whatif-score", next && differs ? `${number(before)} → ${number(next)}` : number(before));
      const level = element("td", "ev-whatif-level");
      const shown = next ?? before;
      if (shown.peak !== null) {
        const step = stepOfLevel(method, shown.peak_level);
        const marks = element("span", "ev-squares", squares(step));
        marks.dataset.step = String(step);
        marks.setAttribute("aria-hidden", "true");
        level.append(marks, element("span", "", isZoned(method) ? "" : wordOfLevel(method, shown.peak_level)));
      }
      node.append(name, score, level);
      return { node, words: `${name.textContent} ${score.textContent}` };
    });
    return [{ node: caption, words: "" }, ...rows, ...this.#liftRows(seen, after)];
  }

  #liftRows(seen, after) {
    const later = after ? liftOutcomes(after.meta) : [];
    const both = seen ? liftOutcomes(seen.meta) : [];
    for (const next of later) if (!both.some((entry) => entry.id === next.id)) both.push({ ...next, text: "not told" });
    return both.map((before) => {
      const next = after ? later.find((entry) => entry.id === before.id) ?? { text: "not told", mark: "" } : before;
      const differs = next.text !== before.text;
      const node = element("tr", differs ? "ev-changed" : "");
      const name = element("th", "", before.name);
      name.scope = "row";
      const score = element("td", "ev-whatif-score", differs ? `${before.text} → ${next.text}` : before.text);
      const level = element("td", "ev-whatif-level");
      if (next.mark) {
        const marks = element("span", "ev-squares", next.mark);
        marks.dataset.step = String(next.step);
        marks.setAttribute("aria-hidden", "true");
        level.append(marks, element("span", "", next.label ?? ""));
      }
      node.append(name, score, level);
      return { node, words: `${before.name} ${score.textContent}` };
    });
  }
}
