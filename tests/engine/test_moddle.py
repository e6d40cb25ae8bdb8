"""The description of `urn:shixian:bpmn:1` that server and modeler share says everything that models and reader say."""

import ast
import json
from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn import reader
from engine.elements import BPMN, local

ROOT = Path(__file__).parents[2]
SHIXIAN = f"{{{reader.SHIXIAN}}}"
DESCRIPTION = json.loads((ROOT / "engine/bpmn/shixian.moddle.json").read_text(encoding="utf-8"))
_ATTRIBUTES = {
    name[0].lower() + name[1:]: {p["name"] for p in kind["properties"]}
    for kind in DESCRIPTION["types"]
    if "superClass" in kind
    for name in (kind["name"],)
}
ON = {
    kind["extends"][0]: {p["name"] for p in kind["properties"]}
    for kind in DESCRIPTION["types"]
    if "extends" in kind
}
# What the reader asks of BPMN itself, under the standard's own names.
_STANDARD = set(
    "attachedToRef calledElement cancelActivity errorCode escalationCode isInterrupting isSequential id name".split()
)


def _owner(element: etree._Element) -> str:
    name = local(element)
    return {"process": "bpmn:Process", "lane": "bpmn:Lane"}.get(name, "bpmn:FlowNode")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "processes").glob("*/process.bpmn")), ids=lambda p: p.parent.name
)
def test_every_extension_that_a_shipped_model_uses_is_described(path: Path) -> None:
    unknown = []
    for element in etree.parse(path).iter(etree.Element):
        if element.tag.startswith(SHIXIAN):
            name = element.tag.removeprefix(SHIXIAN)
            unknown += [f"{name}/@{a}" for a in element.attrib if a not in _ATTRIBUTES.get(name, set())]
            unknown += [] if name in _ATTRIBUTES else [name]
        elif element.tag.startswith(f"{{{BPMN}}}"):
            own = {str(a).removeprefix(SHIXIAN) for a in element.attrib if str(a).startswith(SHIXIAN)}
            unknown += [f"{local(element)}/@{a}" for a in own - ON[_owner(element)]]

    assert unknown == []


def _asked() -> tuple[set[str], set[str]]:
    """Return the extension elements and the attributes that the reader asks for by name."""
    elements, attributes = set[str](), set[str]()
    tree = ast.parse(Path(reader.__file__).read_text(encoding="utf-8"))
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if function in ("first", "_extensions", "pairs"):
            elements |= set(texts[:1])
            attributes |= set(texts[1:])
        elif function in ("own", "get"):
            attributes |= {a.value for a in call.args[:1] if isinstance(a, ast.Constant)}
    for text in (n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)):
        parts = ast.unparse(text).rsplit("}}", 1)
        if "SHIXIAN" in parts[0] and "/" not in parts[0] and "{" not in parts[1]:
            attributes.add(parts[1].strip("'\""))
    return elements | set(reader.LIMIT_ACTS), (attributes - {""}) | set(reader.FITS)


def test_every_name_that_the_reader_asks_for_is_described() -> None:
    elements, attributes = _asked()

    assert elements - _ATTRIBUTES.keys() == set()
    assert attributes - set().union(*_ATTRIBUTES.values(), *ON.values()) - _STANDARD == set()
    assert {"period", "setting", "party", "retry"} <= elements
    assert {"caseNumber", "separateFrom", "minusDays", "managing"} <= attributes


def test_no_description_is_without_a_model_or_a_reader() -> None:
    elements, _ = _asked()
    text = Path(reader.__file__).read_text(encoding="utf-8")

    assert _ATTRIBUTES.keys() - elements == set()
    for name in sorted(set().union(*_ATTRIBUTES.values(), *ON.values()) - {"options"}):
        assert f'"{name}"' in text or f"}}{name}" in text, name
