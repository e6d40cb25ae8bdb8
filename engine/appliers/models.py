"""Events of models → rows."""

from typing import Any

from sqlalchemy import Connection, insert, update

from engine import events as e
from engine.appliers.base import applies, day
from engine.history.chain import Recorded
from engine.storage import tables as t


@applies.register
def _(event: e.ModelCreated, conn: Connection, recorded: Recorded) -> None:
    who, at = recorded.author.key, recorded.recorded_at
    row = {
        "key": event.model_key,
        "name": event.name,
        "origin": event.origin,
        "origin_key": event.origin_key,
        "state": "editing",
        "revision": 1,
        "created_by": who,
        "created_at": at,
        "saved_by": who,
        "saved_at": at,
        "notes": "",
        "basis": "",
    }
    conn.execute(insert(t.model), row)
    _keep_revision(conn, recorded, event.model_key, 1, event.files, sorted(event.files), "")


@applies.register
def _(event: e.ModelSaved, conn: Connection, recorded: Recorded) -> None:
    changed = {
        "name": event.name,
        "revision": event.revision,
        "state": "editing",
        "saved_by": recorded.author.key,
        "saved_at": recorded.recorded_at,
    }
    _change(conn, event.model_key, **changed)
    _keep_revision(conn, recorded, event.model_key, event.revision, event.files, event.changed, event.note)


@applies.register
def _(event: e.ModelDiscarded, conn: Connection, recorded: Recorded) -> None:
    _change(conn, event.model_key, state="discarded")


@applies.register
def _(event: e.PublicationRequested, conn: Connection, recorded: Recorded) -> None:
    _change(
        conn,
        event.model_key,
        state="requested",
        requested_by=recorded.author.key,
        requested_at=recorded.recorded_at,
        effective_from=day(event.effective_from),
        notes=event.notes,
        basis=event.basis,
        returned=None,
    )


@applies.register
def _(event: e.PublicationReturned, conn: Connection, recorded: Recorded) -> None:
    _change(conn, event.model_key, state="editing", returned=event.reason)


@applies.register
def _(event: e.ModelPublished, conn: Connection, recorded: Recorded) -> None:
    _change(conn, event.model_key, state="published", definition_key=event.definition_key)


def _change(conn: Connection, key: int, **values: Any) -> None:
    conn.execute(update(t.model).where(t.model.c.key == key).values(**values))


def _keep_revision(
    conn: Connection,
    recorded: Recorded,
    key: int,
    revision: int,
    files: dict[str, str],
    changed: list[str],
    note: str,
) -> None:
    row = {
        "model_key": key,
        "revision": revision,
        "files": files,
        "changed": changed,
        "note": note,
        "saved_by": recorded.author.key,
        "saved_at": recorded.recorded_at,
    }
    conn.execute(insert(t.model_revision), row)
