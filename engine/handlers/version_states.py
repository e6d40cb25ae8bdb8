"""Suspend, resume and retire a version: switches for new cases, never for running ones.

A statutory limit does not stand still because software is suspended, so whoever was received is served.
"""

from typing import Any

from sqlalchemy import Row, exists, func, select

from engine import events as e
from engine.commands import ResumeDefinition, RetireDefinition, SuspendDefinition
from engine.definitions import in_force, load_definition
from engine.errors import InvalidInput, NotFound, WrongState
from engine.periods import beijing_day
from engine.storage.tables import message, process_definition, process_instance, subscription
from engine.uow import UnitOfWork

_d = process_definition.c


def suspend_definition(cmd: SuspendDefinition, uow: UnitOfWork) -> dict[str, Any]:
    """Let no case start under the version, nor any be rebound to it."""
    row = _version(cmd, uow, "active", "停用")
    uow.record(row.key, e.DefinitionSuspended(row.key, row.version, reason_of(cmd.reason)))
    return _answer(row, "suspended")


def resume_definition(cmd: ResumeDefinition, uow: UnitOfWork) -> dict[str, Any]:
    """Let the version take cases again; messages that waited are caught by the next sweep."""
    row = _version(cmd, uow, "suspended", "恢复")
    uow.record(row.key, e.DefinitionResumed(row.key, row.version, reason_of(cmd.reason)))
    return _answer(row, "active")


def retire_definition(cmd: RetireDefinition, uow: UnitOfWork) -> dict[str, Any]:
    """Take a version out of use for good.

    Raises:
        WrongState: no other version is in force, and cases run under it or calls and messages wait for it.
    """
    row = _version(cmd, uow, ("active", "suspended"), "废止")
    reason = reason_of(cmd.reason)
    others = (
        uow.conn.execute(
            select(_d.key).where(
                _d.process_id == row.process_id,
                _d.key != row.key,
                _d.state == "active",
                in_force(beijing_day(uow.now)),
            )
        )
        .scalars()
        .all()
    )
    if not others:
        # Every start takes the next case number: one that is under way now cannot slip in beside this command.
        process = load_definition(uow.conn, row.key).process
        uow.guarded(f"series:{process.case_number}:{beijing_day(uow.now).year}")
        running = exists().where(
            process_instance.c.definition_key == row.key, process_instance.c.ended_at.is_(None)
        )
        if uow.conn.execute(select(running)).scalar():
            raise WrongState(
                f"流程“{row.name}”第{row.version}版仍有在办事项，且没有其他施行中的版本，不得废止。"
                "请先发布新版本，或者待在办事项办结；需要暂停受理的，请改用停用。",
                f"Expected another version of {row.process_id} in force or no running case, found neither.",
            )
        if waiting := _waiting(uow, row.process_id):
            raise WrongState(
                f"有{waiting}件调用或者消息正在等待流程“{row.name}”受理，且没有其他施行中的版本，不得废止。"
                "请先发布新版本，或者恢复受理，待其受理后再废止。",
                f"Expected another version of {row.process_id} in force or nothing that waits to start a case "
                f"of it, found {waiting} calls or messages.",
                waiting=waiting,
            )
    for key in others:
        uow.expect(key)  # of two versions retired at once, one has to stay
    uow.record(row.key, e.DefinitionRetired(row.key, row.version, reason))
    return _answer(row, "retired")


def _waiting(uow: UnitOfWork, process_id: str) -> int:
    """Return how many calls and messages wait to start a case; one that a running case awaits is not among them."""
    awaited = exists().where(
        subscription.c.name == message.c.target,
        subscription.c.correlation == message.c.correlation,
        subscription.c.kind != "signal",
    )
    query = (
        select(func.count())
        .select_from(message)
        .where(message.c.target == process_id, message.c.state == "waiting", ~awaited)
    )
    return int(uow.conn.execute(query).scalar_one())


def reason_of(text: str) -> str:
    """Return a reason for the trail.

    Raises:
        InvalidInput: it is too short to say anything, or too long.
    """
    if not 5 <= len(text.strip()) <= 500:
        raise InvalidInput("请填写理由（5至500个字）。", "Expected a reason of 5 to 500 characters.")
    return text.strip()


_STATES = {"active": "施行", "suspended": "停用", "retired": "废止"}


def _version(
    cmd: SuspendDefinition | ResumeDefinition | RetireDefinition,
    uow: UnitOfWork,
    wanted: str | tuple[str, ...],
    act: str,
) -> Row[Any]:
    if cmd.actor is not None and not cmd.actor.holds("designer"):
        cmd.actor.must_hold("admin")
    uow.expect(cmd.definition_key)
    row: Row[Any] | None = uow.conn.execute(
        select(process_definition).where(_d.key == cmd.definition_key)
    ).first()
    if row is None:
        raise NotFound("没有该流程版本。", f"Expected a process definition {cmd.definition_key}, found none.")
    if row.state not in ((wanted,) if isinstance(wanted, str) else wanted):
        raise WrongState(
            f"流程“{row.name}”第{row.version}版现为{_STATES[row.state]}状态，不能{act}。",
            f"Expected a version that is {wanted}, found {row.state}.",
            state=row.state,
        )
    return row


def _answer(row: Row[Any], state: str) -> dict[str, Any]:
    return {"definition_key": str(row.key), "version": row.version, "state": state}
