import { centre, diagramTools, model, view } from "./viewer.js";

/** Draw a model with its tokens; a sentence stands in its place if that fails. */
export function diagram(container) {
  draw(container).catch(() => {
    container.textContent = container.dataset.failed;
  });
}

async function draw(container) {
  const viewer = await view(container, await model(container.dataset.source));
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const mark = (ids, marker) => {
    for (const id of ids.split(" ").filter(Boolean)) if (registry.get(id)) canvas.addMarker(id, marker);
  };
  mark(container.dataset.passed, "is-passed");
  mark(container.dataset.tokens, "has-token");
  mark(container.dataset.incidents, "has-incident");
  const present = `${container.dataset.incidents} ${container.dataset.tokens}`.split(" ").filter((id) => registry.get(id));
  const here = () => (present.length ? centre(canvas, registry.get(present[0]), 0.9) : canvas.zoom("fit-viewport"));
  here();
  diagramTools(container.parentElement.previousElementSibling, () => canvas, { here });
}
