/** What the page says: progress, politely; problems, at once, until dismissed. */

const SOON_MS = 400;
const MOST_LINES = 5;

/** Progress as a sentence and a bar. */
export class Status {
  #root;
  #text;
  #bar;
  #timer = 0;

  constructor(page) {
    this.#root = page.querySelector("#progress");
    this.#text = page.querySelector("#status");
    this.#bar = page.querySelector("#progress-bar");
  }

  /** Says what goes on; `share` is 0..1, or null if nobody knows. */
  work(text, share = null) {
    this.#forget();
    this.#say(text);
    this.#root.dataset.active = "true";
    if (share === null) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
  }

  /** Says it only if it takes a while: what is done at once needs no words. */
  workSoon(text) {
    this.#timer ||= setTimeout(() => this.work(text), SOON_MS);
  }

  rest(text = "") {
    this.#forget();
    this.#say(text);
    this.#root.dataset.active = "false";
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}

/** A problem with a way to dismiss it and maybe one to do something about it. */
export class Message {
  #root;
  #text;
  #action;

  constructor(page) {
    this.#root = page.querySelector("#message");
    this.#text = page.querySelector("#message-text");
    this.#action = page.querySelector("#message-action");
    page.querySelector("#message-close").addEventListener("click", () => this.hide());
  }

  show(text, action = null) {
    this.#text.textContent = text;
    this.#action.hidden = !action;
    this.#action.textContent = action?.label ?? "";
    this.#action.onclick = () => {
      this.hide();
      action?.run();
    };
    this.#root.hidden = false;
  }

  /** Shows one more problem, below what is shown already: several files may be bad at once. */
  add(text) {
    const lines = this.#root.hidden ? [] : this.#text.textContent.split("\n");
    if (!lines.includes(text)) this.show([...lines, text].slice(-MOST_LINES).join("\n"));
  }

  /** Hides it; with a text, only if it is that which shows. */
  hide(text = this.#text.textContent) {
    if (text !== this.#text.textContent) return;
    this.#root.hidden = true;
    this.#text.textContent = "";
  }
}
