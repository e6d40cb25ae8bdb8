/** The model behind a page of the workbench: its files, what is not saved yet, and what the checks find.
 *
 * The frame's root element carries the model's address, revision and token, and the words of the saved state.
 */
import { ENGLISH } from "./dom.js";

const PAUSE = 2000; // ms without a change, after which what was drawn is saved
const AGAIN = 5000; // ms until the next try where the connection is away

/** An id for a command; browsers give their own only to pages that came over a safe line. */
const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

export class Store {
  #waiting = new Map();
  #timer = 0;
  #saving = null;
  #attempt = null; // a save that has not been answered yet
  #stopped = false;

  constructor(root = document.getElementById("designer")) {
    this.root = root;
    this.address = root.dataset.address;
    this.revision = Number(root.dataset.revision);
    this.closed = "closed" in root.dataset;
    addEventListener("beforeunload", (event) => {
      if (this.unsaved) event.preventDefault();
    });
  }

  /** Whether something typed or drawn is not on the server yet. */
  get unsaved() {
    return this.#waiting.size > 0 || this.#saving !== null;
  }

  /** The text of a file as it stands here: what waits to be saved, else what is saved; null where there is none. */
  async get(path) {
    if (this.#waiting.has(path)) return this.#waiting.get(path);
    const response = await fetch(`${this.address}/files/${path.split("/").map(encodeURIComponent).join("/")}`);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${response.status}`);
    return response.text();
  }

  /** Take a changed file, null to remove it; it is saved after a pause. */
  put(path, text) {
    if (this.closed || this.#stopped) return;
    this.#waiting.set(path, text);
    this.#say("unsaved");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), PAUSE);
  }

  /** Save what waits now; resolves to the revision. */
  async flush(note = "") {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving.catch(() => {});
    if (!this.#waiting.size || this.#stopped) return this.revision;
    this.#saving = this.#send(note);
    try {
      return await this.#saving;
    } finally {
      this.#saving = null;
    }
  }

  /** What the checks find in the model as it stands here. */
  async check() {
    return (await this.post(`${this.address}/check`, { files: Object.fromEntries(this.#waiting) })).findings;
  }

  /** Send JSON and take JSON; a refusal is an error with the server's sentence and its problem details. */
  async post(url, body, id = "") {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF": this.root.dataset.csrf, ...(id && { "Idempotency-Key": id }) },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const said = ENGLISH ? answer.detail : answer.detail_zh;
    throw Object.assign(new Error(said ?? `${response.status}`), { problem: answer, status: response.status });
  }

  async #send(note) {
    // Where the answer was lost the same save is sent again under its id: without, our own revision would look like another's.
    const again = this.#attempt !== null;
    this.#attempt ??= { id: newId(), files: new Map(this.#waiting), base: this.revision, note };
    const { id, files, base, note: said } = this.#attempt;
    this.#say("saving");
    try {
      const answer = await this.post(`${this.address}/save`, { base, files: Object.fromEntries(files), note: said }, id);
      this.#attempt = null;
      this.revision = answer.revision;
      this.root.dataset.revision = answer.revision;
      const shown = this.root.querySelector("[data-revision-text]");
      if (shown) shown.textContent = shown.dataset.revisionText.replace("{n}", answer.revision);
      for (const [path, text] of files) if (this.#waiting.get(path) === text) this.#waiting.delete(path);
      this.#say(this.#waiting.size ? "unsaved" : "kept");
    } catch (fault) {
      if (fault.status && fault.status < 500) {
        this.#attempt = null;
        this.#stopped = fault.problem.code === "model_changed";
        this.#say("refused", fault.message);
      } else {
        this.#say("away");
        this.#timer = setTimeout(() => this.flush().catch(() => {}), AGAIN);
      }
      throw fault;
    }
    return again && this.#waiting.size ? this.#send(note) : this.revision; // what was changed since the first try
  }

  #say(state, more = "") {
    const place = this.root.querySelector("[data-saved]");
    place.textContent = this.root.dataset[state] + more;
    place.dataset.state = state;
  }
}
