"""Rules of substitution whose last day is over: one command each, exactly once."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select

from engine import commands as c
from engine.clock import Clock
from engine.periods import beijing_day
from engine.storage.database import Database
from engine.storage.tables import deputy

BATCH = 100
Handle = Callable[[c.Command], dict[str, Any]]
_OVER = (
    select(deputy.c.key)
    .where(deputy.c.ended_at.is_(None), deputy.c.valid_until < bindparam("on"))
    .order_by(deputy.c.valid_until, deputy.c.key)
    .limit(BATCH)
)


def run_due(database: Database, clock: Clock, handle: Handle) -> int:
    """End every rule whose last day is over by the clock, earliest first; return how many."""
    with database.reading() as conn:
        keys = conn.execute(_OVER, {"on": beijing_day(clock.now())}).scalars().all()
    return sum(_end(handle, key) for key in keys)


def _end(handle: Handle, key: int) -> int:
    try:
        handle(c.ExpireDeputy(actor=None, deputy_key=key, id=f"deputy:{key}:expired"))
    except Exception:  # one broken case must not keep the other rules in force
        logging.getLogger("shixian").exception("rule of substitution %s could not be ended", key)
        return 0
    return 1
