"""What is refused when a definition is deployed: the finding names the element and says what to do."""

from pathlib import Path

import pytest

from engine.definitions import read_definition
from engine.errors import InvalidDefinition

FOLDER = Path(__file__).parents[1] / "data" / "extension_process"
FILES = {str(p.relative_to(FOLDER)): p.read_bytes() for p in FOLDER.rglob("*.*")}


def changed(old: str, new: str) -> dict[str, bytes]:
    xml = FILES["process.bpmn"].decode()
    assert old in xml
    return {**FILES, "process.bpmn": xml.replace(old, new).encode()}


def test_the_definition_itself_passes() -> None:
    assert read_definition(1, 1, FILES).process.id == "test_extension"


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        pytest.param('basis="第十三条第二款" note="校核期限"', 'note="校核期限"', "p13.verify_wd：法定期限须写明依据", id="law without basis"),
        pytest.param('setting="p13.verify_wd"', 'setting="p13.none"', "Timer：期限设置 p13.none 未声明", id="unknown setting"),
        pytest.param('grounds="p13.pause_grounds"', 'grounds="p13.none"', "Timer：期限设置 p13.none 未声明", id="unknown grounds"),
        pytest.param('value="5" unit="working_day"', 'value="5" unit="fortnight"', "p13.verify_wd：期限的单位应为", id="unknown unit"),
        pytest.param('<shixian:resume of="Timer"/>', '<shixian:resume of="Back"/>', "Back：resume 所指的 Back 不是计时器", id="act on no timer"),
        pytest.param("asked['days']\"/>", "asked.days\"/>", "Ask：", id="expression outside the subset"),
        pytest.param('"End_Test"', '"End"', "End：编号与执行引擎内部名称相同", id="id of the engine's own"),
        pytest.param('<shixian:variable name="title" type="text"/>', '<shixian:variable name="title" type="text" withheld="true"/>', "title：withheld 只用于", id="withheld from no department"),
        pytest.param('<shixian:variable name="providing_dept" type="org"/>', '<shixian:variable name="providing_dept" type="org" withheld="true"/>', "providing_dept：withheld 只用于", id="withheld from a party"),
        pytest.param('form id="ASK"', 'form id="NONE"', "Ask：找不到表单 NONE", id="missing form"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_element(old: str, new: str, finding: str) -> None:
    with pytest.raises(InvalidDefinition) as refusal:
        read_definition(1, 1, changed(old, new))

    assert any(m.zh.startswith(finding) for m in refusal.value.findings), refusal.value.findings
