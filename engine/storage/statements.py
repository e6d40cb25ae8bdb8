"""Statements that each database spells its own way; one text each, chosen by the connection."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_new(conn: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with its key is there; say whether it was inserted.

    On PostgreSQL it waits for a transaction that is inserting the same key, and then knows how that ended.
    """
    fresh = _INSERTS[conn.dialect.name](table).on_conflict_do_nothing()
    # psycopg tells it, but SQLAlchemy forgets the count of an INSERT unless asked.
    fresh = fresh.execution_options(preserve_rowcount=True)
    return bool(conn.execute(fresh, row).rowcount == 1)


def put(conn: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or change the one with its primary key."""
    key = [column.name for column in table.primary_key]
    fresh = _INSERTS[conn.dialect.name](table)
    changed = {name: fresh.excluded[name] for name in row if name not in key}
    conn.execute(fresh.on_conflict_do_update(index_elements=key, set_=changed), row)
