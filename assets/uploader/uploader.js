// The drop area: puts the modules beside this file together and into the page.
//
// The component's value is shared with the page's server. The server writes { known, maxBytes } and, when analyses were
// started, { jobs: { videoKey: job } }; this module writes { videos: [{ videoKey, uploadId, name, ready, job }] }.
// Events: arrived (the analysis of the only video has begun by itself) and cleared.

import { cameraPanel } from "./camera_panel.js";
import { dropAnywhere } from "./drop.js";
import { keptUploads } from "./kept.js";
import { lanes } from "./lanes.js";
import { browserLine } from "./line.js";
import { fileLocks } from "./locks.js";
import { speedMeter } from "./meter.js";
import { uploadQueue } from "./queue.js";
import { fileRows } from "./rows.js";
import { ask } from "./server.js";
import { unfinishedUploads } from "./unfinished.js";
import { upload } from "./upload.js";
import { announcer, words } from "./words.js";

const SAME_SITE_LANES = 4; // a browser opens six connections to a site, and the page itself needs two
const BUCKET_LANES = 6;
const MOVING = ["uploading", "retrying"];

/** Put the uploader into `element`; see ergo/ui/uploader.py for the other side. */
export function mount({ element, props, server, watch, emit }) {
  const root = element.querySelector(".ergo-uploader");
  const $ = (selector) => root.querySelector(selector);
  const input = $("input[type=file]");
  const meter = speedMeter();
  const kept = keptUploads(localStorage);
  const locks = fileLocks();
  const line = browserLine();
  const value = () => props.value ?? {};
  let picked = null; // who waits for a choice in the file dialog

  /** The server says hello once the page has loaded, usually long before a file is chosen. */
  async function greeting() {
    while (!value().known) await new Promise((resolve) => setTimeout(resolve, 100));
    return value();
  }

  const queue = uploadQueue({
    open: (file, onChange) => upload(file, { server, kept, locks, line, greeting, onChange, lanes: laneCount() }),
    onChange: changed,
  });
  const rows = fileRows({ list: $(".files"), template: $("template.file-row"), meter, act });
  const say = announcer($(".announcer"));
  const camera = cameraPanel({ root: $(".camera"), take: (file) => queue.add([file]), shown: draw });
  const unfinished = unfinishedUploads({
    root: $(".unfinished"),
    template: $("template.unfinished-row"),
    kept,
    locks,
    server,
    pick,
    take: (file) => queue.add([file]),
  });

  /** Whether parts go to this site or to a bucket is known once the first address is signed; until then, carefully. */
  const laneCount = () => lanes({ most: root.dataset.store === "bucket" ? BUCKET_LANES : SAME_SITE_LANES });

  // -- what is shown ------------------------------------------------------------------------------------------

  function changed(_, item) {
    if (item.state === "uploading") meter.note(item.loaded);
    else if (root.dataset.state !== item.state) meter.reset();
    if (item.state === "ready" && item.job && queue.items.length === 1) emit("arrived", { job: item.job });
    if (item.state !== "cancelled") say(item, words(item, meter).say);
    draw();
    publish();
  }

  function draw() {
    const { items, active } = queue;
    const failed = items.find(({ state }) => state === "failed");
    const over = items.some(({ state }) => state === "ready") ? "ready" : failed ? "failed" : "empty";
    root.dataset.state = active?.state ?? over;
    root.dataset.count = items.length;
    root.toggleAttribute("data-usable", items.some(({ plan, state }) => plan && state !== "failed"));
    if (failed) root.dataset.code = failed.error.code;
    else delete root.dataset.code;
    const recording = !$(".camera").hidden;
    $(".drop").hidden = recording || items.length > 0;
    $(".more").hidden = recording || items.length === 0;
    $(".start-area").hidden = recording || items.length > 0;
    rows.show(items, queue.busy);
  }

  function publish() {
    const usable = queue.items.filter((item) => item.plan && item.state !== "failed");
    const videos = usable.map(({ plan, name, state, job }) => {
      return { videoKey: plan.videoKey, uploadId: plan.uploadId ?? "", name, ready: state === "ready", job };
    });
    if (JSON.stringify(videos) !== JSON.stringify(value().videos ?? [])) props.value = { ...value(), videos };
  }

  // -- what the user does ----------------------------------------------------------------------------------------

  function act(name, item) {
    if (name === "pause") (item.pause(), rows.focus(item, "resume"));
    if (name === "resume") (item.resume(), rows.focus(item, "pause"));
    if (name === "retry") item.retry();
    if (name === "cancel" || name === "clear") remove(item);
  }

  function remove(item) {
    queue.remove(item);
    if (queue.items.length > 0) return;
    $(".announcer").textContent = "No video chosen.";
    emit("cleared", {});
    unfinished.show();
    input.focus();
  }

  /** The file dialog, for somebody who wants exactly one file. */
  function pick() {
    input.multiple = false;
    input.click();
    return new Promise((resolve) => {
      picked = resolve;
    });
  }

  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again
    chosen(files);
  });
  input.addEventListener("cancel", () => chosen([]));
  const chosen = (files) => {
    const waiting = picked;
    picked = null;
    input.multiple = true;
    if (waiting) waiting(files[0] ?? null);
    else queue.add(files);
  };
  $("[data-do=add]").addEventListener("click", () => input.click());
  for (const button of root.querySelectorAll("[data-do=record]")) button.addEventListener("click", camera.open);
  for (const card of root.querySelectorAll("[data-example]")) card.addEventListener("click", () => takeExample(card));
  dropAnywhere({ take: queue.add, mark: (over) => root.classList.toggle("over", over) });
  window.addEventListener("beforeunload", (event) => (queue.busy || camera.recording) && event.preventDefault());

  /** What was done before there was anybody to hear it (page/early.js). */
  function takeEarly({ files, pressed }) {
    for (const file of files) queue.add([file]);
    input.value = "";
    root.removeAttribute("aria-busy");
    pressed?.click();
  }

  async function takeExample({ dataset: { example, title }, firstElementChild }) {
    const item = { name: title, state: "checking", url: firstElementChild.src, cancel: () => {} };
    queue.include(item);
    try {
      await greeting();
      const { videoKey } = await ask(server, "example", { name: example });
      Object.assign(item, { state: "ready", plan: { videoKey, sizeBytes: 1 }, loaded: 1 });
    } catch ({ code, message, hint = "Try again." }) {
      Object.assign(item, { state: "failed", error: { code, message, hint, hopeless: true } });
    }
    changed(queue, item);
  }

  // -- what the server says ----------------------------------------------------------------------------------------

  watch("value", () => {
    const { jobs = {} } = value();
    for (const item of queue.items) if (jobs[item.plan?.videoKey]) item.job = jobs[item.plan.videoKey];
    const { starts = [] } = value();
    for (const item of queue.items) if (starts.includes(item.plan?.videoKey)) item.starts = true;
    draw();
    publish(); // the server's words came over ours
  });
  unfinished.show();
  if (window.ergoEarly) takeEarly(window.ergoEarly());
  root.dataset.mounted = "yes";
}
