// What an angle means, drawn, beside its name: shown while the pointer or the focus is on the name, or after a tap. One
// box for the whole page; Escape or a click elsewhere takes it away, and the pointer may go into it.

import { angleSentence, drawAngle } from "./angle_drawing.js";
import { element } from "./element.js";

const DELAY_MS = 180;
const GAP_PX = 8;
const ID = "ergo-definition";

let box = null;
let owner = null;
let timer = 0;

/**
 * Give a name its definition.
 * @param {HTMLElement} name what is pointed at; a button of its own or of another purpose
 * @param {() => ({id: string, label: string, zero?: string, positive?: string}|null)} angleOf gives it as the result
 *   lists it, null where the name has none now
 * @param {{tap?: boolean}} options whether a click shows it too (where the name has no other purpose)
 */
export function define(name, angleOf, { tap = false } = {}) {
  name.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => open(name, angleOf())));
  name.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && later(close));
  name.addEventListener("focus", () => name.matches(":focus-visible") && open(name, angleOf()));
  name.addEventListener("blur", close);
  if (!tap) return;
  let shown = false;
  name.addEventListener("pointerdown", () => (shown = owner === name));
  name.addEventListener("click", () => (shown ? close() : open(name, angleOf())));
}

/** Give all names of a part of the page, marked with data-angle, their definitions: those that come later too. */
export function defineMarked(root) {
  const find = () => {
    for (const name of root.querySelectorAll("[data-angle]:not([data-defined])")) {
      const { angle: id, label, zero, positive } = name.dataset;
      name.dataset.defined = "";
      define(name, () => ({ id, label, zero, positive }), { tap: true });
    }
  };
  new MutationObserver(find).observe(root, { childList: true, subtree: true });
  find();
}

function later(what) {
  clearTimeout(timer);
  timer = setTimeout(what, DELAY_MS);
}

function open(name, angle) {
  clearTimeout(timer);
  if (owner === name || !angle) return;
  close();
  make();
  (name.closest("main") ?? document.body).append(box); // within a landmark, for those who go by them
  const drawing = drawAngle(angle.id, angle.label);
  const words = element("span", "ev-definition-words");
  words.append(element("strong", "", angle.label), element("span", "", angleSentence(angle)));
  box.replaceChildren(...(drawing ? [drawing] : []), words);
  owner = name;
  name.setAttribute("aria-describedby", ID);
  box.showPopover?.();
  place(name.getBoundingClientRect());
}

function close() {
  clearTimeout(timer);
  if (!owner) return;
  owner.removeAttribute("aria-describedby");
  owner = null;
  box.remove();
}

function make() {
  if (box) return;
  box = element("div", "ev-definition");
  box.id = ID;
  box.setAttribute("role", "tooltip");
  box.setAttribute("popover", "manual");
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => later(close));
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", (event) => !owner?.contains(event.target) && !box.contains(event.target) && close());
  addEventListener("scroll", follow, { passive: true, capture: true });
}

// A name that the keyboard has gone to may have to be scrolled to first.
function follow() {
  if (owner?.matches(":focus-visible")) place(owner.getBoundingClientRect());
  else close();
}

// Below the name, or above it where there is no room; never beyond the screen.
function place(at) {
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.max(GAP_PX, Math.min(at.left, innerWidth - width - GAP_PX));
  const below = at.bottom + GAP_PX;
  const top = below + height + GAP_PX <= innerHeight ? below : Math.max(GAP_PX, at.top - height - GAP_PX);
  Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
}
