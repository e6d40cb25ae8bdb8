"""What a command would do, in words with names."""

from collections.abc import Callable, Sequence

from engine.effects import Effect, Names, effects
from engine.errors import Message
from engine.events import Event
from engine.queries.reader import Reader


def told(reader: Reader, events: Sequence[Event], result: Callable[[str], Message]) -> tuple[Effect, ...]:
    """Return the effects of events that `Engine.preview` made.

    Args:
        result: What the results of cases are called.
    """
    return effects(events, Names(reader.org, reader.person, result))
