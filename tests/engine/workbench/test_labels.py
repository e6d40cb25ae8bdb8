"""The words beside a shape have room for a longer name."""

from lxml import etree

from engine.workbench.labels import fit_labels

DRAWN = """<d xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">
<gateway id="G" name="{name}"/>
<bpmndi:BPMNShape bpmnElement="G"><dc:Bounds x="100" y="100" width="50" height="50"/>
<bpmndi:BPMNLabel><dc:Bounds x="109" y="{y}" width="33" height="14"/></bpmndi:BPMNLabel></bpmndi:BPMNShape></d>"""


def fitted(name: str, y: int) -> dict[str, str]:
    root = etree.fromstring(DRAWN.format(name=name, y=y))
    fit_labels(root, {"G": name})
    label = root.findall(".//{*}BPMNLabel/{*}Bounds")[0]
    return {str(k): str(v) for k, v in label.attrib.items()}


def test_a_longer_name_widens_its_label_around_the_middle() -> None:
    assert fitted("是否送达？", 160) == {"x": "98", "y": "160", "width": "55", "height": "14"}


def test_a_name_of_two_lines_grows_away_from_the_shape() -> None:
    assert fitted("拒不改正或者情节严重？", 80) == {"x": "81.5", "y": "66", "width": "88", "height": "28"}
    assert fitted("拒不改正或者情节严重？", 160)["y"] == "160"


def test_a_shorter_name_and_other_elements_keep_their_labels() -> None:
    assert fitted("签发", 160)["width"] == "33"
    root = etree.fromstring(DRAWN.format(name="是否送达？", y=160))
    before = etree.tostring(root)
    fit_labels(root, {})
    assert etree.tostring(root) == before
