/** Copies travel between models and tabs through the browser's storage of this site. */
const PLACE = "shixian.designer.clipboard";

/** Rebuilds the moddle elements of a copied tree from JSON. */
function reviver(moddle) {
  const seen = new Map();
  return (key, object) => {
    if (!object || typeof object !== "object" || typeof object.$type !== "string") return object;
    if (object.id && seen.has(object.id) && seen.get(object.id).$type === object.$type) return seen.get(object.id);
    const { $type, $attrs, $uri, ...properties } = object;
    const made = $type.includes(":") && moddle.registry.typeMap[$type] ? moddle.create($type, { ...$attrs, ...properties }) : moddle.createAny($type, $uri ?? `urn:unknown:${$type}`, { ...$attrs, ...properties });
    for (const value of Object.values(properties)) for (const child of [value].flat()) if (child?.$type) child.$parent = made;
    if (object.id) seen.set(object.id, made);
    return made;
  };
}

/** JSON keeps an element's own properties only; attributes of other editors stand apart. */
function serialised(key, value) {
  if (!value?.$type) return value;
  const foreign = Object.fromEntries(Object.entries(value.$attrs ?? {}).filter(([name]) => !name.startsWith("xmlns")));
  return { ...value, $type: value.$type, $attrs: foreign, $uri: value.$descriptor?.ns?.uri };
}

class SharedClipboard {
  constructor(eventBus, clipboard, moddle, moddleCopy) {
    // Copies and changes of type keep the attributes that other editors wrote.
    const copy = moddleCopy.copyElement.bind(moddleCopy);
    moddleCopy.copyElement = (source, target, ...rest) => {
      const made = copy(source, target, ...rest);
      for (const [name, value] of Object.entries(source.$attrs ?? {})) if (name.includes(":") && !name.startsWith("xmlns") && made.$attrs) made.$attrs[name] = value;
      return made;
    };
    eventBus.on("copyPaste.elementsCopied", ({ tree }) => {
      try {
        localStorage.setItem(PLACE, JSON.stringify(tree, serialised));
      } catch {
        // Full or forbidden storage: within this page the copy works all the same.
      }
    });
    const own = clipboard.get.bind(clipboard);
    clipboard.get = () => {
      const text = localStorage.getItem(PLACE);
      return text ? JSON.parse(text, reviver(moddle)) : own();
    };
    clipboard.isEmpty = () => !localStorage.getItem(PLACE);
  }
}
SharedClipboard.$inject = ["eventBus", "clipboard", "moddle", "moddleCopy"];

export const clipboardModule = { __init__: ["shixianClipboard"], shixianClipboard: ["type", SharedClipboard] };
