// Other inputs that somebody tries, and what they would score. Knows no page: it holds the changes, asks the server,
// and tells who listens. Only the latest answer counts.

import { unpack } from "./data.js";

const MOMENT_S = 0.5; // "this moment" is so much before and after it

/** base64 of a deflated file as an ArrayBuffer. */
export async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** Start and end of a scope in seconds (null: the film's own), or null where it is not chosen yet. */
export function spanOf(scope, time_s, range, duration_s) {
  if (scope === "film") return { start_s: null, end_s: null };
  if (scope === "stretch") return range ? { start_s: range[0], end_s: range[1] } : null;
  const start_s = Math.max(0, time_s - MOMENT_S);
  return { start_s, end_s: Math.min(duration_s, time_s + MOMENT_S) };
}

/** Inputs that an item of a method rests on, with the side they are to be set for (null: both). */
export function inputsOf(inputs, methodId, itemId, side) {
  const key = `${methodId}.${itemId}`;
  return inputs.flatMap((input) => {
    if (input.items.includes(key)) return [{ input, side: input.sided && side !== "both" ? side : null }];
    for (const each of ["left", "right"]) {
      if (input.items.some((item) => item.replace("side_", `${each}_`) === key)) {
        return [{ input, side: input.sided ? each : null }];
      }
    }
    return [];
  });
}

/** Value of an input as it was seen at a sample: a number, true, false, a word, or null where nobody saw it. */
export function seenAt(file, input, side, frame, told, stances) {
  if (input.told) return told[input.id] ?? null;
  const name = side && input.sided ? `input.${input.id}.${side}` : `input.${input.id}`;
  const raw = (file?.arrays[name] ?? file?.arrays[`${name}.left`])?.[frame];
  if (raw === undefined) return null;
  if (input.kind === "number") return raw === -32768 ? null : raw / 10;
  if (raw === 255) return null;
  return input.kind === "yes_no" ? raw === 1 : stances[raw];
}

const key = ({ input, value, rule, side, start_s, end_s }) => JSON.stringify([input, value, rule, side, start_s, end_s]);
const sameSpan = (a, b) => a.start_s === b.start_s && a.end_s === b.end_s;

export class WhatIf {
  #call;
  #listeners = new Set();
  #asked = 0;
  #accepted = [];

  /** `call` is the server's function, `job` the result, `config` what the page was told (see ergo.ui.what_if). */
  constructor(call, job, config) {
    this.#call = call;
    this.job = job;
    this.config = config;
    this.changes = [...config.overrides];
    this.#accepted = [...config.overrides];
    this.seen = null; // the inputs as they were seen
    this.after = null; // scores with the changes, null without any
    this.busy = false;
    this.problem = "";
  }

  get changed() {
    return this.changes.map(key).join() !== this.config.overrides.map(key).join();
  }

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first look: the inputs as they were seen. */
  async open() {
    if (!this.seen) await this.#ask();
  }

  /** Set inputs; one that is set anew for the same time and side gives way. */
  async add(overrides) {
    for (const next of overrides) {
      this.changes = this.changes.filter((old) => !(old.input === next.input && old.side === next.side && sameSpan(old, next)));
      this.changes.push(next);
    }
    await this.#ask();
  }

  async remove(index) {
    this.changes.splice(index, 1);
    await this.#ask();
  }

  async reset() {
    this.changes = [...this.config.overrides];
    await this.#ask();
  }

  async #ask() {
    const asked = ++this.#asked;
    this.busy = true;
    this.#emit();
    let answer = null;
    try {
      answer = await this.#call({ job: this.job, overrides: this.changes, inputs: !this.seen });
    } catch { /* said below */ }
    if (asked !== this.#asked) return;
    this.busy = false;
    this.problem = "";
    if (!answer?.file) {
      const error = answer?.error;
      this.problem = error ? `${error.message} ${error.hint}` : "The server did not answer. Try it again.";
      this.changes = [...this.#accepted]; // what was refused is not kept on the list
    } else {
      const file = { ...unpack(await inflate(answer.file)), cards: answer.cards ?? {} };
      if (asked !== this.#asked) return;
      this.seen ??= file;
      this.changes = file.meta.overrides;
      this.#accepted = [...this.changes];
      this.after = this.changed ? file : null;
    }
    this.#emit();
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
