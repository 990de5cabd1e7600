// An upload that was interrupted is found again when the same file is picked: the browser keeps only the
// file's fingerprint and the names of the upload; which parts arrived is asked of the store.

const PREFIX = "ergo.upload.";
const KEEP_MS = 6 * 24 * 3600 * 1000;

/** Name, size and time of change: enough to tell files apart without reading them. */
export const fingerprint = (file) => [file.name, file.size, file.lastModified].join("|");

/** Keep `plan` for `file`; private windows without storage simply cannot resume. */
export function remember(storage, file, plan, now = Date.now()) {
  try {
    storage.setItem(PREFIX + fingerprint(file), JSON.stringify({ plan, savedAt: now }));
  } catch {
    // storage is full or forbidden: the upload itself still works
  }
}

/** The plan kept for `file`, or null; plans the store has cleaned up by now are dropped. */
export function recall(storage, file, now = Date.now()) {
  try {
    const kept = JSON.parse(storage.getItem(PREFIX + fingerprint(file)) ?? "null");
    return kept && now - kept.savedAt < KEEP_MS && kept.plan.sizeBytes === file.size ? kept.plan : null;
  } catch {
    return null;
  }
}

/** Drop what is kept for `file`. */
export function forget(storage, file) {
  try {
    storage.removeItem(PREFIX + fingerprint(file));
  } catch {
    // nothing was kept
  }
}
