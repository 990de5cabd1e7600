// One part over the line: a PUT with progress, which fetch() cannot report.

import { askedWait, HttpError, LineLost } from "./retry.js";

const STALL_MS = 60_000;

/**
 * PUT `blob` to `url`. Rejects with HttpError, LineLost (also after `stallMs` without a byte or an answer: some lines
 * are cut without a word), or the reason of `signal`.
 */
export function put(url, blob, { signal, onLoaded, stallMs = STALL_MS }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let sent = false;
    let alarm = 0;
    const stalled = () => {
      reject(new LineLost("the line went silent", sent));
      request.abort();
    };
    const alive = () => {
      clearTimeout(alarm);
      alarm = setTimeout(stalled, stallMs);
    };
    const abort = () => request.abort();
    request.open("PUT", url);
    request.upload.onprogress = (event) => (alive(), onLoaded(event.loaded));
    request.upload.onload = () => (sent = true);
    request.onload = () => (request.status >= 200 && request.status < 300 ? resolve() : reject(refusal(request)));
    request.onerror = () => reject(new LineLost(undefined, sent));
    request.onabort = () => reject(signal.reason ?? new DOMException("aborted", "AbortError"));
    request.onloadend = () => (clearTimeout(alarm), signal.removeEventListener("abort", abort));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) return reject(signal.reason);
    alive();
    request.send(blob);
  });
}

function refusal(request) {
  // asking for a header that CORS hides writes an error to the console, so look first
  const asked = /^retry-after:/im.test(request.getAllResponseHeaders()) ? request.getResponseHeader("Retry-After") : null;
  return new HttpError(request.status, { waitMs: askedWait(asked), told: toldBy(request.responseText) });
}

/** The typed error of Ergo's own store; buckets answer in XML, which says nothing that the status does not. */
function toldBy(text) {
  try {
    return JSON.parse(text).error ?? null;
  } catch {
    return null;
  }
}
