/**
 * The properties panel. How a test addresses it:
 *
 * - `[data-panel-of="T12-04"]` is on the panel once it shows that element; `[data-panel-of="process"]` when it shows the process,
 *   with nothing selected. A pool shows its own fields and those of its process.
 * - A group is `[data-group="period"]`, a <details>: open it by its <summary>.
 * - A field is `[data-field="<name>"]`, an input, select or textarea; the names stand in fields/*.js: `name`, `id`, `role`,
 *   `form.id`, `separateFrom`, `period.setting`, `condition`, `message`, `process.article`, …
 * - A row of a list has a key or, without one, its place from 0: `setting.p12.reply_wd.value`, `variable.reply.type`,
 *   `assign.0.expression`, `notice.1.text`, `document.0.template`, `message.Message_Reply.name`, `message.Message_Reply.id`, `signal.<id>.name`.
 *   Rows of settings and variables are folded: `[data-row="setting.p12.reply_wd"]` is the button that unfolds one.
 * - `[data-add="setting"]` adds a row; `[data-remove="assign.0"]` takes one away, `[data-remove="message.Message_Reply"]` a message
 *   that nothing refers to. A new setting is called `p.new`, a new variable `new`
 *   (then `p.new2`, …) until its key is changed.
 * - A field takes effect on `change` (Tab, Enter or a click elsewhere); `[data-error-of="id"]` says why it was not taken.
 */
import { make } from "../dom.js";
import { called } from "./dom.js";
import { groupsOf } from "./fields/index.js";
import { UNITS } from "./fields/kinds.js";
import { optionsFor, settingOf, suggestions } from "./options.js";
import { isUsed, processOf } from "./process.js";
import { entriesOf, Refusal, Values } from "./values.js";
import { typeName } from "./types.js";

const KEPT_OPEN = new Set();
const FOLDED = new Set();

export class Panel {
  constructor(modeler, container, words) {
    this.modeler = modeler;
    this.container = container;
    this.words = words;
    this.values = new Values(modeler);
    this.unfolded = new Set();
    this.filters = {};
    const bus = modeler.get("eventBus");
    bus.on("selection.changed", () => this.show());
    bus.on("root.set", () => this.show());
    bus.on("commandStack.changed", () => this.show());
    bus.on("import.done", () => this.show());
    container.addEventListener("change", (event) => this.#changed(event.target));
    container.addEventListener("submit", (event) => event.preventDefault());
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input[data-field]")) this.#changed(event.target);
    });
  }

  #t(texts) {
    return this.words.english ? texts[1] : texts[0];
  }

  /** What the panel is about: the selected element, or the process. */
  subject() {
    const selected = this.modeler.get("selection").get();
    const root = this.modeler.get("canvas").getRootElement();
    if (selected.length > 1) return { several: selected };
    const element = selected[0]?.labelTarget ?? selected[0];
    if (element) return { element, bo: element.businessObject, process: element.businessObject.processRef };
    return { element: root, bo: processOf(root.businessObject, this.modeler) };
  }

  show() {
    // What is being typed is taken before its field goes: a removed field never says that it changed.
    const typing = this.container.contains(document.activeElement) ? document.activeElement : null;
    if (typing?.dataset.field && typing.dataset.was !== undefined && typing.value !== typing.dataset.was && !this.taking) {
      this.#changed(typing);
      return;
    }
    const focus = typing?.dataset.field ?? typing?.dataset.filter;
    const caret = typing?.selectionStart;
    const scrolled = this.container.scrollTop;
    const subject = this.subject();
    this.current = subject;
    const whose = subject.several ? "several" : subject.bo?.$instanceOf("bpmn:Process") ? "process" : subject.bo?.id;
    const same = this.container.dataset.panelOf === whose;
    this.container.replaceChildren(...this.#content(subject));
    this.container.dataset.panelOf = whose ?? "";
    this.container.scrollTop = same ? scrolled : 0;
    if (!same || !focus) return;
    const again = this.container.querySelector(`[data-field="${CSS.escape(focus)}"], [data-filter="${CSS.escape(focus)}"]`);
    again?.focus({ preventScroll: true });
    if (caret !== undefined && caret !== null && again?.setSelectionRange && /^(text|search|textarea)$/.test(again.type)) again.setSelectionRange(caret, caret);
  }

  /** Show the process with one setting unfolded. */
  goToSetting(key) {
    this.unfolded.add(`setting.${key}`);
    KEPT_OPEN.add("settings");
    this.modeler.get("selection").select([]);
    this.show();
    this.container.querySelector(`[data-field="${CSS.escape(`setting.${key}.value`)}"]`)?.focus();
  }

  #content({ several, bo, element, process }) {
    if (several) return [this.#head([`选中${several.length}个元素`, `${several.length} elements selected`], ""), make("p", { class: "panel-note" }, this.#t(["可对齐、分布、移动、复制或删除。", "Align, distribute, move, copy or delete them."]))];
    if (!bo) return [];
    const title = bo.$instanceOf("bpmn:Process") ? bo.name || bo.id : called(element);
    return [
      this.#head([title, title], this.#t(typeName(bo))),
      make("form", { novalidate: true, "aria-label": this.#t(["属性", "Properties"]) }, groupsOf(bo).map((group) => this.#group(group, element, bo)), process ? groupsOf(process).map((group) => this.#group(group, element, process)) : null),
    ];
  }

  #head(texts, type) {
    return make("div", { class: "panel-head" }, make("h2", {}, this.#t(texts)), make("span", { class: "panel-type" }, type));
  }

  #group(group, element, bo) {
    const fields = (group.fields ?? []).filter((field) => !field.for || field.for(bo));
    const entries = group.list ? entriesOf(bo, group.list.extension) : [];
    const named = group.names ? this.#namedElements() : [];
    if (group.fields && !fields.length) return null;
    const said = entries.length + named.length || fields.some((field) => this.values.read(bo, field.at));
    const open = KEPT_OPEN.has(group.id) || (!group.folded && !FOLDED.has(group.id) && (!group.closed || (said && !group.filter && !group.names)));
    const count = group.list || group.names ? make("span", { class: "panel-count" }, String(entries.length + named.length)) : said && group.closed ? make("span", { class: "panel-count" }, "●", make("span", { class: "visually-hidden" }, this.#t(["已填写", "filled in"]))) : null;
    const details = make(
      "details",
      { "data-group": group.id, open },
      make("summary", {}, this.#t(group.title), count),
      make("div", { class: "panel-body" },
        group.help ? make("p", { class: "panel-help" }, this.#t(group.help)) : null,
        fields.map((field) => this.#field(field, field.name, this.values.read(bo, field.at), { element, bo, at: field.at })),
        group.list ? this.#list(group, element, bo, entries) : null,
        named.map((root) => this.#named(root, element)),
      ),
    );
    // Not on "toggle": it also fires when a group is put into the page open.
    details.firstChild.addEventListener("click", () => {
      KEPT_OPEN[details.open ? "delete" : "add"](group.id);
      FOLDED[details.open ? "add" : "delete"](group.id);
    });
    return details;
  }

  /** A message, signal, error or escalation: what it is called, and the id that files and histories name it by. */
  #named({ bo, prefix, kind }, element) {
    const label = kind.map((what) => `${what} ${bo.id}`);
    return [
      this.#field({ label }, `${prefix}.${bo.id}.name`, bo.name ?? "", { element, entry: bo, attribute: "name" }),
      this.#field({ label: [`${label[0]} 的编号`, `Id of ${label[1]}`], mono: true }, `${prefix}.${bo.id}.id`, bo.id, { element, entry: bo, attribute: "id" }),
      isUsed(bo, this.modeler.getDefinitions()) ? null : make("button", { type: "button", class: "row-remove", "data-remove": `${prefix}.${bo.id}`, "aria-label": `${this.#t(["删除", "Remove"])} ${bo.id}`, onclick: () => this.values.discard(element, bo) }, this.#t(["删除", "Remove"])),
    ];
  }

  #list(group, element, bo, entries) {
    const { list } = group;
    const sought = (this.filters[list.name] ?? "").toLowerCase();
    const shown = entries.map((entry, place) => ({ entry, place })).filter(({ entry }) => !sought || list.columns.some((column) => String(entry.get(column.name) ?? "").toLowerCase().includes(sought)));
    return [
      group.filter && entries.length > 6
        ? make("input", { type: "search", class: "form-control form-control-sm", "data-filter": list.name, "aria-label": this.#t(["筛选", "Filter"]), placeholder: this.#t(["筛选", "Filter"]), value: this.filters[list.name] ?? "", oninput: (event) => { this.filters[list.name] = event.target.value; this.show(); } })
        : null,
      shown.map(({ entry, place }) => this.#row(list, element, bo, entry, list.key ? entry.get(list.key) || String(place) : String(place), place)),
      make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", "data-add": list.name, onclick: () => this.#add(list, element, bo, entries) }, this.#t(list.add)),
    ];
  }

  #row(list, element, bo, entry, key, place) {
    const address = `${list.name}.${key}`;
    const open = !list.key || this.unfolded.has(address);
    const name = list.key ? null : `${this.#t(list.add).replace(/^(添加|Add an? |Add )/, "")} ${place + 1}`;
    const body = open ? make("div", { class: "row-fields" }, list.columns.map((column) => this.#field(column, `${address}.${column.name}`, String(entry.get(column.name) ?? ""), { element, bo, entry, attribute: column.name, list, key }))) : null;
    return make(
      "fieldset",
      { class: list.key ? "row-folded" : "row-plain", "data-entry": address },
      make("legend", { class: list.key ? "visually-hidden" : "" }, name ?? key),
      list.key ? this.#fold(list, entry, address, open) : null,
      body,
      open ? make("button", { type: "button", class: "row-remove", "data-remove": address, "aria-label": `${this.#t(["删除", "Remove"])} ${key}`, onclick: () => this.values.remove(element, bo, entry) }, this.#t(["删除", "Remove"])) : null,
    );
  }

  #fold(list, entry, address, open) {
    const told = list.kind === "settings" ? settingSaid(entry, this.words.english) : this.#t((optionsFor(list.columns.find((column) => column.name === "type"), this.modeler).find(([value]) => value === entry.get("type")) ?? ["", "", ""]).slice(1));
    const title = entry.get(list.kind === "settings" ? "note" : "label") || entry.get(list.key);
    return make(
      "button",
      { type: "button", class: "row-fold", "data-row": address, "aria-expanded": String(open), onclick: () => { this.unfolded[open ? "delete" : "add"](address); this.show(); this.container.querySelector(`[data-row="${CSS.escape(address)}"]`)?.focus(); } },
      make("span", { class: "row-title" }, title),
      make("span", { class: "row-said" }, told, list.kind === "settings" ? make("span", { class: `row-kind ${entry.get("kind") === "law" ? "is-law" : ""}` }, entry.get("kind") === "law" ? this.#t(["法定", "Law"]) : this.#t(["自定", "Choice"])) : null),
      make("code", {}, entry.get(list.key)),
    );
  }

  #add(list, element, bo, entries) {
    const properties = {};
    if (list.key) {
      const taken = new Set(entries.map((entry) => entry.get(list.key)));
      let key = list.fresh;
      for (let n = 2; taken.has(key); n += 1) key = `${list.fresh}${n}`;
      properties[list.key] = key;
      this.unfolded.add(`${list.name}.${key}`);
      this.filters[list.name] = "";
    }
    if (list.kind === "settings") Object.assign(properties, { value: "1", unit: "working_day", kind: "choice" });
    if (list.name === "variable") properties.type = "text";
    this.values.add(element, bo, list.extension, properties);
    this.container.querySelector(`[data-entry="${CSS.escape(`${list.name}.${properties[list.key] ?? entries.length}`)}"] [data-field]`)?.focus();
  }

  #field(field, name, value, target) {
    const id = `f-${name}`;
    const help = field.help ? make("span", { class: "panel-help", id: `${id}-help` }, this.#t(field.help)) : null;
    const common = { id, "data-field": name, "data-was": value, "aria-describedby": help ? `${id}-help` : null, class: `${field.kind === "select" || field.kind === "setting" ? "form-select form-select-sm" : "form-control form-control-sm"}${field.mono ? " mono" : ""}` };
    const control = this.#control(field, common, value);
    control.target = target;
    if (field.kind === "flag") return make("div", { class: "panel-field is-flag" }, control, make("label", { for: id }, this.#t(field.label)), help, this.#error(name));
    return make("div", { class: `panel-field${field.narrow ? " is-narrow" : ""}` }, make("label", { for: id }, this.#t(field.label)), control, field.kind === "setting" ? this.#settingNote(value) : null, help, this.#error(name));
  }

  #error(name) {
    return make("span", { class: "panel-error", "data-error-of": name, role: "alert" });
  }

  #control(field, common, value) {
    if (field.kind === "flag") return make("input", { ...common, type: "checkbox", class: "form-check-input", checked: value === "true", "data-was": null });
    if (field.kind === "select" || field.kind === "setting") {
      const offered = optionsFor(field, this.modeler);
      if (!offered.some(([option]) => option === value)) offered.push([value, value, value]);
      return make("select", common, offered.map(([option, zh, en]) => make("option", { value: option, selected: option === value }, this.#t([zh, en]))));
    }
    if (field.kind === "textarea") {
      const area = make("textarea", { ...common, rows: Math.min(6, Math.max(field.mono ? 2 : 1, Math.ceil(width(value) / 38), value.split("\n").length)) });
      area.value = value;
      return area;
    }
    const listed = field.suggest ? suggestions(field.suggest, this.modeler, this.words) : null;
    if (listed?.length) common.list = this.#datalist(field.suggest, listed);
    return make("input", { ...common, type: field.kind === "date" ? "date" : "text", value, autocomplete: "off", spellcheck: field.mono ? "false" : null });
  }

  #datalist(name, listed) {
    const id = `suggest-${name}`;
    const list = document.getElementById(id) ?? document.body.appendChild(make("datalist", { id }));
    list.replaceChildren(...listed.map(([value, label]) => make("option", { value, label })));
    return id;
  }

  #settingNote(key) {
    const entry = settingOf(key, this.modeler);
    if (!entry) return null;
    return make("span", { class: "panel-setting" }, settingSaid(entry, this.words.english), entry.get("basis") ? ` · ${entry.get("basis")}` : "", " ", make("button", { type: "button", class: "btn btn-link btn-sm", "data-goto": `setting.${key}`, onclick: () => this.goToSetting(key) }, this.#t(["修改", "Change"])));
  }

  #namedElements() {
    const kinds = { "bpmn:Message": ["message", ["消息", "Message"]], "bpmn:Signal": ["signal", ["信号", "Signal"]], "bpmn:Error": ["error", ["错误", "Error"]], "bpmn:Escalation": ["escalation", ["升级", "Escalation"]] };
    return this.modeler.getDefinitions().rootElements.filter((root) => kinds[root.$type]).map((bo) => ({ bo, prefix: kinds[bo.$type][0], kind: kinds[bo.$type][1] }));
  }

  #changed(control) {
    const { target, dataset } = control;
    if (!target || !dataset.field) return;
    const value = control.type === "checkbox" ? control.checked : control.value.trim();
    if (control.type !== "checkbox") {
      if (value === (dataset.was ?? "").trim()) return;
      control.dataset.was = control.value;
    }
    const error = this.container.querySelector(`[data-error-of="${CSS.escape(dataset.field)}"]`);
    this.taking = true;
    try {
      if (target.entry) this.#changeEntry(target, value);
      else this.values.write(target.element, target.bo, target.at, value);
      if (error) error.textContent = "";
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (error) error.textContent = this.#t(refusal.texts);
      control.setAttribute("aria-invalid", "true");
    } finally {
      this.taking = false;
    }
  }

  #changeEntry({ element, bo, entry, attribute, list, key }, value) {
    if (list?.key === attribute) {
      if (!value) throw new Refusal("不能为空。", "It cannot be empty.");
      if (entriesOf(bo, list.extension).some((other) => other !== entry && other.get(attribute) === value)) throw new Refusal(`“${value}”已有。`, `${value} is there already.`);
      if (this.unfolded.delete(`${list.name}.${key}`)) this.unfolded.add(`${list.name}.${value}`);
    }
    if (attribute === "id") this.values.call(element, entry, value);
    else this.values.change(element, entry, { [attribute]: value || undefined });
  }
}

function settingSaid(entry, english) {
  const unit = UNITS.find(([value]) => value === entry.get("unit"));
  const value = entry.get("value") ?? "";
  if (["working_day", "calendar_day", "month", "count", "character"].includes(entry.get("unit"))) return english ? `${value} ${unit[2]}` : `${value} ${unit[1]}`;
  if (entry.get("unit") === "bool") return value === "true" ? (english ? "yes" : "是") : (english ? "no" : "否");
  return value;
}

function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2 : 1), 0);
}
