// How many parts travel at once. It starts with four and feels its way: one more as long as that makes the whole
// faster, half as many when the line or the store stumbles, one fewer when a part takes so long that a break would
// cost much.

const START = 4;
const GAIN = 1.05;
const REST_ROUNDS = 6; // after more lanes brought nothing
const CALM_ROUNDS = 2; // after a stumble
const LEAST_AFTER_STUMBLE = 2; // one stuck part must not hold up all others
const SLOW_PART_MS = 40_000;

/** The number of lanes between `least` and `most`; `now` is in milliseconds and may be replaced. */
export function lanes({ most = 6, least = 1, start = Math.min(START, most), now = () => performance.now() } = {}) {
  let count = start;
  let probing = false;
  let stumbling = false;
  let rest = 1; // rounds until more lanes are tried
  let before = 0; // speed of the round before
  let round = { since: now(), bytes: 0, parts: 0 };

  const beginRound = () => (round = { since: now(), bytes: 0, parts: 0 });

  const judge = () => {
    const speed = round.bytes / Math.max(1, now() - round.since);
    if (probing && speed < before * GAIN) {
      count -= 1;
      probing = false;
      rest = REST_ROUNDS;
    } else if (count < most && (rest -= 1) < 0) {
      count += 1;
      probing = true;
      rest = 0;
    } else probing = false;
    before = speed;
    beginRound();
  };

  return {
    get count() {
      return count;
    },
    /** A part of `bytes` has arrived after `ms` on the way. */
    arrived(bytes, ms) {
      stumbling = false;
      round.bytes += bytes;
      round.parts += 1;
      if (ms > SLOW_PART_MS && count > least) {
        count -= 1;
        probing = false;
        rest = REST_ROUNDS;
        beginRound();
      } else if (round.parts >= 2 * count) judge();
    },
    /** The line or the store stumbled; a storm of failures counts once, until something arrives again. */
    stumbled() {
      if (stumbling) return;
      stumbling = true;
      count = Math.max(Math.min(count, LEAST_AFTER_STUMBLE), Math.floor(count / 2));
      probing = false;
      rest = CALM_ROUNDS;
      beginRound();
    },
  };
}
