"""The diagrams that officials read: nothing crosses, nothing runs through a shape."""

from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

PROCESSES = Path(__file__).parents[2] / "processes"
NS = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
Point = tuple[float, float]
Line = tuple[str, Point, Point]


def lines(tree: Any) -> list[Line]:
    found: list[Line] = []
    for edge in tree.iterfind(".//bpmndi:BPMNEdge", NS):
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", NS)]
        found += [(edge.get("bpmnElement"), a, b) for a, b in pairwise(points)]
    return found


def solid(tree: Any) -> dict[str, tuple[float, float, float, float]]:
    """Return the boxes that no flow may run through: not pools, lanes and expanded sub-processes."""
    boxes = {}
    for shape in tree.iterfind(".//bpmndi:BPMNShape", NS):
        box = shape.find("dc:Bounds", NS)
        if shape.get("isExpanded") or shape.get("isHorizontal"):
            continue
        boxes[shape.get("bpmnElement")] = tuple(float(box.get(k)) for k in ("x", "y", "width", "height"))
    return boxes


def crossing(one: Line, other: Line) -> bool:
    (_, a, b), (_, c, d) = one, other
    if (a[1] == b[1]) == (c[1] == d[1]):
        return False
    if a[1] != b[1]:
        a, b, c, d = c, d, a, b
    return min(a[0], b[0]) < c[0] < max(a[0], b[0]) and min(c[1], d[1]) < a[1] < max(c[1], d[1])


DRAWN = [*sorted(PROCESSES.glob("*/process.bpmn")), *sorted(PROCESSES.glob("profiles/*/*/process.bpmn"))]


@pytest.mark.parametrize("path", DRAWN, ids=lambda p: f"{p.parts[-3]}-{p.parent.name}")
def test_flows_are_straight_cross_nothing_and_run_through_no_shape(path: Path) -> None:
    tree = etree.parse(path)
    found = lines(tree)

    assert [n for n, a, b in found if a[0] != b[0] and a[1] != b[1]] == []
    assert [(p[0], q[0]) for p, q in combinations(found, 2) if p[0] != q[0] and crossing(p, q)] == []
    through = [
        (name, shape)
        for name, a, b in found
        for shape, (x, y, w, h) in solid(tree).items()
        if min(a[0], b[0]) < x + w - 1
        and max(a[0], b[0]) > x + 1
        and min(a[1], b[1]) < y + h - 1
        and max(a[1], b[1]) > y + 1
    ]
    assert through == []
