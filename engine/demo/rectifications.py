"""Rectifications (Art. 20) in every state, made by driving the engine on its rehearsal clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo import rectification_answers as answers
from engine.demo.cases import END, Desk, Opening, Steps
from engine.periods import beijing_day
from engine.storage.tables import organisation, user_task

PROCESS = "ln_art20_rectification"


def peers(desk: Desk, level: str = "province", kind: str = "government") -> tuple[int, list[int]]:
    """Return the managing department of a level, and whom it may notify."""
    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(organisation)
            .where(organisation.c.level == level, organisation.c.successor_key.is_(None))
            .order_by(organisation.c.key)
        ).all()
    managing = next(row for row in rows if row.managing)
    of = [r.key for r in rows if not r.managing and r.area == managing.area and r.kind == kind]
    return managing.key, of


def found(desk: Desk, managing: int) -> int:
    """Begin a case as the managing department's handler (S20-b)."""
    actor = desk.actor(managing, "handler")
    return int(desk.engine.handle(c.StartInstance(actor=actor, process_id=PROCESS))["instance_key"])


def opened(desk: Desk, n: int, **changes: Any) -> Opening:
    """Up to the decision to open a case."""
    managing, targets = peers(desk)
    instance = found(desk, managing)
    yield timedelta(hours=2)
    desk.do(instance, "T20-01", answers.lead(targets[n % len(targets)], n, **changes))
    return instance


def served(desk: Desk, n: int, **changes: Any) -> Opening:
    """Up to the delivery of the notice (M20-1)."""
    instance = yield from opened(desk, n)
    yield timedelta(hours=20)
    desk.do(instance, "T20-02", answers.notice(n, beijing_day(desk.now), **changes))
    yield timedelta(hours=4)
    desk.do(instance, "T20-03", {"decision": "sign"})
    return instance


def reported(desk: Desk, instance: int, done: bool = True) -> Steps:
    """The target reports, and its head signs (M20-2)."""
    requirements = desk.variables(instance)["requirements"]
    desk.do(instance, "T20-07", answers.report(requirements, beijing_day(desk.now), done))
    yield timedelta(hours=3)
    desk.do(instance, "T20-08", {"decision": "sign"})


def checked(desk: Desk, instance: int, passed: bool) -> None:
    """The managing department checks."""
    desk.do(instance, "T20-09", answers.check(desk.variables(instance)["requirements"], passed))


def reported_up(desk: Desk, instance: int) -> Steps:
    """The report up is drafted and signed (M20-3)."""
    failed = desk.variables(instance).get("failed_on") is not None
    desk.do(instance, "T20-11", answers.report_up("failed" if failed else "unreported"))
    yield timedelta(hours=5)
    desk.do(instance, "T20-12", {"decision": "sign"})


def until_expiry(desk: Desk, instance: int) -> Steps:
    """Let time pass until the report up has opened by itself (R20-09)."""
    yield timedelta(days=7)
    for _ in range(20):
        if waits(desk, instance, "T20-11"):
            return
        yield timedelta(days=1)


def act(desk: Desk, instance: int, element_id: str, role: str, values: dict[str, Any]) -> None:
    """Do an act on the case as the managing department, or as the target for `target.…`."""
    party, _, own = role.partition(".")
    org = int(desk.variables(instance)["target_dept" if party == "target" else "managing_dept"])
    desk.engine.handle(
        c.SendMessage(actor=desk.actor(org, own), instance_key=instance, element_id=element_id, values=values)
    )


def waits(desk: Desk, instance: int, element_id: str) -> bool:
    """Say whether a task of the element is open."""
    with desk.engine.database.reading() as conn:
        query = select(user_task.c.key).where(
            user_task.c.instance_key == instance,
            user_task.c.element_id == element_id,
            user_task.c.state == "open",
        )
        return conn.execute(query).first() is not None


def lately(desk: Desk, days: int) -> Steps:
    """Wait until so many days before the curtain, so that the story is still under way then."""
    yield max(END - timedelta(days=days) - desk.now, timedelta(0))


def verifying(desk: Desk, n: int) -> Steps:
    """A finding that is still being looked into."""
    yield from lately(desk, 2)
    managing, _ = peers(desk)
    found(desk, managing)
    yield timedelta(days=400)


def declined(desk: Desk, n: int) -> Steps:
    """Looked into, and no case opened (E20-N)."""
    reason = "经核实，该单位已在发现前恢复提供数据，不构成第二十条所列情形。"
    yield from opened(desk, n, decision="decline", reason=reason)


def drafting(desk: Desk, n: int) -> Steps:
    """Opened; the notice is being drafted."""
    yield from lately(desk, 2)
    yield from opened(desk, n)
    yield timedelta(days=400)


def signing(desk: Desk, n: int) -> Steps:
    """Drafted; the head has not signed."""
    yield from lately(desk, 3)
    instance = yield from opened(desk, n)
    yield timedelta(hours=20)
    desk.do(instance, "T20-02", answers.notice(n, beijing_day(desk.now)))
    yield timedelta(days=400)


def rectifying(desk: Desk, n: int) -> Steps:
    """Delivered and acknowledged; the limit runs."""
    yield from lately(desk, 6)
    instance = yield from served(desk, n)
    yield timedelta(hours=5)
    desk.do(instance, "T20-04", {})
    yield timedelta(days=400)


def objected(desk: Desk, n: int) -> Steps:
    """The target objects; the head has not ruled, the limit runs on (R20-13)."""
    yield from lately(desk, 5)
    instance = yield from served(desk, n)
    yield timedelta(hours=6)
    points = "通知书所列缺报批次中，有两批系共享平台接收异常，已另行说明。"
    desk.do(instance, "T20-05", {"points": points})
    yield timedelta(days=400)


def changed(desk: Desk, n: int) -> Steps:
    """The objection is upheld in part: a changed notice with a new date, the old one kept."""
    yield from lately(desk, 9)
    instance = yield from served(desk, n)
    yield timedelta(hours=6)
    desk.do(instance, "T20-05", {"points": "第2项要求与已开展的专项整改重复，请予合并。"})
    yield timedelta(hours=20)
    desk.do(instance, "T20-06", answers.ruling("change", desk.variables(instance)["requirements"]))
    yield timedelta(days=400)


def checking(desk: Desk, n: int) -> Steps:
    """Reported in time; the check is under way."""
    yield from lately(desk, 8)
    instance = yield from served(desk, n)
    yield timedelta(hours=4)
    desk.do(instance, "T20-04", {})
    yield timedelta(days=3)
    yield from reported(desk, instance)
    yield timedelta(days=400)


def rectified(desk: Desk, n: int) -> Steps:
    """Reported in time, sent back once, passed, closed out (E20-1)."""
    instance = yield from served(desk, n)
    yield timedelta(hours=4)
    desk.do(instance, "T20-04", {})
    yield timedelta(days=2)
    yield from reported(desk, instance, done=False)
    yield timedelta(days=1)
    checked(desk, instance, passed=False)
    yield timedelta(days=2)
    yield from reported(desk, instance)
    yield timedelta(days=1)
    checked(desk, instance, passed=True)
    yield timedelta(hours=3)
    desk.do(instance, "T20-10", {"opinion": "同意销号。"})


def silent(desk: Desk, n: int) -> Steps:
    """No report at expiry: the report up opens by itself and waits (R20-09)."""
    yield from lately(desk, 9)
    yield from served(desk, n, limit_wd=3)
    yield timedelta(days=400)


def up(desk: Desk, n: int) -> Steps:
    """Reported up; the government has not answered."""
    yield from lately(desk, 13)
    instance = yield from served(desk, n, limit_wd=3)
    yield from until_expiry(desk, instance)
    yield from reported_up(desk, instance)
    yield timedelta(days=400)


def second_round(desk: Desk, n: int) -> Steps:
    """The government sets a new date; the second round runs."""
    yield from lately(desk, 17)
    instance = yield from served(desk, n, limit_wd=3)
    yield from until_expiry(desk, instance)
    yield from reported_up(desk, instance)
    yield timedelta(days=2)
    calendar = beijing_day(desk.now) + timedelta(days=14)
    while calendar.weekday() > 3 or calendar.isoformat() == "2026-06-19":
        calendar += timedelta(days=1)
    desk.do(instance, "T20-13", answers.instruction("rectify_by", calendar))
    yield timedelta(days=400)


def cured_late(desk: Desk, n: int) -> Steps:
    """A late report passes while the report up is drafted; it is sent all the same (R20-11)."""
    instance = yield from served(desk, n, limit_wd=3)
    yield from until_expiry(desk, instance)
    yield from reported(desk, instance)
    yield timedelta(hours=18)
    checked(desk, instance, passed=True)
    yield timedelta(hours=2)
    desk.do(instance, "T20-10", {})
    yield from reported_up(desk, instance)
    yield timedelta(days=2)
    desk.do(instance, "T20-13", answers.instruction("criticise"))


def instructed(desk: Desk, n: int) -> Steps:
    """Reported up; the government decides, and the case ends (E20-3)."""
    instance = yield from served(desk, n, limit_wd=3)
    yield from until_expiry(desk, instance)
    yield from reported_up(desk, instance)
    yield timedelta(days=3)
    desk.do(instance, "T20-13", answers.instruction("transfer"))


def annulled(desk: Desk, n: int) -> Steps:
    """The notice went to the wrong department and is annulled (E20-V)."""
    instance = yield from served(desk, n)
    yield timedelta(days=1)
    reason = "经核对，所涉信息资源已划转其他部门提供，通知对象有误，另行立案。"
    act(desk, instance, "ES20-V", "mgr.head", {"reason": reason})


STORIES: tuple[Callable[[Desk, int], Steps], ...] = (
    verifying,
    declined,
    drafting,
    signing,
    rectifying,
    objected,
    changed,
    checking,
    rectified,
    silent,
    up,
    second_round,
    cured_late,
    instructed,
    annulled,
)
