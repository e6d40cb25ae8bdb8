/** The form as whoever fills it in will see it: HTML of the server's templates in a frame where nothing runs.
 *
 * The frame is sandboxed without scripts. This page's own script may reach into it, so that fields appear and disappear
 * as they do on the page of a task.
 */
import { conditionalFields, tableRows } from "../../forms.js";
import { say } from "../dom.js";

const PAUSE = 350; // ms without a change, after which the preview follows

export class Preview {
  #timer = 0;
  #asked = 0;

  constructor(root, store, words, choose) {
    this.root = root;
    this.store = store;
    this.words = words;
    this.frame = root.querySelector("iframe");
    this.error = root.querySelector("[data-preview-error]");
    const document = this.frame.contentDocument;
    document.documentElement.lang = window.document.documentElement.lang;
    for (const href of JSON.parse(this.frame.dataset.styles)) {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = new URL(href, location.href).href;
      document.head.append(link);
    }
    document.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", (event) => {
      if (event.target.closest("a")) event.preventDefault();
      const field = event.target.closest(".field");
      const key = field?.querySelector("[id^='f-']")?.id.replace(/^f-/, "").replace(/-(label|\d+)$/, "");
      if (key) choose(key);
    });
    root.querySelector("[data-act=narrow]").addEventListener("change", (event) => root.classList.toggle("is-narrow", event.target.checked));
  }

  /** Follow a changed form after a pause. */
  show(text, soon = false) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(text), soon ? 0 : PAUSE);
  }

  async #load(text) {
    const asked = (this.#asked += 1);
    try {
      const { html } = await this.store.post(this.root.closest("[data-preview]").dataset.preview, { text });
      if (asked !== this.#asked) return; // a later answer came first
      const document = this.frame.contentDocument;
      document.body.innerHTML = html;
      conditionalFields(document);
      tableRows(document);
      this.error.hidden = true;
      this.root.dataset.shown = String(asked);
    } catch (fault) {
      this.error.textContent = say(this.words.preview_failed, { why: fault.message });
      this.error.hidden = false;
    }
  }

  /** Bring a field into sight. */
  reveal(key) {
    this.frame.contentDocument.getElementById(`f-${key}`)?.closest(".field")?.scrollIntoView({ block: "nearest" });
  }
}
