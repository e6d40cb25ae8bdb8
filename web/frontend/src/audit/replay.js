import { diagramTools } from "../viewer.js";
import { stopped, typing } from "../keys.js";
import { film as read } from "./replay/film.js";
import { List } from "./replay/list.js";
import { Panel } from "./replay/panel.js";
import { Stage } from "./replay/stage.js";
import { Transport } from "./replay/transport.js";
import "./replay.css";

const root = document.querySelector("[data-replay]");
const words = JSON.parse(root.querySelector("[data-words]").textContent);
const said = root.querySelector("[data-said]");
root.hidden = false;
begin().catch(() => {
  root.querySelector("[data-panel]").textContent = words.failed;
  said.textContent = words.failed;
});

async function begin() {
  const response = await fetch(root.dataset.source);
  if (!response.ok) throw new Error(`${response.status}`);
  const film = read(await response.json());
  const place = asked(film) ?? 0;
  const stage = new Stage(root.querySelector("[data-canvases]"), film, { address: root.dataset.diagrams, words, failed: words.noDiagram });
  const xml = await stage.fetch(film.step(place).v);
  performance.mark("replay-data");
  const panel = new Panel(root.querySelector("[data-panel]"), film, words, root.dataset);
  const follow = root.querySelector("[data-follow]");
  const version = root.querySelector("[data-version]");
  const list = new List(root.querySelector("[data-list]"), film, words, (to) => transport.go(to));
  const transport = new Transport(root, film, words, show);

  async function show(at, { onward = false } = {}) {
    const begun = performance.now();
    const step = film.step(at);
    const taken = film.taken(transport.next(-1) ?? -1, at);
    panel.show(at);
    list.mark(at);
    await stage.show(film.state(at), { taken, here: film.elementOf(step)?.[0], follow: follow.checked });
    version.textContent = words.versionOf.replace("{n}", film.versions[step.v].number);
    if (onward) stage.travel(taken, Math.min(700, transport.beat * 0.7));
    // Each step in the address would soon be more than a browser allows in half a minute.
    if (!transport.playing) {
      history.replaceState(null, "", `#${step.s}`);
      said.textContent = `${panel.position(step)} ${film.text(step.x)}`;
    }
    measure("replay-step", begun);
  }

  await stage.open(film.step(place).v, xml);
  transport.go(place);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  performance.measure("replay-first-frame", "replay-data");
  list.fill();
  books(transport);
  diagramTools(root.querySelector(".diagram-tools"), () => stage.canvas);
  keyboard(transport);
  window.addEventListener("hashchange", () => {
    const to = asked(film);
    if (to !== null) transport.go(to);
  });
  for (const link of document.querySelectorAll("a[data-seq]")) {
    link.href = `#${link.dataset.seq}`;
    link.addEventListener("click", () => root.scrollIntoView({ block: "start" }));
  }
  root.dataset.ready = "";
}

/** The step that the address asks for, null where it asks for none. */
function asked(film) {
  const seq = Number(location.hash.slice(1));
  return Number.isInteger(seq) && seq > 0 ? film.place(seq) : null;
}

function books({ books: box }) {
  const list = root.querySelector("[data-list]");
  const filter = () => list.classList.toggle("without-books", !box.checked);
  box.addEventListener("change", filter);
  filter();
}

/** Keys act on the whole page, but never where somebody types, chooses or presses a button. */
function keyboard(transport) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    if (typing(target) || document.querySelector("dialog[open]")) return;
    if (key === " " && target.closest("button, a, summary, input")) return;
    if ("+=-".includes(key) && stopped()) return;
    const act = transport.acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function measure(name, begun) {
  requestAnimationFrame(() => performance.measure(name, { start: begun, end: performance.now() }));
}
