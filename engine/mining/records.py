"""What a history tells when it is played: stays, steps, deviations."""

from dataclasses import dataclass
from datetime import datetime

from engine.history.chain import Author


@dataclass(frozen=True)
class Visit:
    """One stay of a token at an element.

    Attributes:
        number: Which visit of this element in the case, from 1.
        began, ended: Sequence numbers of the events; None while the token stands there.
        began_at, ended_at: By the rules (`occurred_at`).
        how: completed, cancelled, skipped, returned, recalled, jumped, migrated; empty while the token stands there.
        author: Who ended it; None while the token stands there.
        organisation_key, lane: Of a user task.
    """

    element_id: str
    name: str
    type: str
    number: int
    began: int
    began_at: datetime
    ended: int | None = None
    ended_at: datetime | None = None
    how: str = ""
    author: Author | None = None
    organisation_key: int | None = None
    lane: str = ""


@dataclass(frozen=True)
class Deviation:
    """What the model does not say, and yet happened.

    Attributes:
        kind: jump, skip, return, recall, migration, voided, or `no_way`: nothing in the history explains it.
        missing, left: Elements where a token was wanted and none stood; where tokens were left behind.
    """

    seq: int
    kind: str
    element_id: str
    missing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What one event did to the tokens.

    Attributes:
        definition_key: Of the version that applied after the event.
        taken: Ids of the sequence flows that tokens went along, in order; one taken twice stands twice.
        tokens: Ids of the elements where tokens stand after the event, one for each token.
    """

    seq: int
    definition_key: int
    taken: tuple[str, ...]
    tokens: tuple[str, ...]
    deviation: Deviation | None = None


@dataclass(frozen=True)
class Playback:
    """A case played to its last event.

    Attributes:
        fitness: Token replay, 1.0 where the model explains everything (Rozinat and van der Aalst 2008):
            (1 - missing / consumed) / 2 + (1 - remaining / produced) / 2.
    """

    steps: tuple[Step, ...]
    visits: tuple[Visit, ...]
    fitness: float

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """What the model does not say, in order."""
        return tuple(s.deviation for s in self.steps if s.deviation is not None)
