import { centre, model, view } from "../../viewer.js";

const SVG = "http://www.w3.org/2000/svg";
const READABLE = 0.75; // scale below which names can hardly be read
const ORDER = { passed: "is-passed", token: "has-token", taken: "is-taken", now: "is-now" };

/** The diagram: one canvas for each version that applied to the case, of which one is shown. */
export class Stage {
  constructor(place, film, { address, words, failed }) {
    Object.assign(this, { place, film, address, words, failed, canvases: new Map(), version: -1 });
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  get canvas() {
    return this.shown?.canvas;
  }

  /** Load the model of a version ahead of its being shown. */
  fetch(version) {
    const key = this.film.versions[version].key;
    return model(this.address.replace("/0.", `/${key}.`));
  }

  async open(version, xml) {
    if (!this.canvases.has(version)) this.canvases.set(version, this.#draw(version, xml ?? this.fetch(version)));
    return this.canvases.get(version);
  }

  async #draw(version, xml) {
    const box = document.createElement("div");
    box.className = "diagram";
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", this.words.versionOf.replace("{n}", this.film.versions[version].number));
    this.place.append(box);
    try {
      const viewer = await view(box, await xml);
      const canvas = viewer.get("canvas");
      canvas.zoom("fit-viewport");
      const layer = canvas.getLayer("replay", 20);
      return { box, canvas, layer, registry: viewer.get("elementRegistry"), marks: new Map(), badges: new Map() };
    } catch {
      box.textContent = this.failed;
      box.classList.add("muted", "p-3");
      return { box };
    }
  }

  /** Show a state; `taken` are the flows that were gone along since the state before. */
  async show(state, { taken, here, follow }) {
    const run = (this.run = {});
    const shown = await this.open(state.version);
    if (this.run !== run) return; // a later step came meanwhile
    for (const { box } of await Promise.all(this.canvases.values())) box.hidden = box !== shown.box;
    this.shown = shown;
    if (!shown.canvas) return;
    this.#mark(shown, state, taken);
    this.#badge(shown, state);
    this.#clear(shown);
    if (follow) this.#follow(shown, here ?? state.tokens[0]);
  }

  /** Let tokens run along flows, one after the other, in so many milliseconds. */
  travel(taken, duration) {
    const { shown } = this;
    if (!shown?.canvas || this.still.matches || !taken.length) return;
    const paths = taken.map((id) => shown.registry.get(id)?.waypoints).filter(Boolean).slice(-12);
    this.#clear(shown);
    const each = duration / Math.max(1, paths.length);
    const begun = performance.now();
    const dot = document.createElementNS(SVG, "circle");
    dot.setAttribute("class", "replay-token");
    dot.setAttribute("r", "9");
    shown.layer.append(dot);
    const frame = (now) => {
      const at = (now - begun) / each;
      const path = paths[Math.floor(at)];
      if (!path || !dot.isConnected) return dot.remove();
      const { x, y } = along(path, at % 1);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #clear({ layer }) {
    for (const dot of layer.querySelectorAll(".replay-token")) dot.remove();
  }

  #mark(shown, state, taken) {
    const wanted = new Map();
    const want = (id, kind) => {
      if (!shown.registry.get(id)) return;
      if (!wanted.has(id)) wanted.set(id, new Set());
      wanted.get(id).add(ORDER[kind]);
    };
    for (const id of state.passed) want(id, "passed");
    for (const id of state.tokens) want(id, "token");
    for (const id of state.flows.keys()) want(id, "taken");
    for (const id of taken) want(id, "now");
    for (const [id, marks] of shown.marks) {
      for (const mark of marks) if (!wanted.get(id)?.has(mark)) shown.canvas.removeMarker(id, mark);
    }
    for (const [id, marks] of wanted) {
      for (const mark of marks) if (!shown.marks.get(id)?.has(mark)) shown.canvas.addMarker(id, mark);
    }
    shown.marks = wanted;
  }

  /** Say how often an element was entered, or a flow gone along, where that was more than once. */
  #badge(shown, state) {
    const wanted = new Map();
    for (const [id, n] of state.visits) if (n > 1) wanted.set(id, this.words.visit.replace("{n}", n));
    for (const [id, n] of state.flows) if (n > 1) wanted.set(id, this.words.times.replace("{n}", n));
    for (const [id, badge] of shown.badges) {
      if (!wanted.has(id)) {
        badge.remove();
        shown.badges.delete(id);
      }
    }
    for (const [id, text] of wanted) {
      const element = shown.registry.get(id);
      if (!element) continue;
      const badge = shown.badges.get(id) ?? this.#newBadge(shown, element);
      const label = badge.lastChild;
      if (label.textContent !== text) {
        label.textContent = text;
        const wide = 9 + [...text].reduce((sum, c) => sum + (c > "\u2e80" ? 11 : 6.5), 0);
        badge.firstChild.setAttribute("width", wide);
        badge.firstChild.setAttribute("x", -wide / 2);
      }
    }
  }

  #newBadge(shown, element) {
    const badge = document.createElementNS(SVG, "g");
    const { x, y } = element.waypoints ? along(element.waypoints, 0.5) : { x: element.x + element.width, y: element.y };
    badge.setAttribute("class", element.waypoints ? "replay-times" : "replay-visits");
    badge.setAttribute("transform", `translate(${x} ${y})`);
    const box = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ y: -9, height: 18, rx: 9 })) box.setAttribute(name, value);
    const label = document.createElementNS(SVG, "text");
    label.setAttribute("text-anchor", "middle");
    label.setAttribute("y", "4");
    badge.append(box, label);
    shown.layer.append(badge);
    shown.badges.set(element.id, badge);
    return badge;
  }

  /** Keep an element in view; at first also large enough to be read, later as large as the reader has it. */
  #follow(shown, id) {
    const { canvas, registry } = shown;
    const element = registry.get(id);
    if (!element || element.waypoints) return;
    const first = !shown.followed;
    shown.followed = true;
    const view = canvas.viewbox();
    const margin = 30;
    const inside =
      element.x - margin >= view.x && element.y - margin >= view.y &&
      element.x + element.width + margin <= view.x + view.width && element.y + element.height + margin <= view.y + view.height;
    const scale = canvas.zoom();
    if (!inside || (first && scale < READABLE)) centre(canvas, element, first && scale < READABLE ? READABLE : 0);
  }
}

/** The point that lies so far along a line of waypoints, from 0 to 1. */
function along(points, share) {
  const lengths = points.slice(1).map((point, n) => Math.hypot(point.x - points[n].x, point.y - points[n].y));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [n, length] of lengths.entries()) {
    if (left <= length && length) {
      const part = left / length;
      return { x: points[n].x + part * (points[n + 1].x - points[n].x), y: points[n].y + part * (points[n + 1].y - points[n].y) };
    }
    left -= length;
  }
  return points[points.length - 1];
}
