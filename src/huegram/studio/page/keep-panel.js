/** Taking work home: the colored photograph, all of them, or a session to go on with. */

/** Hands a file to the browser's downloads. */
function save({ name, blob }) {
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may still be writing
}

const stem = (name) => name.replace(/\.[^.]+$/, "");

/** Binds the buttons; `run(text, task)` shows progress and problems. */
export class KeepPanel {
  #page;
  #api;
  #queue;
  #run;

  constructor(page, { api, queue, run }) {
    this.#page = page;
    this.#api = api;
    this.#queue = queue;
    this.#run = run;
    this.#on("#download", () => this.#download());
    this.#on("#save-session", () => this.#saveSession());
    this.#on("#download-all", () => this.#downloadAll());
    this.#on("#apply-all", () => this.#applyAll());
  }

  setFormats(formats) {
    const options = formats.map((format) => new Option(format, format));
    this.#part("#format").replaceChildren(new Option("As the photograph", ""), ...options);
  }

  refresh() {
    const isThere = Boolean(this.#queue.current?.prediction);
    this.#part("#download").disabled = !isThere;
    this.#part("#save-session").disabled = !isThere;
    const several = this.#queue.done.length > 1;
    this.#part("#download-all").disabled = !several;
    this.#part("#apply-all").disabled = !several || !isThere;
  }

  get #format() {
    return this.#part("#format").value || null;
  }

  #download() {
    const photograph = this.#queue.current;
    return this.#run("Making the file …", async () => {
      const format = this.#format;
      const name = `${stem(photograph.name)}.color`;
      save(await photograph.ask((request) => this.#api.rendering({ ...request, format, name })));
      photograph.markSaved();
    });
  }

  #saveSession() {
    const photograph = this.#queue.current;
    return this.#run("Saving the session …", async () => {
      const name = `${stem(photograph.name)}.huegram`;
      save(await photograph.ask((request) => this.#api.session({ ...request, name })));
      photograph.markSaved();
    });
  }

  #downloadAll() {
    const photographs = this.#queue.done;
    return this.#run(`Making ${photographs.length} files …`, async () => {
      save(await this.#api.archive(await this.#items(photographs), this.#format));
      photographs.forEach((photograph) => photograph.markSaved());
    });
  }

  /** A cheap question first, so that a forgotten prediction is made again before the archive needs it. */
  async #items(photographs) {
    const items = [];
    for (const photograph of photographs) {
      await photograph.ask((request) => this.#api.view({ ...request, maxPx: 64 }));
      items.push(
        await photograph.ask(async ({ prediction, look, guidance }) => ({ prediction, look, guidance })),
      );
    }
    return items;
  }

  #applyAll() {
    const { current } = this.#queue;
    for (const photograph of this.#queue.photographs) {
      if (photograph !== current && photograph.state !== "failed") photograph.takeLookOf(current);
    }
  }

  #part(selector) {
    return this.#page.querySelector(selector);
  }

  #on(selector, listener) {
    this.#part(selector).addEventListener("click", listener);
  }
}
