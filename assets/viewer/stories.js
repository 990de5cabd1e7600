// Which part of the body the page tells about: one choice for the painted figure, the curve in the timeline and the words
// below it, kept when another method or side is chosen.

import { regionWords, itemsOfRegion, regionShares, shareFrom, storyOf } from "./heat.js";

export class Stories {
  #data;
  #shows;
  #method = null;
  #side = "worst";
  #region = null;
  #item = null;

  /** `shows` are functions that take what is told: story(story), region(name), heat(method, side). */
  constructor(data, shows) {
    this.#data = data;
    this.#shows = shows;
  }

  /** Another method or side is looked at. */
  look(method, side) {
    this.#method = method;
    this.#side = side;
    this.#shows.heat(method, side);
    this.#region ??= this.#worstRegion();
    if (!method.items.includes(this.#item)) this.#item = itemsOfRegion(method, this.#region)[0] ?? null;
    this.#tell();
  }

  pickRegion(region) {
    this.#region = region;
    this.#item = itemsOfRegion(this.#method, region)[0] ?? null;
    this.#tell();
    return regionWords(region);
  }

  /** Tell about an item, on the side that is shown of it. */
  pickItem(item, side) {
    const name = item.regions?.[0];
    if (!name) return;
    this.#region = name.replace("side_", `${side === "right" ? "right" : "left"}_`);
    this.#item = item;
    this.#tell();
  }

  #tell() {
    const side = this.#region.startsWith("right_") ? "right" : this.#region.startsWith("left_") ? "left" : this.#anySide();
    const story = this.#item && storyOf(this.#data, this.#method, this.#item, side);
    // a part of which the method says nothing keeps its angle from one that does
    this.#shows.story(story ?? this.#fromAnother(side));
    this.#shows.region(this.#region);
  }

  #anySide() {
    return this.#side === "right" ? "right" : "left";
  }

  #fromAnother(side) {
    for (const method of this.#data.meta.methods) {
      for (const item of itemsOfRegion(method, this.#region)) {
        const story = storyOf(this.#data, method, item, side);
        if (story) return story;
      }
    }
    return null;
  }

  #worstRegion() {
    const shares = regionShares(this.#data, this.#method, this.#side);
    const { regions } = this.#data.meta;
    if (!shares) return "trunk";
    const worst = regions.map((_, r) => (shares[r] ? shareFrom(shares[r]) + shareFrom(shares[r], 1) / 1000 : -1));
    return regions[worst.indexOf(Math.max(...worst))];
  }
}
