const SVG = "http://www.w3.org/2000/svg";
const BEAT = 1_200; // milliseconds a step is shown at the usual speed

/** Buttons, keys, time line and clock: all of them only say which step is to be shown. */
export class Transport {
  constructor(root, film, words, show) {
    Object.assign(this, { root, film, words, show, place: 0, playing: false });
    this.slider = root.querySelector("[data-slider]");
    this.speed = root.querySelector("[data-speed]");
    this.books = root.querySelector("[data-books]");
    this.button = root.querySelector("[data-act=play]");
    const acts = { first: () => this.go(0), back: () => this.step(-1), play: () => this.toggle(), forward: () => this.step(1), last: () => this.go(film.length - 1) };
    for (const [name, act] of Object.entries(acts)) root.querySelector(`[data-act=${name}]`).addEventListener("click", act);
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value) - 1));
    this.#ticks(root.querySelector("[data-ticks]"));
    this.acts = { " ": acts.play, ArrowRight: acts.forward, ArrowLeft: acts.back, Home: acts.first, End: acts.last, "+": () => this.faster(1), "=": () => this.faster(1), "-": () => this.faster(-1) };
  }

  /** How long a step is shown, in milliseconds. */
  get beat() {
    return BEAT / Number(this.speed.value);
  }

  /** Show a step and stay there. */
  go(place) {
    this.stop();
    this.#to(place);
  }

  step(by) {
    this.stop();
    const next = this.next(by);
    if (next !== null) this.#to(next, by > 0);
  }

  /** The next step that is not left out, null at the end. */
  next(by) {
    for (let at = this.place + by; at >= 0 && at < this.film.length; at += by) {
      if (this.books.checked || !this.film.step(at).m) return at;
    }
    return null;
  }

  toggle() {
    if (this.playing) return this.stop();
    if (this.next(1) === null) this.#to(0);
    this.#plays(true);
    this.#wait();
  }

  stop() {
    if (!this.playing) return;
    clearTimeout(this.timer);
    this.#plays(false);
    this.show(this.place);
  }

  faster(by) {
    const { options, selectedIndex } = this.speed;
    this.speed.selectedIndex = Math.min(Math.max(selectedIndex + by, 0), options.length - 1);
  }

  #wait() {
    this.timer = setTimeout(() => {
      const next = this.next(1);
      if (next === null) return this.stop();
      this.#to(next, true);
      this.#wait();
    }, this.beat);
  }

  #plays(playing) {
    this.playing = playing;
    this.button.textContent = playing ? this.words.pause : this.words.play;
    this.button.setAttribute("aria-pressed", String(playing));
  }

  /** Show a step; tokens run there where it is the next one. */
  #to(place, onward = false) {
    this.place = Math.min(Math.max(place, 0), this.film.length - 1);
    this.slider.value = String(this.place + 1);
    this.show(this.place, { onward });
  }

  #ticks(svg) {
    const { length } = this.film;
    svg.setAttribute("viewBox", `0 0 ${Math.max(length - 1, 1)} 10`);
    for (const [place, step] of this.film.steps.entries()) {
      if (!step.b) continue;
      const tick = document.createElementNS(SVG, "line");
      for (const [name, value] of Object.entries({ x1: place, x2: place, y1: 0, y2: 10, class: `tick-${step.b}` })) tick.setAttribute(name, value);
      svg.append(tick);
    }
  }
}
