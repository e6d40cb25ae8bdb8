"""A succession's engine room: the cases of an abolished department, a slice at a time, each exactly once."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from engine import commands as c
from engine.storage.database import Database, Writer
from engine.storage.tables import grant, organisation, process_instance, succession_progress, user_task

SLICE = 200
Handle = Callable[[c.Command], dict[str, Any]]
_PARTIES = (
    process_instance.c.using_key,
    process_instance.c.providing_key,
    process_instance.c.managing_key,
)


def run_slice(database: Database, writer: Writer, handle: Handle) -> int:
    """Move the next cases of the oldest unfinished succession; return how many were looked at."""
    with database.reading() as conn:
        row = conn.execute(
            select(organisation.c.key, succession_progress)
            .join(succession_progress, succession_progress.c.organisation_key == organisation.c.key)
            .where(organisation.c.succession == "running")
            .order_by(organisation.c.key)
            .limit(1)
        ).first()
        if row is None:
            return 0
        keys = (
            conn.execute(
                select(process_instance.c.key)
                .where(process_instance.c.key > row.cursor, _concerns(row.key))
                .order_by(process_instance.c.key)
                .limit(SLICE)
            )
            .scalars()
            .all()
        )
    if not keys:
        handle(
            c.FinishSuccession(
                actor=None,
                organisation_key=row.key,
                cases=row.done,
                failed=row.failed,
                id=f"succession:{row.key}:finished",
            )
        )
        return 1
    failed = sum(not _succeed(handle, row.key, key) for key in keys)
    forward = (
        update(succession_progress)
        .where(succession_progress.c.organisation_key == row.key, succession_progress.c.cursor == row.cursor)
        .values(cursor=keys[-1], done=row.done + len(keys), failed=row.failed + failed)
    )
    writer.write(lambda conn: conn.execute(forward))
    return len(keys)


def pending(conn: Connection, instance_key: int) -> list[int]:
    """Return the abolished departments that are still parties of a running case."""
    found = (
        select(organisation.c.key)
        .join(process_instance, or_(*(party == organisation.c.key for party in _PARTIES)))
        .where(
            process_instance.c.key == instance_key,
            process_instance.c.ended_at.is_(None),
            organisation.c.successor_key.is_not(None),
        )
    )
    return [int(key) for key in conn.execute(found).scalars()]


def command(organisation_key: int, instance_key: int) -> c.SucceedInCase:
    """Return the command for one case; its id makes a second one find the stored answer."""
    return c.SucceedInCase(
        actor=None,
        organisation_key=organisation_key,
        instance_key=instance_key,
        id=f"succession:{organisation_key}:{instance_key}",
    )


def _concerns(key: int) -> ColumnElement[bool]:
    # A lead department and a government stand in no column; before their first task nothing is theirs to move.
    at_work = select(user_task.c.key).where(
        user_task.c.instance_key == process_instance.c.key,
        user_task.c.organisation_key == key,
        user_task.c.state == "open",
    )
    named = (
        *(party == key for party in _PARTIES),
        process_instance.c.withheld_key == key,
        at_work.correlate(process_instance).exists(),
    )
    granted = select(grant.c.key).where(
        grant.c.instance_key == process_instance.c.key,
        or_(grant.c.using_key == key, grant.c.providing_key == key),
    )
    return or_(
        and_(process_instance.c.ended_at.is_(None), or_(*named)),
        granted.correlate(process_instance).exists(),
    )


def _succeed(handle: Handle, organisation_key: int, instance_key: int) -> bool:
    try:
        handle(command(organisation_key, instance_key))
    except Exception:  # one broken case must not keep the others with a department that is no more
        logging.getLogger("shixian").exception("case %s could not be moved to the successor", instance_key)
        return False
    return True
