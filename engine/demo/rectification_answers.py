"""What the demonstration's officials write into the forms of a rectification (Art. 20)."""

from datetime import date, timedelta
from typing import Any

from engine.demo.cases import Upload
from engine.demo.leads import EVIDENCE as RECORD

MATTERS = (
    (
        "2",
        "未按更新周期向共享平台提供数据",
        "经核对归集情况，该单位目录所列每日更新的信息资源已连续多日未向共享平台提供数据，影响有关部门核验使用。",
        "恢复按日提供数据，补齐缺报批次",
        "共享平台连续五个工作日按日收到数据，缺报批次补齐",
    ),
    (
        "1",
        "未按规定更新政务信息资源目录",
        "有关规定修订后，该单位所编目录中三项信息资源的信息项、共享条件未作相应更新，与现行职责不一致。",
        "按现行规定更新所列三项目录条目",
        "目录条目经管理部门审核发布",
    ),
    (
        "3",
        "提供的数据与本部门掌握的信息不一致",
        "抽查核对发现，该单位向共享平台提供的数据与其业务系统所载信息不一致，部分记录未及时更新，无法用于核验。",
        "核对并更正不一致的记录，修正同步规则",
        "抽查一百条记录与业务系统一致",
    ),
    (
        "5",
        "未按照规定落实安全防护措施",
        "安全检查发现，该单位接入共享平台的前置系统未按规定留存访问日志，账号未实行最小授权。",
        "留存访问日志不少于六个月，清理多余账号",
        "检查日志留存配置和账号清单，均符合规定",
    ),
)


def lead(target: int, n: int, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-A that opens a case."""
    ground, _subject, facts, *_ = MATTERS[n % len(MATTERS)]
    values = {
        "source": "inspection",
        "target_dept": str(target),
        "ground": [ground],
        "facts": f"{facts}（检查记录第{n + 1}号）",
        "evidence": [Upload(f"日常监测记录第{n + 1}号.pdf", RECORD)],
        "decision": "open",
    }
    return {**values, **changes}


def notice(n: int, on: date, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-B; its limit is what the table proposes unless it is changed."""
    ground, subject, facts, requirement, standard = MATTERS[n % len(MATTERS)]
    values: dict[str, Any] = {
        "subject": subject,
        "ground": [ground],
        "facts": f"{facts}（检查记录第{n + 1}号）",
        "facts_on": (on - timedelta(days=10)).isoformat(),
        "article": ["10", "20"],
        "requirements": [
            {"no": "1", "requirement": requirement, "standard": standard},
            {"no": "2", "requirement": "查明原因，建立长效措施", "standard": "报送书面说明和责任人"},
        ],
        "limit_mode": "days",
        "limit_wd": 10,
        "report_form": "通过共享平台提交整改情况报告",
        "service": "platform",
        "contact_name": "联系人丙",
        "contact_phone": "024-86020200",
    }
    return {**values, **changes}


def report(requirements: list[dict[str, str]], on: date, done: bool = True, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-D."""
    rows = [
        {
            "no": row["no"],
            "requirement": row["requirement"],
            "measure": "已按要求组织整改，逐项落实到责任处室。",
            "status": "done" if done or n else "partly",
            "done_on": on.isoformat() if done or n else "",
            "evidence": "整改记录和截图，见附件说明。",
        }
        for n, row in enumerate(requirements)
    ]
    values: dict[str, Any] = {
        "items": rows,
        "cause": "系统升级后同步任务未恢复，值守人员未及时发现。",
        "prevention": "增加同步任务监测和按日核对，纳入值班交接内容。",
        "responsible": "信息中心负责人",
    }
    if not done:
        values["remaining"] = "第1项尚有部分批次未补齐，预计两个工作日内完成。"
    return {**values, **changes}


def check(requirements: list[dict[str, str]], passed: bool, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-E."""
    rows = [
        {
            "no": row["no"],
            "requirement": row["requirement"],
            "met": "yes" if passed or n else "no",
            "note": "经核对符合验收标准。" if passed or n else "仍有缺报批次未补齐。",
        }
        for n, row in enumerate(requirements)
    ]
    comment = (
        "经线上核对和抽查，各项要求均已达到。"
        if passed
        else "第1项要求尚未达到，缺报批次未补齐，请继续整改。"
    )
    values = {"method": "online", "items": rows, "result": "pass" if passed else "fail", "comment": comment}
    return {**values, **changes}


def report_up(state: str = "unreported", **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-F as the packet proposes it, checked."""
    values = {
        "case_summary": "该单位未在规定时限内完成整改，共享平台数据仍未恢复正常，影响有关部门办理业务。",
        "state": state,
        "efforts": "届满前共享平台两次发出期限提醒，管理部门电话督促一次。",
        "suggestion": "建议责成该单位限期完成整改，并将完成情况报告本级政府。",
    }
    return {**values, **changes}


def instruction(handling: str, new_limit: date | None = None, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-G."""
    values: dict[str, Any] = {
        "received_no": "辽政办收示例12号",
        "instruction": "请该单位高度重视，抓紧完成整改；管理部门跟踪核查。",
        "handling": handling,
    }
    if new_limit is not None:
        values["new_limit_date"] = new_limit.isoformat()
    if handling == "transfer":
        values["transfer_ref"] = "移送有权机关处理（示例〔2026〕3号）"
    return {**values, **changes}


def ruling(decision: str, requirements: list[dict[str, str]], **changes: Any) -> dict[str, Any]:
    """Return a filled-in F20-H."""
    values: dict[str, Any] = {"decision": decision, "comment": "经核对有关材料，对所提异议作出上述处理。"}
    if decision == "change":
        values |= {"requirements": requirements[:1], "limit_mode": "days", "limit_wd": 15}
    return {**values, **changes}
