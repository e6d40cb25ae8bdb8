/** What opens in place without a script opens as a dialog with one. */
export function verbDialogs(root) {
  for (const verb of root.querySelectorAll("[data-verb]")) {
    const summary = verb.querySelector("summary");
    const body = verb.querySelector(".verb-body");
    const dialog = document.createElement("dialog");
    dialog.className = "verb-dialog";
    dialog.setAttribute("aria-labelledby", body.getAttribute("aria-labelledby"));
    body.removeAttribute("aria-labelledby");
    dialog.append(body);
    verb.after(dialog);
    const cancel = dialog.querySelector("[data-verb-cancel]");
    cancel.hidden = false;
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => summary.focus());
    summary.setAttribute("role", "button");
    summary.setAttribute("aria-haspopup", "dialog");
    summary.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector("select, textarea, input:not([type=hidden]):not([hidden])")?.focus();
    });
  }
  for (const group of root.querySelectorAll("[data-people]")) {
    const search = group.querySelector("[data-people-search]");
    search.hidden = false;
    search.addEventListener("input", () => {
      const text = search.value.trim();
      for (const label of group.querySelectorAll("label")) {
        label.hidden = !label.textContent.includes(text) && !label.querySelector("input").checked;
      }
    });
  }
  for (const more of root.querySelectorAll(".more-verbs")) {
    const close = (event) => {
      if (event.key === "Escape" && more.open) {
        more.open = false;
        more.querySelector("summary").focus();
      }
    };
    more.addEventListener("keydown", close);
  }
}
