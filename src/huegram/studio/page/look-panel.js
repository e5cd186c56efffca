/** How colorful, by which rule, with how much effort, by which model. */

const SETTLED_MS = 220;
const RULES = { annealed: "Annealed", expectation: "Mean (palest)", median: "Median", mode: "Mode (boldest)" };

/** Binds vividness, rule, effort and model to the current photograph. `live(isLive)` tells of a moving slider. */
export class LookPanel {
  #page;
  #photograph = null;
  #models = [];
  #live;
  #again;
  #timer = 0;

  constructor(page, { live, again }) {
    this.#page = page;
    this.#live = live;
    this.#again = again;
    this.#on("#vividness", "input", (event) => this.#move(Number(event.target.value)));
    this.#on("#vividness", "change", () => this.#settle());
    this.#on("#usual", "click", () => this.#photograph?.setLook({ vividness: null, rule: null }));
    this.#on("#rule", "change", (event) => this.#setRule(event.target.value));
    this.#on("#effort", "change", (event) => this.#predictAgain({ effort: event.target.value }));
    this.#on("#model", "change", (event) => this.#predictAgain({ model: event.target.value }));
  }

  /** What new photographs are to be predicted with. */
  get choices() {
    return { effort: this.#part("#effort").value, model: this.#part("#model").value || null };
  }

  setModels(models) {
    this.#models = models;
    this.#part("#model").replaceChildren(...models.map(({ name, is_default: d }) => new Option(name, name, d, d)));
    this.#part("#model-field").hidden = models.length < 2;
    this.#fillRules(models.find((model) => model.is_default) ?? models[0]);
  }

  show(photograph) {
    this.#photograph = photograph;
    this.refresh();
  }

  refresh() {
    const photograph = this.#photograph;
    if (!photograph) return;
    const { look, vividness, prediction } = photograph;
    const slider = this.#part("#vividness");
    if (document.activeElement !== slider || Number(slider.value) !== vividness) slider.value = vividness;
    const percent = Math.round(vividness * 100);
    slider.setAttribute("aria-valuetext", look.rule ? `set by the rule ${look.rule}` : `${percent} %`);
    this.#part("#vividness-value").textContent = look.rule ? "by rule" : `${percent} %`;
    this.#part("#vividness-field").classList.toggle("is-off", Boolean(look.rule));
    this.#part("#usual").disabled = look.vividness === null && !look.rule;
    if (prediction) this.#fillRules(this.#models.find((model) => model.name === prediction.model));
    this.#part("#rule").value = look.rule ?? "";
    this.#part("#effort").value = photograph.effort;
    if (prediction) this.#part("#model").value = prediction.model;
    for (const id of ["#effort", "#model"]) {
      this.#part(id).disabled = photograph.isSession || photograph.state === "working";
    }
    this.#part("#session-says").hidden = !photograph.isSession;
  }

  #fillRules(model) {
    const select = this.#part("#rule");
    const rules = model?.rules ?? [];
    if (select.dataset.rules === rules.join()) return;
    select.dataset.rules = rules.join();
    const options = rules.map((rule) => new Option(RULES[rule] ?? rule, rule));
    select.replaceChildren(new Option("By vividness", ""), ...options);
  }

  #move(vividness) {
    if (!this.#photograph) return;
    this.#live(true);
    this.#photograph.setLook({ vividness, rule: null });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), SETTLED_MS);
  }

  #settle() {
    clearTimeout(this.#timer);
    this.#live(false);
  }

  #setRule(rule) {
    this.#photograph?.setLook(rule ? { rule, vividness: null } : { rule: null });
  }

  #predictAgain(choices) {
    if (this.#photograph?.prediction) this.#again(this.#photograph, choices);
  }

  #part(selector) {
    return this.#page.querySelector(selector);
  }

  #on(selector, type, listener) {
    this.#part(selector).addEventListener(type, listener);
  }
}
