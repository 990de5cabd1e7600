// Two tabs, one file: only one of them sends it, the other waits and takes over when the first is closed.
//
// Web Locks end with the tab that holds them, however it ends. Browsers have them on https and on this machine only;
// elsewhere two tabs may send the same part, which the store survives: the last one counts and both are the same.

const NAME = "ergo.upload.";

/** `hold(print, signal, onWait)` resolves to a function that lets go; `onWait` is told when another tab is first. */
export function fileLocks(manager = globalThis.navigator?.locks) {
  const nothing = () => {};
  return {
    async hold(print, signal, onWait = nothing) {
      if (!manager) return nothing;
      const name = NAME + print;
      const free = await take(manager, name, { ifAvailable: true });
      if (free) return free;
      onWait();
      return take(manager, name, { signal });
    },
    /** The fingerprints of files that some tab works on at this moment. */
    async held() {
      const { held = [] } = manager ? await manager.query() : {};
      return new Set(held.filter(({ name }) => name.startsWith(NAME)).map(({ name }) => name.slice(NAME.length)));
    },
  };
}

/** Resolves once the lock is held (null: not available), rejects when waiting for it is aborted. */
function take(manager, name, options) {
  return new Promise((resolve, reject) => {
    manager
      .request(name, options, (lock) => {
        if (!lock) return void resolve(null);
        return new Promise((letGo) => resolve(letGo));
      })
      .catch(reject);
  });
}
