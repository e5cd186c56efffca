/** Colors to bring in: a palette, or photographs that lend theirs. */

import { hasRoomForColor, withPalette } from "./edits.js";

let lastKey = 0;

/** Binds palette and references to the current photograph. `run(task)` shows that something goes on. */
export class PalettePanel {
  #page;
  #api;
  #run;
  #photograph = null;
  #gestures = 0;
  #shown = null;
  #nextColor;

  constructor(page, { api, run, nextColor }) {
    this.#page = page;
    this.#api = api;
    this.#run = run;
    this.#nextColor = nextColor;
    this.#part("#palette-add").addEventListener("click", () => this.#addColor());
    this.#bindFiles("#reference-input", (file) => this.addReference(file));
    this.#bindFiles("#match-input", (file) => this.matchPhoto(file));
  }

  show(photograph) {
    this.#photograph = photograph;
    this.refresh();
  }

  refresh() {
    const guidance = this.#photograph?.guidance;
    if (!guidance || guidance === this.#shown) return;
    const hadFocus = this.#part("#palette").contains(document.activeElement);
    this.#shown = guidance;
    this.#part("#palette-add").disabled = !hasRoomForColor(guidance);
    if (!this.#patchColors(guidance.palette)) {
      this.#part("#palette").replaceChildren(...guidance.palette.map((color, i) => this.#colorChip(color, i)));
      if (hadFocus) this.#part("#palette-add").focus();
    }
    this.#part("#references").replaceChildren(
      ...guidance.references.map((each) => this.#photoChip(each, "like places", () => this.#dropReference(each))),
      ...(guidance.matchPhoto
        ? [this.#photoChip(guidance.matchPhoto, "overall colors", () => this.#commit({ matchPhoto: null }))]
        : []),
    );
  }

  /** A color photograph whose like regions lend their colors. */
  addReference(file) {
    return this.#upload(file, ({ guidance }, reference) => ({ references: [...guidance.references, reference] }));
  }

  /** A color photograph whose overall colors are matched. */
  matchPhoto(file) {
    return this.#upload(file, (_, reference) => ({ matchPhoto: reference, palette: [] }));
  }

  #upload(file, changes) {
    const photograph = this.#photograph;
    if (!photograph) return null;
    return this.#run(`Looking at ${file.name} …`, async () => {
      const { id, name } = await this.#api.addReference(file);
      const reference = { key: (lastKey += 1), file, name: name ?? file.name, id };
      photograph.commit({ ...photograph.guidance, ...changes(photograph, reference) });
    });
  }

  #bindFiles(selector, take) {
    const input = this.#part(selector);
    input.addEventListener("change", () => {
      [...input.files].forEach(take);
      input.value = "";
    });
    const target = input.closest(".file-button");
    target.addEventListener("dragover", (event) => {
      event.preventDefault();
      target.classList.add("is-target");
    });
    target.addEventListener("dragleave", () => target.classList.remove("is-target"));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation(); // the page would take it for a photograph to color
      document.body.classList.remove("is-dragging");
      target.classList.remove("is-target");
      [...event.dataTransfer.files].forEach(take);
    });
  }

  #commit(changes, gesture) {
    this.#photograph.commit({ ...this.#photograph.guidance, ...changes }, gesture);
  }

  #addColor() {
    const { guidance } = this.#photograph ?? {};
    if (!guidance || !hasRoomForColor(guidance)) return;
    this.#photograph.commit(withPalette(guidance, [...guidance.palette, this.#nextColor()]));
    this.#part("#palette").querySelector("li:last-child input")?.focus();
  }

  #setColor(index, color, gesture = null) {
    const palette = this.#photograph.guidance.palette.map((old, i) => (i === index ? color : old));
    this.#photograph.commit(withPalette(this.#photograph.guidance, palette), gesture);
  }

  #dropColor(index) {
    const palette = this.#photograph.guidance.palette.filter((_, i) => i !== index);
    this.#photograph.commit(withPalette(this.#photograph.guidance, palette));
  }

  #dropReference(reference) {
    this.#commit({ references: this.#photograph.guidance.references.filter((each) => each !== reference) });
  }

  /** Changes colors in place, as long as it can: an open color picker must not lose its input. */
  #patchColors(palette) {
    const inputs = [...this.#part("#palette").querySelectorAll("input")];
    if (inputs.length !== palette.length) return false;
    inputs.forEach((input, i) => (input.value = palette[i]));
    return true;
  }

  #colorChip(color, index) {
    const item = document.createElement("li");
    const input = Object.assign(document.createElement("input"), { type: "color", value: color });
    input.setAttribute("aria-label", `Palette color ${index + 1}`);
    input.addEventListener("input", () => this.#setColor(index, input.value, `palette ${this.#gestures}`));
    input.addEventListener("change", () => (this.#gestures += 1));
    item.append(input, removeButton(`Remove palette color ${index + 1}`, () => this.#dropColor(index)));
    return item;
  }

  #photoChip({ file, name }, role, remove) {
    const item = document.createElement("li");
    const image = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(file) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => image.remove()); // a format only the server reads
    const text = document.createElement("span");
    const small = Object.assign(document.createElement("small"), { textContent: role });
    text.append(name, small);
    item.append(image, text, removeButton(`Remove ${name}`, remove));
    return item;
  }

  #part(selector) {
    return this.#page.querySelector(selector);
  }
}

function removeButton(label, remove) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  button.className = "remove";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", remove);
  return button;
}
