"""What has happened: frozen dataclasses of JSON values, appended to a stream and never changed.

Instants are RFC 3339 texts in UTC, days ISO dates in Asia/Shanghai, keys integers, orgs their keys.
"""

from dataclasses import fields
from typing import Any

from engine.events.base import (
    Event,
)
from engine.events.calendar import (
    CalendarNoticeConfirmed,
    CalendarNoticeEntered,
    CalendarNoticeRejected,
    RecountFailed,
    RecountFinished,
    RecountHeld,
    RecountStarted,
)
from engine.events.cases import (
    ElementReached,
    InstanceMigrated,
    InstanceRebound,
    InstanceStarted,
    InstanceTriggered,
    InstanceVoided,
    MigrationConsented,
    MigrationLapsed,
    MigrationObjected,
    MigrationProposed,
    MigrationWithdrawn,
    PartiesSet,
    PartySucceeded,
    VariablesSet,
    VersionKept,
)
from engine.events.catalogue import (
    EntryDeletionAnnounced,
    EntryLeadMoved,
    EntryMoved,
    EntryPublished,
    EntryWithdrawn,
)
from engine.events.comments import (
    CommentAdded,
)
from engine.events.deadlines import (
    DeadlineAnswered,
    DeadlineEnded,
    DeadlineExpired,
    DeadlineExtended,
    DeadlineMigrated,
    DeadlineMoved,
    DeadlinePaused,
    DeadlineRecounted,
    DeadlineReopened,
    DeadlineResumed,
    DeadlineSet,
    DeadlineUndetermined,
    TimerArmed,
    TimerDisarmed,
    TimerFired,
    TimerPostponed,
    TimerRearmed,
)
from engine.events.definitions import (
    DefinitionDeployed,
    DefinitionResumed,
    DefinitionRetired,
    DefinitionSuspended,
    RoundsPassed,
    RoundStarted,
    StartFailed,
    StartTriggerSet,
)
from engine.events.incidents import (
    ErrorUncaught,
    IncidentCancelled,
    IncidentClosed,
    IncidentEnded,
    IncidentRaised,
    IncidentResolved,
    IncidentSkipped,
    IncidentTriedAgain,
    IncidentVariablesCorrected,
)
from engine.events.messages import (
    ActDone,
    CaseWithheld,
    MessageCaught,
    MessageDelivered,
    MessageLapsed,
    MessageReceived,
    MessageThrown,
    SignalThrown,
    SubscriptionChanged,
    SubscriptionClosed,
    SubscriptionOpened,
)
from engine.events.outcomes import (
    DecisionMade,
    DocumentIssued,
    GrantEndSet,
    GrantGivenBack,
    GrantMoved,
    GrantRecorded,
    GrantResumed,
    GrantSuperseded,
    GrantSuspended,
    InstanceEnded,
    NoticeSent,
    ResourceFlagged,
    ResourceUnflagged,
    ServiceCalled,
)
from engine.events.people import (
    AccessRefused,
    AreaRegistered,
    ClockAlarm,
    ClockConfirmed,
    DeputyAuthorised,
    OrganisationRegistered,
    OrganisationRenamed,
    OrganisationSucceeded,
    RoleGranted,
    RoleMoved,
    SuccessionFinished,
    UserMoved,
    UserRegistered,
    WebhookRegistered,
    WebhookRemoved,
)
from engine.events.seals import (
    DaySealed,
)
from engine.events.tasks import (
    UserTaskAssigned,
    UserTaskCancelled,
    UserTaskChanged,
    UserTaskCompleted,
    UserTaskMoved,
    UserTaskOpened,
)

__all__ = [
    "TYPES",
    "AccessRefused",
    "ActDone",
    "AreaRegistered",
    "CalendarNoticeConfirmed",
    "CalendarNoticeEntered",
    "CalendarNoticeRejected",
    "CaseWithheld",
    "ClockAlarm",
    "ClockConfirmed",
    "CommentAdded",
    "DaySealed",
    "DeadlineAnswered",
    "DeadlineEnded",
    "DeadlineExpired",
    "DeadlineExtended",
    "DeadlineMigrated",
    "DeadlineMoved",
    "DeadlinePaused",
    "DeadlineRecounted",
    "DeadlineReopened",
    "DeadlineResumed",
    "DeadlineSet",
    "DeadlineUndetermined",
    "DecisionMade",
    "DefinitionDeployed",
    "DefinitionResumed",
    "DefinitionRetired",
    "DefinitionSuspended",
    "DeputyAuthorised",
    "DocumentIssued",
    "ElementReached",
    "EntryDeletionAnnounced",
    "EntryLeadMoved",
    "EntryMoved",
    "EntryPublished",
    "EntryWithdrawn",
    "ErrorUncaught",
    "Event",
    "GrantEndSet",
    "GrantGivenBack",
    "GrantMoved",
    "GrantRecorded",
    "GrantResumed",
    "GrantSuperseded",
    "GrantSuspended",
    "IncidentCancelled",
    "IncidentClosed",
    "IncidentEnded",
    "IncidentRaised",
    "IncidentResolved",
    "IncidentSkipped",
    "IncidentTriedAgain",
    "IncidentVariablesCorrected",
    "InstanceEnded",
    "InstanceMigrated",
    "InstanceRebound",
    "InstanceStarted",
    "InstanceTriggered",
    "InstanceVoided",
    "MessageCaught",
    "MessageDelivered",
    "MessageLapsed",
    "MessageReceived",
    "MessageThrown",
    "MigrationConsented",
    "MigrationLapsed",
    "MigrationObjected",
    "MigrationProposed",
    "MigrationWithdrawn",
    "NoticeSent",
    "OrganisationRegistered",
    "OrganisationRenamed",
    "OrganisationSucceeded",
    "PartiesSet",
    "PartySucceeded",
    "RecountFailed",
    "RecountFinished",
    "RecountHeld",
    "RecountStarted",
    "ResourceFlagged",
    "ResourceUnflagged",
    "RoleGranted",
    "RoleMoved",
    "RoundStarted",
    "RoundsPassed",
    "ServiceCalled",
    "SignalThrown",
    "StartFailed",
    "StartTriggerSet",
    "SubscriptionChanged",
    "SubscriptionClosed",
    "SubscriptionOpened",
    "SuccessionFinished",
    "TimerArmed",
    "TimerDisarmed",
    "TimerFired",
    "TimerPostponed",
    "TimerRearmed",
    "UserMoved",
    "UserRegistered",
    "UserTaskAssigned",
    "UserTaskCancelled",
    "UserTaskChanged",
    "UserTaskCompleted",
    "UserTaskMoved",
    "UserTaskOpened",
    "VariablesSet",
    "VersionKept",
    "WebhookRegistered",
    "WebhookRemoved",
    "read",
]


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
