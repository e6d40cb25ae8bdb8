"""The sealed days."""

from dataclasses import dataclass

from engine.events.base import Event


@dataclass(frozen=True)
class DaySealed(Event):
    """The heads of all streams were sealed after a Beijing day ended.

    Attributes:
        day: The day that had ended.
        algorithm: Of the tree and the chain: SHA-256 or SM3.
        root: Hex root of the RFC 6962 tree over the heads (`engine.history.tree`).
        streams: Leaves in the tree.
        last_position: Of the last event recorded when it was sealed.
        previous: Hex hash of the seal before, zeros for the first.
    """

    day: str
    algorithm: str
    root: str
    streams: int
    last_position: int
    previous: str
