/** The handle between gray and color: a slider for pointers and keys. */

const STEP = 0.02;
const LEAP = 0.1;
const SWEEP_MS = 900;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Moves the viewer's divider; `buttons` maps values (0, 0.5, 1) to buttons that jump there. */
export class Compare {
  #handle;
  #viewer;
  #buttons;
  #motion = 0;

  constructor(handle, viewer, buttons) {
    this.#handle = handle;
    this.#viewer = viewer;
    this.#buttons = buttons;
    handle.addEventListener("pointerdown", (event) => this.#grab(event));
    handle.addEventListener("keydown", (event) => this.#press(event));
    viewer.addEventListener("drawn", () => this.#follow());
    for (const [value, button] of buttons) button.addEventListener("click", () => this.glide(value));
  }

  set(value) {
    cancelAnimationFrame(this.#motion);
    this.#put(value);
  }

  /** Moves there gently, or at once for who dislikes motion. */
  glide(to, from = this.#viewer.divider, ms = 300) {
    cancelAnimationFrame(this.#motion);
    if (calm()) return this.#put(to);
    const began = performance.now();
    const step = (now) => {
      const along = Math.min(1, Math.max(0, (now - began) / ms));
      const eased = 1 - (1 - along) ** 3;
      this.#put(from + (to - from) * eased);
      if (along < 1) this.#motion = requestAnimationFrame(step);
    };
    this.#motion = requestAnimationFrame(step);
  }

  /** Lets color sweep in over a photograph that just got it. */
  reveal() {
    this.glide(this.#viewer.divider, 1, SWEEP_MS);
  }

  #put(value) {
    this.#viewer.divider = Math.min(1, Math.max(0, value));
    this.#viewer.redraw();
  }

  #follow() {
    const { x, top, height } = this.#viewer.dividerRect;
    const percent = Math.round(this.#viewer.divider * 100);
    this.#handle.style.transform = `translate(${x}px, ${top}px)`;
    this.#handle.style.height = `${Math.max(0, height)}px`;
    this.#handle.setAttribute("aria-valuenow", percent);
    this.#handle.setAttribute("aria-valuetext", `${percent} % gray, ${100 - percent} % color`);
    for (const [value, button] of this.#buttons) {
      button.setAttribute("aria-pressed", String(Math.abs(value - this.#viewer.divider) < 0.005));
    }
  }

  #grab(event) {
    event.preventDefault();
    this.#handle.focus({ preventScroll: true });
    this.#handle.setPointerCapture(event.pointerId);
    const left = this.#handle.offsetParent.getBoundingClientRect().left;
    const slip = event.clientX - left - this.#viewer.dividerRect.x; // grabbed beside its middle
    const move = (moved) => this.set(this.#viewer.dividerAt(moved.clientX - left - slip));
    const done = new AbortController();
    this.#handle.addEventListener("pointermove", move, { signal: done.signal });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      this.#handle.addEventListener(end, () => done.abort(), { signal: done.signal });
    }
  }

  #press(event) {
    const now = this.#viewer.divider;
    const target = {
      ArrowLeft: now - STEP,
      ArrowDown: now - STEP,
      ArrowRight: now + STEP,
      ArrowUp: now + STEP,
      PageDown: now - LEAP,
      PageUp: now + LEAP,
      Home: 0,
      End: 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(target);
  }
}
