import "./conformance.css";
import { centre, diagramTools, model, view } from "../viewer.js";

const container = document.querySelector("[data-conformance]");

if (container) {
  draw(container).catch(() => {
    container.textContent = container.dataset.failed;
  });
}

async function draw(place) {
  const shown = JSON.parse(document.querySelector("[data-marks]").textContent);
  const viewer = await view(place, await model(place.dataset.model));
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const mark = (ids, marker) => {
    for (const id of ids) if (registry.get(id)) canvas.addMarker(id, marker);
  };
  mark(shown.flows, "is-taken");
  mark(shown.passed, "is-passed");
  mark(shown.tokens, "has-token");
  mark(shown.marks.flatMap(({ elements }) => elements), "is-deviating");
  mark(shown.missing, "is-missing");
  mark(shown.left, "is-left");
  badges(viewer.get("overlays"), registry, shown.marks);
  const first = shown.marks.flatMap(({ elements }) => elements).find((id) => registry.get(id));
  if (first) centre(canvas, registry.get(first), 0.8);
  else canvas.zoom("fit-viewport");
  const whole = () => {
    canvas.resized();
    canvas.zoom("fit-viewport");
  };
  window.matchMedia("print").addEventListener("change", ({ matches }) => matches && whole());
  diagramTools(place.parentElement.previousElementSibling, () => canvas);
  pointing(canvas, registry, shown.marks);
}

/** Put the numbers of the deviations beside their elements. */
function badges(overlays, registry, marks) {
  const numbers = new Map();
  for (const { number, elements } of marks) {
    for (const id of elements) if (registry.get(id)) numbers.set(id, [...(numbers.get(id) ?? []), number]);
  }
  for (const [id, found] of numbers) {
    const html = document.createElement("span");
    html.className = "deviation-badge";
    html.textContent = found.length > 3 ? `${found.slice(0, 2).join(" ")} …` : found.join(" ");
    overlays.add(id, { position: { top: -14, right: 12 }, html });
  }
}

/** Let each entry of the list show where in the diagram it is. */
function pointing(canvas, registry, marks) {
  let pointed = [];
  for (const button of document.querySelectorAll("[data-show]")) {
    const { elements } = marks.find(({ number }) => number === Number(button.dataset.show));
    const drawn = elements.filter((id) => registry.get(id));
    if (!drawn.length) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const id of pointed) canvas.removeMarker(id, "is-pointed");
      pointed = drawn;
      for (const id of drawn) canvas.addMarker(id, "is-pointed");
      centre(canvas, registry.get(drawn[0]), 0.9);
      document.querySelector(".deviations .is-shown")?.classList.remove("is-shown");
      button.closest("li").classList.add("is-shown");
    });
  }
}
