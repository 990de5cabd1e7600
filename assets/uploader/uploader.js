// The drop area: from a file on the user's machine to a key in the store, in states a person can read.
//
// The component's value is shared with the page's server: the server writes { owner, maxBytes }, this module writes
// { video } once a video is ready. Events: chosen, uploaded, cleared, example.

import { bytesInWords, speedMeter, timeInWords } from "./meter.js";
import { finishedBytes } from "./plan.js";
import { forget, recall, remember } from "./resume.js";
import { whyNotAVideo } from "./sniff.js";
import { gate, sendParts } from "./transfer.js";

const RESUME_HINT = "Choose the same file again and it continues where it stopped.";

/** An error with the server's code and a hint; `final` ones are not worth another try. */
class UploadError extends Error {
  constructor({ code, message, hint }, final = true) {
    super(message);
    Object.assign(this, { code, hint, final });
  }
}

const sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const done = () => {
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done, { once: true });
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

/** Ask the server; a call that fails on the way resolves to undefined there, which is worth another try. */
async function ask(server, name, data) {
  const answer = await server[name](data);
  if (answer === undefined || answer === null) {
    throw new UploadError({ code: "Unreachable", message: "The server did not answer.", hint: RESUME_HINT }, false);
  }
  if (answer.error) throw new UploadError(answer.error);
  return answer;
}

/** Put the uploader into `element`; see ergo/ui/uploader.py for the other side. */
export function mount({ element, props, server, watch, emit }) {
  const root = element.querySelector(".ergo-uploader");
  const $ = (selector) => root.querySelector(selector);
  const meter = speedMeter();
  let current = null;
  let chosen = null;
  let dragDepth = 0;

  const value = () => props.value ?? {};
  const publish = (video) => {
    chosen = video;
    props.value = { ...value(), video };
  };

  // -- what is shown ------------------------------------------------------------------------------------------

  function show(state, { line = "", hint = "", fraction = null, say = line } = {}) {
    root.dataset.state = state;
    $(".file").hidden = state === "empty";
    $(".drop").hidden = state !== "empty";
    $(".file-state").textContent = line;
    $(".file-hint").textContent = hint;
    if (fraction !== null) {
      const percent = Math.round(fraction * 100);
      $(".bar span").style.inlineSize = `${fraction * 100}%`;
      $(".bar").setAttribute("aria-valuenow", percent);
    }
    const status = $("[role=status]");
    if (say && status.dataset.state !== state) status.textContent = `${say} ${hint}`.trim();
    status.dataset.state = state;
  }

  function picture(url) {
    const video = $(".file-picture");
    if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
    video.classList.remove("seen");
    if (url) {
      video.onloadeddata = () => video.classList.add("seen");
      video.src = `${url}#t=0.1`;
    } else video.removeAttribute("src");
  }

  function progress(upload) {
    const { plan, loaded } = upload;
    const speed = meter.speed();
    const left = meter.secondsLeft(plan.sizeBytes - loaded);
    const share = `${bytesInWords(loaded)} of ${bytesInWords(plan.sizeBytes)}`;
    const pace = speed === null ? "" : ` · ${bytesInWords(speed)}/s · ${timeInWords(left)} left`;
    show("uploading", { line: share + pace, fraction: loaded / plan.sizeBytes, say: "Uploading." });
  }

  function fail(error) {
    show("failed", { line: error.message, hint: error.hint ?? RESUME_HINT });
    root.dataset.code = error.code ?? "Upload";
    publish(null);
    emit("cleared", {});
  }

  // -- one file ------------------------------------------------------------------------------------------------

  async function take(file) {
    current?.abort.abort();
    const upload = { file, abort: new AbortController(), gate: gate(), plan: null, loaded: 0 };
    current = upload;
    delete root.dataset.code;
    $(".file-name").textContent = file.name;
    picture(URL.createObjectURL(file));
    show("checking", { line: "Looking at the file…", fraction: 0 });
    const head = new Uint8Array(await file.slice(0, 512).arrayBuffer());
    const problem = whyNotAVideo(head, file.size, value().maxBytes);
    if (problem) {
      picture(null);
      return fail(new UploadError(problem));
    }
    emit("chosen", { name: file.name });
    return send(upload);
  }

  async function send(upload) {
    const { file, abort } = upload;
    try {
      const finished = await prepare(upload);
      upload.loaded = finishedBytes(upload.plan, finished);
      meter.reset();
      progress(upload);
      await sendParts({
        file,
        plan: upload.plan,
        finished,
        signal: abort.signal,
        gate: upload.gate,
        wait: sleep,
        sign: async (numbers) => (await ask(server, "sign", { ...upload.plan, numbers })).urls,
        onProgress: (bytes) => arrived(upload, bytes),
        onTrouble: (waitMs) => trouble(upload, waitMs),
      });
      show("finishing", { line: "Checking that everything arrived…", fraction: 1 });
      await ask(server, "complete", upload.plan);
      forget(localStorage, file);
      ready(file.name, upload.plan.videoKey, `${bytesInWords(file.size)} · uploaded`);
      emit("uploaded", {});
    } catch (error) {
      if (abort.signal.aborted || upload !== current) return;
      if (error.code === "KeyNotFound" || error.code === "UploadRejected") forget(localStorage, file);
      fail(error);
    }
  }

  /** The plan of this upload, an earlier one of the same file where the store still has it, and its finished parts. */
  async function prepare(upload) {
    const kept = recall(localStorage, upload.file);
    if (kept) {
      try {
        upload.plan = kept;
        return (await ask(server, "parts", kept)).finished;
      } catch (error) {
        if (error.code === "Unreachable") throw error;
        forget(localStorage, upload.file);
      }
    }
    const owner = await ownerKnown();
    upload.plan = await ask(server, "begin", { filename: upload.file.name, sizeBytes: upload.file.size, owner });
    remember(localStorage, upload.file, upload.plan);
    return {};
  }

  /** The server gives this browser its name once the page has loaded, usually long before a file is chosen. */
  async function ownerKnown() {
    for (let i = 0; i < 50 && !value().owner; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    return value().owner ?? "";
  }

  function arrived(upload, bytes) {
    upload.loaded = bytes;
    meter.note(bytes);
    if (upload === current && !upload.gate.paused && root.dataset.state !== "retrying") progress(upload);
  }

  function trouble(upload, waitMs) {
    if (upload !== current || upload.gate.paused) return;
    meter.reset();
    if (waitMs === null) return void (root.dataset.state === "retrying" && progress(upload));
    show("retrying", {
      line: navigator.onLine ? "The connection stumbles. Trying again…" : "You are offline. It continues by itself.",
      hint: "Nothing that has arrived is lost.",
    });
  }

  function ready(name, videoKey, line) {
    $(".file-name").textContent = name;
    show("ready", { line, fraction: 1, say: "The video is ready." });
    publish({ videoKey, name });
  }

  function clear({ forgetFile }) {
    const upload = current;
    current = null;
    if (upload) {
      upload.abort.abort(new DOMException("cancelled", "AbortError"));
      upload.gate.resume();
      if (forgetFile && upload.plan) {
        forget(localStorage, upload.file);
        ask(server, "abort", upload.plan).catch(() => {}); // the store's own clean-up takes what stays behind
      }
    }
    picture(null);
    $("input[type=file]").value = "";
    publish(null);
    show("empty", { fraction: 0, say: "No video chosen." });
    emit("cleared", {});
    $("input[type=file]").focus();
  }

  // -- what the user does ----------------------------------------------------------------------------------------

  const on = (selector, event, act) => $(selector).addEventListener(event, act);
  on("input[type=file]", "change", (event) => event.target.files[0] && take(event.target.files[0]));
  on(".pause", "click", () => {
    current.gate.pause();
    show("paused", { line: `Paused at ${Math.round((current.loaded / current.plan.sizeBytes) * 100)} %.` });
    $(".resume").focus();
  });
  on(".resume", "click", () => {
    meter.reset();
    current.gate.resume();
    progress(current);
    $(".pause").focus();
  });
  on(".retry", "click", () => current && take(current.file));
  on(".cancel", "click", () => clear({ forgetFile: true }));
  on(".clear", "click", () => clear({ forgetFile: false }));
  for (const card of root.querySelectorAll("[data-example]")) {
    card.addEventListener("click", () => {
      picture(card.querySelector("video").src);
      $(".file-name").textContent = card.dataset.title;
      show("checking", { line: "Taking the example…", fraction: 1 });
      ownerKnown().then(() => emit("example", { name: card.dataset.example }));
    });
  }

  const carriesFile = (event) => event.dataTransfer?.types.includes("Files") && ["empty", "ready", "failed"].includes(root.dataset.state);
  const target = document;
  target.addEventListener("dragenter", (event) => carriesFile(event) && (dragDepth += 1, root.classList.add("over")));
  target.addEventListener("dragleave", () => (dragDepth = Math.max(0, dragDepth - 1)) || root.classList.remove("over"));
  target.addEventListener("dragover", (event) => carriesFile(event) && event.preventDefault());
  target.addEventListener("drop", (event) => {
    dragDepth = 0;
    root.classList.remove("over");
    if (!carriesFile(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (["uploading", "retrying", "paused", "finishing"].includes(root.dataset.state)) event.preventDefault();
  });

  watch("value", () => {
    const { video, error } = value();
    if (chosen && !video) return publish(chosen); // the server's greeting came after the choice
    if (root.dataset.state !== "checking" || (current && !video)) return;
    if (error) fail(new UploadError(error));
    else if (video) ready(video.name, video.videoKey, "Example · ready");
  });
  root.dataset.mounted = "yes";
}

