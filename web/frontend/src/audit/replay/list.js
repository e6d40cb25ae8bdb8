import { make } from "../../designer/dom.js";
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
    const button = make("button", { type: "button", "data-place": String(place) },
      make("span", { class: "num muted" }, step.s), make("span", { class: "num muted" }, this.instant(step.a)),
      make("span", {}, film.text(step.x), step.n > 1 && make("span", { class: "chip chip-soon" }, words.visit.replace("{n}", step.n)),
        step.d && make("span", { class: "chip chip-late" }, words.deviations[step.d] ?? step.d)));
    this.buttons.push(button);
    return make("li", { class: [step.m && "book", step.b && `mark-${step.b}`].filter(Boolean).join(" ") || null }, button);
  }

  /** Show the records of the platform's own books, or leave them out. */
  filter(books) {
    this.place.classList.toggle("without-books", !books);
    this.mark(this.current ?? 0);
  }

  /** Mark the step that is shown, and keep it in the list's own view: the page itself must not move. */
  mark(place) {
    this.marked?.removeAttribute("aria-current");
    this.current = place;
    const button = (this.marked = this.buttons[place]);
    if (!button) return;
    button.setAttribute("aria-current", "step");
    this.#show(button.parentElement);
    // Lines off the screen have a guessed height until they are drawn.
    requestAnimationFrame(() => this.marked === button && this.#show(button.parentElement));
  }

  #show({ offsetTop, offsetHeight }) {
    const { scrollTop, clientHeight } = this.place;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) this.place.scrollTop = offsetTop - clientHeight / 2;
  }
}
