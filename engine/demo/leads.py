"""Leads of Art. 18 in every state: running, overdue, opened, handed on, unfounded, about a managing department."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import END, Desk, Opening, Steps
from engine.storage.tables import organisation, user_task

PROCESS = "ln_art18_lead"
OPENED_FACTS = "2026年4月，该部门将依申请取得的社会救助信息提供给承担绩效测评的第三方公司，用于测评样本抽取。"
EVIDENCE = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def organisation_named(desk: Desk, name: str) -> int:
    """Return the key of an organisation of the demonstration."""
    with desk.engine.database.reading() as conn:
        return int(
            conn.execute(select(organisation.c.key).where(organisation.c.name == name).limit(1)).scalar_one()
        )


def open_lead(desk: Desk, org: int) -> int:
    """Begin a lead for a department and return its key."""
    command = c.StartInstance(actor=desk.actor(org, "handler"), process_id=PROCESS)
    return int(desk.engine.handle(command)["instance_key"])


def attached(desk: Desk, instance: int, element_id: str = "T18-01") -> list[dict[str, Any]]:
    """Store one file for the open task of a case and return what a form names it by."""
    with desk.engine.database.reading() as conn:
        task = conn.execute(
            select(user_task).where(
                user_task.c.instance_key == instance,
                user_task.c.element_id == element_id,
                user_task.c.state == "open",
            )
        ).one()
    files = (("情况说明.pdf", EVIDENCE),)
    command = c.StoreAttachments(
        actor=desk.actor(task.organisation_key, task.role), task_key=task.key, files=files
    )
    stored: list[dict[str, Any]] = desk.engine.handle(command)["attachments"]
    return stored


def lead(desk: Desk, instance: int, about: int | None, ground: list[str], **changes: Any) -> dict[str, Any]:
    """Return a filled-in F18-A about a department, or about somebody else."""
    values: dict[str, Any] = {
        "ground": ground,
        "who": "department" if about else "other",
        "facts": OPENED_FACTS,
        "attachments": attached(desk, instance),
        "anonymous": "yes",
    }
    values |= {"about_dept": str(about)} if about else {"about_other": "某数据技术有限公司"}
    return values | changes


def reported(desk: Desk, by: str, about: str | None, ground: list[str], **changes: Any) -> Opening:
    """A department hands in a lead."""
    instance = open_lead(desk, organisation_named(desk, by))
    yield timedelta(hours=1)
    target = organisation_named(desk, about) if about else None
    desk.do(instance, "T18-01", lead(desk, instance, target, ground, **changes))
    return instance


def opened(desk: Desk, n: int) -> Steps:
    """Data given to a third party: a case under Art. 20(4)."""
    instance = yield from reported(desk, "辽宁省民政厅", "辽宁省自然资源厅", ["18-5"])
    yield timedelta(days=2)
    desk.do(instance, "T18-02", {"outcome": "open_case", "facts": OPENED_FACTS})


def transferred(desk: Desk, n: int) -> Steps:
    """A company intruded: handed to the police."""
    facts = (
        "2026年4月18日夜间，共享平台接口日志显示该公司服务器以伪造证书连续尝试登录，读取法人信息三百余次。"
    )
    instance = yield from reported(desk, "辽宁省市场监督管理局", None, ["18-1"], facts=facts)
    yield timedelta(days=1)
    letter = {"authority": "police", "authority_name": "辽宁省公安厅网络安全保卫总队"}
    desk.do(instance, "T18-02", {"outcome": "transfer", "doc_no": "辽营商函〔2026〕18号", **letter})


def unfounded(desk: Desk, n: int) -> Steps:
    """Looked into, and nothing in it."""
    facts = "群众反映办理住房公积金提取时被要求另行提交婚姻登记证明，该信息可以从共享平台获取。"
    instance = yield from reported(
        desk, "沈阳市人力资源和社会保障局", "沈阳市住房公积金管理中心", ["18-6"], facts=facts
    )
    yield timedelta(days=3)
    reason = "经核实，当日共享平台接口停机维护，窗口系按照应急预案办理，事后已向群众说明。"
    desk.do(instance, "T18-02", {"outcome": "unfounded", "reason": reason})


def handed_over(desk: Desk, n: int) -> Steps:
    """About a department of a city: the province hands it to that level (R20-16)."""
    facts = "向共享平台归集的缴存数据自2026年2月起停止更新，多次电话联系未果，影响本部门核对工作。"
    instance = yield from reported(
        desk, "辽宁省民政厅", "沈阳市住房公积金管理中心", ["20-2"], facts=facts, urgent=True,
        urgent_reason="社会救助月度核对即将开始。",
    )  # fmt: skip
    yield timedelta(days=1)
    reason = "被反映部门属于沈阳市，应由沈阳市政务信息资源管理部门研判。"
    desk.do(instance, "T18-02", {"outcome": "hand_over", "reason": reason})
    yield timedelta(days=2)
    desk.do(instance, "T18-02", {"outcome": "open_case", "facts": facts})


def about_manager(desk: Desk, n: int) -> Steps:
    """About the province's managing department: the government deals with it (R20-15)."""
    facts = "2026年4月以来，共享平台运维人员账号由多人共用，未按照规定落实身份鉴别和权限管理措施。"
    instance = yield from reported(
        desk, "辽宁省人力资源和社会保障厅", "辽宁省营商环境建设局", ["20-5"], facts=facts
    )
    yield timedelta(days=4)
    instruction = "责成省营商环境建设局限期整改，并将整改情况报省政府办公厅。"
    desk.do(
        instance,
        "T18-03",
        {"received_no": "辽政办收〔2026〕218号", "handling": "order", "instruction": instruction},
    )


def overdue(desk: Desk, n: int) -> Steps:
    """Nobody decides: the head is told, the duty stays."""
    yield _until(desk, timedelta(days=12))
    facts = "2026年5月底以来，该部门提供的企业登记信息与其官方网站公示的内容多处不一致，已电话告知仍未更正。"
    yield from reported(desk, "辽宁省民政厅", "辽宁省市场监督管理局", ["20-3"], facts=facts)


def running(desk: Desk, n: int) -> Steps:
    """Just delivered, urgent, the reporter's name known to the managing department alone."""
    yield _until(desk, timedelta(days=2))
    facts = "有工作人员称，该部门近期以提升效率为由，将有条件共享的驾驶人信息导出后在业务群内转发。"
    yield from reported(
        desk, "沈阳市人力资源和社会保障局", "沈阳市住房公积金管理中心", ["18-5", "20-4"], facts=facts,
        urgent=True, urgent_reason="数据仍在继续扩散。", anonymous="no", reporter_name="赵示例",
        reporter_contact="024-22800000",
    )  # fmt: skip


def draft(desk: Desk, n: int) -> Steps:
    """Begun, not sent."""
    yield _until(desk, timedelta(days=1))
    open_lead(desk, organisation_named(desk, "辽宁省自然资源厅"))


def _until(desk: Desk, before_the_end: timedelta) -> timedelta:
    """Return the pause until so long before the curtain."""
    return max(END - before_the_end - desk.now, timedelta(0))


STORIES: tuple[Callable[[Desk, int], Steps], ...] = (
    opened,
    transferred,
    unfounded,
    handed_over,
    about_manager,
    overdue,
    running,
    draft,
)
