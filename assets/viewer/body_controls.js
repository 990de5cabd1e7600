// The buttons of the 3D view: follow the body, the way of the hands, the ghost of another moment.

import { nearestIndex } from "./data.js";
import { element } from "./element.js";
import { HANDS } from "./guides.js";
import { stepOfLevel } from "./risk.js";
import { formatTime } from "./timeline_math.js";

const HERE = "here";

function toggle(text, title, pressed, changed) {
  const button = element("button", "ev-chip", text);
  button.type = "button";
  button.title = title;
  const set = (value) => {
    button.setAttribute("aria-pressed", String(value));
    changed(value);
  };
  button.setAttribute("aria-pressed", String(pressed));
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  return button;
}

function handsKey() {
  const key = element("span", "ev-hands-key");
  key.hidden = true;
  ["left hand", "right hand"].forEach((words, hand) => {
    const line = element("i");
    line.style.background = HANDS[hand];
    key.append(line, element("span", "", words));
  });
  return key;
}

/**
 * @param {HTMLElement} corner where the buttons go
 * @param moments the worst moments, of which the first with the highest risk is offered as a ghost
 * @param {() => number} now the time that is shown
 * @returns {{toggleTrail: () => void, toggleFollow: () => void, pinGhost: () => void}} for the keyboard
 */
export function bodyControls(corner, renderer, data, moments, now) {
  const times = data.arrays.timestamps_s;
  const follow = toggle("Follow", "Keep the body in the middle (F)", true, (on) => renderer.setFollow(on));
  const trail = toggle("Hands", "The way of the hands over the last two seconds (T)", false, (on) => {
    renderer.setTrails(on);
    key.hidden = !on;
  });
  const key = handsKey();
  const ghost = element("select", "ev-chip ev-ghost");
  ghost.title = "The posture of another moment beside this one, on the same spot (G keeps this moment)";
  ghost.setAttribute("aria-label", "Ghost");
  const riskOf = (moment) => {
    const method = data.meta.methods.find((entry) => entry.id === moment.method);
    return method ? stepOfLevel(method, moment.level) : 0;
  };
  const worst = moments.reduce((best, moment) => (!best || riskOf(moment) > riskOf(best) ? moment : best), null);
  const option = (value, text) => {
    const made = element("option", "", text);
    made.value = value;
    ghost.append(made);
    return made;
  };
  option("", "No ghost");
  if (worst) option(String(worst.time_s), `Ghost: worst, ${formatTime(worst.time_s, 1)}`);
  const here = option(HERE, "Ghost: this moment");
  const pin = () => {
    const time_s = now();
    here.textContent = `Ghost: ${formatTime(time_s)}`;
    ghost.value = HERE;
    renderer.setGhost(nearestIndex(times, time_s));
  };
  ghost.addEventListener("change", () => {
    here.textContent = "Ghost: this moment";
    if (ghost.value === HERE) pin();
    else renderer.setGhost(ghost.value === "" ? null : nearestIndex(times, Number(ghost.value)));
  });
  corner.append(follow, trail, ghost, key);
  return {
    toggleTrail: () => trail.click(),
    toggleFollow: () => follow.click(),
    pinGhost: () => {
      if (ghost.value === HERE) {
        ghost.value = "";
        ghost.dispatchEvent(new Event("change"));
      } else pin();
    },
  };
}
