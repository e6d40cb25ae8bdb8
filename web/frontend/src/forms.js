// Everything here is comfort: each form works without it.

/** Show a field only while the one it depends on has the value it waits for. */
export function conditionalFields(root) {
  const fields = [...root.querySelectorAll("[data-visible-when]")];
  const value = (form, name) => {
    const data = new FormData(form).getAll(name);
    return data.length ? data : [""];
  };
  const update = (form) => {
    for (const field of fields) {
      field.hidden = !field.dataset.visibleWhen.split("&").every((condition) => {
        const [name, wanted] = condition.split("=");
        return value(form, name).some((found) => wanted.split("|").includes(found));
      });
    }
    // A heading over nothing makes people look for what is missing.
    for (const group of form.querySelectorAll("fieldset")) {
      group.classList.toggle("empty-group", ![...group.querySelectorAll(".field")].some((f) => !f.hidden));
    }
  };
  for (const form of new Set(fields.map((field) => field.closest("form")))) {
    form.addEventListener("change", () => update(form));
    form.classList.add("has-conditions");
    update(form);
  }
}

/** Hide the blank rows of a table until they are asked for. */
export function tableRows(root) {
  for (const button of root.querySelectorAll("[data-add-row]")) {
    const rows = [...button.ownerDocument.getElementById(button.dataset.addRow).tBodies[0].rows];
    const filled = (row) => [...row.querySelectorAll("input,select,textarea")].some((cell) => cell.value);
    const last = rows.map(filled).lastIndexOf(true);
    rows.forEach((row, n) => (row.hidden = n > Math.max(last, 0)));
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = rows.find((row) => row.hidden);
      if (next) {
        next.hidden = false;
        next.querySelector("input,select").focus();
      }
      button.hidden = !rows.some((row) => row.hidden);
    });
  }
}

/** A second click on the same button would only be refused as a repeat; do not send it. */
export function singleSubmit(root) {
  for (const form of root.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      form.querySelectorAll("button").forEach((b) => b.setAttribute("aria-disabled", "true"));
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

/** Ask before typed text is lost. */
export function guardLeaving(root) {
  const form = root.querySelector("form[data-guard]");
  if (!form) return;
  let dirty = false;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", () => (dirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  const summary = root.querySelector(".error-summary");
  if (summary) summary.focus();
}
