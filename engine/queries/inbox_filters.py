"""The conditions that come of the filters of an inbox."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from engine.filters import Filters, day_of
from engine.periods import BEIJING
from engine.queries.case_search import Search, departments_named, resources_named, search
from engine.queries.reader import Reader
from engine.storage.tables import process_instance

_RUNS = ("running", "in_dispute")
_SOON = timedelta(days=20)  # no holiday puts the next working day further off


@dataclass(frozen=True)
class Wanted:
    """Filters as conditions.

    Attributes:
        columns: On the columns a row keeps of its case and limit.
        search: What the text came to.
    """

    columns: tuple[ColumnElement[bool], ...]
    search: Search | None

    def on(self, instance_key: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions where only the case's key is at hand for the text."""
        if self.search is None:
            return self.columns
        if self.search.keys is not None:
            return (*self.columns, instance_key.in_(self.search.keys))
        of = select(process_instance.c.key).where(process_instance.c.key == instance_key)
        return (*self.columns, of.where(self.search.condition).exists())


def open_wanted(reader: Reader, filters: Filters, c: Any) -> Wanted:
    """Return the filters on the table of open tasks."""
    state = _open_state(filters.state, c, reader.now) if filters.state else []
    return Wanted((*_of_case(reader, filters, c), *state), search(reader, filters.text))


def case_wanted(reader: Reader, filters: Filters) -> Wanted:
    """Return the filters on process_instance; limits are not known there."""
    c = process_instance.c
    state: list[ColumnElement[bool]] = []
    if filters.state in ("running", "due_soon", "extended", "overdue", "in_dispute"):
        state = [c.state.in_(_RUNS)]
    elif filters.state:
        state = [c.state == filters.state]
    return Wanted((*_of_case(reader, filters, c), *state), search(reader, filters.text))


def due_range(filters: Filters, due_at: Any) -> list[ColumnElement[bool]]:
    """Return the bounds of the walk that the due range and the state set."""
    bounds = []
    if first := day_of(filters.due_from):
        bounds.append(due_at > _midnight(first))
    if last := day_of(filters.due_until):
        bounds.append(due_at <= _midnight(last + timedelta(days=1)))
    return bounds


def _of_case(reader: Reader, filters: Filters, c: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.process:
        found.append(c.process_id == filters.process)
    if filters.department:
        orgs = departments_named(reader, filters.department)
        found.append(or_(c.using_key.in_(orgs), c.providing_key.in_(orgs)))
    if filters.provider:
        found.append(c.providing_key.in_(departments_named(reader, filters.provider)))
    if filters.resource:
        found.append(c.resource_key.in_(resources_named(reader, filters.resource)))
    return found


def _open_state(state: str, c: Any, now: datetime) -> list[ColumnElement[bool]]:
    """Return what a row of that state meets; the clock and the calendar say the rest when it is shown."""
    if state == "overdue":
        return [c.case_state.in_(_RUNS), or_(c.overdue, c.due_at <= now)]
    if state == "due_soon":
        return [and_(c.case_state == "running", c.due_at <= now + _SOON)]
    if state == "extended":
        return [and_(c.case_state == "running", c.extended)]
    return [c.case_state == state]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
