/** Other colorings of the photograph, as thumbnails to choose from. */

import { asProblem, isAbort } from "./api.js";

const MOST = 6;
const THUMB_PX = 240;
const IDLE_MS = 500;

/** A radio group that fills itself when nothing more urgent is to be done. */
export class Alternatives {
  #root;
  #section;
  #api;
  #photograph = null;
  #count = { photograph: null, networkEdition: 0, value: 0 };
  #painted = null; // what the thumbnails show
  #filling = null; // what they are about to show
  #timer = 0;
  #stale = new AbortController();

  constructor(section, root, api) {
    this.#section = section;
    this.#root = root;
    this.#api = api;
    root.addEventListener("keydown", (event) => this.#press(event));
  }

  show(photograph) {
    this.#photograph = photograph;
    this.#painted = null;
    this.#rest();
    this.#section.hidden = !photograph;
    this.#say("Looking for others …");
    this.#root.replaceChildren();
  }

  /** To be called when something changed; `isIdle` when the picture itself is up to date. */
  refresh(isIdle) {
    this.#check();
    if (!this.#photograph?.prediction) return;
    const wanted = this.#wanted();
    if (this.#painted === wanted || (isIdle && this.#filling === wanted)) return;
    this.#rest();
    if (!isIdle) return;
    this.#filling = wanted;
    this.#timer = setTimeout(() => this.#fill(wanted), IDLE_MS);
  }

  #rest() {
    this.#filling = null;
    clearTimeout(this.#timer);
    this.#stale.abort();
  }

  /** What the thumbnails depend on: all but the alternative chosen. */
  #wanted() {
    const { look, guidance, networkEdition, effort } = this.#photograph;
    const { marks, palette, references, matchPhoto } = guidance;
    const names = [...references, matchPhoto].map((reference) => reference?.key);
    return JSON.stringify([networkEdition, effort, look.vividness, look.rule, marks, palette, names]);
  }

  async #fill(wanted) {
    const photograph = this.#photograph;
    const { signal } = (this.#stale = new AbortController());
    try {
      await this.#learnCount(photograph, signal);
      for (const [number, button] of [...this.#root.children].entries()) {
        const blob = await this.#thumb(photograph, number, signal);
        const image = button.querySelector("img");
        URL.revokeObjectURL(image.src);
        image.src = URL.createObjectURL(blob);
      }
      this.#painted = wanted;
    } catch (error) {
      if (!isAbort(error)) asProblem(error); // the picture is there; thumbnails come with the next edit
    }
  }

  async #learnCount(photograph, signal) {
    const { networkEdition } = photograph;
    if (this.#count.photograph !== photograph || this.#count.networkEdition !== networkEdition) {
      const answer = await photograph.ask(({ prediction }) => this.#api.alternatives(prediction, MOST, signal));
      this.#count = { photograph, networkEdition, value: answer.count };
    }
    const { value } = this.#count;
    this.#say(value < 2 ? "This photograph has one likely coloring only." : "");
    if (this.#root.children.length === value) return;
    this.#root.replaceChildren(...Array.from({ length: value < 2 ? 0 : value }, (_, i) => this.#button(i)));
    this.#check();
  }

  async #thumb(photograph, alternative, signal) {
    const { blob } = await photograph.ask((request) => {
      const look = { ...request.look, alternative };
      return this.#api.view({ ...request, look, maxPx: THUMB_PX }, signal);
    });
    signal.throwIfAborted();
    return blob;
  }

  #button(number) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "alternative" });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", number ? `Coloring ${number + 1}` : "Likeliest coloring");
    const image = document.createElement("img");
    image.alt = "";
    button.append(image);
    button.addEventListener("click", () => this.#choose(number));
    return button;
  }

  #say(text) {
    const says = this.#section.querySelector("#alternatives-say");
    says.textContent = text;
    says.hidden = !text;
  }

  #choose(number) {
    if (this.#photograph.look.alternative !== number) this.#photograph.setLook({ alternative: number });
  }

  #check() {
    [...this.#root.children].forEach((button, number) => {
      const isChosen = number === this.#photograph?.look.alternative;
      button.setAttribute("aria-checked", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
    });
  }

  #press(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const count = this.#root.children.length;
    if (!step || !count) return;
    event.preventDefault();
    const number = (this.#photograph.look.alternative + step + count) % count;
    this.#choose(number);
    this.#root.children[number].focus();
  }
}
