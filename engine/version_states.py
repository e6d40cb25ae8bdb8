"""Which version of a procedure takes new cases: the newest in force, unless it is suspended."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select

from engine.definitions import in_force, latest_key
from engine.errors import NotFound, WrongState
from engine.storage.tables import process_definition

_d = process_definition.c


class ProcedureSuspended(WrongState):
    """The newest version in force is suspended; an older one does not take its place."""

    code = "procedure_suspended"


class ProcedureRetired(WrongState):
    """Every version of the procedure was retired."""

    code = "procedure_retired"


def version_for_new_case(conn: Connection, process_id: str, on: date) -> int:
    """Return the key of the version that a case starts under on a day (R-V1).

    A suspended newest version holds up the whole procedure: the rules before it are out of force, and to apply
    them again is not for a switch to decide.

    Raises:
        NotFound: nothing was ever in force under this id.
        ProcedureSuspended, ProcedureRetired: no case may start.
    """
    try:
        key = latest_key(conn, process_id, on)
    except NotFound:
        retired = conn.execute(
            select(process_definition)
            .where(_d.process_id == process_id, _d.state == "retired")
            .order_by(_d.version.desc())
            .limit(1)
        ).first()
        if retired is None:
            raise
        raise ProcedureRetired(
            f"流程“{retired.name}”已经废止，不再受理新的事项。理由：{retired.state_reason}",
            f"Expected a version of {process_id} in force, found every one retired.",
        ) from None
    row = conn.execute(select(process_definition).where(_d.key == key)).one()
    if row.state == "suspended":
        raise ProcedureSuspended(
            f"流程“{row.name}”第{row.version}版已经停用，恢复前不受理新的事项；已经受理的事项照常办理，期限不停。"
            f"停用理由：{row.state_reason}",
            f"Expected {process_id} to take cases, found its version {row.version} suspended.",
            version=row.version,
            reason=row.state_reason,
        )
    return key


def takes_cases(on: date) -> Select[Any]:
    """Return the ids of the procedures that a case may start under on a day."""
    newer = process_definition.alias()
    superseded = exists().where(
        newer.c.process_id == _d.process_id,
        newer.c.version > _d.version,
        newer.c.state != "retired",
        (newer.c.effective_from.is_(None)) | (newer.c.effective_from <= on),
    )
    return select(_d.process_id).where(in_force(on), _d.state == "active", ~superseded)


def retired_for_good() -> Select[Any]:
    """Return the ids of the procedures of which every version was retired: what waits for one waits in vain."""
    other = process_definition.alias()
    usable = exists().where(other.c.process_id == _d.process_id, other.c.state != "retired")
    return select(_d.process_id).where(_d.state == "retired", ~usable)


def stands(row: Row[Any], newest: int | None, on: date) -> str:
    """Return how a version stands on a day: in_force, superseded, not_yet, suspended or retired.

    Args:
        row: Of process_definition.
        newest: The version number of the newest one in force.
    """
    if row.state != "active":
        return str(row.state)
    if row.effective_from is not None and row.effective_from > on:
        return "not_yet"
    return "superseded" if newest is not None and newest > row.version else "in_force"
