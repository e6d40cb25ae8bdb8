/** The editor of a form: fields left, properties in the middle, the page of a task right.
 *
 * Addresses that stay as they are, for scripts that work by clicks and typing:
 *   [data-component="<key>"]        the field in the list; "" is the form as a whole
 *   [data-add-type], [data-act=add] choose a type and add a field (select its type, then the button)
 *   [data-act=up|down|copy|remove]  of the chosen field; [data-act=undo|redo]
 *   [data-field="<path>"]           a property of the chosen field, or of the form where that is chosen:
 *                                   key, type, label, label_en, description, description_en, shixian.group,
 *                                   validate.required, validate.minLength, validate.max, shixian.visibleWhen, …
 *   [data-field="values.0.label"]   an item of a list: values, shixian.columns, hints, rules; with
 *                                   [data-act="values.add"], [data-act="values.0.remove"], [data-act="values.1.up"]
 *   [data-field="json"], [data-act=apply|reset]   the form as JSON, in the second tab (#fe-tab-json)
 *   .fe-preview iframe              the preview; [data-act=narrow] shows it 390 pixels wide
 */
import "./formeditor.css";
import { drawList, shortName } from "./form/list.js";
import { drawProperties } from "./form/properties.js";
import { make, say } from "./dom.js";
import { showFindings } from "./findings.js";
import { Preview } from "./form/preview.js";
import { rename } from "./form/rename.js";
import { FormState } from "./form/state.js";
import { Store } from "./store.js";
import { tablist } from "../tablist.js";

const CHECK_PAUSE = 1200; // ms without a change, after which the checks are asked

class Editor {
  #checking = 0;
  findings = [];

  constructor(root) {
    this.root = root;
    this.store = new Store();
    this.closed = this.store.closed;
    this.unnamed = new WeakSet(); // fields that came with a makeshift name
    const about = JSON.parse(root.querySelector("[data-about]").textContent);
    this.about = { ...about, types: Object.fromEntries(about.types) }; // in the order of the page's list
    this.place = (name) => root.querySelector(`[data-${name}]`);
    this.preview = new Preview(root.querySelector(".fe-preview"), this.store, this.about.words, (key) => {
      const found = this.state?.fields.find((c) => c.key === key || key.startsWith(`${c.key}.`));
      if (found && found !== this.chosen) this.choose(found);
    });
  }

  async open() {
    const text = await this.store.get(this.about.path);
    this.#tools();
    try {
      this.state = new FormState(text);
    } catch {
      this.#onlyText(text);
      return;
    }
    this.chosen = this.state.fields[0] ?? null;
    this.redraw();
    this.preview.show(this.state.text, true);
    this.#check();
  }

  /** Note a change: it is saved, checked and shown after a pause. */
  changed() {
    const text = this.state.text;
    this.store.put(this.about.path, text);
    this.preview.show(text);
    this.#list();
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => this.#check(), CHECK_PAUSE);
  }

  redraw() {
    this.#list();
    drawProperties(this.place("properties"), this.chosen, this);
    this.#showFindings();
    document.querySelector("[data-form-title]").textContent = this.state.data.title ?? "";
  }

  choose(component, focus = false) {
    if (component === undefined) return;
    this.chosen = component;
    this.redraw();
    if (component) this.preview.reveal(component.key);
    if (focus) this.#button()?.focus();
  }

  move(from, to) {
    if (to < 0 || to >= this.state.fields.length) return;
    this.state.remember();
    const [component] = this.state.fields.splice(from, 1);
    this.state.fields.splice(to, 0, component);
    this.chosen = component;
    this.#done("moved", component, { n: to + 1 });
  }

  copy(n) {
    this.state.remember();
    const component = structuredClone(this.state.fields[n]);
    component.key = this.state.fresh(component.key || "field");
    this.state.fields.splice(n + 1, 0, component);
    this.chosen = component;
    this.#done("added", component);
  }

  remove(n) {
    this.state.remember();
    const [component] = this.state.fields.splice(n, 1);
    this.chosen = this.state.fields[n] ?? this.state.fields[n - 1] ?? null;
    this.#done("removed", component);
  }

  rename(input, component) {
    return rename(input, component, this).catch((fault) => this.#say(fault.message));
  }

  /** What the checks find about a field. */
  problems(component) {
    const key = component.key;
    if (!key) return [];
    const named = new RegExp(`(^|[\\s（.：])${key.replace(/[^\w]/g, "\\$&")}([\\s：）（.的]|$)`);
    return this.findings.filter((f) => f.element === key || (!f.element || f.element === this.state.data.id) && named.test(f.zh));
  }

  #tools() {
    const { root, about } = this;
    const type = root.querySelector("select[data-add-type]");
    type.append(...Object.entries(about.types).map(([value, text]) => make("option", { value }, text)));
    root.querySelector("form[data-add]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add(type.value);
    });
    const act = (name, run) => root.querySelector(`[data-act=${name}]`).addEventListener("click", run);
    act("undo", () => this.#step("undo"));
    act("redo", () => this.#step("redo"));
    act("apply", () => this.#apply());
    act("reset", () => this.#fillText());
    root.querySelector('[data-component=""]').addEventListener("click", () => this.choose(null));
    root.addEventListener("keydown", (event) => {
      // Within a control the browser's own undo is meant.
      if (!event.ctrlKey || event.target.matches("input,textarea,select")) return;
      const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
      if (name) {
        event.preventDefault();
        this.#step(name);
      }
    });
    this.tab = tablist(root.querySelector("[role=tablist]"), (panel) => {
      if (panel.id === "fe-json" && this.state) this.#fillText();
    });
    if (this.closed) root.querySelectorAll("[data-act=add], [data-act=apply]").forEach((button) => (button.disabled = true));
  }

  #add(type) {
    if (!this.state) return;
    this.state.remember();
    const component = { key: this.state.fresh(type), type, label: this.about.words.new_field };
    const before = this.chosen;
    const group = before?.shixian?.group;
    if (["radio", "select", "checklist"].includes(type)) component.values = [{ value: "1", label: "" }];
    if (type === "datetime") component.subtype = "date"; // without it other form editors show a time
    if (group) component.shixian = { group, ...(before.shixian.group_en && { group_en: before.shixian.group_en }) };
    if (["table", "records"].includes(type)) component.shixian = { ...component.shixian, columns: [{ key: "column_1", label: "" }] };
    this.state.fields.splice(before ? this.state.fields.indexOf(before) + 1 : this.state.fields.length, 0, component);
    this.chosen = component;
    this.unnamed.add(component);
    this.#done("added", component);
    this.root.querySelector('[data-field="label"]')?.select();
    this.root.querySelector('[data-field="label"]')?.focus();
  }

  #step(name) {
    const n = this.state.fields.indexOf(this.chosen);
    if (!this.state[name]()) return;
    this.chosen = n < 0 ? null : this.state.fields[Math.min(n, this.state.fields.length - 1)] ?? null;
    this.changed();
    this.redraw();
  }

  #done(word, component, values = {}) {
    this.changed();
    this.redraw();
    this.#say(say(this.about.words[word], { name: shortName(component, this.about.words), ...values }));
    this.#button()?.focus();
  }

  #button() {
    return this.root.querySelector(".fe-item[aria-pressed=true]") ?? this.root.querySelector(".fe-whole");
  }

  #list() {
    drawList(this.place("list"), this);
    this.root.querySelector(".fe-whole").setAttribute("aria-pressed", String(this.chosen === null));
    for (const name of ["undo", "redo"]) this.root.querySelector(`[data-act=${name}]`).disabled = !this.state.can(name);
  }

  async #check() {
    try {
      this.findings = (await this.store.check()).filter((finding) => finding.path === this.about.path);
    } catch {
      return; // the next change asks again
    }
    this.#list();
    this.#showFindings();
  }

  #showFindings() {
    const mine = this.chosen ? this.problems(this.chosen) : this.findings.filter((f) => !this.state.fields.some((c) => this.problems(c).includes(f)));
    showFindings(this.place("findings"), mine);
  }

  #fillText() {
    this.root.querySelector("[data-field=json]").value = this.state.text;
    this.place("json-said").textContent = "";
  }

  async #apply() {
    const text = this.root.querySelector("[data-field=json]").value;
    const said = this.place("json-said");
    said.className = "small mb-1";
    try {
      JSON.parse(text);
      await this.store.post(this.root.dataset.preview, { text }); // the server says what is no form
      if (this.state) {
        this.state.remember();
        this.state.read(text);
      } else {
        this.state = new FormState(text);
      }
      this.chosen = this.state.fields.find((c) => c.key === this.chosen?.key) ?? this.state.fields[0] ?? null;
      this.changed();
      this.redraw();
      said.textContent = this.about.words.applied;
    } catch (fault) {
      said.textContent = say(this.about.words.bad_json, { why: fault.message });
      said.classList.add("error");
    }
  }

  #onlyText(text) {
    this.tab(1);
    this.root.querySelector("[data-field=json]").value = text ?? "";
    this.place("json-said").textContent = this.about.words.not_read;
  }

  #say(text) {
    this.place("said").textContent = text;
  }
}

new Editor(document.getElementById("form-editor")).open();
