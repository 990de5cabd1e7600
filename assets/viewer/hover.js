// What the pointer is over in the timeline: a small picture of the film and words, in a box that stays in sight.

import { element } from "./element.js";

const PICTURE_STEP_S = 0.5; // the preview has a key frame at each, so these come at once

/** A box for a place in the timeline, with a second player of the same film for its pictures. */
export class Hover {
  #box;
  #words;
  #film = null;
  #source = "";
  #wanted_s = null;

  /** @param {HTMLElement} box an empty element above the timeline */
  constructor(box) {
    this.#box = box;
    this.#words = element("span", "ev-readout-words");
    box.replaceChildren(this.#words);
  }

  /** The film to take the pictures from; "" for none. It is loaded when the first is asked for. */
  setFilm(source) {
    this.#source = source;
  }

  hide() {
    this.#box.hidden = true;
  }

  /** Show words and the picture of a time, centred on x inside `width`. */
  show(text, time_s, x, width) {
    this.#box.hidden = false;
    if (this.#words.textContent !== text) this.#words.textContent = text;
    if (this.#source) this.#picture(time_s);
    const half = this.#box.offsetWidth / 2;
    const centre = Math.min(width - half, Math.max(half, x));
    this.#box.style.transform = `translate(${Math.round(centre - half)}px, calc(-100% - 4px))`;
  }

  destroy() {
    this.#film?.removeAttribute("src");
    this.#film?.load();
  }

  #picture(time_s) {
    const time = PICTURE_STEP_S * Math.floor(time_s / PICTURE_STEP_S) + 0.001;
    if (!this.#film) this.#load();
    if (time === this.#wanted_s) return;
    this.#wanted_s = time;
    if (this.#film.readyState > 0 && !this.#film.seeking) this.#film.currentTime = time;
  }

  #load() {
    const film = element("video", "ev-readout-picture");
    film.muted = true;
    film.playsInline = true;
    film.preload = "auto";
    film.tabIndex = -1;
    film.setAttribute("aria-hidden", "true");
    const follow = () => {
      if (this.#wanted_s !== null && Math.abs(film.currentTime - this.#wanted_s) > 0.01) film.currentTime = this.#wanted_s;
    };
    film.addEventListener("loadedmetadata", follow);
    film.addEventListener("seeked", follow); // one seek at a time: the latest wish is kept
    film.addEventListener("error", () => {
      film.remove();
      this.#source = "";
    });
    film.src = this.#source;
    this.#film = film;
    this.#box.prepend(film);
  }
}
