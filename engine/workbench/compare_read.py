"""A BPMN file as a comparison sees it: what is drawn, and everything written at it, without understanding it.

It reads drafts that do not compile and files of other editors, so it asks nothing of a model but XML.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import lanes_by_node, parse_xml
from engine.elements import BPMN, DI, SCOPES, XSI, local
from engine.errors import InvalidDefinition, Message

_ROOTS = ("message", "signal", "error", "escalation", "participant", "messageFlow", "dataStore")
_DRAWN = ("lane", "textAnnotation", "group", "association", "participant", "messageFlow")
_FLOWS = ("sequenceFlow", "messageFlow", "association")
_ASIDE = ("incoming", "outgoing", "flowNodeRef", "laneSet", "childLaneSet", "extensionElements")
# What tells repeated children of one element apart, first come first served.
_KEYS = ("key", "variable", "name", "template", "of")

# What BPMN takes for said where nothing is written: editors leave such attributes out when they save.
_TAKEN_FOR_SAID = {
    "cancelActivity": "true",
    "isInterrupting": "true",
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "isSequential": "false",
    "behavior": "All",
    "testBefore": "false",
    "instantiate": "false",
    "parallelMultiple": "false",
    "cancelRemainingInstances": "true",
    "waitForCompletion": "true",
    "isCollection": "false",
    "gatewayDirection": "Unspecified",
    "eventGatewayType": "Exclusive",
    "textFormat": "text/plain",
    "ordering": "Parallel",
}


@dataclass(frozen=True)
class Thing:
    """Anything with an id: a node, a flow, a lane, a pool, a message.

    Attributes:
        family: node, flow, lane, pool, root (a message, signal, error) or note.
        kind: Its tag, for events and event sub-processes with what they wait for: boundaryEvent/timer.
        scope: The sub-process it lies in, empty in the process itself.
        lane: The innermost lane it lies in, empty without.
        aspects: Everything else that is written at it, by path: `shixian:period/@setting`.
    """

    id: str
    family: str
    kind: str
    name: str
    scope: str
    lane: str
    aspects: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """Everything that one BPMN file says."""

    things: dict[str, Thing] = field(default_factory=dict)
    process: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    fault: Message | None = None


def read_written(xml: bytes | None) -> Written:
    """Return what a file says; nothing but its fault where it is no XML, never an error."""
    if xml is None:
        return Written()
    try:
        root = parse_xml(xml)
    except InvalidDefinition as wrong:
        return Written(fault=wrong.findings[0])
    found = Written()
    lanes = {node: lane.get("id", "") for node, lane in lanes_by_node(root).items()}
    for process in root.findall(f"{{{BPMN}}}process"):
        _read_process(process, found)
        for thing in _things(process, "", lanes):
            found.things.setdefault(thing.id, thing)
    for element in root.iter():
        if local(element) in _ROOTS and (thing := _thing(element, "", lanes)).id not in found.things:
            found.things[thing.id] = thing
    _read_shapes(root, found.shapes)
    return found


def name_of(element: etree._Element) -> str:
    """Return a tag or attribute name: `userTask`, `shixian:form`, and in full what is neither."""
    return _short(str(element.tag))


def _read_process(process: etree._Element, found: Written) -> None:
    for element in process.findall(f"{{{BPMN}}}extensionElements/*"):
        for name, key, into in (("setting", "key", found.settings), ("variable", "name", found.variables)):
            if element.tag == f"{{{SHIXIAN}}}{name}":
                # The engine takes the last of a double key: another one here would hide what it counts by.
                into[element.get(key, "")] = {_short(a): v for a, v in element.attrib.items()}
    own = {
        path: value
        for path, value in _aspects(process).items()
        if not path.startswith(("shixian:setting", "shixian:variable"))
    }
    for path, value in own.items():
        found.process.setdefault(path, value)
    found.process.setdefault("@id", process.get("id", ""))


def _things(parent: etree._Element, scope: str, lanes: Mapping[str, str]) -> Iterator[Thing]:
    for element in parent:
        tag = local(element)
        if tag in ("laneSet", "childLaneSet"):
            for lane in element.iter(f"{{{BPMN}}}lane"):
                yield _thing(lane, scope, lanes)
        elif _is_flow_element(element):
            yield _thing(element, scope, lanes)
        if tag in SCOPES:
            inner = {
                child.get("id", ""): lanes[element.get("id", "")]
                for child in element
                if element.get("id", "") in lanes and isinstance(child.tag, str)
            }
            yield from _things(element, element.get("id", ""), inner | dict(lanes))


def _is_flow_element(element: etree._Element) -> bool:
    tag = local(element)
    return bool(
        tag in _DRAWN
        or tag == "sequenceFlow"
        or tag.startswith("data")
        or tag in SCOPES
        or tag.endswith(("Event", "Task", "Gateway", "Activity"))
        or tag in ("task", "subChoreography")
    )


def _thing(element: etree._Element, scope: str, lanes: Mapping[str, str]) -> Thing:
    identity = element.get("id") or element.getroottree().getpath(element)
    tag = local(element)
    family = (
        "flow"
        if tag in _FLOWS
        else "lane"
        if tag == "lane"
        else "pool"
        if tag == "participant"
        else "note"
        if tag in ("textAnnotation", "group") or tag.startswith("data")
        else "root"
        if tag in _ROOTS
        else "node"
    )
    aspects = _aspects(element)
    name = (aspects.pop("@name", "") or aspects.pop("text/#", "")).replace("\n", "")
    return Thing(identity, family, _kind(element), name, scope, lanes.get(identity, ""), aspects)


def _kind(element: etree._Element) -> str:
    tag = local(element)
    if tag == "subProcess" and element.get("triggeredByEvent") == "true":
        return "eventSubProcess"
    for child in element:
        if local(child).endswith("EventDefinition"):
            return f"{tag}/{local(child).removesuffix('EventDefinition')}"
    return tag


def _aspects(element: etree._Element, prefix: str = "") -> dict[str, str]:
    found = {
        f"{prefix}@{_short(name)}": value.strip()
        for name, value in element.attrib.items()
        if name != "id" and not name.startswith(f"{{{XSI}}}") and name != "triggeredByEvent"
        if _TAKEN_FOR_SAID.get(name) != value.strip()
    }
    if text := (element.text or "").strip():
        found[f"{prefix}#"] = text
    seen: dict[str, int] = {}
    for child in _written(element):
        name = name_of(child)
        keys = [str(child.get(key)) for key in _KEYS if child.get(key)]
        path = f"{prefix}{name}[{keys[0]}]" if keys and prefix == "" and ":" in name else f"{prefix}{name}"
        seen[path] = number = seen.get(path, 0) + 1
        path = path if number == 1 else f"{path}({number})"
        found |= _aspects(child, f"{path}/") or {f"{path}/": ""}
    return found


def _written(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the children that say something about the element itself."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag == f"{{{BPMN}}}extensionElements":
            yield from (inner for inner in child if isinstance(inner.tag, str))
        elif not (local(child) in _ASIDE or _is_flow_element(child)):
            yield child


def _read_shapes(root: etree._Element, shapes: dict[str, str]) -> None:
    for drawn in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        said = [f"{a}={v}" for a, v in sorted(drawn.attrib.items()) if a not in ("id", "bpmnElement")]
        for inner in drawn.iter():
            if inner is not drawn and isinstance(inner.tag, str):
                numbers = [(_short(a), _number(v)) for a, v in sorted(inner.attrib.items()) if a != "id"]
                said.append(f"{etree.QName(inner).localname}:{numbers}")
        shapes.setdefault((drawn.get("bpmnElement") or "").rpartition(":")[2], " ".join(said))


def _number(text: str) -> str:
    try:
        return f"{float(text):.1f}"
    except ValueError:
        return text


def _short(name: str) -> str:
    return name.replace(f"{{{BPMN}}}", "").replace(f"{{{SHIXIAN}}}", "shixian:")
