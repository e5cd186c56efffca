/** The paintings of the photographs looked at lately; older ones give their memory back. */

import { Painting } from "./painting.js";

const KEPT = 4;

/** Hands out one painting a photograph; `onNew(painting)` may listen to it. */
export class Paintings {
  #api;
  #onNew;
  #kept = new Map();

  constructor(api, onNew) {
    this.#api = api;
    this.#onNew = onNew;
  }

  of(photograph) {
    let painting = this.#kept.get(photograph);
    if (!painting) {
      painting = new Painting(photograph, this.#api);
      this.#onNew(painting);
    }
    this.#kept.delete(photograph);
    this.#kept.set(photograph, painting); // last in, last out
    return painting;
  }

  /** Lets the longest unused go, and those whose photograph was removed. */
  tidy(photographs) {
    for (const [photograph, painting] of this.#kept) {
      if (this.#kept.size <= KEPT && photographs.includes(photograph)) continue;
      painting.release();
      this.#kept.delete(photograph);
    }
  }
}
