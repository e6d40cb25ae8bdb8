/** The editor of a document's template: what it may use left, the text in the middle, the document right.
 *
 * Addresses that stay as they are, for scripts that work by clicks and typing:
 *   [data-field="text"]         the template
 *   [data-insert="{{ … }}"]     puts that text where the cursor stands; [data-find] narrows the list
 *   [data-fault]                what is wrong; its [data-act=go] goes to the line
 *   iframe[name=paper]          the document; nothing in it runs
 */
import "./documents.css";
import { make, say } from "./dom.js";
import { showFindings } from "./findings.js";
import { Store } from "./store.js";

const PAUSE = 700; // ms without a change, after which the document is made anew
const INDENT = "  ";

class Editor {
  #timer = 0;
  #asked = 0;
  #leaving = false;

  constructor(root) {
    this.root = root;
    this.store = new Store();
    this.text = root.querySelector("[data-field=text]");
    this.numbers = root.querySelector("[data-numbers]");
    this.form = root.querySelector("form[data-preview]");
    this.fault = root.querySelector("[data-fault]");
  }

  async open() {
    this.text.value = (await this.store.get(this.root.dataset.path)) ?? "";
    this.text.addEventListener("input", () => this.#changed());
    this.text.addEventListener("scroll", () => (this.numbers.scrollTop = this.text.scrollTop));
    this.text.addEventListener("keydown", (event) => this.#key(event));
    for (const button of this.root.querySelectorAll("[data-insert]")) button.addEventListener("click", () => this.#insert(button.dataset.insert));
    this.root.querySelector("[data-find]").addEventListener("input", (event) => this.#find(event.target.value.trim()));
    this.fault.querySelector("[data-act=go]").addEventListener("click", () => this.#go());
    this.#number();
    this.#show();
  }

  #changed() {
    this.#number();
    this.store.put(this.root.dataset.path, this.text.value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), PAUSE);
  }

  /** Give the copy behind the text the same lines; only those that changed. */
  #number() {
    const lines = this.text.value.split("\n");
    while (this.numbers.childElementCount < lines.length) this.numbers.append(make("div"));
    while (this.numbers.childElementCount > lines.length) this.numbers.lastElementChild.remove();
    lines.forEach((line, n) => {
      const copy = this.numbers.children[n];
      if (copy.textContent !== line) copy.textContent = line;
    });
    this.numbers.scrollTop = this.text.scrollTop;
  }

  #key(event) {
    // After Esc the next Tab moves on, so that nobody is caught in the text.
    if (event.key === "Tab" && !this.#leaving && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey) this.#outdent();
      else this.#insert(INDENT);
    }
    if (event.key !== "Shift") this.#leaving = event.key === "Escape";
  }

  #outdent() {
    const { value, selectionStart } = this.text;
    const begin = value.lastIndexOf("\n", selectionStart - 1) + 1;
    if (!value.startsWith(INDENT, begin)) return;
    this.text.setRangeText("", begin, begin + INDENT.length, "preserve");
    this.#changed();
  }

  #insert(text) {
    if (this.text.readOnly) return;
    this.text.focus();
    // Unlike a change of the value this can be undone by the browser.
    if (!document.execCommand("insertText", false, text)) {
      this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
      this.#changed();
    }
  }

  #find(wanted) {
    for (const group of this.root.querySelectorAll(".doc-pieces details")) {
      let any = false;
      for (const item of group.querySelectorAll("li")) {
        item.hidden = Boolean(wanted) && !item.textContent.toLowerCase().includes(wanted.toLowerCase());
        any ||= !item.hidden;
      }
      group.hidden = !any;
      if (wanted) group.open = any;
    }
  }

  async #show() {
    const asked = (this.#asked += 1);
    const text = this.text.value;
    let fault;
    try {
      ({ fault } = await this.store.post(this.root.dataset.tryAddress, { text }));
    } catch (refused) {
      fault = { text: refused.message, line: 0, own: true, template: "" };
    }
    if (asked !== this.#asked) return;
    this.line = fault?.own ? fault.line : 0;
    this.fault.hidden = !fault;
    this.text.toggleAttribute("aria-invalid", Boolean(fault));
    if (fault) {
      const where = fault.line ? say(this.root.dataset[fault.own ? "line" : "elsewhere"], { n: fault.line, name: fault.template }) : "";
      this.fault.querySelector("[data-act=go]").textContent = where + fault.text;
    } else {
      this.form.elements.text.value = text;
      this.form.submit();
    }
    this.#check();
  }

  async #check() {
    const found = await this.store.check().catch(() => []);
    showFindings(this.root.querySelector("[data-findings]"), found.filter((finding) => finding.path === this.root.dataset.path));
  }

  #go() {
    if (!this.line) return this.text.focus();
    const lines = this.text.value.split("\n");
    const begin = lines.slice(0, this.line - 1).reduce((n, line) => n + line.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(begin, begin + (lines[this.line - 1] ?? "").length);
    this.text.scrollTop = Math.max(0, (this.numbers.children[this.line - 1]?.offsetTop ?? 0) - 60);
  }
}

new Editor(document.getElementById("document-editor")).open();
