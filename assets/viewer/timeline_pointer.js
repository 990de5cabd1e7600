// Pointer, pinch and wheel on the timeline: a click or drag seeks, with shift it chooses a stretch, on the axis it moves
// what is shown; two fingers, ctrl and the wheel, or the wheel alone once the timeline has been clicked, zoom.

const DRAG_PX = 6;

function order(a, b) {
  return a < b ? [a, b] : [b, a];
}

/**
 * @param {object} timeline timeOf(x), momentAt(x, y), onAxis(y), selects() tell; seek(time_s), choose([from, to] or null),
 *   hover(place or null), zoom(factor, time_s), pan(px) act. Places are in CSS pixels of the canvas.
 * @returns {() => void} lets go of the canvas
 */
export function attachTimelinePointer(canvas, timeline) {
  const abort = new AbortController();
  const fingers = new Map();
  let drag = null;
  let pinch = 0;
  const on = (type, listener, options = {}) =>
    canvas.addEventListener(type, listener, { signal: abort.signal, ...options });
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  on("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = placeOf(event);
    fingers.set(event.pointerId, x);
    pinch = 0;
    if (fingers.size > 1) {
      drag = null;
      return;
    }
    const moment = timeline.momentAt(x, y);
    const time_s = moment ? moment.time_s : timeline.timeOf(x);
    const kind = timeline.onAxis(y) ? "pan" : event.shiftKey || timeline.selects() ? "choose" : "seek";
    drag = { x, last: x, time_s, kind, moment };
    if (kind === "seek") timeline.seek(time_s);
  });
  on("pointermove", (event) => {
    const [x, y] = placeOf(event);
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, x);
      const [a, b] = fingers.values();
      const wide = Math.abs(a - b);
      if (pinch > 0 && wide > 0) timeline.zoom(pinch / wide, timeline.timeOf((a + b) / 2));
      pinch = wide;
      return;
    }
    timeline.hover(drag ? null : { x, y });
    if (!drag) return;
    if (Math.abs(x - drag.x) > DRAG_PX) drag.moment = null;
    if (drag.moment) return;
    if (drag.kind === "choose") timeline.choose(order(drag.time_s, timeline.timeOf(x)));
    else if (drag.kind === "pan") timeline.pan(drag.last - x);
    else timeline.seek(timeline.timeOf(x));
    drag.last = x;
  });
  on("pointerup", (event) => {
    const [x] = placeOf(event);
    if (drag?.kind === "choose" && Math.abs(x - drag.x) <= DRAG_PX) timeline.choose(null);
    if (drag?.kind === "pan" && Math.abs(x - drag.x) <= DRAG_PX) timeline.seek(drag.time_s);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(type, (event) => {
      fingers.delete(event.pointerId);
      drag = null;
      pinch = 0;
    });
  }
  on("pointerleave", () => timeline.hover(null));
  on("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (!sideways && !event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls on
    event.preventDefault();
    if (sideways) timeline.pan(sideways);
    else timeline.zoom(Math.exp(event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), timeline.timeOf(placeOf(event)[0]));
  }, { passive: false });
  return () => abort.abort();
}
