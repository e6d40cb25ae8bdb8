import { fill } from "./load.js";
import { tablist } from "./tablist.js";

const KEPT = "shixian:tab";

/** Sections one below the other become tabs (WAI-ARIA): arrows move, and nothing that was typed is lost. */
export function tabs(root) {
  for (const box of root.querySelectorAll("[data-tabs]")) build(box);
  for (const place of root.querySelectorAll("[data-load-now]")) {
    if (!place.closest("[data-tabs]")) open(place, place.querySelector("h2"));
  }
}

function build(box) {
  const panels = [...box.querySelectorAll(":scope > [data-tab]")];
  const list = document.createElement("div");
  list.className = "tab-list";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.getAttribute("aria-label"));
  box.removeAttribute("aria-label");
  for (const panel of panels) {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `tab-of-${panel.id}`;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    button.textContent = panel.dataset.tab;
    if (Number(panel.dataset.count)) {
      const count = document.createElement("span");
      count.className = "n";
      count.textContent = panel.dataset.count;
      button.append(count);
    }
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    panel.tabIndex = 0;
    panel.querySelector("h2").hidden = true;
    list.append(button);
  }
  box.prepend(list);
  const choose = tablist(list, (panel) => {
    remember(panel.id);
    show(panel);
  });
  box.classList.add("is-tabs");
  const wanted = panels.findIndex((panel) => `#${panel.id}` === location.hash);
  const last = panels.findIndex((panel) => panel.id === remembered());
  choose(Math.max(wanted >= 0 ? wanted : last, 0));
}

function show(panel) {
  if (panel.dataset.load) open(panel, panel.querySelector("h2"));
  // The days before today are told; what matters is where the hand stands now.
  for (const strip of panel.querySelectorAll(".strip")) {
    const today = strip.querySelector(".today");
    if (today) strip.scrollLeft = today.offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
  }
}

async function open(panel, heading) {
  const address = panel.dataset.load;
  if (!address) return;
  delete panel.dataset.load;
  panel.setAttribute("aria-busy", "true");
  const place = document.createElement("div");
  try {
    const response = await fetch(address, { headers: { "X-Shixian-Part": "true" } });
    if (response.redirected || !response.ok) throw new Error(`${response.status}`);
    panel.replaceChildren(...[heading, place].filter(Boolean));
    fill(place, await response.text());
  } catch {
    panel.dataset.load = address; // what stands there without a script still leads to it
  } finally {
    panel.removeAttribute("aria-busy");
  }
}

function remember(id) {
  try {
    sessionStorage.setItem(KEPT, id);
  } catch {
    // Without storage the first tab opens.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
