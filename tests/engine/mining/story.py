"""Histories written down by hand: what happened to a case of a small model, without any database."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from engine import events as e
from engine.bpmn import read_process
from engine.history.chain import Author, Recorded
from engine.mining.playback import Playback, play
from engine.model import Process

BEGIN = datetime(2026, 6, 8, 1, tzinfo=UTC)
SOMEBODY = Author(7, "样例一", "样例局")


def definition(process: Process, key: int = 1) -> Any:
    """Return what playing asks of a definition."""
    return SimpleNamespace(key=key, process=process)


class Story:
    """One case; each command is a minute later than the one before.

    Args:
        xml: Its versions, the first of which it begins under; they have the keys 1, 2, …
    """

    def __init__(self, *xml: bytes) -> None:
        self.versions = {n: definition(read_process(one), n) for n, one in enumerate(xml, start=1)}
        self.events: list[Recorded] = []
        self._minutes = self._key = 0
        self._open: dict[str, list[tuple[int, str]]] = {}
        self.tell(e.InstanceStarted(1, "small", 1, "X-1", "题"), self.reached("S"))

    @property
    def process(self) -> Process:
        """The first version."""
        found: Process = self.versions[1].process
        return found

    def reached(self, element_id: str, **more: Any) -> e.ElementReached:
        """An element does its work."""
        return e.ElementReached(element_id, element_id, **more)

    def tell(self, *events: e.Event) -> "Story":
        """One command that records these events."""
        at = BEGIN + timedelta(minutes=self._minutes)
        self._minutes += 1
        for event in events:
            self.events.append(Recorded(9, len(self.events) + 1, event, SOMEBODY, at, at))
        return self

    def opened(self, element_id: str, token: str = "") -> e.UserTaskOpened:
        """A task is opened, at a token of its own or at a round's."""
        self._key += 1
        token = token or f"t{self._key}"
        self._open.setdefault(element_id, []).append((self._key, token))
        return e.UserTaskOpened(self._key, token, element_id, element_id, 3, "handler", "use.handler", "")

    def completed(self, element_id: str) -> e.UserTaskCompleted:
        """The task that was opened first is handed in."""
        key, _ = self._open[element_id].pop(0)
        return e.UserTaskCompleted(key, element_id, element_id, None, {}, None)

    def cancelled(self, element_id: str) -> e.UserTaskCancelled:
        """The task that was opened first is taken away."""
        key, _ = self._open[element_id].pop(0)
        return e.UserTaskCancelled(key, element_id, element_id)

    def done(self, element_id: str, *then: e.Event) -> "Story":
        """A task is handed in, and this comes of it."""
        return self.tell(self.completed(element_id), *then)

    def ended(self) -> e.InstanceEnded:
        """The case is over."""
        return e.InstanceEnded("closed", None, False)

    def played(self, against: int | None = None) -> Playback:
        """Play it, on its own versions or on another one."""
        other = None if against is None else self.versions[against]
        return play(self.events, lambda key: self.versions[key], other)

    def taken(self) -> list[str]:
        """Return every flow that was taken, in order."""
        return [flow for step in self.played().steps for flow in step.taken]


def said(played: Playback) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return kind, missing and left of each deviation."""
    return [(found.kind, found.missing, found.left) for found in played.deviations]
