"""The base of all events."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Base of all events."""
