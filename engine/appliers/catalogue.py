"""Events of the catalogue → rows."""

from sqlalchemy import Connection, insert, select, update

from engine import entry_versions as versions
from engine import events as e
from engine.appliers.base import applies, day
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import change


@applies.register
def _(event: e.EntryPublished, conn: Connection, recorded: Recorded) -> None:
    values = {
        "code": event.code,
        "name": event.name,
        "provider_key": event.provider_key,
        "sharing_type": event.sharing_type,
        "update_cycle": event.update_cycle,
        "abstract": event.abstract,
        "metadata": event.metadata,
        "withdrawn_on": None,
    }
    entry = t.catalogue_entry
    changed = conn.execute(
        update(entry).where(entry.c.key == event.entry_key).values(**values, version=entry.c.version + 1)
    )
    if changed.rowcount == 0:
        conn.execute(insert(entry), {"key": event.entry_key, "version": 1, **values})
    versions.published(conn, event, recorded)


@applies.register
def _(event: e.EntryWithdrawn, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    change(conn, entry, event.entry_key, withdrawn_on=day(event.withdrawn_on))
    versions.withdrawn(conn, event, recorded)


@applies.register
def _(event: e.EntryDeletionAnnounced, conn: Connection, recorded: Recorded) -> None:
    versions.deletion_announced(conn, event, recorded)


@applies.register
def _(event: e.EntryMoved, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    change(conn, entry, event.entry_key, provider_key=event.provider_key)


@applies.register
def _(event: e.EntryLeadMoved, conn: Connection, recorded: Recorded) -> None:
    entry = t.catalogue_entry
    kept = conn.execute(select(entry.c.metadata).where(entry.c.key == event.entry_key)).scalar_one()
    change(conn, entry, event.entry_key, metadata={**kept, "lead_dept": str(event.lead_key)})
