"""Whose figures a reader may have (domain C.6), and what a selection asks of the facts."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from engine.errors import NotAllowed
from engine.handlers.parties import with_predecessors
from engine.people import Actor
from engine.queries.reader import Reader
from engine.statistics.selection import Selection
from engine.storage.tables import area, case_fact, case_path, organisation, process_definition

_f = case_fact.c


def may_see(reader: Reader, actor: Actor) -> bool:
    """Say whether the reader is an auditor or of a managing department."""
    return actor.holds("auditor") or bool(_managed(reader, actor))


def must_see(reader: Reader, actor: Actor) -> None:
    """Refuse unless the reader may have figures.

    Raises:
        NotAllowed: neither an auditor nor of a managing department.
    """
    if not may_see(reader, actor):
        raise NotAllowed(
            "统计供审计人员和管理部门查看。",
            "Expected an auditor or somebody of a managing department.",
        )


def counted(reader: Reader, actor: Actor, columns: Any = _f) -> ColumnElement[bool]:
    """Return the condition on facts of the cases that the reader may count.

    Auditors those of their level, of the province all; managing departments those they manage and those of
    departments in their area, at every level below. What is withheld from a reader's department is not counted
    for them either: a figure that moves by one would tell of it.
    """
    own = with_predecessors(reader.conn, actor.acting_orgs | {actor.org_key})
    shown = or_(columns.withheld_key.is_(None), columns.withheld_key.not_in(own))
    return and_(or_(*_reach(reader, actor, columns)), shown)


def _reach(reader: Reader, actor: Actor, columns: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    of = organisation.c
    if actor.holds("auditor"):
        level = reader.conn.execute(select(of.level).where(of.key == actor.org_key)).scalar()
        if level == "province":
            return [true()]
        peers = select(of.key).where(of.level == level)
        found += [columns.managing_key.in_(peers), columns.providing_key.in_(peers)]
    if managed := _managed(reader, actor):
        homes = reader.conn.execute(select(of.area).where(of.key.in_(managed))).scalars()
        below = areas_below(reader, set(homes))
        theirs = select(of.key).where(of.area.in_(below))
        found += [columns.managing_key.in_(managed), columns.department_key.in_(theirs)]
    return found


def _managed(reader: Reader, actor: Actor) -> frozenset[int]:
    """Return the managing departments the reader works for, with those they succeeded."""
    of = organisation.c
    managing = select(of.key).where(of.key.in_(actor.acting_orgs), of.managing)
    return with_predecessors(reader.conn, frozenset(reader.conn.execute(managing).scalars()))


def areas_below(reader: Reader, homes: set[str]) -> set[str]:
    """Return areas with all that lie in them."""
    rows = reader.conn.execute(select(area.c.name, area.c.parent)).all()
    found = set(homes)
    while fresh := {row.name for row in rows if row.parent in found} - found:
        found |= fresh
    return found


def facts(reader: Reader, actor: Actor, selection: Selection, *columns: Any) -> Select[Any]:
    """Return the query for facts of the cases of a selection that the reader may count.

    Raises:
        NotAllowed: the reader may have no figures at all.
    """
    must_see(reader, actor)
    return select(*columns).select_from(case_fact).where(counted(reader, actor), *_asked(reader, selection))


def _asked(reader: Reader, selection: Selection) -> list[ColumnElement[bool]]:
    equal = {
        _f.definition_key: selection.definition,
        _f.department_key: selection.department,
        _f.using_key: selection.using,
        _f.providing_key: selection.providing,
        _f.level: selection.level,
        _f.area: selection.area,
        _f.result: selection.result,
    }
    found: list[ColumnElement[bool]] = [c == value for c, value in equal.items() if value not in (None, "")]
    if selection.procedure:
        found.append(_f.definition_key.in_(versions_of(reader, selection.procedure)))
    if selection.month_from:
        found.append(_f.month >= _month(selection.month_from))
    if selection.month_until:
        found.append(_f.month <= _month(selection.month_until))
    if selection.variant:
        paths = select(case_path.c.key).where(case_path.c.variant == int(selection.variant))
        found.append(_f.path_key.in_(paths))
    return found


def versions_of(reader: Reader, process_id: str) -> list[int]:
    """Return the keys of the versions of a procedure."""
    of = process_definition.c
    return list(reader.conn.execute(select(of.key).where(of.process_id == process_id)).scalars())


def _month(text: str) -> int:
    return int(text.replace("-", ""))


def month_text(month: int | None) -> str:
    """Return 202604 as 2026-04; nothing of None."""
    return f"{month // 100:04}-{month % 100:02}" if month else ""
