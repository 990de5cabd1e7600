// The line to the world as a browser knows it: whether there is one, and waits that end early when it comes back.

/**
 * `online()`; `wait(ms, signal)`: at most so long, until the line is back where it was lost, rejects on abort;
 * `watch(listener)` calls it when the line is lost and when it is back, and returns what ends that.
 */
export function browserLine(host = globalThis) {
  const online = () => host.navigator.onLine !== false;
  return {
    online,
    watch(listener) {
      for (const event of ["online", "offline"]) host.addEventListener(event, listener);
      return () => ["online", "offline"].forEach((event) => host.removeEventListener(event, listener));
    },
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        const end = (settle) => () => {
          clearTimeout(timer);
          host.removeEventListener("online", done);
          signal.removeEventListener("abort", aborted);
          settle();
        };
        const done = end(resolve);
        const aborted = end(() => reject(signal.reason));
        const timer = online() ? setTimeout(done, ms) : 0;
        host.addEventListener("online", done);
        signal.addEventListener("abort", aborted);
        if (signal.aborted) aborted();
      });
    },
  };
}
