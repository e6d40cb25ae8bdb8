"""What may be asked of organisations, people and the catalogue."""

from dataclasses import dataclass, field
from typing import Any

from engine.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class RegisterArea(Command):
    """Enter an administrative area."""

    name: str
    level: str
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class RegisterOrganisation(Command):
    """Enter a department; `mark` (机关代字) begins the numbers of its documents, without one its name does."""

    code: str
    kind: str
    level: str
    area: str
    managing: bool
    name: str
    valid_from: str
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class RenameOrganisation(Command):
    """Give a department another name from a day on."""

    code: str
    name: str
    valid_from: str
    doc_no: str


@dataclass(frozen=True, kw_only=True)
class SucceedOrganisation(Command):
    """Put a department in the place of one that was merged or abolished (domain C.3.7)."""

    code: str
    successor_code: str
    valid_from: str
    doc_no: str


@dataclass(frozen=True, kw_only=True)
class SucceedInCase(Command):
    """Put the successor in the place of an abolished department in one case; issued by the engine."""

    instance_key: int
    organisation_key: int


@dataclass(frozen=True, kw_only=True)
class FinishSuccession(Command):
    """Every case of the abolished department was looked at; issued by the sweep."""

    organisation_key: int
    cases: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class RegisterUser(Command):
    """Enter a person with roles in their own department; password and e-mail address are no history."""

    username: str
    name: str
    org_code: str
    roles: tuple[str, ...]
    password: str = field(repr=False)
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class AuthoriseDeputy(Command):
    """Let a colleague act in somebody's role from day to day (委托代理).

    Attributes:
        valid_until: The last day, inclusive.
        processes: Process ids it holds for; none for all.
        resource_code: Only cases about this catalogue entry.
        other_code: Only cases with the department of this credit code as another party.
    """

    principal: str
    deputy: str
    role: str
    valid_from: str
    valid_until: str
    doc_no: str
    reason: str = ""
    processes: tuple[str, ...] = ()
    resource_code: str = ""
    other_code: str = ""


@dataclass(frozen=True, kw_only=True)
class RevokeDeputy(Command):
    """End a rule of substitution at once; open tasks taken under it go back."""

    deputy_key: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ExpireDeputy(Command):
    """The last day of a rule of substitution is over; issued by the sweep."""

    deputy_key: int


@dataclass(frozen=True, kw_only=True)
class PublishEntry(Command):
    """Put a catalogue entry, or a new version of one, in force."""

    code: str
    name: str
    provider_code: str
    sharing_type: str
    update_cycle: str
    abstract: str
    metadata: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class WithdrawEntry(Command):
    """Take an entry out of the catalogue; applications that were received go on."""

    code: str
    reason: str
    doc_no: str
