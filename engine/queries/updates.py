"""Catalogue updates as pages show them: what an entry's versions changed, and what an update would change."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.catalogue import compare, of_version
from engine.handlers.access import visible_cases
from engine.handlers.entries import form_values, in_force, names
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.views import EntryDeletion, EntryVersion
from engine.storage.tables import catalogue_deletion, catalogue_version, process_instance


def differences(
    reader: Reader, form: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Mapping[str, object], ...]:
    """Return how each entry named in a form differs from its version in force."""
    own = [
        c for c in form.get("components", []) if (c.get("shixian") or {}).get("items") == "affected_entries"
    ]
    if not own:
        return ()
    departments = names(reader.conn)
    found: list[Mapping[str, object]] = []
    for value in values.get(own[0]["key"]) or []:
        about = str(value.get("entry") or "")
        row = in_force(reader.conn, int(about)) if about.isdigit() else None
        old = form_values(row) if row is not None else {}
        change = value.get("change")
        new = _filled(value) if change in ("revise", "add") else {} if change == "delete" else old
        try:
            found.append(compare(old, new, departments).data())
        except (TypeError, AttributeError, ValueError):  # a draft may hold anything
            found.append({"fields": [], "items": []})
    return tuple(found)


def _filled(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a draft says of an entry, the blank rows of its tables left out."""
    return {
        key: [row for row in kept if not isinstance(row, dict) or any(row.values())]
        if isinstance(kept, list)
        else kept
        for key, kept in value.items()
    }


def comparison(variables: Mapping[str, Any], form: Mapping[str, Any]) -> Mapping[str, object] | None:
    """Return the comparison of the update that was handed in; where it is being mended, the form shows its own."""
    mended = any(c.get("type") == "subforms" for c in form.get("components", []))
    found = variables.get("comparison")
    return found if isinstance(found, dict) and "conclusion" in found and not mended else None


def versions(reader: Reader, actor: Actor, entry_key: int) -> tuple[EntryVersion, ...]:
    """Return the versions of an entry, newest first, each with what it changed."""
    v = catalogue_version.c
    rows = reader.conn.execute(
        select(catalogue_version).where(v.entry_key == entry_key).order_by(v.version)
    ).all()
    cases = _cases(reader, actor, {row.instance_key for row in rows if row.instance_key})
    departments = names(reader.conn) if len(rows) > 1 else {}
    found: list[EntryVersion] = []
    before: dict[str, Any] | None = None
    for row in rows:
        fields = of_version(row.fields)
        found.append(
            EntryVersion(
                row.version,
                row.change,
                row.effective_from,
                None if before is None else compare(before, fields, departments).data(),
                row.instance_key if row.instance_key in cases else None,
                cases.get(row.instance_key),
            )
        )
        before = fields
    return tuple(reversed(found))


def deletion(reader: Reader, actor: Actor, entry_key: int) -> EntryDeletion | None:
    """Return when and why an entry leaves the catalogue; None where nothing was decided."""
    d = catalogue_deletion.c
    row = reader.conn.execute(select(catalogue_deletion).where(d.entry_key == entry_key)).first()
    if row is None:
        return None
    cases = _cases(reader, actor, {row.instance_key} if row.instance_key else set())
    seen = row.instance_key in cases
    return EntryDeletion(
        row.deletes_on,
        row.reason,
        row.doc_no,
        row.instance_key if seen else None,
        cases.get(row.instance_key),
    )


def _cases(reader: Reader, actor: Actor, keys: set[int]) -> dict[int, str]:
    if not keys:
        return {}
    i = process_instance.c
    rows = reader.conn.execute(
        select(i.key, i.business_id).where(i.key.in_(keys), visible_cases(reader.conn, actor))
    )
    return {row.key: row.business_id for row in rows}
