"""Which database is meant: a file is SQLite, a URL is PostgreSQL."""

from pathlib import Path

from engine.storage.database import Database
from engine.storage.postgresql import PostgresDatabase
from engine.storage.sqlite import SqliteDatabase


def open_database(where: Path | str, durable: bool = True) -> Database:
    """Open a SQLite file by its path, or a PostgreSQL database by its URL.

    Raises:
        DatabaseUnusable: it cannot be used as it is; the sentence says why.
    """
    return SqliteDatabase(where, durable) if isinstance(where, Path) else PostgresDatabase(where, durable)
