"""Catalogue entries as values: comparison, words, credit codes."""

from typing import Any

import pytest
import yaml

from engine.catalogue import compare, credit_code, of_version
from engine.demo.seed import DATA

OLD: dict[str, Any] = {
    "name": "婚姻登记信息",
    "sharing_type": "conditional",
    "sharing_conditions": "限办理业务时核验。",
    "sharing_method": ["api", "file"],
    "update_cycle": "daily",
    "items": [
        {"name": "姓名", "type": "字符型C", "length": "50"},
        {"name": "登记日期", "type": "日期型D", "length": ""},
        {"name": "备注", "type": "备注型M", "length": ""},
    ],
}


def test_equal_versions_differ_in_nothing_whatever_the_order_of_methods_and_items() -> None:
    new = {**OLD, "sharing_method": ["file", "api"], "items": OLD["items"][::-1]}

    assert compare(OLD, new).empty


def test_changed_fields_are_named_in_words_and_in_the_order_of_the_form() -> None:
    new = {**OLD, "update_cycle": "realtime", "sharing_type": "unconditional", "sharing_conditions": ""}

    assert [(x.label, x.before, x.after) for x in compare(OLD, new).fields] == [
        ("共享类型", "有条件共享", "无条件共享"),
        ("共享条件（依据）", "限办理业务时核验。", ""),
        ("更新周期", "每日", "实时"),
    ]


def test_items_are_compared_one_by_one_added_changed_and_removed() -> None:
    new = {
        **OLD,
        "items": [
            {"name": "姓名", "type": "字符型C", "length": "100", "basic": "是"},
            {"name": "登记日期", "type": "日期型D", "length": None},
            {"name": "登记机关", "type": "字符型C", "length": 200},
        ],
    }

    assert [(x.kind, x.name, x.before, x.after) for x in compare(OLD, new).items] == [
        ("changed", "姓名", "字符型C（50）", "字符型C（100），基础信息项"),
        ("added", "登记机关", "", "字符型C（200）"),
        ("removed", "备注", "备注型M", ""),
    ]


def test_a_new_entry_has_only_an_after_and_a_deleted_one_only_a_before() -> None:
    added, deleted = compare({}, OLD), compare(OLD, {})

    assert {x.before for x in added.fields} == {""} == {x.after for x in deleted.fields}
    assert {x.kind for x in added.items} == {"added"}
    assert {x.kind for x in deleted.items} == {"removed"}


def test_a_version_as_it_is_kept_reads_as_the_form_has_it() -> None:
    kept = {
        "name": "婚姻登记信息",
        "sharing_type": "conditional",
        "update_cycle": "daily",
        "abstract": "摘要。",
        "metadata": {
            "sharing_method": "api",
            "open_conditions": "",
            "items": [{"name": "姓名", "type": "字符型C", "length": 50}],
        },
    }

    assert of_version(kept) == {
        "name": "婚姻登记信息",
        "sharing_type": "conditional",
        "update_cycle": "daily",
        "abstract": "摘要。",
        "sharing_method": ["api"],
        "items": [{"name": "姓名", "type": "字符型C", "length": "50", "basic": ""}],
    }


def test_the_codes_of_the_demonstration_have_the_right_check_digit() -> None:
    people = yaml.safe_load((DATA / "people.yaml").read_text(encoding="utf-8"))

    assert [o["code"] for o in people["organisations"] if not credit_code(o["code"])] == []


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("112100000090013768", id="another check digit"),
        pytest.param("112100000090013776", id="two digits changed places"),
        pytest.param("11210000009001376", id="one short"),
        pytest.param("1121000000900137677", id="one long"),
        pytest.param("11210000O090013767", id="a letter the standard does not use"),
        pytest.param("11210000i090013767", id="a small letter"),
        pytest.param(None, id="nothing"),
        pytest.param(112100000090013767, id="a number"),
    ],
)
def test_a_wrong_credit_code_is_found(code: Any) -> None:
    assert not credit_code(code)
