"""A BPMN file as it is drawn: every process, element and flow, whether or not it can be executed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.elements import BPMN, DC, DI, SCOPES, event_kind, id_of, local

ACTIVITIES = ("callActivity", *SCOPES)
ENDLESS = 500
"""A file may nest as deep as `engine.bpmn.xml.MAX_DEPTH` allows before it is refused; nothing here goes deeper."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A sequence flow; `source` and `target` are ids that may name nothing."""

    id: str
    source: str
    target: str
    name: str
    conditional: bool
    holder: "Drawn"


@dataclass(frozen=True, eq=False)
class Drawn:
    """An element of a flow, or the process or sub-process that holds them.

    Attributes:
        inside: The elements that a process or sub-process holds, without its flows.
    """

    id: str
    kind: str
    name: str
    xml: etree._Element
    holder: "Drawn | None"
    inside: list["Drawn"] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)

    @property
    def is_activity(self) -> bool:
        """A task, a call, or a sub-process of any kind."""
        return self.kind.lower().endswith("task") or self.kind in ACTIVITIES

    @property
    def is_gateway(self) -> bool:
        """A gateway of any kind."""
        return self.kind.endswith("Gateway")

    @property
    def is_scope(self) -> bool:
        """A sub-process of any kind."""
        return self.kind in SCOPES

    @property
    def event_scope(self) -> bool:
        """An event sub-process."""
        triggered: bool = self.xml.get("triggeredByEvent") == "true"
        return triggered and self.kind == "subProcess"

    @property
    def event(self) -> str | None:
        """The kind of an event's definition, `multiple`, or None."""
        kind: str | None = event_kind(self.xml)
        return kind

    @property
    def link(self) -> str:
        """The name of the link that it throws or catches."""
        definition = self.xml.find(f"{{{BPMN}}}linkEventDefinition")
        return str(definition.get("name") or "") if definition is not None else ""

    @property
    def for_compensation(self) -> bool:
        """Whether only compensation comes here."""
        compensates: bool = self.xml.get("isForCompensation") == "true"
        return compensates

    @property
    def default(self) -> str | None:
        """The flow taken where no condition holds."""
        flow = self.xml.get("default")
        return None if flow is None else str(flow)

    def everything(self) -> Iterator["Drawn"]:
        """Yield what it holds, and what that holds."""
        ahead = list(reversed(self.inside))
        while ahead:
            one = ahead.pop()
            yield one
            ahead.extend(reversed(one.inside))


@dataclass(frozen=True, eq=False)
class Drawing:
    """A file: its processes with all that is in them, its flows, and where each element is drawn.

    Attributes:
        boxes: x, y, width and height of each shape that has them, by the id of its element.
        drawn: The ids that the diagrams name, of shapes and of edges.
    """

    root: etree._Element
    processes: list[Drawn]
    flows: list[Flow]
    boxes: dict[str, tuple[float, float, float, float]]
    drawn: set[str]
    collapsed: set[str]

    def nodes(self) -> Iterator[Drawn]:
        """Yield every flow node of every process."""
        for process in self.processes:
            yield from process.everything()

    def holders(self) -> Iterator[Drawn]:
        """Yield every process and sub-process."""
        for process in self.processes:
            yield process
            yield from (one for one in process.everything() if one.is_scope)


def read_drawing(root: etree._Element) -> Drawing:
    """Return the drawing of a parsed file."""
    flows: list[Flow] = []
    processes = [_holder(e, None, flows) for e in root.findall(f"{{{BPMN}}}process")]
    known = {one.id: one for process in processes for one in process.everything()}
    for flow in flows:
        if flow.source in known:
            known[flow.source].outgoing.append(flow)
        if flow.target in known:
            known[flow.target].incoming.append(flow)
    boxes, drawn, collapsed = _diagram(root)
    return Drawing(root, processes, flows, boxes, drawn, collapsed)


def _holder(element: etree._Element, holder: Drawn | None, flows: list[Flow], depth: int = 0) -> Drawn:
    made = Drawn(id_of(element), local(element), _name(element), element, holder)
    for child in element:
        kind = local(child)
        if kind == "sequenceFlow":
            condition = child.find(f"{{{BPMN}}}conditionExpression") is not None
            source, target = str(child.get("sourceRef") or ""), str(child.get("targetRef") or "")
            flows.append(Flow(id_of(child), source, target, _name(child), condition, made))
        elif kind in SCOPES and depth < ENDLESS:
            made.inside.append(_holder(child, made, flows, depth + 1))
        elif kind.lower().endswith("task") or kind.endswith(("Event", "Gateway")) or kind == "callActivity":
            made.inside.append(Drawn(id_of(child), kind, _name(child), child, made))
    return made


def _name(element: etree._Element) -> str:
    return str(element.get("name") or "").strip()


def _diagram(
    root: etree._Element,
) -> tuple[dict[str, tuple[float, float, float, float]], set[str], set[str]]:
    boxes, drawn, collapsed = {}, set(), set()
    for shape in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        name = str(shape.get("bpmnElement") or "").rpartition(":")[2]
        drawn.add(name)
        if shape.get("isExpanded") != "true":
            collapsed.add(name)
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is None:
            continue
        try:
            x, y, width, height = (float(bounds.get(key, "")) for key in ("x", "y", "width", "height"))
        except ValueError:
            continue
        boxes[name] = (x, y, width, height)
    return boxes, drawn, collapsed
