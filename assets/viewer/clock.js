// One clock for everything on the stage. The video is its master: every presented frame tells the time.
// When there is no video, or it cannot play here, the clock runs by itself over the analysed time.

const MIN_LOOP_S = 0.1;
const INSIDE_FRAME_S = 0.001; // a seek lands just inside the wanted frame, not on its edge

export class Clock {
  #video;
  #abort = new AbortController();
  #listeners = new Set();
  #animation = 0;
  #frameCallback = 0;
  #ownPlaying = false;
  #ownLast_ms = 0;
  #wanted_s = null;

  /** @param {HTMLVideoElement|null} video @param {number} duration_s length of the analysed time */
  constructor(video, duration_s) {
    this.#video = video;
    this.duration_s = duration_s;
    this.time_s = 0;
    this.rate = 1;
    this.loop = false;
    this.range = null; // [from, to] in seconds: what plays
    this.usesVideo = false;
    if (video) this.#listen(video);
  }

  /** Call `listener(reason)` on every change: "time", "state", "error". Returns a function that stops it. */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get playing() {
    return this.usesVideo ? !this.#video.paused && !this.#video.ended : this.#ownPlaying;
  }

  async play() {
    const [from, to] = this.#bounds();
    if (this.time_s >= to - 0.02 || this.time_s < from) this.seek(from);
    if (this.usesVideo) {
      try {
        await this.#video.play();
      } catch (error) {
        if (error.name !== "AbortError") this.#emit("state"); // interrupted by a pause: nothing to say
      }
      return;
    }
    this.#ownPlaying = true;
    this.#ownLast_ms = performance.now();
    this.#animation ||= requestAnimationFrame(this.#ownTick);
    this.#emit("state");
  }

  pause() {
    if (this.usesVideo) this.#video.pause();
    else {
      this.#ownPlaying = false;
      this.#emit("state");
    }
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Go to a time; everything but the video's picture follows at once, the picture as soon as it can. */
  seek(time_s) {
    const time = Math.min(this.duration_s, Math.max(0, time_s));
    if (this.usesVideo) {
      if (this.#video.seeking) this.#wanted_s = time; // one seek at a time: the latest wish is kept
      else this.#video.currentTime = Math.min(time + INSIDE_FRAME_S, this.#video.duration || time);
    }
    this.#set(time);
  }

  setRate(rate) {
    this.rate = rate;
    if (this.#video) this.#video.playbackRate = rate;
    this.#emit("state");
  }

  setLoop(loop) {
    this.loop = loop;
    this.#emit("state");
  }

  /** Play only from–to, or everything with null. */
  setRange(range) {
    this.range = range && range[1] - range[0] >= MIN_LOOP_S ? range : null;
    if (this.range) this.loop = true;
    this.#emit("state");
  }

  destroy() {
    this.#abort.abort();
    cancelAnimationFrame(this.#animation);
    if (this.#frameCallback) this.#video.cancelVideoFrameCallback?.(this.#frameCallback);
    this.#listeners.clear();
  }

  #bounds() {
    return this.range ?? [0, this.duration_s];
  }

  #emit(reason) {
    for (const listener of this.#listeners) listener(reason);
  }

  #set(time_s) {
    this.time_s = time_s;
    this.#emit("time");
  }

  #advance(time_s) {
    const [from, to] = this.#bounds();
    if (this.playing && (this.range || !this.usesVideo) && time_s >= to - 1e-3) {
      if (this.loop) this.seek(from);
      else {
        this.pause();
        this.#set(to);
      }
      return;
    }
    this.#set(Math.min(time_s, this.duration_s));
  }

  #ownTick = (now_ms) => {
    this.#animation = 0;
    if (!this.#ownPlaying) return;
    const elapsed_s = (this.rate * Math.max(0, now_ms - this.#ownLast_ms)) / 1000;
    this.#ownLast_ms = now_ms;
    this.#advance(this.time_s + elapsed_s);
    if (this.#ownPlaying) this.#animation = requestAnimationFrame(this.#ownTick);
  };

  #listen(video) {
    const on = (type, listener) => video.addEventListener(type, listener, { signal: this.#abort.signal });
    on("loadedmetadata", () => {
      this.usesVideo = true;
      video.playbackRate = this.rate;
      if (this.time_s > 0) this.seek(this.time_s);
      this.#emit("state");
    });
    on("error", () => {
      this.usesVideo = false;
      this.#emit("error");
    });
    on("play", () => this.#emit("state"));
    on("pause", () => {
      // frames are told a little late: what stands in the picture now is the video's own time
      const settled = !video.seeking && this.#wanted_s === null;
      if (settled && Math.abs(video.currentTime - this.time_s) > 2 * INSIDE_FRAME_S) {
        this.#set(Math.min(video.currentTime, this.duration_s));
      }
      this.#emit("state");
    });
    on("ended", () => {
      if (this.loop) {
        this.seek(this.#bounds()[0]);
        this.play();
      } else this.#emit("state");
    });
    on("seeked", () => {
      if (this.#wanted_s !== null) {
        const time = this.#wanted_s;
        this.#wanted_s = null;
        this.seek(time);
      } else if (!this.playing) this.#emit("state");
    });
    if (video.requestVideoFrameCallback) {
      const presented = (_now, frame) => {
        this.#frameCallback = video.requestVideoFrameCallback(presented);
        // while paused the wanted time stands: a picture that arrives late must not pull it back
        if (this.playing && !video.seeking) this.#advance(frame.mediaTime);
      };
      this.#frameCallback = video.requestVideoFrameCallback(presented);
    } else {
      const poll = () => {
        this.#animation = requestAnimationFrame(poll);
        if (this.playing && !video.seeking) this.#advance(video.currentTime);
      };
      this.#animation = requestAnimationFrame(poll);
    }
  }
}
