"""Leaving a post, the engine room: what a person holds is handed on piece by piece, each exactly once.

Whatever is left to do is read from the tables each time, so that a node that dies leaves the rest to the next ring.
"""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.errors import Refused
from engine.handlers.holdings import Holding, holdings
from engine.storage.database import Database
from engine.storage.tables import leaving, leaving_item

SLICE = 100
Handle = Callable[[c.Command], dict[str, Any]]
_RUNNING = select(leaving).where(leaving.c.state == "running").order_by(leaving.c.key).limit(1)


def run_slice(database: Database, handle: Handle) -> int:
    """Hand on the next things of whoever has been leaving longest; return how many were looked at."""
    with database.reading() as conn:
        row = conn.execute(_RUNNING).first()
        if row is None:
            return 0
        items = select(leaving_item.c.kind, leaving_item.c.subject_key)
        seen = {
            (i.kind, i.subject_key) for i in conn.execute(items.where(leaving_item.c.leaving_key == row.key))
        }
        left = [h for h in holdings(conn, row.user_key) if (h.kind, h.key) not in seen][:SLICE]
    for holding in left:
        _hand_on(handle, row.key, holding)
    if not left:
        handle(c.FinishLeaving(actor=None, leaving_key=row.key, id=f"leaving:{row.key}:finished"))
    return len(left) or 1


def _hand_on(handle: Handle, key: int, holding: Holding) -> None:
    name = f"leaving:{key}:{holding.kind}:{holding.key}"
    try:
        handle(c.HandOn(actor=None, id=name, leaving_key=key, kind=holding.kind, subject_key=holding.key))
    except Exception as fault:  # one broken case must not keep the rest with somebody who has left
        logging.getLogger("shixian").exception("%s could not be handed on", name)
        cause = fault.zh if isinstance(fault, Refused) else f"{type(fault).__name__}: {fault}"
        handle(
            c.NoteNotHandedOn(
                actor=None,
                leaving_key=key,
                kind=holding.kind,
                subject_key=holding.key,
                cause=cause[:500],
                id=f"{name}:failed",
            )
        )
