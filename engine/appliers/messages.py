"""Events of messages and subscriptions → rows."""

from sqlalchemy import Connection, update

from engine import events as e
from engine.appliers.base import applies, change_case
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, remove


@applies.register
def _(event: e.MessageThrown, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.message,
        {
            "key": event.message_key,
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": event.target,
            "correlation": event.correlation,
            "payload": event.payload,
            "state": "waiting",
            "thrown_at": recorded.occurred_at,
            "attempts": 0,
        },
    )


@applies.register
def _(event: e.CaseWithheld, conn: Connection, recorded: Recorded) -> None:
    change_case(conn, recorded, withheld_key=event.organisation_key)


@applies.register
def _(event: e.MessageCaught, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.message, event.message_key, state="delivered", caught_by=event.by)


@applies.register
def _(event: e.MessageLapsed, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.message, event.message_key, state="lapsed")


@applies.register
def _(event: e.SignalThrown, conn: Connection, recorded: Recorded) -> None:
    for key, target in event.deliveries.items():
        row = {
            "key": int(key),
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": target,
            "correlation": event.signal,
            "payload": event.payload,
            "state": "waiting",
            "thrown_at": recorded.occurred_at,
            "attempts": 0,
        }
        add(conn, t.message, row)


@applies.register
def _(event: e.SubscriptionOpened, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.subscription_key,
        "instance_key": recorded.stream,
        "element_id": event.element_id,
        "token": event.token,
        "kind": event.kind,
        "name": event.name,
        "correlation": event.correlation,
    }
    add(conn, t.subscription, row)


@applies.register
def _(event: e.SubscriptionChanged, conn: Connection, recorded: Recorded) -> None:
    names = ("element_id", "token", "name", "correlation")
    conn.execute(
        update(t.subscription)
        .where(t.subscription.c.key == event.subscription_key)
        .values(**{name: getattr(event, name) for name in names})
    )


@applies.register
def _(event: e.SubscriptionClosed, conn: Connection, recorded: Recorded) -> None:
    remove(conn, t.subscription, event.subscription_key)
