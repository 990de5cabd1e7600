// While other inputs are tried in the player, each card of the result says what it would be with them, beside what it is.

const NOTE = "Everything below is without the changes that are tried above, where it does not say otherwise.";

function paragraph(className, text) {
  const node = document.createElement("p");
  node.className = className;
  node.textContent = text;
  return node;
}

function block(before, after) {
  if (before === after) return [paragraph("beside same", "The same with the changes")];
  const node = document.createElement("div");
  node.className = "beside";
  node.append(paragraph("beside-title", "With the changes"));
  node.insertAdjacentHTML("beforeend", after); // our own server's, escaped there
  return [node, paragraph("beside same", "Without them")];
}

function clear() {
  for (const node of document.querySelectorAll("#ergo-results :is(.beside, .beside-note)")) node.remove();
}

/** Show {before, after}, each the words of every card by its method; null takes them back. */
export function showBeside(cards) {
  clear();
  if (!cards) return;
  for (const card of document.querySelectorAll("#ergo-results article[data-method]")) {
    const { [card.dataset.method]: after } = cards.after;
    if (after === undefined) continue;
    card.querySelector("h3").after(...block(cards.before[card.dataset.method], after));
  }
  document.querySelector("#ergo-results .story")?.prepend(paragraph("beside-note", NOTE));
}

/** Follow the player's event "ergo:beside". */
export function besideChanges() {
  document.addEventListener("ergo:beside", (event) => showBeside(event.detail));
}
