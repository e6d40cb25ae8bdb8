"""Verifications in every state that Art. 13 reaches, made by driving the engine on its rehearsal clock."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, Opening, Steps
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, organisation, user_role, user_task

PROCESS = "ln_art13_verification"
_CLAIMS = (
    ("登记状态仍为“正常”，企业已于上月办理注销。", "正常", "注销"),
    ("负责人姓名与现场出示的登记证书记载不一致。", "登记表所载负责人", "证书所载负责人"),
    ("住所地址缺少门牌号，无法据以送达。", "住所缺门牌号", "住所含门牌号"),
)


def window_pair(desk: Desk, n: int) -> tuple[int, int]:
    """Choose a department with a window, and an unconditional entry of another department."""
    with desk.engine.database.reading() as conn:
        orgs = conn.execute(
            select(organisation.c.key)
            .join(user_role, user_role.c.organisation_key == organisation.c.key)
            .where(user_role.c.role == "window")
            .distinct()
            .order_by(organisation.c.key)
        ).scalars()
        using = list(orgs)
        org = using[n % len(using)]
        entries = conn.execute(
            select(catalogue_entry.c.key)
            .where(catalogue_entry.c.sharing_type == "unconditional", catalogue_entry.c.provider_key != org)
            .order_by(catalogue_entry.c.key)
        ).scalars()
        keys = list(entries)
    return org, keys[n % len(keys)]


def begin(desk: Desk, using: int, entry: int, window: bool = False) -> int:
    """Open a report and return its key."""
    command = c.StartInstance(
        actor=desk.actor(using, "window" if window else "handler"),
        process_id=PROCESS,
        resource_key=entry,
        start="S13-w" if window else "S13-a",
    )
    return int(desk.engine.handle(command)["instance_key"])


def records(n: int, count: int = 2) -> list[dict[str, str]]:
    """Return rows for the table of records; the numbers of persons are made up."""
    return [
        {
            "record": f"DJ-2026-{n:03d}-{row + 1:02d}",
            "id_no": f"2101021990010{row % 10}123{n % 10}",
            "value": _CLAIMS[n % len(_CLAIMS)][1],
            "note": "",
        }
        for row in range(count)
    ]


def report(resource: dict[str, Any], on: date, n: int, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F13-A for a resource."""
    description, present, right = _CLAIMS[n % len(_CLAIMS)]
    values: dict[str, Any] = {
        "title": f"【{resource['name']}】校核申请",
        "issue_kind": "error",
        "issue_type": "content",
        "item_name": resource["items"][:1],
        "record_keys": records(n),
        "current_value": present,
        "believed_value": right,
        "evidence_basis": "办理业务时核对的登记证书原件及登记机关出具的证明。",
        "description": f"窗口办理业务时发现：{description}",
        "found_at": on.isoformat(),
        "business_pending": False,
        "contact_name": "联系人丁",
        "contact_phone": "024-86010200",
    }
    if changes.get("business_pending"):
        values |= {
            "business_no": f"BJ2026{n:06d}",
            "business_name": "社会组织变更登记核验",
            "party_kind": "legal_person",
            "evidence_given": True,
        }
    return {**values, **changes}


def verification(result: str = "correct", **changes: Any) -> dict[str, Any]:
    """Return a filled-in F13-C."""
    values: dict[str, Any] = {
        "result": result,
        "explanation": "经逐条核对原始登记档案，情况如本单所列，有关档案已留存备查。",
        "source_checked": "登记档案原件和业务系统办理日志",
        "other_affected": "no",
    }
    if result == "corrected":
        values |= {"corrected_value": "已按登记档案更正", "cause": "not_updated"}
    if result == "to_correct":
        values |= {"cause": "entry"}
    return {**values, **changes}


EXTENSION = {
    "days": 5,
    "reason": "原始档案存放于异地档案库，需调阅纸质档案核对。",
    "measures": "已发函调阅档案，收到后即行核对。",
}


def deliver(
    desk: Desk, n: int, pair: Callable[[Desk, int], tuple[int, int]] = window_pair, **changes: Any
) -> Opening:
    """A report that has reached the provider."""
    using, entry = pair(desk, n)
    key = begin(desk, using, entry)
    yield timedelta(hours=1)
    fill(desk, key, n, **changes)
    return key


def fill(desk: Desk, key: int, n: int, element: str = "T13-01", **changes: Any) -> None:
    """Hand in the report."""
    resource = desk.variables(key)["resource"]
    desk.do(key, element, report(resource, beijing_day(desk.now), n, **changes))


def accept(desk: Desk, key: int) -> None:
    """The provider takes the report."""
    desk.do(key, "T13-02", {"accept_result": "accept"})


def verify(desk: Desk, key: int, result: str = "correct", **changes: Any) -> None:
    """The provider verifies, and its head signs."""
    if result == "to_correct":
        changes = {"correction_due": beijing_day(desk.now).isoformat(), **changes}
    desk.do(key, "T13-03", verification(result, **changes))
    desk.do(key, "T13-05", {"decision": "sign"})


def act(
    desk: Desk, key: int, element: str, values: dict[str, Any] | None = None, role: str = "handler"
) -> None:
    """Do an act on the running case, as somebody of the department whose act it is."""
    variables = desk.variables(key)
    party = "providing_dept" if element == "ES13-X" else "using_dept"
    actor = desk.actor(int(variables[party]), role)
    desk.engine.handle(c.SendMessage(actor=actor, instance_key=key, element_id=element, values=values or {}))


def ask(desk: Desk, key: int, days: int = 5) -> None:
    """The provider's handler asks for an extension."""
    act(desk, key, "ES13-X")
    desk.do(key, "T13-E1", {**EXTENSION, "days": days})


def correct(desk: Desk, key: int) -> None:
    """The provider corrects, and names somebody else who checked it."""
    provider = int(desk.variables(key)["providing_dept"])
    head = desk.actor(provider, "head", other_than=desk.actor(provider, "handler").user_key)
    desk.do(key, "T13-06", {"what": "已按登记档案更正所涉记录。", "verified_by": str(head.user_key)})


def draft(desk: Desk, n: int) -> Steps:
    """Begun, not sent."""
    using, entry = window_pair(desk, n)
    begin(desk, using, entry)
    yield timedelta(days=400)


def running(desk: Desk, n: int) -> Steps:
    """Received and accepted, being verified; a citizen's business goes on beside."""
    key = yield from deliver(desk, n, business_pending=True)
    yield timedelta(days=1)
    accept(desk, key)
    yield timedelta(days=400)


def verified(desk: Desk, n: int) -> Steps:
    """No error found, explained and accepted."""
    key = yield from deliver(desk, n)
    yield timedelta(days=1)
    accept(desk, key)
    yield timedelta(days=1)
    verify(desk, key)
    yield timedelta(days=1)
    desk.do(key, "T13-07", {"accept": "yes"})


def mismatch(desk: Desk, n: int) -> Steps:
    """The window finds a mismatch; the business is handled meanwhile; extended, corrected, all users told."""
    using, entry = window_pair(desk, n)
    key = begin(desk, using, entry, window=True)
    yield timedelta(hours=1)
    fill(desk, key, n, "T13-01W", issue_type="certificate", business_pending=True)
    yield timedelta(hours=2)
    outcome = {
        "handled": "handled",
        "handled_at": beijing_day(desk.now).isoformat(),
        "outcome": "已依据办事人提交的证书原件办结。",
    }
    desk.do(key, "T13-B1", outcome)
    yield timedelta(days=1)
    accept(desk, key)
    ask(desk, key, 5)
    yield timedelta(hours=4)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 5})
    yield timedelta(days=9)
    verify(desk, key, "to_correct")
    yield timedelta(days=1)
    correct(desk, key)
    yield timedelta(days=1)
    desk.do(key, "T13-07", {"accept": "yes"})


def silent(desk: Desk, n: int) -> Steps:
    """The provider does nothing: overdue, supervised, handed over for rectification (ground 3)."""
    key = yield from deliver(desk, n)
    yield timedelta(days=12)
    reason = "提供部门收到后未予校核，经催办仍未反馈。"
    desk.do(key, "T13-08", {"action": "open_case", "reason": reason})
    yield timedelta(days=400)


def late(desk: Desk, n: int) -> Steps:
    """Verified after the limit: closed late."""
    key = yield from deliver(desk, n)
    yield timedelta(days=12)
    accept(desk, key)
    desk.do(key, "T13-08", {"action": "justified", "reason": "档案库搬迁期间无法调阅，情况属实。"})
    yield timedelta(days=1)
    verify(desk, key, "corrected")
    yield timedelta(days=1)
    desk.do(key, "T13-07", {"accept": "yes"})


def asked(desk: Desk, n: int) -> Steps:
    """An extension is asked for and waits for the head."""
    key = yield from deliver(desk, n)
    yield timedelta(hours=20)
    accept(desk, key)
    ask(desk, key, 3)
    yield timedelta(days=400)


def correcting(desk: Desk, n: int) -> Steps:
    """Found wrong; the correction is not made in time."""
    key = yield from deliver(desk, n)
    yield timedelta(days=1)
    accept(desk, key)
    yield timedelta(hours=4)
    verify(desk, key, "to_correct")
    yield timedelta(days=400)


def disputed(desk: Desk, n: int) -> Steps:
    """Not accepted, verified again, not accepted again: a dispute."""
    key = yield from deliver(desk, n)
    for _ in range(2):
        yield timedelta(days=1)
        if "T13-02" in _open(desk, key):
            accept(desk, key)
        yield timedelta(days=1)
        verify(desk, key)
        yield timedelta(days=1)
        comment = "校核所依据的档案与现场证书原件不符，请核对原件。"
        desk.do(key, "T13-07", {"accept": "no", "comment": comment})


def merged(desk: Desk, n: int) -> Steps:
    """Two departments report the same records; the later is merged, and told the result of the first."""
    first = yield from deliver(desk, n)
    entry, items = int(desk.variables(first)["resource"]["key"]), records(n)
    yield timedelta(hours=3)
    accept(desk, first)
    other = next(org for org in _windows(desk) if str(org) not in _parties(desk, first))
    second = begin(desk, other, entry)
    yield timedelta(hours=1)
    fill(desk, second, n, record_keys=items)
    yield timedelta(hours=3)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    yield timedelta(days=2)
    verify(desk, first, "corrected")


def transferred(desk: Desk, n: int) -> Steps:
    """Not the provider's data: handed to the department that holds it, with a full new limit."""
    key = yield from deliver(desk, n)
    yield timedelta(days=1)
    reason = "该数据由其他部门依职责采集管理，本部门不掌握原始记录。"
    desk.do(key, "T13-02", {"accept_result": "not_ours", "reason": reason})
    yield timedelta(days=1)
    parties = _parties(desk, key)
    other = next(org for org in _departments(desk) if str(org) not in parties)
    desk.do(
        key,
        "T13-04",
        {"assign_result": "new", "assign_to": str(other), "reason": "经核对职责分工，该数据由该部门掌握。"},
    )
    yield timedelta(days=400)


def nobody(desk: Desk, n: int) -> Steps:
    """Nobody holds the data."""
    key = yield from deliver(desk, n)
    yield timedelta(days=1)
    reason = "该数据由其他部门依职责采集管理，本部门不掌握原始记录。"
    desk.do(key, "T13-02", {"accept_result": "not_ours", "reason": reason})
    yield timedelta(days=1)
    desk.do(key, "T13-04", {"assign_result": "nobody", "reason": "经核实，尚无政务部门采集掌握该数据。"})


def withdrawn(desk: Desk, n: int) -> Steps:
    """Taken back while a citizen's business is open: that goes on."""
    key = yield from deliver(desk, n, business_pending=True)
    yield timedelta(days=1)
    act(desk, key, "ES13-W", {"reason": "经再次核对，系窗口录入笔误，数据无误。"})
    yield timedelta(days=400)


STORIES: Sequence[Callable[[Desk, int], Steps]] = (
    verified,
    mismatch,
    silent,
    running,
    late,
    asked,
    merged,
    correcting,
    disputed,
    transferred,
    withdrawn,
    nobody,
    draft,
)


def _open(desk: Desk, key: int) -> set[str]:
    with desk.engine.database.reading() as conn:
        of = user_task.c
        query = select(of.element_id).where(of.instance_key == key, of.state == "open")
        return set(conn.execute(query).scalars())


def _windows(desk: Desk) -> list[int]:
    return [window_pair(desk, n)[0] for n in range(3)]


def _departments(desk: Desk) -> list[int]:
    with desk.engine.database.reading() as conn:
        query = (
            select(organisation.c.key)
            .join(user_role, user_role.c.organisation_key == organisation.c.key)
            .where(user_role.c.role == "head", ~organisation.c.managing)
            .distinct()
            .order_by(organisation.c.key)
        )
        return list(conn.execute(query).scalars())


def _parties(desk: Desk, key: int) -> set[str]:
    variables = desk.variables(key)
    return {str(variables[name]) for name in ("using_dept", "providing_dept", "managing_dept")}
