"""The words beside an element of a diagram: room for a longer name, so that it is not broken letter by letter."""

from collections.abc import Mapping

from lxml import etree

from engine.elements import DC, DI

_BOUNDS = f"{{{DC}}}Bounds"
_LETTER = 11
_LINE = 14
_WIDEST = 88


def fit_labels(root: etree._Element, names: Mapping[str, str]) -> None:
    """Widen the labels of renamed elements, around their middle, and let those above their shape grow upwards.

    Args:
        names: What elements are called now, by id; others keep their labels.
    """
    for drawn in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        name = names.get(drawn.get("bpmnElement", ""))
        label = drawn.find(f"{{{DI}}}BPMNLabel/{_BOUNDS}")
        if name and label is not None and name == _called(root, drawn.get("bpmnElement", "")):
            _fit(label, name, drawn.find(_BOUNDS))


def _called(root: etree._Element, element_id: str) -> str:
    found = root.xpath("//*[@id=$id]/@name", id=element_id)
    return str(found[0]) if isinstance(found, list) and found else ""


def _fit(label: etree._Element, name: str, shape: etree._Element | None) -> None:
    x, y, width, height = (float(label.get(side, "0")) for side in ("x", "y", "width", "height"))
    wanted = max(width, min(_LETTER * len(name), _WIDEST))
    lines = -(-_LETTER * len(name) // int(wanted)) if wanted else 1
    taller = max(height, _LINE * lines)
    if shape is not None and y < float(shape.get("y", "0")):
        y -= taller - height
    for side, number in (("x", x - (wanted - width) / 2), ("y", y), ("width", wanted), ("height", taller)):
        label.set(side, f"{number:g}")
