"""What the machine tells."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Evaluate = Callable[[str], object]


class Kind(StrEnum):
    """What can happen to an element."""

    REACHED = "reached"  # it does its work now, then its token leaves
    OPENED = "opened"  # a user task waits for a person
    SKIPPED = "skipped"  # a user task is passed over
    CANCELLED = "cancelled"  # a user task was taken away
    ARMED = "armed"  # an event waits
    DISARMED = "disarmed"  # an event no longer waits
    FAILED = "failed"  # an error that nothing catches ended the case
    STUCK = "stuck"  # a condition could not be evaluated, or there is no way on; the token is held
    MARKED = "marked"  # many steps were made at once; what follows may be taken back to here
    REWOUND = "rewound"  # a loop without anything to wait for: everything since the mark did not happen


@dataclass(frozen=True)
class Fact:
    """Something that happened to one token; `token` tells two visits of one element apart.

    Attributes:
        step: Of a token that is stuck, what it was about to do; see `engine.incidents.STEPS`.
        fault: Of a token that is stuck, why.
    """

    kind: Kind
    element_id: str
    token: str
    step: str = ""
    fault: Exception | None = None
