"""Where running cases wait now: the open user tasks that a reader may count."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, func, or_, select

from engine.definitions import load_definition
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.queries.statistics_scope import counted, must_see, versions_of
from engine.statistics.histogram import Durations
from engine.statistics.selection import Selection
from engine.statistics.views import Waiting
from engine.storage.tables import organisation, process_definition, process_instance, user_task

_i, _t, _o = process_instance.c, user_task.c, organisation.c


class _Running:
    """The columns of running cases under the names that facts have them."""

    withheld_key = _i.withheld_key
    managing_key = _i.managing_key
    providing_key = _i.providing_key
    department_key = _t.organisation_key


def waiting_tasks(reader: Reader, actor: Actor, selection: Selection) -> Select[Any]:
    """Return the query for open tasks of delivered cases; the department is that of whoever has the task.

    Raises:
        NotAllowed: the reader may have no figures.
    """
    must_see(reader, actor)
    delivered = or_(_i.received_at.is_not(None), _i.awaits_receipt.is_(False))
    query = (
        select(_t.key)
        .select_from(user_task)
        .join(process_instance, _i.key == _t.instance_key)
        .join(organisation, _o.key == _t.organisation_key)
        .where(_t.state == "open", _running(reader), delivered, counted(reader, actor, _Running))
    )
    equal = {
        _i.definition_key: selection.definition,
        _t.organisation_key: selection.department,
        _i.using_key: selection.using,
        _i.providing_key: selection.providing,
        _o.level: selection.level,
        _o.area: selection.area,
    }
    query = query.where(*(column == value for column, value in equal.items() if value not in (None, "")))
    if selection.procedure:
        query = query.where(_i.definition_key.in_(versions_of(reader, selection.procedure)))
    return query


def _running(reader: Reader) -> ColumnElement[bool]:
    """Return that a case is running, so that an index finds the few among all that have ended."""
    versions = list(reader.conn.execute(select(process_definition.c.key)).scalars())
    cases = process_instance.alias()
    found = select(cases.c.key).where(cases.c.definition_key.in_(versions), cases.c.ended_at.is_(None))
    return _t.instance_key.in_(found)


def waiting(reader: Reader, actor: Actor, selection: Selection) -> tuple[Waiting, ...]:
    """Return where running cases wait, most working days first; elapsed time is to the minute."""
    tasks = waiting_tasks(reader, actor, selection)
    where = (_i.process_id, _t.element_id)
    minute = func.substr(_t.created_at, 1, 16, type_=String)
    took: dict[tuple[str, str], Durations] = defaultdict(Durations)
    ages = tasks.with_only_columns(
        *where, _t.organisation_key, minute.label("minute"), func.count().label("n")
    )
    for row in reader.conn.execute(ages.group_by(*where, _t.organisation_key, minute)):
        since = datetime.fromisoformat(row.minute).replace(tzinfo=UTC)
        calendar = reader.calendar(row.organisation_key)
        days = max(0, calendar.working_days_between(beijing_day(since), reader.today))
        seconds = max(0, int((reader.now - since).total_seconds()))
        its = took[row.process_id, row.element_id]
        its.add(days, row.n, seconds * row.n)
        its.hours[seconds // 3600] += row.n
    totals = tasks.with_only_columns(
        *where,
        func.count().label("tasks"),
        func.count(_i.key.distinct()).label("cases"),
        func.sum(cast(_i.overdue, Integer)).label("overdue"),
        func.min(_t.created_at).label("since"),
        func.max(_i.definition_key).label("definition"),
    ).group_by(*where)
    names = _names(reader)
    found = [
        Waiting(
            row.process_id,
            names.get(row.process_id, row.process_id),
            row.element_id,
            _element(reader, row.definition, row.element_id),
            row.tasks,
            row.cases,
            took[row.process_id, row.element_id].spread(),
            row.since,
            int(row.overdue or 0),
        )
        for row in reader.conn.execute(totals)
    ]
    return tuple(sorted(found, key=lambda w: (-w.days.total, w.process_id, w.element_id)))


def _names(reader: Reader) -> dict[str, str]:
    of = process_definition.c
    rows = reader.conn.execute(select(of.process_id, of.name).order_by(of.version))
    return {row.process_id: row.name for row in rows}


def _element(reader: Reader, definition: int, element_id: str) -> str:
    node = load_definition(reader.conn, definition).process.nodes.get(element_id)
    return node.name if node is not None else element_id
