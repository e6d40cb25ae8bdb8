"""The picture of a model: every shape and flow that is drawn, every word, and nothing of it as markup."""

from pathlib import Path

import pytest
from lxml import etree

from engine.bpmn.svg import Marks, draw
from engine.bpmn.svg_text import width_of, wrapped

ROOT = Path(__file__).parents[2]
SHIPPED = [
    *sorted(ROOT.glob("processes/*/process.bpmn")),
    *sorted(ROOT.glob("processes/profiles/*/*/process.bpmn")),
    *sorted(ROOT.glob("processes/templates/**/process.bpmn")),
    *sorted(ROOT.glob("processes/patterns/**/*.bpmn")),
]
FOREIGN = sorted(ROOT.glob("tests/processes/foreign/*.bpmn"))
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
SVG = "{http://www.w3.org/2000/svg}"


def squeezed(text: str) -> str:
    return "".join(text.split())


def drawn_in(root: etree._Element) -> list[str]:
    return [str(e.get("bpmnElement")) for e in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parts[-3]}-{p.parent.name}-{p.stem}")
def test_every_shape_and_flow_of_a_shipped_model_is_drawn_with_its_name(path: Path) -> None:
    source = etree.parse(path).getroot()
    picture = etree.fromstring(draw(path.read_bytes()))

    groups = {g.get("data-element"): g for g in picture.iter(f"{SVG}g") if g.get("data-element")}
    assert sorted(groups) == sorted(drawn_in(source))
    for group in groups.values():
        assert [e for e in group.iter() if etree.QName(e).localname in ("rect", "circle", "path")]
    names = {e.get("id"): e.get("name") for e in source.iter() if isinstance(e.tag, str) and e.get("name")}
    for element_id, group in groups.items():
        said = squeezed("".join(group.itertext()))
        assert squeezed(names.get(element_id) or "") in said


@pytest.mark.parametrize("path", FOREIGN, ids=lambda p: p.stem)
def test_what_other_editors_drew_is_drawn_too(path: Path) -> None:
    picture = etree.fromstring(draw(path.read_bytes()))

    assert picture.tag == f"{SVG}svg"
    assert [g for g in picture.iter(f"{SVG}g") if g.get("data-element")] or not drawn_in(
        etree.parse(path).getroot()
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parts[-3]}-{p.parent.name}-{p.stem}")
def test_nothing_lies_outside_the_picture(path: Path) -> None:
    picture = etree.fromstring(draw(path.read_bytes()))
    _, _, width, height = map(float, str(picture.get("viewBox")).split())
    plane = next(picture.iter(f"{SVG}g"))
    dx, dy = map(float, str(plane.get("transform"))[10:-1].split())

    for text in picture.iter(f"{SVG}text"):
        x, y = float(text.get("x", 0)) + dx, float(text.get("y", 0)) + dy
        assert 0 <= x <= width and 0 <= y <= height, text.text


MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><process id="p">
 <userTask id="t" name="{name}"/></process><di:BPMNDiagram><di:BPMNPlane bpmnElement="p">
 <di:BPMNShape bpmnElement="{id}"><dc:Bounds x="{x}" y="0" width="{width}" height="80"/></di:BPMNShape>
 </di:BPMNPlane></di:BPMNDiagram></definitions>"""


def model(name: str = "办理", element_id: str = "t", x: str = "0", width: str = "100") -> bytes:
    return MODEL.format(name=name, id=element_id, x=x, width=width).encode()


def test_words_of_a_model_are_never_markup() -> None:
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"

    text = draw(model(hostile, "t&quot; onload=&quot;x"))
    picture = etree.fromstring(text)

    assert "<script" not in text
    assert not [e for e in picture.iter() if e.get("onload")]
    assert "<script>alert(1)</script>" in squeezed("".join(etree.fromstring(draw(model(hostile))).itertext()))


@pytest.mark.parametrize("number", ["nan", "inf", "-1e9", "x", "", "1e300"])
def test_places_that_are_none_are_left_out(number: str) -> None:
    assert "NaN" not in (made := draw(model(x=number))) and "inf" not in made
    assert draw(model(width=number)).startswith("<svg")


def test_passed_elements_are_marked_and_repeated_ones_counted() -> None:
    plain = etree.fromstring(draw(model()))
    once = etree.fromstring(draw(model(), Marks({"t": 1})))
    often = etree.fromstring(draw(model(), Marks({"t": 3}, frozenset({"t"}))))

    def marks(picture: etree._Element) -> list[str | None]:
        return [g.get("class") for g in picture.iter(f"{SVG}g") if g.get("data-element") == "t"]

    def counts(picture: etree._Element) -> list[str | None]:
        return [t.text for t in picture.iter(f"{SVG}text") if t.get("class") == "count"]

    assert (marks(plain), marks(once), marks(often)) == ([None], ["passed"], ["token"])
    assert (counts(once), counts(often)) == ([], ["3"])


@pytest.mark.parametrize("width", [30, 60, 90, 200])
def test_lines_keep_within_their_width_and_lose_no_letter(width: int) -> None:
    text = "是否涉及正在办理的业务？ Reply within five working days（顺延）"
    lines = wrapped(text, width, 11)

    assert squeezed("".join(lines)) == squeezed(text)
    assert all(width_of(line, 11) <= width + 1 for line in lines)
