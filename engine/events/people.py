"""Organisations, people, and what keeps the platform safe."""

from dataclasses import dataclass, field

from engine.events.base import Event


@dataclass(frozen=True)
class AreaRegistered(Event):
    """An administrative area; `level` is province, city or county."""

    name: str
    level: str
    parent: str | None


@dataclass(frozen=True)
class OrganisationRegistered(Event):
    """A department entered the platform under its unified social credit code."""

    organisation_key: int
    code: str
    kind: str
    level: str
    area: str
    managing: bool
    name: str
    valid_from: str
    mark: str = ""  # 机关代字


@dataclass(frozen=True)
class OrganisationRenamed(Event):
    """The department keeps its key; the name is another from a day on."""

    organisation_key: int
    name: str
    valid_from: str
    doc_no: str


@dataclass(frozen=True)
class OrganisationSucceeded(Event):
    """The department was merged or abolished; the successor stands in its place from a day on."""

    organisation_key: int
    successor_key: int
    valid_from: str
    doc_no: str


@dataclass(frozen=True)
class SuccessionFinished(Event):
    """Every case and grant of the abolished department was looked at once."""

    organisation_key: int
    cases: int
    failed: int


@dataclass(frozen=True)
class UserMoved(Event):
    """A person belongs to the successor of the abolished department."""

    user_key: int
    organisation_key: int
    doc_no: str


@dataclass(frozen=True)
class RoleMoved(Event):
    """A role is held in the successor of the abolished department."""

    user_key: int
    from_organisation: int
    to_organisation: int
    role: str


@dataclass(frozen=True)
class UserRegistered(Event):
    """A person may sign in; the credential is kept elsewhere and is no history."""

    user_key: int
    username: str
    name: str
    organisation_key: int


@dataclass(frozen=True)
class RoleGranted(Event):
    """A person has a role in a department."""

    user_key: int
    organisation_key: int
    role: str


@dataclass(frozen=True)
class DeputyAuthorised(Event):
    """From day to day, the deputy may act in the principal's role."""

    deputy_key: int
    organisation_key: int
    principal_user: int
    deputy_user: int
    role: str
    valid_from: str
    valid_until: str
    doc_no: str
    reason: str = ""
    processes: list[str] = field(default_factory=list)  # process ids; empty for all
    resource_key: int | None = None
    other_key: int | None = None


@dataclass(frozen=True)
class DeputyEnded(Event):
    """The rule of substitution holds no longer; `end` is expired, revoked or left."""

    deputy_key: int
    principal_user: int
    deputy_user: int
    end: str
    reason: str = ""


@dataclass(frozen=True)
class AccessRefused(Event):
    """Somebody tried what C.6 does not allow."""

    act: str
    subject: str


@dataclass(frozen=True)
class WebhookRegistered(Event):
    """Facts are sent to an address outside from now on."""

    webhook_key: int
    url: str
    types: list[str]


@dataclass(frozen=True)
class WebhookRemoved(Event):
    """Nothing more is sent to the address."""

    webhook_key: int
    url: str


@dataclass(frozen=True)
class RobotRegistered(Event):
    """A department's group is told of notices of some kinds; the address is a key, so only its host is kept."""

    robot_key: int
    organisation_key: int
    name: str
    kind: str
    host: str
    kinds: list[str]


@dataclass(frozen=True)
class RobotRemoved(Event):
    """The group is told nothing more."""

    robot_key: int
    organisation_key: int
    name: str


@dataclass(frozen=True)
class ClockAlarm(Event):
    """The machine's clock was set, by so many seconds."""

    direction: str  # forward or back
    seconds: int


@dataclass(frozen=True)
class ClockConfirmed(Event):
    """An administrator has looked at the clock after it was set forward, and found it right."""
