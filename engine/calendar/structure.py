"""The parts of a notice: preamble, numbered items (一、二、…), closing words, signature."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.calendar.clauses import is_operative
from engine.calendar.item import Item
from engine.calendar.text import (
    NoticeUnreadable,
    canonical,
    chinese_number,
    chinese_year,
    join,
    lines,
)

_ITEM = re.compile("([一二三四五六七八九十]{1,3})、")
_NUMERAL = "[0-9〇○◯零一二三四五六七八九十]"
_SIGNATURE = re.compile(rf"(?:国务院办公厅)?({_NUMERAL}{{4}})年({_NUMERAL}{{1,3}})月({_NUMERAL}{{1,3}})日")


@dataclass(frozen=True)
class Document:
    """A notice taken apart; `preamble` is one line, `signature` the date as printed."""

    preamble: str
    items: tuple[Item, ...]
    signed: date | None
    signature: str


def structure(text: str) -> Document:
    """Take a text apart.

    Raises:
        NoticeUnreadable: it has no items, their numbers leave a gap, or what follows them arranges something.
    """
    printed = lines(text)
    starts = [n for n, line in enumerate(printed) if _ITEM.match(line)]
    if not starts:
        raise NoticeUnreadable(
            "应有“一、元旦：…”这样编号的各项，文中没有找到。请粘贴通知全文（不是网址、摘要或图片）。",
            "Expected numbered items such as 一、元旦：…, found none. Paste the whole text of the notice.",
            printed[0][:80] if printed else "",
        )
    end = _end_of_items(printed, starts[-1])
    items = tuple(_item(printed[start:stop]) for start, stop in zip(starts, [*starts[1:], end], strict=True))
    _check_numbers(items)
    signed, signature = _closing(printed[end:])
    return Document("".join(printed[: starts[0]]), items, signed, signature)


def _end_of_items(printed: Sequence[str], last: int) -> int:
    """Return where the closing words begin: after the sentence, unless another arrangement follows."""
    end = last + 1
    while end < len(printed) and (not printed[end - 1].endswith(("。", "｡")) or _goes_on(printed[end])):
        end += 1
    return end


def _goes_on(line: str) -> bool:
    return line.startswith("其中") or (is_operative(line) and not _signature(line))


def _item(printed: Sequence[str]) -> Item:
    whole = join(printed)
    number = _ITEM.match(whole)
    assert number is not None  # the caller cut the text at these marks
    return Item(chinese_number(number[1]) or 0, whole, whole[number.end() :])


def _check_numbers(items: Sequence[Item]) -> None:
    for due, item in enumerate(items, start=1):
        if item.number != due:
            raise NoticeUnreadable(
                f"各项编号应连续，此处应为第{due}项，文中为第{item.number}项。请核对原文有无缺漏或重复。",
                f"Expected item {due}, found item {item.number}. Is one missing or there twice?",
                item.printed,
            )


def _closing(printed: Sequence[str]) -> tuple[date | None, str]:
    signed: date | None = None
    signature = ""
    for line in printed:
        if (found := _signature(line)) and signature in ("", line):
            signed, signature = found, line
        elif is_operative(line):
            raise NoticeUnreadable(
                "各项之后的这句话含有日期或放假、上班等字样，无法判断。请只保留通知正文；正文如此的，请手工录入。",
                "This sentence after the items names a date or speaks of days off. Keep the text of the notice only.",
                line,
            )
    return signed, signature


def _signature(line: str) -> date | None:
    if not (found := _SIGNATURE.fullmatch(canonical(line))):
        return None
    year, month, day = chinese_year(found[1]), chinese_number(found[2]), chinese_number(found[3])
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        raise NoticeUnreadable(
            "落款日期在日历上没有。", "The date under the text does not exist.", line
        ) from None
