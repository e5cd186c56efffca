/** The row of thumbnails: one a photograph, with its state. */

const SAYS = { waiting: "Waiting", working: "Coloring …", done: "Done", failed: "Failed" };

/** Keeps one element a photograph; asks the queue to show, remove and retry. */
export class Strip {
  #root;
  #queue;
  #items = new Map();
  #onFailed;

  constructor(root, queue, onFailed) {
    this.#root = root;
    this.#queue = queue;
    this.#onFailed = onFailed;
  }

  refresh() {
    const { photographs, current } = this.#queue;
    for (const [photograph, item] of this.#items) {
      if (photographs.includes(photograph)) continue;
      item.remove();
      this.#items.delete(photograph);
    }
    for (const photograph of photographs) {
      if (!this.#items.has(photograph)) this.#add(photograph);
      this.#paint(photograph, this.#items.get(photograph), photograph === current);
    }
  }

  #add(photograph) {
    const item = document.createElement("li");
    item.className = "thumb";
    const open = Object.assign(document.createElement("button"), { type: "button", className: "thumb-open" });
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const name = Object.assign(document.createElement("span"), { className: "thumb-name", textContent: photograph.name });
    const state = Object.assign(document.createElement("span"), { className: "thumb-state" });
    open.append(canvas, name, state);
    open.addEventListener("click", () => this.#open(photograph));
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.className = "remove";
    remove.setAttribute("aria-label", `Remove ${photograph.name}`);
    remove.addEventListener("click", () => this.#queue.remove(photograph));
    item.append(open, remove);
    this.#items.set(photograph, item);
    this.#root.append(item);
  }

  #paint(photograph, item, isCurrent) {
    const { state, problem, name } = photograph;
    const what = problem?.message.replace(`${name}: `, ""); // the name stands above it
    const says = state === "failed" ? (what ?? SAYS.failed) : SAYS[state];
    item.dataset.state = state;
    item.title = state === "failed" ? photograph.problemText : photograph.name;
    const label = item.querySelector(".thumb-state");
    if (label.textContent !== says) label.textContent = says;
    if (isCurrent && !item.querySelector("[aria-current]")) item.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (isCurrent) item.querySelector(".thumb-open").setAttribute("aria-current", "true");
    else item.querySelector(".thumb-open").removeAttribute("aria-current");
    const picture = photograph.thumb ?? photograph.preview;
    if (!picture || item.picture === picture) return;
    item.picture = picture;
    item.classList.toggle("is-gray", !photograph.thumb);
    const canvas = item.querySelector("canvas");
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0);
  }

  #open(photograph) {
    if (photograph.state === "failed") this.#onFailed(photograph);
    else this.#queue.show(photograph);
  }
}
