/** The editor of decision tables: dmn-js above, below it the table as the engine reads it.
 *
 * Addresses that stay as they are, for scripts that work by clicks and typing:
 *   .decision-canvas            dmn-js: its cells are `td[data-element-id="<id of the entry>"] [contenteditable]`
 *   [data-read="<decision>"]    the table as the engine reads it; [data-row="1"] a rule, .is-hit where it matched
 *   [data-field="try.<decision>.0"], [data-act="try.<decision>"], [data-outcome]   the try-out
 *   [data-field="xml"], [data-act=apply|reset]   the file as text, in the second tab (#de-tab-xml)
 */
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./decisions.css";
import DmnModeler from "dmn-js/lib/Modeler";
import { Reading } from "./decision/reading.js";
import { allowStyles } from "./decision/styles.js";
import { translation } from "./decision/translate.js";
import { ENGLISH, make } from "./dom.js";
import { showFindings } from "./findings.js";
import { Store } from "./store.js";
import { tablist } from "../tablist.js";

const PAUSE = 400; // ms without a change, after which the file is written
const CHECK_PAUSE = 1200;

class Editor {
  #missing = new Set();
  #heard = new WeakSet();
  #writing = 0;
  #checking = 0;

  constructor(root) {
    this.root = root;
    this.path = root.dataset.path;
    this.store = new Store();
    this.canvas = root.querySelector("[data-canvas]");
    this.field = root.querySelector("[data-field=xml]");
    this.reading = new Reading(root, this.store, () => this.text);
    allowStyles(root.dataset.styleNonce);
    this.#tabs();
  }

  async open() {
    this.text = (await this.store.get(this.path)) ?? "";
    this.#modeler();
    await this.#draw();
    this.reading.show();
    this.#check();
  }

  /** Texts of dmn-js that the dictionary has not. */
  get untranslated() {
    return [...this.#missing];
  }

  #modeler() {
    const own = { additionalModules: [translation(!ENGLISH, this.#missing)] };
    this.modeler = new DmnModeler({
      container: this.canvas,
      common: {
        // Not FEEL: a cell is read by the engine as it was typed, so a plain text is what is typed.
        expressionLanguages: { options: [{ value: "shixian", label: ENGLISH ? "Shixian" : "时限表达式" }, { value: "feel", label: "FEEL" }], defaults: { editor: "shixian" } },
        dataTypes: ["string", "number", "boolean", "Any"],
      },
      drd: own, decisionTable: own, literalExpression: own, boxedExpression: own,
    });
    this.modeler.on("views.changed", ({ views, activeView }) => {
      this.#views(views, activeView);
      const viewer = this.modeler.getActiveViewer();
      if (!viewer || this.#heard.has(viewer)) return;
      this.#heard.add(viewer);
      viewer.on("commandStack.changed", () => this.#changed());
    });
  }

  /** Show the file; where a round trip would lose something of it, leave it to the XML. */
  async #draw() {
    let why = "";
    try {
      const { warnings } = await this.modeler.importXML(this.text);
      if (warnings.length) why = this.root.dataset.losing + warnings.map((w) => w.message).join(" ");
    } catch (fault) {
      why = this.root.dataset.unread + fault.message;
    }
    const said = this.root.querySelector("[data-unread-said]");
    said.textContent = why;
    said.hidden = !why;
    this.canvas.inert = Boolean(why) || this.store.closed;
    if (why) this.tab(1);
    this.#tidy();
    this.root.dataset.untranslated = JSON.stringify(this.untranslated);
  }

  #views(views, active) {
    const place = this.root.querySelector("[data-views]");
    // One table and its drawing reach each other by dmn-js's own buttons.
    place.hidden = views.filter((view) => view.type !== "drd").length < 2;
    this.#tidy();
    place.replaceChildren(...views.map((view) => {
      const name = view.type === "drd" ? this.root.dataset.drd : view.name || view.id || this.root.dataset.unnamed;
      return make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", "aria-pressed": String(view.element === active?.element), onclick: () => this.modeler.open(view) }, name);
    }));
  }

  /** Say that the corner of the table heads nothing; a screen reader would stop at an empty heading. */
  #tidy() {
    for (const corner of this.canvas.querySelectorAll("th.index-column")) corner.setAttribute("role", "presentation");
  }

  #changed() {
    clearTimeout(this.#writing);
    this.#writing = setTimeout(async () => {
      const { xml } = await this.modeler.saveXML({ format: true });
      this.#take(xml);
      this.#tidy();
      this.root.dataset.untranslated = JSON.stringify(this.untranslated);
    }, PAUSE);
  }

  #take(text) {
    if (text === this.text || this.store.closed) return;
    this.text = text;
    this.store.put(this.path, text);
    this.reading.show();
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => this.#check(), CHECK_PAUSE);
  }

  async #check() {
    const found = await this.store.check().catch(() => []);
    showFindings(this.root.querySelector("[data-findings]"), found.filter((finding) => finding.path === this.path));
  }

  #tabs() {
    this.tab = tablist(this.root.querySelector("[role=tablist]"), () => {
      this.field.value = this.text;
      this.root.querySelector("[data-xml-said]").textContent = "";
    });
    this.root.querySelector("[data-act=reset]").addEventListener("click", () => (this.field.value = this.text));
    this.root.querySelector("[data-act=apply]").addEventListener("click", () => this.#apply());
    if (this.store.closed) this.root.querySelector("[data-act=apply]").disabled = true;
  }

  async #apply() {
    const said = this.root.querySelector("[data-xml-said]");
    try {
      await this.store.post(this.root.dataset.readAddress, { text: this.field.value }); // the server says what is not safe to read
    } catch (fault) {
      said.textContent = this.root.dataset.refused + fault.message;
      said.className = "small mb-1 error";
      return;
    }
    this.#take(this.field.value);
    said.className = "small mb-1";
    said.textContent = this.root.dataset.applied;
    await this.#draw();
  }
}

new Editor(document.getElementById("decision-editor")).open();
