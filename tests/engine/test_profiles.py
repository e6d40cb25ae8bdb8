"""Law profiles: what a law calls the parties, and its defaults, are data (domain F.3, 10)."""

import re
from pathlib import Path

import pytest

from engine import events as e
from engine.definitions import read_definition
from engine.errors import InvalidDefinition
from engine.history.words import sentence
from engine.process_files import PROCESSES, definition_files, profile_templates, shipped
from engine.profiles import ProfileUnknown, default_profile, party_name, profile_in, profile_named, profiles

ROOT = Path(__file__).parents[2]
REG809 = profile_named("reg809")


def test_the_draft_is_the_default_and_what_a_definition_without_a_profile_speaks() -> None:
    assert default_profile().law == "《辽宁省政务信息资源共享管理办法（草案）》"
    assert profile_named("") is default_profile()
    assert list(profiles()) == ["liaoning_draft", "reg809"]


@pytest.mark.parametrize(
    ("prefix", "zh"),
    [("use", "政务数据需求部门"), ("prov", "政务数据提供部门"), ("mgr", "政务数据共享主管部门")],
)
def test_the_regulation_calls_the_parties_otherwise(prefix: str, zh: str) -> None:
    name = party_name(REG809, prefix)

    assert name == zh
    assert name.en and not re.search("[一-鿿]", name.en)


def test_both_profiles_have_the_same_words_so_that_one_can_be_put_for_the_other() -> None:
    assert default_profile().words.keys() == REG809.words.keys()


def test_every_default_of_kind_law_has_a_basis_and_its_value_lies_in_its_bounds() -> None:
    for profile in profiles().values():
        for default in profile.defaults.values():
            setting = default.setting
            assert setting.kind in ("law", "choice")
            assert setting.basis or setting.kind == "choice"
            if setting.minimum and setting.maximum:
                assert int(setting.minimum) <= int(setting.value) <= int(setting.maximum), setting.key


def test_articles_are_quoted_as_the_law_has_them() -> None:
    default = REG809.defaults["p12.reply_wd"]

    assert "10个工作日内作出是否同意共享的答复" in default.article
    assert "延长的期限最长不得超过10个工作日" in default.article


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(ProfileUnknown, match="liaoning_draft, reg809"):
        profile_named("reg810")
    files = definition_files(PROCESSES / "ln_art12_grant")
    files["process.bpmn"] = files["process.bpmn"].replace(
        b'shixian:caseNumber="LN12S"', b'shixian:caseNumber="LN12S" shixian:profile="reg810"'
    )
    with pytest.raises(InvalidDefinition, match="法规口径"):
        read_definition(1, 1, files)


def test_a_definition_says_which_profile_it_speaks() -> None:
    for folder in (one.folder for one in profile_templates()["reg809"]):
        assert read_definition(1, 1, definition_files(folder)).process.profile == "reg809"


def test_templates_of_another_law_are_not_deployed_at_the_start() -> None:
    assert not any("profiles" in folder.parts for folder in shipped())
    assert [one.folder.name for one in profile_templates()["reg809"]] == [
        "ln_art08_catalogue_update",
        "ln_art12_application",
        "ln_art12_dispute",
        "ln_art12_grant",
        "ln_art13_verification",
        "ln_art20_rectification",
    ]


def test_the_history_of_a_case_names_the_parties_as_its_law_does() -> None:
    event = e.PartiesSet(1, 2, None, "标题")

    def org(key: int | None) -> str | None:
        return {1: "甲厅", 2: "乙厅"}.get(key or 0)

    under_draft = sentence(event, org, str)  # type: ignore[arg-type]
    under_809 = sentence(event, org, str, REG809)  # type: ignore[arg-type]

    assert under_draft == "使用部门：甲厅；提供部门：乙厅；管理部门：未定。"
    assert under_809 == "政务数据需求部门：甲厅；政务数据提供部门：乙厅；政务数据共享主管部门：未定。"
    assert (
        under_draft.en == "Using department: 甲厅; providing department: 乙厅; managing department: not set."
    )


def test_no_code_says_what_a_party_of_a_case_is_called() -> None:
    words = re.compile('"(使用部门|提供部门|管理部门)"')
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "engine").rglob("*.py")
        if "demo" not in path.parts and words.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_profile_of_a_draft_is_what_its_process_names_and_nothing_else() -> None:
    head = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:shixian="urn:shixian:bpmn:1">'
    )
    named = f'{head}<process id="p" shixian:profile="reg809"/></definitions>'
    elsewhere = (
        f'{head}<process id="p"><documentation>profile="reg809"</documentation></process></definitions>'
    )

    found = [profile_in(xml.encode()).id for xml in (named, elsewhere, "<broken")]

    assert found == ["reg809", default_profile().id, default_profile().id]
