// The files as they are shown: one card each, with a picture, a line, and the buttons that its state allows.

import { words } from "./words.js";

const BUTTONS = {
  uploading: ["pause", "cancel"],
  retrying: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry", "clear"],
  waiting: ["clear"],
  elsewhere: ["clear"],
  ready: ["clear"],
};
const WITH_BAR = ["uploading", "retrying", "paused", "finishing"];

/** Cards in `list`, made of `template`; `act(name, item)` is called for their buttons. */
export function fileRows({ list, template, meter, act }) {
  const rows = new Map(); // item → its element

  function open(item) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".file-name").textContent = item.name;
    row.querySelector(".file-name").title = item.name;
    picture(row.querySelector(".file-picture"), item);
    row.addEventListener("click", (event) => {
      const name = event.target.closest("[data-act]")?.dataset.act;
      if (name) act(name, item);
    });
    rows.set(item, row);
    list.append(row);
    return row;
  }

  function close(item) {
    const video = rows.get(item).querySelector(".file-picture");
    if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
    rows.get(item).remove();
    rows.delete(item);
  }

  function draw(row, item, { alone, busy }) {
    const { line, hint } = words(item, meter);
    const fraction = item.plan ? item.loaded / item.plan.sizeBytes : 0;
    const buttons = BUTTONS[item.state] ?? [];
    row.dataset.state = item.state === "retrying" && item.trouble === "offline" ? "offline" : item.state;
    setText(row.querySelector(".file-state"), line);
    setText(row.querySelector(".file-hint"), hint);
    const bar = row.querySelector(".bar");
    bar.hidden = !WITH_BAR.includes(item.state);
    bar.setAttribute("aria-valuenow", Math.floor(100 * fraction));
    bar.firstElementChild.style.inlineSize = `${100 * fraction}%`;
    for (const button of row.querySelectorAll("[data-act]")) {
      button.hidden = !buttons.includes(button.dataset.act) || (button.dataset.act === "retry" && item.error.hopeless);
    }
    setText(row.querySelector("[data-act=clear]"), alone ? "Choose another" : "Remove");
    const see = row.querySelector(".see");
    see.hidden = !item.job;
    see.href = item.job ? `?job=${item.job}` : "#";
    see.target = busy ? "_blank" : "_self"; // leaving would interrupt what is still on its way
  }

  return {
    /** Show exactly these items. */
    show(items, busy) {
      for (const item of [...rows.keys()]) if (!items.includes(item)) close(item);
      for (const item of items) draw(rows.get(item) ?? open(item), item, { alone: items.length === 1, busy });
    },
    /** Put the keyboard's focus on a button of an item's card. */
    focus: (item, name) => rows.get(item)?.querySelector(`[data-act=${name}]`)?.focus(),
  };
}

/** The same words again would only make a screen reader and the layout work. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function picture(video, { file, url = file && URL.createObjectURL(file) }) {
  video.onloadeddata = () => video.classList.add("seen");
  video.src = `${url}#t=0.1`;
}
