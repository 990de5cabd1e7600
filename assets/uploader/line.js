// The line to the world as a browser knows it: whether there is one, and waits that end early when it comes back.

/** `online()`, and `wait(ms, signal)`: at most so long, until the line is back where it was lost; rejects on abort. */
export function browserLine(host = globalThis) {
  const online = () => host.navigator.onLine !== false;
  return {
    online,
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
