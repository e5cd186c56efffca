/** Wires the page: edits go to the photograph, changes of the photograph come back to what shows it. */

import { Alternatives } from "./alternatives.js";
import { Api, asProblem } from "./api.js";
import { Compare } from "./compare.js";
import { CorrectPanel } from "./correct-panel.js";
import { Gestures, listenForZoomKeys } from "./gestures.js";
import { Intake } from "./intake.js";
import { KeepPanel } from "./keep-panel.js";
import { LookPanel } from "./look-panel.js";
import { Message, Status } from "./messages.js";
import { Paintings } from "./paintings.js";
import { PalettePanel } from "./palette-panel.js";
import { PlacePanel } from "./place-panel.js";
import { Queue } from "./queue.js";
import { captionOf, progressOf } from "./sentences.js";
import { Strip } from "./strip.js";
import { Thumbnails } from "./thumbnails.js";
import { Toolbox } from "./tools.js";
import { Viewer } from "./viewer.js";

const DETAIL_DELAY_MS = 150;
const ZOOM_STEP = 1.4;
const HOME = ["localhost", "127.0.0.1", "[::1]"];

const part = (selector) => document.querySelector(selector);
const on = (selector, type, listener) => part(selector).addEventListener(type, listener);

class Studio {
  #renders = 0;
  #tasks = []; // what else goes on: {text, edits}
  #painting = null;
  #isBusy = false;
  #detailTimer = 0;
  #wasLooking = true;
  #sizeShown = null;
  #problemShown = null;

  constructor() {
    this.api = new Api({ onBusy: (isBusy) => this.#setBusy(isBusy) });
    this.status = new Status(document);
    this.message = new Message(document);
    this.queue = new Queue(this.api);
    this.viewer = new Viewer(part("#viewer"));
    this.tools = new Toolbox(this.viewer);
    this.gestures = new Gestures(part("#viewer"), this.viewer, this.tools);
    this.paintings = new Paintings(this.api, (painting) => this.#follow(painting));
    this.thumbnails = new Thumbnails(this.api);
    this.#buildPanels();
    this.#bindViewer();
    this.#bindQueue();
    this.#bindTools();
    part("#privacy").hidden = !HOME.includes(location.hostname);
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.photographs.some((photograph) => photograph.hasUnsavedMarks)) event.preventDefault();
    });
  }

  /** Learns what the server can do; photographs may come in meanwhile. */
  async learn() {
    try {
      const { models, formats } = await this.api.models();
      this.look.setModels(models);
      this.keep.setFormats(formats);
      this.intake.showExamples(await this.api.examples(), this.api, (...task) => this.run(...task));
    } catch (error) {
      this.message.show(asProblem(error).message, { label: "Try again", run: () => this.learn() });
    }
    this.update();
  }

  /** Runs something that takes time: its progress and its problem show; `edits` if colors wait for it. */
  async run(text, task, { edits = false } = {}) {
    const entry = { text, edits };
    this.#tasks.push(entry);
    this.update();
    try {
      await task();
    } catch (error) {
      this.message.add(asProblem(error).message);
    }
    this.#tasks.splice(this.#tasks.indexOf(entry), 1);
    this.update();
  }

  #buildPanels() {
    const { api, queue, tools } = this;
    this.compare = new Compare(part("#compare"), this.viewer, [
      [1, part("#compare-gray")],
      [0.5, part("#compare-both")],
      [0, part("#compare-color")],
    ]);
    this.correct = new CorrectPanel(document, tools);
    this.place = new PlacePanel(part("#place-panel"), tools, api);
    this.look = new LookPanel(document, {
      live: (isLive) => this.#setLive(isLive),
      again: (photograph, choices) =>
        this.run("Looking again …", () => photograph.predictAgain(choices), { edits: true }),
    });
    this.palette = new PalettePanel(document, {
      api,
      run: (text, task) => this.run(text, task, { edits: true }),
      nextColor: () => tools.color,
    });
    this.alternatives = new Alternatives(part("#alternatives-section"), part("#alternatives"), api);
    this.keep = new KeepPanel(document, { api, queue, run: (...task) => this.run(...task) });
    this.strip = new Strip(part("#strip"), queue, (failed) => this.#offerRetry(failed));
    this.intake = new Intake(document, (files) => this.thumbnails.preview(queue.add(files, this.look.choices)));
  }

  #bindViewer() {
    this.viewer.background = getComputedStyle(part("#stage")).backgroundColor;
    this.viewer.addEventListener("look", () => {
      clearTimeout(this.#detailTimer);
      this.#detailTimer = setTimeout(() => this.#look(), DETAIL_DELAY_MS);
    });
    on("#zoom-in", "click", () => this.gestures.zoom(ZOOM_STEP));
    on("#zoom-out", "click", () => this.gestures.zoom(1 / ZOOM_STEP));
    on("#zoom-fit", "click", () => this.gestures.fit());
    on("#zoom-full", "click", () => this.gestures.full());
    listenForZoomKeys(this.gestures);
    on("#show-marks", "change", () => this.update());
    on("#confidence", "change", () => {
      if (this.#painting) this.#askForConfidence();
      this.update();
    });
  }

  #bindQueue() {
    this.queue.addEventListener("current", () => this.#turnTo(this.queue.current));
    this.queue.addEventListener("change", () => this.#react());
    this.queue.addEventListener("problem", (event) => this.message.add(event.detail.text));
  }

  #bindTools() {
    this.tools.addEventListener("change", () => {
      const isLooking = this.tools.name === "look";
      if (this.#wasLooking && !isLooking) this.compare.glide(0); // who corrects wants to see color
      this.#wasLooking = isLooking;
      this.update();
    });
    this.tools.addEventListener("place", () => this.update());
  }

  /** Another photograph is looked at. */
  #turnTo(photograph) {
    this.#painting?.rest();
    this.#painting = photograph ? this.paintings.of(photograph) : null;
    this.paintings.tidy(this.queue.photographs);
    this.viewer.painting = this.#painting;
    this.#sizeShown = null;
    this.tools.work(photograph);
    this.look.show(photograph);
    this.palette.show(photograph);
    this.alternatives.show(photograph);
    this.#askForConfidence();
  }

  /** Something about a photograph changed: paint what is missing, then show. */
  #react() {
    this.paintings.tidy(this.queue.photographs);
    if (this.queue.current?.prediction) this.#painting?.refresh();
    this.#showSize();
    this.update();
  }

  #showSize() {
    const { prediction, preview } = this.queue.current ?? {};
    const size = prediction ?? preview;
    this.viewer.preview = preview ?? null;
    if (!size) return;
    const shown = `${size.width} ${size.height}`;
    if (shown === this.#sizeShown) return;
    this.#sizeShown = shown;
    this.viewer.setPhoto({ width: size.width, height: size.height });
  }

  #look() {
    if (!this.queue.current?.prediction) return;
    this.#painting.look(this.viewer.camera.visibleBox, this.viewer.camera.scale);
    this.update();
  }

  #follow(painting) {
    let shown = 0;
    painting.addEventListener("change", () => {
      this.#renders += painting.shown - shown;
      const isFirst = !shown && painting.shown;
      shown = painting.shown;
      if (painting !== this.#painting) return;
      if (isFirst) {
        this.compare.reveal();
        this.#look(); // a preview was looked at until now
      }
      if (painting.problem) this.#offerRepaint(painting);
      else if (painting.isReady) this.#withdrawRepaint();
      this.update();
    });
  }

  #setLive(isLive) {
    if (!this.#painting) return;
    this.#painting.isLive = isLive;
    if (!isLive) this.#painting.refresh();
  }

  #askForConfidence() {
    if (!this.#painting) return;
    this.#painting.wantsConfidence = part("#confidence").checked;
    if (this.queue.current.prediction) this.#painting.refresh();
  }

  #offerRepaint(painting) {
    if (this.#problemShown === painting.problem) return;
    this.#problemShown = painting.problem;
    this.message.show(painting.problem.message, { label: "Try again", run: () => painting.refresh() });
  }

  /** What went wrong is right by now: another edit came through. */
  #withdrawRepaint() {
    if (this.#problemShown) this.message.hide(this.#problemShown.message);
    this.#problemShown = null;
  }

  #offerRetry(photograph) {
    this.message.show(photograph.problemText, { label: "Try again", run: () => this.queue.retry(photograph) });
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.update();
  }

  get #state() {
    if (!this.queue.current) return "empty";
    if (this.#tasks.some((task) => task.edits)) return "working";
    return this.#painting.isReady ? "ready" : "working";
  }

  /** Shows the state as it is; cheap, and called after every change. */
  update() {
    const { current, photographs } = this.queue;
    const state = this.#state;
    // with the button that opened the first photograph gone, the keyboard goes on at the picture
    const losesFocus = state !== "empty" && part("#drop-zone :focus-visible");
    document.body.dataset.state = state;
    if (losesFocus) part("#viewer").focus({ preventScroll: true });
    document.body.dataset.renders = this.#renders;
    this.viewer.marks = current && part("#show-marks").checked ? current.guidance.marks : [];
    this.viewer.selectedKey = this.tools.placeMark?.key ?? null;
    this.viewer.place = this.tools.place && !this.tools.placeMark ? this.tools.place.point : null;
    this.viewer.showsDoubt = part("#confidence").checked;
    this.viewer.redraw();
    const isIdle = state === "ready" && !this.#tasks.length;
    this.look.refresh();
    this.palette.refresh();
    this.keep.refresh();
    this.correct.refresh();
    this.correct.showNotes(this.#painting?.notes ?? []);
    this.place.refresh();
    this.alternatives.refresh(isIdle);
    this.strip.refresh();
    part("#strip-section").hidden = photographs.length < 2 && photographs.every((each) => each === current);
    part("#add").hidden = !photographs.length;
    part("#caption").textContent = captionOf(current);
    if (photographs.length > 1 && isIdle) this.thumbnails.refresh(photographs, () => this.#state === "ready");
    this.#sayStatus(state);
  }

  #sayStatus(state) {
    const { text, share, isWork, soon } = progressOf(this.queue, {
      state,
      isBusy: this.#isBusy,
      task: this.#tasks.at(-1)?.text,
      problem: this.#painting?.problem,
    });
    if (soon) this.status.workSoon(text);
    else if (isWork) this.status.work(text, share);
    else this.status.rest(text);
  }
}

new Studio().learn();
