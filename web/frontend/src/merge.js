/**
 * Bring the list up to date without moving what the hand is on: what went is greyed where it stands, what is new
 * comes in only while nobody points at the list, has the focus in it, or has ticked something. Otherwise a line in
 * a place kept for it says how many wait.
 */
export function merge(desk, list, answer, words) {
  const fresh = new DOMParser().parseFromString(answer.html, "text/html").body;
  const rows = (root) => [...root.querySelectorAll("li[data-row]")];
  const known = new Map(rows(list).map((item) => [item.dataset.row, item]));
  for (const [key, why] of Object.entries(answer.gone)) grey(known.get(key), why);
  const added = rows(fresh).filter((item) => !known.has(item.dataset.row));
  const news = desk.querySelector("[data-news]");
  if (!added.length || !desk.dataset.first) return say(news, "");
  const show = () => {
    hold(list, () => insert(list, fresh, added));
    say(news, "");
    list.dispatchEvent(new CustomEvent("shixian:merged"));
  };
  if (!busy(list)) return show();
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.show });
  button.className = "btn btn-link btn-sm";
  button.addEventListener("click", show);
  say(news, words.news.replace("#", added.length), button);
}

const busy = (list) =>
  list.matches(":hover") || list.contains(document.activeElement) || list.querySelector("[name=task]:checked");

function say(news, text, ...more) {
  if (!text && !news.childNodes.length) return;
  const before = news.firstChild?.textContent ?? "";
  // The same words again would be read aloud again.
  if (text && before === `${text} · `) return news.replaceChild(more[0], news.lastChild);
  news.replaceChildren(...(text ? [`${text} · `, ...more] : []));
}

function grey(item, why) {
  if (!item || item.classList.contains("is-gone")) return;
  item.classList.add("is-gone");
  const tick = item.querySelector("[name=task]");
  if (tick) {
    tick.checked = false;
    tick.disabled = true;
  }
  // In the place of the days left: a line more would push down what stands below.
  const note = Object.assign(document.createElement("span"), { className: "fate", textContent: why });
  item.querySelector(".when > .chip, .when > .meta")?.replaceWith(note);
  item.closest("#rows").dispatchEvent(new CustomEvent("shixian:merged"));
}

/** Keep the first row that is seen where it is on the screen. */
function hold(list, change) {
  const anchor = [...list.querySelectorAll("li[data-row]")].find((item) => item.getBoundingClientRect().bottom > 0);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (!anchor?.isConnected) return;
  const moved = anchor.getBoundingClientRect().top - before;
  const scroller = scrolls(list) ?? window;
  if (moved) scroller.scrollBy({ top: moved, behavior: "instant" });
}

const scrolls = (list) => {
  const column = list.closest(".desk-list");
  return column && column.scrollHeight > column.clientHeight && getComputedStyle(column).overflowY !== "visible" ? column : null;
};

function insert(list, fresh, added) {
  if (!list.querySelector("[data-group]")) return list.replaceChildren(...fresh.childNodes);
  for (const item of added) {
    const group = item.closest("[data-group]");
    const following = [...group.querySelectorAll("li[data-row]")];
    const after = following.slice(following.indexOf(item) + 1).map((next) => find(list, next.dataset.row)).find(Boolean);
    const mine = section(list, fresh, group);
    const parent = mine.querySelector("ul");
    if (after && after.parentElement === parent) after.before(item);
    else parent.append(item);
    item.classList.add("is-new");
  }
}

const find = (list, key) => list.querySelector(`li[data-row="${CSS.escape(key)}"]`);

/** Return the list's own section of a group, made where the server has it if there was none. */
function section(list, fresh, group) {
  const code = CSS.escape(group.dataset.group);
  const found = list.querySelector(`[data-group="${code}"]`);
  if (found) return found;
  const made = group.cloneNode(true);
  made.querySelector("ul").replaceChildren();
  const order = [...fresh.querySelectorAll("[data-group]")];
  const next = order
    .slice(order.indexOf(group) + 1)
    .map((one) => list.querySelector(`[data-group="${CSS.escape(one.dataset.group)}"]`))
    .find(Boolean);
  if (next) next.before(made);
  else list.append(made);
  return made;
}
