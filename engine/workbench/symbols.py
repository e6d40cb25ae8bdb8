"""Names for what has another key in every scratch database: departments, resources, cases, files.

A scenario says `@org:辽宁省公安厅` and `@file:说明.txt`; a form's values say keys.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.storage.tables import attachment, catalogue_entry, organisation, process_instance

_MARK = "@"


class Unnamed(ValueError):
    """A scenario names something that this scratch office does not have."""


def keys_named(conn: Connection) -> dict[str, str]:
    """Return the names of everything that a form's values may name by a key, by key."""
    found: dict[str, str] = {}
    for kind, table, column in (
        ("org", organisation, organisation.c.name),
        ("entry", catalogue_entry, catalogue_entry.c.code),
        ("case", process_instance, process_instance.c.business_id),
    ):
        for key, name in conn.execute(select(table.c.key, column)):
            found[str(key)] = f"{_MARK}{kind}:{name}"
    return found


def named(value: Any, names: Mapping[str, str]) -> Any:
    """Return a form's values as a scenario keeps them."""
    if isinstance(value, Mapping):
        if {"key", "sha256", "name"} <= value.keys():
            kind = "records" if "rows" in value else "file"
            return f"{_MARK}{kind}:{value['name']}"
        return {k: named(v, names) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [named(v, names) for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def files_in(value: Any) -> list[str]:
    """Return the names of the files that a scenario's values hand in."""
    if isinstance(value, Mapping):
        return [name for v in value.values() for name in files_in(v)]
    if isinstance(value, list | tuple):
        return [name for v in value for name in files_in(v)]
    mark = f"{_MARK}file:"
    return [value.removeprefix(mark)] if isinstance(value, str) and value.startswith(mark) else []


def resolved(value: Any, keys: Mapping[str, Any]) -> Any:
    """Return a scenario's values as a form takes them.

    Args:
        keys: What each name stands for.

    Raises:
        Unnamed: one stands for nothing.
    """
    if isinstance(value, Mapping):
        return {k: resolved(v, keys) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(v, keys) for v in value]
    if isinstance(value, str) and value.startswith(("@org:", "@entry:", "@case:", "@file:", "@records:")):
        if value not in keys:
            raise Unnamed(value)
        return keys[value]
    return value


def stored_files(conn: Connection, instance_key: int) -> dict[str, dict[str, Any]]:
    """Return the files of a case by the names that a scenario gives them, the newest of a name."""
    of = attachment.c
    rows = conn.execute(select(attachment).where(of.instance_key == instance_key).order_by(of.key))
    return {
        f"{_MARK}file:{r.name}": {"key": str(r.key), "name": r.name, "size": r.size, "sha256": r.sha256}
        for r in rows
    }
