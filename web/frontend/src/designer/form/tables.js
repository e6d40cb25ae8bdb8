/** Lists within a property: options, columns, rules, hints. Each item is a small group of controls. */
import { control } from "./controls.js";
import { make, say } from "../dom.js";
import { at, put } from "./state.js";

/** A list of objects under one path. */
export function rows(property, address, box) {
  const read = () => (Array.isArray(box.get()) ? box.get() : []);
  return group(property, address, box, {
    count: () => read().length,
    cell: (n, cell) => ({
      ...box,
      get: () => at(read()[n] ?? {}, cell.path),
      set: (value) => {
        const all = read();
        // What a reader of the form needs stays there, even while it is empty.
        if (value === undefined && ["value", "label", "key", "text", "field", "when", "message"].includes(cell.path)) all[n][cell.path] = "";
        else put(all[n], cell.path, value);
        box.set(all, `${address}.${n}.${cell.path}`);
      },
    }),
    add: () => box.set([...read(), blank(property)]),
    remove: (n) => box.set(read().filter((_, i) => i !== n)),
    up: (n) => {
      const all = [...read()];
      [all[n - 1], all[n]] = [all[n], all[n - 1]];
      box.set(all);
    },
  });
}

/** Several maps over the same names, shown as one list: the condition of an option, and why it is closed. */
export function map(property, address, box) {
  const names = () => [...new Set(property.maps.flatMap((path) => Object.keys(box.read(path) ?? {})))];
  const change = (act) => {
    box.edit(() => act());
  };
  return group(property, address, box, {
    count: () => names().length,
    cell: (n, cell) => {
      const name = names()[n];
      if (cell.path === "name")
        return {
          ...box,
          get: () => name,
          set: (value) => change(() => property.maps.forEach((path) => renameIn(box, path, names()[n], value ?? ""))),
        };
      const path = property.maps[Number(cell.path)];
      return {
        ...box,
        get: () => (box.read(path) ?? {})[names()[n]],
        set: (value) => box.edit(() => box.write(path, { ...box.read(path), [names()[n]]: value ?? "" }), `${path}.${n}`),
      };
    },
    add: () => change(() => box.write(property.maps[0], { ...box.read(property.maps[0]), [fresh(names())]: "True" })),
    remove: (n) => {
      const name = names()[n];
      change(() => property.maps.forEach((path) => {
        const { [name]: gone, ...rest } = box.read(path) ?? {};
        box.write(path, rest);
      }));
    },
  });
}

function group(property, address, box, list) {
  const words = box.about.words;
  const place = make("fieldset", { class: "fe-rows", "data-rows": address }, make("legend", {}, property.label));
  if (property.hint) place.append(make("p", { class: "hint" }, property.hint));
  for (let n = 0; n < list.count(); n += 1) {
    const tools = make("div", { class: "fe-row-tools" }, make("span", { class: "small muted" }, say(words.nth, { n: n + 1 })));
    if (list.up && n > 0) tools.append(tool("↑", say(words.row_up, { n: n + 1 }), `${address}.${n}.up`, () => again(() => list.up(n))));
    tools.append(tool("×", say(words.remove_row, { n: n + 1 }), `${address}.${n}.remove`, () => again(() => list.remove(n))));
    place.append(make("div", { class: "fe-row", role: "group", "aria-label": say(words.nth, { n: n + 1 }) }, tools,
      ...property.cells.map((cell) => control(cell, `${address}.${n}.${cell.path}`, list.cell(n, cell)))));
  }
  const button = make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", "data-act": `${address}.add`, disabled: box.closed, onclick: () => again(() => list.add(), `${address}.${list.count() - 1}.`) }, say(words.add_row, { row: property.row }));
  place.append(button);

  function again(act, focus = "") {
    act();
    box.redraw();
    const next = focus && document.querySelector(`[data-field^="${CSS.escape(address)}.${list.count() - 1}."]`);
    (next || document.querySelector(`[data-act="${CSS.escape(address)}.add"]`))?.focus();
  }
  function tool(sign, name, act, onclick) {
    return make("button", { type: "button", class: "btn btn-outline-secondary btn-sm", "aria-label": name, title: name, "data-act": act, disabled: box.closed, onclick }, sign);
  }
  return place;
}

function blank(property) {
  return Object.fromEntries(property.cells.filter((cell) => ["value", "label", "key", "text", "field", "when", "message"].includes(cell.path)).map((cell) => [cell.path, ""]));
}

function renameIn(box, path, old, name) {
  const held = box.read(path);
  if (held && old in held) box.write(path, Object.fromEntries(Object.entries(held).map(([key, value]) => [key === old ? name : key, value])));
}

function fresh(names) {
  for (let n = 1; ; n += 1) if (!names.includes(`option_${n}`)) return `option_${n}`;
}
