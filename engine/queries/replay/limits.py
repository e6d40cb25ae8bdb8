"""The limits of a case through their lives: as counted by the calendar known at each instant, and by today's."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from engine import events as e
from engine.calendar import ChinaWorkingCalendar, Day
from engine.clock import instant
from engine.deadline_terms import read_extensions, read_rule, read_term
from engine.deadlines import length_text
from engine.english_dates import en_feast
from engine.explanation import Explanation, day_reason, explain
from engine.history.chain import Recorded
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.queries.replay.views import CountedDay, Counting, Phase, ReplayLimit
from engine.speech import Bilingual

_HELD = Bilingual(
    "按新安排计算的届满日此前已过，保留至可知之日",
    "the date by the new calendar had passed already; kept to the day it could be known",
)
_LATE = Bilingual("届满后的工作日，计入逾期", "working day after the limit, counted as late")
_LATE_REST = Bilingual(
    "届满后的休息日，不计入逾期的工作日", "rest day after the limit, no working day of lateness"
)
_LONGEST = timedelta(days=1500)  # of lateness that is still listed day by day


class Limits:
    """The limits of a case while its events go by."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._limits: dict[int, ReplayLimit] = {}
        self._ended: dict[int, datetime] = {}
        self._terms: dict[int, tuple[dict[str, Any], int | None]] = {}  # and who owes the act
        self._counted: dict[tuple[bytes, str, bool, int], Counting] = {}

    def apply(self, recorded: Recorded) -> None:
        """Take in what an event says about a limit."""
        event = recorded.event
        if isinstance(event, e.DeadlineSet):
            self._set(event, recorded)
        elif isinstance(event, e.DeadlineMoved):
            self._moved(event, recorded)
        elif isinstance(event, e.DeadlineEnded):
            self._ended[event.deadline_key] = recorded.occurred_at
            self._stands(
                event.deadline_key, recorded, event.state, late_wd=event.late_wd, late_cd=event.late_cd
            )
        elif (state := _STATES.get(type(event))) is not None:
            self._stands(getattr(event, "deadline_key", 0), recorded, state)

    def binds(self, key: int) -> bool:
        """Say whether a limit makes a case overdue; others only remind, or move the token on."""
        return key in self._limits and self._limits[key].binding

    def all(self) -> tuple[ReplayLimit, ...]:
        """Return the limits in the order they were set."""
        return tuple(self._with_lateness(limit) for limit in self._limits.values())

    def _set(self, event: e.DeadlineSet, recorded: Recorded) -> None:
        term = read_term(event.terms)
        self._terms[event.deadline_key] = (event.terms, event.organisation_key)
        self._limits[event.deadline_key] = ReplayLimit(
            key=event.deadline_key,
            element_id=event.element_id,
            name=event.name,
            organisation=self._reader.org(event.organisation_key, beijing_day(recorded.occurred_at)),
            basis=event.basis,
            kind=event.kind,
            set_by=event.terms.get("set_by", ""),
            length=length_text(term.length, term.unit),
            set_at=recorded.occurred_at,
            binding=event.on_expiry == "overdue",
            phases=(),
            late=(),
            late_wd=None,
            late_cd=None,
        )
        self._count(event, recorded, "running")

    def _moved(self, event: e.DeadlineMoved, recorded: Recorded) -> None:
        limit = self._limits[event.deadline_key]
        term = read_term(event.terms)
        organisation_key = self._terms[event.deadline_key][1]
        if isinstance(event, e.DeadlineMigrated):
            organisation_key = event.organisation_key
            limit = replace(
                limit,
                element_id=event.element_id,
                name=event.name,
                organisation=self._reader.org(organisation_key, beijing_day(recorded.occurred_at)),
                basis=event.basis,
                kind=event.kind,
                binding=event.on_expiry == "overdue",
            )
        self._terms[event.deadline_key] = (event.terms, organisation_key)
        self._limits[event.deadline_key] = replace(limit, length=length_text(term.length, term.unit))
        self._count(event, recorded, event.state)

    def _count(self, event: e.DeadlineSet | e.DeadlineMoved, recorded: Recorded, state: str) -> None:
        key, due_on = event.deadline_key, date.fromisoformat(event.due_on)
        known_at = instant(event.calendar_as_of)
        then, now = self._counting(key, known_at), self._counting(key, None)
        kept = bool(getattr(event, "held", False)) or self._kept(key, then, due_on, recorded)
        if kept:
            then = replace(then, days=(*then.days, *self._held(key, then.due_on, due_on, known_at)))
        phase = Phase(
            seq=recorded.seq,
            state=state,
            due_on=due_on,
            known_at=known_at,
            then=then,
            now=None if kept or _alike(then, now) else now,
            kept=kept,
        )
        self._add(key, phase)

    def _kept(self, key: int, then: Counting, due_on: date, recorded: Recorded) -> bool:
        """Say whether a date is later than the count since that had passed when it was set, or set before."""
        if due_on <= then.due_on:
            return False
        before = self._limits[key].phases
        return then.due_on < beijing_day(recorded.occurred_at) or (bool(before) and before[-1].kept)

    def _stands(self, key: int, recorded: Recorded, state: str, **values: Any) -> None:
        limit = self._limits.get(key)
        if limit is None or not limit.phases:
            return  # set before the case's history begins: nothing to go on from
        self._limits[key] = replace(limit, **values)
        self._add(key, replace(limit.phases[-1], seq=recorded.seq, state=state))

    def _add(self, key: int, phase: Phase) -> None:
        limit = self._limits[key]
        self._limits[key] = replace(limit, phases=(*limit.phases, phase))

    def _counting(self, key: int, known_at: datetime | None) -> Counting:
        terms, organisation_key = self._terms[key]
        limit = self._limits[key]
        calendar = self._reader.calendar(organisation_key, known_at)
        kept = (orjson.dumps(terms), limit.basis, limit.kind == "law", id(calendar))
        if kept not in self._counted:
            self._counted[kept] = _counting(
                explain(
                    read_term(terms),
                    calendar,
                    limit.basis,
                    read_extensions(terms),
                    read_rule(terms),
                    by_law=limit.kind == "law",
                    set_by=limit.set_by,
                )
            )
        return self._counted[kept]

    def _held(self, key: int, last: date, due_on: date, known_at: datetime) -> list[CountedDay]:
        calendar = self._reader.calendar(self._terms[key][1], known_at)
        return [
            CountedDay(day.date, "held", None, False, _HELD, "", "")
            for day in calendar.days(last + timedelta(1), due_on)
        ]

    def _with_lateness(self, limit: ReplayLimit) -> ReplayLimit:
        """Return a limit with the days after it ran out, by the calendar as known when the act was done."""
        last = limit.phases[-1]
        if last.state != "met_late" and not (limit.binding and last.state == "overdue"):
            return limit
        until = self._ended.get(limit.key, self._reader.now)
        first, to = last.due_on + timedelta(1), min(beijing_day(until), last.due_on + _LONGEST)
        if to < first:
            return limit
        calendar = self._reader.calendar(self._terms[limit.key][1], until)
        return replace(limit, late=tuple(_late(calendar, first, to)))


_STATES: dict[type[e.Event], str] = {
    e.DeadlineAnswered: "answered",
    e.DeadlineReopened: "running",
    e.DeadlineExpired: "overdue",
    e.DeadlineUndetermined: "undetermined",
}


def _counting(found: Explanation) -> Counting:
    days = tuple(
        CountedDay(
            date=d.day.date,
            role=d.day.role.value,
            number=d.day.number,
            extension=d.day.extension,
            reason=day_reason(d.day),
            document=_document(d.document.title, d.document.doc_no) if d.document else "",
            sentence=d.sentence,
        )
        for d in found.days
    )
    rule = (*found.rule, *((found.caveat,) if found.caveat else ()))
    return Counting(found.due.due_on, found.due.status.value, days, rule)


def _document(title: str, number: str) -> str:
    return f"{title}（{number}）" if number else title


def _alike(one: Counting, other: Counting) -> bool:
    """Say whether two calendars come to the same days: which notice says so does not matter."""
    return (one.due_on, one.status) == (other.due_on, other.status) and [
        (d.date, d.role, d.number) for d in one.days
    ] == [(d.date, d.role, d.number) for d in other.days]


def _late(calendar: ChinaWorkingCalendar, first: date, last: date) -> list[CountedDay]:
    found: list[CountedDay] = []
    number = 0
    for day in calendar.days(first, last):
        number += day.working
        role, reason = ("late", _LATE) if day.working else ("late_rest", _rest(day))
        found.append(CountedDay(day.date, role, number if day.working else None, False, reason, "", ""))
    return found


def _rest(day: Day) -> Bilingual:
    if not day.name:
        return _LATE_REST
    return Bilingual(
        f"放假（{day.name}），不计入逾期的工作日",
        f"holiday ({en_feast(day.name)}), no working day of lateness",
    )
