"""What a case owes before anybody acts in it: an act must meet the case as law and time have left it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select

from engine import commands as c
from engine import successions
from engine.definitions import in_force
from engine.handlers.subscriptions import DIRECT
from engine.handlers.versions import newer_version
from engine.periods import beijing_day
from engine.storage.tables import (
    incident,
    message,
    organisation,
    process_definition,
    process_instance,
    stream_head,
    subscription,
    timer,
    user_task,
)

_i = process_instance.c
_ABOLISHED = (
    select(organisation.c.key)
    .where(
        organisation.c.key.in_((_i.using_key, _i.providing_key, _i.managing_key)),
        organisation.c.successor_key.is_not(None),
    )
    .exists()
)
_DUE = select(timer.c.key).where(timer.c.instance_key == _i.key, timer.c.not_before <= bindparam("now"))
_NEWEST = (
    select(process_definition.c.key)
    .where(process_definition.c.process_id == _i.process_id, in_force(bindparam("day")))
    .order_by(process_definition.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_GLANCE = select(
    _i.key,
    _i.process_id,
    _i.definition_key,
    _i.received_at,
    _i.ended_at,
    and_(_i.ended_at.is_(None), _ABOLISHED).label("abolished"),
    _DUE.exists().label("due"),
    and_(_i.ended_at.is_(None), _i.received_at.is_(None), _i.definition_key != _NEWEST).label("outdated"),
)
_STUCK = select(incident.c.timer_key).where(
    incident.c.instance_key == bindparam("of"), incident.c.state == "open", incident.c.timer_key.is_not(None)
)
_STEP = select(incident.c.step).where(incident.c.key == bindparam("of"))
_MESSAGE = select(message.c.instance_key, message.c.target, message.c.correlation).where(
    message.c.key == bindparam("of"), message.c.state == "waiting"
)
_ADDRESSED = select(subscription.c.instance_key).where(subscription.c.key == bindparam("of"))
_AWAITED = (
    select(subscription.c.instance_key)
    .where(
        subscription.c.name == bindparam("target"),
        subscription.c.correlation == bindparam("correlation"),
        subscription.c.kind != "signal",
    )
    .order_by(subscription.c.key)
    .limit(1)
)
_SEQ = select(stream_head.c.seq).where(stream_head.c.stream == bindparam("of"))
_DUE_IN = (
    select(timer)
    .where(timer.c.instance_key == bindparam("of"), timer.c.not_before <= bindparam("now"))
    .order_by(timer.c.fires_at, timer.c.key)
)
_ACTS = ("instance_key", "task_key", "incident_key")
"""What an act in a case names it by; timers and messages fire in their own order."""


@dataclass(frozen=True)
class Owed:
    """One thing to be done first, under a name of its own.

    Attributes:
        timer: The row of the timer that is due, where it is one.
    """

    name: str
    command: c.Command
    timer: Row[Any] | None = None


def _by(key_of: Select[tuple[int]]) -> Select[tuple[object, ...]]:
    return _GLANCE.where(_i.key == key_of.scalar_subquery())


_BY = {
    "instance_key": _GLANCE.where(_i.key == bindparam("of")),
    "task_key": _by(select(user_task.c.instance_key).where(user_task.c.key == bindparam("of"))),
    "timer_key": _by(select(timer.c.instance_key).where(timer.c.key == bindparam("of"))),
    "message_key": _GLANCE.where(_i.key == bindparam("of")),
    "incident_key": _by(select(incident.c.instance_key).where(incident.c.key == bindparam("of"))),
}


def owed(conn: Connection, command: c.Command, now: datetime, done: Collection[str] = ()) -> list[Owed]:
    """Return what has to be done in the command's case before it, in order.

    Only one kind at a time, since it may change what the next kind finds: an abolished party's successor
    first, then the timers that are due, then the version the case is to go on under (R-V1).

    Args:
        done: Names that were returned before and carried out; they are not returned again.
    """
    if isinstance(command, c.SucceedInCase | c.RebindInstance):
        return []
    named = next((name for name in _BY if isinstance(getattr(command, name, None), int)), None)
    if named is None:
        return []
    key: int | None = getattr(command, named)
    if named == "message_key":
        key = _taker(conn, getattr(command, named))
    of: dict[str, Any] = {"of": key, "now": now, "day": beijing_day(now)}
    case = conn.execute(_BY[named], of).first()
    if case is None:
        return []
    kinds = (
        _successions(conn, case) if case.abolished else (),
        _timers(conn, case, now, command) if case.due and named in _ACTS else (),
        _rebinding(conn, case, of["day"]) if case.outdated else (),
    )
    fresh = ([found for found in kind if found.name not in done] for kind in kinds)
    return next(filter(None, fresh), [])


def _taker(conn: Connection, message_key: int) -> int | None:
    """Return the case that a message goes to: it is what the delivery acts in. Without one, the case it is from."""
    thrown = conn.execute(_MESSAGE, {"of": message_key}).first()
    if thrown is None:
        return None
    if thrown.target.startswith(DIRECT):
        found = conn.execute(_ADDRESSED, {"of": int(thrown.target.removeprefix(DIRECT))}).scalar()
    else:
        where = {"target": thrown.target, "correlation": thrown.correlation}
        found = conn.execute(_AWAITED, where).scalar()
    return int(thrown.instance_key if found is None else found)


def _successions(conn: Connection, case: Row[Any]) -> Iterator[Owed]:
    for organisation_key in successions.pending(conn, case.key):
        succeed = successions.command(organisation_key, case.key)
        yield Owed(succeed.id, succeed)


def _timers(conn: Connection, case: Row[Any], now: datetime, command: c.Command) -> Iterator[Owed]:
    stuck = set(conn.execute(_STUCK, {"of": case.key}).scalars()) if _mends(conn, command) else ()
    for row in conn.execute(_DUE_IN, {"of": case.key, "now": now}):
        if row.key not in stuck:
            yield Owed(f"timer:{row.key}", c.TriggerTimer(actor=None, timer_key=row.key), row)


def _mends(conn: Connection, command: c.Command) -> bool:
    """Say whether somebody mends what is stuck, or gives the case up: no other stuck limit may keep them from it.

    Who tries an element again moves the case, and waits for its limits like everybody else.
    """
    key = getattr(command, "incident_key", None)
    if key is None or isinstance(command, c.CancelIncident):
        return key is not None
    return conn.execute(_STEP, {"of": key}).scalar() in ("timer", "message")


def _rebinding(conn: Connection, case: Row[Any], day: date) -> Iterator[Owed]:
    newer = newer_version(conn, case, day)
    if newer is not None:
        name = f"rebind:{case.key}:{newer}"
        # Its token may stand elsewhere after the last act, so each act asks anew; of two at once, one does.
        seq = conn.execute(_SEQ, {"of": case.key}).scalar_one()
        rebind = c.RebindInstance(actor=None, instance_key=case.key, definition_key=newer, id=f"{name}:{seq}")
        yield Owed(name, rebind)
