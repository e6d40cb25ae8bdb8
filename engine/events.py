"""What has happened: frozen dataclasses of JSON values, appended to a stream and never changed.

Instants are RFC 3339 texts in UTC, days ISO dates in Asia/Shanghai, keys integers, orgs their keys.
"""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Event:
    """Base of all events."""


# Organisations and people


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
class ClockAlarm(Event):
    """The machine's clock was set, by so many seconds."""

    direction: str  # forward or back
    seconds: int


@dataclass(frozen=True)
class ClockConfirmed(Event):
    """An administrator has looked at the clock after it was set forward, and found it right."""


# The working calendar


@dataclass(frozen=True)
class CalendarNoticeEntered(Event):
    """Somebody entered a document about working days; it counts once another person confirms it.

    Attributes:
        notice: As `engine.calendar.notice_data` writes it: id, kind, year, title, layer, scope, holidays, …
        text_sha256: The pasted or uploaded text, empty where the entry was made by hand.
        corrects: The confirmed notice that this one takes the place of.
    """

    calendar_notice_key: int
    notice: dict[str, Any]
    text_sha256: str
    corrects: int | None


@dataclass(frozen=True)
class CalendarNoticeConfirmed(Event):
    """The document counts; `known_at` is the instant from which the platform knew it."""

    calendar_notice_key: int
    known_at: str


@dataclass(frozen=True)
class CalendarNoticeRejected(Event):
    """The document does not count."""

    calendar_notice_key: int
    reason: str


@dataclass(frozen=True)
class RecountStarted(Event):
    """A confirmed notice may move limits: so many cases are looked at."""

    recount_key: int
    calendar_notice_key: int
    cases: int


@dataclass(frozen=True)
class RecountHeld(Event):
    """Somebody interrupted the recount; `held` False: it goes on."""

    recount_key: int
    held: bool


@dataclass(frozen=True)
class RecountFailed(Event):
    """A case could not be recounted; an operator has to look."""

    recount_key: int
    instance_key: int
    error: str


@dataclass(frozen=True)
class RecountFinished(Event):
    """Every case was looked at once."""

    recount_key: int
    moved: int
    unchanged: int
    failed: int


# Catalogue, definitions


@dataclass(frozen=True)
class EntryPublished(Event):
    """A version of a catalogue entry is in force; `metadata` by the field names of domain D.1.3."""

    entry_key: int
    code: str
    name: str
    provider_key: int
    sharing_type: str
    update_cycle: str
    abstract: str
    metadata: dict[str, Any]
    change: str = "published"  # added or revised where a case of Art. 8 led to it
    instance_key: int | None = None


@dataclass(frozen=True)
class EntryWithdrawn(Event):
    """The entry is no longer in the catalogue; publishing it again puts it back."""

    entry_key: int
    withdrawn_on: str
    reason: str
    doc_no: str
    instance_key: int | None = None


@dataclass(frozen=True)
class EntryDeletionAnnounced(Event):
    """The entry will leave the catalogue on a day: until then those who hold grants may prepare."""

    entry_key: int
    deletes_on: str
    reason: str
    doc_no: str
    instance_key: int


@dataclass(frozen=True)
class EntryMoved(Event):
    """The entry is provided by the successor of its abolished provider."""

    entry_key: int
    provider_key: int
    doc_no: str


@dataclass(frozen=True)
class EntryLeadMoved(Event):
    """The successor of an abolished lead department (牵头部门, Art. 9) countersigns changes of the entry."""

    entry_key: int
    lead_key: int
    doc_no: str


@dataclass(frozen=True)
class DefinitionDeployed(Event):
    """A version of a process definition; `files` maps path to SHA-256."""

    definition_key: int
    process_id: str
    version: int
    name: str
    sha256: str
    files: dict[str, str]
    effective_from: str | None = None


@dataclass(frozen=True)
class StartTriggerSet(Event):
    """A version has a start event that begins cases by itself; `planned_at` is a timer's first planned start."""

    trigger_key: int
    definition_key: int
    process_id: str
    element_id: str
    name: str
    kind: str  # timer or signal
    signal: str
    planned_at: str | None


@dataclass(frozen=True)
class RoundStarted(Event):
    """A planned instant, or a signal, begins these cases; each delivery begins one.

    Attributes:
        planned_at: The instant by the rule; None for a signal.
        starts_at: The instant it counts from: the planned one, rolled from a rest day; a signal's own.
        estimated: Whether the working day rests on a year without notice.
        deliveries: Message key → parties of the case that it begins.
        came: What the signal brought.
        origin: The case that threw it.
        next_at: The next planned instant.
    """

    trigger_key: int
    element_id: str
    name: str
    kind: str
    planned_at: str | None
    starts_at: str
    estimated: bool
    deliveries: dict[str, dict[str, Any]]
    came: dict[str, Any]
    origin: dict[str, Any] | None
    next_at: str | None


@dataclass(frozen=True)
class RoundsPassed(Event):
    """Planned instants at which nothing begins: for want of a version in force, or too many were missed."""

    trigger_key: int
    element_id: str
    name: str
    first_at: str
    last_at: str
    count: int
    reason: str  # not_in_force, retired or too_many
    next_at: str | None


@dataclass(frozen=True)
class StartFailed(Event):
    """A case of a round could not begin; it is tried on. Told once for each, at the first failure."""

    trigger_key: int
    element_id: str
    name: str
    message_key: int
    cause: str
    cause_en: str


@dataclass(frozen=True)
class DefinitionSuspended(Event):
    """No case starts under the version, and as the newest in force it holds up the whole procedure."""

    definition_key: int
    version: int
    reason: str


@dataclass(frozen=True)
class DefinitionResumed(Event):
    """The suspended version takes cases again."""

    definition_key: int
    version: int
    reason: str


@dataclass(frozen=True)
class DefinitionRetired(Event):
    """The version takes no case any more; the newest of the others in force stands in its place."""

    definition_key: int
    version: int
    reason: str


# A case


@dataclass(frozen=True)
class InstanceStarted(Event):
    """A case began."""

    definition_key: int
    process_id: str
    version: int
    business_id: str
    title: str
    awaits_receipt: bool = False  # before its delivery it is no case for the other side (R-V1)


@dataclass(frozen=True)
class InstanceTriggered(Event):
    """The case was begun by its start event: at a planned instant, or by a signal of another case."""

    element_id: str
    name: str
    kind: str
    planned_at: str | None
    starts_at: str
    estimated: bool


@dataclass(frozen=True)
class InstanceRebound(Event):
    """A newer version came into force before receipt; the case goes on under it (R-V1)."""

    definition_key: int
    from_version: int
    to_version: int


@dataclass(frozen=True)
class VersionKept(Event):
    """A newer version came into force before receipt, but the case cannot go on under it; `reasons` say why."""

    version: int
    newer_version: int
    reasons: list[str]


@dataclass(frozen=True)
class MigrationProposed(Event):
    """An administrator proposes that the running case goes on under another version.

    Attributes:
        asked: The departments whose heads must consent.
        names: Elements of the old version that have another id in the new one.
        preview: What the migration would do, as `engine.migration_preview` writes it.
    """

    migration_key: int
    definition_key: int
    from_version: int
    to_version: int
    reason: str
    asked: list[int]
    names: dict[str, str]
    preview: dict[str, Any]


@dataclass(frozen=True)
class MigrationConsented(Event):
    """The head of a party agreed."""

    migration_key: int
    organisation_key: int
    as_deputy_of: str | None


@dataclass(frozen=True)
class MigrationObjected(Event):
    """The head of a party did not agree; the case stays under its version."""

    migration_key: int
    organisation_key: int
    reason: str
    as_deputy_of: str | None


@dataclass(frozen=True)
class MigrationWithdrawn(Event):
    """The proposal was taken back."""

    migration_key: int
    reason: str


@dataclass(frozen=True)
class MigrationLapsed(Event):
    """The case has moved since it was proposed, so that the preview is no longer true; `reasons` say where."""

    migration_key: int
    reasons: list[str]


@dataclass(frozen=True)
class InstanceMigrated(Event):
    """With the consent of its parties the case goes on under another version, its tokens moved as previewed."""

    migration_key: int
    definition_key: int
    from_version: int
    to_version: int
    names: dict[str, str]


@dataclass(frozen=True)
class ElementReached(Event):
    """A token did its work at an element and left; `state` is the case state from here on, if it says one."""

    element_id: str
    name: str
    state: str | None = None
    skipped: bool = False


@dataclass(frozen=True)
class VariablesSet(Event):
    """Case variables took new values."""

    values: dict[str, Any]


@dataclass(frozen=True)
class PartiesSet(Event):
    """Who the case is between; None while open."""

    using: int | None
    providing: int | None
    managing: int | None
    title: str


@dataclass(frozen=True)
class PartySucceeded(Event):
    """A party was merged or abolished and its successor goes on; no clock changes (R-T15)."""

    parties: list[str]  # the variables: using_dept, providing_dept, managing_dept
    organisation_key: int
    successor_key: int
    name_before: str
    name_after: str
    valid_from: str
    doc_no: str


@dataclass(frozen=True)
class InstanceVoided(Event):
    """The case was annulled; its history stays."""

    reason: str
    doc_no: str


@dataclass(frozen=True)
class UserTaskOpened(Event):
    """A user task waits in a department."""

    user_task_key: int
    token: str
    element_id: str
    name: str
    organisation_key: int
    role: str
    lane: str
    scope: str  # the sub-process it lies in, or empty


@dataclass(frozen=True)
class UserTaskAssigned(Event):
    """Somebody owns the task; None gives it back to the department."""

    user_task_key: int
    name: str
    assignee: int | None
    assignee_name: str | None


@dataclass(frozen=True)
class UserTaskMoved(Event):
    """The open task is the successor's now; who owned it still does."""

    user_task_key: int
    name: str
    organisation_key: int


@dataclass(frozen=True)
class UserTaskChanged(Event):
    """The open task is what the case's new version makes of it."""

    user_task_key: int
    element_id: str
    name: str
    organisation_key: int
    role: str
    lane: str
    scope: str


@dataclass(frozen=True)
class UserTaskCompleted(Event):
    """The task was done with these form values."""

    user_task_key: int
    element_id: str
    name: str
    variable: str | None
    values: dict[str, Any]
    as_deputy_of: str | None


@dataclass(frozen=True)
class UserTaskCancelled(Event):
    """The task was taken away before it was done."""

    user_task_key: int
    element_id: str
    name: str


@dataclass(frozen=True)
class DeadlineSet(Event):
    """A time limit runs; everything an outsider needs to count it again.

    Attributes:
        organisation_key: The department that owes the act; its local rules and closures count (R-T14).
        terms: Length, unit, event, policy, pauses, extensions, rule: `engine.deadline_terms`.
        calendar_as_of: The instant whose knowledge of the notices was used.
    """

    deadline_key: int
    element_id: str
    attached_to: str
    organisation_key: int | None
    name: str
    basis: str
    kind: str
    setting: str
    terms: dict[str, Any]
    event_on: str
    original_due_on: str
    due_on: str
    due_at: str
    status: str
    calendar_as_of: str
    notices: list[str]
    on_expiry: str


@dataclass(frozen=True)
class DeadlineMoved(Event):
    """Base of what changes a running limit: the terms after it, the due date before and after."""

    deadline_key: int
    name: str
    terms: dict[str, Any]
    state: str
    due_before: str
    status_before: str
    original_due_on: str
    due_on: str
    due_at: str
    status: str
    calendar_as_of: str
    notices: list[str]


@dataclass(frozen=True)
class DeadlineExtended(DeadlineMoved):
    """An extension was approved (R13-05 to R13-11)."""

    days: int
    asked_by: str
    approved_by: str
    reading: str
    basis: str


@dataclass(frozen=True)
class DeadlinePaused(DeadlineMoved):
    """The limit stands still on a ground that a setting grants; its due date is open until it resumes."""

    ground: str
    basis: str


@dataclass(frozen=True)
class DeadlineResumed(DeadlineMoved):
    """The limit runs again, later by the days it stood still."""

    ground: str
    excluded: int


@dataclass(frozen=True)
class DeadlineAnswered(Event):
    """What meets the limit was done in time, and is being looked at: until then nothing expires."""

    deadline_key: int
    name: str
    answered_at: str


@dataclass(frozen=True)
class DeadlineReopened(Event):
    """What was done did not stand: the limit goes on from the same day, as if nothing had been done."""

    deadline_key: int
    name: str
    due_on: str


@dataclass(frozen=True)
class DeadlineRecounted(DeadlineMoved):
    """A confirmed notice changed the calendar (R-T14); `cause` names it.

    `held` says that the new date had passed already and the day of the change was kept instead.
    """

    calendar_notice_key: int
    cause: str
    held: bool


@dataclass(frozen=True)
class DeadlineMigrated(DeadlineMoved):
    """The case's new version sets the length from now on; the event day, extensions and pauses stay (R-V1).

    `held` says that the new date had passed already and the day of the migration was kept instead.
    """

    element_id: str
    attached_to: str
    organisation_key: int | None
    basis: str
    kind: str
    setting: str
    on_expiry: str
    version: int
    held: bool


@dataclass(frozen=True)
class DeadlineExpired(Event):
    """The limit ran out with the duty undone; `occurred_at` is the planned instant (R-T8)."""

    deadline_key: int
    name: str
    due_on: str
    overdue: bool


@dataclass(frozen=True)
class DeadlineUndetermined(Event):
    """The day came but the year's notice is missing: 期限待定, nothing expires (R-T13)."""

    deadline_key: int
    name: str
    due_on: str


@dataclass(frozen=True)
class DeadlineEnded(Event):
    """The limit no longer runs: met (in time or late) or cancelled."""

    deadline_key: int
    name: str
    kind: str
    state: str
    late_wd: int
    late_cd: int


@dataclass(frozen=True)
class TimerArmed(Event):
    """An instant the sweep will look for."""

    timer_key: int
    element_id: str
    token: str
    deadline_key: int | None
    kind: str
    fires_at: str


@dataclass(frozen=True)
class TimerFired(Event):
    """The instant came."""

    timer_key: int
    element_id: str
    name: str
    kind: str


@dataclass(frozen=True)
class TimerDisarmed(Event):
    """The instant no longer matters."""

    timer_key: int
    element_id: str


@dataclass(frozen=True)
class TimerRearmed(Event):
    """The instant moved with its limit."""

    timer_key: int
    element_id: str
    fires_at: str


@dataclass(frozen=True)
class TimerPostponed(Event):
    """The instant came but may not count yet; look again then."""

    timer_key: int
    until: str


@dataclass(frozen=True)
class MessageDelivered(Event):
    """The platform delivered something between parties: a fact with an instant (R-T6)."""

    element_id: str
    name: str
    sender: int | None
    receiver: int | None


@dataclass(frozen=True)
class CaseWithheld(Event):
    """The case is about a department that is never to see it."""

    organisation_key: int


@dataclass(frozen=True)
class ActDone(Event):
    """Somebody began an event sub-process by hand; `values` is what its form was given."""

    element_id: str
    name: str
    variable: str | None
    values: dict[str, Any]


@dataclass(frozen=True)
class MessageThrown(Event):
    """A message for another procedure; it waits until that procedure catches it."""

    message_key: int
    element_id: str
    name: str
    target: str
    correlation: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class MessageCaught(Event):
    """Another procedure took the message; `by` is the case that did."""

    message_key: int
    target: str
    by: int | None = None


@dataclass(frozen=True)
class MessageLapsed(Event):
    """Whoever the message was addressed to no longer waits."""

    message_key: int
    target: str


@dataclass(frozen=True)
class MessageReceived(Event):
    """This case took a message that another one, or itself, has thrown."""

    message_key: int
    element_id: str
    name: str
    source: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class SignalThrown(Event):
    """A signal for everybody who waits for it now; `deliveries` maps message keys to whom they are for."""

    element_id: str
    name: str
    signal: str
    deliveries: dict[str, str]
    payload: dict[str, Any]


@dataclass(frozen=True)
class SubscriptionOpened(Event):
    """The case waits for a message, a signal, the answer to a call, or its cancellation by its caller."""

    subscription_key: int
    element_id: str
    token: str
    kind: str
    name: str
    correlation: str


@dataclass(frozen=True)
class SubscriptionChanged(Event):
    """The case waits for it as its new version says."""

    subscription_key: int
    element_id: str
    token: str
    name: str
    correlation: str


@dataclass(frozen=True)
class SubscriptionClosed(Event):
    """The case no longer waits for it."""

    subscription_key: int


@dataclass(frozen=True)
class ErrorUncaught(Event):
    """An error end event that nothing catches ended the case."""

    element_id: str
    name: str
    code: str


@dataclass(frozen=True)
class IncidentRaised(Event):
    """A step failed; what it did was undone and its token stays. Kinds and steps: `engine.incidents`.

    Attributes:
        token: Where the token is held; empty for a limit, a timer, a message or the end of the case.
        input: What it worked on: `text`, and `variables` by name.
        next_try_at: When it is tried again by itself, None never.
        acting_key: The person in whose command it failed, whose act a later try completes.
    """

    incident_key: int
    element_id: str
    name: str
    token: str
    step: str
    kind: str
    cause: str
    cause_en: str
    input: dict[str, Any]
    next_try_at: str | None
    deadline_key: int | None = None
    timer_key: int | None = None
    message_key: int | None = None
    acting_key: int | None = None
    acting_name: str | None = None


@dataclass(frozen=True)
class IncidentTriedAgain(Event):
    """The step failed once more."""

    incident_key: int
    kind: str
    cause: str
    cause_en: str
    input: dict[str, Any]
    next_try_at: str | None
    token: str = ""


@dataclass(frozen=True)
class IncidentVariablesCorrected(Event):
    """An operator corrected what the failed step works on, before trying again; see VariablesSet after it."""

    incident_key: int
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class IncidentEnded(Event):
    """Base of what ends an incident."""

    incident_key: int
    element_id: str
    name: str


@dataclass(frozen=True)
class IncidentResolved(IncidentEnded):
    """The step succeeded when it was tried again."""


@dataclass(frozen=True)
class IncidentSkipped(IncidentEnded):
    """An operator let the token leave without the element's work, by these flows at a gateway."""

    reason: str
    flows: list[str]


@dataclass(frozen=True)
class IncidentCancelled(IncidentEnded):
    """An operator ended the case instead."""

    reason: str


@dataclass(frozen=True)
class IncidentClosed(IncidentEnded):
    """It is over by itself: its element was interrupted, the case ended, its timer was disarmed."""

    reason: str


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
    """People were told; a notice changes nothing (R-T7)."""

    notice_keys: list[int]
    to: list[int]
    roles: list[str]
    text: str


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


# Seals


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


def _subclasses(cls: type[Event]) -> list[type[Event]]:
    return [cls, *(sub for child in cls.__subclasses__() for sub in _subclasses(child))]


TYPES: dict[str, type[Event]] = {cls.__name__: cls for cls in _subclasses(Event)}


def read(type_name: str, data: dict[str, Any]) -> Event:
    """Return the event that was stored under its class name.

    Raises:
        ValueError: no such event, or fields it does not have.
    """
    cls = TYPES.get(type_name)
    if cls is None or set(data) - {f.name for f in fields(cls)}:
        raise ValueError(f"Expected an event this version knows, found {type_name} with {sorted(data)}")
    return cls(**data)
