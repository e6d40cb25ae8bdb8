"""PostgreSQL 15 or newer: any number of processes, each command a transaction of its own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, create_engine, func, make_url, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine.space import no_room
from engine.storage.database import ClockAstray, DatabaseUnusable, Overtaken
from engine.storage.retry import Retry
from engine.storage.store import store
from engine.uow import UnitOfWork

MAX_DRIFT = timedelta(seconds=1)
_OLDEST = 150000
_POOL = 16
_MIGRATING = 0x7368_6978  # any number, the same in every process
# Serialization failure, deadlock, lock not available; too many connections; operator intervention (restart).
_PASSING = {"40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"}
_UNIQUE = "23505"
_FULL = "53100"  # the disk of the server; it refuses the statement and goes on


class PostgresDatabase:
    """A database of a PostgreSQL server, by its URL.

    Reads take one snapshot (REPEATABLE READ, read only), as SQLite's do: a case's rows and the head of its
    stream must be of one moment, or the comparison at the commit would prove nothing. Writes are at READ
    COMMITTED: an UPDATE that names the version it read waits for whoever holds the row, looks again, and finds
    nothing if it has moved.

    Args:
        url: `postgresql://user:password@host/name`, with libpq's options.
        durable: False only for tests, which may lose their last commits at power failure.

    Raises:
        DatabaseUnusable: the server is too old, or the database does not sort by code points.
        ClockAstray: this machine's clock is not the server's.
    """

    shared = True

    def __init__(self, url: str, durable: bool = True) -> None:
        options = {"client_encoding": "utf8"}
        if not durable:
            options["options"] = "-c synchronous_commit=off"
        # BEGIN and COMMIT are ours, so that a lost connection shows at BEGIN, before anything was asked of it.
        self._closed = False
        self._settling: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            pool_size=_POOL,
            max_overflow=_POOL,
            connect_args=options,
        )
        try:
            self._check()
        except OperationalError as fault:
            self._engine.dispose()
            raise DatabaseUnusable(
                f"无法连接数据库。 / The database cannot be reached: {str(fault.orig).strip()}"
            ) from None
        except BaseException:
            self._engine.dispose()
            raise

    def _check(self) -> None:
        with self._begun("BEGIN") as conn:
            version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one())
            encoding, order = conn.exec_driver_sql(
                "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database"
                " WHERE datname = current_database()"
            ).one()
            conn.exec_driver_sql("ROLLBACK")
        if version < _OLDEST:
            raise DatabaseUnusable(
                f"需要 PostgreSQL 15 或更新版本。 / Expected PostgreSQL 15, found {version}."
            )
        if encoding != "UTF8" or order not in ("C", "C.UTF-8", "C.utf8"):
            raise DatabaseUnusable(
                f"数据库应以 UTF8 编码、按 C 排序，现为 {encoding}、{order}。 / Expected encoding UTF8 and locale C, "
                f"found {encoding} and {order}; create it with: "
                "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            )
        self._check_clock()

    def _check_clock(self) -> None:
        with self.reading() as conn:
            before = datetime.now(UTC)
            there = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            after = datetime.now(UTC)
        check_clock(before, there, after)

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Connection]:
        """Yield a connection on which `begin` succeeded; one that was lost while idle is replaced, once."""
        with self._connected() as first:
            try:
                first.exec_driver_sql(begin)
            except DBAPIError as fault:
                if not fault.connection_invalidated:
                    raise
            else:
                yield first
                return
        with self._connected() as second:
            second.exec_driver_sql(begin)
            yield second

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            try:
                yield connection
            finally:
                if self._closed:
                    connection.invalidate()  # its pool is gone, so nobody else would close it

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection on one consistent snapshot."""
        with self._begun("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") as connection:
            try:
                yield connection
            finally:
                _roll_back(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection inside a transaction; commit at the end, roll back on an error."""
        with self._begun("BEGIN ISOLATION LEVEL READ COMMITTED") as connection:
            try:
                yield connection
            except BaseException:
                _roll_back(connection)
                raise
            connection.exec_driver_sql("COMMIT")

    def start_writer(self) -> "PooledWriter":
        """Return a writer; every process has its own."""
        return PooledWriter(self)

    def passing(self, fault: BaseException) -> bool:
        """Say whether the fault is a lost connection, a deadlock or a server that is just restarting.

        Whether the commit went through before the connection was lost is then unknown: the command is carried
        out again with its id, and finds either its stored answer or, while the old transaction still lingers,
        the row of its id taken.
        """
        if not isinstance(fault, DBAPIError):
            return False
        state = _state(fault)
        if fault.connection_invalidated or (state is None and isinstance(fault, OperationalError)):
            return True
        return state is not None and (state in _PASSING or state.startswith("08"))

    def clock_agrees(self) -> bool:
        """Say whether this machine's clock is still the server's, to a second."""
        try:
            self._check_clock()
        except ClockAstray as fault:
            logging.getLogger("shixian").critical("%s", fault)
            return False
        return True

    def migration_lock(self, conn: Connection) -> None:
        """Wait for another process that migrates; what it did is then seen."""
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")

    def hold_history(self, conn: Connection) -> None:
        """Wait for every transaction that has appended and not yet committed, and keep new ones out."""
        conn.exec_driver_sql("LOCK TABLE event IN SHARE MODE")

    def settled(self, counter: Column[int]) -> int:
        """Return the highest key of an earlier moment since which every transaction then at work has ended.

        A transaction has its number before it takes a key, so once all older ones are over, nothing below can
        appear. Each call settles what the one before saw: nobody waits, and the answer is a call behind at most.
        """
        with self.reading() as conn:
            oldest, next_one = conn.exec_driver_sql(
                "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
                " FROM pg_current_snapshot() AS s"
            ).one()
            highest = int(conn.execute(select(func.coalesce(func.max(counter), 0))).scalar_one())
        name = str(counter)
        settled, waiting = self._settling.get(name, (0, []))
        waiting.append((next_one, highest))
        settled = max([settled, *(seen for at, seen in waiting if at <= oldest)])
        self._settling[name] = settled, [(at, seen) for at, seen in waiting if at > oldest]
        return settled

    def take_number(self, conn: Connection) -> None:
        """Take the transaction's number now: an INSERT takes its key from the sequence first."""
        conn.exec_driver_sql("SELECT pg_current_xact_id()")

    def close(self) -> None:
        """Close every connection; one that is in use now closes when it is given back."""
        self._closed = True
        self._engine.dispose()


class PooledWriter:
    """Each unit of work in a transaction of its own; the server groups the commits."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def write(self, write: Callable[[Connection], Any]) -> Any:
        """Run `write` in a transaction and return its value once it is durable; repeat it after passing faults.

        Raises:
            whatever `write` raises.
        """
        retry = Retry(self._database.passing)
        while True:
            try:
                with self._database.writing() as conn:
                    return write(conn)
            except DBAPIError as fault:
                if _state(fault) == _FULL:
                    raise no_room() from fault
                retry.after(fault)

    def commit(self, uow: UnitOfWork) -> None:
        """Make a unit of work durable, whole or not at all; a passing fault is the whole command's to repeat.

        Raises:
            Overtaken: a stream or guard it read has moved, or a row it adds has been added meanwhile.
        """
        try:
            with self._database.writing() as conn:
                store(conn, uow)
        except DBAPIError as fault:
            if _state(fault) == _FULL:
                raise no_room() from fault
            if not isinstance(fault, IntegrityError) or _state(fault) != _UNIQUE:
                raise
            raise Overtaken("a row") from fault

    def stop(self) -> None:
        """Do nothing: nothing waits."""


def check_clock(before: datetime, there: datetime, after: datetime) -> None:
    """Compare an instant of the server with ours just before and after we asked.

    Raises:
        ClockAstray: it lies a second or more outside.
    """
    drift = max(before - there, there - after, timedelta())
    if drift >= MAX_DRIFT:
        raise ClockAstray(
            f"本机时钟与数据库时钟相差{drift.total_seconds():.1f}秒，请先校时。 / Expected this machine's clock within "
            f"1 s of the database's, found {drift.total_seconds():.1f} s; set it (NTP) and start again."
        )


def _state(fault: DBAPIError) -> str | None:
    found: str | None = getattr(fault.orig, "sqlstate", None)
    return found


def _roll_back(connection: Connection) -> None:
    if connection.invalidated:
        return  # a lost connection has rolled back by itself; the fault that matters is the one before
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError as fault:
        if not fault.connection_invalidated:
            connection.invalidate(fault)
