import { diagramTools, model, view } from "../viewer.js";
import "./statistics.css";
import "./heat.css";

const SVG = "http://www.w3.org/2000/svg";
const LONG_ENOUGH = 90; // a flow on which a number covers no other
const SMALL = 60; // an event or a gateway
const EDGE = 6; // for lines and numbers at the edge of the drawing
const SIGN = 60; // height that the mark of the viewer takes below the drawing on paper

const heat = document.querySelector("[data-heat]");
if (heat) show(heat).catch(() => (heat.textContent = heat.dataset.failed));

async function show(root) {
  const container = root.querySelector(".heat-diagram");
  const { elements, flows } = JSON.parse(root.querySelector("[data-marks]").textContent);
  root.hidden = false;
  const viewer = await view(container, await model(root.dataset.model));
  const canvas = viewer.get("canvas");
  const marks = { ...elements, ...flows };
  const layer = canvas.getLayer("heat", 10);
  for (const shape of viewer.get("elementRegistry").filter(drawn)) paint(viewer, layer, shape, marks[shape.id]);
  viewer.on("element.click", ({ element }) => {
    const mark = marks[(element.labelTarget || element).id];
    if (mark) window.location.assign(mark.href);
  });
  canvas.zoom("fit-viewport");
  printable(canvas, container);
  diagramTools(root.querySelector(".diagram-tools"), () => canvas);
  root.dataset.ready = "";
}

const drawn = ({ labelTarget, businessObject: of }) => !labelTarget && of && (of.$instanceOf("bpmn:FlowNode") || of.$type === "bpmn:SequenceFlow");

function paint(viewer, layer, shape, mark) {
  const flow = Boolean(shape.waypoints);
  // A frame around others is not filled: what stands in it has shades of its own.
  const frame = shape.children?.some((one) => !one.labelTarget);
  const kind = flow ? "line" : frame ? "frame" : "fill";
  viewer.get("canvas").addMarker(shape, `heat-${kind}-${mark ? mark.step : "none"}`);
  if (!mark) return;
  viewer.get("canvas").addMarker(shape, "heat-link");
  viewer.get("elementRegistry").getGraphics(shape).prepend(make("title", {}, mark.title));
  const place = flow ? along(shape) : { x: shape.x + shape.width - (shape.width > SMALL ? 10 : 0), y: shape.y - (shape.width > SMALL ? 0 : 6) };
  if (mark.text && place) layer.append(badge(mark, place, flow));
}

/** A number in the drawing itself, so that it grows, shrinks and prints with it; a link to the cases behind it. */
function badge(mark, { x, y }, flow) {
  const width = Math.max(30, mark.text.length * 13 + 14);
  const link = make("a", { href: mark.href, class: flow ? "heat-badge of-flow" : "heat-badge" });
  // In the table below a flow can be reached by keyboard; in the drawing they would be a hundred stops.
  if (flow) link.setAttribute("tabindex", "-1");
  link.append(
    make("title", {}, mark.title),
    make("rect", { x: x - width / 2, y: y - 15, width, height: 30, rx: flow ? 3 : 15 }),
    make("text", { x, y: y + 8, "text-anchor": "middle" }, mark.text),
  );
  return link;
}

/** The middle of the longest stretch of a flow; nothing of a short one. */
function along({ waypoints }) {
  const stretches = waypoints.slice(1).map((to, at) => [waypoints[at], to]);
  const length = ([a, b]) => Math.hypot(b.x - a.x, b.y - a.y);
  const [a, b] = stretches.reduce((one, other) => (length(other) > length(one) ? other : one));
  return length([a, b]) < LONG_ENOUGH ? null : { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Let the whole drawing fill the paper, which has another width than the screen. */
function printable(canvas, container) {
  const drawing = container.querySelector("svg");
  window.addEventListener("beforeprint", () => {
    canvas.zoom("fit-viewport");
    const { x, y, scale, inner } = canvas.viewbox();
    const [width, height] = [inner.width * scale + 2 * EDGE, inner.height * scale + 2 * EDGE + SIGN];
    drawing.setAttribute("viewBox", [(inner.x - x) * scale - EDGE, (inner.y - y) * scale - EDGE, width, height].join(" "));
    container.style.aspectRatio = `${width} / ${height}`;
  });
  window.addEventListener("afterprint", () => {
    drawing.removeAttribute("viewBox");
    container.style.aspectRatio = "";
  });
}

function make(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
