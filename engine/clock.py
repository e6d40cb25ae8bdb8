"""The one clock (时钟): only here is "now" known."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """What tells the time; aware UTC instants."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class SteadyClock:
    """A clock that never runs backwards: set back, it stands still until the other has caught up.

    Args:
        machine: The clock it follows.
        seen: The latest instant that was seen before this start.
    """

    def __init__(self, machine: Clock, seen: datetime | None = None) -> None:
        self._lock, self._machine = Lock(), machine
        self._last = seen or machine.now()

    def now(self) -> datetime:
        """Return the machine's time, or the latest instant told if that lies behind."""
        with self._lock:
            self._last = max(self._last, self._machine.now())
            return self._last

    def behind(self) -> timedelta:
        """Return how far the machine is behind the latest instant told."""
        return self.now() - self._machine.now()


class FixedClock:
    """A clock that stands still until it is set: rehearsals (演练) and tests.

    Raises:
        ValueError: an instant without time zone, or one before the present.
    """

    def __init__(self, at: datetime) -> None:
        self._lock = Lock()
        self._at = _aware(at)

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move forward to `at`; a legal clock never runs backwards."""
        with self._lock:
            if _aware(at) < self._at:
                raise ValueError(
                    f"Expected an instant not before {self._at.isoformat()}, found {at.isoformat()}"
                )
            self._at = _aware(at)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"Expected an instant with a time zone, found {at.isoformat()}")
    return at.astimezone(UTC)


def instant_text(at: datetime) -> str:
    """Return an aware instant as RFC 3339 text in UTC, microseconds only where there are any."""
    return _aware(at).isoformat().replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Return the aware instant that an RFC 3339 text names.

    Raises:
        ValueError: the text is none, or names no time zone.
    """
    return _aware(datetime.fromisoformat(text))
