"""A drawing of tasks, choices, forks and joins, and how it is written as BPMN."""

from dataclasses import dataclass, field

from lxml import etree

from engine.elements import BPMN
from engine.model import Process


@dataclass
class Drawn:
    """The vertices and flows of the new drawing; `lost` says what could not be drawn."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    flows: dict[tuple[str, str], None] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def add(self, vertex: str, kind: str, name: str = "") -> str:
        """Draw a vertex once."""
        self.kinds.setdefault(vertex, kind)
        if name:
            self.names[vertex] = name
        return vertex

    def flow(self, source: str, target: str) -> None:
        """Draw a flow once; one that leads nowhere else is none."""
        if source != target:
            self.flows[source, target] = None

    def tidy(self) -> None:
        """Take away what cannot be reached, and choices that are none."""
        while self._drop_unreached() or self._splice():
            pass

    def _drop_unreached(self) -> bool:
        out: dict[str, list[str]] = {}
        for source, target in self.flows:
            out.setdefault(source, []).append(target)
        seen, todo = {"Start"}, ["Start"]
        while todo:
            for target in out.get(todo.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        unreached = [vertex for vertex in self.kinds if vertex not in seen]
        for vertex in unreached:
            del self.kinds[vertex]
        self.flows = {f: None for f in self.flows if f[0] in seen and f[1] in seen}
        return bool(unreached)

    def _splice(self) -> bool:
        into: dict[str, list[str]] = {}
        out: dict[str, list[str]] = {}
        for source, target in self.flows:
            out.setdefault(source, []).append(target)
            into.setdefault(target, []).append(source)
        for vertex, kind in self.kinds.items():
            before, after = into.get(vertex, []), out.get(vertex, [])
            if kind in ("xor", "and") and len(before) == 1 and len(after) == 1:
                del self.kinds[vertex]
                del self.flows[before[0], vertex], self.flows[vertex, after[0]]
                self.flow(before[0], after[0])
                return True
            joined = before[0] if len(before) == 1 else ""
            if kind == "xor" and self.kinds.get(joined) == "xor" and joined != vertex:
                del self.kinds[vertex]
                del self.flows[joined, vertex]
                for target in after:
                    del self.flows[vertex, target]
                    self.flow(joined, target)
                return True
        return False


_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "task": "task",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
}


def written(process: Process, new: Drawn) -> bytes:
    """Return the file of a process that was drawn anew."""
    ids = {vertex: vertex if vertex in process.nodes else f"_{vertex}" for vertex in new.kinds}
    root = etree.Element(
        f"{{{BPMN}}}definitions", {"targetNamespace": "urn:shixian:mining:1"}, nsmap={None: BPMN}
    )
    body = etree.SubElement(
        root, f"{{{BPMN}}}process", id=process.id, name=process.name, isExecutable="false"
    )
    for lost in new.lost:
        etree.SubElement(body, f"{{{BPMN}}}documentation").text = lost
    flows = {flow: f"_Flow_{number}" for number, flow in enumerate(new.flows, 1)}
    for vertex, kind in new.kinds.items():
        element = etree.SubElement(body, f"{{{BPMN}}}{_TAGS[kind]}", id=ids[vertex])
        if vertex in new.names:
            element.set("name", new.names[vertex])
        for (source, target), flow in flows.items():
            if target == vertex:
                etree.SubElement(element, f"{{{BPMN}}}incoming").text = flow
            if source == vertex:
                etree.SubElement(element, f"{{{BPMN}}}outgoing").text = flow
    for (source, target), flow in flows.items():
        ends = {"sourceRef": ids[source], "targetRef": ids[target]}
        etree.SubElement(body, f"{{{BPMN}}}sequenceFlow", ends, id=flow)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
