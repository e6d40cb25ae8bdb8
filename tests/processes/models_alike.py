"""Whether two BPMN files say the same: elements, attributes, texts and diagrams, however they are written down.

Prefixes, unused namespaces, blanks between elements, the order of attributes and the encoding are how a file is
written. So are the order of what the standard leaves unordered, numbers such as 36 and 36.0, ids of diagram
elements that had none, and attributes that say what holds without them.
"""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OURS = (BPMN, BPMNDI, DC, DI)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_REFERS = frozenset(
    "flowNodeRef incoming outgoing sourceRef targetRef participantRef messageFlowRef dataInputRefs dataOutputRefs".split()
)
_UNORDERED = frozenset("incoming outgoing flowNodeRef".split())
_DEFAULTS = {
    "isExecutable": "false", "isClosed": "false", "processType": "None", "startQuantity": "1", "completionQuantity": "1",
    "isForCompensation": "false", "isInterrupting": "true", "cancelActivity": "true", "parallelMultiple": "false",
    "triggeredByEvent": "false", "isSequential": "false", "behavior": "All", "gatewayDirection": "Unspecified",
    "instantiate": "false", "eventGatewayType": "Exclusive", "associationDirection": "None", "isImmediate": "false",
    "textFormat": "text/plain", "isCollection": "false", "itemKind": "Information", "isUnlimited": "false",
    "implementation": "##unspecified", "method": "##compensate", "waitForCompletion": "true", "testBefore": "false",
    "ordering": "Parallel", "cancelRemainingInstances": "true", "isReference": "false", "minimum": "0", "maximum": "1",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema", "expressionLanguage": "http://www.w3.org/1999/XPath",
}  # fmt: skip
_DI_DEFAULTS = (
    ("isHorizontal", "true"),
    ("isExpanded", "false"),
    ("messageVisibleKind", "initiating"),
    ("isMarkerVisible", "true"),
)
_TOOL = ("exporter", "exporterVersion")


def differences(one: bytes, other: bytes) -> list[str]:
    """Return how two files differ as models; empty where they say the same."""
    before, after = (etree.fromstring(xml, etree.XMLParser(resolve_entities=False)) for xml in (one, other))
    return [*_differing(_content(before), _content(after)), *_differing(_diagrams(before), _diagrams(after))]


def _differing(before: Counter[str], after: Counter[str]) -> Iterator[str]:
    for what in sorted((before - after).elements()):
        yield f"lost: {what}"
    for what in sorted((after - before).elements()):
        yield f"new: {what}"


def _content(root: etree._Element) -> Counter[str]:
    """Return a line for each element outside the diagrams: where it lies, what it is, and all that it says."""
    found: Counter[str] = Counter()
    ahead: list[tuple[etree._Element, str]] = [(root, "")]
    while ahead:
        element, place = ahead.pop()
        if not isinstance(element.tag, str) or etree.QName(element).namespace in (BPMNDI, DC, DI):
            continue
        name = _qualified(element.tag)
        here = f"{place}/{name}" + (f"#{element.get('id')}" if element.get("id") else "")
        said = [f"{k}={v}" for k, v in sorted(_attributes(element, root).items()) if k != "id"]
        found[" ".join([here, *said, *_text(element)])] += 1
        children = [c for c in element if isinstance(c.tag, str)]
        if etree.QName(element).namespace != BPMN or etree.QName(element).localname in (
            "extensionElements",
            "laneSet",
        ):
            order = [_qualified(c.tag) + str(c.get("id") or "") for c in children]
            if len(order) > 1:
                found[f"{here} in order: {order}"] += 1
        ahead += [(child, here) for child in children]
    return found


def _attributes(element: etree._Element, root: etree._Element) -> dict[str, str]:
    foreign = etree.QName(element).namespace not in OURS
    made = {}
    for key, value in element.attrib.items():
        name, value = str(key), str(value)
        if not foreign and (_DEFAULTS.get(name) == value or (element is root and name in _TOOL)):
            continue
        if name == f"{{{XSI}}}type":
            value = _resolved(element, value)
        if not foreign and name.endswith("Ref"):
            value = value.rpartition(":")[2]
        # An empty name says as much as none.
        if not foreign and name == "name" and value == "":
            continue
        made[_qualified(name)] = _folded(value)
    return made


def _resolved(element: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{element.nsmap.get(prefix or None, '')}}}{local}"


def _text(element: etree._Element) -> list[str]:
    text = "".join(element.xpath("text()")) if len(element) == 0 else (element.text or "")
    local = etree.QName(element).localname
    if local in _REFERS and etree.QName(element).namespace == BPMN:
        return [text.strip().rpartition(":")[2]]
    tails = [(child.tail or "").strip() for child in element]
    said = [text if len(element) == 0 and text.strip() else text.strip(), *tails]
    return [repr(_folded(part)) for part in said if part.strip()]


def _folded(text: str) -> str:
    return text.replace("\r\n", "\n")


def _qualified(tag: str) -> str:
    for namespace, prefix in zip(OURS, ("", "bpmndi:", "dc:", "di:"), strict=True):
        if tag.startswith(f"{{{namespace}}}"):
            return prefix + tag[len(namespace) + 2 :]
    return tag


def _diagrams(root: etree._Element) -> Counter[str]:
    """Return a line for each shape and edge with its bounds, waypoints, label and looks, by plane."""
    found: Counter[str] = Counter()
    for number, plane in enumerate(root.iter(f"{{{BPMNDI}}}BPMNPlane")):
        where = f"diagram {number + 1} of {_reference(plane)}"
        found[where] += 1
        for drawn in plane:
            if isinstance(drawn.tag, str):
                found[f"{where}: {_drawn(drawn)}"] += 1
    for style in root.iter(f"{{{BPMNDI}}}BPMNLabelStyle"):
        found[f"label style {style.get('id')}: {[_looks(font) for font in style]}"] += 1
    return found


def _drawn(drawn: etree._Element) -> str:
    parts = [_qualified(str(drawn.tag)), _reference(drawn), _looks(drawn)]
    for part in drawn:
        if not isinstance(part.tag, str):
            continue
        inner = [_qualified(str(e.tag)) + _looks(e) for e in part if isinstance(e.tag, str)]
        parts.append(f"{_qualified(str(part.tag))}{_looks(part)}{inner or ''}")
    return " ".join(parts)


def _reference(element: etree._Element) -> str:
    return str(element.get("bpmnElement") or "").rpartition(":")[2]


def _looks(element: etree._Element) -> str:
    said = {
        _qualified(str(k)): _number(str(v))
        for k, v in element.attrib.items()
        if k not in ("id", "bpmnElement") and (k, v) not in _DI_DEFAULTS
    }
    return str(sorted(said.items())) if said else ""


def _number(text: str) -> str:
    return f"{float(text):g}" if _NUMBER.fullmatch(text) else text
