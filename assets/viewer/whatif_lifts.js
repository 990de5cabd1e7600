// Lifts and the day in "What if": which lift is meant, what was measured of it, and what the tools say of all of them.

import { squares } from "./risk.js";

const BEFORE_S = 0.1; // times are rounded: a lift begins a little before it is said to
const METHODS = { lifts: ["niosh"], day: ["lifft", "duet"] };
const MEASURED = {
  lift: () => true,
  lift_from_reach_cm: (lift) => lift.origin.reach_cm,
  lift_from_height_cm: (lift) => lift.origin.height_cm,
  lift_from_turn_deg: (lift) => Math.abs(lift.origin.asymmetry_deg),
  lift_to_reach_cm: (lift) => lift.destination.reach_cm,
  lift_to_height_cm: (lift) => lift.destination.height_cm,
  lift_to_turn_deg: (lift) => Math.abs(lift.destination.asymmetry_deg),
  lift_lever_cm: (lift) => lift.lever_cm,
};

/** Tabs beside the items of a method, as [id, label]; none where no lift was found and none is known of. */
export const LIFT_TABS = Object.freeze([["lifts", "Lifts"], ["day", "A day"]]);

/** Inputs of a tab, as rows of the panel want them. */
export function liftInputs(inputs, tab) {
  const wanted = (item) => METHODS[tab]?.includes(item.split(".")[0]);
  return inputs.filter((input) => input.items.some(wanted)).map((input) => ({ input, side: null }));
}

/** Whether an input speaks of lifts and of nothing else that is seen. */
export const ofLifts = (input) => input.items.every((item) => item.startsWith("niosh.") || item.startsWith("lifft."));

/** The lift on at a time, or undefined. */
export function liftAt(lifts, time_s) {
  return lifts.find((lift) => lift.origin.time_s - BEFORE_S <= time_s && time_s <= lift.destination.time_s);
}

/** The span in which a lift begins. */
export function spanOfLift(lift) {
  return { start_s: Math.max(0, lift.origin.time_s - BEFORE_S), end_s: lift.destination.time_s };
}

/** What was measured of a lift, null for what was not. */
export function measuredOf(input, lift) {
  return (lift && MEASURED[input.id]?.(lift)) ?? null;
}

const counting = (lift) => lift.limits.find((limit) => limit.end === lift.counts);
const levelOf = (levels, level) => levels.find((entry) => entry.level === level);

const hardness = (limit) => (limit.rwl <= 0 ? Infinity : limit.index ?? 0);
const harder = (a, b) => hardness(a) - hardness(b) || b.rwl - a.rwl;

/** The limit with the highest index, without loads the one that allows least. */
function hardest(lifting) {
  return lifting.lifts.map(counting).filter(Boolean).sort(harder).at(-1) ?? null;
}

function ofNiosh(lifting) {
  const limit = hardest(lifting);
  if (!limit) return { text: "no lift", mark: "" };
  if (limit.rwl <= 0) return { text: "nothing allowed", mark: squares(4), step: 4 };
  if (limit.index === null) return { text: `${limit.rwl.toFixed(1)} kg`, mark: "" };
  const { risk_step: step, label } = levelOf(lifting.levels, limit.level);
  return { text: `LI ${limit.index.toFixed(1)}`, mark: squares(step), step, label };
}

function ofTool(tool) {
  if (tool.probability === null) return null;
  const { risk_step: step, label } = levelOf(tool.levels, tool.level);
  return { text: `${Math.round(100 * tool.probability)} %`, mark: squares(step), step, label };
}

/** What NIOSH, LiFFT and DUET say, where they say anything: [{id, name, text, mark, step, label}]. */
export function liftOutcomes(meta) {
  const found = [];
  if (meta.lifting) found.push({ id: "niosh", name: "NIOSH, hardest lift", ...ofNiosh(meta.lifting) });
  for (const [id, tool] of Object.entries(meta.fatigue ?? {})) {
    const said = ofTool(tool);
    if (said) found.push({ id, name: `${tool.label}, a day`, ...said });
  }
  return found;
}
