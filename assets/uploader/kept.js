// What the browser remembers of its uploads, so that an interrupted one is found again when the same file is picked:
// names and numbers only. Which parts have arrived is asked of the store.

const PREFIX = "ergo.upload.";
const KEEP_MS = 6 * 24 * 3600 * 1000; // the store forgets unfinished uploads after 7 days

/**
 * The uploads kept in `storage`, each under its file's fingerprint:
 * `{ name, size, lastModified, plan, state: "sending" | "done", savedAt }`.
 * Private windows without storage simply cannot resume.
 */
export function keptUploads(storage, now = Date.now) {
  const usable = (record) =>
    Boolean(record?.plan?.videoKey) && now() - record.savedAt < KEEP_MS && record.plan.sizeBytes === record.size;

  const read = (key) => {
    try {
      const record = JSON.parse(storage.getItem(key) ?? "null");
      return usable(record) ? record : null;
    } catch {
      return null; // damaged, or storage is forbidden
    }
  };

  return {
    /** The record of a file, or null; those that the store has cleaned up by now do not count. */
    of: (print) => read(PREFIX + print),

    /** Keep the plan for a file. */
    keep(print, file, plan, state = "sending") {
      const { name, size, lastModified } = file;
      try {
        storage.setItem(PREFIX + print, JSON.stringify({ name, size, lastModified, plan, state, savedAt: now() }));
      } catch {
        // storage is full or forbidden: the upload itself still works
      }
    },

    /** Drop what is kept for a file. */
    forget(print) {
      try {
        storage.removeItem(PREFIX + print);
      } catch {
        // nothing was kept
      }
    },

    /** Uploads that were begun and not ended, the latest first, as `[fingerprint, record]`. */
    unfinished() {
      let keys = [];
      try {
        keys = Array.from({ length: storage.length }, (_, i) => storage.key(i)).filter((key) => key.startsWith(PREFIX));
      } catch {
        return [];
      }
      return keys
        .map((key) => [key.slice(PREFIX.length), read(key)])
        .filter(([, record]) => record?.state === "sending")
        .sort(([, a], [, b]) => b.savedAt - a.savedAt);
    },
  };
}
