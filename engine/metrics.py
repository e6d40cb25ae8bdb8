"""What an operator watches: counts and durations of commands, and how late limits fire (Prometheus)."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.errors import Refused
from engine.events import Event, IncidentRaised

_LATE = (1, 5, 30, 60, 300, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
_DURATION = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """One registry an engine; two engines in one process count apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "shixian_commands", "Commands by name and outcome.", ["name", "outcome"], registry=self.registry
        )
        self._duration = Histogram(
            "shixian_command_seconds",
            "Seconds from asking to the answer, the commit included.",
            ["name"],
            buckets=_DURATION,
            registry=self.registry,
        )
        self._late = Histogram(
            "shixian_timer_lateness_seconds",
            "Seconds between the planned instant of a timer and its firing.",
            ["kind"],
            buckets=_LATE,
            registry=self.registry,
        )
        self.overtaken = Counter(
            "shixian_commands_overtaken", "Attempts that somebody else overtook.", registry=self.registry
        )
        self.swept = Gauge(
            "shixian_last_sweep_timestamp_seconds", "When the last sweep ended.", registry=self.registry
        )
        self.due = Gauge("shixian_timers_due", "Timers due and not fired yet.", registry=self.registry)
        self.free = Gauge("shixian_free_bytes", "Free bytes beside the database.", registry=self.registry)

        self.incidents = Gauge("shixian_incidents_open", "Incidents that are open.", registry=self.registry)
        self._raised = Counter(
            "shixian_incidents", "Incidents raised, by what failed.", ["kind"], registry=self.registry
        )

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count a command and time it; a refusal counts under its code, a fault as such."""
        begun, outcome = time.perf_counter(), "done"
        try:
            yield
        except Refused as refusal:
            outcome = refusal.code
            raise
        except Exception:
            outcome = "fault"
            raise
        finally:
            self._commands.labels(name, outcome).inc()
            self._duration.labels(name).observe(time.perf_counter() - begun)

    def fired(self, kind: str, seconds_late: float) -> None:
        """Count a timer that fired, so many seconds after its planned instant."""
        self._late.labels(kind).observe(max(seconds_late, 0))

    def count_incidents(self, events: Iterable[Event]) -> None:
        """Count the incidents among the events of a committed command."""
        for event in events:
            if isinstance(event, IncidentRaised):
                self._raised.labels(event.kind).inc()

    def text(self) -> bytes:
        """Return everything in the Prometheus text format."""
        return generate_latest(self.registry)
