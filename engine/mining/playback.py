"""A case's history played on its own diagram: where its tokens stood after each event, by which flows they came.

The history does not tell which flows were taken. Most elements leave an event when they have done their work;
what lies between two of them (gateways, the borders of sub-processes) leaves none, so the way is looked for:
the shortest one from where tokens stand, conditions deciding where they can be told (`ways`). Where there is
none, and no event explains it, the token is put there and counted as missing.
"""

from collections.abc import Callable, Iterator, Sequence

from engine import events as e
from engine.definitions import Definition
from engine.history.chain import Recorded
from engine.mining.player import Player
from engine.mining.records import Deviation, Playback, Step, Visit

__all__ = ["MOVING", "Deviation", "Playback", "Step", "Visit", "play"]

MOVING = (
    e.InstanceStarted,
    e.InstanceRebound,
    e.InstanceMigrated,
    e.InstanceVoided,
    e.InstanceEnded,
    e.CaseAnnulled,
    e.VariablesSet,
    e.ElementReached,
    e.UserTaskOpened,
    e.UserTaskMoved,
    e.UserTaskChanged,
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.TaskReturned,
    e.TaskRecalled,
    e.TaskJumped,
    e.TimerArmed,
    e.TimerFired,
    e.SubscriptionOpened,
    e.MessageReceived,
    e.ActDone,
    e.IncidentRaised,
    e.IncidentTriedAgain,
    e.IncidentResolved,
    e.IncidentSkipped,
    e.IncidentCancelled,
    e.IncidentClosed,
    e.ErrorUncaught,
)
"""The kinds of event that tokens are moved by; what is played without the others ends with the same tokens."""

_BEGINS = (
    e.UserTaskCompleted
    | e.TimerFired
    | e.MessageReceived
    | e.ActDone
    | e.TaskReturned
    | e.TaskRecalled
    | e.TaskJumped
    | e.InstanceRebound
    | e.InstanceMigrated
    | e.InstanceVoided
    | e.CaseAnnulled
    | e.IncidentSkipped
    | e.InstanceEnded
)
"""What begins a command, or is the last that it does: before it every token has come to where it waits."""


def play(
    events: Sequence[Recorded], definition: Callable[[int], Definition], against: Definition | None = None
) -> Playback:
    """Play a case's events, one step for each.

    Args:
        events: All of the case's stream, in order.
        definition: The version under a key.
        against: Another version to play on instead of the case's own.
    """
    player = Player(definition, against)
    for command in _commands(events):
        told = frozenset(str(getattr(recorded.event, "element_id", "")) for recorded in command)
        for recorded in command[:-1]:
            player.take(recorded, told)
            player.end_step()
        player.take(command[-1], told)
        player.settle()
        player.end_step()
    return player.result()


def _commands(events: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """Yield the events of each command; of two at one instant only where it shows that another begins."""
    command: list[Recorded] = []
    for recorded in events:
        if command and (
            recorded.recorded_at != command[-1].recorded_at or isinstance(recorded.event, _BEGINS)
        ):
            yield command
            command = []
        command.append(recorded)
    if command:
        yield command
