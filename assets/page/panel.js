// What the panel of a job does besides being read: it keeps the address and the title of the page in step with the
// job, hands its buttons to the server, and asks to be attached again when the connection was lost meanwhile.

import { defineMarked } from "../viewer/definition.js";
import { takeAway } from "./take_away.js";
import { followLine } from "./line.js";

const STALE_MS = 20_000;

/**
 * Buttons with data-action become events of the component, with their data; data-seek-s moves the player.
 * A button with data-marked="name" waits for two marks (data-mark) or more, and sends them as name: "2+5"; fields
 * beside a button (data-field) go with it; those with data-now begin with the moment of the player.
 */
export function actions({ element, emit }) {
  takeAway(element);
  defineMarked(element);
  const marks = () => [...element.querySelectorAll("[data-mark]:checked")].map((box) => box.dataset.mark).join("+");
  element.addEventListener("change", (event) => {
    if (!event.target.matches("[data-mark]")) return;
    for (const button of element.querySelectorAll("[data-marked]")) button.disabled = !marks().includes("+");
  });
  element.addEventListener("toggle", (event) => {
    const shown_s = document.querySelector(".ergo-viewer-host")?.__ergo?.time_s;
    if (!event.target.open || !shown_s) return;
    for (const field of event.target.querySelectorAll("[data-now]")) field.value = shown_s.toFixed(2);
  }, { capture: true });
  element.addEventListener("click", (event) => {
    const moment = event.target.closest("[data-seek-s]");
    if (moment) document.dispatchEvent(new CustomEvent("ergo:seek", { detail: { time_s: Number(moment.dataset.seekS) } }));
    const button = event.target.closest("[data-action]");
    if (!button || button.disabled) return;
    const { action, marked, ...own } = button.dataset;
    const data = { job: button.closest("[data-job]")?.dataset.job, ...own };
    for (const field of button.parentElement.querySelectorAll("[data-field]")) data[field.dataset.field] = field.value;
    if (marked) data[marked] = marks();
    if (action === "print") return void window.print();
    button.disabled = true;
    setTimeout(() => (button.disabled = false), 4000); // an answer usually replaces the button long before
    emit(action, data);
  });
}

/** Open on paper what is folded away on the screen and belongs to a report (data-paper). */
function openForPaper() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details[data-paper]:not([open])")];
    for (const folded of opened) folded.open = true;
  });
  addEventListener("afterprint", () => opened.splice(0).forEach((folded) => (folded.open = false)));
}

/** Keep the page's address, title and connection right while the panel changes. */
export function panel({ element, watch, emit }) {
  const title = document.title;
  let changedAt = performance.now();
  const shown = () => element.querySelector(".ergo-job")?.dataset ?? {};

  watch("value", () => {
    changedAt = performance.now();
    const { job, view } = shown();
    if (job && new URLSearchParams(location.search).get("job") !== job) {
      const address = new URL(location.href);
      address.searchParams.delete("new");
      address.searchParams.set("job", job);
      address.searchParams.delete("with"); // another job is not compared with anything yet
      history.replaceState(null, "", address);
      if (view === "job") window.scrollTo({ top: 0 });
    }
    const percent = element.querySelector(".percent")?.textContent;
    const name = element.querySelector(".job-title")?.textContent;
    document.title = view === "job" && percent ? `${percent} · ${name} · Ergo` : title;
  });

  const attach = () => {
    const { job, view } = shown();
    if (view === "job" && document.visibilityState === "visible" && performance.now() - changedAt > STALE_MS) {
      emit("attach", { job });
    }
  };
  document.addEventListener("visibilitychange", attach);
  openForPaper();
  window.addEventListener("online", attach);
  followLine(document.getElementById("ergo-page") ?? document.body);
  actions({ element, emit });
}
