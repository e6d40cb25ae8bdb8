"""Catalogue updates of Art. 8 in every state: in time and late, returned, countersigned, deleted, prompted."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import END, Desk, Opening, Steps
from engine.handlers.subform_items import ITEMS
from engine.periods import beijing_day
from engine.storage.tables import catalogue_deletion, catalogue_entry, grant, organisation

PROCESS = "ln_art08_catalogue_update"
LAW_CHANGE = "ln_art08_law_change"
CONTACT = {"contact_name": "目录联系人", "contact_phone": "024-86030100"}
BASES = (
    ("law", "辽宁省社会救助实施办法", "省政府令示例第{n}号"),
    ("function", "关于调整部门职责的通知", "辽编发〔2026〕示例{n}号"),
    ("law", "辽宁省大数据发展条例", "省人大常委会公告示例第{n}号"),
)


def owned(desk: Desk, n: int, sharing_type: str = "conditional", kind: str | None = None) -> tuple[int, int]:
    """Choose a department and one of its entries."""
    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(catalogue_entry)
            .outerjoin(catalogue_deletion, catalogue_deletion.c.entry_key == catalogue_entry.c.key)
            .where(catalogue_entry.c.sharing_type == sharing_type, catalogue_deletion.c.entry_key.is_(None))
            .order_by(catalogue_entry.c.key)
        ).all()
    rows = [row for row in rows if kind is None or row.metadata.get("catalogue_kind") == kind]
    entry = rows[(n * 5) % len(rows)]
    return entry.provider_key, entry.key


def entry_form(desk: Desk, org: int, entry: int | None, **changes: Any) -> dict[str, Any]:
    """Return F08-B as it opens, with changes; None stands for a new entry."""
    with desk.engine.database.reading() as conn:
        variables = {"reporting_dept": str(org)}
        filled = ITEMS["affected_entries"].filled(conn, variables, None if entry is None else str(entry))
    return {**filled, **changes}


def new_entry(desk: Desk, org: int, n: int, **changes: Any) -> dict[str, Any]:
    """Return F08-B of an entry that the catalogue does not have yet."""
    return entry_form(
        desk,
        org,
        None,
        class_code="201001",
        class_path="主题信息资源类/社会服务/监测预警",
        name=f"低收入人口动态监测信息（{n}）",
        abstract="低收入人口动态监测和分类预警的结果信息，由本部门在履行职责过程中采集。",
        catalogue_kind="部门",
        format_class="数据库",
        format_type="关系型数据库",
        items=[
            {"name": "姓名", "type": "字符型C", "length": "100"},
            {"name": "监测类别", "type": "字符型C", "length": "20"},
            {"name": "认定日期", "type": "日期型D"},
        ],
        sharing_type="conditional",
        sharing_conditions="用于救助帮扶业务办理，限本部门业务系统使用。",
        sharing_method=["api"],
        use_scope="全省政务部门",
        use_purpose="救助帮扶",
        open_flag="不开放",
        update_cycle="monthly",
        security_class="重要",
        **changes,
    )


def more_items(values: dict[str, Any], *names: str) -> list[dict[str, str]]:
    """Return the items of an entry with further ones."""
    return [*values["items"], *({"name": name, "type": "字符型C", "length": "100"} for name in names)]


def registration(n: int, changed_on: date, entries: list[int], **changes: Any) -> dict[str, Any]:
    """Return a filled-in F08-A."""
    kind, title, doc_no = BASES[n % len(BASES)]
    values = {
        "change_kind": kind,
        "doc_title": title,
        "doc_no": doc_no.format(n=n + 1),
        "change_date": changed_on.isoformat(),
        "entries": [str(entry) for entry in entries],
        "new_entry": not entries,
    }
    return {**values, **changes}


def register(
    desk: Desk,
    org: int,
    n: int,
    entries: list[int],
    ago: int = 3,
    changed_on: date | None = None,
    **more: Any,
) -> int:
    """Register a change so many days after it, and return the case."""
    command = c.StartInstance(actor=desk.actor(org, "handler"), process_id=PROCESS)
    instance = int(desk.engine.handle(command)["instance_key"])
    day = changed_on or beijing_day(desk.now) - timedelta(days=ago)
    desk.do(instance, "T08-0", registration(n, day, entries, **more))
    return instance


def hand_in(desk: Desk, instance: int, entries: list[dict[str, Any]], **changes: Any) -> None:
    """Complete F08-C."""
    desk.do(instance, "T08-1", {"conclusion": "update", "entries": entries, **CONTACT, **changes})


def submit(desk: Desk, instance: int, entries: list[dict[str, Any]], **changes: Any) -> None:
    """Fill in the entries and let the head agree: the update is submitted."""
    hand_in(desk, instance, entries, **changes)
    desk.do(instance, "T08-2", {"decision": "agree"})


def revise(desk: Desk, org: int, entry: int) -> dict[str, Any]:
    """Return an ordinary revision: another item and a changed abstract."""
    values = entry_form(desk, org, entry)
    return {
        **values,
        "items": more_items(values, "更新时间戳", "数据来源系统"),
        "abstract": f"{values['abstract']}按新修订的规定补充信息项。",
    }


def countersign_all(desk: Desk, instance: int) -> None:
    """Let every lead department agree."""
    for _ in desk.variables(instance)["comparison"]["leads"]:
        desk.do(instance, "T08-3", {"decision": "agree"})


# Stories


def _before_the_end(desk: Desk, days: int) -> timedelta:
    """Return the pause until so many days before the curtain: what is to be seen running begins late."""
    return max(END - timedelta(days=days) - desk.now, timedelta())


def _submitted(desk: Desk, n: int, ago: int = 3) -> Opening:
    org, entry = owned(desk, n)
    instance = register(desk, org, n, [entry], ago)
    yield timedelta(days=1)
    hand_in(desk, instance, [revise(desk, org, entry)])
    yield timedelta(hours=2)
    desk.do(instance, "T08-2", {"decision": "agree"})
    return instance


def updated(desk: Desk, n: int) -> Steps:
    """Updated in time: countersigned where there is a lead department, reviewed, published."""
    instance = yield from _submitted(desk, n)
    yield desk.working_days(1)
    countersign_all(desk, instance)
    yield desk.working_days(1)
    desk.do(instance, "T08-4", {"decision": "pass"})


def registered(desk: Desk, n: int) -> Steps:
    """Registered, the entries are being worked on."""
    yield _before_the_end(desk, 6)
    org, entry = owned(desk, n + 1)
    register(desk, org, n, [entry], ago=4)
    yield timedelta(days=400)


def begun(desk: Desk, n: int) -> Steps:
    """Opened, nothing registered yet."""
    yield _before_the_end(desk, 1)
    org, _ = owned(desk, n + 2)
    desk.engine.handle(c.StartInstance(actor=desk.actor(org, "handler"), process_id=PROCESS))
    yield timedelta(days=400)


def at_the_head(desk: Desk, n: int) -> Steps:
    """Waits for the head of the department."""
    yield _before_the_end(desk, 5)
    org, entry = owned(desk, n + 3)
    instance = register(desk, org, n, [entry], ago=6)
    yield timedelta(days=1)
    hand_in(desk, instance, [revise(desk, org, entry)])
    yield timedelta(days=400)


def countersigning(desk: Desk, n: int) -> Steps:
    """Waits for a lead department (Art. 9)."""
    yield _before_the_end(desk, 4)
    org, entry = owned(desk, n, kind="主题")
    instance = register(desk, org, n, [entry], ago=2)
    yield timedelta(days=1)
    values = revise(desk, org, entry)
    with desk.engine.database.reading() as conn:
        lead = conn.execute(
            select(organisation.c.key).where(organisation.c.managing, organisation.c.level == "province")
        ).scalar_one()
    submit(desk, instance, [{**values, "lead_dept": str(lead)}])
    yield timedelta(days=400)


def in_review(desk: Desk, n: int) -> Steps:
    """Waits for the managing department, a new entry among what was submitted."""
    yield _before_the_end(desk, 3)
    org, entry = owned(desk, n + 4)
    instance = register(desk, org, n, [entry], ago=5, new_entry=True)
    yield timedelta(days=1)
    submit(desk, instance, [revise(desk, org, entry), new_entry(desk, org, n)])
    countersign_all(desk, instance)
    yield timedelta(days=400)


def returned(desk: Desk, n: int) -> Steps:
    """Returned with reasons: the limit goes on from the same day (R08-4)."""
    yield _before_the_end(desk, 9)
    instance = yield from _submitted(desk, n + 5)
    countersign_all(desk, instance)
    yield desk.working_days(1)
    comment = "补充的信息项没有写明数据来源，摘要与信息项不一致，请修改后重新报送。"
    desk.do(instance, "T08-4", {"decision": "return", "comment": comment})
    yield timedelta(days=400)


def overdue(desk: Desk, n: int) -> Steps:
    """Nobody works on it: overdue, the managing department supervises."""
    yield _before_the_end(desk, 26)
    org, entry = owned(desk, n + 6)
    register(desk, org, n, [entry], ago=1)
    yield timedelta(days=400)


def transferred(desk: Desk, n: int) -> Steps:
    """Not updated although urged: handed over for rectification on ground (1) of Art. 20."""
    org, entry = owned(desk, n + 10)
    instance = register(desk, org, n, [entry], ago=2)
    yield desk.working_days(17)
    reason = "更新期限已经届满，经催办仍未更新目录，移送整改。"
    desk.do(instance, "T08-5", {"action": "open_case", "reason": reason})
    yield timedelta(days=400)


def late(desk: Desk, n: int) -> Steps:
    """Registered when the limit had run out: overdue from the start (R08-2), urged, done late."""
    org, entry = owned(desk, n + 7)
    instance = register(desk, org, n, [entry], ago=40)
    yield desk.working_days(1)
    urged = (beijing_day(desk.now) + timedelta(days=5)).isoformat()
    reason = "登记时更新期限已经届满，请尽快报送。"
    desk.do(instance, "T08-5", {"action": "urge", "reason": reason, "urge_until": urged})
    yield desk.working_days(1)
    submit(desk, instance, [revise(desk, org, entry)])
    yield desk.working_days(1)
    countersign_all(desk, instance)
    desk.do(instance, "T08-4", {"decision": "pass"})


def no_update(desk: Desk, n: int) -> Steps:
    """No update is needed, with reasons, and the managing department agrees."""
    org, entry = owned(desk, n + 8)
    instance = register(desk, org, n, [entry], ago=2)
    yield timedelta(days=1)
    reason = "本次修订不涉及本部门信息资源的采集范围、信息项和共享属性，目录无需更新。"
    desk.do(instance, "T08-1", {"conclusion": "no_update", "no_update_reason": reason, **CONTACT})
    desk.do(instance, "T08-2", {"decision": "agree"})
    yield desk.working_days(1)
    desk.do(instance, "T08-4", {"decision": "pass"})


def deleted(desk: Desk, n: int) -> Steps:
    """An entry on which grants live is deleted: it stays for thirty days more.

    On the last afternoon, since no other story may want it afterwards.
    """
    yield END - timedelta(days=1, hours=3) - desk.now
    with desk.engine.database.reading() as conn:
        living = conn.execute(
            select(grant.c.resource_key, grant.c.providing_key)
            .where(grant.c.ended_on.is_(None), grant.c.valid_until > beijing_day(END) + timedelta(days=60))
            .order_by(grant.c.key)
        ).first()
    if living is None:
        return
    instance = register(desk, living.providing_key, n, [living.resource_key], ago=2)
    reason = "有关业务已经取消，不再采集该项信息，原系统已下线。"
    submit(desk, instance, [{"entry": str(living.resource_key), "change": "delete", "reason": reason}])
    countersign_all(desk, instance)
    yield END - timedelta(hours=4) - desk.now
    desk.do(instance, "T08-4", {"decision": "pass"})


def prompted(desk: Desk, n: int) -> Steps:
    """The managing department registers a change of law for several departments; one of them answers."""
    yield _before_the_end(desk, 5)
    with desk.engine.database.reading() as conn:
        managing = conn.execute(
            select(organisation.c.key).where(organisation.c.managing, organisation.c.level == "province")
        ).scalar_one()
    actor = desk.actor(managing, "handler")
    instance = int(desk.engine.handle(c.StartInstance(actor=actor, process_id=LAW_CHANGE))["instance_key"])
    departments = list(dict.fromkeys(owned(desk, k)[0] for k in range(4)))
    values = {
        "doc_title": "辽宁省数据条例",
        "doc_no": "省人大常委会公告示例第9号",
        "change_date": (beijing_day(desk.now) - timedelta(days=2)).isoformat(),
        "departments": [str(key) for key in departments],
    }
    desk.do(instance, "T08-L", values)
    begun = yield from desk.follow(instance, PROCESS)
    yield timedelta(days=1)
    org = int(desk.variables(begun)["reporting_dept"])
    submit(desk, begun, [new_entry(desk, org, n)])
    yield timedelta(days=400)


STORIES: tuple[Callable[[Desk, int], Steps], ...] = (
    updated,
    prompted,
    registered,
    returned,
    late,
    no_update,
    in_review,
    countersigning,
    overdue,
    transferred,
    deleted,
    at_the_head,
    begun,
)
