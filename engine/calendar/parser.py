"""Reads the text of a holiday notice of the General Office of the State Council (国务院办公厅), or says what it cannot.

Nothing is skipped in silence: preamble and closing words arrange nothing, and every clause of every numbered
item is read by a rule or refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.calendar.amendment import in_force, read_amendment
from engine.calendar.checks import check_together, remarks_on
from engine.calendar.feasts import FEAST, feasts_of
from engine.calendar.item import Item, read_holiday
from engine.calendar.notices import Notice
from engine.calendar.parsed import ParsedHoliday, ParsedNotice
from engine.calendar.structure import Document, structure
from engine.calendar.text import NoticeUnreadable, canonical

_TITLE = re.compile(
    r"国务院办公厅关于(?:(?P<year>[0-9]{4})年部分节假日安排"
    r"|(?:延长|调整)(?P<amended>[0-9]{4})年(?P<name>[^。,:《》]{1,20}?)(?:假期|放假)(?:安排)?)的通知"
)
_OTHER_TITLE = re.compile("关于[^。,《》]{1,40}的通知")
_DOC_NO = re.compile(r"(国办发(?:明电)?)[〔\[(【]([0-9]{4})[〕\])】]第?([0-9]+)号")
_YEARS = range(2007, 2100)  # the forms known, and the tables of the lunar calendar


@dataclass(frozen=True)
class _Head:
    year: int
    title: str
    amended: str
    doc_no: str


def parse_notice(text: str, *, year: int | None = None, known: Sequence[Notice] = ()) -> ParsedNotice:
    """Read a notice and check it against itself, the week and the law.

    Args:
        text: The notice, full- or half-width; what stands before the first item is preamble.
        year: The year, where the text begins with its items and does not name one.
        known: The notices known already, for an amendment that only gives a new end (2020).

    Raises:
        NoticeUnreadable: it cannot be read whole, or it contradicts itself.
    """
    document = structure(text)
    head = _head(document, year)
    if head.year not in _YEARS:
        raise NoticeUnreadable(
            f"能读{_YEARS[0]}至{_YEARS[-1]}年的通知，这份通知的年份为{head.year}。",
            f"Notices of {_YEARS[0]} to {_YEARS[-1]} can be read, this one is of {head.year}.",
        )
    _check_signed(document, head)
    if head.amended:
        before = in_force(known, head.year, head.amended, document.signed)
        holidays = read_amendment(document.items, head.year, head.amended, before)
        replaces = tuple(holiday.name for holiday in holidays)
        return ParsedNotice(
            head.year, "amendment", head.title, head.doc_no, document.signed, holidays, replaces
        )
    holidays = tuple(read_holiday(item, head.year) for item in document.items)
    _check_announced(document, holidays)
    check_together(head.year, holidays)
    return ParsedNotice(
        head.year,
        "annual",
        head.title,
        head.doc_no,
        document.signed,
        holidays,
        remarks=remarks_on(head.year, holidays),
    )


def _head(document: Document, year: int | None) -> _Head:
    plain = canonical(document.preamble)
    titles = list(_TITLE.finditer(plain))
    if not titles:
        if other := _OTHER_TITLE.search(plain):
            raise NoticeUnreadable(
                f"应为国务院办公厅关于节假日安排的通知，文中为“{other[0]}”。请粘贴国务院办公厅通知的正文。",
                f'Expected a notice of the State Council\'s General Office on holidays, found "{other[0]}".',
                other[0],
            )
        return _Head(_year_without_title(document.items, year), "", "", "")
    first = titles[0]
    found = int(first["year"] or first["amended"])
    for printed in [*(int(title["year"] or title["amended"]) for title in titles), *_years_of(plain)]:
        _agree(found, printed, first[0])
    if year is not None:
        _agree(year, found, first[0])
    number = _DOC_NO.search(plain)
    return _Head(
        found,
        document.preamble[first.start() : first.end()],
        first["name"] or "",
        f"{number[1]}〔{number[2]}〕{number[3]}号" if number else "",
    )


def _years_of(plain: str) -> list[int]:
    """Return the years the preamble arranges: 现将2026年元旦、春节…"""
    return [int(year) for year in re.findall(rf"([0-9]{{4}})年(?:部分节假日|{FEAST})", plain)]


def _year_without_title(items: Sequence[Item], year: int | None) -> int:
    printed = re.search("([0-9]{4})年1月[0-9]", canonical(items[0].printed))
    if printed and year is not None:
        _agree(year, int(printed[1]), items[0].printed)
    if year is None and not printed:
        raise NoticeUnreadable(
            "文中没有标题，也没有写明年份。请连同标题“国务院办公厅关于××××年部分节假日安排的通知”一并粘贴。",
            "Found neither a title nor a year. Paste the title of the notice together with its items.",
            items[0].printed,
        )
    return int(printed[1]) if printed else year or 0


def _agree(expected: int, found: int, where: str) -> None:
    if expected != found:
        raise NoticeUnreadable(
            f"年份应为{expected}年，文中另有{found}年。请核对原文。",
            f"Expected the year {expected}, found {found} beside it. Compare the original.",
            where,
        )


def _check_signed(document: Document, head: _Head) -> None:
    """Hold the date under the text against the number: an annual notice comes out in the year before."""
    number = _DOC_NO.search(canonical(head.doc_no))
    issued = int(number[2]) if number else None
    allowed = (head.year - 1, head.year) if head.amended else (head.year - 1,)
    for year in (issued, document.signed.year if document.signed else None):
        if year is not None and (year not in allowed or year != (issued or year)):
            raise NoticeUnreadable(
                f"{head.year}年的通知应在{allowed[0]}年发出，且文号与落款年份一致，文中写作{year}年。请核对原文。",
                f"Expected the notice to be issued in {allowed[0]}, in its number and its date; found {year}.",
                document.signature if issued is None or year != issued else head.doc_no,
            )


def _check_announced(document: Document, holidays: Sequence[ParsedHoliday]) -> None:
    """Hold the holidays named in 现将…年元旦、春节…放假调休日期 against the items."""
    announced = re.search("现将[0-9]{4}年([^。,]+?)放假(?:调休)?日期", canonical(document.preamble))
    named = frozenset[str]().union(*(feasts_of(holiday.name) for holiday in holidays))
    if announced and feasts_of(announced[1]) != named:
        raise NoticeUnreadable(
            f"通知开头列出{announced[1]}，与各项的节日不一致。请核对原文是否完整。",
            f"The holidays announced ({announced[1]}) are not those of the items. Is the text complete?",
            announced[0],
        )
