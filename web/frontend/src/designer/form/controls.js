/** One control for one property. `box.get` and `box.set` read and write it; `box.about` is what the page told. */
import { make } from "../dom.js";

let number = 0;

/** A labelled control; the input carries `data-field` with the address of the property. */
export function control(property, address, box) {
  const kind = MAKERS[property.kind] ?? MAKERS.text;
  const id = `fe-${(number += 1)}`;
  const hint = property.hint ? make("p", { class: "hint", id: `${id}-hint` }, property.hint) : null;
  const input = kind(property, box);
  const target = input.matches("input,select,textarea") ? input : input.querySelector("input,select,textarea");
  target.id = id;
  target.dataset.field = address;
  const error = make("p", { class: "error", id: `${id}-error`, hidden: true });
  target.setAttribute("aria-describedby", [hint && hint.id, error.id].filter(Boolean).join(" "));
  if (box.closed) target.disabled = true;
  target.addEventListener("problem", (event) => {
    error.textContent = event.detail;
    error.hidden = !event.detail;
    target.toggleAttribute("aria-invalid", Boolean(event.detail));
  });
  if (property.kind === "check")
    return make("div", { class: "field fe-check" }, make("div", { class: "form-check" }, input, make("label", { class: "form-check-label", for: id }, property.label)), hint, error);
  return make("div", { class: "field" }, make("label", { for: id }, property.label), input, hint, error);
}

const MAKERS = {
  text: (property, box) => typed(make("input", { class: "form-control", value: box.get() ?? "", autocomplete: "off" }), box),
  textarea: (property, box) => grown(typed(area(box.get()), box)),
  expression: (property, box) => {
    const input = grown(typed(area(box.get()), box));
    input.classList.add("fe-code");
    input.spellcheck = false;
    return input;
  },
  number: (property, box) => {
    const input = make("input", { class: "form-control num", inputmode: "numeric", value: box.get() ?? "", autocomplete: "off" });
    input.addEventListener("input", () => {
      const good = /^-?\d{0,12}$/.test(input.value.trim()) && input.value.trim() !== "-";
      problem(input, good ? "" : box.about.words.bad_number);
      if (good) box.set(input.value.trim() === "" ? undefined : Number(input.value));
    });
    return input;
  },
  check: (property, box) => {
    const input = make("input", { class: "form-check-input", type: "checkbox", checked: box.get() === true });
    input.addEventListener("change", () => box.set(input.checked || undefined));
    return input;
  },
  key: (property, box) => {
    const input = make("input", { class: "form-control fe-code", value: box.get() ?? "", spellcheck: "false", autocomplete: "off" });
    // A name counts once it is whole: with each letter the places that use the field would be searched for.
    input.addEventListener("change", () => box.rename(input));
    return input;
  },
  type: (property, box) => chosen(Object.entries(box.about.types), box, false),
  kind: (property, box) => chosen(box.about.kinds, box, false),
  choice: (property, box) => chosen(property.options, box, false),
  field: (property, box) => chosen(box.fields(), box, true),
  form: (property, box) => chosen(box.about.forms.map((name) => [name, name]), box, true),
  source: (property, box) => listed(box.about.sources, box),
  group: (property, box) => listed(box.groups(), box),
  option: (property, box) => listed(box.options(), box),
  lines: (property, box) => {
    const lines = (box.get() ?? []).map((v) => [v.value, v.label, v.label_en].filter((x) => x !== undefined).join("="));
    const input = grown(area(lines.join("\n")));
    input.addEventListener("input", () => box.set(readLines(input.value, box.get() ?? [])));
    return input;
  },
};

/** Options as they were typed, a line each; what a known option has beside stays with it. */
function readLines(text, before) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const [value, label, english] = line.split("=").map((part) => part.trim());
    const kept = before.find((v) => v.value === value) ?? {};
    const option = { ...kept, value, label: label ?? value };
    if (english) option.label_en = english;
    else delete option.label_en;
    return option;
  });
}

function area(text) {
  const input = make("textarea", { class: "form-control", rows: 1 });
  input.value = text ?? "";
  return input;
}

/** Let a text area be as high as its text. */
function grown(input) {
  const fit = () => {
    input.rows = Math.min(12, Math.max(1, input.value.split("\n").reduce((n, line) => n + Math.ceil((width(line) + 1) / 46), 0)));
  };
  input.addEventListener("input", fit);
  fit();
  return input;
}

function width(line) {
  return [...line].reduce((n, c) => n + (c > "\u2e80" ? 2 : 1), 0);
}

function typed(input, box) {
  input.addEventListener("input", () => box.set(input.value || undefined));
  return input;
}

function chosen(pairs, box, blank) {
  const input = make("select", { class: "form-select" });
  const now = box.get() ?? "";
  const all = blank ? [["", box.about.words.none], ...pairs] : [...pairs];
  // What stands in the file is shown even where it is none of those offered.
  if (!all.some(([value]) => value === now)) all.push([now, now]);
  for (const [value, text] of all) input.append(make("option", { value, selected: value === now }, text));
  input.addEventListener("change", () => box.set(input.value || undefined));
  return input;
}

function listed(values, box) {
  const id = `fe-list-${(number += 1)}`;
  const input = typed(make("input", { class: "form-control", value: box.get() ?? "", list: id, autocomplete: "off" }), box);
  return make("div", {}, input, make("datalist", { id }, ...values.map((value) => make("option", { value }))));
}

export function problem(input, text) {
  input.dispatchEvent(new CustomEvent("problem", { detail: text }));
}
