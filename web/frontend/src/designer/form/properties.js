/** The properties of the chosen field, or of the form as a whole. */
import { control } from "./controls.js";
import { make } from "../dom.js";
import { map, rows } from "./tables.js";
import { at, put } from "./state.js";

/** Draw the panel.
 *
 * `editor` offers: state, about, closed, changed(mark), redraw(), rename(input, component).
 */
export function drawProperties(place, component, editor) {
  const { about, state } = editor;
  const holder = component ?? state.data;
  const fits = (property) => !component || !property.types || property.types.includes(component.type);
  const shown = component ? about.sections : [{ title: about.words.whole, properties: about.form }];
  const known = new Set();
  const parts = [];
  for (const section of shown) {
    const found = section.properties.filter((property) => fits(property) || at(holder, property.path) !== undefined);
    // Two properties may share a path for different types; the one that fits is shown.
    const once = found.filter((property, n) => fits(property) ? found.findIndex((p) => p.path === property.path && fits(p)) === n : !found.some((p) => p.path === property.path && (fits(p) || found.indexOf(p) < n)));
    const controls = once.map((property) => {
      known.add(property.path);
      (property.maps ?? []).forEach((path) => known.add(path));
      const box = boxOf(property.path, holder, component, editor);
      if (property.kind === "rows") return rows(property, property.path, box);
      if (property.kind === "map") return map(property, property.path, box);
      return control(property, property.path, box);
    });
    if (controls.length) parts.push(make("section", { class: "fe-section" }, make("h3", {}, section.title), ...controls));
  }
  const rest = unknown(holder, known, component ? [] : ["id", "components", "schemaVersion", "type"]);
  if (rest) parts.push(make("details", { class: "fe-section" }, make("summary", {}, about.words.unknown), make("pre", { class: "fe-code", tabindex: 0 }, rest)));
  place.replaceChildren(...parts);
}

function boxOf(path, holder, component, editor) {
  const { about, state } = editor;
  const edit = (act, mark = null) => {
    state.remember(mark && `${state.fields.indexOf(component)}:${mark}`);
    act();
    editor.changed();
  };
  return {
    about,
    closed: editor.closed,
    get: () => at(holder, path),
    set: (value, mark = path) => {
      edit(() => put(holder, path, value), mark);
      if (path === "type") editor.redraw();
    },
    read: (other) => at(holder, other),
    write: (other, value) => put(holder, other, value),
    edit,
    redraw: () => editor.redraw(),
    rename: (input) => editor.rename(input, component),
    fields: () => state.fields.filter((c) => c.type !== "text" && c !== component).map((c) => [c.key, `${c.label || c.key}（${c.key}）`]),
    groups: () => [...new Set(state.fields.map((c) => at(c, "shixian.group")).filter(Boolean))],
    options: () => (component?.values ?? []).map((v) => v.value),
  };
}

/** What a field has beside what can be edited here, as text; nothing where there is none. */
function unknown(holder, known, besides) {
  const left = {};
  const walk = (value, path) => {
    for (const [name, inner] of Object.entries(value)) {
      const here = path ? `${path}.${name}` : name;
      if (known.has(here) || besides.includes(here)) continue;
      const inside = [...known].some((other) => other.startsWith(`${here}.`));
      if (inside && Object(inner) === inner && !Array.isArray(inner)) walk(inner, here);
      else left[here] = inner;
    }
  };
  walk(holder, "");
  return Object.keys(left).length ? JSON.stringify(left, null, 2) : "";
}
