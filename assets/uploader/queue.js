// Several files, one after the other: all are looked at when they are added, so that a wrong one is told at once, but
// only one is sent at a time, so that the first is ready as early as the line allows.

const ACTIVE = ["uploading", "retrying", "paused", "finishing"];
const OVER = ["ready", "failed", "cancelled"];

/** A queue of uploads; `open(file, onChange)` makes one, `onChange(queue)` hears of everything. */
export function uploadQueue({ open, onChange }) {
  let items = [];

  const changed = (item) => {
    onChange(queue, item);
    advance();
  };

  /** Begin the first that waits, unless one is on its way. */
  function advance() {
    if (items.some((item) => ACTIVE.includes(item.state))) return;
    const next = items.find((item) => item.state === "waiting");
    if (next) void next.send();
  }

  const queue = {
    get items() {
      return items;
    },
    /** The upload that is on its way, or the one that is looked at. */
    get active() {
      return items.find((item) => ACTIVE.includes(item.state)) ?? items.find((item) => !OVER.includes(item.state)) ?? null;
    },
    /** Whether leaving the page now would interrupt something. */
    get busy() {
      return items.some((item) => ACTIVE.includes(item.state) || item.state === "waiting");
    },
    /** Add files; one that is here already is not added again. */
    add(files) {
      const fresh = [...files].filter((file) => !items.some((item) => same(item.file, file) && item.state !== "failed"));
      const added = fresh.map((file) => open(file, changed));
      items = [...items.filter((item) => !fresh.some((file) => same(item.file, file))), ...added];
      for (const item of added) void item.prepare();
      return added;
    },
    /** Add what needs no upload, such as an example. */
    include(item) {
      items = [...items, item];
      changed(item);
    },
    /** Take a file out; what has not been sent whole is dropped. */
    remove(item) {
      items = items.filter((other) => other !== item);
      item.cancel();
    },
  };
  return queue;
}

const same = (a, b) => a?.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
