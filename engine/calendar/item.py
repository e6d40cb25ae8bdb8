"""One numbered item of a notice: its name, its arrangement, its checks."""

import re
from dataclasses import dataclass

from engine.calendar.checks import check_item, check_law, settle
from engine.calendar.clauses import read_item
from engine.calendar.dates import DateReader
from engine.calendar.feasts import feasts_of
from engine.calendar.parsed import ParsedHoliday
from engine.calendar.text import NoticeUnreadable, canonical

_NAME = re.compile("([^0-9,。;:]{1,20})(?::|(?=[0-9]))")


@dataclass(frozen=True)
class Item:
    """A numbered item as printed; `body` is what follows the number."""

    number: int
    printed: str
    body: str


def read_holiday(item: Item, year: int, name: str = "") -> ParsedHoliday:
    """Read one item into days off and make-up days.

    Args:
        name: The holiday, where the title names it and the item does not (2019 amendment).

    Raises:
        NoticeUnreadable: about this item.
    """
    try:
        return _read(item, year, name)
    except NoticeUnreadable as fault:
        raise fault.within(item.printed) from fault


def _read(item: Item, year: int, name: str) -> ParsedHoliday:
    body = item.body
    if head := _NAME.match(canonical(body)):
        name, body = body[: head.end(1)], body[head.end() :]
    if not feasts_of(name):
        raise NoticeUnreadable(
            f"应为法定节日的名称，文中写作“{name or body}”。请核对原文。",
            f'Expected the name of a statutory holiday, found "{name or body}". Compare the original.',
        )
    found = read_item(body, DateReader(year, new_year="元旦" in feasts_of(name)))
    working = settle(found)
    check_item(found, working)
    check_law(year, name, found.off)
    deciding = {**found.off, **working}
    return ParsedHoliday(
        name,
        tuple(sorted(found.off)),
        tuple(sorted(working)),
        item.printed,
        tuple((day, deciding[day]) for day in sorted(deciding)),
    )
