"""The kinds of acts an auditor searches for; events that only carry out what another one says are of none."""

from dataclasses import dataclass
from zlib import crc32

from engine.people import ROLES
from engine.speech import Bilingual


@dataclass(frozen=True)
class Kind:
    """A kind of act.

    Attributes:
        number: What rows hold; it never changes.
        of_case: Whether its events stand in the streams of cases.
        types: Names of the events.
    """

    number: int
    code: str
    name: Bilingual
    types: tuple[str, ...]
    of_case: bool = True


KINDS: tuple[Kind, ...] = (
    Kind(1, "begin", Bilingual("发起", "Start"), ("InstanceStarted", "InstanceTriggered")),
    Kind(2, "work", Bilingual("办理", "Work"), ("UserTaskCompleted", "TaskHandedIn", "ActDone")),
    Kind(
        3,
        "assign",
        Bilingual("认领分派", "Assignment"),
        ("UserTaskAssigned", "UserTaskMoved", "InstanceHandedOn", "TaskPartHandedOn", "TaskPartAskerMoved"),
    ),
    Kind(4, "deliver", Bilingual("送达", "Delivery"), ("MessageDelivered",)),
    Kind(5, "document", Bilingual("文书印发", "Documents"), ("DocumentIssued",)),
    Kind(
        6,
        "limit",
        Bilingual("期限起算", "Limits set"),
        ("DeadlineSet", "DeadlineAnswered", "DeadlineReopened", "DeadlineRecounted", "DeadlineMigrated"),
    ),
    Kind(7, "extend", Bilingual("期限延长", "Extensions"), ("DeadlineExtended",)),
    Kind(8, "pause", Bilingual("期限中止恢复", "Pauses"), ("DeadlinePaused", "DeadlineResumed")),
    Kind(9, "expire", Bilingual("期限届满", "Expiry"), ("DeadlineExpired", "DeadlineUndetermined")),
    Kind(10, "meet", Bilingual("期限办结", "Limits ended"), ("DeadlineEnded",)),
    Kind(
        11,
        "part",
        Bilingual("委派协办加签", "Parts"),
        ("TaskPartAsked", "TaskPartAnswered", "TaskPartWithdrawn"),
    ),
    Kind(12, "talk", Bilingual("沟通抄送", "Talk"), ("CommentAdded", "CaseCopied", "CopyRead")),
    Kind(
        13,
        "urge",
        Bilingual("催办督办", "Supervision"),
        ("TaskUrged", "SupervisionBegun", "SupervisionEnded"),
    ),
    Kind(14, "return", Bilingual("退回重办", "Returns"), ("TaskReturned", "TaskOpenedAnew")),
    Kind(15, "recall", Bilingual("取回", "Recalls"), ("TaskRecalled",)),
    Kind(16, "jump", Bilingual("管理员跳转", "Jumps"), ("TaskJumped",)),
    Kind(
        17,
        "migrate",
        Bilingual("版本迁移", "Migration"),
        (
            "InstanceRebound",
            "VersionKept",
            "MigrationProposed",
            "MigrationConsented",
            "MigrationObjected",
            "MigrationWithdrawn",
            "MigrationLapsed",
            "InstanceMigrated",
        ),
    ),
    Kind(
        18,
        "incident",
        Bilingual("异常处置", "Incidents"),
        (
            "ErrorUncaught",
            "IncidentRaised",
            "IncidentTriedAgain",
            "IncidentVariablesCorrected",
            "IncidentResolved",
            "IncidentSkipped",
            "IncidentCancelled",
            "IncidentClosed",
        ),
    ),
    Kind(19, "annul", Bilingual("撤销作废", "Annulment"), ("CaseAnnulled", "InstanceVoided")),
    Kind(20, "end", Bilingual("办结", "End"), ("InstanceEnded",)),
    Kind(
        21,
        "grant",
        Bilingual("共享授权", "Grants"),
        (
            "GrantRecorded",
            "GrantMoved",
            "GrantSuperseded",
            "GrantEndSet",
            "GrantSuspended",
            "GrantResumed",
            "GrantGivenBack",
        ),
    ),
    Kind(22, "flag", Bilingual("校核标注", "Verification marks"), ("ResourceFlagged", "ResourceUnflagged")),
    Kind(23, "party", Bilingual("当事部门变更", "Parties"), ("PartySucceeded", "CaseWithheld")),
    Kind(
        24,
        "export",
        Bilingual("数据导出", "Exports"),
        ("UnmaskedExportIssued",),
        False,
    ),
    Kind(25, "refused", Bilingual("越权被拒", "Refused attempts"), ("AccessRefused",), False),
    Kind(26, "mandate", Bilingual("委托授权", "Mandates"), ("DeputyAuthorised", "DeputyEnded"), False),
    Kind(
        27,
        "removal",
        Bilingual("删除移除", "Removals"),
        (
            "RobotRemoved",
            "WebhookRemoved",
            "ModelDiscarded",
            "EntryWithdrawn",
            "EntryDeletionAnnounced",
            "CheckRetired",
        ),
        False,
    ),
    Kind(
        28,
        "leave",
        Bilingual("离职转办", "Departures"),
        ("LeavingBegun", "HoldingHandedOn", "UserLeft"),
        False,
    ),
    Kind(
        29,
        "calendar",
        Bilingual("日历与时钟", "Calendar and clock"),
        (
            "CalendarNoticeEntered",
            "CalendarNoticeConfirmed",
            "CalendarNoticeRejected",
            "ClockAlarm",
            "ClockConfirmed",
        ),
        False,
    ),
    Kind(
        30,
        "version",
        Bilingual("流程版本", "Versions"),
        (
            "DefinitionDeployed",
            "DefinitionSuspended",
            "DefinitionResumed",
            "DefinitionRetired",
            "ModelPublished",
            "PublicationRequested",
            "PublicationReturned",
        ),
        False,
    ),
    Kind(
        31,
        "finding",
        Bilingual("疑点处置", "Findings"),
        ("FindingExplained", "FindingClosed", "FindingReopened", "CheckSaved"),
        False,
    ),
)
BY_CODE = {kind.code: kind for kind in KINDS}
BY_NUMBER = {kind.number: kind for kind in KINDS}
BY_TYPE = {name: kind for kind in KINDS for name in kind.types}
ROLE_BITS = {role: 1 << n for n, role in enumerate(ROLES)}


def short(text: str) -> int:
    """Return the number that stands for a process or element id in the index: two that share one are both found."""
    return crc32(text.encode())


def roles_mask(roles: str) -> int:
    """Return the bits of roles that an author's record names, parted by commas."""
    return sum(ROLE_BITS.get(role, 0) for role in set(roles.split(",")))
