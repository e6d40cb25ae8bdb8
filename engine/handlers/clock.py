"""The machine's clock after a jump: somebody who has looked at it says that it is right."""

from typing import Any

from sqlalchemy import Connection, select

from engine import events as e
from engine.commands import ConfirmClock
from engine.errors import NotAllowed, WrongState
from engine.handlers.webhooks import SECURITY_STREAM
from engine.history.chain import parse
from engine.storage.tables import event
from engine.uow import UnitOfWork


def confirm_clock(cmd: ConfirmClock, uow: UnitOfWork) -> dict[str, Any]:
    """Let the sweep go on after the clock was set forward; every process that halted goes on within a second."""
    if cmd.actor is None:
        raise NotAllowed("该操作应由系统管理员办理。", "Expected an administrator, found nobody.")
    cmd.actor.must_hold("admin")
    uow.expect(SECURITY_STREAM)
    if unconfirmed_jump(uow.conn) is None:
        raise WrongState("没有待核对的时钟跳变。", "Expected a clock that was set forward, found none.")
    uow.record(SECURITY_STREAM, e.ClockConfirmed())
    return {}


def unconfirmed_jump(conn: Connection) -> int | None:
    """Return by how many seconds a clock was set forward since the last confirmation, None if it was not."""
    kinds = (e.ClockAlarm.__name__, e.ClockConfirmed.__name__)
    newest = select(event.c.body).where(event.c.stream == SECURITY_STREAM, event.c.type.in_(kinds))
    for (body,) in conn.execute(newest.order_by(event.c.seq.desc())):
        found = parse(body).event
        if not isinstance(found, e.ClockAlarm):
            return None
        if found.direction == "forward":
            return found.seconds
    return None
