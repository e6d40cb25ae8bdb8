"""What begins cases by itself, and when next: for those who answer for the processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.definitions import load_definition
from engine.errors import NotAllowed
from engine.handlers.triggers import START, version_at
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.versions import may_see_cases
from engine.schedules import rolled
from engine.storage.tables import message, start_trigger

READERS = ("designer", "admin", "auditor")
HELD_BACK = "有事项未能启动，原因由系统管理员查看。"
"""What a designer is told of a case that could not begin: the cause may name other cases, or what is in them (C.6)."""


@dataclass(frozen=True)
class PlannedStart:
    """A start event in force that begins cases by itself.

    Attributes:
        signal: What it waits for; None for a timer.
        planned_at: The next instant by its rule.
        starts_at: That instant rolled from a rest day, by the calendar as known now.
        last_error: Why the round that is due, or a case of an earlier one, could not begin.
    """

    definition_key: int
    process_id: str
    version: int
    element_id: str
    name: str
    signal: str | None
    planned_at: datetime | None
    starts_at: datetime | None
    last_at: datetime | None
    last_error: str | None


def planned_starts(reader: Reader, actor: Actor) -> list[PlannedStart]:
    """Return the start events of versions that begin cases by themselves, the next start first.

    Raises:
        NotAllowed: the reader is no designer, administrator or auditor.
    """
    if not any(actor.holds(role) for role in READERS):
        raise NotAllowed(
            "只有流程设计人员、系统管理员和审计人员可以查看定期启动。",
            f"Expected one of {', '.join(READERS)}, found {actor.username}.",
        )
    rows = reader.conn.execute(select(start_trigger).order_by(start_trigger.c.key)).all()
    found = [(_starts_at(reader, row), row) for row in rows]
    shown = [
        (at, row)
        for at, row in found
        if version_at(reader.conn, row.process_id, at or reader.now) == row.definition_key
        and (at is not None or row.kind == "signal")
    ]
    shown.sort(key=lambda pair: (pair[0] is None, pair[0] or reader.now))
    return [_view(reader, actor, at, row) for at, row in shown]


def _starts_at(reader: Reader, row: Any) -> datetime | None:
    node = load_definition(reader.conn, row.definition_key).process.nodes[row.element_id]
    if row.planned_at is None or node.planned is None:
        return None
    return rolled(row.planned_at, node.planned.roll, reader.calendar())


def _case_error(reader: Reader, trigger_key: int) -> str | None:
    """Return why the oldest case of a round that waits could not begin."""
    waiting = (message.c.target == f"{START}{trigger_key}", message.c.state == "waiting")
    found = select(message.c.last_error).where(*waiting, message.c.last_error.is_not(None))
    error: str | None = reader.conn.execute(found.order_by(message.c.key).limit(1)).scalar()
    return error


def _view(reader: Reader, actor: Actor, at: datetime | None, row: Any) -> PlannedStart:
    of_case = _case_error(reader, row.key)
    if of_case is not None and not may_see_cases(actor):
        of_case = HELD_BACK
    definition = load_definition(reader.conn, row.definition_key)
    return PlannedStart(
        definition_key=row.definition_key,
        process_id=row.process_id,
        version=definition.version,
        element_id=row.element_id,
        name=definition.process.nodes[row.element_id].name,
        signal=row.signal or None,
        planned_at=row.planned_at,
        starts_at=at,
        last_at=row.last_at,
        last_error=row.last_error or of_case,
    )
