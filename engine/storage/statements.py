"""Statements that are built once: building one costs SQLAlchemy more than running it.

What each database spells its own way is chosen by the connection.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add(conn: Connection, table: Table, *rows: dict[str, Any]) -> None:
    """Insert rows; all of them name the same columns."""
    conn.execute(_adding(table), rows)


def change(conn: Connection, table: Table, key: object, **values: object) -> bool:
    """Give columns of the row with a primary key other values; say whether there was such a row."""
    statement = _changing(table, tuple(values))
    return conn.execute(statement, {"of_key": key, **values}).rowcount == 1


def remove(conn: Connection, table: Table, key: object) -> None:
    """Delete the row with a primary key, if it is there."""
    conn.execute(_removing(table), {"of_key": key})


def insert_new(conn: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with its key is there; say whether it was inserted.

    On PostgreSQL it waits for a transaction that is inserting the same key, and then knows how that ended.
    """
    return bool(conn.execute(_adding_new(conn.dialect.name, table), row).rowcount == 1)


def put(conn: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or change the one with its primary key."""
    conn.execute(_putting(conn.dialect.name, table, tuple(row)), row)


@cache
def _adding(table: Table) -> Insert:
    return insert(table)


@cache
def _changing(table: Table, names: tuple[str, ...]) -> Update:
    (key,) = table.primary_key
    return update(table).where(key == bindparam("of_key")).values({name: bindparam(name) for name in names})


@cache
def _removing(table: Table) -> Delete:
    (key,) = table.primary_key
    return delete(table).where(key == bindparam("of_key"))


@cache
def _adding_new(dialect: str, table: Table) -> Any:
    # psycopg tells how many rows, but SQLAlchemy forgets the count of an INSERT unless asked.
    return _INSERTS[dialect](table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def _putting(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    key = [column.name for column in table.primary_key]
    fresh = _INSERTS[dialect](table)
    changed = {name: fresh.excluded[name] for name in names if name not in key}
    return fresh.on_conflict_do_update(index_elements=key, set_=changed)
