import { make } from "../dom.js";
import { said, wordOf } from "../findings.js";
import { called } from "./dom.js";

/** What the checks found: a mark on each element, and a list under the canvas that leads to it. */
export class Marks {
  constructor(modeler, list, words, goTo) {
    this.modeler = modeler;
    this.list = list;
    this.words = words;
    this.goTo = goTo;
    this.findings = [];
    modeler.get("eventBus").on("import.done", () => this.draw());
  }

  show(findings) {
    this.findings = [...findings].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "error" ? -1 : 1));
    this.draw();
    this.#list();
  }

  draw() {
    const overlays = this.modeler.get("overlays");
    const registry = this.modeler.get("elementRegistry");
    overlays.remove({ type: "finding" });
    const by = new Map();
    for (const finding of this.findings) if (registry.get(finding.element)) by.set(finding.element, [...(by.get(finding.element) ?? []), finding]);
    for (const [id, found] of by) {
      const element = registry.get(id);
      const worst = found.some((f) => f.severity === "error") ? "error" : "warning";
      const mark = make("button", { type: "button", class: `finding-mark is-${worst}`, title: found.map((f) => said(f)).join("\n"), "data-marks": id, tabindex: "-1" }, make("span", { "aria-hidden": "true" }, worst === "error" ? "✕" : "!"), wordOf(worst), found.length > 1 ? ` ${found.length}` : null);
      mark.addEventListener("click", () => this.goTo(id));
      const place = element.waypoints ? middle(element) : element.parent === this.modeler.get("canvas").getRootElement() && element.businessObject.$type === "bpmn:Participant" ? { top: 4, left: 40 } : { top: -14, right: 14 };
      overlays.add(id, "finding", { position: place, html: mark, show: { minZoom: 0.3 } });
    }
  }

  /** A setting, a variable or a process: no shape, but a place in the panel. */
  #elsewhere(id) {
    if (!id) return null;
    for (const root of this.modeler.getDefinitions()?.rootElements ?? []) {
      if (root.$type !== "bpmn:Process") continue;
      if (root.id === id) return { businessObject: root };
      const entry = (root.extensionElements?.values ?? []).find((value) => value.key === id && value.$type === "shixian:Setting");
      if (entry) return { businessObject: { name: entry.get("note") || id, id } };
    }
    return null;
  }

  #list() {
    const registry = this.modeler.get("elementRegistry");
    this.list.replaceChildren(
      ...this.findings.map((finding) => {
        const element = registry.get(finding.element) ?? this.#elsewhere(finding.element);
        const name = element ? called(element) : finding.element || finding.path || (this.words.english ? "Whole model" : "整个模型");
        return make(
          "li",
          { class: `finding-line finding-${finding.severity}`, "data-finding": finding.rule },
          make("span", { class: "finding-kind" }, wordOf(finding.severity)),
          element ? make("button", { type: "button", "data-finding-of": finding.element, onclick: () => this.goTo(finding.element, true) }, name) : make("span", { class: "finding-place" }, name),
          make("span", { class: "finding-text" }, said(finding)),
        );
      }),
    );
  }
}

function middle({ waypoints }) {
  const xs = waypoints.map((point) => point.x);
  const ys = waypoints.map((point) => point.y);
  const half = waypoints[Math.floor(waypoints.length / 2)];
  return { left: half.x - Math.min(...xs), top: half.y - Math.min(...ys) };
}
