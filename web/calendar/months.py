"""A year as twelve months of weeks, each day with what it shows."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask_babel import gettext, lazy_gettext, lazy_pgettext

from engine.ask import DayAnswer
from engine.calendar import Holiday, Kind, Notice
from engine.periods import Status
from web.labels import feast

_MARKS = {
    Kind.HOLIDAY: lazy_pgettext("mark of a day", "休"),
    Kind.MAKEUP: lazy_pgettext("mark of a day", "班"),
}
_TAIL = lazy_pgettext("mark of a day", "暂")
_WORDS = {
    "workday": lazy_gettext("工作日"),
    "weekend": lazy_gettext("周休息日"),
    "holiday": lazy_gettext("放假"),
    "makeup": lazy_gettext("调休上班"),
}


@dataclass(frozen=True)
class Cell:
    """A day of the year's page; `mark` is one character, so that nothing rests on colour."""

    answer: DayAnswer
    kind: str  # workday, weekend, holiday, makeup
    mark: str
    tail: bool

    @property
    def date(self) -> date:
        """The day."""
        return self.answer.day.date

    @property
    def verdict(self) -> str:
        """What a screen reader says after the date."""
        day = self.answer.day
        words = _WORDS[self.kind]
        named = gettext("%(name)s%(what)s", name=feast(day.name), what=words) if day.name else str(words)
        return gettext("%(what)s，暂定", what=named) if self.tail else named


@dataclass(frozen=True)
class Entry:
    """A holiday of the year with its days, and the document that says so; None for an estimate."""

    name: str
    days_off: tuple[date, ...]
    work_days: tuple[date, ...]
    notice: Notice | None
    sentence: str


def months(answers: Sequence[DayAnswer]) -> list[list[list[Cell | None]]]:
    """Return the weeks of each month, Monday first; None where the week belongs to another month."""
    cells = {a.day.date: cell(a) for a in answers}
    year = answers[0].day.date.year
    return [
        [
            [cells[d] if d.month == month and d in cells else None for d in week]
            for week in Weeks().monthdatescalendar(year, month)
        ]
        for month in range(1, 13)
    ]


def cell(answer: DayAnswer) -> Cell:
    """Return how a day is shown; an estimated holiday looks like one, an estimated weekend like a weekend."""
    day = answer.day
    if day.kind in _MARKS:
        kind = day.kind.value
    elif not day.working:
        kind = "holiday" if day.name else "weekend"
    else:
        kind = "workday"
    tail = answer.status is Status.PROVISIONAL
    return Cell(answer, kind, str(_MARKS.get(Kind(kind), _TAIL if tail else "")), tail)


def entries(answers: Sequence[DayAnswer]) -> list[Entry]:
    """Return the holidays of the year in the order of their first day off."""
    found: dict[tuple[str, str], list[DayAnswer]] = {}
    for a in answers:
        if a.day.name and (a.holiday or not a.day.working):
            found.setdefault((a.day.name, a.notice.id if a.notice else ""), []).append(a)
    listed = [_entry(name, group) for (name, _), group in found.items()]
    return sorted(listed, key=lambda x: (x.days_off or x.work_days)[0])


def differences(then: Sequence[DayAnswer], now: Sequence[DayAnswer]) -> list[tuple[DayAnswer, DayAnswer]]:
    """Return the days that were held to be something else then."""
    return [
        (a, b)
        for a, b in zip(then, now, strict=True)
        if (a.day.working, a.day.name) != (b.day.working, b.day.name)
    ]


def spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """Return days as runs: (first, last)."""
    runs = groupby(enumerate(days), key=lambda nd: nd[1].toordinal() - nd[0])
    listed = [[d for _, d in run] for _, run in runs]
    return [(run[0], run[-1]) for run in listed]


def _entry(name: str, group: Sequence[DayAnswer]) -> Entry:
    holiday: Holiday | None = group[0].holiday
    return Entry(
        name,
        tuple(a.day.date for a in group if not a.day.working),
        tuple(a.day.date for a in group if a.day.working),
        group[0].notice,
        holiday.sentence if holiday else "",
    )
