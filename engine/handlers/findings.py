"""Findings (疑点): open, explained, closed, open again; each step an event in the finding's own stream."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from engine import events as e
from engine.commands import CloseFinding, ExplainFinding, ReopenFinding
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers.access import visible_cases
from engine.handlers.checks import auditor
from engine.handlers.version_states import reason_of
from engine.people import Actor
from engine.storage.tables import finding, process_instance
from engine.uow import UnitOfWork

STATES = ("open", "explained", "closed")
MOST = 2000


def explain_finding(cmd: ExplainFinding, uow: UnitOfWork) -> dict[str, Any]:
    """Note what there is to say, by anybody of the auditors; a later note stands beside the earlier ones."""
    row = _found(uow, auditor(cmd.actor), cmd.finding_key, ("open", "explained"), "说明")
    text = cmd.text.replace("\r\n", "\n").strip()
    if not 5 <= len(text) <= MOST:
        raise InvalidInput(
            f"请填写情况说明（5至{MOST}个字）。", f"Expected an explanation of 5 to {MOST} characters."
        )
    uow.record(row.key, e.FindingExplained(row.key, text))
    return {"state": "explained"}


def close_finding(cmd: CloseFinding, uow: UnitOfWork) -> dict[str, Any]:
    """Be done with it, for a reason; whose own act it is about leaves that to others."""
    actor = auditor(cmd.actor)
    row = _found(uow, actor, cmd.finding_key, ("open", "explained"), "了结")
    if row.user_key == actor.user_key:
        raise NotAllowed(
            "疑点所涉为本人行为的，由其他审计人员了结。",
            f"Expected another auditor than {actor.username}, whose act the finding is about.",
        )
    uow.record(row.key, e.FindingClosed(row.key, reason_of(cmd.reason)))
    return {"state": "closed"}


def reopen_finding(cmd: ReopenFinding, uow: UnitOfWork) -> dict[str, Any]:
    """Look at a closed one again."""
    row = _found(uow, auditor(cmd.actor), cmd.finding_key, ("closed",), "重新处理")
    uow.record(row.key, e.FindingReopened(row.key, reason_of(cmd.reason)))
    return {"state": "open"}


def shown_to(conn: Connection, actor: Actor) -> ColumnElement[bool]:
    """Return the condition on finding that an auditor sees it: about no case, or about one they may see."""
    case = select(process_instance.c.key).where(
        and_(process_instance.c.key == finding.c.instance_key, visible_cases(conn, actor))
    )
    return or_(finding.c.instance_key.is_(None), case.correlate(finding).exists())


_NAMES = {"open": "待处理", "explained": "已说明", "closed": "已了结"}


def _found(uow: UnitOfWork, actor: Actor, key: int, wanted: tuple[str, ...], act: str) -> Row[Any]:
    uow.expect(key)
    query = select(finding).where(finding.c.key == key, shown_to(uow.conn, actor))
    row: Row[Any] | None = uow.conn.execute(query).first()
    if row is None:
        raise NotFound("没有该疑点。", f"Expected a finding {key}, found none.", logged="finding")
    if row.state not in wanted:
        raise WrongState(
            f"该疑点{_NAMES[row.state]}，不能{act}。",
            f"Expected a finding that is {' or '.join(wanted)}, found {row.state}.",
            state=row.state,
        )
    return row
