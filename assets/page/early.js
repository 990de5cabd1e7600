// What somebody does before the page can hear it, which on a slow line is seconds, is kept until the drop area takes it
// (uploader/uploader.js): films let go anywhere or chosen, and the button pressed last. Stands in the page itself.

(() => {
  const early = { files: [], pressed: null };
  const taken = new AbortController();
  const on = (type, heard) => document.addEventListener(type, heard, { capture: true, signal: taken.signal });
  const inUploader = (event, selector) => event.target.closest?.(`.ergo-uploader ${selector}`);
  const busy = () => document.querySelector(".ergo-uploader")?.setAttribute("aria-busy", "true");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  on("dragover", (event) => carriesFiles(event) && event.preventDefault());
  on("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // the browser would leave the page for the film
    early.files.push(...event.dataTransfer.files);
    busy();
  });
  on("change", (event) => {
    if (!inUploader(event, "input[type=file]")) return;
    early.files.push(...event.target.files);
    busy();
  });
  on("click", (event) => {
    const button = inUploader(event, "button");
    if (!button) return;
    early.pressed = button;
    busy();
  });

  /** All of it, once. */
  window.ergoEarly = () => {
    taken.abort();
    delete window.ergoEarly;
    return early;
  };
})();
