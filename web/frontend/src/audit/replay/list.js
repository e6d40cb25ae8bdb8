import { el } from "../../designer/modeler/dom.js";
import { dates } from "./dates.js";

const SLICE = 120; // lines made at a time, so that the first frame need not wait for a thousand

/** Every event, to be jumped to. */
export class List {
  constructor(place, film, words, go) {
    Object.assign(this, { place, film, words, buttons: [], ...dates(words.language) });
    place.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-place]");
      if (button) go(Number(button.dataset.place));
    });
  }

  fill() {
    const from = this.buttons.length;
    const slice = this.film.steps.slice(from, from + SLICE).map((step, n) => this.#line(step, from + n));
    this.place.append(...slice);
    this.mark(this.current ?? 0);
    if (this.buttons.length < this.film.length) setTimeout(() => this.fill());
  }

  #line(step, place) {
    const { film, words } = this;
    const button = el("button", { type: "button", "data-place": String(place) },
      el("span", { class: "num muted" }, step.s), el("span", { class: "num muted" }, this.instant(step.a)),
      el("span", {}, film.text(step.x), step.n > 1 && el("span", { class: "chip chip-soon" }, words.visit.replace("{n}", step.n)),
        step.d && el("span", { class: "chip chip-late" }, words.deviations[step.d] ?? step.d)));
    this.buttons.push(button);
    return el("li", { class: [step.m && "book", step.b && `mark-${step.b}`].filter(Boolean).join(" ") || null }, button);
  }

  /** Mark the step that is shown, and keep it in the list's own view: the page itself must not move. */
  mark(place) {
    this.marked?.removeAttribute("aria-current");
    this.current = place;
    const button = (this.marked = this.buttons[place]);
    if (!button) return;
    button.setAttribute("aria-current", "step");
    const { offsetTop, offsetHeight } = button.parentElement;
    const { scrollTop, clientHeight } = this.place;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) this.place.scrollTop = offsetTop - clientHeight / 2;
  }
}
