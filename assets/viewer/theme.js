// The colours of frame.css for what is drawn on canvases, and word when they change.

const NAMES = ["ink", "muted", "line", "lane", "hatch", "accent", "range", "veil"];

/** Resolved CSS colours of the stage, and the family of its type. */
export function readTheme(root) {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  const theme = {};
  for (const name of NAMES) {
    probe.style.color = `var(--ergo-${name})`;
    theme[name] = getComputedStyle(probe).color;
  }
  theme.font = getComputedStyle(root).fontFamily;
  probe.remove();
  return theme;
}

/** "rgb(20, 30, 40)" as numbers 0–1. */
export function rgbOf(color) {
  return (color.match(/[\d.]+/g) ?? ["90", "90", "90"]).slice(0, 3).map((part) => Number(part) / 255);
}

/** Call `changed` when the system or the page turns light or dark, or goes to paper. Returns a function that stops it. */
export function watchTheme(changed) {
  const media = [matchMedia("(prefers-color-scheme: dark)"), matchMedia("print")];
  for (const query of media) query.addEventListener("change", changed);
  const observer = new MutationObserver(changed);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: ["class"] });
  }
  return () => {
    for (const query of media) query.removeEventListener("change", changed);
    observer.disconnect();
  };
}
