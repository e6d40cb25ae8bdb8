"""What the engine asks of a database; `sqlite.py` and `postgresql.py` answer it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Column, Connection

from engine.uow import UnitOfWork


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened as it is; the sentence says what to do."""


class DatabaseInUse(DatabaseUnusable):
    """Another process has this database open; two writers on one file would starve each other."""


class ClockAstray(DatabaseUnusable):
    """This machine's clock and the database's differ; deadlines would run out early or late."""


class Overtaken(Exception):
    """Somebody else wrote to a stream or guard since it was read; read again and try again."""


class Writer(Protocol):
    """What makes work durable."""

    def write(self, write: Callable[[Connection], Any]) -> Any:
        """Run `write` in a transaction and return its value once it is durable.

        `write` may run more than once; each time but the last was undone, or was durable without our learning
        of it. So it must be harmless to repeat.

        Raises:
            whatever `write` raises; its part of the transaction is undone, that of others is not.
        """
        ...

    def commit(self, uow: UnitOfWork) -> None:
        """Make a unit of work durable, whole or not at all.

        Raises:
            Overtaken: a stream or guard it read has moved, or a row it adds has been added meanwhile.
        """
        ...

    def stop(self) -> None:
        """Finish what waits."""
        ...


class Database(Protocol):
    """Transactions on one database, and how its faults are to be taken.

    Attributes:
        shared: Whether other processes may work on it at the same time.
    """

    shared: bool

    def reading(self) -> AbstractContextManager[Connection]:
        """Yield a connection on one consistent snapshot."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Yield a connection inside a transaction; commit at the end, roll back on an error."""
        ...

    def start_writer(self) -> Writer:
        """Return what makes commands durable."""
        ...

    def passing(self, fault: BaseException) -> bool:
        """Say whether the same command may succeed when it is carried out again from the start."""
        ...

    def clock_agrees(self) -> bool:
        """Say whether this machine's clock is the database's, to a second."""
        ...

    def migration_lock(self, conn: Connection) -> None:
        """Keep other processes from migrating at the same time, until the transaction ends."""
        ...

    def hold_history(self, conn: Connection) -> None:
        """Wait until nobody is half-way through appending events, and keep it so until the transaction ends.

        Positions are given out before the commit: without this, an event with a lower position may appear
        after a seal that was to cover it.
        """
        ...

    def settled(self, counter: Column[int]) -> int:
        """Return the number up to which no row can appear any more whose key was given out; 0 if there is none.

        Keys are given out before the commit: below the highest one seen, others may still be on their way.
        Nobody is held up by the question; it may take a moment until all who were writing are done.
        """
        ...

    def take_number(self, conn: Connection) -> None:
        """Let the transaction be counted as at work before it takes its first key (see `settled`)."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
