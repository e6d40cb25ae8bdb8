/** dmn-js in the language of the page. What has no Chinese is noted, so that a test sees it. */
import { WORDS } from "./words_zh.js";

/** Return the module; missing texts are added to `missing`. */
export function translation(chinese, missing) {
  const translate = (text, values = {}) => {
    // A type that a file declares itself, or what is Chinese already, is nobody's text to translate.
    if (chinese && /[A-Za-z]{2}/.test(text ?? "") && !Object.hasOwn(WORDS, text)) missing.add(text);
    return (chinese && WORDS[text] ? WORDS[text] : text ?? "").replace(/\{\s*(\w+)\s*\}/g, (whole, name) => values[name] ?? whole);
  };
  return { translate: ["value", translate] };
}
