/** What the library cannot hold of a file: taken aside when a text is opened, put back when it is written.
 *
 * - ids in other letters than ASCII, which XML allows: they stand under a stand-in while the diagram is open;
 * - foreign elements outside of extensionElements;
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
    const file = new DOMParser().parseFromString(text, "application/xml");
    if (file.querySelector("parsererror") || !file.documentElement) return text;
    const ids = new Map();
    for (const element of file.getElementsByTagName("*")) {
      const id = element.getAttribute("id");
      if (id && !KNOWN_ID.test(id)) ids.set(id, this.#standIn(id));
    }
    this.#separate(file, new Set([...file.querySelectorAll("[id]")].map((element) => element.getAttribute("id"))));
    if (ids.size) this.#rename(file, ids);
    return ids.size || this.#parts.length ? new XMLSerializer().serializeToString(file) : text;
  }

  /** Return a written text with everything in its place again, as far as its parent is still there. */
  restore(xml) {
    let text = xml;
    if (this.#parts.length) {
      const file = new DOMParser().parseFromString(text, "application/xml");
      for (const { parent, element } of this.#parts) {
        const place = parent.id ? file.querySelector(`[id="${parent.id}"]`) : file.getElementsByTagNameNS(parent.uri, parent.name)[parent.index];
        place?.append(file.importNode(element, true));
      }
      text = new XMLSerializer().serializeToString(file);
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
      if (!parent || parent.closest("extensionElements, *|extensionElements")) continue;
      const ours = parent.namespaceURI === MODEL || parent.namespaceURI === DRAWING;
      const foreign = parent.namespaceURI === MODEL && parent.localName !== "extensionElements" && foreignTo(element);
      const talk = element.localName === "messageFlowRef" && TALKS.has(parent.localName);
      const nowhere = element.namespaceURI === DRAWING && parent.localName === "BPMNPlane" && !ids.has(element.getAttribute("bpmnElement")?.split(":").pop());
      if (ours && (foreign || talk || nowhere)) this.#part(file, parent, element);
    }
  }

  #part(file, parent, element) {
    const id = parent.getAttribute("id");
    const same = [...file.getElementsByTagNameNS(parent.namespaceURI, parent.localName)];
    const place = id && KNOWN_ID.test(id) ? { id } : { uri: parent.namespaceURI, name: parent.localName, index: same.indexOf(parent) };
    this.#parts.push({ parent: place, element });
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

function foreignTo({ namespaceURI }) {
  return !(namespaceURI ?? "").startsWith("http://www.omg.org/spec/BPMN/") && !(namespaceURI ?? "").startsWith("http://www.omg.org/spec/DD/");
}
