import { tablist } from "../../tablist.js";
import { make } from "../dom.js";
import { xmlOf } from "./dom.js";

/** What stands around the canvas: the lists below it, the model as text, import from disk, several diagrams, warnings. */
export class Views {
  constructor(workbench) {
    this.bench = workbench;
    this.part = workbench.part;
    this.said = workbench.said;
    this.#tabs();
    this.#xml();
    this.#import();
    this.part("diagrams").addEventListener("change", (event) => this.#choose(event.target.value));
  }

  /** Show the canvas, not the text. */
  diagram() {
    if (this.part("xml").hidden) return;
    this.part("xml").hidden = true;
    this.part("body").hidden = false;
    this.bench.root.querySelector("[data-act=xml]").setAttribute("aria-pressed", "false");
  }

  warn(warnings) {
    const lines = warnings.map((warning) => warning.message ?? String(warning)).filter((line) => !line.startsWith("unresolved reference"));
    const { placed } = this.bench;
    this.#note([...(placed ? [this.said.placed.replace("{n}", placed)] : []), ...(lines.length ? [this.said.unread, ...lines.slice(0, 8)] : [])]);
  }

  refuse(fault) {
    this.#note([this.said.unreadable, fault.message], true);
    this.xmlText(null);
  }

  unchecked(fault) {
    this.part("checked").textContent = `${this.said.unchecked} ${fault.message}`;
  }

  count(findings) {
    const errors = findings.filter((finding) => finding.severity === "error").length;
    const text = findings.length ? this.said.counted.replace("{errors}", errors).replace("{warnings}", findings.length - errors) : this.said.clean;
    this.part("checked").textContent = text;
    this.part("finding-count").textContent = findings.length || "";
  }

  /** Offer the diagrams of the file where it has several. */
  chooser() {
    const diagrams = this.bench.modeler.getDefinitions().diagrams ?? [];
    const select = this.part("diagrams");
    select.replaceChildren(...diagrams.map((diagram, n) => make("option", { value: String(n) }, diagram.name || diagram.plane?.bpmnElement?.name || `${this.said.diagram} ${n + 1}`)));
    // A collapsed sub-process keeps its content in a diagram of its own, which its arrow opens.
    const own = diagrams.filter((diagram) => diagram.plane?.bpmnElement && !diagram.plane.bpmnElement.$instanceOf("bpmn:SubProcess"));
    select.closest("label").hidden = own.length < 2;
  }

  async #choose(place) {
    const diagram = this.bench.modeler.getDefinitions().diagrams[Number(place)];
    await this.bench.modeler.open(diagram);
    this.bench.fit();
  }

  #note(lines, fault = false) {
    const place = this.part("note");
    place.hidden = !lines.length;
    place.classList.toggle("is-fault", fault);
    place.replaceChildren(...lines.map((line) => make("p", {}, line)), make("button", { type: "button", class: "btn btn-link btn-sm", onclick: () => { place.hidden = true; } }, this.said.close));
  }

  #tabs() {
    tablist(this.bench.root.querySelector("[role=tablist]"), (panel) => {
      if (panel.contains(this.part("outline"))) this.bench.outline.show();
    });
  }

  async xmlText(text) {
    const area = this.part("xml-text");
    this.part("xml").hidden = false;
    this.part("body").hidden = true;
    area.value = text ?? (await this.bench.store.get("process.bpmn")) ?? "";
    this.part("xml-error").textContent = "";
    area.focus();
    area.setSelectionRange(0, 0);
    area.scrollTop = 0;
    this.bench.root.querySelector("[data-act=xml]").setAttribute("aria-pressed", "true");
  }

  #xml() {
    const { root } = this.bench;
    root.addEventListener("click", async (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act === "xml") this.part("xml").hidden ? this.xmlText(await this.bench.xml.text()) : this.diagram();
      if (act === "xml-apply") this.#take(this.part("xml-text").value, this.part("xml-error"));
      if (act === "xml-cancel") this.diagram();
    });
  }

  async #take(text, place) {
    // A canvas that is not shown has no size to fit a diagram to.
    this.part("body").hidden = false;
    try {
      await this.bench.replace(text);
      place.textContent = "";
    } catch (fault) {
      this.part("body").hidden = true;
      place.textContent = `${this.said.refused} ${fault.message}`;
    }
  }

  #import() {
    const input = this.part("file");
    input.addEventListener("change", async () => {
      const [file] = input.files;
      input.value = "";
      if (!file) return;
      try {
        await this.bench.replace(await xmlOf(file).catch(() => {
          throw new Error(this.said.undecodable);
        }));
      } catch (fault) {
        this.#note([this.said.refused, fault.message], true);
      }
    });
    this.bench.root.querySelector("[data-act=import]").addEventListener("click", () => input.click());
  }
}
