const WIDE = window.matchMedia("(min-width: 1100px)");

/** The right half of the desk: pages of tasks and cases, loaded without leaving the list. */
export class Pane {
  constructor(element, words, { opened, changed }) {
    Object.assign(this, { element, words, opened, changed, blank: element.innerHTML, address: "" });
    element.addEventListener("submit", (event) => this.submit(event));
    element.addEventListener("click", (event) => this.follow(event));
  }

  static get wide() {
    return WIDE.matches;
  }

  /** Show an address; its heading takes the focus, so that whoever hears the page knows where they are. */
  async open(address, { focus = true } = {}) {
    this.address = address;
    await this.show(address, {}, focus);
  }

  close() {
    this.running?.abort();
    this.empty();
  }

  /** Show that nothing is open, with what was said on the page that came instead of a task. */
  empty(said) {
    this.address = "";
    this.element.innerHTML = this.blank;
    if (said) this.element.firstElementChild.prepend(said);
    this.loaded();
  }

  /** Tell those who make parts of a page comfortable, and those whose form is gone and has words to keep. */
  loaded() {
    this.settled();
    this.element.dispatchEvent(new CustomEvent("shixian:loaded", { bubbles: true }));
  }

  async show(address, options, focus = true) {
    this.running?.abort();
    const run = (this.running = new AbortController());
    this.busy();
    try {
      const response = await fetch(address, { ...options, signal: run.signal, headers: { "X-Shixian-Part": "true" } });
      const html = await response.text();
      if (new URL(response.url).pathname === "/sign-in") return window.location.assign(response.url);
      this.fill(html, response, focus);
      return response;
    } catch (error) {
      if (error.name !== "AbortError") this.fail(() => this.show(address, options, focus));
    }
  }

  busy() {
    this.element.hidden = false;
    this.element.setAttribute("aria-busy", "true");
    clearTimeout(this.slow);
    // A page that comes at once needs no notice that it is coming.
    this.slow = setTimeout(() => {
      this.element.dataset.loading = this.words.loading;
      this.element.classList.add("is-slow");
    }, 250);
  }

  settled() {
    clearTimeout(this.slow);
    this.element.classList.remove("is-slow");
    this.element.removeAttribute("aria-busy");
  }

  fill(html, response, focus) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const found = page.querySelector(".pane") ?? page.querySelector("main");
    if (!found || response.status >= 500) return this.fail(() => this.show(response.url, {}, focus));
    const { pathname, search } = new URL(response.url);
    const path = pathname + search;
    if (pathname === "/") return this.empty(found.querySelector("[role=status].flash"));
    const body = document.createElement("div");
    body.className = "pane-body";
    body.append(...found.childNodes);
    this.element.replaceChildren(this.bar(path), body);
    this.element.scrollTop = 0;
    brought(page);
    this.loaded();
    const faults = this.element.querySelector(".error-summary");
    faults?.setAttribute("tabindex", "-1");
    if (focus) (faults ?? this.heading())?.focus();
    this.opened(path);
  }

  heading() {
    const heading = this.element.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    return heading;
  }

  bar(path) {
    const bar = document.createElement("div");
    bar.className = "pane-bar";
    const alone = Object.assign(document.createElement("a"), { href: path, textContent: this.words.alone });
    alone.dataset.alone = "";
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: this.words.close });
    close.className = "btn btn-sm";
    close.addEventListener("click", () => this.element.dispatchEvent(new CustomEvent("shixian:close", { bubbles: true })));
    bar.append(alone, close);
    return bar;
  }

  fail(again) {
    const box = document.createElement("div");
    box.className = "pane-empty";
    box.setAttribute("role", "alert");
    const text = Object.assign(document.createElement("p"), { textContent: this.words.failed });
    const retry = Object.assign(document.createElement("button"), { type: "button", textContent: this.words.retry });
    retry.className = "btn btn-outline-primary btn-sm";
    retry.addEventListener("click", again);
    box.append(text, retry);
    this.element.replaceChildren(box);
    this.settled();
    retry.focus();
  }

  /** Links to tasks stay in the pane; all others leave the desk, as they would without it. */
  follow(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ("alone" in link.dataset || link.target || link.hash || link.origin !== location.origin) return;
    if (!/^\/tasks\/\d+$/.test(link.pathname)) return;
    event.preventDefault();
    this.open(link.href);
  }

  async submit(event) {
    const form = event.target;
    if (event.defaultPrevented) return;
    const button = event.submitter;
    const method = (button?.getAttribute("formmethod") ?? form.method).toLowerCase();
    if (method !== "post" || form.target) return;
    event.preventDefault();
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const data = new FormData(form, button ?? undefined);
    const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    const response = await this.show(address, { method: "POST", body });
    delete form.dataset.sent;
    if (response) this.changed(response);
  }
}

/** Bring the styles and scripts that a page wants and this one has not. */
function brought(page) {
  for (const sheet of page.querySelectorAll("link[rel=stylesheet]")) {
    if (!document.querySelector(`link[href="${CSS.escape(sheet.getAttribute("href"))}"]`)) document.head.append(sheet);
  }
  for (const script of page.querySelectorAll("script[src]")) import(/* @vite-ignore */ script.src);
}
