// Uploads that were interrupted: how far each came, and the way to go on. A browser may not read a file again by
// itself, so the user is asked for the same one; another one is told so.

import { fingerprint } from "./fingerprint.js";
import { bytesInWords } from "./meter.js";
import { finishedBytes } from "./plan.js";
import { ask } from "./server.js";

const SHOWN = 3;

/**
 * The list in `root` (rows of `template`). `pick()` resolves to the file that the user chooses, or null;
 * `take(file)` continues with it.
 */
export function unfinishedUploads({ root, template, kept, locks, server, pick, take }) {
  async function show() {
    const held = await locks.held();
    const records = kept.unfinished().filter(([print]) => !held.has(print)).slice(0, SHOWN);
    const rows = await Promise.all(records.map(([print, record]) => row(print, record)));
    root.querySelector("ul").replaceChildren(...rows.filter(Boolean));
    root.hidden = !rows.some(Boolean);
  }

  async function row(print, record) {
    let answer;
    try {
      answer = await ask(server, "parts", record.plan);
    } catch (error) {
      if (error.final) kept.forget(print); // the store has cleaned it up, or it was deleted
      return null;
    }
    const item = template.content.firstElementChild.cloneNode(true);
    const $ = (selector) => item.querySelector(selector);
    const share = Math.floor((100 * finishedBytes(record.plan, answer.finished)) / record.size);
    $(".file-name").textContent = record.name;
    $(".file-state").textContent = `${share} % of ${bytesInWords(record.size)} had arrived.`;
    $(".file-hint").textContent = answer.starts ? "The analysis starts by itself when the rest has arrived." : "";
    $("[data-act=same]").addEventListener("click", async () => {
      const file = await pick();
      if (!file) return;
      if ((await fingerprint(file)) === print) return take(file);
      item.dataset.code = "AnotherFile";
      $(".file-hint").textContent = another(file, record);
    });
    $("[data-act=forget]").addEventListener("click", () => {
      kept.forget(print);
      item.remove();
      root.hidden = root.querySelector("ul").children.length === 0;
      server.abort(record.plan)?.catch?.(() => {}); // the store's own clean-up takes what stays behind
    });
    return item;
  }

  return { show };
}

/** What tells the chosen file from the one that was interrupted. */
function another(file, record) {
  const when = (ms) => new Date(ms).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const about = ({ name, size, lastModified }) => `${name}, ${bytesInWords(size)}, changed ${when(lastModified)}`;
  return `That is another file (${about(file)}). The interrupted one is ${about(record)}.`;
}
