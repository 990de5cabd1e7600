// What the whole film did to each part of the body: shares of time, and which angle tells a part's story.

import { angleValues, MISSING_U8, resolveSide, sampleSeconds, scoreAt, WHOLE_BODY } from "./data.js";
import { RISK, stepOfPoints } from "./risk.js";

/** A part counts as strained from this risk step on ("medium"). */
export const STRAINED = 2;

const PEAK_SHARE = 0.05;
const ENOUGH = 0.8; // of the time a part must be seen for a share to be told

/**
 * Share of the time that each body region spends at each risk step, for a method and a side ("left", "right", or "worst"
 * for the higher of both). A region that no item speaks of, or whose items were seen in under 80 % of the time, has null;
 * so has everything where nothing was assessed.
 * @returns {(number[]|null)[]|null} [region][step]
 */
export function regionShares(data, method, side) {
  const count = data.meta.regions.length;
  const seconds = sampleSeconds(data.arrays.timestamps_s);
  const sides = method.sides.filter((one) => side === "worst" || one === side || one === WHOLE_BODY);
  const shares = Array.from({ length: count }, () => new Array(RISK.length).fill(0));
  const seen_s = new Array(count).fill(0);
  const speaking = data.meta.regions.map((region) => sides.map((one) => [one, columnsOf(method, region, one)]));
  const items = method.items.length;
  let total_s = 0;
  for (let frame = 0; frame < data.frameCount; frame++) {
    if (!scoreAt(data, method.id, resolveSide(data, method, side, frame), frame)) continue;
    total_s += seconds[frame];
    for (let r = 0; r < count; r++) {
      let step = 0;
      const isSeen = speaking[r].some(([one, columns]) =>
        columns.some((at) => data.arrays[`${method.id}.${one}.items`][frame * items + at] !== MISSING_U8));
      if (!isSeen) continue;
      seen_s[r] += seconds[frame];
      for (const one of sides) step = Math.max(step, data.arrays[`${method.id}.${one}.regions`][frame * count + r]);
      shares[r][step] += seconds[frame];
    }
  }
  if (total_s === 0) return null;
  return shares.map((steps, r) => (seen_s[r] >= ENOUGH * total_s ? steps.map((s) => s / seen_s[r]) : null));
}

/** The items of a method that speak of a region when it judges a side. */
function columnsOf(method, region, side) {
  const names = [region, region.replace(/^(left|right)_/, "side_")];
  const ofSide = side === WHOLE_BODY || !/^(left|right)_/.test(region) || region.startsWith(side);
  return method.items.flatMap((item, at) =>
    (item.regions ?? []).some((name) => name === names[0] || (ofSide && name === names[1])) ? [at] : []);
}

/** Share of time at a risk step or above. */
export function shareFrom(steps, lowest = STRAINED) {
  return steps.reduce((sum, share, step) => (step >= lowest ? sum + share : sum), 0);
}

/** The risk step that a part reaches in the worst 5 % of the time, as peaks are told elsewhere. */
export function peakStep(steps) {
  for (let step = steps.length - 1; step > 0; step--) if (shareFrom(steps, step) >= PEAK_SHARE) return step;
  return 0;
}

/** A region's name in words: "left upper arm". */
export function regionWords(region) {
  return region.replaceAll("_", " ");
}

/** The items of a method that speak of a region, those with bands first. */
export function itemsOfRegion(method, region) {
  const general = region.replace(/^(left|right)_/, "side_");
  const items = method.items.filter((item) => item.regions?.some((name) => name === region || name === general));
  return items.sort((a, b) => Number(Boolean(b.angles?.[0]?.bands?.length)) - Number(Boolean(a.angles?.[0]?.bands?.length)));
}

/**
 * The angle that tells an item's story on a side: its column, its bands with their risk steps, and its words; null where
 * an item has no angle.
 */
export function storyOf(data, method, item, side) {
  const causes = item.angles ?? [];
  const own = causes.filter((cause) => cause.id.startsWith(`${side}_`)); // of items that name an angle of each side
  for (const cause of own.length ? own : causes) {
    const column = data.meta.angles.findIndex((angle) => angle.id === `${side}_${cause.id}`);
    const found = column >= 0 ? column : data.meta.angles.findIndex((angle) => angle.id === cause.id);
    if (found < 0) continue;
    const bands = (cause.bands ?? []).map(([start, end, points]) => ({ start, end, step: stepOfPoints(item, points), points }));
    return { column: found, angle: data.meta.angles[found], bands, cause, item, method };
  }
  return null;
}

/** Share of the seen time that an angle spends in each of its bands, and the share of the film in which it was seen. */
export function bandShares(data, story) {
  const values = angleValues(data, story.column);
  const seconds = sampleSeconds(data.arrays.timestamps_s);
  const inBand = new Array(story.bands.length).fill(0);
  let seen_s = 0;
  let film_s = 0;
  for (let i = 0; i < values.length; i++) {
    film_s += seconds[i];
    if (Number.isNaN(values[i])) continue;
    seen_s += seconds[i];
    const at = story.bands.findIndex((band) => values[i] < band.end);
    if (at >= 0) inBand[at] += seconds[i];
  }
  return { shares: inBand.map((s) => (seen_s > 0 ? s / seen_s : 0)), seen: film_s > 0 ? seen_s / film_s : 0 };
}
