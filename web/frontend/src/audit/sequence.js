import { model, view } from "../viewer.js";
import "./replay.css";
import "./sequence.css";

const print = document.querySelector("[data-print]");
print.hidden = false;
print.addEventListener("click", () => window.print());
const canvases = [];
for (const place of document.querySelectorAll("[data-sequence-diagram]")) {
  draw(place).catch(() => {
    place.textContent = place.dataset.failed;
  });
}
window.addEventListener("beforeprint", whole);
window.matchMedia("print").addEventListener("change", whole);

function whole() {
  for (const canvas of canvases) {
    canvas.resized();
    canvas.zoom("fit-viewport");
  }
}

async function draw(place) {
  const viewer = await view(place, await model(place.dataset.model));
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const marks = { passed: "is-passed", flows: "is-taken", tokens: "has-token" };
  for (const [name, mark] of Object.entries(marks)) {
    for (const id of place.dataset[name].split(" ").filter(Boolean)) if (registry.get(id)) canvas.addMarker(id, mark);
  }
  canvas.zoom("fit-viewport");
  canvases.push(canvas);
}
