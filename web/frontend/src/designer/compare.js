import { model, view } from "../viewer.js";
import "./compare.css";

const SIDES = ["before", "after"];
const CLOSE = 0.9; // scale at which a difference is looked at

for (const root of document.querySelectorAll("[data-compare]")) comparison(root);

async function comparison(root) {
  const marks = JSON.parse(root.dataset.marks);
  const list = differences(root);
  const opened = await Promise.all(SIDES.map((side) => open(root, side, marks)));
  const viewers = Object.fromEntries(SIDES.map((side, place) => [side, opened[place]]));
  const both = synchronised(opened.filter(Boolean));
  const show = (button) => {
    for (const side of SIDES) emphasise(viewers[side], ids(button, side));
    both.alone(() => {
      const boxes = SIDES.map((side) => viewers[side] && boundsOf(viewers[side], ids(button, side)));
      SIDES.forEach((side, place) => {
        // A side that has no such element shows the place where the other one has it.
        const box = boxes[place] || boxes[1 - place];
        if (viewers[side] && box) centre(viewers[side], box);
      });
    });
  };
  list.onChoice(show);
  for (const side of SIDES) viewers[side]?.on("element.click", ({ element }) => list.choose(side, element.id));
  filters(root, list, viewers, marks);
  tools(root, both);
  keyboard(root, list);
  window.addEventListener("beforeprint", both.whole);
  root.querySelector(".compare-tools").hidden = false;
  root.dataset.ready = "";
}

const ids = (button, side) => (button.dataset[side] || "").split(" ").filter(Boolean);

/** Draw one of the two models with its marks; null, and a sentence in its place, if that fails. */
async function open(root, side, marks) {
  const container = root.querySelector(`[data-side=${side}]`);
  try {
    const viewer = await view(container, await model(container.dataset.source));
    mark(viewer, marks[side], marks);
    viewer.get("canvas").zoom("fit-viewport");
    return viewer;
  } catch {
    const sentence = document.createElement("p");
    sentence.textContent = root.dataset.failed;
    sentence.className = "p-3 muted";
    container.replaceChildren(sentence);
    return null;
  }
}

function mark(viewer, kinds, { words, signs }) {
  const registry = viewer.get("elementRegistry");
  for (const [id, kind] of Object.entries(kinds)) {
    const element = registry.get(id);
    if (!element) continue;
    viewer.get("canvas").addMarker(element, `diff-${kind}`);
    const name = element.businessObject?.name || id;
    // What only moved is told by its line; a sign at each would hide the ones that matter.
    if (kind !== "moved" && !element.waypoints) badge(viewer, element, kind, signs[kind], `${words[kind]}：${name}`);
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `${words[kind]}：${name}`;
    registry.getGraphics(element).prepend(title);
  }
}

function badge(viewer, element, kind, sign, text) {
  const html = document.createElement("div");
  html.className = `diff-badge sign-${kind}`;
  html.textContent = sign;
  html.title = text;
  html.setAttribute("role", "img");
  html.setAttribute("aria-label", text);
  viewer.get("overlays").add(element, `diff-${kind}`, { position: { top: -11, right: 9 }, html, scale: { min: 0.8 } });
}

/** Keep the views together: what one is moved by, the other is too, whatever lay between them before. */
function synchronised(viewers) {
  let following = false;
  const offset = () => {
    const [one, other] = viewers.map((viewer) => viewer.get("canvas").viewbox());
    return one && other ? { x: other.x - one.x, y: other.y - one.y } : { x: 0, y: 0 };
  };
  let apart = offset();
  viewers.forEach((viewer, place) => {
    viewer.on("canvas.viewbox.changed", ({ viewbox }) => {
      const other = viewers[1 - place];
      if (following || !other) return;
      following = true;
      const way = place ? -1 : 1;
      const canvas = other.get("canvas");
      const { width, height } = canvas.viewbox().outer;
      const scale = viewbox.scale;
      canvas.viewbox({
        x: viewbox.x + way * apart.x,
        y: viewbox.y + way * apart.y,
        width: width / scale,
        height: height / scale,
      });
      following = false;
    });
  });
  const alone = (act) => {
    following = true;
    act();
    following = false;
    apart = offset();
  };
  const each = (act) => alone(() => viewers.forEach((viewer) => act(viewer.get("canvas"))));
  return {
    alone,
    whole: () => {
      each((canvas) => canvas.zoom("fit-viewport"));
      const scale = Math.min(...viewers.map((viewer) => viewer.get("canvas").zoom()));
      each((canvas) => canvas.zoom(scale));
    },
    by: (factor) => viewers[0]?.get("canvas").zoom(viewers[0].get("canvas").zoom() * factor, "auto"),
  };
}

function boundsOf(viewer, wanted) {
  const registry = viewer.get("elementRegistry");
  const found = wanted.map((id) => registry.get(id)).filter(Boolean);
  if (!found.length) return null;
  const [first] = found;
  if (!first.waypoints) return { x: first.x + first.width / 2, y: first.y + first.height / 2 };
  const middle = first.waypoints[Math.floor(first.waypoints.length / 2)];
  return { x: middle.x, y: middle.y };
}

function centre(viewer, { x, y }) {
  const canvas = viewer.get("canvas");
  if (canvas.zoom() < CLOSE * 0.75) canvas.zoom(CLOSE);
  const view = canvas.viewbox();
  canvas.viewbox({ ...view, x: x - view.width / 2, y: y - view.height / 2 });
}

function emphasise(viewer, wanted) {
  if (!viewer) return;
  const registry = viewer.get("elementRegistry");
  const canvas = viewer.get("canvas");
  registry.forEach((element) => canvas.hasMarker(element, "diff-here") && canvas.removeMarker(element, "diff-here"));
  for (const id of wanted) if (registry.get(id)) canvas.addMarker(id, "diff-here");
}

/** The sentences: which is looked at, and how one goes from one to the next. */
function differences(root) {
  const place = root.querySelector("[data-place]");
  const items = () => [...root.querySelectorAll("[data-difference]:not([hidden]) .difference")];
  let current = null;
  let act = () => {};
  const go = (item, { scroll = true } = {}) => {
    if (!item) return;
    current?.removeAttribute("aria-current");
    current = item;
    current.setAttribute("aria-current", "true");
    if (scroll) current.scrollIntoView({ block: "nearest" });
    count();
    act(current);
  };
  const count = () => {
    const all = items();
    const at = all.indexOf(current);
    place.textContent = at < 0 ? "" : place.dataset.text.replace("{n}", at + 1).replace("{total}", all.length);
  };
  root.addEventListener("click", ({ target }) => {
    const item = target.closest("button.difference");
    if (item) go(item, { scroll: false });
  });
  return {
    onChoice: (handler) => (act = handler),
    step: (by) => {
      const all = items();
      if (!all.length) return;
      const at = all.indexOf(current);
      const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
      go(all[next]);
      all[next].focus({ preventScroll: true });
    },
    choose: (side, id) => go(items().find((item) => ids(item, side).includes(id))),
    count,
  };
}

function filters(root, list, viewers, marks) {
  const boxes = [...root.querySelectorAll("[data-kind]")];
  const apply = () => {
    const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const item of root.querySelectorAll("[data-difference]")) item.hidden = !shown.has(item.dataset.of);
    for (const group of root.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-difference]:not([hidden])");
    }
    for (const side of SIDES) if (viewers[side]) paint(viewers[side], marks[side], shown);
    list.count();
  };
  for (const box of boxes) box.addEventListener("change", apply);
}

function paint(viewer, kinds, shown) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  for (const [id, kind] of Object.entries(kinds)) {
    if (!registry.get(id)) continue;
    if (shown.has(kind)) canvas.addMarker(id, `diff-${kind}`);
    else canvas.removeMarker(id, `diff-${kind}`);
  }
  for (const overlay of Object.values(viewer.get("overlays")._overlays)) {
    overlay.htmlContainer.hidden = !shown.has(overlay.type.replace("diff-", ""));
  }
}

function tools(root, both) {
  const acts = { whole: both.whole, closer: () => both.by(1.25), farther: () => both.by(0.8) };
  for (const [name, act] of Object.entries(acts)) root.querySelector(`[data-${name}]`).addEventListener("click", act);
}

function keyboard(root, list) {
  root.querySelector("[data-next]").addEventListener("click", () => list.step(1));
  root.querySelector("[data-previous]").addEventListener("click", () => list.step(-1));
  const steps = { n: 1, p: -1, ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !steps[event.key]) return;
    if (event.target.closest("input, textarea, select, dialog") || document.querySelector("dialog[open]")) return;
    if (localStorage.getItem("shixian.keys.off") === "1" && event.key.length === 1) return;
    if (event.key.length > 1 && !event.target.closest(".compare-list")) return;
    event.preventDefault();
    list.step(steps[event.key]);
  });
}
