"""Tables of records: what is read, what is refused with row and column, what is masked."""

import io
import json
from pathlib import Path

import pytest

from engine.catalogue.credit_code import credit_code
from engine.expressions import PURE_FUNCTIONS
from engine.forms import load_form, validate
from engine.forms.masking import mask, mask_cell, mask_text
from engine.forms.records import (
    MAX_FAULTS,
    MAX_TYPED,
    Column,
    RecordFaults,
    identity,
    kept,
    masked_typed,
    named,
    read_file,
    read_typed,
    written,
)
from engine.handlers.record_tables import masked_draft

COLUMNS = (
    Column("record", "记录标识", required=True, most=20),
    Column("id_no", "证件号码", most=60, masked=True),
    Column("value", "现值"),
)
TEXT = '记录标识,证件号码,现值\n甲-1,210102199001011234,正常\n乙-2,,"沈河区, 一号"\n'
ROWS = [
    {"record": "甲-1", "id_no": "**************1234", "value": "正常"},
    {"record": "乙-2", "id_no": "", "value": "沈河区, 一号"},
]


def faults(content: bytes, most: int = 10_000) -> list[str]:
    with pytest.raises(RecordFaults) as found:
        read_file(content, COLUMNS, most)
    return [m.zh for m in found.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    assert read_file(TEXT.encode(encoding), COLUMNS) == ROWS


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_file_is_read_whatever_parts_its_cells(mark: str) -> None:
    text = mark.join(["现值", "记录标识"]) + "\r\n" + mark.join(["正常", "甲-1"]) + "\r\n\r\n"

    assert read_file(text.encode(), COLUMNS) == [{"record": "甲-1", "id_no": "", "value": "正常"}]


def test_what_a_case_keeps_is_read_back_as_it_was() -> None:
    assert [named(line, COLUMNS) for line in kept(written(ROWS, COLUMNS), COLUMNS)] == ROWS
    with pytest.raises(ValueError, match="Expected a table"):
        kept("甲,乙\n1,2\n".encode(), COLUMNS)


def test_every_fault_is_told_at_once_with_row_and_column_and_what_to_do() -> None:
    content = (
        "记录标识,证件号码,现值\n"
        ",1,正常\n"
        "甲,2.10102E+17,正常\n"
        "乙,2,=SUM(A1)\n"
        "丙,3,正常,多\n"
        "丁,4,正常\n"
        "丁,4,正常\n"
        f"{'长' * 21},5,正常\n"
    )

    found = faults(content.encode())

    for row, part in (
        (2, "“记录标识”没有填写"),
        (3, "科学计数法“2.10102E+17”"),
        (4, "以“=”开头"),
        (5, "有4列，表头只有3列"),
        (7, "与第6行完全相同"),
        (8, "不超过20个字，实有21个字"),
    ):
        assert any(text.startswith(f"第{row}行") and part in text for text in found), (row, found)


def test_faults_are_bounded_and_the_rest_is_counted() -> None:
    content = "记录标识,现值\n" + ",正常\n" * 100

    found = faults(content.encode())

    assert len(found) == MAX_FAULTS + 1
    assert found[-1].startswith("另有80处错误未列出")


def test_a_fault_does_not_quote_a_number_of_a_person() -> None:
    content = "记录标识,证件号码,现值\n甲,1,=210102199001011234\n"

    assert "210102199001011234" not in "".join(faults(content.encode()))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "没有内容", id="empty"),
        pytest.param("记录标识,现值\n".encode(), "只有表头", id="only a heading"),
        pytest.param("标识,现值\n甲,乙\n".encode(), "缺少“记录标识”列", id="another heading"),
        pytest.param("记录标识,备注\n甲,乙\n".encode(), "表头第2列应为", id="an unknown column"),
        pytest.param("记录标识,记录标识\n甲,乙\n".encode(), "重复", id="a column twice"),
        pytest.param(b"PK\x03\x04xlsx", "另存为", id="a spreadsheet"),
        pytest.param("记录标识\n".encode() + b"\xff\xff\xff", "编码无法识别（约在第2行）", id="other bytes"),
        pytest.param('记录标识\n"甲\n'.encode() + b"x" * 200_000, "引号是否成对", id="an open quote"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_was_expected(content: bytes, said: str) -> None:
    assert said in "".join(faults(content))


def test_more_rows_than_a_table_may_have_are_refused_with_both_numbers() -> None:
    content = "记录标识\n" + "".join(f"R{n}\n" for n in range(11))

    assert faults(content.encode(), most=10) == ["文件的记录超过上限10行，请分次提出校核申请。"]


def test_typed_rows_are_checked_like_a_file_and_blank_ones_left_out() -> None:
    typed = [{"record": "甲-1", "id_no": "210102199001011234", "value": "正常"}, {"record": " ", "value": ""}]

    assert read_typed(typed, COLUMNS) == ROWS[:1]
    with pytest.raises(RecordFaults, match="expected a value"):
        read_typed([{"value": "正常"}], COLUMNS)
    with pytest.raises(RecordFaults, match="at most 50 rows"):
        read_typed([{"record": str(n)} for n in range(MAX_TYPED + 1)], COLUMNS)
    with pytest.raises(RecordFaults, match="expected texts under"):
        read_typed([{"record": 1}], COLUMNS)


def test_a_draft_keeps_typed_rows_unchecked_but_masked() -> None:
    typed = [{"record": "", "id_no": "210102199001011234", "value": "号码210102199001011234", "x": "y"}]

    assert masked_typed(typed, COLUMNS) == [
        {"record": "", "id_no": "**************1234", "value": "号码**************1234"}
    ]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("210102199001011234", "**************1234", id="citizen id"),
        pytest.param("21010219900101123X", "**************123X", id="with a check letter"),
        pytest.param("持证人210102199001011234的登记", "持证人**************1234的登记", id="in a sentence"),
        pytest.param("210102 19900101 1234", "****************1234", id="with gaps"),
        pytest.param("２１０１０２１９９００１０１１２３４", "**************1234", id="full width"),
        pytest.param("210102900101123", "***********1123", id="of fifteen places"),
        pytest.param("护照E12345678", "护照*****5678", id="passport"),
        pytest.param("H1234567801", "*******7801", id="permit for Hong Kong"),
        pytest.param("91210100MA0ABCDE1X", "91210100MA0ABCDE1X", id="a legal person's code stays"),
        pytest.param("DJ-2026-001", "DJ-2026-001", id="a register number stays"),
        pytest.param("024-86010200", "024-86010200", id="a phone stays"),
    ],
)
def test_numbers_of_persons_are_masked_but_for_four_places(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert mask_text(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("ID210102199001011234", "ID**************1234", id="letters before"),
        pytest.param("2101 0219 9001 0112 34", "******************2 34", id="in fours"),
        pytest.param("2-1-0-1-0-2-1-9-9-0-0-1-0-1-1-2-3-x", "*" * 31 + "-3-x", id="a gap at every place"),
        pytest.param("210102199001011234号", "**************1234号", id="a character after"),
        pytest.param("210 102 900 101 123", "*" * 15 + " 123", id="of fifteen places in threes"),
        pytest.param("e12345678", "*****5678", id="small letter"),
        pytest.param("护照 EA1234567", "护照 *****4567", id="two letters and seven digits"),
        pytest.param("E 1234 5678", "*******5678", id="passport with gaps"),
        pytest.param("ｅ１２３４５６７８", "*****5678", id="full width passport"),
        pytest.param("h1234567801", "*******7801", id="small permit"),
        pytest.param("1 210102199001011234 2026年", "1 **************1234 2026年", id="numbers around it"),
    ],
)
def test_a_number_written_another_way_stayed_whole(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert mask_cell(text) == masked
    assert mask_text(masked) == masked
    assert "9001" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-17",
        "20260617",
        "2026年6月17日至2026年6月25日",
        "2008-01-19 2010-05-06 10:00",
        "2026-06-17 10:00:00",
        "2012-01-20 2012-01-20 19:00",
        "C 20260617",
        "13812345678",
        "138 1234 5678，024-86010200",
        "13812345678 13912345678",
        "024-86010200-1234",
        "LN13-2026-0001",
        "LN13-2026-0001 LN20-2026-0012",
        "E-2026-0001",
        "DJ-2026-001",
        "LNB202606170001",
        "辽公共享复〔2026〕1号",
        "国办发明电〔2025〕7号",
        "11210000MB0A12345K",
        "91210100MA0ABCDE1X",
        "52210000E12345678K",
        "ZWFW20260617",
        "1.15.2.3.10",
    ],
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert mask_text(text) == text
    assert mask_cell(text) == text


def test_a_credit_code_of_digits_that_looks_like_a_citizens_number_stays() -> None:
    alike = "912101201205120035"  # 20120512 in it is no day of birth: the check digit is a code's and no citizen's

    assert credit_code(alike)
    assert mask_text(alike) == alike
    assert mask_cell(alike) == alike


def test_the_cells_of_a_plain_table_are_masked_where_the_form_says_so() -> None:
    cells = [{"key": "who", "label": "人员"}, {"key": "note", "label": "说明"}]
    table = {"key": "people", "type": "table", "label": "涉及人员", "shixian": {"columns": cells}}
    form = load_form({"id": "T", "title": "表", "maskIds": True, "components": [table]})
    typed = {"people": [{"who": "ID210102199001011234", "note": "e12345678"}]}
    masked = [{"who": "ID**************1234", "note": "*****5678"}]

    assert validate(form, typed, {}, PURE_FUNCTIONS, lambda _: [])["people"] == masked
    assert masked_draft(form, typed) == {"people": masked}


def test_what_cannot_be_used_in_art_12_is_written_without_numbers_of_persons() -> None:
    path = Path(__file__).parents[2] / "processes/ln_art12_application/forms/F12-H.json"
    form = load_form(json.loads(path.read_text()))
    values = validate(
        form, {"ok": "unusable", "problem": "ID210102199001011234查无此人"}, {}, PURE_FUNCTIONS, lambda _: []
    )

    assert values["problem"] == "ID**************1234查无此人"


def test_in_a_table_any_number_of_eighteen_places_is_masked() -> None:
    assert mask_cell("112101000000123456") == "**************3456"
    assert mask("A1") == "**"  # nothing would be left hidden


def test_a_record_is_told_by_its_mark_or_where_that_is_masked_by_the_whole_row() -> None:
    hidden = "**************1234"

    assert identity(["甲-1", "", "正常"]) == identity(["甲-1", "", "注销"])
    assert identity([hidden, "", "正常"]) != identity([hidden, "", "注销"])


def test_a_file_of_far_too_many_rows_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    class Counted(io.StringIO):
        def __next__(self) -> str:
            read.append(1)
            return super().__next__()

    monkeypatch.setattr("engine.forms.records.io.StringIO", Counted)
    content = "记录标识\n" + "a\n" * 5000

    assert faults(content.encode(), most=10) == ["文件的记录超过上限10行，请分次提出校核申请。"]
    assert len(read) < 20
