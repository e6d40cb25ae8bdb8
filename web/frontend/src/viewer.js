import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";

/** Draw the model whose address a container carries as data-source; resolves to the viewer, and throws where it cannot. */
export async function drawn(container) {
  // Texts are measured outside the diagram: "inherit" would measure one font and draw another.
  const { fontFamily } = getComputedStyle(container);
  const viewer = new NavigatedViewer({
    container,
    textRenderer: { defaultStyle: { fontFamily }, externalStyle: { fontFamily } },
  });
  const response = await fetch(container.dataset.source);
  if (!response.ok) throw new Error(`${response.status}`);
  await viewer.importXML(await response.text());
  return viewer;
}
