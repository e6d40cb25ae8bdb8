"""Sub-forms: a list of objects, each held against a form of its own; tables with typed columns."""

from typing import Any

import pytest

from engine.errors import InvalidForm
from engine.expressions import PURE_FUNCTIONS
from engine.forms import FormFault, describe, load_form, validate

ITEM = {
    "id": "ITEM",
    "title": "条目",
    "components": [
        {"key": "entry", "type": "textfield", "label": "条目"},
        {"key": "name", "type": "textfield", "label": "名称", "validate": {"required": True, "maxLength": 5}},
        {
            "key": "open",
            "type": "checklist",
            "label": "在办",
            "shixian": {"source": "open", "sourceOf": "entry"},
        },
        {
            "key": "rows",
            "type": "table",
            "label": "信息项",
            "validate": {"maxRows": 300},
            "shixian": {
                "columns": [
                    {"key": "name", "label": "名称"},
                    {
                        "key": "type",
                        "label": "类型",
                        "type": "select",
                        "values": [{"value": "C", "label": "字符型"}],
                    },
                    {"key": "length", "label": "长度", "optional": True, "type": "number"},
                ]
            },
        },
    ],
    "rules": [{"field": "name", "when": "name == case['taken']", "message": "名称重复。"}],
}
FORM = {
    "id": "FORM",
    "title": "表",
    "components": [
        {"key": "first", "type": "textfield", "label": "前"},
        {
            "key": "entries",
            "type": "subforms",
            "label": "条目",
            "validate": {"required": True, "max": 3},
            "shixian": {"form": "ITEM", "item": "entry"},
        },
        {"key": "last", "type": "textfield", "label": "后", "validate": {"required": True}},
    ],
}
FORMS = {"ITEM": load_form(ITEM)}


def check(values: dict[str, Any], **case: Any) -> dict[str, Any]:
    def sources(name: str) -> list[tuple[str, str]]:
        return [(f"{name}-1", "甲")]

    return validate(load_form(FORM), values, case, PURE_FUNCTIONS, sources, forms=FORMS)


def refused(values: dict[str, Any], **case: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidForm) as refusal:
        check(values, **case)
    return {key: [m.zh for m in found] for key, found in refusal.value.errors.items()}


def test_each_object_comes_back_clean_and_a_source_is_asked_about_its_own_item() -> None:
    one = {"entry": "7", "name": " 甲 ", "open": ["open:7-1"]}

    assert check({"entries": [one, {"name": "乙"}], "last": "x"}) == {
        "entries": [{"entry": "7", "name": "甲", "open": ["open:7-1"]}, {"name": "乙"}],
        "last": "x",
    }


def test_the_errors_of_all_objects_come_at_once_each_under_its_place_and_in_order() -> None:
    entries = [
        {
            "name": "甲乙丙丁戊己",
            "rows": [{"name": "a", "type": "X"}, {"name": "", "type": "C", "length": "n"}],
        },
        {"name": "占用", "unknown": "1", "open": ["open:8-1"]},
        {},
    ]

    errors = refused({"entries": entries}, taken="占用")

    assert list(errors) == [
        "entries.0.name",
        "entries.0.rows",
        "entries.1.unknown",
        "entries.1.name",
        "entries.1.open",
        "entries.2.name",
        "last",
    ]
    assert errors["entries.1.name"] == ["名称重复。"]
    assert errors["entries.0.rows"] == [
        "信息项每行应填写完整：第1行类型不在可选范围内。第2行请填写名称。第2行长度应为数字，实为“n”。"
    ]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param("x", id="a text"),
        pytest.param({"0": {}}, id="an object"),
        pytest.param(["x"], id="a list of texts"),
        pytest.param([{"name": "甲"}] * 4, id="too many"),
        pytest.param([], id="none"),
        pytest.param(None, id="nothing"),
    ],
)
def test_anything_but_a_list_of_objects_is_refused(entries: Any) -> None:
    assert set(refused({"entries": entries, "last": "x"})) == {"entries"}


def test_several_hundred_rows_are_taken_and_blank_cells_where_the_column_allows_them() -> None:
    rows = [{"name": f"项{n}", "type": "C", "length": ""} for n in range(300)]

    clean = check({"entries": [{"name": "甲", "rows": rows}], "last": "x"})

    assert len(clean["entries"][0]["rows"]) == 300
    assert set(refused({"entries": [{"name": "甲", "rows": [*rows, rows[0]]}], "last": "x"})) == {
        "entries.0.rows"
    }


def test_what_was_filled_in_is_described_object_by_object() -> None:
    values = {
        "entries": [{"name": "甲", "rows": [{"name": "a", "type": "C", "length": "9"}]}, {"name": "乙"}]
    }

    assert list(describe(load_form(FORM), values, lambda name: (), FORMS)) == [
        ("条目1·名称", "甲"),
        ("条目1·信息项", "a：字符型：9"),
        ("条目2·名称", "乙"),
    ]


def test_a_component_of_sub_forms_without_its_form_is_refused() -> None:
    with pytest.raises(FormFault, match=r"shixian\.form"):
        load_form({"id": "F", "components": [{"key": "x", "type": "subforms", "label": "x"}]})
