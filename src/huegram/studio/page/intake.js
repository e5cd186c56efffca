/** How photographs come in: dropped, pasted, picked, or one of the examples. */

/** Binds all ways in to `take(files)`. */
export class Intake {
  #page;
  #take;
  #depth = 0;

  constructor(page, take) {
    this.#page = page;
    this.#take = take;
    this.#bindPick();
    this.#bindDrop();
    document.addEventListener("paste", (event) => this.#paste(event));
  }

  /** Puts the examples on the empty page; `run(text, task)` shows progress and problems. */
  showExamples(examples, api, run) {
    this.#part("#examples-section").hidden = !examples.length;
    this.#part("#examples").replaceChildren(
      ...examples.map(({ name, title }) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "example" });
        const src = `/api/examples/${encodeURIComponent(name)}`;
        const image = Object.assign(document.createElement("img"), { alt: "", src });
        const text = Object.assign(document.createElement("span"), { textContent: title });
        button.append(image, text);
        button.addEventListener("click", () =>
          run(`Fetching ${title} …`, async () => this.#take([await api.example(name)])),
        );
        return button;
      }),
    );
  }

  #bindPick() {
    const input = this.#part("#file-input");
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // so that the same file can be picked again
      this.#give(files);
    });
    for (const button of this.#page.querySelectorAll("[data-picks]")) {
      button.addEventListener("click", () => input.click());
    }
  }

  #bindDrop() {
    const brings = (event) => event.dataTransfer?.types.includes("Files");
    const mark = () => document.body.classList.toggle("is-dragging", this.#depth > 0);
    document.addEventListener("dragenter", (event) => {
      if (!brings(event)) return;
      this.#depth += 1;
      mark();
    });
    document.addEventListener("dragleave", (event) => {
      if (!brings(event)) return;
      this.#depth = Math.max(0, this.#depth - 1);
      mark();
    });
    document.addEventListener("dragover", (event) => brings(event) && event.preventDefault());
    document.addEventListener("drop", () => {
      this.#depth = 0;
      mark();
    }, { capture: true }); // also when an inner target takes the files
    document.addEventListener("drop", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      this.#give([...event.dataTransfer.files]);
    });
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.#give(files);
  }

  #give(files) {
    if (files.length) this.#take(files);
  }

  #part(selector) {
    return this.#page.querySelector(selector);
  }
}
