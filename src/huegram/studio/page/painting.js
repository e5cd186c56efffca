/** The bitmaps of one photograph: overview, visible detail, confidence; fetched as they go stale. */

import { asProblem, isAbort } from "./api.js";

const OVERVIEW_PX = 2048;
const DRAFT_PX = 900;
const DETAIL_PX = 4096;
const CONFIDENCE_PX = 512;
const SURE = 0.62; // above this nothing is hatched,
const UNSURE = 0.3; // below this all of it
const SLOW_MS = 250; // a slower overview is drafted small while a slider moves

const contains = (outer, inner) =>
  outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];

/**
 * Asks for one thing after the other, the most wanted first, so a busy slider never floods the
 * server. Emits "change" when there is something new to draw or the work ends.
 */
export class Painting extends EventTarget {
  #photograph;
  #api;
  #isRunning = false;
  #isActive = false;
  #stale = null; // aborts the detail that is on its way
  #detailWanted = null;
  #lastMs = 0;

  constructor(photograph, api) {
    super();
    this.#photograph = photograph;
    this.#api = api;
    this.gray = null;
    this.color = null;
    this.detail = null;
    this.confidence = null;
    this.notes = [];
    this.problem = null;
    this.isLive = false; // a slider is being moved
    this.wantsConfidence = false;
    this.shown = 0; // renderings that arrived
  }

  get isReady() {
    return Boolean(this.color) && this.isUpToDate && !this.#isDetailStale();
  }

  /** Whether the colors shown are those asked for, wherever one looks. */
  get isUpToDate() {
    return this.color?.edition === this.#photograph.edition && !this.color.isDraft;
  }

  /** Starts, or goes on after an edit. */
  refresh() {
    this.#isActive = true;
    this.problem = null;
    this.#run();
  }

  /** Stops asking: another photograph is looked at. */
  rest() {
    this.#isActive = false;
    this.#stale?.abort();
  }

  /** Tells what is looked at: a box, and the device pixels a pixel of the photograph takes. */
  look(box, scale) {
    this.#detailWanted = this.#needsDetail(box, scale) ? { box, scale: Math.min(1, scale) } : null;
    if (!this.#detailWanted || this.#isDetailStale()) this.#stale?.abort();
    if (!this.#detailWanted) this.#drop("detail");
    this.#run();
  }

  release() {
    this.rest();
    ["gray", "color", "detail"].forEach((name) => this.#drop(name));
  }

  #drop(name) {
    const old = this[name];
    this[name] = null;
    (old?.bitmap ?? old)?.close?.();
    old?.gray?.close();
    old?.color?.close();
  }

  #needsDetail([left, top, right, bottom], scale) {
    if (!this.gray || right <= left || bottom <= top) return false;
    const overview = this.gray.width / this.#photograph.width;
    return overview < 0.999 && scale > overview * 1.05;
  }

  #isDetailStale() {
    const wanted = this.#detailWanted;
    if (!wanted) return false;
    const has = this.detail;
    if (!has || has.edition !== this.#photograph.edition) return true;
    return !contains(has.box, wanted.box) || has.scale < wanted.scale * 0.95;
  }

  #isConfidenceStale() {
    return this.confidence?.networkEdition !== this.#photograph.networkEdition;
  }

  #next() {
    if (!this.#isActive || this.problem || !this.#photograph.prediction) return null;
    if (this.#photograph.state !== "done") return null;
    if (!this.gray || !this.color) return () => this.#loadFirst();
    if (this.isLive && !this.#detailWanted && this.color.edition !== this.#photograph.edition) {
      return () => this.#loadOverview(this.#lastMs > SLOW_MS ? DRAFT_PX : OVERVIEW_PX);
    }
    if (this.#isDetailStale()) return () => this.#loadDetail();
    if (!this.isUpToDate && !(this.isLive && this.color.edition === this.#photograph.edition)) {
      return () => this.#loadOverview(OVERVIEW_PX);
    }
    if (this.wantsConfidence && this.#isConfidenceStale()) return () => this.#loadConfidence();
    return null;
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let step = this.#next(); step; step = this.#next()) {
      try {
        await step();
      } catch (error) {
        if (!isAbort(error)) this.problem = asProblem(error);
      }
      this.dispatchEvent(new Event("change"));
    }
    this.#isRunning = false;
    this.dispatchEvent(new Event("change"));
  }

  async #loadFirst() {
    const loadGray = this.#photograph
      .ask(({ prediction }) => this.#api.gray(prediction, { maxPx: OVERVIEW_PX }))
      .then(async (blob) => {
        this.gray = await createImageBitmap(blob);
        this.dispatchEvent(new Event("change"));
      });
    await Promise.all([loadGray, this.#loadOverview(OVERVIEW_PX)]);
  }

  async #loadOverview(maxPx) {
    const { edition } = this.#photograph;
    const began = performance.now();
    const { blob, notes } = await this.#photograph.ask((request) => this.#api.view({ ...request, maxPx }));
    const bitmap = await createImageBitmap(blob);
    this.#drop("color");
    const isDraft = maxPx < OVERVIEW_PX && Math.max(this.#photograph.width, this.#photograph.height) > maxPx;
    this.color = { bitmap, edition, isDraft };
    this.notes = notes;
    this.shown += 1;
    if (!isDraft) this.#lastMs = performance.now() - began;
  }

  async #loadDetail() {
    const { edition, width, height } = this.#photograph;
    const { scale, box: seen } = this.#detailWanted;
    const box = widened(seen, width, height);
    const longest = Math.max(box[2] - box[0], box[3] - box[1]);
    const maxPx = Math.max(1, Math.min(DETAIL_PX, Math.ceil(longest * scale)));
    const stale = new AbortController();
    this.#stale = stale;
    try {
      // the gray of a box does not change with the colors over it
      const old = this.detail;
      const keepsGray = old && contains(old.box, seen) && old.scale >= scale * 0.95;
      const area = keepsGray ? { box: old.box, maxPx: old.maxPx } : { box, maxPx };
      const [gray, color] = await Promise.all([
        keepsGray ? null : this.#photograph.ask((r) => this.#api.gray(r.prediction, area, stale.signal)),
        this.#photograph.ask((request) => this.#api.view({ ...request, ...area }, stale.signal)),
      ]);
      const grayBitmap = keepsGray ? old.gray : await createImageBitmap(gray);
      const colorBitmap = await createImageBitmap(color.blob);
      stale.signal.throwIfAborted(); // the old detail, whose gray is kept, may be gone by now
      if (keepsGray) old.color.close();
      else this.#drop("detail");
      const reached = keepsGray ? old.scale : Math.min(scale, maxPx / longest);
      // a screen larger than the largest detail must not ask for ever
      const counted = maxPx === DETAIL_PX ? scale : reached;
      this.detail = { ...area, scale: counted, gray: grayBitmap, color: colorBitmap, edition };
      this.notes = color.notes;
      this.shown += 1;
    } finally {
      if (this.#stale === stale) this.#stale = null;
    }
  }

  async #loadConfidence() {
    const { networkEdition } = this.#photograph;
    const blob = await this.#photograph.ask(({ prediction }) => this.#api.confidence(prediction, CONFIDENCE_PX));
    this.confidence = { doubt: doubtOf(await createImageBitmap(blob)), networkEdition };
  }
}

/** A margin about the visible box, so that a small pan needs nothing new. */
function widened([left, top, right, bottom], width, height) {
  const dx = Math.round((right - left) * 0.12);
  const dy = Math.round((bottom - top) * 0.12);
  return [Math.max(0, left - dx), Math.max(0, top - dy), Math.min(width, right + dx), Math.min(height, bottom + dy)];
}

/** Confidence (white = sure) as a canvas whose opacity is doubt; what is sure enough stays clear. */
function doubtOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < image.data.length; i += 4) {
    const doubt = (SURE - image.data[i] / 255) / (SURE - UNSURE);
    image.data[i + 3] = 255 * Math.min(0.8, Math.max(0, doubt));
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
