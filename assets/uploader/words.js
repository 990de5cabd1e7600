// What an upload says of itself: a line, a hint, and the few words for those who listen instead of looking.

import { bytesInWords, timeInWords } from "./meter.js";

const STARTS = "The analysis starts by itself as soon as the video has arrived.";
const GOES_ON = "It continues from here, also after this page was closed: choose the same file again.";

/** `{ line, hint, say }` of an upload; `meter` measures the one that is on its way. */
export function words(item, meter) {
  const { line, hint = "", say = line } = SAY[item.state](item, meter);
  return { line, hint, say: `${item.name}: ${say} ${hint}`.trim() };
}

const SAY = {
  checking: ({ trouble }) => ({ line: "Looking at the file…", hint: unanswered(trouble) }),
  elsewhere: () => ({ line: "Is being uploaded in another tab.", hint: "It continues here when that tab is closed." }),
  waiting: ({ file }) => ({ line: `${bytesInWords(file.size)} · waits for its turn` }),
  uploading: ({ loaded, plan, starts, resumedBytes }, meter) => ({
    line: `${bytesInWords(loaded)} of ${bytesInWords(plan.sizeBytes)}${pace(plan.sizeBytes - loaded, meter)}`,
    hint: [resumedBytes ? `${bytesInWords(resumedBytes)} had arrived before.` : "", starts ? STARTS : ""].join(" ").trim(),
    say: "uploading.",
  }),
  retrying: (item) => ({ line: stumbling(item.trouble), hint: `${percent(item)} % have arrived and are not sent again.` }),
  paused: (item) => ({ line: `Paused at ${percent(item)} %.`, hint: GOES_ON }),
  finishing: ({ trouble }) => ({ line: "Checking that everything arrived…", hint: unanswered(trouble) }),
  ready: (item) => ({
    line: item.job ? `${size(item)} · is being analysed` : `${size(item)} · ${arrival(item)}`,
    say: "the video is ready.",
  }),
  failed: ({ error }) => ({ line: error.message, hint: error.hint }),
};

const size = ({ file }) => (file ? bytesInWords(file.size) : "Example");
const percent = ({ loaded, plan }) => Math.floor((100 * loaded) / plan.sizeBytes);
const arrival = ({ file, known }) => (file ? (known ? "was here already" : "uploaded") : "ready");

function pace(remaining, meter) {
  const speed = meter.speed();
  return speed === null ? "" : ` · ${bytesInWords(speed)}/s · ${timeInWords(meter.secondsLeft(remaining))} left`;
}

function unanswered(trouble) {
  if (!trouble) return "";
  return trouble === "offline" ? "You are offline. It continues by itself." : "The server does not answer yet.";
}

function stumbling(trouble) {
  if (trouble === "offline") return "You are offline. It continues by itself.";
  if (trouble?.status === 429 || trouble?.status >= 500) return "The store is busy. Trying again…";
  if (trouble?.code === "Unreachable") return "The server does not answer. Trying again…";
  return "The connection stumbles. Trying again…";
}

const QUARTER_GAP_MS = 20_000;

/** Speaks through a live region: changes of state, and of a long upload each quarter; never the counting between. */
export function announcer(region, now = () => performance.now()) {
  const said = new Map(); // item → what was last said of it
  return (item, text) => {
    const quarter = item.plan && item.state === "uploading" ? Math.floor((4 * item.loaded) / item.plan.sizeBytes) : 0;
    const before = said.get(item) ?? { state: "", quarter: 0, at: -Infinity };
    const stateNews = before.state !== item.state;
    const quarterNews = quarter > before.quarter && now() - before.at > QUARTER_GAP_MS;
    if (!stateNews && !quarterNews) return;
    said.set(item, { state: item.state, quarter: stateNews ? Math.max(quarter, before.quarter) : quarter, at: now() });
    region.textContent = stateNews ? text : `${item.name}: ${25 * quarter} % uploaded.`;
  };
}
