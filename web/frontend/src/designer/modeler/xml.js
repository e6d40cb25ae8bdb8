/** Model in, model out, without losing what other editors wrote. */
import { Aside } from "./aside.js";

const DECLARATION = /\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ROOT = /<(?![?!])[^>]*>/;

function declared(xml) {
  const found = new Map();
  const start = ROOT.exec(xml.replace(/<!--[\s\S]*?-->/g, ""))?.[0] ?? "";
  for (const [, prefix, one, other] of start.matchAll(DECLARATION)) found.set(prefix ?? "", one ?? other);
  return found;
}

/** References to what is drawn follow their shape; a stand-in there would be drawn too. */
const DRAWN = new Set(["sourceRef", "targetRef", "bpmnElement", "attachedToRef", "flowNodeRef", "incoming", "outgoing", "processRef", "default"]);

/** Keep references whose target the file does not hold: the library would drop them at the next save. */
function keepReferences({ references, elementsById }) {
  for (const { element, property, id } of references ?? []) {
    const name = property.split(":").pop();
    if (elementsById[id] || DRAWN.has(name)) continue;
    const known = element.$descriptor.propertiesByName[property];
    if (known?.isMany) element.get(property).push({ id });
    else element.set(property, { id });
  }
}

export class Xml {
  constructor(modeler, said) {
    this.modeler = modeler;
    this.said = said;
    this.namespaces = new Map();
    this.aside = new Aside();
    this.read = false; // whether anything could be opened yet
    modeler.get("eventBus").on("import.parse.complete", 1500, (event) => {
      if (event.definitions) keepReferences(event);
    });
  }

  /** Open a text; resolves to the warnings. What was open stays where the text cannot be read. */
  async open(text) {
    this.#known(text);
    // Read once beside the open model: the importer clears the canvas before it finds a fault.
    const aside = new Aside();
    const held = aside.take(text);
    const read = await this.modeler.get("moddle").fromXML(held, "bpmn:Definitions");
    if (read.rootElement.$type !== "bpmn:Definitions") throw new Error(this.said.nomodel);
    const { warnings } = await this.modeler.importXML(held);
    this.aside = aside;
    this.namespaces = declared(text);
    this.read = true;
    return warnings;
  }

  /** Refuse what the server would, in the reader's language: the library tells of tags, and skips over a DOCTYPE. */
  async refuse(text) {
    this.#known(text);
    const fault = await this.modeler.get("moddle").fromXML(text, "bpmn:Definitions").then(() => null, (thrown) => thrown.message);
    const line = /unparsable content[\s\S]*line: (\d+)/.exec(fault ?? "")?.[1];
    if (line) throw new Error(this.said.malformed.replace("{line}", Number(line) + 1));
    if (/failed to parse document as/.test(fault ?? "")) throw new Error(this.said.nomodel);
  }

  #known(text) {
    if (/<!DOCTYPE/i.test(text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, ""))) throw new Error(this.said.doctype);
  }

  async text() {
    const { xml } = await this.modeler.saveXML({ format: true });
    return this.#withNamespaces(this.aside.restore(xml));
  }

  /** Declare again what nothing but values of attributes and texts used, such as the xsd of "xsd:string". */
  #withNamespaces(xml) {
    const now = declared(xml);
    const lost = [...this.namespaces].filter(([prefix]) => prefix && !now.has(prefix));
    if (!lost.length) return xml;
    return xml.replace(/<([\w.-]+:)?definitions\s/, (start) => start + lost.map(([prefix, uri]) => `xmlns:${prefix}="${uri}" `).join(""));
  }
}
