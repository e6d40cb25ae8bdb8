"""A decision table as the engine reads it, and tried with typed values."""

from typing import Any

import pytest

from engine.clock import FixedClock
from engine.errors import InvalidDefinition
from engine.process_files import PROCESSES, definition_files
from engine.workbench.decision_tryout import Table, literal, refusals, tables, try_out
from engine.workbench.outline import Outline, outline
from tests.conftest import START

FILES = definition_files(PROCESSES / "ln_art20_rectification")
DRAWN = outline(FILES)
XML = FILES["decisions/limit_by_ground.dmn"].decode()


def table(xml: str = XML) -> Table:
    return tables(xml.encode(), DRAWN)[0]


def decide(xml: str, *typed: str, drawn: Outline = DRAWN) -> Any:
    return try_out(table(xml), typed, drawn, FixedClock(START))


def test_a_row_is_shown_as_it_is_read() -> None:
    row = table().rows[0]

    assert row.read == ('contains(〔违反情形（第二十条）〕, "1")', "15")
    assert (row.note, row.wrong) == ("（一）目录，参照第八条", ())


def test_typed_values_hit_rows_and_give_the_result() -> None:
    outcome = decide(XML, "['2', '4']")

    assert (outcome.hits, outcome.result) == ((2, 4), 10)


def test_rows_that_may_not_both_hit_are_said() -> None:
    outcome = decide(XML.replace('hitPolicy="COLLECT" aggregation="MAX"', 'hitPolicy="UNIQUE"'), "['2', '4']")

    assert outcome.wrong and "同时命中第2、4行" in outcome.wrong.zh


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('contains(?, "1")', "__import__('os')", "第1行"),
        ("<text>15</text>", "<text>no_such_name</text>", "第1行"),
    ],
)
def test_a_cell_outside_the_subset_is_said_with_its_row(old: str, new: str, said: str) -> None:
    found = table(XML.replace(old, new))

    assert [said in m.zh for m in found.rows[0].wrong] == [True]
    assert all(not row.wrong for row in found.rows[1:])


def test_a_policy_that_is_not_carried_out_is_said_and_not_tried() -> None:
    xml = XML.replace('hitPolicy="COLLECT" aggregation="MAX"', 'hitPolicy="PRIORITY"')

    assert "PRIORITY" in table(xml).wrong[0].zh and "PRIORITY" in refusals(xml.encode())[0].zh
    assert decide(xml, "1").wrong


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("5", 5),
        ("true", True),
        ("", None),
        ("公开", "公开"),
        ("'公开'", "公开"),
        ("['1', '2']", ["1", "2"]),
        ("now()", "now()"),
    ],
)
def test_what_is_typed_is_a_literal_or_a_text(typed: str, value: object) -> None:
    assert literal(typed) == value


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
        "<" * 50,
        "<d>" + "x" * 2_000_001 + "</d>",
    ],
    ids=["entity", "malformed", "huge"],
)
def test_hostile_files_are_refused(xml: str) -> None:
    with pytest.raises(InvalidDefinition):
        tables(xml.encode(), DRAWN)
