import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import minimapModule from "diagram-js-minimap";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import { CreateAppendAnythingModule } from "bpmn-js-create-append-anything";
import simulationModule from "bpmn-js-token-simulation";
import "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css";
import shixian from "../../../../engine/bpmn/shixian.moddle.json";
import "./modeler.css";
import { later } from "./dom.js";
import { clipboardModule } from "./modeler/clipboard.js";
import { coloursModule } from "./modeler/colours.js";
import { commandsModule } from "./modeler/commands.js";
import { download } from "./modeler/dom.js";
import { complete } from "./modeler/layout.js";
import { Marks } from "./modeler/marks.js";
import { learn } from "./modeler/options.js";
import { Outline } from "./modeler/outline.js";
import { Panel } from "./modeler/panel.js";
import { dress } from "./modeler/simulation.js";
import { Toolbar, exportSvg } from "./modeler/toolbar.js";
import { translation } from "./modeler/translate.js";
import { Views } from "./modeler/views.js";
import { Xml } from "./modeler/xml.js";
import { Store } from "./store.js";

const PATH = "process.bpmn";

class Workbench {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.words = translation(root);
    this.said = JSON.parse(this.part("texts").textContent);
    learn(JSON.parse(this.part("vocabulary").textContent));
    this.store = new Store(document.getElementById("designer"));
    this.modeler = this.#modeler();
    this.xml = new Xml(this.modeler, this.said);
    this.modeler.get("eventBus").on("import.parse.complete", 1000, ({ definitions }) => {
      if (definitions) this.placed = complete(definitions, this.modeler.get("moddle"));
    });
    const goTo = (id, focus) => this.goTo(id, focus);
    this.panel = new Panel(this.modeler, this.part("panel"), this.words);
    this.marks = new Marks(this.modeler, this.part("findings"), this.words, goTo);
    this.outline = new Outline(this.modeler, this.part("outline"), this.words, goTo);
    this.views = new Views(this);
    this.toolbar = new Toolbar(root, this.modeler, {
      "export-bpmn": async () => download(`${this.name()}.bpmn`, await this.xml.text(), "application/xml"),
      "export-svg": () => exportSvg(this.modeler, this.name()),
      whole: () => this.fit(),
      simulate: () => this.modeler.get("toggleMode").toggleMode(),
    });
  }

  #modeler() {
    const container = this.part("canvas");
    const { fontFamily } = getComputedStyle(container);
    // The search listens to keys alone: what is pasted by the mouse, or put in by an input method, would find nothing.
    container.addEventListener("input", ({ target, isComposing }) => {
      if (target.closest(".djs-search-input") && !isComposing) target.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true, key: "Unidentified" }));
    });
    return new Modeler({
      container,
      moddleExtensions: { shixian },
      // Texts are measured outside the diagram: "inherit" would measure one font and draw another.
      textRenderer: { defaultStyle: { fontFamily }, externalStyle: { fontFamily } },
      additionalModules: [this.words.module, commandsModule, coloursModule, clipboardModule, minimapModule, CreateAppendAnythingModule, simulationModule],
    });
  }

  async start() {
    const text = await this.store.get(PATH);
    await this.#open(text);
    dress(this.part("canvas"), this.words);
    const bus = this.modeler.get("eventBus");
    const keep = later(300, () => this.#keep());
    bus.on("commandStack.changed", () => {
      this.root.dataset.settled = "no";
      keep();
    });
    bus.on("tokenSimulation.toggleMode", ({ active }) => {
      this.root.classList.toggle("is-simulating", active);
      for (const button of this.root.querySelectorAll("[data-act=simulate]")) button.setAttribute("aria-pressed", String(active));
    });
    this.toolbar.state();
    performance.mark("modeler-ready");
    this.root.dataset.ready = String(Math.round(performance.now()));
    this.root.dataset.settled = "yes";
    this.#check();
  }

  name() {
    return this.modeler.getDefinitions().rootElements.find((root) => root.$type === "bpmn:Process")?.id ?? "process";
  }

  /** Open a text that is already the model's, or that replaces it. */
  async #open(text) {
    try {
      const warnings = await this.xml.open(text);
      this.views.chooser();
      this.views.warn(warnings);
      this.fit();
      if (this.modeler.get("canvas").zoom() < 0.5) this.#readable();
    } catch (fault) {
      this.views.refuse(await this.xml.refuse(text).then(() => fault, (said) => said));
    }
  }

  /** Show the whole diagram beside the palette, which would lie over its left. */
  fit() {
    const canvas = this.modeler.get("canvas");
    canvas.zoom("fit-viewport", "auto");
    const palette = this.part("canvas").querySelector(".djs-palette");
    const { inner, outer } = canvas.viewbox();
    if (!palette || !inner.width || !inner.height) return;
    const left = palette.offsetLeft + palette.offsetWidth + 16;
    if (canvas.zoom() < 1 || (inner.x - canvas.viewbox().x) * canvas.zoom() < left) {
      const [wide, high] = [outer.width - left - 16, outer.height - 32];
      const scale = Math.min(1, wide / inner.width, high / inner.height);
      const x = inner.x - (left + (wide - inner.width * scale) / 2) / scale;
      const y = inner.y - (16 + (high - inner.height * scale) / 2) / scale;
      canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale });
    }
  }

  /** A large diagram begins where reading begins, at a size at which it can be read. */
  #readable() {
    const canvas = this.modeler.get("canvas");
    const { inner } = canvas.viewbox();
    canvas.zoom(0.7);
    canvas.viewbox({ ...canvas.viewbox(), x: inner.x - 190, y: inner.y - 40 });
  }

  /** Replace the model by a text, as one that was edited or imported; throws where it cannot be read. */
  async replace(text) {
    await this.xml.refuse(text);
    const before = this.xml.read ? await this.xml.text() : null;
    await this.store.flush(); // what was there is a revision of its own
    let warnings;
    try {
      warnings = await this.xml.open(text);
    } catch (fault) {
      if (before) await this.xml.open(before);
      throw fault;
    }
    this.views.chooser();
    this.views.warn(warnings);
    this.fit();
    this.views.diagram();
    await this.#keep();
  }

  async #keep() {
    this.store.put(PATH, await this.xml.text());
    await this.#check();
    this.root.dataset.settled = "yes";
  }

  async #check() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const findings = (await this.store.check()).map((found) => ({ ...found, element: this.xml.aside.here(found.element) }));
      if (turn !== this.turn) return;
      this.marks.show(findings);
      this.views.count(findings);
    } catch (fault) {
      this.views.unchecked(fault);
    }
    this.root.dataset.checked = String(turn);
  }

  /** Select an element and bring it to the middle; an element of another plane brings its plane. */
  goTo(id, focus = true) {
    const element = this.modeler.get("elementRegistry").get(id);
    if (!element) {
      this.views.diagram();
      this.panel.goToSetting(id); // a setting or the process: the panel without a selection
      return;
    }
    const canvas = this.modeler.get("canvas");
    const plane = canvas.findRoot(element);
    if (plane && plane !== canvas.getRootElement()) canvas.setRootElement(plane);
    this.views.diagram();
    this.modeler.get("selection").select(element);
    const box = element.waypoints ? { ...element.waypoints[0], width: 0, height: 0 } : element;
    const view = canvas.viewbox();
    canvas.viewbox({ ...view, x: box.x + box.width / 2 - view.width / 2, y: box.y + box.height / 2 - view.height / 2 });
    if (focus) canvas.focus();
  }
}

const root = document.querySelector("[data-workbench]");
if (root) {
  const workbench = new Workbench(root);
  root.workbench = workbench; // read by the browser tests
  workbench.start();
}
