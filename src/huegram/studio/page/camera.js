/** Where the photograph lies on the canvas: screen = photograph * scale + offset, in device pixels. */

const CLOSEST = 16;
const LARGEST_FIT = 8;

/** Zoom and pan over one photograph; emits nothing, the viewer asks it. */
export class Camera {
  constructor() {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.isFitted = true;
    this.stage = { width: 1, height: 1, margin: 0 };
    this.photo = { width: 1, height: 1 };
  }

  get fitScale() {
    const { width, height, margin } = this.stage;
    const across = Math.max(1, width - 2 * margin) / this.photo.width;
    const down = Math.max(1, height - 2 * margin) / this.photo.height;
    return Math.min(across, down, LARGEST_FIT);
  }

  setStage(stage) {
    const center = this.toPhoto(this.stage.width / 2, this.stage.height / 2);
    this.stage = stage;
    if (this.isFitted) this.fit();
    else this.#lookAt(center);
  }

  setPhoto(photo) {
    this.photo = photo;
    this.fit();
  }

  fit() {
    this.isFitted = true;
    this.scale = this.fitScale;
    this.#settle();
  }

  /** One pixel of the photograph on one of the screen, about a point of the canvas. */
  full(x = this.stage.width / 2, y = this.stage.height / 2) {
    this.zoomBy(1 / this.scale, x, y);
  }

  /** Zooms so that what lies under (x, y) stays there. */
  zoomBy(factor, x = this.stage.width / 2, y = this.stage.height / 2) {
    const least = Math.min(this.fitScale, 1);
    const scale = Math.min(Math.max(this.scale * factor, least), Math.max(CLOSEST, this.fitScale));
    const ratio = scale / this.scale;
    this.x = x - (x - this.x) * ratio;
    this.y = y - (y - this.y) * ratio;
    this.scale = scale;
    this.isFitted = Math.abs(scale / this.fitScale - 1) < 1e-3;
    this.#settle();
  }

  panBy(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#settle();
  }

  toPhoto(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  toScreen([x, y]) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  /** A point brought inside the photograph, as the server wants it. */
  clamped([x, y]) {
    const inside = (value, size) => Math.min(Math.max(Math.floor(value), 0), size - 1);
    return [inside(x, this.photo.width), inside(y, this.photo.height)];
  }

  contains([x, y]) {
    return x >= 0 && y >= 0 && x < this.photo.width && y < this.photo.height;
  }

  /** The part of the photograph that is on the canvas: left, top, right, bottom. */
  get visibleBox() {
    const [left, top] = this.toPhoto(0, 0);
    const [right, bottom] = this.toPhoto(this.stage.width, this.stage.height);
    return [
      Math.max(0, Math.floor(left)),
      Math.max(0, Math.floor(top)),
      Math.min(this.photo.width, Math.ceil(right)),
      Math.min(this.photo.height, Math.ceil(bottom)),
    ];
  }

  /** The part of the canvas that the photograph covers. */
  get visibleRect() {
    const left = Math.max(0, this.x);
    const top = Math.max(0, this.y);
    const right = Math.min(this.stage.width, this.x + this.photo.width * this.scale);
    const bottom = Math.min(this.stage.height, this.y + this.photo.height * this.scale);
    return { left, top, right, bottom };
  }

  #lookAt([x, y]) {
    this.x = this.stage.width / 2 - x * this.scale;
    this.y = this.stage.height / 2 - y * this.scale;
    this.#settle();
  }

  /** A photograph smaller than the stage is centered; a larger one covers it. */
  #settle() {
    const { width, height, margin } = this.stage;
    this.x = settled(this.x, this.photo.width * this.scale, width, margin);
    this.y = settled(this.y, this.photo.height * this.scale, height, margin);
  }
}

function settled(offset, size, room, margin) {
  if (size <= room - 2 * margin) return (room - size) / 2;
  return Math.min(margin, Math.max(room - margin - size, offset));
}
