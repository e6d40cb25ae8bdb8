"""A BPMN diagram as an SVG picture, from its own interchange: for paper and for files that are opened anywhere.

Every word of the model goes in as text, never as markup; what cannot be placed is left out, nothing raises but
broken XML.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from engine.bpmn.svg_shapes import Box, Canvas, Point, draw_shape, number
from engine.bpmn.svg_text import wrapped
from engine.bpmn.xml import parse_xml
from engine.elements import local

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_LABEL = f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds"
_MARGIN = 20.0
_CONTAINERS = ("participant", "lane", "group")
_LIMIT = 1e6  # of a coordinate: beyond it nothing is a drawing


@dataclass(frozen=True)
class Marks:
    """What a case did on the diagram, by element id.

    Attributes:
        visits: How often a token has left each element.
        tokens: Where tokens stand.
        flows: How often each sequence flow was taken.
    """

    visits: Mapping[str, int] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    flows: Mapping[str, int] = field(default_factory=dict)


NO_MARKS = Marks()


def draw(xml: bytes, marks: Marks = NO_MARKS, title: str = "") -> str:
    """Return the picture; several diagrams of a file stand one below the other.

    Args:
        title: Read out instead of the picture, and shown where it cannot be.

    Raises:
        InvalidDefinition: no XML, or too much of it.
    """
    root = parse_xml(xml)
    elements = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id")}
    canvas = Canvas(title)
    top = 0.0
    for plane in root.iter(f"{{{DI}}}BPMNPlane"):
        extent = _extent(plane)
        if extent is None:
            continue
        canvas.shift(_MARGIN - extent.x, top + _MARGIN - extent.y)
        _plane(canvas, plane, elements, marks)
        top += extent.height + 2 * _MARGIN
        canvas.grow(extent.width + 2 * _MARGIN, top)
    return canvas.text()


def _plane(
    canvas: Canvas, plane: etree._Element, elements: Mapping[str, etree._Element], marks: Marks
) -> None:
    shapes = [s for s in plane.iterchildren(f"{{{DI}}}BPMNShape") if _box(s) is not None]
    # What holds others lies below them, whatever the order in the file.
    shapes.sort(key=lambda s: _depth(s, elements))
    holding = [s for s in shapes if _holds(s, elements)]
    for shape in holding:
        _shape(canvas, shape, elements, marks)
    for edge in plane.iterchildren(f"{{{DI}}}BPMNEdge"):
        _edge(canvas, edge, elements, marks)
    for shape in shapes:
        if shape not in holding:
            _shape(canvas, shape, elements, marks)


def _depth(shape: etree._Element, elements: Mapping[str, etree._Element]) -> tuple[int, float]:
    element = _element(shape, elements)
    box = _box(shape)
    area = box.width * box.height if box else 0.0
    boundary = element is not None and local(element) == "boundaryEvent"
    return (2 if boundary else 0 if _holds(shape, elements) else 1, -area)


def _holds(shape: etree._Element, elements: Mapping[str, etree._Element]) -> bool:
    element = _element(shape, elements)
    kind = local(element) if element is not None else ""
    return kind in _CONTAINERS or shape.get("isExpanded") == "true"


def _element(drawn: etree._Element, elements: Mapping[str, etree._Element]) -> etree._Element | None:
    name = str(drawn.get("bpmnElement") or "")
    found = elements.get(name)
    return found if found is not None else elements.get(name.rpartition(":")[2])


def _shape(
    canvas: Canvas, shape: etree._Element, elements: Mapping[str, etree._Element], marks: Marks
) -> None:
    element, box = _element(shape, elements), _box(shape)
    assert box is not None
    name = str(shape.get("bpmnElement") or "")
    visits, token = marks.visits.get(name, 0), name in marks.tokens
    group = canvas.group(name, "token" if token else "passed" if visits else "")
    label = _label_box(shape)
    draw_shape(canvas, group, shape, element, box, label, _called(element, elements), visits, token)
    if visits > 1:
        canvas.badge(group, Point(box.x + box.width, box.y), f"{visits}")


def _edge(canvas: Canvas, edge: etree._Element, elements: Mapping[str, etree._Element], marks: Marks) -> None:
    points = [p for p in map(_point, edge.iterchildren(_WAYPOINT)) if p is not None]
    if len(points) < 2:
        return
    element = _element(edge, elements)
    name = str(edge.get("bpmnElement") or "")
    taken = marks.flows.get(name, 0)
    group = canvas.group(name, "passed" if taken else "")
    canvas.line(group, local(element) if element is not None else "sequenceFlow", points, bool(taken))
    source = elements.get(str(element.get("sourceRef") or "")) if element is not None else None
    if source is not None and element is not None:
        if source.get("default") == element.get("id"):
            canvas.default_mark(group, points)
        elif _is_conditional(element) and not local(source).endswith("Gateway"):
            canvas.condition_mark(group, points)
    called = _called(element, elements)
    if called:
        label = _label_box(edge) or _beside(points, called)
        canvas.label(group, called, label)
    if taken > 1:
        canvas.badge(group, _middle(points), f"{taken}")


def _is_conditional(element: etree._Element) -> bool:
    return any(local(child) == "conditionExpression" for child in element)


def _called(element: etree._Element | None, elements: Mapping[str, etree._Element]) -> str:
    """Return what stands at an element: its name, an annotation's text, a group's category."""
    if element is None:
        return ""
    kind = local(element)
    if kind == "textAnnotation":
        return "".join(t for child in element if local(child) == "text" for t in child.itertext()).strip()
    if kind == "group":
        value = elements.get(str(element.get("categoryValueRef") or ""))
        return str(value.get("value") or "") if value is not None else ""
    name = str(element.get("name") or "").strip()
    state = next((c for c in element if local(c) == "dataState"), None)
    return f"{name} [{state.get('name')}]" if state is not None and state.get("name") else name


# Places


def _box(shape: etree._Element) -> Box | None:
    return _bounds(shape.find(f"{{{DC}}}Bounds"))


def _label_box(drawn: etree._Element) -> Box | None:
    return _bounds(drawn.find(_LABEL))


def _bounds(found: etree._Element | None) -> Box | None:
    if found is None:
        return None
    x, y, width, height = (number(found.get(key)) for key in ("x", "y", "width", "height"))
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Box(x, y, width, height) if max(map(abs, (x, y, width, height))) < _LIMIT else None


def _point(found: etree._Element) -> Point | None:
    x, y = number(found.get("x")), number(found.get("y"))
    return None if x is None or y is None or max(abs(x), abs(y)) >= _LIMIT else Point(x, y)


def _middle(points: list[Point]) -> Point:
    lengths = [math.dist(a, b) for a, b in pairwise(points)]
    left = sum(lengths) / 2
    for (a, b), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length:
            share = left / length
            return Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
        left -= length
    return points[0]


def _beside(points: list[Point], text: str) -> Box:
    middle = _middle(points)
    return Box(middle.x - 45, middle.y - 16, 90, 14 * len(wrapped(text, 90, 11)))


def _extent(plane: etree._Element) -> Box | None:
    boxes = list(_boxes(plane))
    if not boxes:
        return None
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Box(left, top, right - left, bottom - top)


def _boxes(plane: etree._Element) -> Iterator[Box]:
    for drawn in plane.iterchildren(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        box = _box(drawn)
        if box is not None:
            # What stands below a shape without a place of its own may be three lines.
            yield Box(box.x - 20, box.y, box.width + 40, box.height + 20)
        label = _label_box(drawn)
        if label is not None:
            yield Box(label.x - 20, label.y, label.width + 40, label.height + 14)
        for point in map(_point, drawn.iterchildren(_WAYPOINT)):
            if point is not None:
                yield Box(point.x, point.y, 0, 0)
