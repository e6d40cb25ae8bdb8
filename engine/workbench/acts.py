"""What people and other procedures did in a case, read from its history, so that it can be done again elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import events as e
from engine.history.chain import Recorded
from engine.model import Node, Process

_BY_HAND = (
    "TaskReturned",
    "TaskRecalled",
    "TaskJumped",
    "CaseAnnulled",
    "InstanceVoided",
    "InstanceMigrated",
    "PartySucceeded",
    "IncidentSkipped",
    "IncidentCancelled",
)
"""What moves a case outside of its model; what a draft would have made of it cannot be said."""


@dataclass(frozen=True)
class Done:
    """One act on a case.

    Attributes:
        kind: complete, act or message.
        element: Of the task; the start event of the act; what a message came to.
        actor: The key of who did it, 0 for the platform.
    """

    at: datetime
    seq: int
    kind: str
    element: str
    values: Mapping[str, Any]
    actor: int


@dataclass(frozen=True)
class Course:
    """A finished case as it went.

    Attributes:
        start: The start event that it began at.
        variables: What it began with, its number included.
        path: The elements whose tokens left, in order.
        by_hand: What moved it outside of its model, empty if nothing did.
    """

    began_at: datetime
    ended_at: datetime
    started_by: int
    start: str
    variables: Mapping[str, Any]
    acts: tuple[Done, ...]
    path: tuple[str, ...]
    by_hand: str = ""


@dataclass
class _Reading:
    variables: dict[str, Any] = field(default_factory=dict)
    acts: list[Done] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    start: str = ""
    by_hand: str = ""


def course_of(log: Iterable[Recorded], process: Process) -> Course | None:
    """Return how a case went; None of one that is not over.

    Args:
        log: Its events in order.
        process: Of its own version.
    """
    events = list(log)
    if not events or not any(isinstance(r.event, e.InstanceEnded) for r in events):
        return None
    read = _Reading()
    for recorded in events:
        _take(read, recorded, process)
    ended = next(r for r in reversed(events) if isinstance(r.event, e.InstanceEnded))
    return Course(
        began_at=events[0].recorded_at,
        ended_at=ended.recorded_at,
        started_by=events[0].author.key,
        start=read.start,
        variables=read.variables,
        acts=tuple(read.acts),
        path=tuple(read.path),
        by_hand=read.by_hand,
    )


def _take(read: _Reading, recorded: Recorded, process: Process) -> None:
    happened, author = recorded.event, recorded.author.key
    if type(happened).__name__ in _BY_HAND:
        read.by_hand = read.by_hand or type(happened).__name__
    if isinstance(happened, e.VariablesSet) and not read.start:
        read.variables |= happened.values
    elif isinstance(happened, e.ElementReached) and not happened.skipped:
        node = process.nodes.get(happened.element_id)
        if not read.start:
            read.start = happened.element_id
        elif node is not None and author and _by_hand(process, node):
            last = read.acts[-1] if read.acts else None
            if last is None or last.element != node.id or last.at != recorded.recorded_at:
                read.acts.append(_done(recorded, "act", node.id, {}, author))
        if node is None or node.type not in ("userTask", "manualTask"):
            read.path.append(happened.element_id)
    elif isinstance(happened, e.UserTaskCompleted):
        read.path.append(happened.element_id)
        who = happened.by if happened.by is not None else author
        read.acts.append(_done(recorded, "complete", happened.element_id, happened.values, who))
    elif isinstance(happened, e.ActDone):
        read.acts.append(_done(recorded, "act", happened.element_id, happened.values, author))
    elif isinstance(happened, e.MessageReceived) and happened.element_id:
        read.acts.append(_done(recorded, "message", happened.element_id, happened.payload, author))


def _by_hand(process: Process, node: Node) -> bool:
    """Say whether an element is the start of an event sub-process that somebody begins."""
    scope = process.nodes.get(node.scope or "")
    return node.type == "startEvent" and node.event == "message" and scope is not None and scope.event_scope


def _done(recorded: Recorded, kind: str, element: str, values: Mapping[str, Any], actor: int) -> Done:
    return Done(recorded.recorded_at, recorded.seq, kind, element, values, actor)
