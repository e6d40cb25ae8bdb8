"""What a case leads to: services, decisions, grants, documents, notices, its end."""

from dataclasses import dataclass
from typing import Any

from engine.events.base import Event


@dataclass(frozen=True)
class ServiceCalled(Event):
    """A registered service answered."""

    element_id: str
    service: str
    result: dict[str, Any]


@dataclass(frozen=True)
class DecisionMade(Event):
    """A decision table was evaluated; `hits` are the numbers of its rules, from 1."""

    element_id: str
    name: str
    decision: str
    hits: list[int]
    result: Any


@dataclass(frozen=True)
class GrantRecorded(Event):
    """A using department may use the items; None dates mean without a term."""

    grant_key: int
    using: int
    providing: int
    resource_key: int
    data_items: list[str]
    conditions: str
    valid_from: str | None
    valid_until: str | None


@dataclass(frozen=True)
class GrantMoved(Event):
    """The successor stands in the grant; `ended_on` where user and provider have become one department."""

    grant_key: int
    using: int
    providing: int
    ended_on: str | None


@dataclass(frozen=True)
class GrantSuperseded(Event):
    """A wider grant takes the place of one, which is over from `ended_on` (R12-03)."""

    grant_key: int
    by_grant_key: int
    by_business_id: str
    ended_on: str


@dataclass(frozen=True)
class GrantEndSet(Event):
    """A grant is over from a day, for a cause outside it (domain D.1.2)."""

    grant_key: int
    ended_on: str
    cause: str


@dataclass(frozen=True)
class GrantSuspended(Event):
    """A grant may not be used until it is resumed: the managing department acts on a ground of Art. 20."""

    grant_key: int
    by_instance_key: int
    by_business_id: str
    reason: str
    basis: str


@dataclass(frozen=True)
class GrantResumed(Event):
    """A suspended grant may be used again."""

    grant_key: int
    by_instance_key: int
    by_business_id: str
    reason: str


@dataclass(frozen=True)
class GrantGivenBack(Event):
    """The using department gave the grant back, which is over from `ended_on` (R12-09).

    Attributes:
        disposal: What became of the data, in its own words.
    """

    grant_key: int
    ended_on: str
    reason: str
    disposal: str


@dataclass(frozen=True)
class DocumentIssued(Event):
    """A document was frozen under its hash.

    Attributes:
        organisation_key: Whose document it is.
        addressee: Who it is for.
        verification: The code by which anybody who holds it can check it; drawn at random.
    """

    document_key: int
    template: str
    number: str
    title: str
    sha256: str
    organisation_key: int | None = None
    addressee: int | None = None
    verification: str = ""


@dataclass(frozen=True)
class NoticeSent(Event):
    """People were told; a notice changes nothing (R-T7).

    Attributes:
        kind: What it is about, see `engine.notice_kinds`; events from before there were kinds name none.
    """

    notice_keys: list[int]
    to: list[int]
    roles: list[str]
    text: str
    kind: str = "platform"


@dataclass(frozen=True)
class ResourceFlagged(Event):
    """Everybody who sees the resource is told that items of it are being verified; a hint, no lock (R13-13)."""

    flag_key: int
    resource_key: int
    resource: str
    data_items: list[str]
    records: int


@dataclass(frozen=True)
class ResourceUnflagged(Event):
    """The hint is gone."""

    flag_key: int
    resource_key: int
    resource: str


@dataclass(frozen=True)
class InstanceEnded(Event):
    """The case is over."""

    state: str
    result: str | None
    late: bool
