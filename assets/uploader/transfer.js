// Sends the missing parts of a file, a few at a time, and does not give up easily.
//
// Network trouble, 408, 429 and 5xx: the part is sent again after a growing, jittered wait. 400 and 403: its signed
// address has most likely expired, so a fresh one is asked for first. Anything else is final.

import { batchToSign, missingParts, partBytes, partRange } from "./plan.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 30_000;

/** The store answered, but not with a 2xx. */
export class HttpError extends Error {
  constructor(status) {
    super(`the store answered ${status}`);
    this.status = status;
  }
}

/** Wait before try `attempt` (from 0): doubling, capped, and jittered so that four parts do not knock together. */
export const retryWait = (attempt, random = Math.random) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random() / 2);

/** What to do about a part that failed: "resign" it, "retry" it, or "fail". */
export function remedy(error) {
  if (!(error instanceof HttpError)) return "retry";
  if (error.status === 400 || error.status === 403) return "resign";
  return error.status >= 500 || error.status === 429 || error.status === 408 ? "retry" : "fail";
}

/** PUT with progress, which fetch() cannot report. Rejects with HttpError, an Error, or the signal's reason. */
export function putWithProgress(url, blob, { signal, onLoaded }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("PUT", url);
    request.upload.onprogress = (event) => onLoaded(event.loaded);
    request.onload = () =>
      request.status >= 200 && request.status < 300 ? resolve() : reject(new HttpError(request.status));
    request.onerror = () => reject(new Error("the connection was lost"));
    request.onabort = () => reject(signal.reason ?? new DOMException("aborted", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    request.send(blob);
  });
}

/** A door that can be shut: `passed()` resolves while it is open, `round` is aborted each time it is shut. */
export function gate() {
  let round = new AbortController();
  let opened = Promise.resolve();
  let open = () => {};
  return {
    get paused() {
      return round.signal.aborted;
    },
    get signal() {
      return round.signal;
    },
    passed: () => opened,
    pause() {
      if (round.signal.aborted) return;
      opened = new Promise((resolve) => {
        open = resolve;
      });
      round.abort(new DOMException("paused", "AbortError"));
    },
    resume() {
      if (!round.signal.aborted) return;
      round = new AbortController();
      open();
    },
  };
}

/**
 * Send every missing part; resolves when all have arrived, rejects with the first final error.
 *
 * @param {object} job
 * @param {Blob} job.file
 * @param {object} job.plan sizes and part count (see plan.js)
 * @param {Record<number, number>} job.finished sizes of parts the store already has
 * @param {(numbers: number[]) => Promise<Record<number, string>>} job.sign addresses for parts
 * @param {AbortSignal} job.signal cancels everything
 * @param {ReturnType<typeof gate>} job.gate pauses and resumes
 * @param {(bytes: number) => void} job.onProgress bytes that have arrived, resent ones not counted twice
 * @param {(waitMs: number | null) => void} job.onTrouble a retry waits this long; null when it flows again
 * @param {typeof putWithProgress} [job.put]
 * @param {(ms: number, signal: AbortSignal) => Promise<void>} job.wait
 * @param {number} [job.parallel]
 * @param {number} [job.attempts] tries of one part before the upload fails (it can be resumed later)
 */
export async function sendParts(job) {
  const { file, plan, finished, sign, signal, onProgress } = job;
  const { parallel = 4, attempts = 9, put = putWithProgress } = job;
  const waiting = missingParts(plan, finished);
  const loaded = new Map();
  for (let n = 1; n <= plan.partCount; n += 1) if (!waiting.includes(n)) loaded.set(n, partBytes(plan, n));
  const urls = new Map();
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);

  const note = (number, bytes) => {
    loaded.set(number, bytes);
    onProgress([...loaded.values()].reduce((sum, value) => sum + value, 0));
  };

  const address = async (number) => {
    if (!urls.has(number)) {
      const signed = await sign(batchToSign(number, waiting));
      for (const [n, url] of Object.entries(signed)) urls.set(Number(n), url);
    }
    return urls.get(number);
  };

  const sendOne = async (number) => {
    const { start, end } = partRange(plan, number);
    const attemptSignal = AbortSignal.any([all, job.gate.signal]);
    await put(await address(number), file.slice(start, end), {
      signal: attemptSignal,
      onLoaded: (bytes) => note(number, Math.min(bytes, end - start)),
    });
    note(number, end - start);
  };

  const persist = async (number) => {
    for (let attempt = 0; ; ) {
      await job.gate.passed();
      all.throwIfAborted();
      try {
        await sendOne(number);
        job.onTrouble(null);
        return;
      } catch (error) {
        if (all.aborted) throw error;
        note(number, 0);
        if (job.gate.paused) continue;
        const cure = error.final ? "fail" : remedy(error);
        if (cure === "fail" || attempt + 1 >= attempts) throw error;
        urls.delete(number);
        const waitMs = retryWait(attempt);
        attempt += 1;
        job.onTrouble(waitMs);
        await job.wait(waitMs, all);
      }
    }
  };

  const worker = async () => {
    while (waiting.length > 0) await persist(waiting.shift());
  };

  try {
    await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, worker));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
  signal.throwIfAborted();
}
