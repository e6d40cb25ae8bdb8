/** Give a field another name, with everything in the model that names it. */
import { make, say } from "../dom.js";
import { problem } from "./controls.js";

/** Ask where the field is named; carry the new name through, or only here, or not at all. */
export async function rename(input, component, editor) {
  const { state, store, about, root } = editor;
  const old = component.key;
  const name = input.value.trim();
  if (name === old) return;
  const wrong = fault(name, component, editor);
  problem(input, wrong);
  if (wrong) return;
  // What just came has a makeshift name: nothing means it, whatever else is called so.
  const everywhere = old && !editor.unnamed.delete(component) ? await ask(old, name, editor) : "one";
  if (!everywhere) {
    input.value = old;
    return;
  }
  state.remember();
  if (everywhere === "all") {
    await store.flush();
    const path = about.path;
    const { files } = await store.post(root.dataset.rename, { field: old, name, files: { [path]: state.text } });
    const at = state.fields.indexOf(component);
    for (const [changed, text] of Object.entries(files)) {
      if (changed === path) state.read(text);
      else store.put(changed, text);
    }
    editor.chosen = state.fields[at];
  } else {
    component.key = name;
  }
  editor.changed();
  editor.redraw();
}

function fault(name, component, { state, about }) {
  if (!/^[A-Za-z_]\w*$/.test(name) || name === "case") return about.words.bad_key;
  return state.fields.some((c) => c !== component && c.key === name) ? say(about.words.double_key, { key: name }) : "";
}

/** Resolve to `all`, `one`, or nothing where it was called off. */
async function ask(old, name, { state, store, about, root }) {
  const { places } = await store.post(root.dataset.uses, { field: old, files: { [about.path]: state.text } });
  if (!places.length) return "one";
  const dialog = document.getElementById("fe-rename");
  const words = about.words;
  const sure = places.filter((p) => p.sure);
  const unsure = places.filter((p) => !p.sure);
  dialog.querySelector("[data-title]").textContent = say(words.rename_title, { old, new: name });
  fill("[data-lead]", "[data-sure]", sure, words.rename_sure);
  fill("[data-lead-unsure]", "[data-unsure]", unsure, words.rename_unsure);
  dialog.querySelector("[data-answer=all]").hidden = !sure.length;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    for (const button of dialog.querySelectorAll("[data-answer]")) button.onclick = () => dialog.close(button.dataset.answer);
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });

  function fill(lead, list, found, text) {
    dialog.querySelector(lead).textContent = found.length ? text : "";
    dialog.querySelector(list).replaceChildren(...found.map((p) => make("li", {}, make("span", { class: "small muted" }, `${p.path}${p.line ? ` ${say(words.line, { n: p.line })}` : ""}`), " ", make("code", {}, p.text))));
  }
}
