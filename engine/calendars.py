"""Which calendar counts: for whom, and as known at which instant. Nothing confirmed is ever overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection, select

from engine.calendar import ChinaWorkingCalendar, Notice
from engine.calendar.data import read_notice
from engine.handlers.parties import area_chain, areas_above
from engine.storage.tables import calendar_notice, stream_head

CALENDAR_STREAM = 3
_SEQ = select(stream_head.c.seq).where(stream_head.c.stream == CALENDAR_STREAM)
Beside = tuple[Notice, Notice | None]
_KEPT = 256  # built calendars of a few hundred kB each


@dataclass(frozen=True)
class Known:
    """A confirmed notice, and from when until when the platform held it true."""

    key: int
    notice: Notice
    known_at: datetime
    known_until: datetime | None

    def at(self, instant: datetime) -> bool:
        """Say whether it was held true at an instant."""
        return self.known_at <= instant and (self.known_until is None or instant < self.known_until)


@dataclass(frozen=True)
class _Version:
    """What one state of the calendar's stream says."""

    seq: int
    known: tuple[Known, ...]
    scopes: dict[int, tuple[str, ...]]  # department → its areas, outermost first, and its own key


class Calendars:
    """Builds calendars from the confirmed notices, once for each set of them."""

    def __init__(self) -> None:
        self._version: _Version | None = None
        self._built: dict[tuple[tuple[int, ...], tuple[str, ...], Beside | None], ChinaWorkingCalendar] = {}
        self._lock = Lock()

    def of(
        self,
        conn: Connection,
        at: datetime,
        department: int | None = None,
        beside: Beside | None = None,
        area: str | None = None,
    ) -> ChinaWorkingCalendar:
        """Return the calendar of a department as known at an instant; estimating where no notice is out.

        Args:
            department: Whose local rules and closures count; None for the nation's days alone.
            area: Whose local rules count, where no department is named.
            beside: A notice that is not confirmed yet, and the one it would replace: for a preview.
        """
        version = self._current(conn)
        known = [k for k in version.known if k.at(at)]
        local = {k.notice.scope for k in known} | ({beside[0].scope} if beside else set())
        chain: tuple[str, ...] = ()
        if department is not None and local > {""}:
            chain = self._scopes(conn, version, department)
        elif area is not None:
            chain = area_chain(conn, area)
        scopes = tuple(scope for scope in chain if scope in local)
        key = (tuple(k.key for k in known), scopes, beside)
        with self._lock:
            if key not in self._built:
                if len(self._built) >= _KEPT:
                    self._built.clear()
                notices = [k.notice for k in known if beside is None or k.notice != beside[1]]
                notices += [beside[0]] if beside else []
                self._built[key] = ChinaWorkingCalendar(notices, scopes, estimate=True)
            return self._built[key]

    def known(self, conn: Connection) -> tuple[Known, ...]:
        """Return every notice that was ever confirmed, in the order it became known."""
        return self._current(conn).known

    def _current(self, conn: Connection) -> _Version:
        seq = conn.execute(_SEQ).scalar()
        version = self._version
        if version is None or version.seq != (seq or 0):
            version = self._version = _Version(seq or 0, tuple(_load(conn)), {})
        return version

    def _scopes(self, conn: Connection, version: _Version, department: int) -> tuple[str, ...]:
        if department not in version.scopes:
            version.scopes[department] = (*areas_above(conn, department), str(department))
        return version.scopes[department]


def _load(conn: Connection) -> Iterable[Known]:
    table = calendar_notice
    rows = conn.execute(
        select(table).where(table.c.known_at.is_not(None)).order_by(table.c.known_at, table.c.key)
    )
    return [Known(r.key, read_notice(r.notice), r.known_at, r.known_until) for r in rows]
