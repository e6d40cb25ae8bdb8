"""Who has a page open is told at once that something on it may have changed; what it is, the page asks for itself.

One thread follows the event log while anybody watches: after each commit of this process at once, and each second for
what others have committed. A hint carries nothing of a case, so it needs no rights of its own.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from engine.inbox_rows import of_lane, of_person, of_supervisor
from engine.storage.database import Database
from engine.storage.tables import case_copy, event, process_instance, task_part, user_task

EVERY = 1.0
"""Seconds between two looks at what other processes have committed."""
MANY = 400
"""Cases touched at once beyond which everybody is told, instead of finding out whom each concerns."""
_BACK = 2_000
"""Positions looked at again: a transaction with an earlier number may commit later."""
_LAST = select(func.coalesce(func.max(event.c.position), 0))
_NEW = select(event.c.position, event.c.stream).where(event.c.position > bindparam("low"))
_CASES: BindParameter[int] = bindparam("cases", expanding=True)
_t, _i, _p, _y = user_task.c, process_instance.c, task_part.c, case_copy.c
_TASKS = select(_t.organisation_key, _t.role, _t.assignee, _t.ended_by).where(_t.instance_key.in_(_CASES))
_STARTERS = select(_i.started_by, _i.managing_key).where(_i.key.in_(_CASES))
_PARTS = select(_p.user_key).where(_p.instance_key.in_(_CASES))
_COPIES = select(_y.user_key).where(_y.instance_key.in_(_CASES))


class Watcher:
    """One open page.

    Args:
        holders: Under whom its reader's inbox rows stand.
        case: The case whose task is open, if one is.
    """

    def __init__(self, holders: Iterable[str], case: int | None) -> None:
        self.holders, self.case = frozenset(holders), case
        self._hints: set[str] = set()
        self._woken = threading.Condition()

    def tell(self, hint: str) -> None:
        """Give the page a hint: inbox, task, or hello to look at everything."""
        with self._woken:
            self._hints.add(hint)
            self._woken.notify()

    def wait(self, seconds: float) -> frozenset[str]:
        """Return the hints since the last time, after waiting for the first; none if none came."""
        with self._woken:
            if not self._hints:
                self._woken.wait(seconds)
            found, self._hints = frozenset(self._hints), set()
            return found


class Live:
    """Follows the event log for those who watch."""

    def __init__(self, database: Database, every: float = EVERY) -> None:
        self._database, self._every = database, every
        self._lock = threading.Lock()
        self._watchers: set[Watcher] = set()
        self._committed = threading.Event()
        self._running = self.stopped = False
        self._thread: threading.Thread | None = None
        self._seen: set[int] = set()
        self._last = 0

    def wake(self) -> None:
        """Something was committed here."""
        self._committed.set()

    def stop(self) -> None:
        """Let everybody go: the database is about to be closed."""
        self.stopped = True
        self._committed.set()
        with self._lock:
            for watcher in self._watchers:
                watcher.tell("hello")
        if self._thread is not None:
            self._thread.join(5)

    @property
    def count(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def count_of(self, holder: str) -> int:
        """How many pages one person has open."""
        with self._lock:
            return sum(holder in watcher.holders for watcher in self._watchers)

    @contextmanager
    def watching(self, holders: Iterable[str], case: int | None = None) -> Iterator[Watcher]:
        """Yield a watcher that is told from now on."""
        watcher = Watcher(holders, case)
        with self._lock:
            if not self._running:
                self._begin()
            self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    def _begin(self) -> None:
        """Follow from here on, in a thread that ends when nobody watches any more."""
        with self._database.reading() as conn:
            self._last = int(conn.execute(_LAST).scalar_one())
            self._seen = {row.position for row in conn.execute(_NEW, {"low": self._last - _BACK})}
        self._running = True
        self._thread = threading.Thread(target=self._follow, name="live", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while True:
            self._committed.wait(self._every)
            self._committed.clear()
            with self._lock:
                if self.stopped or not self._watchers:
                    self._running = False
                    return
            try:
                self._look()
            except Exception:  # the database may be away for a moment; pages must hear of what comes after
                logging.getLogger("shixian").warning("the event log could not be followed", exc_info=True)

    def _look(self) -> None:
        with self._database.reading() as conn:
            rows = [
                row
                for row in conn.execute(_NEW, {"low": self._last - _BACK})
                if row.position not in self._seen
            ]
            if not rows:
                return
            self._last = max(self._last, *(row.position for row in rows))
            self._seen = {p for p in self._seen if p > self._last - _BACK} | {row.position for row in rows}
            cases = {int(row.stream) for row in rows}
            holders = None if len(cases) > MANY else _concerned(conn, cases)
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            if holders is None or watcher.holders & holders:
                watcher.tell("inbox")
            if watcher.case in cases:
                watcher.tell("task")


def _concerned(conn: Connection, cases: set[int]) -> frozenset[str]:
    """Return the holders in whose boxes something of the cases stands or stood."""
    of = {"cases": list(cases)}
    found: set[str] = set()
    for row in conn.execute(_TASKS, of):
        found.add(of_lane(row.organisation_key, row.role))
        found |= {of_person(key) for key in (row.assignee, row.ended_by) if key}
    for starter, managing in conn.execute(_STARTERS, of):
        found.add(of_person(starter))
        found |= {of_supervisor(managing)} if managing else set()
    for query in (_PARTS, _COPIES):
        found |= {of_person(key) for key in conn.execute(query, of).scalars()}
    return frozenset(found)
