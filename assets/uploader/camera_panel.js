// The camera's panel: what the camera sees, a button to record and to stop, and what went wrong, in words.

import { cameras, openCamera, record, refusal } from "./camera.js";

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The panel in `root`; `take(file)` gets a recording, `shown(open)` hears when the panel opens and closes. */
export function cameraPanel({ root, take, shown }) {
  const $ = (selector) => root.querySelector(selector);
  let stream = null;
  let recording = null;
  let ticking = 0;

  function state(name, words = "", hint = "") {
    root.dataset.state = name;
    $(".camera-state").textContent = words;
    $(".camera-hint").textContent = hint;
    $("[data-camera=record]").hidden = name !== "live";
    $("[data-camera=stop]").hidden = name !== "recording";
    $("[data-camera=again]").hidden = name !== "refused";
    $("[data-camera=close]").hidden = name === "recording";
    $(".camera-choice").hidden = name !== "live" || $(".camera-choice").options.length < 2;
  }

  async function open(deviceId) {
    root.hidden = false;
    shown(true);
    release();
    state("asking", "Asking for the camera…", "The browser may ask for your permission.");
    root.scrollIntoView({ block: "nearest" });
    delete root.dataset.code;
    try {
      const opened = await openCamera(deviceId);
      if (root.hidden) return stopTracks(opened); // closed while the browser was asking
      stream = opened;
      $("video").srcObject = stream;
      await list(deviceId);
      state("live", "Ready to record.", "The whole body in the picture, from the side or at 45°. Sound is not recorded.");
      $("[data-camera=record]").focus();
    } catch (error) {
      const { code, message, hint } = refusal(error);
      root.dataset.code = code;
      state("refused", message, hint);
      $("[data-camera=again]").focus();
    }
  }

  async function list(chosen) {
    const options = (await cameras()).map(({ id, name }) => new Option(name, id, false, id === chosen));
    $(".camera-choice").replaceChildren(...options);
  }

  async function start() {
    const began = performance.now();
    recording = record(stream);
    const tick = () => ($(".camera-time").textContent = clock((performance.now() - began) / 1000));
    tick();
    ticking = setInterval(tick, 500);
    state("recording", "Recording.", "Keep this page open until the recording is uploaded.");
    $("[data-camera=stop]").focus();
    try {
      const file = await recording.ended;
      close();
      take(file);
    } catch (error) {
      state("refused", ...Object.values(refusal(error)).slice(1));
    } finally {
      clearInterval(ticking);
      recording = null;
      $(".camera-time").textContent = "";
    }
  }

  function release() {
    if (stream) stopTracks(stream);
    stream = null;
    $("video").srcObject = null;
  }

  function close() {
    release();
    root.hidden = true;
    shown(false);
  }

  const act = { record: start, stop: () => recording?.stop(), again: () => open(), close };
  root.addEventListener("click", (event) => act[event.target.closest("[data-camera]")?.dataset.camera]?.());
  root.addEventListener("keydown", (event) => event.key === "Escape" && !recording && close());
  $(".camera-choice").addEventListener("change", (event) => open(event.target.value));

  return {
    open: () => open(),
    get recording() {
      return recording !== null;
    },
  };
}

const stopTracks = (stream) => stream.getTracks().forEach((track) => track.stop());
