import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";

/** Draw a model in a container and return its viewer. */
export async function view(container, xml) {
  // Texts are measured outside the diagram: "inherit" would measure one font and draw another.
  const { fontFamily } = getComputedStyle(container);
  const viewer = new NavigatedViewer({
    container,
    textRenderer: { defaultStyle: { fontFamily }, externalStyle: { fontFamily } },
  });
  await viewer.importXML(xml);
  return viewer;
}

export async function model(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}

/** Show an element in the middle, at a scale, or at the present one. */
export function centre(canvas, { x, y, width, height }, scale) {
  if (scale) canvas.zoom(scale);
  const view = canvas.viewbox();
  canvas.viewbox({ ...view, x: x + width / 2 - view.width / 2, y: y + height / 2 - view.height / 2 });
}

/** Let the buttons beside a diagram work: the usual ones act on the canvas that `canvas` returns. */
export function diagramTools(tools, canvas, others = {}) {
  const acts = {
    whole: () => canvas()?.zoom("fit-viewport"),
    closer: () => canvas()?.zoom(canvas().zoom() * 1.25),
    farther: () => canvas()?.zoom(canvas().zoom() / 1.25),
    ...others,
  };
  for (const [name, act] of Object.entries(acts)) tools.querySelector(`[data-diagram=${name}]`)?.addEventListener("click", act);
  tools.hidden = false;
}
