"""What may be asked. `id` is the client's: a repeated id gets the stored answer and does nothing."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from engine.calendar import Notice
from engine.errors import Message
from engine.people import Actor


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base of all commands; `actor` None is the platform itself."""

    actor: Actor | None
    id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, kw_only=True)
class StartInstance(Command):
    """Open a case.

    Attributes:
        resource_key: The catalogue entry it is about, where its start asks for one.
        about: The case it comes from, where its start asks for one.
        start: The start event, where a process has several.
    """

    process_id: str
    resource_key: int | None = None
    about: int | None = None
    start: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimTask(Command):
    """Take an open user task."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class UnclaimTask(Command):
    """Give an owned user task back to the department."""

    task_key: int


@dataclass(frozen=True, kw_only=True)
class AssignTask(Command):
    """Hand a user task to a colleague of the same lane, by user name."""

    task_key: int
    assignee: str


@dataclass(frozen=True, kw_only=True)
class SaveDraft(Command):
    """Keep what was typed so far; nothing is checked."""

    task_key: int
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CompleteTask(Command):
    """Hand in the form of a user task.

    Attributes:
        rejected: Faults found before, such as files that were refused; with any the form is refused too, together
            with every error of its own.
    """

    task_key: int
    values: dict[str, Any]
    rejected: dict[str, list[Message]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SendMessage(Command):
    """Do an act on a running case, by the id of the event sub-process that it starts."""

    instance_key: int
    element_id: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TriggerTimer(Command):
    """A timer's instant has come; issued by the sweep."""

    timer_key: int


@dataclass(frozen=True, kw_only=True)
class StoreAttachments(Command):
    """Keep files for a user task's form, all or none; name and content of each."""

    task_key: int
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, kw_only=True)
class StoreRecords(Command):
    """Keep a table of records (CSV) for a field of a user task's form; never shown, lest a log keeps it."""

    task_key: int
    component: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SetClock(Command):
    """Move the rehearsal clock forward; what became due runs before the answer."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class MarkNoticesRead(Command):
    """The actor has seen their notices."""


@dataclass(frozen=True, kw_only=True)
class CatchMessage(Command):
    """Start the procedure a waiting message is meant for; issued by the sweep."""

    message_key: int


@dataclass(frozen=True, kw_only=True)
class StartRound(Command):
    """The planned instant of a timer start event has come; issued by the sweep."""

    trigger_key: int
    planned_at: datetime


@dataclass(frozen=True, kw_only=True)
class RebindInstance(Command):
    """Go on under a newer version that is in force, if nothing was received yet (R-V1); issued by the engine."""

    instance_key: int
    definition_key: int


@dataclass(frozen=True, kw_only=True)
class DeployDefinition(Command):
    """Publish a process definition with its forms and documents, by path."""

    files: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class SuspendDefinition(Command):
    """Let no case start under a version, and as the newest in force under none; running cases go on."""

    definition_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResumeDefinition(Command):
    """Let a suspended version take cases again."""

    definition_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RetireDefinition(Command):
    """Let a version take no case for good; another one in force stands in its place."""

    definition_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProposeMigration(Command):
    """Propose that a running case goes on under another version; `names` maps elements with another id there."""

    instance_key: int
    definition_key: int
    reason: str
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ConsentToMigration(Command):
    """Agree as the head of a party; the last consent carries the migration out."""

    instance_key: int
    migration_key: int


@dataclass(frozen=True, kw_only=True)
class ObjectToMigration(Command):
    """Disagree as the head of a party; the case stays under its version."""

    instance_key: int
    migration_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithdrawMigration(Command):
    """Take a proposal back."""

    instance_key: int
    migration_key: int
    reason: str


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
    """Let a colleague act in somebody's role from day to day."""

    principal: str
    deputy: str
    role: str
    valid_from: str
    valid_until: str
    doc_no: str


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


# The working calendar


@dataclass(frozen=True, kw_only=True)
class EnterShippedNotices(Command):
    """Enter the notices that come with the product and are not known yet; issued at start and by the sweep."""

    notices: tuple[Notice, ...]


@dataclass(frozen=True, kw_only=True)
class EnterCalendarNotice(Command):
    """Enter a document about working days; `text` is what was pasted or uploaded, `corrects` a notice in force."""

    notice: Notice
    text: bytes = b""
    corrects: int | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmCalendarNotice(Command):
    """Let an entered document count, as the second person."""

    calendar_notice_key: int


@dataclass(frozen=True, kw_only=True)
class RejectCalendarNotice(Command):
    """Decide that an entered document does not count."""

    calendar_notice_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecountCase(Command):
    """Count the running limits of a case again; issued by the sweep."""

    instance_key: int
    recount_key: int


@dataclass(frozen=True, kw_only=True)
class NoteRecountFailure(Command):
    """A case could not be recounted; issued by the sweep."""

    recount_key: int
    instance_key: int
    error: str


@dataclass(frozen=True, kw_only=True)
class FinishRecount(Command):
    """Every case was looked at; issued by the sweep."""

    recount_key: int
    moved: int
    unchanged: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class HoldRecount(Command):
    """Interrupt a recount, or let it go on."""

    recount_key: int
    held: bool


# Incidents


@dataclass(frozen=True, kw_only=True)
class RetryIncident(Command):
    """Try a failed step again; issued by the sweep when its policy says so."""

    incident_key: int


@dataclass(frozen=True, kw_only=True)
class ResolveIncident(Command):
    """Try a failed step again now, as an operator.

    Attributes:
        corrections: Case variables to correct first, by name; `reason` says why.
        seen: How often it had been tried when the operator looked; another number is a conflict.
    """

    incident_key: int
    corrections: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class SkipIncident(Command):
    """Let the token leave without the element's work; at a gateway by the flows that are named."""

    incident_key: int
    reason: str
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CancelIncident(Command):
    """End the case, since its failed step cannot be done."""

    incident_key: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class NoteFailure(Command):
    """A timer or a message could not be carried out; issued by the sweep, with one of the two."""

    cause: str
    cause_en: str
    failed_timer: int | None = None
    failed_message: int | None = None


# Receivers outside


@dataclass(frozen=True, kw_only=True)
class RegisterWebhook(Command):
    """Send events of these names to an address, signed with the secret."""

    url: str
    secret: str = field(repr=False)
    types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RemoveWebhook(Command):
    """Send nothing more to an address."""

    webhook_key: int


@dataclass(frozen=True, kw_only=True)
class ConfirmClock(Command):
    """Say that the machine's clock is right after a jump forward."""


# Seals


@dataclass(frozen=True, kw_only=True)
class SealDay(Command):
    """Seal the heads of all streams for a Beijing day that has ended; issued by the sweep, once a day."""

    day: date
