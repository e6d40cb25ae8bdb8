import { drawn } from "./viewer.js";

/** Draw a model with its tokens; a sentence stands in its place if that fails. */
export function diagram(container) {
  draw(container).catch(() => {
    container.textContent = container.dataset.failed;
  });
}

async function draw(container) {
  const viewer = await drawn(container);
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const mark = (ids, marker) => {
    for (const id of ids.split(" ").filter(Boolean)) if (registry.get(id)) canvas.addMarker(id, marker);
  };
  mark(container.dataset.passed, "is-passed");
  mark(container.dataset.tokens, "has-token");
  mark(container.dataset.incidents, "has-incident");
  const present = `${container.dataset.incidents} ${container.dataset.tokens}`.split(" ").filter((id) => registry.get(id));
  const whole = () => canvas.zoom("fit-viewport");
  const here = () => {
    if (!present.length) return whole();
    const { x, y, width, height } = registry.get(present[0]);
    canvas.zoom(0.9);
    const view = canvas.viewbox();
    canvas.viewbox({ ...view, x: x + width / 2 - view.width / 2, y: y + height / 2 - view.height / 2 });
  };
  here();
  const tools = container.parentElement.previousElementSibling;
  for (const [name, act] of Object.entries({
    whole,
    here,
    closer: () => canvas.zoom(canvas.zoom() * 1.25),
    farther: () => canvas.zoom(canvas.zoom() / 1.25),
  })) {
    tools.querySelector(`[data-diagram=${name}]`)?.addEventListener("click", act);
  }
  tools.hidden = false;
}
