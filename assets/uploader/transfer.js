// Sends the missing parts of a file, several at a time, and does not give up easily: what stumbles is sent again after
// a growing, jittered wait, for as long as anything still moves within `PATIENCE_MS`; time offline does not count.

import { addresses } from "./addresses.js";
import { lanes as openLanes } from "./lanes.js";
import { missingParts, partBytes, partRange } from "./plan.js";
import { put as putPart } from "./put.js";
import { LineLost, remedy, retryWait } from "./retry.js";

const PATIENCE_MS = 30 * 60_000;
const MOST_RESIGNINGS = 5;

/** A door that can be shut: `passed()` resolves while it is open, `signal` is aborted each time it is shut. */
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
 * @param {() => Promise<Record<number, number>>} job.ask the finished parts as the store has them now
 * @param {AbortSignal} job.signal cancels everything
 * @param {ReturnType<typeof gate>} job.gate pauses and resumes
 * @param {object} job.line see line.js
 * @param {(bytes: number) => void} job.onProgress bytes that have arrived, resent ones not counted twice
 * @param {(error: Error | null, waitMs?: number) => void} job.onTrouble a retry waits this long; null when it flows
 * @param {typeof putPart} [job.put]
 * @param {ReturnType<typeof openLanes>} [job.lanes]
 * @param {() => number} [job.now] milliseconds
 */
export async function sendParts(job) {
  const { file, plan, signal, line, put = putPart, lanes = openLanes(), now = () => performance.now() } = job;
  const waiting = missingParts(plan, job.finished);
  const travelling = new Map(); // part → bytes of it on the way
  let arrived = plan.sizeBytes - waiting.reduce((sum, number) => sum + partBytes(plan, number), 0);
  let movedAt = now();
  const urls = addresses(job.sign, waiting);
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);

  const note = (number, bytes) => {
    if (bytes === null) travelling.delete(number);
    else travelling.set(number, bytes);
    job.onProgress(arrived + [...travelling.values()].reduce((sum, value) => sum + value, 0));
  };

  const keep = (number) => {
    arrived += partBytes(plan, number);
    movedAt = now();
    note(number, null);
    job.onTrouble(null);
  };

  const sendOne = async (number) => {
    const { start, end } = partRange(plan, number);
    const url = await urls.of(number);
    const began = now();
    await put(url, file.slice(start, end), {
      signal: AbortSignal.any([all, job.gate.signal]),
      onLoaded: (bytes) => note(number, Math.min(bytes, end - start)),
    });
    lanes.arrived(end - start, now() - began);
  };

  /** Everything had been sent when the line broke: a part that is finished is not sent twice. */
  const hasArrived = async (number) => {
    try {
      return (await job.ask())[number] === partBytes(plan, number);
    } catch {
      return false; // the server is out of reach as well: sending it again is always safe
    }
  };

  const afterTrouble = async (error, attempt) => {
    lanes.stumbled();
    if (!(await readable(file))) throw changedFile();
    const waitMs = Math.max(retryWait(attempt), error.waitMs ?? 0);
    job.onTrouble(error, waitMs);
    const offline = !line.online();
    await line.wait(waitMs, all);
    if (offline) movedAt = now();
    if (now() - movedAt > PATIENCE_MS) throw error;
  };

  const persist = async (number) => {
    let resignings = 0;
    for (let attempt = 0; ; attempt += 1) {
      await job.gate.passed();
      all.throwIfAborted();
      try {
        await sendOne(number);
        return keep(number);
      } catch (error) {
        if (all.aborted) throw error;
        note(number, null);
        if (job.gate.paused || error.name === "AbortError") continue; // paused
        const cure = remedy(error);
        if (cure === "resign") urls.discard(); // the others of its batch are as old
        resignings = cure === "resign" ? resignings + 1 : 0;
        if (cure === "fail" || cure === "renew" || resignings > MOST_RESIGNINGS) throw error;
        if (error instanceof LineLost && error.bodySent && (await hasArrived(number))) return keep(number);
        await afterTrouble(error, attempt);
      }
    }
  };

  await new Promise((resolve, reject) => {
    let open = 0;
    const fill = () => {
      if (waiting.length === 0 && open === 0) resolve();
      while (waiting.length > 0 && open < lanes.count && !stop.signal.aborted) {
        open += 1;
        persist(waiting.shift()).then(
          () => ((open -= 1), fill()),
          (error) => (stop.abort(error), reject(error)),
        );
      }
    };
    fill();
  });
  signal.throwIfAborted();
}

async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function changedFile() {
  return Object.assign(new Error("The file was changed, moved or unplugged while it was being sent."), {
    code: "FileChanged",
    hint: "Choose it again. If a camera or a program is still writing it, wait until that has finished.",
    final: true,
  });
}
