/** Places what a file says nothing about: in columns by how far from the start, below what is drawn already. */

const SIZES = { event: [36, 36], gateway: [50, 50], task: [100, 80], data: [50, 50], note: [140, 60] };
const GAP = [60, 50];
const HEADER = 30;
const LANE = 30;

/** Add shapes and edges for elements of the definitions that have none. Returns how many were placed. */
export function complete(definitions, moddle) {
  return new Layout(definitions, moddle).run();
}

class Layout {
  constructor(definitions, moddle) {
    this.definitions = definitions;
    this.moddle = moddle;
    this.placed = 0;
  }

  run() {
    const plane = this.#plane();
    if (!plane) return 0;
    this.plane = plane;
    this.drawn = new Map();
    for (const diagram of this.definitions.diagrams) for (const di of diagram.plane.get("planeElement")) if (di.bpmnElement) this.drawn.set(di.bpmnElement, di);
    const elsewhere = new Set(this.definitions.diagrams.slice(1).map((diagram) => diagram.plane?.bpmnElement).filter(Boolean));
    const root = plane.bpmnElement;
    if (root.$type === "bpmn:Collaboration") this.#collaboration(root);
    else this.#container(root, 160, this.#anyDrawn(root) ? this.#bottom() + 80 : 80, elsewhere);
    return this.placed;
  }

  /** The plane of the first diagram; made where the file has none. */
  #plane() {
    const { definitions, moddle } = this;
    if (definitions.diagrams?.length && definitions.diagrams[0].plane?.bpmnElement) return definitions.diagrams[0].plane;
    const roots = definitions.rootElements ?? [];
    const root = roots.find((r) => r.$type === "bpmn:Collaboration") ?? roots.find((r) => r.$type === "bpmn:Process");
    if (!root) return null;
    if (definitions.diagrams?.length) return null; // a diagram of nothing: another one may be chosen
    const plane = moddle.create("bpmndi:BPMNPlane", { id: `BPMNPlane_${root.id}`, bpmnElement: root });
    const diagram = moddle.create("bpmndi:BPMNDiagram", { id: `BPMNDiagram_${root.id}`, plane });
    plane.$parent = diagram;
    diagram.$parent = definitions;
    definitions.get("diagrams").push(diagram);
    return plane;
  }

  #anyDrawn(root) {
    return (root.flowElements ?? []).some((element) => this.drawn.has(element));
  }

  #bottom() {
    const shapes = this.plane.get("planeElement").filter((di) => di.bounds);
    return shapes.length ? Math.max(...shapes.map((di) => di.bounds.y + di.bounds.height)) : 0;
  }

  #collaboration(root) {
    // Pools that are drawn first: what is missing in them goes below the drawing, and further pools below that.
    const pools = [...(root.participants ?? [])].sort((a, b) => Number(this.drawn.has(b)) - Number(this.drawn.has(a)));
    let y = 80;
    for (const participant of pools) {
      y = Math.max(y, this.#bottom() ? this.#bottom() + 60 : 0);
      const process = participant.processRef;
      const known = this.drawn.get(participant);
      if (known) {
        if (process) this.#container(process, known.bounds.x + HEADER + 30, this.#anyDrawn(process) ? this.#bottom() + 60 : known.bounds.y + 30);
        continue;
      }
      const inner = process ? this.#container(process, 160 + HEADER + LANE, y + 30) : { width: 600, height: 0 };
      const width = Math.max(600, inner.width + HEADER + LANE + 80);
      const height = process ? Math.max(160, inner.height + 60) : 60;
      this.#shape(participant, 160, y, width, height, { isHorizontal: true }, true);
      const lanes = (process?.laneSets ?? []).flatMap((set) => set.lanes ?? []);
      lanes.forEach((lane, n) => this.#shape(lane, 160 + HEADER, y + (height / lanes.length) * n, width - HEADER, height / lanes.length, { isHorizontal: true }, true));
    }
    y = this.#bottom() + 60;
    for (const flow of root.messageFlows ?? []) this.#edge(flow);
    this.#artifacts(root, 160, y);
  }

  /** Place the children of a process or sub-process; returns the size they take. */
  #container(parent, left, top, elsewhere = new Set()) {
    const children = (parent.flowElements ?? []).filter((e) => e.$instanceOf("bpmn:FlowNode"));
    const missing = children.filter((e) => !this.drawn.has(e) && e.$type !== "bpmn:BoundaryEvent");
    const columns = ranks(missing, (parent.flowElements ?? []).filter((e) => e.$type === "bpmn:SequenceFlow"));
    let [x, width, height] = [left, 0, 0];
    for (const column of columns) {
      let y = top;
      let widest = 0;
      for (const node of column) {
        const [w, h] = this.#node(node, x, y, elsewhere);
        y += h + GAP[1];
        widest = Math.max(widest, w);
      }
      height = Math.max(height, y - top);
      x += widest + GAP[0];
      width = x - left;
    }
    for (const node of children.filter((e) => e.$type === "bpmn:BoundaryEvent" && !this.drawn.has(e))) this.#boundary(node, children);
    let dataX = left;
    for (const data of (parent.flowElements ?? []).filter((e) => /Data(Object|Store)Reference$/.test(e.$type) && !this.drawn.has(e))) {
      this.#shape(data, dataX, top + height, ...SIZES.data);
      dataX += 110;
    }
    if (dataX > left) height += 100;
    for (const flow of (parent.flowElements ?? []).filter((e) => e.$type === "bpmn:SequenceFlow")) this.#edge(flow);
    height += this.#artifacts(parent, left, top + height);
    return { width: Math.max(width, dataX - left), height };
  }

  #node(node, x, y, elsewhere) {
    if (node.$instanceOf("bpmn:SubProcess") && !elsewhere.has(node)) {
      const place = this.plane.get("planeElement").length;
      const inner = this.#container(node, x + 30, y + 40);
      const [w, h] = [Math.max(140, inner.width + 20), Math.max(100, inner.height + 50)];
      this.#shape(node, x, y, w, h, { isExpanded: true }, place);
      return [w, h];
    }
    const [w, h] = node.$instanceOf("bpmn:Event") ? SIZES.event : node.$instanceOf("bpmn:Gateway") ? SIZES.gateway : SIZES.task;
    this.#shape(node, x, y + (SIZES.task[1] - h) / 2, w, h);
    return [Math.max(w, 80), SIZES.task[1]];
  }

  #boundary(node, siblings) {
    const host = this.drawn.get(node.attachedToRef)?.bounds;
    if (!host) return;
    const before = siblings.filter((e) => e.attachedToRef === node.attachedToRef && this.drawn.has(e)).length;
    this.#shape(node, host.x + 12 + before * 42, host.y + host.height - 18, ...SIZES.event);
  }

  #artifacts(parent, left, top) {
    let x = left;
    for (const artifact of parent.artifacts ?? []) {
      if (this.drawn.has(artifact) || artifact.$type === "bpmn:Association") continue;
      this.#shape(artifact, x, top, ...SIZES.note);
      x += 180;
    }
    for (const artifact of parent.artifacts ?? []) if (artifact.$type === "bpmn:Association") this.#edge(artifact);
    return x > left ? 100 : 0;
  }

  #shape(element, x, y, width, height, more = {}, at = null) {
    if (this.drawn.has(element)) return;
    const bounds = this.moddle.create("dc:Bounds", { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) });
    const shape = this.moddle.create("bpmndi:BPMNShape", { id: this.#id(element), bpmnElement: element, bounds, ...more });
    bounds.$parent = shape;
    this.#keep(shape, at);
  }

  #edge(flow) {
    const [from, to] = [this.#one(flow.sourceRef), this.#one(flow.targetRef)].map((end) => this.drawn.get(end));
    if (this.drawn.has(flow) || !from || !to) return;
    const waypoint = [...line(from, to)].map(([x, y]) => this.moddle.create("dc:Point", { x: Math.round(x), y: Math.round(y) }));
    const edge = this.moddle.create("bpmndi:BPMNEdge", { id: this.#id(flow), bpmnElement: flow, waypoint });
    for (const point of waypoint) point.$parent = edge;
    this.#keep(edge, null);
  }

  #one(reference) {
    return Array.isArray(reference) ? reference[0] : reference;
  }

  #id(element) {
    return `${element.id}_di${this.placed + 1}`;
  }

  // A container stands before its content, or it would lie over it.
  #keep(di, at) {
    di.$parent = this.plane;
    const all = this.plane.get("planeElement");
    if (at === null) all.push(di);
    else all.splice(at === true ? 0 : at, 0, di);
    this.drawn.set(di.bpmnElement, di);
    this.placed += 1;
  }
}

/** Columns of nodes by the longest way from a node that nothing leads to; a way back is not counted. */
function ranks(nodes, flows) {
  const among = new Set(nodes);
  // By the flows: that nodes name theirs again is optional.
  const next = new Map(nodes.map((node) => [node, []]));
  const entered = new Set();
  for (const { sourceRef, targetRef } of flows) {
    if (!among.has(sourceRef) || !among.has(targetRef)) continue;
    next.get(sourceRef).push(targetRef);
    entered.add(targetRef);
  }
  const rank = new Map();
  const visit = (node, at, way) => {
    if (way.has(node) || (rank.get(node) ?? -1) >= at || way.size > 500) return;
    rank.set(node, at);
    way.add(node);
    for (const target of next.get(node)) visit(target, at + 1, way);
    way.delete(node);
  };
  const roots = nodes.filter((node) => !entered.has(node));
  for (const node of roots) visit(node, 0, new Set());
  for (const node of nodes) if (!rank.has(node)) visit(node, 0, new Set());
  const columns = [];
  for (const node of nodes) (columns[rank.get(node)] ??= []).push(node);
  return columns.filter(Boolean);
}

function* line(from, to) {
  const a = middle(from);
  const b = middle(to);
  if (from.bounds && to.bounds && b.x > a.x) {
    yield [from.bounds.x + from.bounds.width, a.y];
    if (Math.abs(a.y - b.y) > 2) {
      const half = (from.bounds.x + from.bounds.width + to.bounds.x) / 2;
      yield [half, a.y];
      yield [half, b.y];
    }
    yield [to.bounds.x, b.y];
  } else {
    yield [a.x, a.y];
    yield [b.x, b.y];
  }
}

function middle(di) {
  if (di.bounds) return { x: di.bounds.x + di.bounds.width / 2, y: di.bounds.y + di.bounds.height / 2 };
  return di.waypoint[Math.floor(di.waypoint.length / 2)];
}
