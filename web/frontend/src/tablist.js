/** Make buttons choose among panels (WAI-ARIA): by a click or by arrows; `shown` hears of the panel.
 *
 * Each button names its panel by aria-controls. Returns the function that chooses the tab at a place, from 0.
 */
export function tablist(list, shown) {
  const buttons = [...list.querySelectorAll("[role=tab]")];
  const panels = buttons.map((button) => document.getElementById(button.getAttribute("aria-controls")));
  const choose = (chosen, focus = false) => {
    buttons.forEach((button, n) => {
      const on = n === chosen;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      panels[n].hidden = !on;
    });
    if (focus) buttons[chosen].focus();
    shown(panels[chosen]);
  };
  list.addEventListener("click", (event) => {
    const at = buttons.indexOf(event.target.closest("[role=tab]"));
    if (at >= 0) choose(at);
  });
  list.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choose((to + buttons.length) % buttons.length, true);
  });
  return choose;
}
