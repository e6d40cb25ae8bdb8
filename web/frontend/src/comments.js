import { fill } from "./load.js";

/** Say something without leaving the page. */
export function comments(root) {
  for (const talk of root.querySelectorAll("[data-comments]")) {
    const form = talk.querySelector("form");
    if (!form) continue;
    const text = form.querySelector("textarea");
    const names = form.querySelector(".mentions");
    if (names) names.hidden = false;
    names?.addEventListener("click", (event) => {
      const name = event.target.closest("[data-mention]")?.dataset.mention;
      if (!name) return;
      text.setRangeText(`@${name} `, text.selectionStart, text.selectionEnd, "end");
      text.focus();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const place = talk.parentElement;
      try {
        const response = await fetch(form.action, {
          method: "POST",
          body: new FormData(form),
          headers: { "X-Shixian-Part": "true" },
        });
        if (response.redirected || !response.ok) throw new Error(`${response.status}`);
        fill(place, await response.text());
        place.querySelector("textarea")?.focus();
      } catch {
        form.querySelector("[data-comment-error]").hidden = false;
        delete form.dataset.sent;
        form.querySelectorAll("button").forEach((b) => b.removeAttribute("aria-disabled"));
      }
    });
  }
}
