/** The server, as the page sees it: one method an endpoint, one error class. */

const MOST_TRIES = 5;
const LONGEST_PAUSE_S = 30;

/** What went wrong, in a sentence that can be shown as it is. */
export class Problem extends Error {
  constructor({ status = 0, type = "about:blank", detail = "" }) {
    super(detail || "Something went wrong.");
    this.name = "Problem";
    this.status = status;
    this.type = type;
  }

  get isUnknownPrediction() {
    return this.type === "urn:huegram:unknown-prediction";
  }

  get isUnknownReference() {
    return this.type === "urn:huegram:unknown-reference";
  }
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAbort(error) {
  return error?.name === "AbortError";
}

/** Any error as a Problem, so that it can be shown. */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem({ detail: "Something in this page went wrong. Please try again." });
}

/** Waits so many seconds, or until the signal aborts. */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function problemOf(response) {
  try {
    const { type, title, detail } = await response.json();
    return new Problem({ status: response.status, type, detail: detail || title });
  } catch {
    const detail = `The studio answered ${response.status} ${response.statusText}`.trim() + ".";
    return new Problem({ status: response.status, detail });
  }
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof File) body.append(name, value, value.name);
    else if (value !== null && value !== undefined) body.append(name, value);
  }
  return body;
}

/** The name that a response gives its file. */
function nameOf(response, fallback) {
  const header = response.headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header);
  const plain = /filename="?([^";]+)"?/i.exec(header);
  try {
    return encoded ? decodeURIComponent(encoded[1]) : (plain?.[1] ?? fallback);
  } catch {
    return plain?.[1] ?? fallback;
  }
}

function notesOf(response) {
  try {
    const notes = JSON.parse(response.headers.get("Huegram-Notes") ?? "[]");
    return Array.isArray(notes) ? notes.map(String) : [];
  } catch {
    return [];
  }
}

/** Talks to the server; `onBusy(true | false)` tells when it asks us to wait. */
export class Api {
  #onBusy;
  #waiting = 0;
  #mostBytes = Infinity;

  constructor({ onBusy = () => {} } = {}) {
    this.#onBusy = onBusy;
  }

  async models() {
    const answer = await (await this.#get("/api/models")).json();
    this.#mostBytes = answer.limits?.max_bytes ?? Infinity;
    return answer;
  }

  async examples() {
    return (await (await this.#get("/api/examples")).json()).examples;
  }

  async example(name) {
    const blob = await (await this.#get(`/api/examples/${encodeURIComponent(name)}`)).blob();
    return new File([blob], `${name}.jpg`, { type: "image/jpeg" });
  }

  async predict({ file, model, effort }, signal) {
    this.#weigh(file);
    return (await this.#post("/api/predict", form({ file, model, effort }), signal)).json();
  }

  async open({ file }, signal) {
    this.#weigh(file);
    return (await this.#post("/api/open", form({ file }), signal)).json();
  }

  async forget(id) {
    await this.#send(`/api/predictions/${id}`, { method: "DELETE" });
  }

  /** A part of the photograph in color: its picture and what there is to say about it. */
  async view({ prediction, look, guidance, box = null, maxPx }, signal) {
    const view = { box, max_px: maxPx };
    const response = await this.#json("/api/render", { prediction, look, guidance, view }, signal);
    return { blob: await response.blob(), notes: notesOf(response) };
  }

  /** The whole photograph in color, as a file to keep. */
  async rendering({ prediction, look, guidance, format, name }) {
    const body = { prediction, look, guidance, view: null };
    if (format) body.format = format;
    return this.#file(await this.#json("/api/render", body), name);
  }

  async gray(id, { box = null, maxPx }, signal) {
    const query = new URLSearchParams({ max_px: maxPx });
    if (box) ["left", "top", "right", "bottom"].forEach((side, i) => query.set(side, box[i]));
    return (await this.#get(`/api/predictions/${id}/gray?${query}`, signal)).blob();
  }

  async place(id, [x, y], signal) {
    const query = new URLSearchParams({ x, y });
    return (await this.#get(`/api/predictions/${id}/place?${query}`, signal)).json();
  }

  async confidence(id, maxPx, signal) {
    return (await this.#get(`/api/predictions/${id}/confidence?max_px=${maxPx}`, signal)).blob();
  }

  async alternatives(id, count, signal) {
    return (await this.#get(`/api/predictions/${id}/alternatives?count=${count}`, signal)).json();
  }

  async addReference(file) {
    this.#weigh(file);
    return (await this.#post("/api/references", form({ file }))).json();
  }

  async session({ prediction, look, guidance, name }) {
    return this.#file(await this.#json("/api/save", { prediction, look, guidance }), name);
  }

  async archive(items, format) {
    const response = await this.#json("/api/archive", { items, format, quality: null });
    return this.#file(response, "huegram.zip");
  }

  /** Refuses what the server would, before minutes of sending it. */
  #weigh(file) {
    if (file.size <= this.#mostBytes) return;
    const [has, most] = [file.size, this.#mostBytes].map((bytes) => Math.ceil(bytes / 1e6));
    throw new Problem({ status: 413, detail: `${file.name} has ${has} MB. The studio takes up to ${most} MB.` });
  }

  async #file(response, fallback) {
    return { name: nameOf(response, fallback), blob: await response.blob() };
  }

  #get(path, signal) {
    return this.#send(path, { signal });
  }

  #post(path, body, signal) {
    return this.#send(path, { method: "POST", body, signal });
  }

  #json(path, value, signal) {
    const headers = { "Content-Type": "application/json" };
    return this.#send(path, { method: "POST", body: JSON.stringify(value), headers, signal });
  }

  async #send(path, request) {
    for (let tries = 0; ; tries += 1) {
      const response = await this.#fetch(path, request);
      if (response.ok) return response;
      const problem = await problemOf(response);
      if (![429, 503].includes(problem.status) || tries >= MOST_TRIES) throw problem;
      const seconds = Number(response.headers.get("Retry-After")) || 1;
      await this.#wait(Math.min(seconds, LONGEST_PAUSE_S), request.signal);
    }
  }

  async #fetch(path, request) {
    try {
      return await fetch(path, { credentials: "same-origin", ...request });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Problem({ detail: "The studio does not answer. Is it still running?" });
    }
  }

  async #wait(seconds, signal) {
    this.#waiting += 1;
    this.#onBusy(true);
    try {
      await pause(seconds, signal);
    } finally {
      this.#waiting -= 1;
      if (!this.#waiting) this.#onBusy(false);
    }
  }
}
