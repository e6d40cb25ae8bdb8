/** The fields in their order: choose, move by buttons, by drag and by Alt with the arrows, copy, remove. */
import { make, say } from "../dom.js";
import { at } from "./state.js";

/** `editor` offers: state, about, chosen, choose(component), move(from, to), copy(n), remove(n), problems(component). */
export function drawList(place, editor) {
  const { state } = editor;
  let group = null;
  const items = [];
  state.fields.forEach((component, n) => {
    const here = at(component, "shixian.group") ?? "";
    if (here !== group && here) items.push(make("li", { class: "fe-group", "aria-hidden": "true" }, here));
    group = here;
    items.push(item(component, n, editor));
  });
  place.replaceChildren(...items);
}

function item(component, n, editor) {
  const { about, state, closed } = editor;
  const { words } = about;
  const name = shortName(component, words);
  const chosen = editor.chosen === component;
  const badges = [about.types[component.type] ?? component.type, component.validate?.required && words.required,
    at(component, "shixian.fixed") && words.fixed, (at(component, "shixian.visibleWhen") || at(component, "shixian.requiredWhen")) && words.conditional].filter(Boolean);
  const wrong = editor.problems(component).length;
  const button = make("button", { type: "button", class: "fe-item", "data-component": component.key ?? "", "aria-pressed": String(chosen), "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown", onclick: () => editor.choose(component) },
    make("span", { class: "fe-name" }, name), make("span", { class: "fe-badges" }, `${component.key ?? ""} · ${badges.join(" · ")}`),
    wrong ? make("span", { class: "fe-wrong" }, say(words.problems, { n: wrong })) : null);
  button.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (event.altKey && !closed) editor.move(n, n + step);
    else editor.choose(state.fields[n + step], true);
  });
  const line = make("li", { class: chosen ? "is-chosen" : "", draggable: closed ? null : "true", "data-index": n }, button);
  if (chosen && !closed)
    line.append(make("div", { class: "fe-item-tools" },
      tool("↑", "up", n === 0, () => editor.move(n, n - 1)), tool("↓", "down", n === state.fields.length - 1, () => editor.move(n, n + 1)),
      tool(words.copy_short, "copy", false, () => editor.copy(n)), tool(words.remove_short, "remove", false, () => editor.remove(n))));
  draggable(line, n, editor);
  return line;

  function tool(sign, act, disabled, onclick) {
    const said = say(words[act], { name });
    return make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", "data-act": act, "aria-label": said, title: said, disabled, onclick }, sign);
  }
}

function draggable(line, n, editor) {
  line.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/plain", String(n));
    event.dataTransfer.effectAllowed = "move";
  });
  line.addEventListener("dragover", (event) => {
    event.preventDefault();
    line.classList.add("is-over");
  });
  line.addEventListener("dragleave", () => line.classList.remove("is-over"));
  line.addEventListener("drop", (event) => {
    event.preventDefault();
    const from = Number(event.dataTransfer.getData("text/plain"));
    if (Number.isInteger(from) && from !== n) editor.move(from, n);
    else line.classList.remove("is-over");
  });
}

/** What a field is called in lists: its label, or the beginning of a long one. */
export function shortName(component, words) {
  const text = String(component.label || component.key || words.untitled);
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
