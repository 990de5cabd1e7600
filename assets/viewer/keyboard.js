// Keys of the stage. They work while the focus is inside it, so the rest of the page keeps its own.

const VIEW_KEYS = { 1: "front", 2: "side", 3: "top", 4: "camera" };
const TURN = 0.12;
const LETTERS = {
  i: { name: "span", value: 0.6 }, o: { name: "span", value: 1 / 0.6 }, l: { name: "loop" },
  f: { name: "follow" }, t: { name: "trail" }, g: { name: "ghost" },
};

/**
 * What a key press asks for, or null. Pure, so that it can be tested without a page.
 * @returns {{name: string, value?: any}|null}
 */
export function actionOf(event, onButton = false) {
  if (event.ctrlKey || event.metaKey) return null;
  const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (arrow && event.altKey) return { name: "turn", value: [TURN * arrow[0], TURN * arrow[1]] };
  if (event.altKey) return null;
  if (arrow && arrow[0] !== 0) return { name: event.shiftKey ? "second" : "frame", value: arrow[0] };
  if (event.key === " ") return onButton ? null : { name: "toggle" };
  if (event.key === "j" || event.key === "J") return { name: "peak", value: -1 };
  if (event.key === "k" || event.key === "K") return { name: "peak", value: 1 };
  if (event.key === "Home") return { name: "goto", value: 0 };
  if (event.key === "End") return { name: "goto", value: Number.POSITIVE_INFINITY };
  if (event.key === "+" || event.key === "=") return { name: "zoom", value: 0.85 };
  if (event.key === "-") return { name: "zoom", value: 1 / 0.85 };
  if (event.key === "0") return { name: "span", value: 0 };
  const letter = LETTERS[event.key.toLowerCase()];
  if (letter) return letter;
  if (event.key === "?") return { name: "help" };
  if (event.key in VIEW_KEYS) return { name: "view", value: VIEW_KEYS[event.key] };
  return null;
}

/** Listen on the stage's root; `actions` has a function for each action's name. Returns a function that stops. */
export function attachKeyboard(root, actions) {
  const listener = (event) => {
    const target = event.target;
    if (target.closest("select, input, textarea, dialog")) return;
    const action = actionOf(event, target.closest("button") !== null);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    actions[action.name](action.value);
  };
  root.addEventListener("keydown", listener);
  return () => root.removeEventListener("keydown", listener);
}
