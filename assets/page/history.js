// "My analyses": marking two to compare, making and ending links, deleting. The list itself is HTML of the server.

/** Wire the list in `element`; `server` has links, share, end, delete and older, see ergo/ui/history.py. */
export function history({ element, server }) {
  const said = (text) => {
    const place = element.querySelector(".history-said");
    if (place) place.textContent = text;
  };
  const jobOf = (node) => node.closest("li[data-job]");

  async function ask(name, data) {
    let answer;
    try {
      answer = await server[name](data);
    } catch {
      answer = null;
    }
    if (!answer) throw new Error("The server does not answer. Try again.");
    if (answer.error) throw new Error(`${answer.error.message} ${answer.error.hint}`);
    return answer;
  }

  /** Open one panel below a line; there is never more than one. */
  function open(item, kind) {
    close();
    item.append(element.querySelector(`template.${kind}`).content.cloneNode(true));
    item.querySelector(".share-panel :is(select, button)").focus();
  }
  function close() {
    const panel = element.querySelector("li .share-panel");
    panel?.closest("li").querySelector("[data-do=share], [data-do=delete]")?.focus();
    panel?.remove();
  }

  function listLinks(item, links) {
    const list = item.querySelector(".share-links");
    list.replaceChildren(
      ...links.map(({ share, path, until, film }) => {
        const row = document.createElement("li");
        const field = Object.assign(document.createElement("input"), { readOnly: true, value: new URL(path, document.baseURI).href });
        field.setAttribute("aria-label", "Address of the link");
        field.addEventListener("focus", () => field.select());
        const words = Object.assign(document.createElement("span"), { className: "muted" });
        words.textContent = `until ${until}${film ? ", with the film" : ""}`;
        row.append(field, button("Copy", "copy"), button("End it", "end", share), words);
        return row;
      }),
    );
  }
  function button(text, what, share = "") {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: text });
    Object.assign(made.dataset, { do: what, share });
    return made;
  }

  const doing = {
    compare() {
      const [before, after] = [...element.querySelectorAll("[data-mark]:checked")].sort(
        (a, b) => a.dataset.created - b.dataset.created,
      );
      location.search = `?job=${after.dataset.mark}&with=${before.dataset.mark}`;
    },
    async share(item) {
      open(item, "share-form");
      listLinks(item, (await ask("links", { job: item.dataset.job })).links);
    },
    async make(item) {
      const span = item.querySelector("[data-field=span]").value;
      const film = item.querySelector("[data-field=film]").checked;
      listLinks(item, (await ask("share", { job: item.dataset.job, span, film })).links);
      said("The link is made. Whoever has it can look at this result.");
    },
    async end(item, { share }) {
      listLinks(item, (await ask("end", { job: item.dataset.job, share })).links);
      said("The link has ended. It shows nothing any more.");
    },
    async copy(_, __, target) {
      const field = target.parentElement.querySelector("input");
      field.select();
      await navigator.clipboard?.writeText(field.value);
      said("Copied.");
    },
    async older(_, __, target) {
      const { items, more } = await ask("older", { after: element.querySelector("li[data-job]:last-of-type").dataset.job });
      const list = element.querySelector(".history > ul");
      const first = list.children.length;
      list.insertAdjacentHTML("beforeend", items);
      list.children[first]?.querySelector("a")?.focus();
      if (!more) target.remove();
    },
    delete: (item) => open(item, "delete-form"),
    async really(item) {
      said("Deleting…");
      const { left } = await ask("delete", { job: item.dataset.job });
      if (left > 0) {
        throw new Error(`${left} files of it are still there; a worker may be writing. Try again in a minute.`);
      }
      item.remove();
      said("Deleted. The store lists nothing of this analysis any more.");
    },
    close,
  };

  element.addEventListener("change", (event) => {
    if (!event.target.matches("[data-mark]")) return;
    const compare = element.querySelector("[data-do=compare]");
    if (compare) compare.disabled = element.querySelectorAll("[data-mark]:checked").length !== 2;
  });
  element.addEventListener("keydown", (event) => event.key === "Escape" && close());
  element.addEventListener("click", async (event) => {
    const target = event.target.closest("[data-do]");
    if (!target) return;
    target.disabled = true;
    try {
      await doing[target.dataset.do](jobOf(target), target.dataset, target);
    } catch (error) {
      said(error.message);
    } finally {
      target.disabled = false;
    }
  });
}
