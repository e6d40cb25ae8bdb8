import { ENGLISH } from "../dom.js";
import { AS_THEY_ARE, ZH } from "./dictionary-zh.js";

/** Translate for the page's language and write down, on the root, every key the dictionary lacks. */
export function translation(root) {
  const missing = new Set();
  root.dataset.untranslated = "";

  function translate(key, replacements = {}) {
    let text = key;
    if (!ENGLISH) {
      if (key in ZH) text = ZH[key];
      else if (!AS_THEY_ARE.has(key) && !missing.has(key)) {
        missing.add(key);
        root.dataset.untranslated = [...missing].join("\n");
      }
    }
    return text.replace(/{([^}]+)}/g, (_, name) => replacements[name] ?? `{${name}}`);
  }

  return { english: ENGLISH, translate, module: { translate: ["value", translate] } };
}
