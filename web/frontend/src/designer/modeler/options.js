/** What selects and suggestions offer: from the model, its other files, and what the page knows of the product. */
import { processOf } from "./process.js";
import { entriesOf } from "./values.js";

let known = {};

/** Keep what the page says of the product: roles, parties, services, processes, and the ids of the model's files. */
export function learn(vocabulary) {
  known = vocabulary;
}

const NONE = ["", "（无）", "(none)"];
const FROM_PAGE = new Set(["forms", "decisions", "documents", "services", "parties", "roles", "processes", "profiles"]);

/** The options of a select: [value, Chinese, English]. */
export function optionsFor(field, modeler) {
  if (field.options) return field.options.map((option) => [...option]);
  if (field.kind === "setting" || field.from === "settings") {
    return [NONE, ...settings(modeler).map((s) => [s.get("key"), ...same(`${s.get("note") || s.get("key")}（${s.get("key")}）`)])];
  }
  if (FROM_PAGE.has(field.from)) return [NONE, ...(known[field.from] ?? []).map(([value, zh, en]) => [value, named(value, zh), named(value, en ?? zh)])];
  if (field.from === "outgoing") {
    const [element] = modeler.get("selection").get();
    return [NONE, ...(element?.outgoing ?? []).map((flow) => [flow.id, ...same(flow.businessObject.name || `→ ${flow.target.businessObject.name || flow.target.id}`)])];
  }
  const wanted = { timers: isTimer, userTaskIds: isUserTask }[field.from];
  return [NONE, ...elements(modeler, wanted).map((bo) => [bo.id, ...same(`${bo.id} ${bo.name ?? ""}`)])];
}

/** What an input proposes: [value, label]. */
export function suggestions(name, modeler, words) {
  if (FROM_PAGE.has(name)) return (known[name] ?? []).map(([value, zh, en]) => [value, words.english ? (en ?? zh) : zh]);
  if (name === "variables") return entriesOf(processOf(modeler.get("canvas").getRootElement().businessObject, modeler) ?? {}, "Variable").map((v) => [v.get("name"), v.get("label") ?? ""]);
  if (name === "userTasks") return elements(modeler, isUserTask).map((bo) => [bo.id, bo.name ?? ""]);
  const type = { messages: "bpmn:Message", signals: "bpmn:Signal" }[name];
  return modeler.getDefinitions().rootElements.filter((root) => root.$type === type && root.name).map((root) => [root.name, ""]);
}

/** The setting of a key, if the process has it. */
export function settingOf(key, modeler) {
  return settings(modeler).find((setting) => setting.get("key") === key);
}

function settings(modeler) {
  const process = processOf(modeler.get("canvas").getRootElement().businessObject, modeler);
  return process ? entriesOf(process, "Setting") : [];
}

function elements(modeler, wanted) {
  return modeler.get("elementRegistry").filter((element) => !element.labelTarget && wanted?.(element.businessObject)).map((element) => element.businessObject);
}

function isTimer(bo) {
  return bo.get?.("eventDefinitions")?.[0]?.$type === "bpmn:TimerEventDefinition";
}
function isUserTask(bo) {
  return bo.$type === "bpmn:UserTask";
}
function same(text) {
  return [text, text];
}
function named(value, label) {
  return label && label !== value ? `${label}（${value}）` : value;
}
