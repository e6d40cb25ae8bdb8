"""A case's history played on its own diagram: where its tokens stood after each event, by which flows they came.

The history does not tell which flows were taken. Most elements leave an event when they have done their work;
what lies between two of them (gateways, the borders of sub-processes) leaves none, so the way is looked for:
the shortest one from where tokens stand, conditions deciding where they can be told (`ways`). Where there is
none, and no event explains it, the token is put there and counted as missing.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from engine import events as e
from engine.definitions import Definition
from engine.history.chain import Recorded
from engine.mining.player import Player
from engine.mining.records import Deviation, Playback, Step, Visit

__all__ = ["Deviation", "Playback", "Step", "Visit", "play"]

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
    for index, recorded in enumerate(events):
        player.take(recorded)
        following = events[index + 1] if index + 1 < len(events) else None
        if following is None or _stirs(recorded, following):
            player.settle()
        player.end_step()
    return player.result()


def _stirs(before: Recorded, after: Recorded) -> bool:
    apart = abs(after.recorded_at - before.recorded_at) > timedelta()
    return apart or isinstance(after.event, _BEGINS)
