"""One snapshot to read from, with what every question needs: now, calendar, names."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.calendar import ChinaWorkingCalendar
from engine.calendars import Calendars
from engine.handlers.parties import organisation_named
from engine.history.algorithm import SHA256, Algorithm
from engine.people import two_names
from engine.periods import beijing_day
from engine.queries.views import Chip
from engine.speech import Bilingual
from engine.storage.tables import blob, user

CHIP = (
    "organisation_key",
    "extended_by",
    "due_on",
    "due_at",
    "status",
    "state",
    "late_wd",
    "late_cd",
    "on_expiry",
)
"""The columns of a deadline that a chip is made of; a query that joins one labels them d_…"""

PLATFORM_NAME = Bilingual("共享平台", "Sharing platform")
_LIVE = ("running", "overdue")


@dataclass
class Reader:
    """A question's view of the database."""

    conn: Connection
    now: datetime
    calendars: Calendars
    algorithm: Algorithm = SHA256
    _names: dict[tuple[int, date], str] = field(default_factory=dict)
    _people: dict[int, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The Beijing day of the snapshot."""
        return beijing_day(self.now)

    def calendar(
        self, department: int | None = None, at: datetime | None = None, area: str | None = None
    ) -> ChinaWorkingCalendar:
        """Return the calendar of a department or an area, or the nation's, as known at an instant or now."""
        return self.calendars.of(self.conn, at or self.now, department, area=area)

    def parties(self, row: Any) -> tuple[str, ...]:
        """Return who began a case and whom it is for; the managing department where nobody else began it."""
        sides = (row.using_key or row.managing_key, row.providing_key)
        return tuple(self.org(key) for key in sides if key is not None)

    def org(self, key: int | None, on: date | None = None) -> str:
        """Return a department's name on a day, today's if none is given."""
        if not key:
            return ""
        at = (key, on or self.today)
        if at not in self._names:
            self._names[at] = organisation_named(self.conn, *at)
        return self._names[at]

    def words(self, sha256: str | None) -> str:
        """Return words that are kept beside the history (`UnitOfWork.keep_words`)."""
        if not sha256:
            return ""
        found = self.conn.execute(select(blob.c.content).where(blob.c.sha256 == sha256)).scalar()
        return bytes(found).decode() if found else ""

    def person(self, key: int | None) -> str | None:
        """Return a person's name; 0 is the platform."""
        if key is None:
            return None
        if key == 0:
            return PLATFORM_NAME
        if not self._people:
            self._people = {row.key: row.name for row in self.conn.execute(select(user.c.key, user.c.name))}
        return self._people.get(key, "")

    def acting(self, key: int | None, stands_for: int | None) -> str | None:
        """Return a person's name with that of whom they stand in for."""
        name = self.person(key)
        return name and two_names(name, self.person(stands_for))

    def chip(self, row: Row[Any] | Any) -> Chip:
        """Return how a deadline stands.

        Args:
            row: Has the columns named in `CHIP`.
        """
        return replace(self._chip(row), extended=bool(row.extended_by))

    def _chip(self, row: Row[Any] | Any) -> Chip:
        calendar = self.calendar(row.organisation_key)
        left = calendar.working_days_between(self.today, row.due_on)
        certain = row.status == "final"
        if row.state == "undetermined":
            return Chip("open", row.due_on, max(left, 0), 0, False)
        if row.state in ("paused", "answered"):
            return Chip(row.state, row.due_on, 0, 0, False)
        ran_out = row.state == "met_late" or (row.state in _LIVE and self.now >= row.due_at)
        if row.on_expiry == "notice" and ran_out:
            return Chip("past", row.due_on, 0, 0, certain)  # it only reminds: nobody is late
        if row.state == "met_late":
            return Chip("met_late", row.due_on, row.late_wd or 0, row.late_cd or 0, certain)
        if row.state in ("met", "cancelled", "expired"):
            return Chip("met" if row.state == "met" else "ended", row.due_on, 0, 0, certain)
        if self.now >= row.due_at:
            return Chip("late", row.due_on, -left if left else 0, (self.today - row.due_on).days, certain)
        tone = "today" if left <= 0 else "soon" if left == 1 else "ok"
        return Chip(tone, row.due_on, max(left, 0), 0, certain)

    def joined_chip(self, row: Row[Any]) -> Chip | None:
        """Return the chip of the deadline a query joined under the names d_…, None if there is none."""
        if row.d_due_on is None:
            return None
        return self.chip(SimpleNamespace(**{name: getattr(row, f"d_{name}") for name in CHIP}))
