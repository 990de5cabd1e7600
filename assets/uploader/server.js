// Questions to the page's server, which plans uploads and signs addresses; it never sees the bytes.

import { retryWait } from "./retry.js";

const LATER = ["StoreUnreachable"];

/** What the server refused, with its code and a hint; `final`: the same question is not worth another try. */
export class Refused extends Error {
  constructor({ code, message, hint }) {
    super(message);
    Object.assign(this, { code, hint, final: !LATER.includes(code) });
  }
}

/** The server did not answer; it may be restarting, or the line is gone. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
    this.code = "Unreachable";
  }
}

/** Ask once. A call that fails on the way resolves to undefined in Gradio's client. */
export async function ask(server, name, data) {
  let answer;
  try {
    answer = await server[name](data);
  } catch {
    throw new Unreachable();
  }
  if (answer === undefined || answer === null) throw new Unreachable();
  if (answer.error) throw new Refused(answer.error);
  return answer;
}

/**
 * Ask until there is an answer; every question of an upload may be put twice without harm.
 * @param {object} around `{ line, signal, onTrouble }` as sendParts takes them
 */
export async function askUntilAnswered(server, name, data, { line, signal, onTrouble }) {
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const answer = await ask(server, name, data);
      if (attempt > 0) onTrouble(null);
      return answer;
    } catch (error) {
      if (error.final) throw error;
      const waitMs = retryWait(attempt);
      onTrouble(error, waitMs);
      await line.wait(waitMs, signal);
    }
  }
}
