import { keys, work } from "./keys.js";
import { live } from "./live.js";
import { merge } from "./merge.js";
import { Pane } from "./pane.js";

const DESK = "shixian_desk";
const YEAR = 31_536_000;

/** The inbox: the list keeps its place, the task opens beside it, and news comes without moving what the hand is on. */
export function inbox(root) {
  const desk = root.querySelector("[data-inbox]");
  if (!desk) return alone(root);
  const words = JSON.parse(desk.dataset.words);
  const list = desk.querySelector("#rows");
  const box = desk.querySelector("[data-pane]");
  const base = new URL(location.href);
  base.searchParams.delete("task");
  const links = () => [...list.querySelectorAll("li:not(.is-gone) [data-open]")];
  const row = (path) => links().find((link) => link.pathname === path.split("?")[0]);
  const pane = new Pane(box, words, { opened: mark, changed });
  const beside = () => desk.classList.contains("split") && Pane.wide;

  function mark(path) {
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const link = row(path);
    link?.setAttribute("aria-current", "true");
    const task = /^\/tasks\/(\d+)/.exec(path)?.[1] ?? "";
    const here = new URL(base);
    if (task) here.searchParams.set("task", task);
    if (here.href !== location.href) history.pushState({ task }, "", here);
  }

  function close() {
    pane.close();
    forget();
  }

  function forget() {
    const link = list.querySelector("[aria-current]");
    link?.removeAttribute("aria-current");
    if (location.href !== base.href) history.pushState({ task: "" }, "", base);
    (link ?? links()[0])?.focus();
  }

  function changed(response) {
    refresh();
    if (new URL(response.url).pathname === "/") forget();
  }

  async function refresh() {
    const address = new URL(desk.dataset.rows, location.href);
    const after = base.searchParams.get("after");
    if (after) address.searchParams.set("after", after);
    const have = [...list.querySelectorAll("li[data-row]:not(.is-gone)")].map((item) => item.dataset.row);
    address.searchParams.set("have", have.join(","));
    const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const answer = await response.json();
    for (const [code, number] of Object.entries(answer.counts)) {
      const badge = desk.querySelector(`[data-count="${CSS.escape(code)}"]`);
      if (badge && badge.textContent !== number) badge.textContent = number;
    }
    merge(desk, list, answer, words);
    if (pane.address) row(new URL(pane.address, location.href).pathname)?.setAttribute("aria-current", "true");
  }

  list.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open]");
    if (!link || !beside() || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    pane.open(link.href);
  });
  box.addEventListener("shixian:close", close);
  window.addEventListener("popstate", () => {
    const task = new URL(location.href).searchParams.get("task");
    if (task && beside()) pane.open(`/tasks/${task}`);
    else if (!task) {
      pane.close();
      list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    }
  });

  bulk(desk, list, words);
  sides(desk, box, () => {
    if (!beside()) pane.close();
  });
  if (desk.dataset.opened && /^\d+$/.test(desk.dataset.opened)) {
    if (beside()) pane.open(`/tasks/${desk.dataset.opened}`, { focus: false });
    else location.replace(`/tasks/${desk.dataset.opened}`);
  }

  const move = (by) => {
    const all = links();
    const at = all.indexOf(all.find((link) => link === document.activeElement || link.closest("li").contains(document.activeElement)));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    const current = at < 0 && list.querySelector("[aria-current]");
    (current || all[next])?.focus();
    document.activeElement?.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => document.activeElement?.closest("#rows li")?.querySelector("[data-open]");
  keys({
    down: () => move(1),
    up: () => move(-1),
    open: () => {
      const link = chosen() ?? links()[0];
      if (!link) return false;
      link.click();
    },
    work: () => {
      if (work() !== false) return;
      const link = chosen() ?? links()[0];
      if (!link) return false;
      if (!beside()) return link.click();
      pane.open(link.href).then(() => work());
    },
    tick: () => {
      const tick = chosen()?.closest("li").querySelector("[name=task]");
      if (!tick) return false;
      tick.click();
    },
    back: () => {
      if (!pane.address) return false;
      close();
    },
  });
  live(desk.dataset.live, refresh);
}

/** A page of its own has the keys, and a task there learns when somebody else takes it. */
function alone(root) {
  keys({ back: leave });
  const task = root.querySelector("main .task[data-task]")?.dataset.task;
  if (task) live(`/live?task=${task}`, () => {});
}

/** From a page of its own, back to the list it was opened from. */
function leave() {
  if (!document.querySelector("main [data-task]")) return false;
  if (document.referrer.startsWith(location.origin)) history.back();
  else location.assign("/");
}

/** Ticking: all on the page, and how many. */
function bulk(desk, list, words) {
  const form = desk.querySelector("#bulk");
  if (!form) return;
  const all = form.querySelector("[data-tick-all]");
  const label = form.querySelector("[data-ticked]");
  const said = label.textContent;
  const ticks = () => [...list.querySelectorAll("li:not(.is-gone) [name=task]")];
  const count = () => {
    const every = ticks();
    const n = every.filter((tick) => tick.checked).length;
    all.checked = n > 0 && n === every.length;
    all.indeterminate = n > 0 && n < every.length;
    label.textContent = n ? words.ticked.replace("#", n) : said;
    form.classList.toggle("has-ticked", n > 0);
    for (const button of form.querySelectorAll("button")) button.disabled = n === 0;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks()) tick.checked = all.checked;
    count();
  });
  list.addEventListener("change", count);
  list.addEventListener("shixian:merged", count);
  count();
}

/** One column or two, remembered in this browser and known to the server, so that nothing jumps when the page comes. */
function sides(desk, box, changed) {
  const button = desk.querySelector("[data-desk]");
  const capable = Boolean(desk.querySelector("#bulk"));
  box.hidden = !desk.classList.contains("split");
  if (!capable) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const split = desk.classList.toggle("split");
    button.setAttribute("aria-pressed", String(split));
    box.hidden = !split;
    document.cookie = `${DESK}=${split ? "split" : "list"}; path=/; max-age=${YEAR}; samesite=lax`;
    changed();
  });
}
