"""How the limits of a finished case went, read from its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from engine import events as e
from engine.clock import instant
from engine.history.chain import Recorded


@dataclass
class Limit:
    """One limit as it stood when the case was over.

    Attributes:
        strict: Whether somebody is late when it runs out; other limits move the case on, or only remind.
        ran_out: It ran out undone and nothing has set it running again since.
        ever_out: It ran out undone, whatever came later, or was met late.
        stretches: (from, until) of the time in which it was overdue.
    """

    element_id: str
    attached_to: str
    organisation_key: int | None
    law: bool
    strict: bool
    extendable: bool
    due_at: datetime
    state: str = "running"
    ran_out: bool = False
    ever_out: bool = False
    extended: bool = False
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)
    _since: datetime | None = None

    @property
    def statutory(self) -> bool:
        """Whether the law sets it and whoever owes the act can be late."""
        return self.law and self.strict

    @property
    def decided(self) -> bool:
        """Whether it came to a result: met, met late, or run out undone."""
        return self.state in ("met", "met_late") or self.ran_out

    @property
    def late(self) -> bool:
        """Whether that result was late."""
        return self.state == "met_late" or (self.ran_out and self.state != "met")

    def run_out(self, at: datetime) -> None:
        """It ran out undone."""
        self.state, self.ran_out = "overdue", True
        if self.strict:
            self.ever_out, self._since = True, at

    def go_on(self, state: str, at: datetime) -> None:
        """It runs again, or stands still."""
        self.state, self.ran_out = state, state == "overdue" and self.ran_out
        if not self.ran_out:
            self._close(at)

    def end(self, state: str, at: datetime) -> None:
        """It runs no longer."""
        if state == "met_late" and self.strict:
            self.ever_out = True
            if self._since is None and self.due_at < at:
                self._since = self.due_at
        self.state = state
        self._close(at)

    def _close(self, at: datetime) -> None:
        if self._since is not None:
            self.stretches.append((self._since, at))
            self._since = None


def limits_of(events: Iterable[Recorded]) -> list[Limit]:
    """Return the limits of a case in the order in which they began to run."""
    found: dict[int, Limit] = {}
    for recorded in events:
        event, at = recorded.event, recorded.occurred_at
        if isinstance(event, e.DeadlineSet):
            found[event.deadline_key] = Limit(
                event.element_id,
                event.attached_to,
                event.organisation_key,
                event.kind == "law",
                event.on_expiry == "overdue",
                event.terms.get("rule") is not None,
                instant(event.due_at),
            )
        elif isinstance(event, e.DeadlineMoved):
            _move(found[event.deadline_key], event, at)
        elif isinstance(event, e.DeadlineExpired):
            found[event.deadline_key].run_out(at)
        elif isinstance(event, e.DeadlineAnswered):
            found[event.deadline_key].state = "answered"
        elif isinstance(event, e.DeadlineReopened):
            found[event.deadline_key].go_on("running", at)
        elif isinstance(event, e.DeadlineEnded):
            found[event.deadline_key].end(event.state, at)
    return list(found.values())


def _move(limit: Limit, event: e.DeadlineMoved, at: datetime) -> None:
    limit.due_at = instant(event.due_at)
    limit.extendable = limit.extendable or event.terms.get("rule") is not None
    if isinstance(event, e.DeadlineMigrated):
        limit.element_id, limit.attached_to = event.element_id, event.attached_to
        limit.organisation_key = event.organisation_key
        limit.law, limit.strict = event.kind == "law", event.on_expiry == "overdue"
    limit.extended = limit.extended or isinstance(event, e.DeadlineExtended)
    limit.go_on(event.state, at)
