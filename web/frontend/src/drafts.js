const AFTER = 2000; // milliseconds after the last change
const SOON = 300;
const AGAIN = [3000, 10000, 30000];
const MOST_AT_PARTING = 60000; // a browser takes no more in a request that outlives its page
const SENT = "shixian:sent";
const ASIDE = new Set(["csrf", "command_id", "draft_version"]);

/**
 * Keep what is typed: on the server two seconds after the last change and on leaving a field or the page; in the
 * browser alone while the server is away or the session is over. Of two open pages the later one is asked.
 */
export function keepDraft(form, { words, say, stopped, conflict }) {
  const address = form.dataset.draft;
  const version = form.elements.draft_version;
  const copy = `shixian:draft:${form.dataset.user}:${address}`;
  let kept = text(entries(form));
  let timer;
  let waiting; // the request that has no answer yet, sent again under the same id
  let busy = false;
  let failures = 0;
  let asking = false; // which of two drafts to keep

  const changed = () => text(entries(form)) !== kept;

  function note() {
    if (stopped() || !changed()) return;
    store(copy, { version: version.value, entries: entries(form) });
    clearTimeout(timer);
    timer = setTimeout(() => save({ timed: true }), AFTER);
  }

  async function save({ parting = false, asked = false, timed = false } = {}) {
    clearTimeout(timer);
    // While two drafts are shown, what is typed on renews them; a click on one of them must still meet its button.
    if (busy || (asking && !timed) || stopped() || form.dataset.sent) return;
    if (!waiting && !asked && !changed()) return;
    waiting ??= compose();
    busy = true;
    let outcome = "retry";
    try {
      const response = await fetch(address, {
        method: "POST",
        body: waiting.body,
        headers: { Accept: "application/json" },
        redirect: "manual",
        keepalive: parting && waiting.body.toString().length < MOST_AT_PARTING,
      });
      if (response.type === "opaqueredirect") outcome = "signed-out";
      else outcome = await taken(response);
    } catch {
      // The server is away; the copy in this browser stays until it is back.
    } finally {
      busy = false;
    }
    if (outcome === "retry") {
      say(words.retrying, "bad");
      timer = setTimeout(save, AGAIN[Math.min(failures++, AGAIN.length - 1)]);
    } else if (outcome === "signed-out") {
      waiting = undefined;
      say(words.signed_out, "bad", { href: form.dataset.signIn, text: words.sign_in });
    } else if (outcome === "saved" && changed()) timer = setTimeout(save, SOON);
  }

  async function taken(response) {
    const json = response.headers.get("Content-Type")?.includes("json");
    if (response.ok && json) {
      const answer = await response.json();
      version.value = answer.version;
      kept = waiting.text;
      waiting = undefined;
      failures = 0;
      if (!changed()) {
        forget(copy);
        say(words.saved.replace("{at}", answer.at), "good");
      }
      return "saved";
    }
    if (response.status >= 500) return "retry";
    waiting = undefined;
    if (response.status === 409 && json) {
      const answer = await response.json();
      asking = true;
      conflict(answer, {
        mine: () => {
          asking = false;
          version.value = answer.version;
          save();
        },
        theirs: () => forget(copy),
      });
    } else say(words.failed, "bad");
    return "refused";
  }

  function compose() {
    const found = entries(form);
    const body = new URLSearchParams(found);
    body.set("csrf", form.elements.csrf.value);
    body.set("draft_version", version.value);
    body.set("command_id", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
    return { body, text: text(found) };
  }

  const part = () => save({ parting: true });

  // Another page has taken this one's place in the desk: what it still holds is saved, and it listens no more.
  function left() {
    if (form.isConnected) return;
    part();
    document.removeEventListener("shixian:loaded", left);
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", part);
  }
  const hidden = () => document.visibilityState === "hidden" && part();

  function restore() {
    const left = recall(copy);
    if (!left || text(left.entries) === kept) return forget(copy);
    apply(form, left.entries);
    version.value = left.version;
    say(words.restored, "good");
    note();
  }

  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("focusout", () => !waiting && save());
  document.addEventListener("visibilitychange", hidden);
  document.addEventListener("shixian:loaded", left);
  window.addEventListener("pagehide", part);
  // A page brought back from memory does not know what was saved since.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  form.addEventListener("submit", () => store(SENT, { copy, address }));
  restore();
  return { save };
}

/** Throw away the copy of a form that was handed in, once a page says that it was: its form is not shown again. */
export function settleDraft() {
  const sent = recall(SENT);
  const again = sent && document.querySelector(`[data-draft="${CSS.escape(sent.address)}"], [type=password]`);
  if (!sent || again || !document.querySelector("[data-task], .diagram, [data-inbox]")) return;
  forget(sent.copy);
  forget(SENT);
}

/** Files stay out, and so does what makes a form longer or shorter: that needs the server's answer. */
function entries(form) {
  return [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !ASIDE.has(name) && !/\.(add|remove)$/.test(name),
  );
}

function apply(form, found) {
  const byName = new Map();
  for (const [name, value] of found) byName.set(name, [...(byName.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || ASIDE.has(field.name) || field.type === "hidden" || field.type === "file") continue;
    const values = byName.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (byName.has(field.name)) field.value = values[0];
  }
  form.dispatchEvent(new Event("change"));
}

const text = (found) => JSON.stringify(found);

function store(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser without storage still has the page itself.
  }
}

function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
