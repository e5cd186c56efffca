/** What the network thinks of the place pointed at, and the colors to choose from. */

import { asProblem, isAbort } from "./api.js";
import { binAt, drawChromaBar, drawWheel, wheelInWords } from "./histogram.js";

/** Follows the toolbox's place; choosing a color goes through the toolbox. */
export class PlacePanel {
  #root;
  #tools;
  #api;
  #place = null; // the server's answer
  #stale = new AbortController();

  constructor(root, tools, api) {
    this.#root = root;
    this.#tools = tools;
    this.#api = api;
    tools.addEventListener("place", () => this.#ask());
    tools.addEventListener("change", () => this.refresh());
    this.#part("#hue-wheel").addEventListener("click", (event) => this.#pick(event));
    this.#part("#place-close").addEventListener("click", () => tools.leavePlace());
    this.#part("#place-remove").addEventListener("click", () => tools.removePlaceMark());
  }

  /** Shows which of the colors is chosen now. */
  refresh() {
    const mark = this.#tools.placeMark;
    this.#part("#place-remove").hidden = !mark;
    for (const swatch of this.#root.querySelectorAll(".swatch")) {
      swatch.setAttribute("aria-pressed", String(swatch.dataset.color === mark?.color));
    }
    if (this.#place && !this.#root.hidden) drawWheel(this.#part("#hue-wheel"), this.#place.bins, mark?.color);
  }

  async #ask() {
    this.#stale.abort();
    this.#stale = new AbortController();
    const { place, photograph } = this.#tools;
    this.#root.hidden = !place;
    this.#place = null;
    if (!place) return;
    this.#root.scrollIntoView({ block: "nearest" });
    const { signal } = this.#stale;
    this.#say("Looking at this place …");
    try {
      const answer = await photograph.ask(({ prediction }) => this.#api.place(prediction, place.point, signal));
      if (!signal.aborted) this.#show(answer);
    } catch (error) {
      if (!isAbort(error)) this.#say(`${asProblem(error).message} You can still choose any color.`);
    }
  }

  #say(text) {
    this.#part("#place-says").textContent = text;
    this.#part("#place-histogram").hidden = true;
    this.#part("#suggestions").replaceChildren();
    this.refresh();
  }

  #show(place) {
    this.#place = place;
    this.#part("#place-says").textContent = sureness(place.confidence);
    const has = Boolean(place.bins?.length);
    this.#part("#place-histogram").hidden = !has;
    this.#part("#suggestions").replaceChildren(...place.suggestions.map((each) => this.#swatch(each)));
    if (has) {
      this.#part("#hue-wheel").setAttribute("aria-label", wheelInWords(place.bins));
      drawChromaBar(this.#part("#chroma-bar"), place.bins);
    }
    this.refresh();
    this.#root.scrollIntoView({ block: "nearest" });
  }

  #swatch({ color, probability }) {
    const percent = probability < 0.01 ? "< 1 %" : `${Math.round(probability * 100)} %`;
    const swatch = document.createElement("button");
    swatch.type = "button";
    swatch.className = "swatch";
    swatch.dataset.color = color;
    swatch.setAttribute("aria-label", `Color ${color}, ${percent}`);
    const paint = document.createElement("span");
    paint.className = "paint";
    paint.style.backgroundColor = color;
    const label = document.createElement("span");
    label.textContent = percent;
    swatch.append(paint, label);
    swatch.addEventListener("click", () => this.#tools.setColor(color));
    return swatch;
  }

  #pick(event) {
    if (!this.#place) return;
    const bin = binAt(event.currentTarget, this.#place.bins, [event.offsetX, event.offsetY]);
    if (bin) this.#tools.setColor(bin.color);
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }
}

function sureness(confidence) {
  const percent = Math.round(confidence * 100);
  return `Sure of its color here: ${percent} %`;
}
