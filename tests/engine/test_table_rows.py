"""The cells of a table's rows: what each column takes, every fault of every row at once."""

import pytest

from engine.errors import InvalidForm
from engine.expressions import compile_expression
from engine.forms import FormFault, load_form, validate
from engine.forms.rows import read_cell, row_faults

COLUMNS = [
    {"key": "no", "label": "序号"},
    {
        "key": "status",
        "label": "完成情况",
        "type": "select",
        "values": [{"value": "done", "label": "已完成"}, {"value": "undone", "label": "未完成"}],
    },
    {"key": "done_on", "label": "完成日期", "type": "date", "optional": True},
]
CELLS = [read_cell(c) for c in COLUMNS]
ROW = {"no": "1", "status": "done", "done_on": "2026-06-08"}


@pytest.mark.parametrize("changes", [{}, {"done_on": ""}, {"status": "undone"}])
def test_rows_that_can_stand(changes: dict[str, str]) -> None:
    assert row_faults(CELLS, [ROW | changes]) == []


def test_every_fault_names_its_row_and_column() -> None:
    wrong = [
        ROW | {"status": "maybe"},
        ROW | {"no": "", "done_on": "2026-02-30"},
        ROW | {"done_on": "20260608"},
    ]
    found = "".join(fault.zh for fault in row_faults(CELLS, wrong))

    assert "第1行完成情况不在可选范围内" in found
    assert "第2行请填写序号" in found and "第2行完成日期应为日期" in found
    assert "第3行完成日期应为日期" in found


def test_a_form_refuses_the_rows_with_its_label() -> None:
    form = load_form(
        {
            "id": "T",
            "components": [
                {"key": "items", "type": "table", "label": "整改情况", "shixian": {"columns": COLUMNS}}
            ],
        }
    )
    with pytest.raises(InvalidForm) as refusal:
        validate(form, {"items": [ROW | {"status": "x"}]}, {}, {}, lambda _: ())
    assert "整改情况" in refusal.value.errors["items"][0].zh
    assert validate(form, {"items": [ROW]}, {}, {}, lambda _: ()) == {"items": [ROW]}


@pytest.mark.parametrize(
    "column", [{"type": "colour"}, {"type": "select"}, {"values": [{"value": "a", "label": "甲"}]}]
)
def test_a_column_of_no_known_kind_is_refused_when_the_form_is_read(column: dict[str, object]) -> None:
    data = {"key": "c", "label": "列", **column}
    with pytest.raises(FormFault):
        load_form(
            {
                "id": "T",
                "components": [
                    {"key": "items", "type": "table", "label": "表", "shixian": {"columns": [data]}}
                ],
            }
        )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("column(rows, 'no')", ["1", "2"]),
        ("column(rows, 'done_on')", ["2026-06-08"]),
        ("len(rows_where(rows, 'status', 'done'))", 1),
        ("column(rows_where(rows, 'status', 'undone'), 'no')", ["2"]),
        ("column(nothing, 'no')", []),
    ],
)
def test_expressions_ask_about_rows(text: str, value: object) -> None:
    from engine.expressions import PURE_FUNCTIONS

    rows = [ROW, {"no": "2", "status": "undone", "done_on": ""}]
    assert compile_expression(text).evaluate({"rows": rows}, PURE_FUNCTIONS) == value
