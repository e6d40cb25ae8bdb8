"""The checks: those that ship as data, and those that auditors saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, select

from engine.process_files import PROCESSES
from engine.speech import Bilingual
from engine.storage.tables import audit_check
from engine.trace.criteria import Criteria

CHECK_STREAM = 7


@dataclass(frozen=True)
class Check:
    """What runs every night.

    Attributes:
        code: Of a shipped check its name, of a saved one its key.
        source: act, access, chain or reads.
        asks: What an act or a read must meet, any of them; empty for the other two sources.
        saved_by: Who saved it; None for a shipped one.
    """

    code: str
    name: str
    note: str
    source: str
    asks: tuple[Criteria, ...] = ()
    key: int | None = None
    saved_by: int | None = None
    saved_at: Any = None
    retired_at: Any = None

    @property
    def shipped(self) -> bool:
        """Whether it comes with the product."""
        return self.key is None


@cache
def shipped(path: Path = PROCESSES / "checks.yaml") -> tuple[Check, ...]:
    """Return the checks that come with the product."""
    return tuple(_shipped(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8")))


def _shipped(entry: Mapping[str, Any]) -> Check:
    asks = tuple(Criteria.of(entry[part]) for part in ("criteria", "or") if part in entry)
    for part, asked in zip(("criteria", "or"), asks, strict=False):
        unknown = set(entry[part]) - set(asked.chosen())
        if unknown or set(entry[part].get("kinds", ())) != set(asked.kinds):
            raise ValueError(f"Expected criteria of a search, found {entry[part]} in {entry['code']}.")
    return Check(
        entry["code"],
        Bilingual(entry["name"], entry["name_en"]),
        Bilingual(entry["note"], entry["note_en"]),
        entry.get("source") or asks[0].source,
        asks,
    )


def saved(conn: Connection, retired: bool = False) -> tuple[Check, ...]:
    """Return the checks that auditors saved, in their order; those that were retired only if asked for."""
    query = select(audit_check).order_by(audit_check.c.key)
    rows = conn.execute(query if retired else query.where(audit_check.c.retired_at.is_(None)))
    return tuple(of_row(row) for row in rows)


def of_row(row: Any) -> Check:
    """Return the check that a row of audit_check holds."""
    asked = Criteria.of(row.criteria)
    return Check(
        str(row.key),
        row.name,
        row.note,
        asked.source,
        (asked,),
        row.key,
        row.saved_by,
        row.saved_at,
        row.retired_at,
    )


def standing(conn: Connection) -> tuple[Check, ...]:
    """Return every check that runs."""
    return shipped() + saved(conn)


def names(conn: Connection) -> dict[str, str]:
    """Return the names of all checks there ever were, by code."""
    found: Sequence[Check] = (*shipped(), *saved(conn, retired=True))
    return {check.code: check.name for check in found}
