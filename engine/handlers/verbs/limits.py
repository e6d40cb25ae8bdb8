"""The limits of a task that may stand still: on a ground that a statutory setting of the model grants."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.deadlines import LIVE
from engine.handlers.case import Case, Limit
from engine.model import Node, Process
from engine.storage.tables import deadline

_LIMITS = (
    select(deadline)
    .where(deadline.c.instance_key == bindparam("of"), deadline.c.state.in_(LIVE))
    .order_by(deadline.c.key)
)


def granted(conn: Connection, process: Process, task: Row[Any]) -> list[Row[Any]]:
    """Return the rows of the running or paused limits over a task whose pause a law grants."""
    timers = {node.id for node in process.nodes.values() if _by_law(process, node)}
    if not timers:
        return []
    around = (task.element_id, task.scope, "")
    return [
        row
        for row in conn.execute(_LIMITS, {"of": task.instance_key})
        if row.element_id in timers and row.attached_to in around and row.terms["grounds"]
    ]


def over(case: Case, task: Row[Any]) -> list[Limit]:
    """Return the same limits of a case in hand."""
    keys = {row.key for row in granted(case.uow.conn, case.process, task)}
    return [limit for limit in case.limits.values() if limit.key in keys]


def law_setting(process: Process, key: str | None) -> bool:
    """Say whether a setting is statutory."""
    setting = process.settings.get(key or "")
    return setting is not None and setting.kind == "law"


def _by_law(process: Process, node: Node) -> bool:
    return node.period is not None and law_setting(process, node.period.grounds)
