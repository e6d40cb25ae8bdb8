"""Criteria as conditions on the index of acts and on the access log; pages and the nightly checks use the same."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from engine.filters import day_of
from engine.periods import end_of
from engine.queries.case_search import departments_named, search
from engine.queries.reader import Reader
from engine.storage.tables import act, case_access, process_instance, user
from engine.trace.acts import micros
from engine.trace.criteria import Criteria
from engine.trace.kinds import BY_CODE, ROLE_BITS, short

MOST_PEOPLE = 200
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
Conditions = list[ColumnElement[bool]]
_a, _r = act.c, case_access.c


def on_acts(reader: Reader, asked: Criteria) -> Conditions:
    """Return what a row of the index must meet, whoever asks."""
    found: Conditions = _of_case(reader, asked, _a.stream)
    if asked.person:
        found.append(_a.actor_key.in_(_people(reader, asked.person)))
    if asked.department:
        found.append(_a.organisation_key.in_(sorted(departments_named(reader, asked.department))))
    if asked.role:
        found.append(_a.roles.bitwise_and(ROLE_BITS[asked.role]) != 0)
    if asked.by:
        found.append(_a.actor_key == 0 if asked.by == "platform" else _a.actor_key > 0)
    if asked.kinds:
        found.append(_a.kind.in_([BY_CODE[code].number for code in asked.kinds]))
    if asked.process:
        found.append(_a.process == short(asked.process))
    if asked.element:
        found.append(_a.element == short(asked.element))
    if first := begins(asked.since):
        found.append(_a.at >= micros(first))
    if last := ends(asked.until):
        found.append(_a.at < micros(last))
    found += [_a[name] for name in ("on_behalf", "off_hours", "after_period") if getattr(asked, name)]
    if asked.late_minutes is not None:
        found.append(_a.late)
        found.append(_a.recorded - _a.at >= asked.late_minutes * 60_000_000)
    return found


def on_reads(reader: Reader, asked: Criteria) -> Conditions:
    """Return what a row of the access log must meet, whoever asks."""
    found: Conditions = _of_case(reader, asked, _r.instance_key)
    if asked.person:
        found.append(_r.user_key.in_(_people(reader, asked.person)))
    if asked.department:
        found.append(_r.organisation_key.in_(sorted(departments_named(reader, asked.department))))
    if asked.kinds:
        found.append(_r.what.in_(asked.kinds))
    if asked.process:
        of = select(process_instance.c.key).where(process_instance.c.process_id == asked.process)
        found.append(_r.instance_key.in_(of))
    if first := begins(asked.since):
        found.append(_r.at >= first)
    if last := ends(asked.until):
        found.append(_r.at < last)
    if asked.sensitive:
        found.append(_r.sensitive)
    return found


def begins(day: str | date | None) -> datetime | None:
    """Return the instant at which a Beijing day begins, None for no day."""
    civil = _bounded(day)
    return None if civil is None else end_of(civil, "00:00")


def ends(day: str | date | None) -> datetime | None:
    """Return the instant at which a Beijing day is over, None for no day."""
    civil = _bounded(day)
    return None if civil is None else end_of(civil + timedelta(days=1), "00:00")


def _bounded(day: str | date | None) -> date | None:
    """Return a day that has an instant in UTC and a day after it; before and behind them nothing is recorded."""
    civil = day_of(day) if isinstance(day, str) else day
    return None if civil is None else min(max(civil, _FIRST), _LAST)


def _of_case(reader: Reader, asked: Criteria, key: Any) -> Conditions:
    """Return what the case of a row must meet by its text."""
    wanted = search(reader, asked.text)
    if wanted is None:
        return []
    if wanted.keys is not None:
        return [key.in_(sorted(wanted.keys))]
    found = select(process_instance.c.key).where(process_instance.c.key == key, wanted.condition)
    return [found.correlate(key.table).exists()]


def _people(reader: Reader, text: str) -> list[int]:
    named = or_(user.c.name.icontains(text, autoescape=True), user.c.username == text)
    return list(reader.conn.execute(select(user.c.key).where(named).limit(MOST_PEOPLE)).scalars())
