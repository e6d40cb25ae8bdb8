import { keepDraft } from "./drafts.js";
import { fill } from "./load.js";

const SETTLED = 500; // milliseconds after the last choice

/** The task page: drafts that keep themselves, what handing in will do, and whether the task is still ours. */
export function taskPage(root) {
  for (const place of root.querySelectorAll(".diagram[data-source]")) {
    import("./diagram.js").then(({ diagram }) => diagram(place));
  }
  for (const page of root.querySelectorAll("[data-task]")) begin(page);
}

function begin(page) {
  const form = page.querySelector("[data-task-form]");
  page.querySelector(".error-summary")?.focus();
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const status = page.querySelector("[data-save-status]");
  let lost = false;

  function say(text, tone = "", link) {
    // A press on the link leaves a field, and that is answered before the button is up: the link must still be there.
    if (link && status.querySelector("a")?.getAttribute("href") === link.href) return;
    status.textContent = text;
    status.dataset.tone = tone;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      status.append(" ", anchor);
    }
  }

  const draft = keepDraft(form, {
    words,
    say,
    stopped: () => lost,
    conflict: ({ html }, choose) => {
      const place = page.querySelector("[data-draft-conflict]");
      fill(place, html);
      place.querySelector("[data-keep=mine]").addEventListener("click", (event) => {
        event.preventDefault();
        place.replaceChildren();
        choose.mine();
      });
      place.querySelector("[data-keep=theirs]").addEventListener("click", choose.theirs);
      place.scrollIntoView({ block: "nearest" });
    },
  });
  const foresee = foreseeing(page, form);
  submitting(page, form, words, draft, foresee, say);
  watching(page, form, words, (gone) => (lost = gone));
}

/** Ask the server what handing in the form as it is would do. */
function foreseeing(page, form) {
  const box = page.querySelector("[data-foreseen]");
  let asked = 0;
  let timer;
  async function foresee() {
    if (!form.dataset.effects) return null; // whoever only fills in the form hands nothing in
    const mine = ++asked;
    const found = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    try {
      const response = await fetch(form.dataset.effects, {
        method: "POST",
        body: new URLSearchParams(found),
        headers: { "X-Shixian-Part": "true" },
        redirect: "manual",
      });
      if (!response.ok) return null;
      const html = await response.text();
      if (mine === asked) fill(box, html);
      return box.querySelector(".foreseen");
    } catch {
      return null; // a hint; handing in does not hang on it
    }
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(foresee, SETTLED);
  };
  form.addEventListener("change", later);
  later();
  return foresee;
}

function submitting(page, form, words, draft, foresee, say) {
  let confirmed = false;
  let asking = false;
  const files = () => [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  form.addEventListener("change", () => files() && say(words.files));
  // Before the form's own listeners: what is only asked about must not count as sent.
  form.addEventListener(
    "submit",
    async (event) => {
      const button = event.submitter;
      const reshaped = [...new FormData(form)].some(([name, value]) => /\.(add|remove)$/.test(name) && value);
      if (button?.hasAttribute("data-save") && !files() && !reshaped) {
        event.preventDefault();
        event.stopImmediatePropagation();
        draft.save({ asked: true });
        return;
      }
      if (confirmed || button?.hasAttribute("formaction") || form.dataset.sent) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      asking = true;
      const found = await foresee();
      const go = !found?.hasAttribute("data-binding") || (await agreed(found, words));
      asking = false;
      if (!go) return;
      confirmed = true;
      form.requestSubmit(button ?? undefined);
      confirmed = false;
    },
    true,
  );
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (!form.contains(event.target)) return;
    event.preventDefault();
    const button = page.querySelector(`.action-main [aria-keyshortcuts="Control+${event.shiftKey ? "Shift+" : ""}Enter"]`);
    form.requestSubmit(button);
  });
}

/** Show what will happen once more, and wait for a yes. */
function agreed(found, words) {
  const dialog = document.createElement("dialog");
  dialog.className = "verb-dialog";
  const title = document.createElement("h2");
  title.id = "confirm-name";
  title.textContent = words.confirm;
  dialog.setAttribute("aria-labelledby", title.id);
  const acts = document.createElement("div");
  acts.className = "verb-acts";
  const yes = document.createElement("button");
  yes.className = "btn btn-primary";
  yes.textContent = words.confirm_yes;
  const no = document.createElement("button");
  no.className = "btn btn-outline-secondary";
  no.textContent = words.confirm_no;
  acts.append(yes, no);
  dialog.append(title, found.cloneNode(true), acts);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = false;
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
    yes.focus();
  });
}

/** Say at once that somebody else has taken the task; what was typed stays where it is. */
function watching(page, form, words, lose) {
  const banner = document.createElement("p");
  banner.className = "alert-late taken";
  banner.setAttribute("role", "alert");
  async function look() {
    if (form.dataset.sent) return; // our own handing in
    let found;
    try {
      const response = await fetch(page.dataset.state, { redirect: "manual" });
      if (!response.ok) return;
      found = await response.json();
    } catch {
      return;
    }
    if (form.dataset.sent || !page.isConnected) return;
    const who = found.state === "completed" ? found.ended_by || words.platform : found.assignee_name;
    let text = "";
    if (found.state === "completed") text = words.done;
    else if (found.state !== "open") text = words.gone;
    else if (found.assignee_name && !found.mine) text = words.taken;
    lose(Boolean(text));
    for (const button of page.querySelectorAll(".action-bar button")) button.disabled = Boolean(text);
    if (!text) banner.remove();
    else {
      banner.textContent = text.replace("{who}", who ?? "");
      if (!banner.isConnected) page.querySelector(".work").before(banner);
    }
  }
  const told = (event) => {
    if (!page.isConnected) document.removeEventListener("shixian:task", told);
    else if (String(event.detail?.task) === page.dataset.task) look();
  };
  document.addEventListener("shixian:task", told);
  const seen = () => {
    if (!page.isConnected) document.removeEventListener("visibilitychange", seen);
    else if (document.visibilityState === "visible") look();
  };
  document.addEventListener("visibilitychange", seen);
}
