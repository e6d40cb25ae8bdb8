"""Checks that auditors save, the findings they raise, and the seals of the access log."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class CheckSaved(Event):
    """A search was saved as a check; it runs over the acts of every day from the one it was saved on."""

    check_key: int
    name: str
    note: str
    criteria: dict[str, Any]


@dataclass(frozen=True)
class CheckRetired(Event):
    """The check runs no more; its findings stay."""

    check_key: int
    name: str
    reason: str


@dataclass(frozen=True)
class ChecksRun(Event):
    """The checks ran over a day, or over a slice of it.

    Attributes:
        found: How many findings each raised.
        failed: Which could not be carried out, and why.
        covered: Up to which event the day before was looked at.
        until: Up to which event this day was.
        check: Where the next slice goes on; None: the day is done.
        after: Behind which act or read.
    """

    day: str
    found: dict[str, int]
    failed: dict[str, str]
    covered: int
    until: int
    check: str | None = None
    after: int | None = None


@dataclass(frozen=True)
class FindingRaised(Event):
    """A check found something that an auditor is to look at.

    Attributes:
        source: act, access, chain or reads.
        subject: The event's position, the read's key, the sequence number where a chain breaks, the seal's number.
        user_name: Whose act it is, as recorded there.
    """

    finding_key: int
    check: str
    check_name: str
    source: str
    instance_key: int | None
    subject: int
    day: str
    user_key: int | None
    user_name: str
    organisation_key: int | None
    detail: str = ""


@dataclass(frozen=True)
class FindingExplained(Event):
    """An auditor noted what there is to say to a finding."""

    finding_key: int
    text: str


@dataclass(frozen=True)
class FindingClosed(Event):
    """An auditor is done with a finding, and says why."""

    finding_key: int
    reason: str


@dataclass(frozen=True)
class FindingReopened(Event):
    """A finding is to be looked at again."""

    finding_key: int
    reason: str


@dataclass(frozen=True)
class AccessSealed(Event):
    """The reads up to a row were hashed after a Beijing day ended.

    Attributes:
        first: The last row of the seal before.
        last: The last row of this one.
        digest: Hex hash of the chain over the rows, begun with the digest before (`engine.trace.access`).
    """

    day: str
    first: int
    last: int
    count: int
    digest: str
