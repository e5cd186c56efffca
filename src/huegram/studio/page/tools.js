/** What a hand does on the photograph: look, point, brush, erase. Knows no DOM. */

import { newMark, withChangedMark, withMark, withoutMarks } from "./edits.js";
import { dotAt, markAt, simplified } from "./marks.js";

const TOUCH_PX = 12;
const WIDEST = 1 / 8; // of the short side; the middle of the slider is an eightieth
const RANGE = 100;

/** The tool in hand with its color, size and reach. Emits "change", and "place" when one is pointed at. */
export class Toolbox extends EventTarget {
  #viewer;
  #begun = null; // where the gesture began
  #stroke = null;
  #erasing = null;
  #gestures = 0;

  constructor(viewer) {
    super();
    this.#viewer = viewer;
    this.photograph = null;
    this.name = "look"; // look | point | brush | erase
    this.color = "#8a5a3c";
    this.size = 0.5;
    this.isAlike = false;
    this.place = null; // {point, key of its dot or null}
  }

  get pans() {
    return this.name === "look" || !this.photograph?.prediction;
  }

  get isPoint() {
    return this.name === "point";
  }

  get radius() {
    const { width = 1, height = 1 } = this.photograph ?? {};
    return Math.max(1, Math.min(width, height) * WIDEST * RANGE ** (this.size - 1));
  }

  /** The dot at the place pointed at, while it is there. */
  get placeMark() {
    return this.photograph?.guidance.marks.find((mark) => mark.key === this.place?.key) ?? null;
  }

  take(name) {
    this.name = name;
    this.hover(null);
    if (name !== "point") this.#putPlace(null);
    this.#changed();
  }

  work(photograph) {
    this.cancel();
    this.photograph = photograph;
    this.#putPlace(null);
  }

  /** Chooses a color; at a place pointed at, this puts a dot or changes the one there. */
  setColor(color, gesture = null) {
    this.color = color;
    if (this.isPoint && this.place) this.#dot(gesture);
    this.#changed();
  }

  setSize(size) {
    this.size = size;
    if (this.placeMark) this.#changePlaceMark({ radius_px: this.radius }, `size ${this.place.key}`);
    this.#changed();
  }

  setAlike(isAlike) {
    this.isAlike = isAlike;
    if (this.placeMark) this.#changePlaceMark({ reach: this.#reach });
    this.#changed();
  }

  removePlaceMark() {
    if (this.placeMark) this.#commit(withoutMarks(this.photograph.guidance, new Set([this.place.key])));
  }

  leavePlace() {
    this.#putPlace(null);
  }

  /** Nothing is done for good yet: a second finger may turn this into a pinch. */
  begin(point) {
    this.#begun = point;
    if (this.name === "brush") this.#paint(point);
    if (this.name === "erase") this.#erasing = `erase ${(this.#gestures += 1)}`;
  }

  move(point) {
    if (this.#stroke) this.#paint(point);
    if (this.#erasing) this.#erase(point);
    if (!this.isPoint) this.hover(point);
  }

  end() {
    if (this.isPoint && this.#begun) this.#point(this.#begun);
    if (this.#erasing) this.#erase(this.#begun);
    if (this.#stroke) {
      const { points, ...rest } = this.#stroke;
      const mark = newMark({ ...rest, points: simplified(points, rest.radius_px), reach: this.#reach });
      this.#commit(withMark(this.photograph.guidance, mark));
    }
    this.cancel();
  }

  cancel() {
    this.#begun = null;
    this.#stroke = null;
    this.#erasing = null;
    this.#viewer.wetStroke = null;
    this.#viewer.redraw();
  }

  hover(point, isByKey = false) {
    const has = point && (isByKey || this.name === "brush" || this.name === "erase");
    const radius = this.name === "brush" ? this.radius : this.#slack;
    this.#viewer.cursor = has ? { at: point, radius } : null;
    this.#viewer.redraw();
  }

  get #slack() {
    return (TOUCH_PX * this.#viewer.dpr) / this.#viewer.camera.scale;
  }

  get #reach() {
    return this.isAlike ? "alike" : "local";
  }

  #point(point) {
    const dot = dotAt(this.photograph.guidance.marks, point, this.#slack);
    if (!dot && !this.#viewer.camera.contains(point)) return;
    if (dot) this.color = dot.color;
    if (dot) this.isAlike = dot.reach === "alike";
    this.#putPlace({ point: dot?.points[0] ?? this.#viewer.camera.clamped(point), key: dot?.key ?? null });
    this.#changed();
  }

  #dot(gesture) {
    if (this.placeMark) {
      this.#changePlaceMark({ color: this.color }, gesture);
      return;
    }
    const { color, radius } = this;
    const mark = newMark({ points: [this.place.point], color, radius_px: radius, reach: this.#reach });
    this.place = { ...this.place, key: mark.key };
    this.#commit(withMark(this.photograph.guidance, mark), gesture);
  }

  #changePlaceMark(changes, gesture = null) {
    this.#commit(withChangedMark(this.photograph.guidance, this.place.key, changes), gesture);
  }

  #paint(point) {
    const { color, radius } = this;
    this.#stroke ??= { points: [], color, radius_px: radius };
    this.#stroke.points.push(this.#viewer.camera.clamped(point));
    this.#viewer.wetStroke = this.#stroke;
    this.#viewer.redraw();
  }

  #erase(point) {
    const { marks } = this.photograph.guidance;
    const touched = markAt(marks, point, this.#slack);
    if (touched) this.#commit(withoutMarks(this.photograph.guidance, new Set([touched.key])), this.#erasing);
  }

  #commit(guidance, gesture = null) {
    this.photograph.commit(guidance, gesture);
  }

  #putPlace(place) {
    if (!place && !this.place) return;
    this.place = place;
    this.dispatchEvent(new Event("place"));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
