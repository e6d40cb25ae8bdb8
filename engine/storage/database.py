"""Opening the database: SQLite in WAL mode, one process, one file."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

_SAFE_SQLITE = (3, 51, 3)


class DatabaseInUse(RuntimeError):
    """Another process has this database open; two writers on one file would starve each other."""


class Database:
    """One SQLite file: connections for reading, one for writing, and the lock that keeps others out.

    Args:
        path: The file; its folder must exist.
        durable: False only for tests, which may lose everything at power failure.

    Raises:
        DatabaseInUse: the file is open in another process.
        RuntimeError: this SQLite is older than 3.51.3 and may corrupt a WAL file.
    """

    def __init__(self, path: Path, durable: bool = True) -> None:
        if pysqlite3.sqlite_version_info < _SAFE_SQLITE:
            raise RuntimeError(
                f"Expected SQLite 3.51.3 or newer (WAL-reset bug), found {pysqlite3.sqlite_version}; "
                "install the locked version of pysqlite3"
            )
        self.path = path
        self._lock = (path.parent / f"{path.name}.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise DatabaseInUse(
                f"数据库 {path.name} 正由另一进程使用，请先停止该进程。 / "
                f"Expected {path.name} to be free, found it open in another process; stop that one first."
            ) from None
        self.readers = self._engine(durable, 16)
        self.writer = self._engine(durable, 1)

    def _engine(self, durable: bool, size: int) -> Engine:
        engine = create_engine(
            f"sqlite+pysqlite:///{self.path}",
            module=pysqlite3,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0 if size == 1 else 16,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )

        @event.listens_for(engine, "connect")
        def _configure(connection: sqlite3.Connection, _: object) -> None:
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={'FULL' if durable else 'OFF'}",
                "busy_timeout=5000",
                "foreign_keys=ON",
                "cache_size=-65536",
                "journal_size_limit=67108864",
            ):
                connection.execute(f"PRAGMA {pragma}")

        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection on one consistent snapshot."""
        with self.readers.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the writing connection inside BEGIN IMMEDIATE; commit at the end, roll back on an error."""
        with self.writer.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself; a second rollback would hide the reason.
                if in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every connection and let other processes in."""
        self.readers.dispose()
        self.writer.dispose()
        self._lock.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def in_transaction(connection: Connection) -> bool:
    """Say whether SQLite still holds the transaction that was begun."""
    return bool(connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]


def is_full(fault: Exception) -> bool:
    """Say whether a statement failed because there is no room."""
    return isinstance(fault, OperationalError) and "disk is full" in str(fault)
