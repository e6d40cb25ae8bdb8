"""Putting the words of one law for another's in a model's files (domain F.3, 10)."""

import json

import pytest
from lxml import etree

from engine.definitions import read_definition
from engine.process_files import PROCESSES, definition_files, shipped
from engine.profiles import default_profile, profile_named
from engine.workbench.words import reword

DRAFT, REG809 = default_profile(), profile_named("reg809")
FOLDERS = shipped()


def bpmn(body: str = "", attributes: str = "") -> dict[str, bytes]:
    xml = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'xmlns:shixian="urn:shixian:bpmn:1" xmlns:x="urn:x"><bpmn:process id="P"{attributes}>{body}</bpmn:process>'
        "</bpmn:definitions>"
    )
    return {"process.bpmn": xml.encode()}


def worded(body: str) -> str:
    return reword(bpmn(body), DRAFT, REG809).files["process.bpmn"].decode()


def test_the_longest_word_comes_first() -> None:
    made = worded('<bpmn:userTask id="T" name="政务信息资源管理部门核对使用部门的政务信息资源"/>')

    assert 'name="政务数据共享主管部门核对政务数据需求部门的政务数据"' in made


def test_doing_it_twice_changes_nothing_more() -> None:
    files = definition_files(PROCESSES / "ln_art12_application")
    once = reword(files, DRAFT, REG809).files

    assert reword(once, DRAFT, REG809).changes == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_ids_expressions_keys_and_what_definitions_meet_by_stay(folder: object) -> None:
    files = definition_files(folder)  # type: ignore[arg-type]
    made = reword(files, DRAFT, REG809).files
    before, after = (etree.fromstring(x["process.bpmn"]) for x in (files, made))
    kept = ("id", "expression", "value", "key", "variable", "when", "role", "template", "messageRef")

    assert [e.tag for e in before.iter()] == [e.tag for e in after.iter()]
    for old, new in zip(before.iter(), after.iter(), strict=True):
        assert {k: v for k, v in old.attrib.items() if etree.QName(k).localname in kept} == {
            k: v for k, v in new.attrib.items() if etree.QName(k).localname in kept
        }
        if etree.QName(old).localname in ("message", "signal", "error", "escalation"):
            assert old.attrib == new.attrib
    assert (
        read_definition(1, 1, made).process.nodes.keys() == read_definition(1, 1, files).process.nodes.keys()
    )


def test_what_is_foreign_stays_as_it_is() -> None:
    body = '<!-- 使用部门 --><bpmn:userTask id="T" name="使用部门"><x:own x:text="使用部门">使用部门</x:own></bpmn:userTask>'
    made = worded(body)

    assert "<!-- 使用部门 -->" in made
    assert '<x:own x:text="使用部门">使用部门</x:own>' in made
    assert 'name="政务数据需求部门"' in made


def test_a_statutory_setting_keeps_the_article_that_its_number_rests_on() -> None:
    basis = "《辽宁省政务信息资源共享管理办法（草案）》第十二条"
    setting = '<bpmn:extensionElements><shixian:setting key="a" value="5" kind="{}" basis="{}"/></bpmn:extensionElements>'

    assert basis in worded(setting.format("law", basis))
    assert "条例未作规定" in worded(setting.format("choice", "办法未作规定"))


def test_a_quotation_of_the_draft_that_still_holds_is_left_alone() -> None:
    quoted = "《辽宁省政务信息资源共享管理办法（草案）》第十三条第三款"

    assert quoted in worded(
        f'<bpmn:textAnnotation id="A"><bpmn:text>{quoted}</bpmn:text></bpmn:textAnnotation>'
    )


def test_labels_change_in_both_languages_and_templates_that_compare_with_them_follow() -> None:
    form = {
        "id": "F",
        "components": [
            {"key": "use", "type": "textfield", "label": "使用部门", "label_en": "Using department"}
        ],
    }
    page = '<p>使用部门</p>{% if label == "使用部门" %}{{ case.use }}{% endif %}'
    files = {"forms/F.json": json.dumps(form).encode(), "documents/D.html": page.encode()}
    made = reword(files, DRAFT, REG809).files

    [field] = json.loads(made["forms/F.json"])["components"]
    assert field == {
        "key": "use",
        "type": "textfield",
        "label": "政务数据需求部门",
        "label_en": "Requesting department",
    }
    assert (
        made["documents/D.html"].decode()
        == '<p>政务数据需求部门</p>{% if label == "政务数据需求部门" %}{{ case.use }}{% endif %}'
    )


def test_an_option_that_is_one_word_changes_and_the_same_word_within_another_does_not() -> None:
    form = {
        "id": "F",
        "components": [{"key": "m", "values": [{"value": "file", "label": "文件"}], "label": "文件格式"}],
    }
    [field] = json.loads(
        reword({"forms/F.json": json.dumps(form).encode()}, DRAFT, REG809).files["forms/F.json"]
    )["components"]

    assert (field["label"], field["values"][0]["label"]) == ("文件格式", "文件下载")


def test_expressions_that_quote_a_word_are_listed_and_left_alone() -> None:
    body = '<bpmn:extensionElements><shixian:assign variable="a" expression="\'管理部门：\' + b"/></bpmn:extensionElements>'
    made = reword(bpmn(body), DRAFT, REG809)

    assert [(x.before, x.after) for x in made.left] == [("'管理部门：' + b", "'政务数据共享主管部门：' + b")]
    assert b"'\xe7\xae\xa1" in made.files["process.bpmn"]


def test_a_preview_names_every_text_with_before_and_after() -> None:
    [change] = reword(bpmn('<bpmn:userTask id="T" name="使用部门审核"/>'), DRAFT, REG809).changes

    assert (change.path, change.where, change.before, change.after) == (
        "process.bpmn",
        "T",
        "使用部门审核",
        "政务数据需求部门审核",
    )


@pytest.mark.parametrize(
    "content", [b"<not", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'], ids=["broken", "doctype"]
)
def test_what_cannot_be_read_is_said_and_stays_byte_by_byte(content: bytes) -> None:
    made = reword({"process.bpmn": content}, DRAFT, REG809)

    assert made.unreadable == ("process.bpmn",)
    assert made.files == {"process.bpmn": content}


def test_the_way_back_leads_to_the_words_of_the_draft() -> None:
    there = reword(bpmn('<bpmn:userTask id="T" name="使用部门审核，报管理部门"/>'), DRAFT, REG809).files
    back = reword(there, REG809, DRAFT).files

    assert 'name="使用部门审核，报管理部门"' in back["process.bpmn"].decode()
