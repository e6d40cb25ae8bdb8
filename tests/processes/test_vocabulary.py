"""What a published model says in Shixian's own words names something: each broken name is refused, by its element."""

import re
from pathlib import Path

import pytest

from engine.definitions import read_definition
from engine.errors import InvalidDefinition
from engine.expressions import FUNCTIONS
from engine.forms.source_names import SOURCE_NAMES, TAKES_A_VALUE
from engine.handlers.sources import SOURCES

FOLDER = Path(__file__).parents[2] / "processes"
SHIPPED = sorted(p.name for p in FOLDER.glob("ln_*"))


def files(name: str) -> dict[str, bytes]:
    own = {
        str(p.relative_to(FOLDER / name)): p.read_bytes()
        for p in (FOLDER / name).rglob("*.*")
        if p.suffix != ".md"
    }
    return {f"documents/{p.name}": p.read_bytes() for p in (FOLDER / "common/documents").glob("*.html")} | own


def findings(name: str, old: str, new: str, path: str = "process.bpmn") -> list[str]:
    content = files(name)
    text = content[path].decode()
    assert old in text
    with pytest.raises(InvalidDefinition) as refused:
        read_definition(1, 1, {**content, path: text.replace(old, new, 1).encode()})
    return [m.zh for m in refused.value.findings]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_process_passes(name: str) -> None:
    assert read_definition(1, 1, files(name)).process.id == name


@pytest.mark.parametrize(
    ("name", "old", "new", "element", "says"),
    [
        pytest.param("ln_art13_verification", 'needs="access"', 'needs="acess"', "S13-a", "needs 为“acess”，应为 entry、access、case 之一", id="needs"),
        pytest.param("ln_art13_verification", 'separateFrom="T13-E1 T13-03"', 'separateFrom="T13-E9 T13-03"', "T13-E2", "T13-E9 不是用户任务", id="separateFrom no element"),
        pytest.param("ln_art13_verification", 'separateFrom="T13-E1 T13-03"', 'separateFrom="TM13-1 T13-03"', "T13-E2", "TM13-1 不是用户任务", id="separateFrom a timer"),
        pytest.param("ln_art18_lead", 'name="about_dept" type="org"', 'name="about_dept" type="text"', "about_dept", "withheld 只用于", id="withheld type"),
        pytest.param("ln_art08_catalogue_update", 'name="answered_at" type="instant"', 'name="answered_at" type="text"', "TM08-1", "type 应为 instant，实为 text", id="answeredBy type"),
        pytest.param("ln_art08_catalogue_update", 'answeredBy="answered_at"', 'answeredBy="answerd_at"', "TM08-1", "answerd_at 未声明", id="answeredBy unknown"),
        pytest.param("ln_art13_verification", "runs('TM13-1')", "runs('TM13-99')", "", "TM13-99 不是计时器", id="runs of no timer"),
        pytest.param("ln_art13_verification", 'remarks="signature acceptance"', 'remarks="signatur acceptance"', "T13-03", "remarks 所列变量 signatur 未声明", id="remarks"),
        pytest.param("ln_art13_verification", 'caseTitle="【{resource_name}】', 'caseTitle="【{resourcename}】', "ln_art13_verification", "{resourcename} 无从取值", id="caseTitle"),
        pytest.param("ln_art13_verification", ' merged business_handled"', ' mergd merged business_handled"', "ln_art13_verification", "results 所列“mergd”不是任何结束事件", id="results of no end"),
        pytest.param("ln_art13_verification", ' merged business_handled"', '"', "", "办理结果“merged”未列入 results", id="results that lose one"),
        pytest.param("ln_art12_dispute", " coordinated decided", " coordinate decided", "ln_art12_dispute", "“coordinate”不是任何结束事件", id="results by a variable"),
        pytest.param("ln_art20_rectification", 'name="suspend_grants" variable="suspension"', 'name="suspend_grants" variable="suspensoin"', "", "suspensoin 未声明", id="written variable"),
    ],
)  # fmt: skip
def test_a_word_that_names_nothing_was_published(
    name: str, old: str, new: str, element: str, says: str
) -> None:
    found = findings(name, old, new)

    assert any(text.startswith(element) and says in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        pytest.param("due('TM13-1')", "due('TM13-9')", "forms/F13-F.json", "F13-F.due_now：表达式所问的 TM13-9", id="due"),
        pytest.param("extended_due('TM13-1'", "extended_due('TM13-9'", "forms/F13-F.json", "F13-F.due_new：表达式所问的 TM13-9", id="extended_due"),
        pytest.param('"provider_staff"', '"provider_stuff"', "forms/F13-D.json", "F13-D.verified_by：没有选项来源“provider_stuff”", id="source"),
        pytest.param('"entry.items"', '"report.itemz"', "forms/F13-A.json", "F13-A.item_name：没有选项来源“report.itemz”", id="source of a form"),
    ],
)  # fmt: skip
def test_a_form_that_asks_for_what_is_not_there_was_published(
    old: str, new: str, path: str, says: str
) -> None:
    found = findings("ln_art13_verification", old, new, path)

    assert any(text.startswith(says) for text in found), found


def test_every_function_of_expressions_is_told_in_the_readme() -> None:
    text = (FOLDER / "README.md").read_text().partition("What they may call:")[2].partition("## Limits")[0]
    told = {
        name
        for row in text.splitlines()
        for name in re.findall(r"`(\w+)\(", row.split("|")[1] if "|" in row else "")
    }

    assert told == FUNCTIONS


def test_every_option_source_that_a_form_may_name_gives_options_and_no_other() -> None:
    """A name that is published without being found would offer an empty list to whoever must choose."""
    assert SOURCE_NAMES == set(SOURCES) | TAKES_A_VALUE | {"application.fields"}
