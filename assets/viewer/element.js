/** A new HTML element with its class and its text. */
export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Pixels of a canvas for one of the page; more than 2.5 nobody sees, and every frame pays. */
export function pixelRatio() {
  return Math.min(2.5, window.devicePixelRatio || 1);
}
