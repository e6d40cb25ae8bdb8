"""The signs of BPMN: pools, activities, events, gateways, data, flows."""

import math
from typing import NamedTuple

from lxml import etree

from engine.bpmn.svg_text import width_of, wrapped
from engine.elements import event_kind, is_event_scope, local

INK, PAPER, PASSED, TOKEN, FLOW = "#1b2430", "#ffffff", "#e8f3ec", "#0b5cad", "#1f7a3d"
FONT = "'Shixian Song', 'Noto Serif SC', 'Noto Serif CJK SC', 'Source Han Serif SC', SimSun, serif"
SIZE, LINE = 11.0, 14.0
_SVG = "http://www.w3.org/2000/svg"
_BAND = 30.0


class Point(NamedTuple):
    """A place, in the diagram's own units."""

    x: float
    y: float


class Box(NamedTuple):
    """A place with an extent."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)


def number(text: str | None) -> float | None:
    """Return a finite number, None for anything else."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


class Canvas:
    """An SVG that grows."""

    def __init__(self, title: str) -> None:
        self._root = etree.Element(f"{{{_SVG}}}svg", nsmap={None: _SVG})
        self._root.set("role", "img")
        self._root.set("preserveAspectRatio", "xMidYMin meet")
        self._root.set("font-family", FONT)
        if title:
            etree.SubElement(self._root, f"{{{_SVG}}}title").text = _clean(title)
        self._plane = self._root
        self._size = (1.0, 1.0)

    def shift(self, dx: float, dy: float) -> None:
        """Begin a plane whose origin lies elsewhere."""
        self._plane = etree.SubElement(self._root, f"{{{_SVG}}}g")
        self._plane.set("transform", f"translate({dx:g} {dy:g})")

    def grow(self, width: float, height: float) -> None:
        """Be at least this large."""
        self._size = (max(self._size[0], width), max(self._size[1], height))

    def text(self) -> str:
        """Return the picture."""
        width, height = self._size
        self._root.set("viewBox", f"0 0 {width:g} {height:g}")
        self._root.set("width", f"{width:g}")
        self._root.set("height", f"{height:g}")
        return str(etree.tostring(self._root, encoding="unicode"))

    def group(self, element_id: str, mark: str) -> etree._Element:
        """Return a group for what belongs to one element."""
        made = etree.SubElement(self._plane, f"{{{_SVG}}}g")
        made.set("data-element", _clean(element_id))
        if mark:
            made.set("class", mark)
        return made

    def put(self, group: etree._Element, tag: str, **values: object) -> etree._Element:
        """Add a figure; underscores stand for hyphens."""
        made = etree.SubElement(group, f"{{{_SVG}}}{tag}")
        for name, value in values.items():
            if value is not None:
                shown = f"{value:g}" if isinstance(value, float) else str(value)
                made.set(name.rstrip("_").replace("_", "-"), shown)
        return made

    def path(self, group: etree._Element, d: str, **values: object) -> None:
        """Add a thin outline without a filling, if nothing else is said."""
        self.put(group, "path", d=d, **{"fill": "none", "stroke": INK, "stroke_width": 1.2, **values})

    def lines(
        self,
        group: etree._Element,
        lines: list[str],
        at: Point,
        size: float = SIZE,
        anchor: str = "middle",
        turned: bool = False,
    ) -> None:
        """Add lines of text, the first one's middle at a place."""
        for n, line in enumerate(lines):
            y = at.y + n * size * LINE / SIZE + size * 0.36
            made = self.put(
                group,
                "text",
                x=at.x,
                y=y,
                font_size=size,
                text_anchor=anchor,
                fill=INK,
                transform=f"rotate(-90 {at.x:g} {at.y:g})" if turned else None,
            )
            made.text = _clean(line)

    def label(self, group: etree._Element, text: str, box: Box) -> None:
        """Add a label in its box; it grows downwards where it needs more lines."""
        lines = wrapped(text, max(box.width, SIZE * 4), SIZE)
        self.lines(group, lines, Point(box.x + box.width / 2, box.y + LINE / 2))

    def inside(self, group: etree._Element, text: str, box: Box, size: float = 12.0) -> None:
        """Add a text in the middle of a box, smaller where it would not fit."""
        while True:
            lines = wrapped(text, box.width - 10, size)
            if len(lines) * size * LINE / SIZE <= box.height - 6 or size <= 7:
                break
            size -= 0.5
        top = box.middle.y - (len(lines) - 1) * size * LINE / SIZE / 2
        self.lines(group, lines, Point(box.middle.x, top), size)

    def badge(self, group: etree._Element, at: Point, text: str) -> None:
        """Add a number in a pill."""
        width = max(16.0, width_of(text, 10) + 10)
        self.put(
            group,
            "rect",
            x=at.x - width / 2,
            y=at.y - 8,
            width=width,
            height=16.0,
            rx=8.0,
            fill=FLOW,
            stroke=PAPER,
            stroke_width=1.0,
        )
        made = self.put(group, "text", x=at.x, y=at.y + 3.6, font_size=10.0, text_anchor="middle", fill=PAPER)
        made.set("class", "count")
        made.text = text

    # Flows

    def line(self, group: etree._Element, kind: str, points: list[Point], taken: bool) -> None:
        """Add a flow with its head."""
        colour, width = (FLOW, 2.2) if taken else (INK, 1.4)
        dashes = {"messageFlow": "8 5", "association": "1.5 4"}.get(kind)
        if kind.startswith("data"):
            dashes = "1.5 4"
        d = "M" + " L".join(f"{p.x:g} {p.y:g}" for p in points)
        self.path(
            group, d, stroke=colour, stroke_width=width, stroke_dasharray=dashes, stroke_linejoin="round"
        )
        if kind == "association":
            return
        filled = kind == "sequenceFlow"
        self._head(group, points[-2], points[-1], colour, filled)
        if kind == "messageFlow":
            self.put(
                group,
                "circle",
                cx=points[0].x,
                cy=points[0].y,
                r=3.5,
                fill=PAPER,
                stroke=colour,
                stroke_width=1.2,
            )

    def _head(self, group: etree._Element, a: Point, b: Point, colour: str, filled: bool) -> None:
        angle = math.atan2(b.y - a.y, b.x - a.x)
        left, right = (
            Point(b.x - 10 * math.cos(angle + t), b.y - 10 * math.sin(angle + t)) for t in (-0.42, 0.42)
        )
        d = f"M{left.x:.1f} {left.y:.1f} L{b.x:g} {b.y:g} L{right.x:.1f} {right.y:.1f}"
        self.path(group, d + (" Z" if filled else ""), fill=colour if filled else PAPER, stroke=colour)

    def default_mark(self, group: etree._Element, points: list[Point]) -> None:
        """Add the stroke through the flow that is taken where no condition holds."""
        at, angle = _along(points, 10)
        dx, dy = 5 * math.cos(angle + 0.9), 5 * math.sin(angle + 0.9)
        self.path(
            group, f"M{at.x - dx:.1f} {at.y - dy:.1f} L{at.x + dx:.1f} {at.y + dy:.1f}", stroke_width=1.4
        )

    def condition_mark(self, group: etree._Element, points: list[Point]) -> None:
        """Add the rhombus at the beginning of a conditional flow."""
        at, angle = _along(points, 8)
        c, s = math.cos(angle), math.sin(angle)
        corners = ((8, 0), (0, 4.5), (-8, 0), (0, -4.5))
        turned = " L".join(f"{at.x + x * c - y * s:.1f} {at.y + x * s + y * c:.1f}" for x, y in corners)
        self.path(group, f"M{turned} Z", fill=PAPER)


def _along(points: list[Point], far: float) -> tuple[Point, float]:
    a, b = points[0], points[1]
    angle = math.atan2(b.y - a.y, b.x - a.x)
    return Point(a.x + far * math.cos(angle), a.y + far * math.sin(angle)), angle


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n")


# Shapes


def draw_shape(
    canvas: Canvas,
    group: etree._Element,
    shape: etree._Element,
    element: etree._Element | None,
    box: Box,
    label: Box | None,
    name: str,
    visits: int,
    token: bool,
) -> None:
    """Draw one shape with its name."""
    kind = local(element) if element is not None else ""
    fill = PASSED if visits or token else PAPER
    stroke, width = (TOKEN, 3.0) if token else (FLOW, 2.0) if visits else (INK, 1.5)
    if kind in ("participant", "lane"):
        _pool(canvas, group, shape, box, name)
    elif kind.endswith("Gateway"):
        _gateway(canvas, group, kind, box, fill, stroke, width)
        _below(canvas, group, name, box, label)
    elif kind.endswith("Event"):
        assert element is not None
        _event(canvas, group, element, kind, box, fill, stroke)
        _below(canvas, group, name, box, label)
    elif kind == "textAnnotation":
        canvas.path(
            group, f"M{box.x + 10:g} {box.y:g} H{box.x:g} V{box.y + box.height:g} H{box.x + 10:g}", stroke=INK
        )
        lines = wrapped(name, max(box.width - 8, SIZE * 4), SIZE)
        canvas.lines(group, lines, Point(box.x + 6, box.y + LINE / 2 + 2), anchor="start")
    elif kind == "group":
        canvas.put(
            group,
            "rect",
            x=box.x,
            y=box.y,
            width=box.width,
            height=box.height,
            rx=10.0,
            fill="none",
            stroke=INK,
            stroke_dasharray="10 4 2 4",
        )
        _below(canvas, group, name, Box(box.x, box.y, box.width, 4), label)
    elif kind.startswith("data"):
        _data(canvas, group, kind, box)
        _below(canvas, group, name, box, label)
    else:
        expanded = shape.get("isExpanded") == "true"
        _activity(canvas, group, element, kind, box, name, expanded, fill, stroke, width)


def _below(canvas: Canvas, group: etree._Element, name: str, box: Box, label: Box | None) -> None:
    if name:
        canvas.label(group, name, label or Box(box.middle.x - 45, box.y + box.height + 4, 90, 14))


def _pool(canvas: Canvas, group: etree._Element, shape: etree._Element, box: Box, name: str) -> None:
    canvas.put(
        group,
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        fill="none",
        stroke=INK,
        stroke_width=1.2,
    )
    if shape.get("isHorizontal") == "false":
        canvas.path(group, f"M{box.x:g} {box.y + _BAND:g} H{box.x + box.width:g}")
        canvas.lines(group, wrapped(name, box.width - 8, 12), Point(box.middle.x, box.y + _BAND / 2), 12)
        return
    canvas.path(group, f"M{box.x + _BAND:g} {box.y:g} V{box.y + box.height:g}")
    lines, size = wrapped(name, box.height - 8, 12), 12.0
    while len(lines) * size * LINE / SIZE > _BAND and size > 7:
        size -= 0.5
        lines = wrapped(name, box.height - 8, size)
    first = -(len(lines) - 1) * size * LINE / SIZE / 2
    for n, line in enumerate(lines):
        at = Point(box.x + _BAND / 2 + first + n * size * LINE / SIZE, box.middle.y)
        canvas.lines(group, [line], at, size, turned=True)


def _activity(
    canvas: Canvas,
    group: etree._Element,
    element: etree._Element | None,
    kind: str,
    box: Box,
    name: str,
    expanded: bool,
    fill: str,
    stroke: str,
    width: float,
) -> None:
    scope = element is not None and is_event_scope(element)
    canvas.put(
        group,
        "rect",
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        rx=10.0,
        fill="none" if expanded and fill == PAPER else fill,
        fill_opacity=0.35 if expanded and fill != PAPER else None,
        stroke=stroke,
        stroke_width=4.0 if kind == "callActivity" else width,
        stroke_dasharray="2 3" if scope else None,
    )
    if kind == "transaction":
        canvas.put(
            group,
            "rect",
            x=box.x + 3,
            y=box.y + 3,
            width=max(box.width - 6, 0.0),
            height=max(box.height - 6, 0.0),
            rx=8.0,
            fill="none",
            stroke=INK,
        )
    icon = _TASKS.get(kind)
    if icon:
        # A path of its own place: nothing is scaled, so that lines are as thick everywhere.
        mark = canvas.put(group, "g", transform=f"translate({box.x + 6:g} {box.y + 6:g})")
        canvas.path(mark, icon, stroke_width=1.1, fill=INK if kind == "sendTask" else "none")
    if expanded:
        canvas.lines(group, wrapped(name, box.width - 16, 12), Point(box.middle.x, box.y + 13), 12)
    else:
        canvas.inside(group, name, box)
    _markers(
        canvas, group, element, box, not expanded and kind in ("subProcess", "transaction", "adHocSubProcess")
    )


def _markers(
    canvas: Canvas, group: etree._Element, element: etree._Element | None, box: Box, collapsed: bool
) -> None:
    marks: list[str] = []
    for child in element if element is not None else ():
        if local(child) == "standardLoopCharacteristics":
            marks.append("M4 10 A5 5 0 1 1 9 10.5 M4 10 L1.5 7.5 M4 10 L6.5 7.2")
        elif local(child) == "multiInstanceLoopCharacteristics":
            one = child.get("isSequential") == "true"
            marks.append("M1 2 H11 M1 6 H11 M1 10 H11" if one else "M2 1 V11 M6 1 V11 M10 1 V11")
    if element is not None and element.get("isForCompensation") == "true":
        marks.append("M6 1 V11 L0 6 Z M12 1 V11 L6 6 Z")
    if element is not None and local(element) == "adHocSubProcess":
        marks.append("M0 7 C2 2 5 3 6 6 C7 9 10 10 12 5")
    if collapsed:
        marks.append("M0 0 H12 V12 H0 Z M6 2 V10 M2 6 H10")
    left = box.middle.x - (len(marks) * 16 - 4) / 2
    for n, d in enumerate(marks):
        mark = canvas.put(group, "g", transform=f"translate({left + n * 16:g} {box.y + box.height - 15:g})")
        canvas.path(mark, d)


def _event(
    canvas: Canvas,
    group: etree._Element,
    element: etree._Element,
    kind: str,
    box: Box,
    fill: str,
    stroke: str,
) -> None:
    middle, r = box.middle, min(box.width, box.height) / 2
    inner = kind in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent")
    soft = element.get("cancelActivity") == "false" or element.get("isInterrupting") == "false"
    dashes = "5 3" if soft else None
    for radius in (r, r - 4) if inner else (r,):
        canvas.put(
            group,
            "circle",
            cx=middle.x,
            cy=middle.y,
            r=radius,
            fill=fill,
            stroke=stroke,
            stroke_width=3.5 if kind == "endEvent" else 1.5,
            stroke_dasharray=dashes,
        )
    sign = event_kind(element)
    if sign is None or sign not in _EVENTS:
        return
    throws = kind in ("endEvent", "intermediateThrowEvent")
    scale = r / 18
    mark = canvas.put(group, "g", transform=f"translate({middle.x:g} {middle.y:g}) scale({scale:g})")
    filled = (throws and sign not in ("timer", "conditional")) or sign == "terminate"
    canvas.path(mark, _EVENTS[sign], fill=INK if filled else "none", stroke_linejoin="round")
    if sign == "message" and filled:
        canvas.path(mark, "M-8 -5 L0 1 L8 -5", stroke=PAPER)


def _gateway(
    canvas: Canvas, group: etree._Element, kind: str, box: Box, fill: str, stroke: str, width: float
) -> None:
    middle, w, h = box.middle, box.width / 2, box.height / 2
    d = f"M{middle.x:g} {box.y:g} l{w:g} {h:g} l{-w:g} {h:g} l{-w:g} {-h:g} Z"
    canvas.path(group, d, fill=fill, stroke=stroke, stroke_width=width)
    sign = _GATEWAYS.get(kind)
    if sign:
        mark = canvas.put(group, "g", transform=f"translate({middle.x:g} {middle.y:g}) scale({w / 25:g})")
        canvas.path(mark, sign, stroke_width=1.2 if kind == "eventBasedGateway" else 3.0)


def _data(canvas: Canvas, group: etree._Element, kind: str, box: Box) -> None:
    x, y, w, h = box
    if kind.startswith("dataStore"):
        canvas.path(
            group,
            f"M{x:g} {y + 6:g} v{h - 12:g} a{w / 2:g} 6 0 0 0 {w:g} 0 v{-(h - 12):g} a{w / 2:g} 6 0 0 0 {-w:g} 0 "
            f"a{w / 2:g} 6 0 0 0 {w:g} 0",
            fill=PAPER,
        )
        return
    cut = min(w, h) / 4
    canvas.path(
        group,
        f"M{x:g} {y:g} h{w - cut:g} l{cut:g} {cut:g} v{h - cut:g} h{-w:g} Z M{x + w - cut:g} {y:g} v{cut:g} h{cut:g}",
        fill=PAPER,
    )


_ENVELOPE = "M0 1 H14 V11 H0 Z M0 1 L7 6.5 L14 1"
_TASKS = {
    "userTask": "M7 7 A3 3 0 1 1 7.01 7 M1 14 C1 9.5 4 8 7 8 C10 8 13 9.5 13 14 Z",
    "manualTask": "M1 9 V5 L5 2 H7 L6 4 H13 V6 H7 M13 6 V8 H7 M12 8 V10 H7 M11 10 V12 H3 L1 9",
    "serviceTask": "M7 4.5 A2.5 2.5 0 1 1 6.99 4.5 M7 0 V2 M7 12 V14 M0 7 H2 M12 7 H14 M2 2 L3.5 3.5 M10.5 10.5 L12 12 "
    "M12 2 L10.5 3.5 M3.5 10.5 L2 12 M7 2 A5 5 0 1 1 6.99 2",
    "scriptTask": "M3 1 H12 C9 4 14 9 10 13 H1 C5 9 0 5 3 1 M4 4 H9 M4 7 H10 M4 10 H9",
    "businessRuleTask": "M0 1 H14 V12 H0 Z M0 4 H14 M0 8 H14 M5 4 V12",
    "sendTask": _ENVELOPE,
    "receiveTask": _ENVELOPE,
}
_EVENTS = {
    "message": "M-8 -5 H8 V6 H-8 Z M-8 -5 L0 1 L8 -5",
    "timer": "M0 -9 A9 9 0 1 1 -0.01 -9 M0 -6 V0 L5 2 M0 -9 V-7 M9 0 H7 M0 9 V7 M-9 0 H-7",
    "signal": "M0 -8 L8 6 H-8 Z",
    "error": "M-7 7 L-2 -7 L2 2 L7 -7 L2 8 L-2 -1 Z",
    "escalation": "M0 -8 L6 8 L0 2 L-6 8 Z",
    "terminate": "M0 -9 A9 9 0 1 1 -0.01 -9",
    "compensate": "M0 -6 V6 L-8 0 Z M8 -6 V6 L0 0 Z",
    "cancel": "M-7 -5 L-5 -7 L0 -2 L5 -7 L7 -5 L2 0 L7 5 L5 7 L0 2 L-5 7 L-7 5 L-2 0 Z",
    "conditional": "M-6 -8 H6 V8 H-6 Z M-4 -5 H4 M-4 -1.5 H4 M-4 2 H4 M-4 5.5 H4",
    "link": "M-8 -3 H2 V-7 L9 0 L2 7 V3 H-8 Z",
    "multiple": "M0 -8 L8 -2 L5 7 H-5 L-8 -2 Z",
}
_GATEWAYS = {
    "exclusiveGateway": "M-7 -8 L7 8 M7 -8 L-7 8",
    "parallelGateway": "M0 -11 V11 M-11 0 H11",
    "inclusiveGateway": "M0 -10 A10 10 0 1 1 -0.01 -10",
    "complexGateway": "M0 -11 V11 M-11 0 H11 M-7 -7 L7 7 M7 -7 L-7 7",
    "eventBasedGateway": "M0 -12 A12 12 0 1 1 -0.01 -12 M0 -9.5 A9.5 9.5 0 1 1 -0.01 -9.5 M0 -6 L6 -1.5 L3.6 5 H-3.6 L-6 -1.5 Z",
}
