/** The toolbar and what goes with it: color, size, reach, undo and redo, hints. */

import { NO_GUIDANCE } from "./edits.js";

const TOOLS = ["look", "point", "brush", "erase"];
const SAYS = {
  look: "A color is wrong? Take Point and click there.",
  point: "Click a place, then choose its color.",
  brush: "Paint with the color over what should have it.",
  erase: "Touch a dot or a stroke to remove it.",
};
const COMMON = [
  ["Skin", "#c99a7c"],
  ["Hair", "#5a4030"],
  ["Wood", "#8a5a3c"],
  ["Brick", "#a4533c"],
  ["Leaves", "#5f7a3a"],
  ["Sky", "#7fa3c7"],
  ["Navy", "#34456e"],
  ["Cream", "#d9c9a3"],
];

/** Binds the controls to the toolbox and the photograph it works on. */
export class CorrectPanel {
  #page;
  #tools;
  #colorGesture = 0;

  constructor(page, tools) {
    this.#page = page;
    this.#tools = tools;
    for (const name of TOOLS) this.#on(`#tool-${name}`, "click", () => tools.take(name));
    this.#bindColor();
    this.#on("#brush-size", "input", (event) => tools.setSize(Number(event.target.value) / 100));
    this.#on("#reach-alike", "change", (event) => tools.setAlike(event.target.checked));
    this.#on("#undo", "click", () => tools.photograph?.undo());
    this.#on("#redo", "click", () => tools.photograph?.redo());
    this.#on("#clear-marks", "click", () => this.#clear());
    document.addEventListener("keydown", (event) => this.#press(event));
    tools.addEventListener("change", () => this.refresh());
    this.refresh();
  }

  refresh() {
    const { name, color, size, isAlike, photograph } = this.#tools;
    for (const each of TOOLS) this.#part(`#tool-${each}`).setAttribute("aria-pressed", String(each === name));
    this.#part("#viewer").dataset.tool = name;
    this.#part("#tool-says").textContent = SAYS[name];
    this.#part("#color").value = color;
    this.#part("#brush-size").value = Math.round(size * 100);
    this.#part("#reach-alike").checked = isAlike;
    this.#part("#undo").disabled = !photograph?.canUndo;
    this.#part("#redo").disabled = !photograph?.canRedo;
    this.#part("#clear-marks").disabled = !photograph?.guidance.marks.length;
    for (const button of this.#page.querySelectorAll(".common-color")) {
      button.setAttribute("aria-pressed", String(button.dataset.color === color));
    }
  }

  /** Shows what the server had to say about the marks. */
  showNotes(notes) {
    const list = this.#part("#notes");
    if (list.dataset.notes === notes.join("\n")) return;
    list.dataset.notes = notes.join("\n");
    list.hidden = !notes.length;
    list.replaceChildren(
      ...notes.map((note) => Object.assign(document.createElement("li"), { textContent: sentence(note) })),
    );
  }

  #bindColor() {
    // a drag in the picker tells many colors but is one step of history
    this.#on("#color", "input", (event) => this.#tools.setColor(event.target.value, `color ${this.#colorGesture}`));
    this.#on("#color", "change", (event) => {
      if (event.target.value !== this.#tools.color) this.#tools.setColor(event.target.value);
      this.#colorGesture += 1;
    });
    this.#part("#common-colors").append(
      ...COMMON.map(([name, color]) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "common-color", title: name });
        button.dataset.color = color;
        button.style.backgroundColor = color;
        button.setAttribute("aria-label", name);
        button.addEventListener("click", () => this.#tools.setColor(color));
        return button;
      }),
    );
  }

  #clear() {
    const { photograph } = this.#tools;
    if (photograph) photograph.commit({ ...photograph.guidance, marks: NO_GUIDANCE.marks });
  }

  #press(event) {
    const { photograph } = this.#tools;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const undoes = key === "z" && !event.shiftKey;
      const redoes = (key === "z" && event.shiftKey) || key === "y";
      if (!photograph || !(undoes || redoes)) return;
      event.preventDefault();
      if (undoes) photograph.undo();
      else photograph.redo();
    } else if (key === "delete" && this.#tools.placeMark) this.#tools.removePlaceMark();
    else if (key === "escape" && this.#tools.place) this.#tools.leavePlace();
  }

  #part(selector) {
    return this.#page.querySelector(selector);
  }

  #on(selector, type, listener) {
    this.#part(selector).addEventListener(type, listener);
  }
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
