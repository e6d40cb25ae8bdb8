"""The four questions of the calendar's page: read from the address, answered, or refused beside the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from engine.ask import between, latest_start, what_is
from engine.calendar import ChinaWorkingCalendar
from engine.explanation import explain
from engine.periods import BEIJING, Term, Unit
from engine.speech import Bilingual
from web.dates import Unreadable, read_day
from web.language import said

YEARS = range(1949, 2100)  # the working-day rules begin with 1949, the lunar tables end with 2099
UNITS = {
    Unit.WORKING_DAY.value: lazy("工作日"),
    Unit.CALENDAR_DAY.value: lazy("自然日"),
    Unit.MONTH.value: lazy("月"),
}
_NOON = time(12)  # stands for a day without a time
_LONGEST = 1000


@dataclass
class Asked:
    """A question with what was typed, and its answer or what is wrong with it, by field."""

    which: str
    values: dict[str, str]
    answer: Any = None
    errors: dict[str, str] = field(default_factory=dict)


def ask(args: Mapping[str, str], calendar: ChinaWorkingCalendar) -> Asked | None:
    """Return the question that an address asks, answered; None if it asks none."""
    which = args.get("ask", "")
    if which not in _QUESTIONS:
        return None
    asked = Asked(which, {name: args.get(name, "").strip()[:40] for name in _FIELDS})
    fields = _Fields(asked)
    try:
        asked.answer = _QUESTIONS[which](fields, calendar)
    except _Wrong:
        pass
    except (ValueError, OverflowError):
        asked.errors["n"] = _("计算超出了日历的范围，请减少天数。")
    return asked


class _Wrong(Exception):
    """Some field is not as it should be; which, stands in the question's errors."""


class _Fields:
    def __init__(self, asked: Asked) -> None:
        self._values, self._errors = asked.values, asked.errors

    def day(self, name: str) -> date:
        try:
            found = read_day(self._values[name]) if self._values[name] else None
        except Unreadable as fault:
            self._errors[name] = said(fault)
            return date.min
        if found is None:
            self._errors[name] = _("请填写日期。")
        elif found.year not in YEARS:
            self._errors[name] = _(
                "请填写%(first)s年至%(last)s年之间的日期。", first=YEARS[0], last=YEARS[-1]
            )
        return found or date.min

    def time(self, name: str) -> time:
        text = self._values[name]
        try:
            return time.fromisoformat(text).replace(tzinfo=None) if text else _NOON
        except ValueError:
            self._errors[name] = _("“%(text)s”不是时间，应写作15:30。", text=text)
            return _NOON

    def number(self, name: str, least: int) -> int:
        text = self._values[name]
        if not text and least == 0:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= _LONGEST):
            self._errors[name] = _("请填写%(least)s至%(most)s的整数。", least=least, most=_LONGEST)
            return least
        return int(text)

    def unit(self, name: str) -> Unit:
        text = self._values[name] or Unit.WORKING_DAY.value
        if text not in UNITS:
            self._errors[name] = _("请从列表中选择单位。")
            return Unit.WORKING_DAY
        return Unit(text)

    def check(self) -> None:
        if self._errors:
            raise _Wrong


def _due(fields: _Fields, calendar: ChinaWorkingCalendar) -> Any:
    day, at = fields.day("from"), fields.time("time")
    length, extended, unit = fields.number("n", 1), fields.number("extend", 0), fields.unit("unit")
    fields.check()
    term = Term(length, datetime.combine(day, at, BEIJING), unit, extended_by=extended)
    return explain(term, calendar, Bilingual("所填的天数", "the number of days entered"))


def _latest(fields: _Fields, calendar: ChinaWorkingCalendar) -> Any:
    finish, length = fields.day("finish"), fields.number("n", 1)
    fields.check()
    return latest_start(finish, length, calendar)


def _between(fields: _Fields, calendar: ChinaWorkingCalendar) -> Any:
    first, last = fields.day("first"), fields.day("last")
    fields.check()
    return between(first, last, calendar)


def _day(fields: _Fields, calendar: ChinaWorkingCalendar) -> Any:
    day = fields.day("on")
    fields.check()
    return what_is(day, calendar)


_FIELDS = ("from", "time", "n", "unit", "extend", "finish", "first", "last", "on")
_QUESTIONS: dict[str, Callable[[_Fields, ChinaWorkingCalendar], Any]] = {
    "due": _due,
    "latest": _latest,
    "between": _between,
    "day": _day,
}
