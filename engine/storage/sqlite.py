"""SQLite in WAL mode: one process, one file, a first-in-first-out writer with one commit for all that waits."""

import fcntl
import queue
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pysqlite3
from sqlalchemy import Column, Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from engine.space import no_room
from engine.storage.database import DatabaseInUse, Overtaken
from engine.storage.store import store
from engine.uow import UnitOfWork

_SAFE_SQLITE = (3, 51, 3)
_BATCH = 64
_GROWING = ("SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE")


class SqliteDatabase:
    """One SQLite file: connections for reading, one for writing, and the lock that keeps others out.

    Args:
        path: The file; its folder must exist.
        durable: False only for tests, which may lose everything at power failure.

    Raises:
        DatabaseInUse: the file is open in another process.
        RuntimeError: this SQLite is older than 3.51.3 and may corrupt a WAL file.
    """

    shared = False

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
                if _in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")
                raise

    def start_writer(self) -> "QueueWriter":
        """Return the one writer."""
        return QueueWriter(self)

    def passing(self, fault: BaseException) -> bool:
        """Nothing here passes by itself: nobody else writes, and no connection is lost."""
        return False

    def clock_agrees(self) -> bool:
        """There is one clock."""
        return True

    def migration_lock(self, conn: Connection) -> None:
        """Do nothing: there is one process."""

    def hold_history(self, conn: Connection) -> None:
        """Do nothing: there is one writer."""

    def settled(self, counter: Column[int]) -> int:
        """Return the highest key: there is one writer, so they appear in order."""
        with self.reading() as conn:
            return int(conn.execute(select(func.coalesce(func.max(counter), 0))).scalar_one())

    def take_number(self, conn: Connection) -> None:
        """Do nothing: there is one writer."""

    def close(self) -> None:
        """Close every connection and let other processes in."""
        self.readers.dispose()
        self.writer.dispose()
        self._lock.close()


@dataclass(frozen=True)
class _Job:
    write: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)


class QueueWriter:
    """Owns the only writing connection. A job is answered after its commit, never before."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, write: Callable[[Connection], Any]) -> Any:
        """Run `write` in the next transaction and return its value once it is durable.

        Raises:
            whatever `write` raises; its part of the transaction is undone, that of others is not.
        """
        job = _Job(write)
        self._queue.put(job)
        return job.done.result()

    def commit(self, uow: UnitOfWork) -> None:
        """Make a unit of work durable, whole or not at all.

        Raises:
            Overtaken: a stream or guard it read has moved, or a row it adds has been added meanwhile.
        """
        try:
            self.write(lambda conn: store(conn, uow))
        except IntegrityError as fault:
            raise Overtaken("a row") from fault

    def stop(self) -> None:
        """Finish what waits and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            jobs = [job]
            stop = False
            while len(jobs) < _BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    stop = True
                    break
                jobs.append(following)
            self._transact(jobs)
            if stop:
                return

    def _transact(self, jobs: list[_Job]) -> None:
        answers: list[tuple[_Job, Any]] = []
        try:
            with self._database.writing() as conn:
                for job in jobs:
                    conn.exec_driver_sql("SAVEPOINT job")
                    try:
                        answers.append((job, job.write(conn)))
                    except Exception as fault:
                        if not _in_transaction(conn):
                            raise  # the whole transaction is gone: everybody's work with it
                        conn.exec_driver_sql("ROLLBACK TO job")
                        job.done.set_exception(fault)
                    conn.exec_driver_sql("RELEASE job")
        except Exception as fault:  # the commit itself failed: nobody's work is kept
            told = no_room() if _is_full(fault) else fault
            for job in jobs:
                if not job.done.done():
                    job.done.set_exception(told)
            return
        for job, answer in answers:
            job.done.set_result(answer)


def _in_transaction(connection: Connection) -> bool:
    return bool(connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]


def _is_full(fault: Exception) -> bool:
    # On a full disk the index beside the log, or the log itself, may fail to grow before any page is written.
    return isinstance(fault, OperationalError) and (
        "disk is full" in str(fault) or getattr(fault.orig, "sqlite_errorname", "") in _GROWING
    )
