"""Event → rows: the only place where read tables change."""

from sqlalchemy import Connection

from engine.appliers import (  # noqa: F401 - each registers its events
    calendar,
    cases,
    catalogue,
    comments,
    deadlines,
    definitions,
    incidents,
    leaving,
    messages,
    models,
    outcomes,
    people,
    seals,
    tasks,
    trace,
    verbs,
)
from engine.appliers.base import applies
from engine.history.chain import Recorded


def apply(conn: Connection, recorded: Recorded) -> None:
    """Apply one event to the read tables."""
    applies(recorded.event, conn, recorded)
