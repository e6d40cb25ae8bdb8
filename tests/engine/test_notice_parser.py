"""The text of a notice is read right, or not at all."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.calendar import Notice, load_notices
from engine.calendar.parsed import ParsedNotice
from engine.calendar.parser import parse_notice
from engine.calendar.text import NoticeUnreadable, decode_notice
from engine.cli import cli

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "calendar" / "notice-texts"
SHIPPED = ROOT / "processes/calendars/notices.yaml"
FICTION = ROOT / "tests/data/fictional_notice_2027.txt"
if not TEXTS.is_dir():
    pytest.skip(f"the texts of the notices are not at {TEXTS}", allow_module_level=True)
EXPECTED: dict[str, dict[str, Any]] = json.loads((TEXTS / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(str(path.relative_to(TEXTS)) for path in TEXTS.rglob("*.txt"))
KNOWN = load_notices(SHIPPED)
ITEM = re.compile("^[一二三四五六七]、", re.MULTILINE)


@cache
def text_of(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")


def read(name: str, text: str | None = None) -> ParsedNotice:
    """Read a shared text; those that hold only the items are given their year."""
    year = int(Path(name).name[:4]) if name.startswith("fullwidth/") else None
    return parse_notice(text_of(name) if text is None else text, year=year, known=KNOWN)


def holidays(found: ParsedNotice) -> list[dict[str, Any]]:
    return [
        {
            "name": holiday.name,
            "days_off": [day.isoformat() for day in holiday.days_off],
            "work_days": [day.isoformat() for day in holiday.work_days],
        }
        for holiday in found.holidays
    ]


def refused(text: str, **more: Any) -> NoticeUnreadable:
    with pytest.raises(NoticeUnreadable) as fault:
        parse_notice(text, **more)
    return fault.value


# What the texts say


@pytest.mark.parametrize("name", NAMES)
def test_a_text_says_what_was_expected_of_it(name: str) -> None:
    expected = EXPECTED[Path(name).name]

    found = read(name)

    assert (found.year, found.kind) == (expected["year"], expected["kind"])
    assert list(found.replaces) == expected.get("replaces", [])
    assert holidays(found) == expected["holidays"]
    assert found.remarks == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_day_has_the_clause_that_decides_it(name: str) -> None:
    annual = next(n for n in KNOWN if n.id == "2020").holidays

    for holiday in read(name).holidays:
        assert [day for day, _ in holiday.deciding] == sorted(holiday.days_off + holiday.work_days)
        for day in holiday.days_off + holiday.work_days:
            clause = holiday.clause(day)
            assert clause in holiday.sentence or clause in [h.sentence for h in annual]
            assert re.search("放假|上班|补休|调至|假期", clause)


def test_the_clause_is_the_narrowest_one() -> None:
    spring, qingming = read("fullwidth/2026.txt").holidays[1], read("fullwidth/2014.txt").holidays[2]
    national = read("fullwidth/2008.txt").holidays[6]

    assert spring.clause(date(2026, 2, 28)) == "2月14日（周六）、2月28日（周六）上班"
    assert spring.clause(date(2026, 2, 17)).endswith("至23日（农历正月初七、周一）放假调休")
    assert qingming.clause(date(2014, 4, 7)) == "4月7日（星期一）补休"
    assert "两个公休日调至" in national.clause(date(2008, 9, 28))
    with pytest.raises(KeyError):
        spring.clause(date(2026, 2, 24))


@pytest.mark.parametrize(
    ("name", "number", "signed"),
    [
        ("2010.txt", "国办发明电〔2009〕27号", date(2009, 12, 7)),
        ("2012.txt", "国办发明电〔2011〕45号", date(2011, 12, 5)),
        ("2018.txt", "国办发明电〔2017〕12号", date(2017, 11, 30)),
        ("2026.txt", "", date(2025, 11, 4)),
        ("fullwidth/2026.txt", "", None),
    ],
)
def test_title_number_and_date(name: str, number: str, signed: date | None) -> None:
    found = read(name)

    assert (found.doc_no, found.signed) == (number, signed)
    title = f"国务院办公厅关于{found.year}年部分节假日安排的通知"
    assert found.title == ("" if name.startswith("fullwidth/") else title)


def test_a_holiday_keeps_its_sentence() -> None:
    holiday = read("fullwidth/2024.txt").holidays[1].to_holiday()

    assert holiday.sentence == text_of("fullwidth/2024.txt").splitlines()[1]
    assert date(2024, 2, 9) not in holiday.days_off


@pytest.mark.parametrize("notice", [n for n in KNOWN if f"{n.id}.txt" in EXPECTED], ids=lambda n: n.id)
def test_a_shipped_sentence_is_the_one_in_the_text(notice: Notice) -> None:
    full_width = f"fullwidth/{notice.id}.txt"

    found = read(full_width if full_width in NAMES else f"{notice.id}.txt")

    assert [holiday.to_holiday() for holiday in found.holidays] == list(notice.holidays)
    assert all(holiday.sentence in text_of(full_width) for holiday in notice.holidays if full_width in NAMES)


def test_no_sentence_is_shipped_for_a_year_without_text() -> None:
    for notice in KNOWN:
        if f"{notice.id}.txt" not in EXPECTED:
            assert [holiday.sentence for holiday in notice.holidays] == [""] * len(notice.holidays)


def test_an_extension_needs_the_notice_it_extends() -> None:
    fault = refused(text_of("2020-amendment.txt"))

    assert "年度通知" in fault.zh
    assert fault.sentence.startswith("一、延长2020年春节假期至2月2日")


# The form of the text does not matter


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_bytes_in_every_usual_encoding(name: str, encoding: str) -> None:
    assert read(name, decode_notice(text_of(name).encode(encoding))) == read(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("fullwidth/")])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda text: text.replace("\n", "\n\n　　"), id="indented paragraphs"),
        pytest.param(lambda text: re.sub(r"(?<=[月日、至])", " ", text), id="spaces between the words"),
        pytest.param(
            lambda text: text.translate({ord("0") + n: ord("０") + n for n in range(10)}), id="wide digits"
        ),
        pytest.param(lambda text: "首页 > 政策\n2010-01-01 来源：网站\n" + text, id="more preamble"),
        pytest.param(lambda text: re.sub("([，,。])", r"\1\n", text), id="hard line breaks"),
    ],
)
def test_layout_does_not_matter(name: str, change: Any) -> None:
    assert holidays(read(name, change(text_of(name)))) == holidays(read(name))


def test_a_space_within_a_number_is_not_guessed_away() -> None:
    text = text_of("2026.txt").replace("2月14日", "2月1 4日")

    assert "2月1 4日" in refused(text).sentence


def test_a_fictional_notice_below_its_warning() -> None:
    text = FICTION.read_text(encoding="utf-8")

    found = parse_notice(text)

    assert text.startswith("测试用虚构文本，非国务院办公厅通知")
    assert found.remarks == ()
    assert found.holidays[0].days_off == (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2))
    assert found.holidays[0].work_days == (date(2026, 12, 27),)


# What cannot be read


@pytest.mark.parametrize(
    "raw",
    [
        b"%PDF-1.7 ...",
        b"PK\x03\x04docx",
        b"\xd0\xcf\x11\xe0doc",
        b"a\x00b",
        b"\xff\xfe\x00",
        b"\x81\xff",
        b"\x1b[",
    ],
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(NoticeUnreadable, match=r"存为纯文本（\.txt）"):
        decode_notice(raw)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n",
        "明天放假，后天上班。",
        "http://www.gov.cn/zhengce/content_5243579.htm",
        "一、",
        "一、二、三、",
        "一、元旦：",
        "一、本办法自2026年1月1日起施行。\n二、各部门应当遵照执行。",
    ],
)
def test_prose_is_refused(text: str) -> None:
    assert refused(text, year=2026).zh


def test_a_notice_of_another_office_is_refused() -> None:
    text = text_of("2026.txt").replace("国务院办公厅关于", "某省人民政府办公厅关于")

    assert "国务院办公厅" in refused(text).zh


def test_items_without_a_year_are_refused() -> None:
    assert "年份" in refused(text_of("fullwidth/2018.txt")).zh


def test_another_year_than_the_title_is_refused() -> None:
    assert "2025" in refused(text_of("2026.txt"), year=2025).zh


@pytest.mark.parametrize("item", range(1, 7))
def test_a_missing_item_is_refused(item: int) -> None:
    rows = text_of("fullwidth/2026.txt").splitlines()
    numerals = "一二三四五六七"
    gap = "\n".join(rows[:item] + rows[item + 1 :])
    renumbered = "\n".join(numerals[n] + row[1:] for n, row in enumerate(rows[:item] + rows[item + 1 :]))

    if item < 6:
        assert "编号" in refused(gap, year=2026).zh
    assert "缺少" in refused(renumbered, year=2026).zh


def test_two_items_with_the_same_number_are_refused() -> None:
    text = text_of("2026.txt").replace("四、劳动节", "三、劳动节")

    fault = refused(text)

    assert "第4项" in fault.zh and fault.sentence.startswith("三、劳动节")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("四、劳动节", "四、儿童节", "节日", id="unknown holiday"),
        pytest.param("四、劳动节", "四、清明节", "法定假日", id="a holiday under the name of another"),
        pytest.param("1月4日(周日)上班", "1月4日(周日)上班,1月5日机动", "读不懂", id="an unknown clause"),
        pytest.param("1月4日(周日)上班", "1月4日(周日)和有关部门商定上班", "读不懂", id="an unknown form"),
        pytest.param("1月4日(周日)上班", "", "缺了一句", id="an empty sentence"),
        pytest.param("1月4日(周日)上班", "1月3日(周六)上班", "既放假又上班", id="both off and working"),
        pytest.param("1月4日(周日)上班", "1月4日上班,1月4日上班", "两次", id="said twice"),
        pytest.param("1月4日(周日)上班", "1月5日(周一)上班", "不是星期六", id="a make-up day on a Monday"),
        pytest.param("5月9日(周六)上班", "2月28日(周六)上班", "离假期太远", id="a make-up day far away"),
        pytest.param("4月4日(周六)至6日", "4月6日至4日", "起日在前", id="a range backwards"),
        pytest.param("4月4日(周六)", "4月4日(周六", "括号", id="a bracket left open"),
        pytest.param("农历正月初七", "农历正月初八", "不是", id="a wrong lunar date"),
        pytest.param("农历正月初七", "见附件", "括号内", id="a remark of another kind"),
        pytest.param("2025年11", "1月5日放假。\n2025年11", "各项之后", id="an arrangement after the items"),
        pytest.param(
            "共3天。1月4日", "共3天。鼓励1月5日放假。1月4日", "像是建议", id="advice with an arrangement"
        ),
        pytest.param("国庆节放假调休", "重阳节放假调休", "不一致", id="announced and not arranged"),
        pytest.param("2025年11月4日", "2026年11月4日", "落款", id="signed in the year itself"),
        pytest.param("2025年11月4日", "2025年11月31日", "落款", id="signed on no day"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(old: str, new: str, complaint: str) -> None:
    text = text_of("2026.txt")
    assert old in text

    fault = refused(text.replace(old, new, 1))

    assert complaint in fault.zh and fault.en and fault.sentence


def test_a_make_up_day_left_out_is_remarked() -> None:
    text = text_of("2026.txt").replace("5月9日(周六)上班。", "")

    (remark,) = parse_notice(text).remarks

    assert "14天" in remark.zh and "13天" in remark.zh


# One character changed: refused, or read as it now stands


def reading(found: ParsedNotice) -> tuple[object, ...]:
    """Return what a notice says, without its own words."""
    days = tuple((h.name, h.days_off, h.work_days) for h in found.holidays)
    return (found.year, found.kind, found.title, found.doc_no, found.signed, days)


def alternatives(text: str, at: int) -> str:
    """Return what may stand instead of a digit or the character of a weekday; counts are digits before 天."""
    if text[at] in "0123456789":
        return "0123456789".replace(text[at], "")
    if text[at] in "一二三四五六日" and text[at - 1 : at] in ("期", "周"):
        return "一二三四五六日".replace(text[at], "")
    return ""


def is_weekday_or_count(text: str, at: int) -> bool:
    return text[at] not in "0123456789" or re.match("[0-9]*天", text[at:]) is not None


def mutations(text: str) -> Iterator[tuple[int, str]]:
    for at in range(len(text)):
        for other in alternatives(text, at):
            yield at, text[:at] + other + text[at + 1 :]


@cache
def original(name: str) -> ParsedNotice:
    return read(name)


def check_mutant(name: str, text: str) -> str:
    """Tell whether a changed text is refused or what has changed; fail where it must not have been accepted.

    It must not where what is printed beside the change contradicts it. A weekday or a count is always printed
    beside a date, so neither can change alone. A date beside its weekday can only move by whole weeks, and only
    where no range, count or law holds it, which leaves the make-up days. The number of the document and the date
    under the text stand alone. And it must never be read as the arrangement before the change.
    """
    before = original(name)
    try:
        after = read(name, text)
    except NoticeUnreadable:
        return "refused"
    assert reading(after) != reading(before), f"{text} was read as if nothing had changed"
    if (after.doc_no, after.signed) != (before.doc_no, before.signed):
        assert after.holidays == before.holidays
        return "number or date"
    ((old, new),) = [(o, n) for o, n in zip(before.holidays, after.holidays, strict=True) if o != n]
    (gone,), (come,) = set(old.work_days) - set(new.work_days), set(new.work_days) - set(old.work_days)
    assert old.days_off == new.days_off
    assert (come - gone) % timedelta(7) == timedelta(0), f"{come} is not the weekday printed beside it"
    assert re.search(rf"(?<![0-9]){come.day}日[（(](?:星期|周)[六日]", new.sentence)
    return "make-up day"


# How many changes of one digit, weekday or count are refused; accepted in a make-up day; in number or date.
FIGURES = {
    "2008.txt": (1481, 1, 0),
    "2010.txt": (658, 2, 18),
    "2012.txt": (705, 3, 18),
    "2014.txt": (559, 2, 33),
    "2016.txt": (620, 2, 32),
    "2018.txt": (622, 3, 23),
    "2020-amendment.txt": (210, 0, 9),
    "2020.txt": (635, 5, 14),
    "2022.txt": (729, 2, 31),
    "2024.txt": (706, 4, 22),
    "2026.txt": (711, 1, 11),
    "fullwidth/2008.txt": (1481, 1, 0),
    "fullwidth/2010.txt": (550, 2, 0),
    "fullwidth/2012.txt": (597, 3, 0),
    "fullwidth/2014.txt": (394, 2, 0),
    "fullwidth/2016.txt": (454, 2, 0),
    "fullwidth/2018.txt": (447, 3, 0),
    "fullwidth/2020.txt": (505, 5, 0),
    "fullwidth/2022.txt": (562, 2, 0),
    "fullwidth/2024.txt": (539, 4, 0),
    "fullwidth/2026.txt": (587, 1, 0),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_character_is_refused_or_read_as_it_stands(name: str) -> None:
    found = [(at, check_mutant(name, text)) for at, text in mutations(text_of(name))]

    kinds = [kind for _, kind in found]
    figures = tuple(kinds.count(kind) for kind in ("refused", "make-up day", "number or date"))
    assert figures == FIGURES.get(name, figures)
    assert {kind for at, kind in found if is_weekday_or_count(text_of(name), at)} <= {"refused"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_item_with_one_character_changed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    text = text_of(name)
    starts = [item.start() for item in ITEM.finditer(text)]
    start, end = data.draw(st.sampled_from(list(zip(starts, [*starts[1:], len(text)], strict=True))))
    places = [n for n in range(start, end) if alternatives(text, n)]
    assume(places)
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from(alternatives(text, at)))

    check_mutant(name, text[:at] + other + text[at + 1 :])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_text_is_read_or_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    text = text_of(data.draw(st.sampled_from(NAMES)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    other = data.draw(
        st.text(alphabet="一二十、。，：（）()至—0123年月日天周星期放假上班调休补公初 \n", max_size=12)
    )

    try:
        parse_notice(text[:start] + other + text[end:], year=2026, known=KNOWN)
    except NoticeUnreadable as fault:
        assert fault.zh and fault.en


# On the command line


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["calendar", "parse", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", [name for name in NAMES if name in EXPECTED and name != "2008.txt"])
def test_the_command_prints_the_entry_as_json(name: str) -> None:
    code, output = run("--json", str(TEXTS / name))

    assert code == 0
    assert json.loads(output) == {key: value for key, value in EXPECTED[name].items() if key != "note"}


def test_the_command_prints_days_and_sentence() -> None:
    code, output = run("--year", "2026", str(TEXTS / "fullwidth/2026.txt"))

    assert code == 0
    assert "放假（3天）：2026-01-01 周四、2026-01-02 周五、2026-01-03 周六" in output
    assert "上班（1天）：2026-01-04 周日" in output
    assert "原文：一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。" in output


def test_the_command_quotes_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text(text_of("2026.txt").replace("共9天", "共8天"), encoding="gb18030")

    code, output = run(str(file))

    assert code == 1
    assert "按日期为9天，文中写作8" in output
    assert "原文：二、春节:2月15日" in output


def test_the_command_names_a_file_that_is_not_there() -> None:
    code, output = run("nowhere.txt")

    assert code == 2
    assert "nowhere.txt" in output
