/** Pointers, wheel and keys on the canvas, told apart: moving the camera, or working with a tool. */

const KEY_PAN = 60;
const KEY_ZOOM = 1.25;
const KEY_STEP_PX = 4;

/**
 * `tool` has `pans`, `isPoint`, and `begin(point)`, `move(point)`, `end()`, `cancel()`,
 * `hover(point | null, isByKey)` that take points of the photograph.
 */
export class Gestures {
  #canvas;
  #viewer;
  #tool;
  #pointers = new Map();
  #mode = null; // pan | pinch | tool
  #holdsSpace = false;
  #keyPoint = null; // where the keyboard would click

  constructor(canvas, viewer, tool) {
    this.#canvas = canvas;
    this.#viewer = viewer;
    this.#tool = tool;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#up(event, true));
    canvas.addEventListener("pointerleave", () => this.#tool.hover(null));
    canvas.addEventListener("dblclick", (event) => this.#double(event));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("keyup", (event) => event.key === " " && this.#holdSpace(false));
    canvas.addEventListener("blur", () => this.#leave());
  }

  zoom(factor, at) {
    this.#viewer.camera.zoomBy(factor, ...(at ?? []));
    this.#viewer.moved();
  }

  fit() {
    this.#viewer.camera.fit();
    this.#viewer.moved();
  }

  full(at) {
    this.#viewer.camera.full(...(at ?? []));
    this.#viewer.moved();
  }

  #photoPoint(event) {
    return this.#viewer.camera.toPhoto(...this.#viewer.pointOf(event));
  }

  #down(event) {
    if (event.button > 1) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#viewer.pointOf(event));
    this.#keyPoint = null;
    if (this.#pointers.size === 2) {
      if (this.#mode === "tool") this.#tool.cancel();
      this.#mode = "pinch";
    } else if (this.#pointers.size === 1) {
      const pans = this.#tool.pans || event.button === 1 || this.#holdsSpace;
      this.#mode = pans ? "pan" : "tool";
      if (!pans) this.#tool.begin(this.#photoPoint(event));
    }
    this.#canvas.dataset.grabbing = String(this.#mode === "pan");
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.#tool.hover(this.#photoPoint(event));
      return;
    }
    const now = this.#viewer.pointOf(event);
    if (this.#mode === "pinch") this.#pinch(event.pointerId, before, now);
    else if (this.#mode === "pan") {
      this.#viewer.camera.panBy(now[0] - before[0], now[1] - before[1]);
      this.#viewer.moved();
    } else if (this.#mode === "tool") {
      // a fast hand is faster than the screen: take every point that was passed
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const each of passed.length ? passed : [event]) this.#tool.move(this.#photoPoint(each));
    }
    this.#pointers.set(event.pointerId, now);
  }

  #pinch(id, before, now) {
    const [, other] = [...this.#pointers].find(([key]) => key !== id) ?? [];
    if (!other) return;
    const gap = (point) => Math.max(8, Math.hypot(point[0] - other[0], point[1] - other[1]));
    const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
    this.#viewer.camera.panBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.zoom(gap(now) / gap(before), middle);
  }

  #up(event, isCanceled = false) {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#mode === "tool") {
      if (isCanceled) this.#tool.cancel();
      else this.#tool.end();
    }
    if (this.#mode !== "pinch" || !this.#pointers.size) this.#mode = null;
    this.#canvas.dataset.grabbing = "false";
  }

  #double(event) {
    if (!this.#tool.pans) return;
    if (this.#viewer.camera.isFitted) this.full(this.#viewer.pointOf(event));
    else this.fit();
  }

  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    this.zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0018)), this.#viewer.pointOf(event));
    if (event.pointerType !== "touch") this.#tool.hover(this.#photoPoint(event));
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (step) this.#arrow(step, event.shiftKey);
    else if (event.key === " " && !this.#tool.isPoint) this.#holdSpace(true);
    else if ((event.key === "Enter" || event.key === " ") && this.#keyPoint) this.#clickByKey();
    else return;
    event.preventDefault();
  }

  /** Looking, arrows move the photograph; with a tool they move its cross. */
  #arrow([dx, dy], isLarge) {
    const { camera, dpr } = this.#viewer;
    if (this.#tool.pans) {
      camera.panBy(dx * KEY_PAN * dpr, dy * KEY_PAN * dpr);
      this.#viewer.moved();
      return;
    }
    const { width, height } = camera.stage;
    const [x, y] = camera.toScreen(this.#keyPoint ?? camera.toPhoto(width / 2, height / 2));
    const far = (isLarge ? 10 : 1) * KEY_STEP_PX * dpr;
    this.#keyPoint = camera.clamped(camera.toPhoto(x - dx * far, y - dy * far));
    this.#tool.hover(this.#keyPoint, true);
  }

  #clickByKey() {
    this.#tool.begin(this.#keyPoint);
    this.#tool.end();
  }

  #holdSpace(holds) {
    this.#holdsSpace = holds;
    this.#canvas.dataset.grabs = String(holds);
  }

  #leave() {
    this.#holdSpace(false);
    this.#keyPoint = null;
    this.#tool.hover(null);
  }
}

/** The keys + - 0 1, wherever the focus is, unless a field has its own use for them. */
export function listenForZoomKeys(gestures) {
  const actions = {
    "+": () => gestures.zoom(KEY_ZOOM),
    "=": () => gestures.zoom(KEY_ZOOM),
    "-": () => gestures.zoom(1 / KEY_ZOOM),
    0: () => gestures.fit(),
    1: () => gestures.full(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
