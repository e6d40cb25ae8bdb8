"""A catalogue entry as a case freezes it, and whether a department may use it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.handlers.grants import grants_of
from engine.storage.tables import catalogue_deletion, catalogue_entry


def resource(conn: Connection, key: int) -> dict[str, Any]:
    """Return the entry's fields that a case needs; frozen into it at receipt (R12-16).

    Raises:
        NotFound: no such entry.
    """
    row = conn.execute(select(catalogue_entry).where(catalogue_entry.c.key == key)).first()
    if row is None:
        raise NotFound("目录中没有该资源。", f"Expected a catalogue entry {key}, found none.")
    meta = row.metadata
    announced = select(catalogue_deletion.c.deletes_on).where(catalogue_deletion.c.entry_key == key)
    leaves = conn.execute(announced).scalar()
    return {
        "key": str(row.key),
        "code": row.code,
        "name": row.name,
        "provider": str(row.provider_key),
        "sharing_type": row.sharing_type,
        "sharing_conditions": meta.get("sharing_conditions") or "",
        "sharing_method": _list(meta.get("sharing_method")),
        "update_cycle": row.update_cycle,
        "items": [item["name"] for item in meta.get("items", [])],
        "version": row.version,
        "withdrawn_on": row.withdrawn_on.isoformat() if row.withdrawn_on else None,
        **({"deletes_on": leaves.isoformat()} if leaves is not None else {}),
    }


def may_use(conn: Connection, org: int, entry: Mapping[str, Any], on: date) -> bool:
    """Say whether a department may use an entry now: unconditional, or by a living grant (R13-03)."""
    living = grants_of(conn, org, int(entry["key"]), on)
    return entry["sharing_type"] == "unconditional" or any(g.suspended_by is None for g in living)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
