// How fast, and how long still: over the last seconds, so that a stall shows and a burst does not lie.

const WINDOW_MS = 8000;

/** A speed meter; `now` is in milliseconds and may be replaced. */
export function speedMeter(now = () => performance.now()) {
  let samples = [];
  return {
    /** Note that `bytes` of the whole have arrived by now. */
    note(bytes) {
      const t = now();
      samples.push({ t, bytes });
      while (samples.length > 2 && t - samples[0].t > WINDOW_MS) samples.shift();
    },
    /** Forget what was measured: after a pause the old speed says nothing. */
    reset() {
      samples = [];
    },
    /** Bytes per second, or null while it is too early to say. */
    speed() {
      if (samples.length < 2) return null;
      const first = samples[0];
      const last = samples[samples.length - 1];
      const seconds = (last.t - first.t) / 1000;
      return seconds < 0.5 || last.bytes <= first.bytes ? null : (last.bytes - first.bytes) / seconds;
    },
    /** Seconds until `remaining` bytes have gone, or null. */
    secondsLeft(remaining) {
      const speed = this.speed();
      return speed === null ? null : remaining / speed;
    },
  };
}

/** "740 KB", "1.3 GB": decimal units, as file managers and phone makers use. */
export function bytesInWords(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** "a few seconds", "about 40 s", "about 3 min", "about 2 h 10 min". */
export function timeInWords(seconds) {
  if (seconds < 5) return "a few seconds";
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `about ${minutes} min`;
  const rest = minutes % 60;
  return `about ${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}
