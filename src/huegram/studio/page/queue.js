/** The photographs on the table, and which of them is looked at. They are predicted one by one. */

import { Photograph } from "./photograph.js";
import { asProblem } from "./api.js";

/** Emits "change" (anything), "current" (another one is looked at) and "problem" (detail: sentence). */
export class Queue extends EventTarget {
  #api;
  #isWorking = false;

  constructor(api) {
    super();
    this.#api = api;
    this.photographs = [];
    this.current = null;
  }

  get done() {
    return this.photographs.filter((photograph) => photograph.prediction);
  }

  /** How far the work is: of those not failed, how many are done. */
  get progress() {
    const alive = this.photographs.filter((photograph) => photograph.state !== "failed");
    return { done: alive.filter((photograph) => photograph.state === "done").length, all: alive.length };
  }

  /** Lays files on the table; the first of them is looked at. */
  add(files, choices) {
    const added = [...files].map((file) => new Photograph(file, this.#api, choices));
    for (const photograph of added) {
      photograph.addEventListener("change", () => this.#changed());
      this.photographs.push(photograph);
    }
    if (added.length) this.show(added[0]);
    this.#work();
    return added;
  }

  show(photograph) {
    if (photograph === this.current) return;
    this.current = photograph;
    this.dispatchEvent(new Event("current"));
    this.#changed();
    this.#work();
  }

  remove(photograph) {
    const index = this.photographs.indexOf(photograph);
    if (index < 0) return;
    this.photographs.splice(index, 1);
    photograph.forgetOnServer();
    if (this.current === photograph) this.show(this.#nextTo(index));
    this.#changed();
  }

  retry(photograph) {
    photograph.state = "waiting";
    this.show(photograph);
    this.#work();
    this.#changed();
  }

  #nextTo(index) {
    const alive = (photograph) => photograph && photograph.state !== "failed";
    const after = this.photographs.slice(index).find(alive);
    return after ?? this.photographs.slice(0, index).reverse().find(alive) ?? null;
  }

  /** The one looked at comes first, then in order. */
  #next() {
    const waits = (photograph) => photograph?.state === "waiting";
    return waits(this.current) ? this.current : this.photographs.find(waits);
  }

  async #work() {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let photograph = this.#next(); photograph; photograph = this.#next()) {
      await photograph.predict().catch((error) => this.#fail(photograph, error));
      if (!this.photographs.includes(photograph)) photograph.forgetOnServer();
    }
    this.#isWorking = false;
    this.#changed();
  }

  #fail(photograph, error) {
    if (!this.photographs.includes(photograph)) return;
    const problem = asProblem(error);
    photograph.problem = problem;
    this.dispatchEvent(new CustomEvent("problem", { detail: { text: photograph.problemText } }));
    if (this.current === photograph) this.show(this.#nextTo(this.photographs.indexOf(photograph)));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
