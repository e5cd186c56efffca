/** What a user wants of a photograph: immutable looks, guidance and their history. */

const MOST_MARKS = 500;
const MOST_COLORS = 8;
const MOST_STEPS = 200;

/** The look a photograph starts with: the model's own default. */
export const DEFAULT_LOOK = Object.freeze({ vividness: null, rule: null, alternative: 0 });

/** Nothing said yet. References are `{file, name, id}`, kept by the page so that they can be sent again. */
export const NO_GUIDANCE = Object.freeze({ marks: [], palette: [], references: [], matchPhoto: null });

let lastKey = 0;

/** A mark with a key that survives a change of its color, so that undo and selection agree. */
export function newMark(fields) {
  lastKey += 1;
  return Object.freeze({ strength: 1, reach: "local", ...fields, key: lastKey });
}

/** Guidance with one mark more; the later mark holds where two overlap. */
export function withMark(guidance, mark) {
  if (guidance.marks.length >= MOST_MARKS) return guidance;
  return { ...guidance, marks: [...guidance.marks, mark] };
}

/** Guidance in which the mark of this key is changed. */
export function withChangedMark(guidance, key, changes) {
  const marks = guidance.marks.map((m) => (m.key === key ? Object.freeze({ ...m, ...changes }) : m));
  return { ...guidance, marks };
}

/** Guidance without the marks of these keys. */
export function withoutMarks(guidance, keys) {
  return { ...guidance, marks: guidance.marks.filter((mark) => !keys.has(mark.key)) };
}

/** Guidance with these colors as palette; a palette and a photograph to match exclude each other. */
export function withPalette(guidance, palette) {
  return { ...guidance, palette: palette.slice(0, MOST_COLORS), matchPhoto: null };
}

/** Whether one more color fits into the palette. */
export function hasRoomForColor(guidance) {
  return guidance.palette.length < MOST_COLORS;
}

/** Guidance as the server reads it. */
export function wireGuidance({ marks, palette, references, matchPhoto }) {
  return {
    marks: marks.map(({ key, ...mark }) => mark),
    palette,
    match: "energy",
    references: references.map((reference) => reference.id),
    match_photo: matchPhoto?.id ?? null,
  };
}

/** Snapshots of guidance, with a way back and forth. */
export class History {
  #past = [];
  #future = [];
  #gesture = null;

  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Takes a step; steps of one gesture (a drag in a color picker) count as one. */
  commit(next, gesture = null) {
    if (next === this.present) return;
    const goesOn = gesture !== null && gesture === this.#gesture;
    if (!goesOn) this.#past.push(this.present);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#future = [];
    this.#gesture = gesture;
    this.present = next;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.present);
    this.present = from.pop();
    this.#gesture = null;
  }
}
