// One file on its way, from the user's machine to a key in the store. No page here: whoever shows it listens to
// `onChange`.
//
//     checking → [elsewhere →] waiting → uploading ⇄ retrying, paused → finishing → ready
//                                                                     ↘ failed (at any point)

import { fingerprint } from "./fingerprint.js";
import { finishedBytes } from "./plan.js";
import { LineLost } from "./retry.js";
import { askUntilAnswered } from "./server.js";
import { whyNotAVideo } from "./sniff.js";
import { gate, sendParts } from "./transfer.js";

const HEAD_BYTES = 512;
const HOPELESS = ["EmptyFile", "NotAVideo", "NoVideoStream", "VideoTooLarge", "FileChanged"]; // the same file fails again
const MOST_RENEWALS = 2;
const RESUME_HINT = "Try again, or choose the same file later: it continues where it stopped.";

/**
 * @param {File} file
 * @param {object} around what it works with
 * @param {object} around.server functions of the page's server
 * @param {ReturnType<typeof import("./kept.js").keptUploads>} around.kept
 * @param {ReturnType<typeof import("./locks.js").fileLocks>} around.locks
 * @param {ReturnType<typeof import("./line.js").browserLine>} around.line
 * @param {() => Promise<{maxBytes: number}>} around.greeting what the server says at first
 * @param {(upload: object) => void} around.onChange
 */
export function upload(file, { server, kept, locks, line, greeting, onChange, ...more }) {
  let round = new AbortController();
  let release = () => {};
  let renewals = 0;
  const door = gate();
  const self = {
    file,
    name: file.name,
    state: "checking",
    plan: null,
    loaded: 0,
    resumedBytes: 0, // had arrived before this page sent anything
    known: false, // the whole file had been uploaded before
    starts: false, // the analysis begins by itself
    job: null,
    trouble: null,
    error: null,
    print: null,
    prepare,
    send,
    pause,
    resume,
    cancel,
    retry,
  };

  const become = (state, changes = {}) => {
    Object.assign(self, { state }, changes);
    onChange(self);
  };

  const question = (name, data) =>
    askUntilAnswered(server, name, data, { line, signal: round.signal, onTrouble: (error) => stumble(error) });

  const stumble = (error) => {
    if (door.paused) return;
    const trouble = error && (line.online() ? error : "offline");
    if (["checking", "waiting", "finishing"].includes(self.state)) become(self.state, { trouble });
    else if (error) become("retrying", { trouble });
    else if (self.state === "retrying") become("uploading", { trouble });
  };

  /** A lost line is said at once: what is on its way may take long to notice. */
  const lineChanged = () => stumble(line.online() ? null : new LineLost());

  /** Look at the file and agree on a plan; resolves when it waits for its turn, or has failed. */
  async function prepare() {
    const { signal } = round;
    try {
      become("checking");
      const { maxBytes } = await greeting();
      const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
      const problem = whyNotAVideo(head, file.size, maxBytes);
      if (problem) throw Object.assign(new Error(problem.message), problem, { final: true });
      self.print = await fingerprint(file);
      release = await locks.hold(self.print, signal, () => become("elsewhere"));
      signal.throwIfAborted();
      const finished = await agree();
      self.loaded = self.resumedBytes = finishedBytes(self.plan, finished);
      become("waiting");
    } catch (error) {
      end(signal, error);
    }
  }

  /** The plan: an earlier one of the same file where the store still has it, or a new one. Gives the finished parts. */
  async function agree() {
    const record = kept.of(self.print);
    if (record) {
      try {
        const { finished, starts } = await question("parts", record.plan);
        self.known = record.state === "done"; // then what was wished for it has been done
        Object.assign(self, { plan: record.plan, starts: starts && !self.known });
        return finished;
      } catch (error) {
        if (!error.final) throw error;
        self.known = false;
        kept.forget(self.print);
      }
    }
    self.plan = await question("begin", { filename: file.name, sizeBytes: file.size });
    kept.keep(self.print, file, self.plan);
    return {};
  }

  /** Send what is missing and close the upload; resolves when it is ready, has failed, waits again or was cancelled. */
  async function send() {
    const { signal } = round;
    const unwatch = line.watch(lineChanged);
    try {
      if (!self.known) kept.keep(self.print, file, self.plan);
      become(door.paused ? "paused" : "uploading", { trouble: null });
      const { finished } = await question("parts", self.plan);
      await sendParts({
        ...more,
        file,
        plan: self.plan,
        finished,
        signal,
        gate: door,
        line,
        sign: async (numbers) => (await question("sign", { ...self.plan, numbers })).urls,
        ask: async () => (await question("parts", self.plan)).finished,
        onProgress: (bytes) => become(self.state, { loaded: bytes }),
        onTrouble: stumble,
      });
      become("finishing");
      const { job } = await question("complete", self.plan);
      kept.keep(self.print, file, self.plan, "done");
      release();
      become("ready", { job: self.known ? null : job });
    } catch (error) {
      const gone = error.status === 404 || error.code === "KeyNotFound";
      if (!gone || signal.aborted || (renewals += 1) > MOST_RENEWALS) return end(signal, error);
      release(); // the store no longer knows this upload: it was swept, or another tab has ended it
      await prepare();
    } finally {
      unwatch();
    }
  }

  function end(signal, error) {
    release();
    if (signal.aborted) return;
    const hint = error.hint ?? RESUME_HINT;
    const code = error.code ?? "Upload";
    become("failed", { error: { code, message: error.message, hint, hopeless: HOPELESS.includes(code) } });
  }

  function pause() {
    if (!["uploading", "retrying"].includes(self.state)) return;
    door.pause();
    become("paused");
  }

  function resume() {
    if (self.state !== "paused") return;
    become("uploading");
    door.resume();
    lineChanged();
  }

  /** After a failure: look at the file anew. The caller sends it when it waits. */
  async function retry() {
    round = new AbortController();
    self.error = null;
    await prepare();
  }

  /** Stop; an upload that was not ended is dropped here and in the store, unless another tab works on it. */
  function cancel() {
    const ours = self.plan && !["ready", "elsewhere"].includes(self.state);
    round.abort(new DOMException("cancelled", "AbortError"));
    door.resume();
    if (ours) {
      kept.forget(self.print);
      server.abort(self.plan)?.catch?.(() => {}); // the store's own clean-up takes what stays behind
    }
    release();
    become("cancelled");
  }

  return self;
}
