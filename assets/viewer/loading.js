// What the stage fetches: its style sheet and the result.

import { decode } from "./data.js";
import { element as make } from "./element.js";

/** Add viewer.css to the page, once. */
export function addStyle() {
  const href = new URL("./viewer.css", import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  const present = document.head.querySelector(`link[data-ergo-viewer]`);
  if (present) return Promise.resolve();
  const link = make("link");
  link.rel = "stylesheet";
  link.href = href;
  link.dataset.ergoViewer = "";
  document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
  });
}

/** The decoded result at a URL. @throws {Error} with a sentence for the user. */
export async function download(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The result could not be reached. Check the connection and reload the page.");
  }
  if (!response.ok) {
    throw new Error(`The result could not be loaded (HTTP ${response.status}). Reload the page for a fresh link.`);
  }
  return decode(await response.arrayBuffer());
}
