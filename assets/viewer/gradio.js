// The stage as a Gradio HTML component: its value {data_url, video_url, title, job} says what to show, null shows nothing.

import { mount } from "./viewer.js";

/**
 * Follow the component's value. `element`, `props` and `watch` are what Gradio gives to js_on_load.
 * `useLevel` is told {job, pitch_deg, roll_deg} when the reader has set the camera's level by hand, `keep` {job,
 * overrides, who, why} when other inputs are to be kept; `server.rescore` tells what they would score.
 * The page around asks for a moment by the document's event "ergo:seek" with detail {time_s}.
 */
export function follow({ element, props, watch, server, useLevel, keep }) {
  let stage = null;
  let shown = "null";
  const show = () => {
    const wanted = JSON.stringify(props.value ?? null);
    const host = element.querySelector(".ergo-viewer-host");
    // a template that was rendered anew has an empty host, though the value is the same
    if (!host || (wanted === shown && (wanted === "null" || host.firstChild))) return;
    shown = wanted;
    stage?.destroy();
    stage = null;
    const rescore = server?.rescore && ((request) => server.rescore(request));
    if (props.value?.data_url) stage = mount(host, { ...props.value, rescore });
    placeHeat();
  };
  // The painted figure stands among the verdicts, where the page has a place for it.
  const verdict = document.getElementById("ergo-verdict");
  const placeHeat = () => {
    const place = verdict?.querySelector("[data-heat]");
    if (place && stage && stage.heat.parentNode !== place) place.replaceChildren(stage.heat);
  };
  if (verdict) new MutationObserver(placeHeat).observe(verdict, { childList: true, subtree: true });
  document.addEventListener("ergo:seek", (event) => {
    if (!stage) return;
    stage.seek(event.detail.time_s);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  });
  element.addEventListener("ergo:level", (event) => useLevel?.(event.detail));
  element.addEventListener("ergo:keep", (event) => keep?.(event.detail));
  watch("value", show);
  show();
}
