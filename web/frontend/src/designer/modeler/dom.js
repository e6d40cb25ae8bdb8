import { make } from "../dom.js";

export function download(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** The text of an XML file, read in the encoding that it says; as UTF-8, other letters would be lost without a word. */
export async function xmlOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const mark = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()];
  const head = new TextDecoder("latin1").decode(bytes.slice(0, 200));
  const said = mark ?? /^[^>]*\bencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1] ?? "utf-8";
  const text = new TextDecoder(said, { fatal: true }).decode(bytes);
  return text.replace(/^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')/, "$1"); // it is a text now, of no encoding
}

/** Name of an element for lists: what it is called, or else its id. */
export function called(element) {
  const { businessObject } = element;
  const text = businessObject.name || businessObject.text || "";
  return text.replace(/\s+/g, " ").trim() || businessObject.id;
}
