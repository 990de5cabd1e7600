// What lies over the picture of the video: the tracked skeleton, the body itself, or nothing.

import { choice } from "./markup.js";
import { Overlay } from "./overlay.js";
import { VideoBody } from "./video_body.js";

const KINDS = [
  ["skeleton", "Skeleton", "The tracked skeleton over the video"],
  ["body", "Body", "The fitted body over the video, painted as in 3D"],
  ["none", "None", "Only the video"],
];

export class VideoOverlay {
  #data;
  #canvases;
  #say;
  #choice;
  #skeleton;
  #body = null;
  #last = null;
  #said = false;

  /**
   * @param {{skeleton: HTMLCanvasElement, body: HTMLCanvasElement, corner: HTMLElement}} parts
   * @param {(text: string) => void} say shows a word over the video; an empty one takes it away
   */
  constructor({ skeleton, body, corner }, data, say) {
    this.#data = data;
    this.#canvases = { skeleton, body };
    this.#say = say;
    this.#skeleton = new Overlay(skeleton, data);
    this.#choice = choice("Over the video", KINDS, (kind) => this.show(kind));
    corner.prepend(this.#choice.group);
    this.show("skeleton");
  }

  /** Show "skeleton", "body" or "none"; where no body can be drawn, the skeleton, and it says so. */
  show(kind) {
    if (this.#said) this.#say("");
    this.#said = false;
    if (kind === "body" && !this.#makeBody()) kind = "skeleton";
    this.#choice.set(kind);
    for (const [name, canvas] of Object.entries(this.#canvases)) canvas.hidden = name !== kind;
    this.kind = kind;
    if (this.#last) this.draw(...this.#last);
  }

  /** Draw at a place between samples, painted by `steps` (risk step of each region). */
  draw(place, steps) {
    this.#last = [place, steps];
    if (this.kind === "skeleton") this.#skeleton.draw(place, steps);
    if (this.kind === "body") this.#body.draw(place, steps);
  }

  destroy() {
    this.#skeleton.destroy();
    this.#body?.destroy();
  }

  #makeBody() {
    try {
      this.#body ??= new VideoBody(this.#canvases.body, this.#data);
      return true;
    } catch (error) {
      this.#choice.buttons.get("body").disabled = true;
      this.#said = true;
      this.#say(`${error.message} The skeleton is shown instead.`);
      return false;
    }
  }
}
