"""What begins cases by itself: the timer and signal start events of the deployed versions."""

from datetime import datetime

from sqlalchemy import Connection, select

from engine import events as e
from engine.clock import instant_text
from engine.definitions import in_force
from engine.model import Node, Process
from engine.periods import beijing_day
from engine.schedules import LONGEST_ROLL, Rule, read_rule, rolled
from engine.start_checks import begins_by_itself
from engine.storage.tables import process_definition, start_trigger
from engine.uow import UnitOfWork

START = "start:"
"""Before the key of a trigger: whom a message is for."""


def set_triggers(uow: UnitOfWork, definition_key: int, process: Process) -> None:
    """Keep what begins cases of a version that is being deployed; planned starts lie after its deployment."""
    for node in process.nodes.values():
        if not begins_by_itself(node):
            continue
        first = None
        if node.planned is not None:
            first = _first(uow, rule_of(node), node.planned.roll)
        uow.record(
            definition_key,
            e.StartTriggerSet(
                uow.next_key(),
                definition_key,
                process.id,
                node.id,
                node.name,
                str(node.event),
                node.event_ref or "" if node.event == "signal" else "",
                instant_text(first) if first else None,
            ),
        )


def listening(conn: Connection, signal: str, at: datetime) -> list[int]:
    """Return the start events in force that a signal begins cases by."""
    rows = conn.execute(
        select(start_trigger)
        .where(start_trigger.c.kind == "signal", start_trigger.c.signal == signal)
        .order_by(start_trigger.c.key)
    ).all()
    return [row.key for row in rows if version_at(conn, row.process_id, at) == row.definition_key]


def version_at(conn: Connection, process_id: str, at: datetime) -> int | None:
    """Return the version of a process that was in force at an instant (R-V1), None if there was none."""
    table = process_definition
    return conn.execute(
        select(table.c.key)
        .where(table.c.process_id == process_id, in_force(beijing_day(at)), table.c.deployed_at <= at)
        .order_by(table.c.version.desc())
        .limit(1)
    ).scalar()


def rule_of(node: Node) -> Rule:
    """Return the rule of a timer start event."""
    assert node.planned is not None
    return read_rule(node.planned.kind, node.planned.text)


def _first(uow: UnitOfWork, rule: Rule, roll: str) -> datetime | None:
    """Return the first planned instant whose start lies ahead; one rolled on from before may still."""
    found = rule.after(uow.now - LONGEST_ROLL)
    while found is not None and rolled(found, roll, uow.calendar()) <= uow.now:
        found = rule.after(found)
    return found
