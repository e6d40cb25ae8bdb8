"""Models drawn elsewhere: each is looked at without an exception, and refused at publishing with its elements named."""

from pathlib import Path

import pytest
from lxml import etree

from engine.definitions import read_definition
from engine.errors import InvalidDefinition
from engine.workbench.findings import check_files
from tests.processes.models_alike import differences

FOREIGN = sorted((Path(__file__).parent / "foreign").glob("*.bpmn"))
NAMED = {
    "01_modeler_zeebe": {"unsupported-element Task_Reckon", "unsupported-element Task_Talk", "calendar-days Timer_Late", "expression Flow_3", "lane-role Task_Talk"},
    "02_signavio_like": {"unsupported-element sid-t001", "unsupported-element sid-t002", "not-executable sid-pr01"},
    "03_two_pools_two_processes": {"one-process _proc1", "one-process _proc2", "no-complex-gateway _s5", "element-incomplete _b3"},
    "04_no_diagram": {"undeclared-variable Id_3", "lane-role Id_a", "lane-role Id_b"},
    "05_partial_diagram": {"unreachable P_lost", "lane-role P_a", "lane-role P_b"},
    "06_two_diagrams": {"one-process Views_A", "one-process Views_B", "unsupported-element VA_c", "unsupported-element VB_a"},
    "07_groups_data_and_colours": {"lane-role G_a"},
    "08_collapsed_with_own_plane": {"lane-role R_ia"},
    "09_latin1_cdata": {"not-executable Pruefung", "lane-role Pruefen"},
    "10_utf16_chinese_names": {"lane-role Register", "lane-role Lane_Post"},
    "11_html_everywhere": {"lane-role H_a"},
    "12_conversation_and_choreography": {"unsupported-element Conv", "unsupported-element Dance", "unsupported-element W_a"},
    "13_compensation_and_transaction": {"unsupported-element T_cb", "unsupported-element T_c", "single-event-definition T_multi", "unsupported-element T_x"},
    "14_only_pools": {"black-box-pool M_a", "black-box-pool M_b", "black-box-pool M_c"},
    "16_chinese_ids": {"not-executable 公文办理", "lane-role 登记", "lane-role 泳道_收文"},
    "15_every_fault": {"unreachable W_lonely", "no-duplicate-sequence-flows W_2b", "sub-process-blank-start-event W_sub_s"},
}  # fmt: skip


@pytest.mark.parametrize("path", FOREIGN, ids=lambda p: p.stem)
def test_a_foreign_model_is_refused_with_its_elements_named(path: Path) -> None:
    files = {"process.bpmn": path.read_bytes()}

    found = check_files(files)
    with pytest.raises(InvalidDefinition) as refused:
        read_definition(1, 1, files)

    errors = [one for one in found if one.severity == "error"]
    assert {f"{one.rule} {one.element}" for one in errors} >= NAMED[path.stem]
    assert sorted(m.zh for m in refused.value.findings) == sorted(m.zh for m in errors)


@pytest.mark.parametrize("path", FOREIGN, ids=lambda p: p.stem)
def test_what_is_found_lies_in_the_file(path: Path) -> None:
    root = etree.parse(path)
    ids = {str(e.get("id")) for e in root.iter() if isinstance(e.tag, str) and e.get("id")}

    assert {one.element for one in check_files({"process.bpmn": path.read_bytes()})} - ids <= {""}


def test_what_another_tool_says_is_told_and_hinders_nothing() -> None:
    path = next(p for p in FOREIGN if p.stem == "08_collapsed_with_own_plane")

    found = [
        one for one in check_files({"process.bpmn": path.read_bytes()}) if one.rule == "foreign-extension"
    ]

    assert {one.severity for one in found} == {"warning"}
    assert any(one.element == "R_ia" and "camunda:assignee" in one.zh for one in found)


def test_there_are_at_least_twelve() -> None:
    assert len(FOREIGN) >= 12
    assert {p.stem for p in FOREIGN} == NAMED.keys()


@pytest.mark.parametrize("path", FOREIGN, ids=lambda p: p.stem)
def test_the_same_model_written_otherwise_is_alike(path: Path) -> None:
    xml = path.read_bytes()
    root = etree.fromstring(xml)
    for element in root.iter():
        if isinstance(element.tag, str) and not element.text and len(element):
            element.text = "\n  "
    again = etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    assert differences(xml, again) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('retries="3"', 'retries="4"', id="foreign attribute"),
        pytest.param("<zeebe:versionTag value=\"v3\" />", "", id="foreign element"),
        pytest.param("answers within", "answers  within", id="text"),
        pytest.param('x="152" y="112"', 'x="153" y="112"', id="bounds"),
        pytest.param('x="445" y="130"', 'x="446" y="130"', id="waypoint"),
        pytest.param('name="score?"', 'name="score"', id="name"),
        pytest.param('default="Flow_4"', "", id="default flow"),
        pytest.param("userTask", "manualTask", id="type"),
    ],
)  # fmt: skip
def test_what_is_lost_is_seen(old: str, new: str) -> None:
    xml = FOREIGN[0].read_bytes().decode()
    assert old in xml

    assert differences(xml.encode(), xml.replace(old, new).encode()) != []
