"""What notices are about, and how a person may be told of each kind beside the product itself.

In the product every notice stands, always: nobody can say that they were not told. Mail may be switched off for every
kind, limits that run out included: mail is a convenience, the inbox is where the law's work waits (R-T7 tells in the
product either way).
"""

from engine.errors import Message

KINDS = {
    "task": Message("新任务", "New tasks"),
    "reminder": Message("期限提醒", "Reminders of limits"),
    "overdue": Message("逾期", "Overdue"),
    "urge": Message("催办与督办", "Urging and supervision"),
    "talk": Message("沟通与协办", "Consultation and assistance"),
    "outcome": Message("办结与送达", "Outcomes and deliveries"),
    "platform": Message("平台通知", "Notices of the platform"),
}
MAIL = {
    "now": Message("即时发送", "At once"),
    "digest": Message("每日汇总", "In the daily digest"),
    "none": Message("不发送", "Never"),
}
DEFAULT = "now"
_DEFAULTS = {"task": "digest"}


def default_mail(kind: str) -> str:
    """Return how a person who has chosen nothing is told of a kind by mail."""
    return _DEFAULTS.get(kind, DEFAULT)


def kind_name(kind: str) -> str:
    """Return a kind's Chinese name; of one that is unknown, that of the platform's notices."""
    return KINDS.get(kind, KINDS["platform"]).zh
