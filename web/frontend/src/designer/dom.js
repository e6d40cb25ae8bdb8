/** Elements, texts and pauses that every page of the workbench makes. */

/** Whether the page speaks English; else it speaks Chinese. */
export const ENGLISH = document.documentElement.lang.startsWith("en");

/** Make an element; every text becomes text, never HTML, whatever a model holds. */
export function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A text with {names} filled in. */
export function say(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** An act that waits until nothing asked for it for so long. */
export function later(milliseconds, act) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
}
