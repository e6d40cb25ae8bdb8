/** The table as the engine reads it, made by the server, and its try-out. */
export class Reading {
  #asked = 0;
  #typed = new Map();

  constructor(root, store, text) {
    this.root = root;
    this.store = store;
    this.text = text;
    this.place = root.querySelector("[data-read-place]");
    this.error = root.querySelector("[data-read-error]");
    this.place.addEventListener("input", (event) => this.#typed.set(event.target.dataset.field, event.target.value));
    this.place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(event.target);
    });
  }

  async show() {
    const asked = (this.#asked += 1);
    try {
      const { html } = await this.store.post(this.root.dataset.readAddress, { text: this.text() });
      if (asked !== this.#asked) return;
      this.place.innerHTML = html; // made by the server's templates, every text escaped
      for (const input of this.place.querySelectorAll("[data-field]")) input.value = this.#typed.get(input.dataset.field) ?? "";
      this.error.hidden = true;
    } catch (fault) {
      this.place.replaceChildren();
      this.error.textContent = fault.message;
      this.error.hidden = false;
    }
  }

  async #try(form) {
    const values = [...form.querySelectorAll("[data-field]")].map((input) => input.value);
    const result = form.querySelector("[data-result]");
    const rows = form.closest("[data-read]").querySelectorAll("[data-row]");
    rows.forEach((row) => row.classList.remove("is-hit"));
    try {
      const answer = await this.store.post(this.root.dataset.tryAddress, { text: this.text(), decision: form.dataset.try, values });
      result.innerHTML = answer.html;
      rows.forEach((row) => row.classList.toggle("is-hit", answer.hits.includes(Number(row.dataset.row))));
    } catch (fault) {
      result.textContent = fault.message;
    }
  }
}
