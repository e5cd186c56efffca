/** One photograph on the table: its file, its prediction, and all that was said about it. */

import { DEFAULT_LOOK, History, NO_GUIDANCE, newMark, wireGuidance } from "./edits.js";

const MOST_REMINDERS = 3; // it may have forgotten the prediction, then the references

/**
 * Emits "change" whenever anything about it changed; `edition` counts what changes its colors.
 * The file and the edits live here, so a server that forgot everything loses nothing.
 */
export class Photograph extends EventTarget {
  #api;
  #predicting = null;
  #history = new History(NO_GUIDANCE);
  #savedEdition = 0;

  constructor(file, api, choices = {}) {
    super();
    this.#api = api;
    this.file = file;
    this.name = file.name;
    this.state = "waiting"; // waiting | working | done | failed
    this.problem = null;
    this.prediction = null;
    this.preview = null; // a small canvas of the file, while it waits
    this.thumb = null; // a smaller one, in color
    this.look = DEFAULT_LOOK;
    this.effort = choices.effort ?? "good";
    this.model = choices.model ?? null;
    this.edition = 0;
    this.networkEdition = 0; // counts predictions that may differ
  }

  /** A saved session holds its prediction, so no network looks at it again. */
  get isSession() {
    return /\.huegram$/i.test(this.name);
  }

  get guidance() {
    return this.#history.present;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  get hasUnsavedMarks() {
    return this.guidance.marks.length > 0 && this.edition !== this.#savedEdition;
  }

  get width() {
    return this.prediction?.width ?? 0;
  }

  get height() {
    return this.prediction?.height ?? 0;
  }

  /** The vividness that shows, chosen or the model's own. */
  get vividness() {
    return this.look.vividness ?? this.prediction?.default_vividness ?? 0.35;
  }

  /** What went wrong, with the name of the photograph in it. */
  get problemText() {
    const text = this.problem?.message ?? "Failed.";
    return text.includes(this.name) ? text : `${this.name}: ${text}`;
  }

  setLook(changes) {
    this.look = { ...this.look, ...changes };
    this.#edited();
  }

  commit(guidance, gesture = null) {
    if (guidance === this.guidance) return;
    this.#history.commit(guidance, gesture);
    this.#edited();
  }

  undo() {
    if (!this.canUndo) return;
    this.#history.undo();
    this.#edited();
  }

  redo() {
    if (!this.canRedo) return;
    this.#history.redo();
    this.#edited();
  }

  /** Takes over what can be shared between photographs: not the marks, not the alternative. */
  takeLookOf(other) {
    const { vividness, rule } = other.look;
    const { palette, references, matchPhoto } = other.guidance;
    this.look = { ...this.look, vividness, rule };
    this.#history.commit({ ...this.guidance, palette, references, matchPhoto });
    this.#edited();
  }

  setPreview(canvas) {
    this.preview = canvas;
    this.#changed();
  }

  setThumb(canvas) {
    this.thumb = canvas;
    this.#changed();
  }

  markSaved() {
    this.#savedEdition = this.edition;
  }

  /** Has the network look at it for the first time. */
  async predict() {
    this.#setState("working");
    try {
      await this.#predict({ isFirst: true });
      this.#setState("done");
    } catch (problem) {
      this.problem = problem;
      this.#setState("failed");
      throw problem;
    }
  }

  /** Has the network look again, with other choices; the old prediction stays if that fails. */
  async predictAgain(choices) {
    const before = { effort: this.effort, model: this.model };
    const old = this.prediction?.id;
    Object.assign(this, choices);
    this.#setState("working");
    try {
      await this.#predict();
      this.networkEdition += 1;
      if (this.model !== before.model) this.look = { ...this.look, rule: null, alternative: 0 };
      else this.look = { ...this.look, alternative: 0 };
      this.edition += 1;
      if (old) this.#api.forget(old).catch(() => {});
    } catch (problem) {
      Object.assign(this, before);
      throw problem;
    } finally {
      this.#setState("done");
    }
  }

  /**
   * Runs `question(request)` with what a rendering needs. If the server forgot the prediction or
   * references, sends them again and asks once more, without a word.
   */
  async ask(question) {
    for (let reminders = 0; ; reminders += 1) {
      const { id } = this.prediction;
      try {
        return await question(this.#request());
      } catch (problem) {
        if (reminders >= MOST_REMINDERS || !(await this.#remind(problem, id))) throw problem;
      }
    }
  }

  #request() {
    const { look, name } = this;
    return { prediction: this.prediction.id, look, guidance: wireGuidance(this.guidance), name };
  }

  /** Makes the server know again what it says it forgot; false if that is not the matter. */
  async #remind(problem, id) {
    if (problem.isUnknownReference) {
      const { references, matchPhoto } = this.guidance;
      for (const reference of [...references, ...(matchPhoto ? [matchPhoto] : [])]) {
        reference.id = (await this.#api.addReference(reference.file)).id;
      }
      return true;
    }
    if (!problem.isUnknownPrediction) return false;
    if (this.prediction.id === id) await this.#predict();
    return true;
  }

  forgetOnServer() {
    if (this.prediction) this.#api.forget(this.prediction.id).catch(() => {});
  }

  /** Several may find the prediction forgotten at once: they share one new one. */
  #predict({ isFirst = false } = {}) {
    this.#predicting ??= this.#askForPrediction(isFirst).finally(() => {
      this.#predicting = null;
    });
    return this.#predicting;
  }

  async #askForPrediction(isFirst) {
    if (!this.isSession) {
      this.prediction = await this.#api.predict(this);
      return;
    }
    const opened = await this.#api.open(this);
    if (isFirst) {
      // the alternative chosen is in the saved histograms already: among theirs it is the first
      this.look = { ...DEFAULT_LOOK, ...opened.look, alternative: 0 };
      this.#history = new History({ ...NO_GUIDANCE, marks: (opened.marks ?? []).map(newMark) });
      this.#savedEdition = this.edition;
    }
    this.prediction = opened;
  }

  #setState(state) {
    this.state = state;
    if (state !== "failed") this.problem = null;
    this.#changed();
  }

  #edited() {
    this.edition += 1;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
