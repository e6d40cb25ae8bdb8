"""Events of incidents → rows."""

from dataclasses import asdict

from sqlalchemy import Connection, func, insert, select, update

from engine import events as e
from engine.appliers.base import an_instant, applies, instance_table
from engine.history.chain import Recorded
from engine.storage import tables as t


@applies.register
def _(event: e.IncidentRaised, conn: Connection, recorded: Recorded) -> None:
    values = asdict(event) | {"key": event.incident_key, "next_try_at": an_instant(event.next_try_at)}
    del values["incident_key"]
    row = {"instance_key": recorded.stream, "state": "open", "tries": 0, "attempts": 0}
    conn.execute(insert(t.incident), {**values, **row, "raised_at": recorded.occurred_at})
    _open_incidents(conn, recorded.stream)


@applies.register
def _(event: e.IncidentTriedAgain, conn: Connection, recorded: Recorded) -> None:
    values = {name: getattr(event, name) for name in ("kind", "cause", "cause_en", "input", "token")}
    conn.execute(
        update(t.incident)
        .where(t.incident.c.key == event.incident_key)
        .values(
            **values,
            next_try_at=an_instant(event.next_try_at),
            tries=t.incident.c.tries + 1,
            tried_at=recorded.recorded_at,
            tried_by=recorded.author.key,
            attempts=0,
            retry_at=None,
        )
    )
    if recorded.author.key:  # a message that a person tried again gets as many tries by itself as at first
        tried = select(t.incident.c.message_key).where(t.incident.c.key == event.incident_key)
        fresh = {"attempts": 0, "retry_at": None}
        conn.execute(update(t.message).where(t.message.c.key == tried.scalar_subquery()).values(**fresh))


@applies.register
def _(event: e.IncidentEnded, conn: Connection, recorded: Recorded) -> None:
    states = {"IncidentResolved": "resolved", "IncidentSkipped": "skipped", "IncidentCancelled": "cancelled"}
    conn.execute(
        update(t.incident)
        .where(t.incident.c.key == event.incident_key)
        .values(
            state=states.get(type(event).__name__, "closed"),
            reason=getattr(event, "reason", None),
            ended_at=recorded.recorded_at,
            ended_by=recorded.author.key,
            next_try_at=None,
        )
    )
    _open_incidents(conn, recorded.stream)


def _open_incidents(conn: Connection, instance: int) -> None:
    here = (t.incident.c.instance_key == instance, t.incident.c.state == "open")
    count = select(func.count()).select_from(t.incident).where(*here).scalar_subquery()
    conn.execute(update(instance_table).where(instance_table.c.key == instance).values(incidents=count))
