// What goes wrong on the way to a store, what helps, and how long to wait before trying again.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_ASKED_MS = 5 * 60_000;
const NO_ROOM = 507;

/** The store answered, but not with a 2xx; `told` is its typed error where it gave one. */
export class HttpError extends Error {
  constructor(status, { waitMs = 0, told = null } = {}) {
    super(told?.message ?? `the store answered ${status}`);
    Object.assign(this, { status, waitMs, code: told?.code, hint: told?.hint });
  }
}

/** No answer came. `bodySent`: everything had been sent, so the store may well have the part. */
export class LineLost extends Error {
  constructor(message = "the connection was lost", bodySent = false) {
    super(message);
    this.bodySent = bodySent;
  }
}

/** Wait before try `attempt` (from 0): doubling, capped, and jittered so that four parts do not knock together. */
export const retryWait = (attempt, random = Math.random) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random() / 2);

/** Milliseconds that a Retry-After header asks for (seconds or a date), within reason. */
export function askedWait(header, now = Date.now()) {
  const seconds = /^\s*\d+\s*$/.test(header ?? "") ? Number(header) : (Date.parse(header ?? "") - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(LONGEST_ASKED_MS, Math.max(0, seconds * 1000)) : 0;
}

/**
 * What to do about a part that failed. "retry": the line or the store stumbles. "resign": 400 and 403, its signed
 * address has most likely expired. "renew": the store no longer knows the upload. "fail": trying again is no use.
 */
export function remedy(error) {
  if (error.final) return "fail";
  if (!(error instanceof HttpError)) return "retry";
  const { status } = error;
  if (status === 400 || status === 403) return "resign";
  if (status === 404) return "renew";
  return (status >= 500 && status !== NO_ROOM) || status === 429 || status === 408 ? "retry" : "fail";
}
