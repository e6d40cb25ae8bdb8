"""Events of process definitions → rows."""

from sqlalchemy import Connection, insert, update

from engine import events as e
from engine.appliers.base import an_instant, applies, day
from engine.clock import instant
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add


@applies.register
def _(event: e.DefinitionDeployed, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.process_definition,
        {
            "key": event.definition_key,
            "process_id": event.process_id,
            "version": event.version,
            "name": event.name,
            "sha256": event.sha256,
            "files": event.files,
            "deployed_at": recorded.recorded_at,
            "effective_from": day(event.effective_from),
            "state": "active",
            "notes": event.notes,
            "basis": event.basis,
        },
    )


@applies.register
def _(event: e.StartTriggerSet, conn: Connection, recorded: Recorded) -> None:
    row = {
        "key": event.trigger_key,
        "definition_key": event.definition_key,
        "process_id": event.process_id,
        "element_id": event.element_id,
        "kind": event.kind,
        "signal": event.signal,
        "planned_at": an_instant(event.planned_at),
        "attempts": 0,
    }
    conn.execute(insert(t.start_trigger), row)


@applies.register
def _(event: e.RoundStarted, conn: Connection, recorded: Recorded) -> None:
    if event.planned_at is not None:
        _next_round(conn, event.trigger_key, event.planned_at, event.next_at)
    rows = [
        {
            "key": int(key),
            "instance_key": recorded.stream,
            "element_id": event.element_id,
            "target": f"start:{event.trigger_key}",
            "correlation": "",
            "payload": {
                "parties": parties,
                "came": event.came,
                "origin": event.origin,
                "planned_at": event.planned_at,
                "estimated": event.estimated,
            },
            "state": "waiting",
            "thrown_at": instant(event.starts_at),
            "attempts": 0,
        }
        for key, parties in event.deliveries.items()
    ]
    if rows:
        conn.execute(insert(t.message), rows)


@applies.register
def _(event: e.RoundsPassed, conn: Connection, recorded: Recorded) -> None:
    _next_round(conn, event.trigger_key, event.last_at, event.next_at)


def _next_round(conn: Connection, key: int, last_at: str, next_at: str | None) -> None:
    row = {"last_at": instant(last_at), "planned_at": an_instant(next_at)}
    fresh = {"attempts": 0, "last_error": None, "retry_at": None}
    conn.execute(update(t.start_trigger).where(t.start_trigger.c.key == key).values(**row, **fresh))


@applies.register(e.DefinitionSuspended)
@applies.register(e.DefinitionResumed)
@applies.register(e.DefinitionRetired)
def _(
    event: e.DefinitionSuspended | e.DefinitionResumed | e.DefinitionRetired,
    conn: Connection,
    recorded: Recorded,
) -> None:
    state = {"Suspended": "suspended", "Resumed": "active", "Retired": "retired"}[
        type(event).__name__.removeprefix("Definition")
    ]
    changed = {"state": state, "state_reason": event.reason, "state_since": recorded.occurred_at}
    conn.execute(
        update(t.process_definition)
        .where(t.process_definition.c.key == event.definition_key)
        .values(**changed)
    )
