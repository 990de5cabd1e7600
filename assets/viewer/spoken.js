// One sentence for those who listen, after things have come to rest, not one for every frame.

const DELAY_MS = 700;

export class Spoken {
  #place;
  #timer = 0;

  constructor(place) {
    this.#place = place;
  }

  /** Say what `words` gives when nothing new has come for a while; null says nothing. */
  soon(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const text = words();
      if (text !== null) this.#place.textContent = text;
    }, DELAY_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
