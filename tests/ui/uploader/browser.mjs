// What a browser has and Node has not, as small as the tests need it.

import { HttpError, LineLost } from "../../../assets/uploader/retry.js";

/** localStorage over a map. */
export function memoryStorage(entries = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    get length() {
      return kept.size;
    },
    key: (i) => [...kept.keys()][i] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, String(value)),
    removeItem: (key) => void kept.delete(key),
  };
}

/** put.js over fetch: no XMLHttpRequest here. */
export async function put(url, blob, { signal, onLoaded }) {
  let response;
  try {
    response = await fetch(url, { method: "PUT", body: blob, signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : Object.assign(new LineLost(), { bodySent: true, cause: error });
  }
  if (!response.ok) throw new HttpError(response.status, { waitMs: 1000 * Number(response.headers.get("retry-after") ?? 0) });
  onLoaded(blob.size);
}

/** A line that is never down and on which waiting takes a millisecond. */
export const quickLine = (waits = []) => ({
  online: () => true,
  watch: () => () => {},
  wait: async (ms, signal) => {
    waits.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 1));
    signal.throwIfAborted();
  },
});

/** Until `condition()` holds. */
export async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
