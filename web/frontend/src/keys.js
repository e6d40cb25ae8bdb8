const OFF = "shixian.keys.off";
const SECOND = 1_500; // milliseconds that the second key of a pair may take

export const stopped = () => localStorage.getItem(OFF) === "1";
export const typing = (element) =>
  element.closest("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable=true]");

/** Obey single keys, as the dialogue's table lists them: one table for what is shown and what is done. */
export function keys(acts) {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const table = new Map([...dialog.querySelectorAll("[data-action]")].map((row) => [row.dataset.key, row.dataset.action]));
  const off = dialog.querySelector("[data-keys-off]");
  off.checked = stopped();
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  const all = { help: () => dialog.showModal(), inbox: () => go("/"), cases: () => go("/cases"), search, save, work, ...acts };
  let before = "";
  let timer;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Escape" && stopped()) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    clearTimeout(timer);
    const action = table.get(before ? `${before} ${event.key}` : event.key);
    const begins = !before && [...table.keys()].some((key) => key.startsWith(`${event.key} `));
    before = begins ? event.key : "";
    if (before) timer = setTimeout(() => (before = ""), SECOND);
    if (!action || !all[action]) return;
    if (all[action](event) !== false) event.preventDefault();
  });
}

const go = (address) => window.location.assign(address);

function search() {
  const field = document.querySelector("[data-search]");
  if (!field) return false;
  field.focus();
  field.select();
}

function save() {
  const button = document.querySelector("[data-save]");
  if (!button) return false;
  button.click();
}

/** Go to the first field of the form at hand. */
export function work() {
  const form = document.querySelector("[data-task-form]");
  const field = form && [...form.elements].find((x) => x.matches("input:not([type=hidden]), select, textarea") && !x.disabled && x.offsetParent !== null);
  if (!field) return false;
  field.focus();
}
