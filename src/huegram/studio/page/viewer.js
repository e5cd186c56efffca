/** Draws the photograph: gray left of the divider, color right of it, then what lies on top. */

import { Camera } from "./camera.js";
import { drawMarks, drawWetStroke } from "./marks.js";

const MARGIN_PX = 14;
const PIXELS_SHOW_FROM = 4; // enlarged more than this, pixels are drawn as squares

/** The canvas. Set its fields and call `redraw()`; emits "look" when the camera moved. */
export class Viewer extends EventTarget {
  #canvas;
  #context;
  #frame = 0;
  #veil = null;

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
    this.camera = new Camera();
    this.dpr = 1;
    this.painting = null;
    this.preview = null; // shown until the painting has something
    this.divider = 0.5;
    this.marks = [];
    this.selectedKey = null;
    this.place = null;
    this.wetStroke = null;
    this.cursor = null; // {at: photo point, radius: photo pixels} of the brush
    this.showsDoubt = false;
    this.background = "#3b3b3b";
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /** Shows another photograph, fitted; size in its own pixels. */
  setPhoto(size) {
    this.camera.setPhoto(size);
    this.moved();
  }

  /** To be called after the camera was moved. */
  moved() {
    this.redraw();
    this.dispatchEvent(new Event("look"));
  }

  redraw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** A pointer's place on the canvas, in device pixels. */
  pointOf(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.dpr, (event.clientY - box.top) * this.dpr];
  }

  /** The divider in CSS pixels of the canvas, with the height it may have. */
  get dividerRect() {
    const { left, top, right, bottom } = this.camera.visibleRect;
    const x = left + (right - left) * this.divider;
    return { x: x / this.dpr, top: top / this.dpr, height: (bottom - top) / this.dpr };
  }

  /** The divider's value for a place in CSS pixels of the canvas. */
  dividerAt(x) {
    const { left, right } = this.camera.visibleRect;
    return Math.min(1, Math.max(0, (x * this.dpr - left) / Math.max(1, right - left)));
  }

  #resize() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    if (!width || !height) return;
    this.dpr = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * this.dpr);
    this.#canvas.height = Math.round(height * this.dpr);
    const margin = MARGIN_PX * this.dpr;
    this.camera.setStage({ width: this.#canvas.width, height: this.#canvas.height, margin });
    this.moved();
    // a resized canvas is blank: draw now, not a frame later
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#draw();
  }

  #draw() {
    const { width, height } = this.#canvas;
    this.#context.fillStyle = this.background;
    this.#context.fillRect(0, 0, width, height);
    if (this.painting?.gray || this.preview) this.#drawPhoto();
    this.dispatchEvent(new Event("drawn"));
  }

  #drawPhoto() {
    const context = this.#context;
    const gray = this.painting?.gray ?? this.preview;
    const color = this.painting?.color?.bitmap;
    const detail = this.painting?.detail;
    const whole = [0, 0, this.camera.photo.width, this.camera.photo.height];
    const split = this.dividerRect.x * this.dpr;
    context.imageSmoothingQuality = "high";
    context.imageSmoothingEnabled = this.camera.scale < PIXELS_SHOW_FROM;
    if (!this.painting?.gray) context.filter = "grayscale(1)";
    this.#drawBitmap(gray, whole);
    context.filter = "none";
    if (detail) this.#drawBitmap(detail.gray, detail.box);
    if (color) {
      context.save();
      context.beginPath();
      context.rect(split, 0, this.#canvas.width - split, this.#canvas.height);
      context.clip();
      this.#drawBitmap(color, whole);
      if (detail) this.#drawBitmap(detail.color, detail.box);
      context.restore();
    }
    this.#drawAids();
  }

  #drawBitmap(bitmap, [left, top, right, bottom]) {
    const [x, y] = this.camera.toScreen([left, top]);
    const { scale } = this.camera;
    this.#context.drawImage(bitmap, x, y, (right - left) * scale, (bottom - top) * scale);
  }

  #drawAids() {
    const context = this.#context;
    if (this.showsDoubt && this.painting?.confidence) this.#drawDoubt(this.painting.confidence.doubt);
    drawMarks(context, this.camera, this.marks, this);
    if (this.wetStroke) drawWetStroke(context, this.camera, this.wetStroke);
    if (this.place) this.#ring(this.camera.toScreen(this.place), 15 * this.dpr);
    if (this.cursor) this.#ring(this.camera.toScreen(this.cursor.at), Math.max(3, this.cursor.radius * this.camera.scale));
  }

  #ring([x, y], radius) {
    const context = this.#context;
    for (const [width, color] of [[3.5, "rgba(0, 0, 0, 0.65)"], [1.5, "#fff"]]) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.lineWidth = width * this.dpr;
      context.strokeStyle = color;
      context.stroke();
    }
  }

  /** Hatches what is unsure: lines of black and white, for a tint would be taken for a color. */
  #drawDoubt(doubt) {
    const { width, height } = this.#canvas;
    this.#veil ??= document.createElement("canvas");
    Object.assign(this.#veil, { width, height });
    const veil = this.#veil.getContext("2d");
    veil.fillStyle = veil.createPattern(hatching(this.dpr), "repeat");
    veil.fillRect(0, 0, width, height);
    veil.globalCompositeOperation = "destination-in";
    const [x, y] = this.camera.toScreen([0, 0]);
    const { scale, photo } = this.camera;
    veil.drawImage(doubt, x, y, photo.width * scale, photo.height * scale);
    this.#context.drawImage(this.#veil, 0, 0);
  }
}

function hatching(dpr) {
  const size = Math.round(8 * dpr);
  const tile = new OffscreenCanvas(size, size);
  const context = tile.getContext("2d");
  context.lineWidth = 1.5 * dpr;
  for (const [shift, color] of [[0, "#000"], [size / 4, "#fff"]]) {
    context.strokeStyle = color;
    context.beginPath();
    for (const start of [-size, 0, size]) {
      context.moveTo(start + shift, size);
      context.lineTo(start + shift + size, 0);
    }
    context.stroke();
  }
  return tile;
}
