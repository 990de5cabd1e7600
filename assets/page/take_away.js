// Reports and other formats of a result: asked for when a button is pressed, saved when they come. What is typed in for
// a report is kept in this browser only.

const KEPT = "ergo-report";
const FIELDS = ["company", "assessor", "job_title", "notes"];
const LOGO_SIDE_PX = 480;
const ASK_AGAIN_MS = 1500;

const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {}; // storage is blocked, or holds something else
  }
};

const keep = (fields) => {
  try {
    localStorage.setItem(KEPT, JSON.stringify(fields));
  } catch {
    // private mode: the fields live as long as the page
  }
};

const address = (call) => new URL(`ergo/api/${call}`, document.baseURI);

const post = (call, body) =>
  fetch(address(call), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name ?? "";
  document.body.append(link);
  link.click();
  link.remove();
}

const nameIn = (response) =>
  decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "report");

async function complain(response) {
  const answer = await response.json().catch(() => ({}));
  throw new Error([answer.message, answer.hint].filter(Boolean).join(" ") || "It could not be made. Try again.");
}

/** A report with what was typed in for it: the answer is the file. */
async function report(job, kind, fields) {
  const response = await post("report", { job_id: job, format: kind, fields });
  if (!response.ok) await complain(response);
  const url = URL.createObjectURL(await response.blob());
  save(url, nameIn(response));
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Another format: the answer is a link, or that it is being made. */
async function exported(job, kind, at_s) {
  for (;;) {
    const response = await post("export", { job_id: job, format: kind, at_s });
    if (!response.ok) await complain(response);
    const { state, download_url } = (await response.json()).export;
    if (state === "ready") return void save(download_url);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** A picture as a data URL, no larger than a logo need be. */
async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LOGO_SIDE_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

/** Make the section's buttons and form work; `element` is what holds it, now or later. */
export function takeAway(element) {
  let fields = kept();
  const part = (selector) => element.querySelector(`.take-away ${selector}`);
  const tell = (words, bad = false) => {
    const place = part(".take-away-state");
    if (!place) return;
    place.textContent = words;
    place.classList.toggle("bad", bad);
  };
  const showLogo = () => {
    part(".logo-state").textContent = fields.logo ? "A logo is kept." : "";
    part("[data-no-logo]").hidden = !fields.logo;
  };

  element.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.(".report-fields")) return;
      for (const name of FIELDS) part(`[name=${name}]`).value = fields[name] ?? "";
      showLogo();
    },
    true, // toggle does not bubble
  );
  element.addEventListener("input", (event) => {
    if (!event.target.closest(".report-fields") || !FIELDS.includes(event.target.name)) return;
    fields = { ...fields, [event.target.name]: event.target.value };
    keep(fields);
  });
  element.addEventListener("change", async (event) => {
    if (!event.target.matches(".report-fields [name=logo]") || !event.target.files[0]) return;
    try {
      fields = { ...fields, logo: await small(event.target.files[0]) };
      keep(fields);
      showLogo();
    } catch {
      part(".logo-state").textContent = "That is no picture this browser can read.";
    }
  });
  element.addEventListener("submit", (event) => event.preventDefault());
  element.addEventListener("click", async (event) => {
    if (event.target.closest("[data-no-logo]")) {
      const { logo: _, ...rest } = fields;
      keep((fields = rest));
      part("[name=logo]").value = "";
      showLogo();
    }
    const button = event.target.closest("[data-report], [data-export]");
    if (!button || button.getAttribute("aria-busy")) return;
    const { job } = button.closest(".take-away").dataset;
    const label = button.querySelector("strong").textContent;
    button.setAttribute("aria-busy", "true");
    tell(`${label} is being made …`);
    try {
      if (button.dataset.report) await report(job, button.dataset.report, fields);
      else {
        const shown_s = document.querySelector(".ergo-viewer-host")?.__ergo?.time_s;
        const at_s = "moment" in button.dataset && shown_s !== undefined ? shown_s.toFixed(2) : "";
        await exported(job, button.dataset.export, at_s);
      }
      tell(`${label} is saved.`);
    } catch (error) {
      tell(error instanceof TypeError ? "The page is offline. Try again." : error.message, true);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}
