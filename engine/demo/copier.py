"""Copies of finished cases: other keys, days, parties, numbers and codes, chained anew, their facts made with them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from engine.calendar import ChinaWorkingCalendar
from engine.demo.copying import CODE, DAY, INSTANT, NUMBER, Pattern, Text
from engine.demo.scenes import Office, Others
from engine.demo.shifting import WorkingDays
from engine.history.algorithm import Algorithm
from engine.history.chain import GENESIS, link
from engine.periods import beijing_day
from engine.statistics.facts import Facts, counted
from engine.storage.packing import Packed, PackedJson
from engine.verification_code import draw

_KEYS_EACH = 4096  # of one copy
_SPAN = 480  # working days in two years
_MIXED = 299  # near the golden section of the span: however few the copies of a case, they lie in all months
_WORDS = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_SERIAL = re.compile(r"^(.*?)(\d{4})-\d+$")
_EVENT, _JSON = Packed("records"), PackedJson()
_NO_DIALECT: Any = None
_IS_INSTANT, _IS_DAY = re.compile(INSTANT).fullmatch, re.compile(DAY).fullmatch
_IS_CODE, _IS_NUMBER = re.compile(CODE).fullmatch, re.compile(NUMBER).fullmatch
_PARTIES = ("department_key", "using_key", "providing_key", "managing_key", "withheld_key")
CalendarOf = Callable[[datetime, int | None], ChinaWorkingCalendar]


@dataclass(frozen=True)
class Copy:
    """What is written of one copy."""

    key: int
    serial: int
    events: list[tuple[int, int, str, bytes, bytes]]
    rows: list[tuple[str, list[str], list[tuple[Any, ...]]]]
    grams: frozenset[int]
    facts: Facts


class _Tokens:
    """The tokens of a pattern by what they are."""

    def __init__(self, pattern: Pattern, days: WorkingDays) -> None:
        self.instants: list[
            tuple[str, date, date, str]
        ] = []  # token, UTC day, the day it moves with, time of day
        self.days: list[tuple[str, date]] = []
        self.words: list[tuple[str, date]] = []
        self.codes: list[str] = []
        self.numbers: list[tuple[str, str]] = []
        self.others: list[str] = []
        for token in sorted(pattern.tokens - pattern.counts.keys() - {pattern.business_id}):
            self._sort(token, days)

    def _sort(self, token: str, days: WorkingDays) -> None:
        if _IS_INSTANT(token):
            day, tail = date.fromisoformat(token[:10]), token[10:]
            self.instants.append((token, day, days.anchor(datetime.fromisoformat(token)), tail))
        elif _IS_DAY(token):
            self.days.append((token, date.fromisoformat(token)))
        elif words := _WORDS.fullmatch(token):
            self.words.append((token, date(*map(int, words.groups()))))
        elif _IS_CODE(token):
            self.codes.append(token)
        elif _IS_NUMBER(token):
            self.numbers.append((token, token.partition("〔")[0]))
        else:
            self.others.append(token)


class Copier:
    """Makes copies of patterns.

    Args:
        calendar: As known today, which is as it was known on each day: no notice came too late.
        known: The calendar of a department as known at an instant, for facts.
    """

    def __init__(
        self, office: Office, calendar: ChinaWorkingCalendar, known: CalendarOf, algorithm: Algorithm
    ) -> None:
        self._office, self._calendar, self._known, self._algorithm = office, calendar, known, algorithm
        self._days = WorkingDays(calendar)
        self._rests: dict[tuple[date, date], str] = {}
        self._tokens: dict[int, _Tokens] = {}

    def copied(self, pattern: Pattern, number: int) -> Copy:
        """Return a copy; its number decides when and between whom it plays."""
        by = -((number * _MIXED) % _SPAN) - 1
        keys = {own: str(self._office.floor - number * _KEYS_EACH - at) for at, own in enumerate(pattern.own)}
        others = self._others(pattern, number, by) | keys
        stream, before = int(keys[pattern.own[0]]), GENESIS
        events = []
        for seq, (kind, text) in enumerate(pattern.events, start=1):
            body = text.filled(others).encode()
            before = link(before, body, self._algorithm)
            events.append((stream, seq, kind, _packed(body), before))
        rows = [
            (
                its.table.name,
                [column.name for column in its.table.c],
                [_row(cells, its.packed, its.keys, others) for cells in its.cells],
            )
            for its in pattern.rows
        ]
        return Copy(
            stream, serial(number), events, rows, pattern.grams, self._facts(pattern, stream, by, others)
        )

    def _facts(self, pattern: Pattern, stream: int, by: int, others: Others) -> Facts:
        """Return the facts of a copy: what counts for rates is its original's, time is counted on its own days."""
        case, moved = pattern.facts.case, self._days.moved
        ended = moved(case["ended_at"], by)
        department = _instead(case["department_key"], others)
        level, area = self._office.home(department)
        month = beijing_day(ended)
        row = {
            **case,
            **{name: _instead(case[name], others) for name in _PARTIES},
            "instance_key": stream,
            "level": level,
            "area": area,
            "month": month.year * 100 + month.month,
            "ended_at": ended,
            **counted(self._known(ended, department), moved(pattern.begun, by), ended),
        }
        visits = [
            {
                **kept,
                "instance_key": stream,
                **counted(
                    self._known(ended, _instead(stay.organisation_key, others) or department),
                    moved(stay.began_at, by),
                    min(moved(stay.ended_at or case["ended_at"], by), ended),
                ),
            }
            for kept, stay in zip(pattern.facts.visits, pattern.stays, strict=True)
        ]
        return Facts(row, visits, pattern.facts.path)

    def _others(self, pattern: Pattern, number: int, by: int) -> Others:
        if pattern.key not in self._tokens:
            self._tokens[pattern.key] = _Tokens(pattern, self._days)
        tokens, moved = self._tokens[pattern.key], self._days.moved_day
        year = moved(pattern.began, by).year
        found = {token: token for token in tokens.others} | self._office.standing_in(number)
        shifts: dict[date, timedelta] = {}
        for token, day, anchor, tail in tokens.instants:
            if anchor not in shifts:
                shifts[anchor] = moved(anchor, by) - anchor
            found[token] = (day + shifts[anchor]).isoformat() + tail
        for token, day in tokens.days:
            found[token] = moved(day, by).isoformat()
        for token, day in tokens.words:
            on = moved(day, by)
            found[token] = f"{on.year}年{on.month}月{on.day}日"
        for token in tokens.codes:
            found[token] = draw()
        for n, (token, head) in enumerate(tokens.numbers):
            found[token] = f"{head}〔{year}〕{serial(number) * 10 + n}号"
        for mark in pattern.counts:
            found[mark] = self._count(pattern, mark, by)
        cut = _SERIAL.match(pattern.business_id)
        head = cut[1] if cut else f"{pattern.business_id}-"
        found[pattern.business_id] = f"{head}{year}-{serial(number)}"
        return found

    def _count(self, pattern: Pattern, mark: str, by: int) -> str:
        count, moved = pattern.counts[mark], self._days.moved_day
        if count.kind == "late":
            return str((moved(count.last, by) - moved(count.first, by)).days)
        # The first day counted is the day after the event's, which may be a rest day: it moves with the event.
        first = moved(count.first - timedelta(1), by) + timedelta(1)
        span = (first, moved(count.last, by))
        if span not in self._rests:
            self._rests[span] = orjson.dumps(self._calendar.rests_on(*span)).decode()
        return self._rests[span]


def _instead(key: int | None, others: Others) -> int | None:
    return None if key is None else int(others.get(str(key), key))


def serial(number: int) -> int:
    """Return the number of a copy among the cases of its year."""
    return 1_000_000 + number


def _packed(body: bytes) -> bytes:
    packed: bytes | None = _EVENT.process_bind_param(body, _NO_DIALECT)
    assert packed is not None
    return packed


def _row(
    cells: list[Any], packed: frozenset[int], keys: frozenset[int], others: Mapping[str, str]
) -> tuple[Any, ...]:
    made = []
    for n, cell in enumerate(cells):
        value = cell.filled(others) if isinstance(cell, Text) else cell
        if n in keys and isinstance(value, int):
            value = int(others.get(str(value), value))
        elif n in packed:
            value = _JSON.process_bind_param(orjson.loads(value), _NO_DIALECT)
        made.append(value)
    return tuple(made)
