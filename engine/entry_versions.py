"""What events of the catalogue leave in the rows of its versions and deletions; for the appliers alone."""

from datetime import date

from sqlalchemy import Connection, insert, select

from engine import events as e
from engine.history.chain import Recorded
from engine.periods import beijing_day
from engine.storage import tables as t
from engine.storage.statements import put, remove


def published(conn: Connection, event: e.EntryPublished, recorded: Recorded) -> None:
    """Keep a version beside those before it; one that is published again is no longer deleted."""
    entry = t.catalogue_entry
    version = conn.execute(select(entry.c.version).where(entry.c.key == event.entry_key)).scalar_one()
    fields = {
        "code": event.code,
        "name": event.name,
        "provider_key": str(event.provider_key),
        "sharing_type": event.sharing_type,
        "update_cycle": event.update_cycle,
        "abstract": event.abstract,
        "metadata": event.metadata,
    }
    row = {
        "entry_key": event.entry_key,
        "version": version,
        "change": event.change,
        "fields": fields,
        "effective_from": beijing_day(recorded.occurred_at),
        "instance_key": event.instance_key,
        "published_at": recorded.occurred_at,
    }
    conn.execute(insert(t.catalogue_version), row)
    remove(conn, t.catalogue_deletion, event.entry_key)


def withdrawn(conn: Connection, event: e.EntryWithdrawn, recorded: Recorded) -> None:
    """Keep why the entry left; what was announced stays as it was announced."""
    table = t.catalogue_deletion
    announced = select(table.c.entry_key).where(table.c.entry_key == event.entry_key)
    if conn.execute(announced).first() is None:
        _deletion(conn, event, event.withdrawn_on, recorded)


def deletion_announced(conn: Connection, event: e.EntryDeletionAnnounced, recorded: Recorded) -> None:
    """Keep the day on which the entry will leave."""
    _deletion(conn, event, event.deletes_on, recorded)


def _deletion(
    conn: Connection, event: e.EntryWithdrawn | e.EntryDeletionAnnounced, on: str, recorded: Recorded
) -> None:
    row = {
        "entry_key": event.entry_key,
        "deletes_on": date.fromisoformat(on),
        "instance_key": event.instance_key,
        "reason": event.reason,
        "doc_no": event.doc_no,
        "announced_at": recorded.occurred_at,
    }
    put(conn, t.catalogue_deletion, row)
