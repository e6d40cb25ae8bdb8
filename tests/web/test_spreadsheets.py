"""Files of tables: real numbers and instants, a head that stays, and no cell that is a formula."""

import csv
from datetime import UTC, datetime

import pytest
from flask import Flask

from engine.cells import plain
from tests.web.workbook import part, sheets
from web.spreadsheets import Heading, Sheet, csv_file, workbook

HEADINGS = (
    Heading("名称", "text", "事项的名称。"),
    Heading("件数", "count"),
    Heading("比率", "share"),
    Heading("平均", "decimal"),
    Heading("办结", "instant"),
)
AT = datetime(2026, 6, 15, 1, 20, tzinfo=UTC)
DANGEROUS = ('=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


def sheet(*rows: tuple[object, ...]) -> Sheet:
    return Sheet("各月/情况", HEADINGS, rows)


def read_csv(of: Sheet) -> list[list[str]]:
    with Flask(__name__).test_request_context():
        text = csv_file(of, "表").get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.reader(text[1:].splitlines(keepends=True)))


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(text: str) -> None:
    row = read_csv(sheet((text, 1, 0.5, 1.0, AT)))[1]
    cells = sheets(workbook([sheet((text, 1, 0.5, 1.0, AT))], ("说明", [])))["各月·情况"][1]

    assert plain(text) == f"'{text}" and row[0] == f"'{text}"
    assert cells[0].replace("_x000D_", "\r") == text


def test_numbers_and_instants_are_real_ones() -> None:
    content = workbook([sheet(("甲", 3, 2 / 3, 5.25, AT), ("乙", None, None, None, None))], ("说明", []))
    head, first, second = sheets(content)["各月·情况"]

    assert head == ["名称", "件数", "比率", "平均", "办结"]
    assert first[:4] == ["甲", 3, 0.6667, 5.2]
    assert first[4] == pytest.approx(46188 + (9 * 60 + 20) / 1440)  # 15 June 2026, 09:20 in Beijing
    assert second == ["乙"]
    assert read_csv(sheet(("甲", 3, 2 / 3, 5.25, AT)))[1] == ["甲", "3", "0.6667", "5.2", "2026-06-15 09:20"]


def test_the_head_stays_and_a_sheet_says_what_columns_mean() -> None:
    content = workbook([sheet(("甲", 1, 1, 1, AT))], ("说明", [("统计日", "2026年6月17日")]))

    assert b'state="frozen"' in part(content, "xl/worksheets/sheet1.xml")
    assert sheets(content)["说明"] == [["统计日", "2026年6月17日"], ["各月/情况 · 名称", "事项的名称。"]]
