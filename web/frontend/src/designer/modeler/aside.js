/** What the library cannot hold of a file: taken aside when a text is opened, put back when it is written.
 *
 * - ids in other letters than ASCII, which XML allows: they stand under a stand-in while the diagram is open;
 * - foreign elements outside of extensionElements, and those inside whose text goes on between their elements;
 * - the message flows of a conversation;
 * - shapes and edges of what the file does not hold.
 */
const MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI";
const SHIXIAN = "urn:shixian:bpmn:1";
const KNOWN_ID = /^[A-Za-z_][\w.-]*$/;
const REFERS = /^(id|default|bpmnElement|choreographyActivityShape)$|Ref$/;
const LISTS = new Set(["separateFrom", "returnTo", "of", "asked"]);
const REFERRING_TEXT = /^(incoming|outgoing|source|target)$|Refs?$/;
const TALKS = new Set(["conversation", "subConversation", "callConversation"]);

export class Aside {
  #originals = new Map(); // stand-in → id of the file
  #parts = []; // { parent: how it is found again, element }

  /** Return the text without what the library cannot hold. */
  take(text) {
    this.#originals.clear();
    this.#parts = [];
    const file = parsed(text);
    if (file.querySelector("parsererror") || !file.documentElement) return text;
    const ids = new Map();
    for (const element of file.getElementsByTagName("*")) {
      const id = element.getAttribute("id");
      if (id && !KNOWN_ID.test(id)) ids.set(id, this.#standIn(id));
    }
    this.#separate(file, new Set([...file.querySelectorAll("[id]")].map((element) => element.getAttribute("id"))));
    if (ids.size) this.#rename(file, ids);
    return ids.size || this.#parts.length ? written(file) : text;
  }

  /** Return a written text with everything in its place again, as far as its parent is still there. */
  restore(xml) {
    let text = xml;
    if (this.#parts.length) {
      const file = parsed(text);
      for (const { parent, element } of this.#parts) {
        const owner = parent.id ? file.querySelector(`[id="${parent.id}"]`) : file.getElementsByTagNameNS(parent.uri, parent.name)[parent.index];
        const place = owner && parent.extends ? extensionsOf(owner) : owner;
        place?.append(file.importNode(element, true));
      }
      text = written(file);
    }
    for (const [standIn, id] of this.#originals) text = text.replace(new RegExp(`(?<![\\w.-])${standIn.replaceAll(".", "\\.")}(?![\\w.-])`, "g"), id);
    return text;
  }

  /** The id under which an element of the file stands in the open diagram. */
  here(id) {
    for (const [standIn, original] of this.#originals) if (original === id) return standIn;
    return id;
  }

  #standIn(id) {
    const standIn = `_${id.replace(/[^\w.-]/gu, (letter) => `x${letter.codePointAt(0).toString(16)}_`)}`;
    this.#originals.set(standIn, id);
    return standIn;
  }

  #separate(file, ids) {
    for (const element of [...file.getElementsByTagName("*")]) {
      const parent = element.parentElement;
      if (!parent) continue;
      if (parent.namespaceURI === MODEL && parent.localName === "extensionElements") {
        if (isMixed(element)) this.#part(file, parent, element);
        continue;
      }
      const ours = parent.namespaceURI === MODEL || parent.namespaceURI === DRAWING;
      const foreign = parent.namespaceURI === MODEL && foreignTo(element);
      const talk = element.localName === "messageFlowRef" && TALKS.has(parent.localName);
      const nowhere = element.namespaceURI === DRAWING && parent.localName === "BPMNPlane" && !ids.has(element.getAttribute("bpmnElement")?.split(":").pop());
      if (ours && (foreign || talk || nowhere)) this.#part(file, parent, element);
    }
  }

  #part(file, parent, element) {
    const inside = parent.localName === "extensionElements";
    const owner = inside ? parent.parentElement : parent;
    const id = owner.getAttribute("id");
    const same = [...file.getElementsByTagNameNS(owner.namespaceURI, owner.localName)];
    const place = id ? { id } : { uri: owner.namespaceURI, name: owner.localName, index: same.indexOf(owner) };
    this.#parts.push({ parent: { ...place, extends: inside }, element });
    element.remove();
  }

  #rename(file, ids) {
    const renamed = (value) => {
      const [, prefix, own] = /^([\w.-]+:)?([^:]*)$/u.exec(value) ?? [];
      return ids.has(value) ? ids.get(value) : ids.has(own) ? `${prefix ?? ""}${ids.get(own)}` : value;
    };
    for (const element of file.getElementsByTagName("*")) {
      for (const attribute of element.attributes) {
        const list = (attribute.namespaceURI === SHIXIAN || element.namespaceURI === SHIXIAN) && LISTS.has(attribute.localName);
        if (list) attribute.value = attribute.value.split(/\s+/).map(renamed).join(" ");
        else if (REFERS.test(attribute.localName)) attribute.value = renamed(attribute.value);
      }
      if (!element.children.length && REFERRING_TEXT.test(element.localName)) {
        const text = element.textContent.trim();
        if (renamed(text) !== text) element.textContent = renamed(text);
      }
    }
    for (const part of this.#parts) if (part.parent.id) part.parent.id = ids.get(part.parent.id) ?? part.parent.id;
  }
}

/** Elements of these would be the browser's own, with handlers that it tries to run: they are parsed under another name. */
const LIVING = /http:\/\/www\.w3\.org\/(1999\/xhtml|2000\/svg)/g;

function parsed(text) {
  return new DOMParser().parseFromString(text.replace(LIVING, "urn:aside:$1"), "application/xml");
}

function written(file) {
  return new XMLSerializer().serializeToString(file).replace(/urn:aside:(1999\/xhtml|2000\/svg)/g, "http://www.w3.org/$1");
}

/** Whether text goes on between the elements inside: the library merges its blanks. */
function isMixed(element) {
  return element.children.length > 0 && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
}

function extensionsOf(owner) {
  const found = [...owner.children].find((child) => child.namespaceURI === MODEL && child.localName === "extensionElements");
  if (found) return found;
  const prefix = owner.prefix ? `${owner.prefix}:` : "";
  const made = owner.ownerDocument.createElementNS(MODEL, `${prefix}extensionElements`);
  const after = [...owner.children].filter((child) => child.localName === "documentation").pop();
  if (after) after.after(made);
  else owner.prepend(made);
  return made;
}

function foreignTo({ namespaceURI }) {
  return !(namespaceURI ?? "").startsWith("http://www.omg.org/spec/BPMN/") && !(namespaceURI ?? "").startsWith("http://www.omg.org/spec/DD/");
}
