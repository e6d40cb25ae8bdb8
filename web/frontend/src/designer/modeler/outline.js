import { make } from "../dom.js";
import { called } from "./dom.js";
import { typeName } from "./types.js";

/** Every element with its type, in reading order: the keyboard's way through the diagram. */
export class Outline {
  constructor(modeler, list, words, goTo) {
    Object.assign(this, { modeler, list, words, goTo });
    const bus = modeler.get("eventBus");
    for (const name of ["commandStack.changed", "import.done"]) bus.on(name, () => this.#ifShown());
    bus.on("selection.changed", () => this.#mark());
    list.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("change", (event) => {
      const element = modeler.get("elementRegistry").get(event.target.dataset.outlineName);
      if (element) modeler.get("modeling").updateProperties(element, { [element.businessObject.$type === "bpmn:TextAnnotation" ? "text" : "name"]: event.target.value });
    });
  }

  #ifShown() {
    if (this.list.closest("[hidden]")) return;
    this.show();
  }

  show() {
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.dataset.outline ? `[data-outline="${CSS.escape(focused.dataset.outline)}"]` : `[data-outline-name="${CSS.escape(focused.dataset.outlineName)}"]`);
    const shapes = this.modeler.get("elementRegistry").filter((element) => element.parent && !element.labelTarget && !element.waypoints);
    shapes.sort((a, b) => a.y - b.y || a.x - b.x);
    const under = new Map();
    for (const shape of shapes) under.set(shape.parent, [...(under.get(shape.parent) ?? []), shape]);
    const flows = (shape) => shape.outgoing.filter((flow) => flow.businessObject.$type === "bpmn:SequenceFlow");
    const lines = (parent, depth) => (under.get(parent) ?? []).flatMap((shape) => [this.#line(shape, depth), ...flows(shape).map((flow) => this.#line(flow, depth + 1)), ...lines(shape, depth + 1)]);
    this.list.replaceChildren(...lines(this.modeler.get("canvas").getRootElement(), 0));
    this.#mark();
    if (again) this.list.querySelector(again)?.focus();
  }

  #line(shape, depth) {
    const bo = shape.businessObject;
    const name = called(shape);
    const where = shape.waypoints ? `→ ${called(shape.target)}` : bo.id;
    return make(
      "li",
      { class: `depth-${Math.min(depth, 4)}` },
      make("button", { type: "button", "data-outline": shape.id, onclick: () => this.goTo(shape.id, false) }, make("span", { class: "outline-type" }, this.words.english ? typeName(bo)[1] : typeName(bo)[0]), make(shape.waypoints ? "span" : "code", {}, where)),
      make("input", { class: "form-control form-control-sm", "data-outline-name": shape.id, value: (bo.name ?? bo.text ?? "").replace(/\s+/g, " "), "aria-label": `${this.words.english ? "Name of" : "名称："} ${name}` }),
    );
  }

  #mark() {
    const selected = new Set(this.modeler.get("selection").get().map((element) => element.id));
    for (const button of this.list.querySelectorAll("[data-outline]")) {
      if (selected.has(button.dataset.outline)) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.dataset.outline) return;
    const all = [...this.list.querySelectorAll("[data-outline]")];
    all[all.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  }
}
