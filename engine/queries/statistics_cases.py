"""The cases behind a figure: every one that is counted, those that the reader may open by name."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select

from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.inbox_walk import cursor_of, cursor_text
from engine.queries.reader import Reader
from engine.queries.statistics_scope import facts
from engine.queries.statistics_waiting import waiting_tasks
from engine.statistics.rates import RATE, RATES
from engine.statistics.selection import Selection
from engine.statistics.views import CaseLine, CasesBehind
from engine.storage.tables import (
    case_fact,
    case_path,
    organisation,
    process_definition,
    process_instance,
    user_task,
    visit_fact,
)

PAGE = 50
FILE_PAGE = 5000
"""How many cases a file asks for at a time."""
_f, _i, _d = case_fact.c, process_instance.c, process_definition.c
_OF_CASE = (
    _i.key,
    _i.business_id,
    _i.title,
    _i.process_id,
    _i.state,
    _i.result,
    _i.started_at,
    _i.received_at,
    _i.ended_at,
    _d.name,
    _d.version,
)
_OF_FACT = (
    _f.department_key,
    _f.using_key,
    _f.providing_key,
    _f.managing_key,
    _f.level,
    _f.area,
    _f.from_receipt,
    _f.working_days,
    _f.seconds,
    *(_f[flag] for flag in dict.fromkeys(f for rate in RATES for f in (rate.part_flag, rate.whole_flag))),
)


def cases_behind(
    reader: Reader,
    actor: Actor,
    selection: Selection,
    figure: str = "cases",
    after: str = "",
    limit: int = PAGE,
) -> CasesBehind:
    """Return a page of the cases that a figure counts.

    Args:
        figure: `cases`; a rate's key for its part, `{key}.of` for its whole, `{key}.not` for the rest;
            `element:{id}`, `late:{id}`, `flow:{id}`; `waiting:{id}` (running cases).
        after: `CasesBehind.next` of the page before.

    Raises:
        NotFound: no such figure.
    """
    kind, _, of = figure.partition(":")
    if kind == "waiting":
        return _waiting(reader, actor, selection, of, after, limit)
    condition = _counted_by(reader, figure)
    whole = facts(reader, actor, selection, func.count()).where(*condition)
    total = int(reader.conn.execute(whole).scalar_one())
    mine = visible_cases(reader.conn, actor)
    seen = (
        facts(reader, actor, selection, *_OF_CASE, *_OF_FACT)
        .where(*condition, mine)
        .join(process_instance, _i.key == _f.instance_key)
        .join(process_definition, _d.key == _f.definition_key)
    )
    visible = int(reader.conn.execute(seen.with_only_columns(func.count())).scalar_one())
    if at := cursor_of(after):
        seen = seen.where(or_(_f.ended_at < at[0], and_(_f.ended_at == at[0], _f.instance_key < at[1])))
    newest = seen.order_by(_f.ended_at.desc(), _f.instance_key.desc()).limit(limit + 1)
    rows = reader.conn.execute(newest).all()
    lines = tuple(_line(reader, row) for row in rows[:limit])
    following = cursor_text((rows[limit - 1].ended_at, rows[limit - 1].key)) if len(rows) > limit else None
    return CasesBehind(lines, total, total - visible, following)


def _counted_by(reader: Reader, figure: str) -> list[ColumnElement[bool]]:
    kind, _, of = figure.partition(":")
    if figure == "cases":
        return []
    if kind == "late":
        mine = exists().where(
            visit_fact.c.instance_key == _f.instance_key,
            visit_fact.c.element_id == of,
            visit_fact.c.late == 1,
        )
        return [mine.correlate(case_fact)]
    if kind in ("element", "flow"):
        column = case_path.c.elements if kind == "element" else case_path.c.flows
        rows = reader.conn.execute(select(case_path.c.key, column.label("of")))
        return [_f.path_key.in_([row.key for row in rows if of in row.of])]
    key, _, which = figure.partition(".")
    rate = RATE.get(key)
    if rate is None or which not in ("", "of", "not"):
        raise NotFound("没有该统计指标。", f"Expected a figure of the statistics, found {figure}.")
    wanted = {"": [(rate.part_flag, 1)], "of": [], "not": [(rate.part_flag, 0)]}[which]
    return [_f[flag] == value for flag, value in [(rate.whole_flag, 1), *wanted]]


def _line(reader: Reader, row: Row[Any]) -> CaseLine:
    return CaseLine(
        **_common(row),
        department=reader.org(row.department_key),
        using=reader.org(row.using_key),
        providing=reader.org(row.providing_key),
        managing=reader.org(row.managing_key),
        level=row.level,
        area=row.area,
        counted_from="received" if row.from_receipt else "started",
        working_days=row.working_days,
        seconds=row.seconds,
        rates=tuple((r.key, getattr(row, r.part_flag), getattr(row, r.whole_flag)) for r in RATES),
    )


def _common(row: Row[Any]) -> dict[str, Any]:
    same = ("key", "business_id", "title", "process_id", "version", "state", "started_at", "received_at")
    return {
        **{name: getattr(row, name) for name in same},
        "process_name": row.name,
        "result": row.result or "",
        "ended_at": row.ended_at,
    }


def _waiting(
    reader: Reader, actor: Actor, selection: Selection, element_id: str, after: str, limit: int
) -> CasesBehind:
    """Return the running cases that wait at an element, the newest first."""
    here = waiting_tasks(reader, actor, selection).where(user_task.c.element_id == element_id)
    owner = func.min(user_task.c.organisation_key).label("organisation_key")
    its = here.with_only_columns(_i.key, owner).group_by(_i.key).subquery()
    total = int(reader.conn.execute(select(func.count()).select_from(its)).scalar_one())
    parties = (_i.using_key, _i.providing_key, _i.managing_key, its.c.organisation_key)
    seen = (
        select(*_OF_CASE, *parties, organisation.c.level, organisation.c.area)
        .select_from(its)
        .join(process_instance, _i.key == its.c.key)
        .join(process_definition, _d.key == _i.definition_key)
        .join(organisation, organisation.c.key == its.c.organisation_key)
        .where(visible_cases(reader.conn, actor))
    )
    visible = int(reader.conn.execute(seen.with_only_columns(func.count())).scalar_one())
    if at := cursor_of(after):
        seen = seen.where(or_(_i.started_at < at[0], and_(_i.started_at == at[0], _i.key < at[1])))
    newest = seen.order_by(_i.started_at.desc(), _i.key.desc()).limit(limit + 1)
    rows = reader.conn.execute(newest).all()
    following = cursor_text((rows[limit - 1].started_at, rows[limit - 1].key)) if len(rows) > limit else None
    return CasesBehind(
        tuple(_running(reader, row) for row in rows[:limit]), total, total - visible, following
    )


def _running(reader: Reader, row: Any) -> CaseLine:
    begun = row.received_at or row.started_at
    calendar = reader.calendar(row.organisation_key)
    return CaseLine(
        **_common(row),
        department=reader.org(row.organisation_key),
        using=reader.org(row.using_key),
        providing=reader.org(row.providing_key),
        managing=reader.org(row.managing_key),
        level=row.level,
        area=row.area,
        counted_from="received" if row.received_at else "started",
        working_days=max(0, calendar.working_days_between(beijing_day(begun), reader.today)),
        seconds=max(0, int((reader.now - begun).total_seconds())),
        rates=(),
    )
