"""Which version a case goes on under (R-V1): it binds at receipt, not at its start."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from engine import events as e
from engine.commands import RebindInstance
from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.advance import advance
from engine.handlers.case import load_case
from engine.history.chain import parse
from engine.periods import beijing_day
from engine.storage.tables import deadline, event, process_definition, process_instance
from engine.uow import UnitOfWork
from engine.version_states import ProcedureRetired, ProcedureSuspended, version_for_new_case


def newer_version(conn: Connection, row: Row[Any], on: date) -> int | None:
    """Return the key of a newer version in force that a case has yet to go on under, None if it is bound.

    Args:
        row: The case's row of process_instance.
    """
    if row.ended_at is not None or row.received_at is not None:
        return None
    if not load_definition(conn, row.definition_key).process.binds_at_receipt:
        return None
    try:
        newest = version_for_new_case(conn, row.process_id, on)
    except (NotFound, ProcedureSuspended, ProcedureRetired):
        return None
    if newest == row.definition_key or _version(conn, newest) < _version(conn, row.definition_key):
        return None
    # Where a limit has begun to run, something was decided already and the clock must not change under it.
    begun = conn.execute(select(exists().where(deadline.c.instance_key == row.key))).scalar()
    return None if begun else newest


def rebind_instance(cmd: RebindInstance, uow: UnitOfWork) -> dict[str, Any]:
    """Go on under the newer version, or say in the trail why the case cannot."""
    row = uow.conn.execute(select(process_instance).where(process_instance.c.key == cmd.instance_key)).first()
    if row is None or newer_version(uow.conn, row, beijing_day(uow.now)) != cmd.definition_key:
        return {"rebound": False}
    case = load_case(uow, cmd.instance_key)
    uow.expect(cmd.definition_key)  # one suspended meanwhile takes no case
    newer, before = load_definition(uow.conn, cmd.definition_key), case.definition.version
    if obstacles := case.machine.obstacles(newer.program):
        names = [case.node(element_id).name or element_id for element_id in obstacles]
        reasons = [f"新版本没有“{name}”这一环节，或者该环节已经改变" for name in names]
        kept = e.VersionKept(before, newer.version, reasons)
        if kept != _last_kept(uow.conn, case.key):
            case.record(kept)
        return {"rebound": False}
    for scope in case.process.event_scopes.keys() - newer.process.event_scopes.keys():
        case.close_subscription(scope)
    case.rebind(newer)
    case.record(e.InstanceRebound(newer.key, before, newer.version))
    advance(case)  # it may wait for an event sub-process that only the newer version has
    return {"rebound": True}


def _last_kept(conn: Connection, key: int) -> e.Event | None:
    query = (
        select(event.c.body)
        .where(event.c.stream == key, event.c.type == "VersionKept")
        .order_by(event.c.seq.desc())
        .limit(1)
    )
    body = conn.execute(query).scalar()
    return None if body is None else parse(body).event


def _version(conn: Connection, key: int) -> int:
    return int(
        conn.execute(select(process_definition.c.version).where(process_definition.c.key == key)).scalar_one()
    )
