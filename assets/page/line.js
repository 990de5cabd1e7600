// Says when this computer is offline, over whatever the page shows; what is shown stays usable.

const WORDS = "Offline. What is on the page still works; an analysis that runs goes on without it.";

/** Follow the line; `host` is where the notice goes. Returns a function that stops. */
export function followLine(host, line = window) {
  const notice = document.createElement("p");
  notice.className = "ergo-offline";
  notice.setAttribute("role", "status");
  host.prepend(notice);
  const tell = () => {
    notice.textContent = line.navigator.onLine ? "" : WORDS;
  };
  const types = ["online", "offline"];
  for (const type of types) line.addEventListener(type, tell);
  tell();
  return () => {
    for (const type of types) line.removeEventListener(type, tell);
    notice.remove();
  };
}
