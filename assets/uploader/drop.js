// Files let go anywhere on the page.

/** Calls `take(files)` for dropped files; `mark(over)` hears when some hover over the page. */
export function dropAnywhere({ target = document, take, mark }) {
  let depth = 0; // enter and leave come for every element on the way
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    mark(depth > 0);
  };
  target.addEventListener("dragenter", (event) => carriesFiles(event) && over(1));
  target.addEventListener("dragleave", (event) => carriesFiles(event) && over(-1));
  target.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  target.addEventListener("drop", (event) => {
    over(0);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length > 0) take(event.dataTransfer.files);
  });
}
