"""What the demonstration's officials write into the forms."""

from datetime import date, timedelta
from typing import Any

PURPOSES = (
    (
        "社会救助家庭经济状况核对",
        "《社会救助暂行办法》第四十五条",
        "受理最低生活保障申请时核对申请人家庭经济状况",
    ),
    ("公租房承租资格审核", "《公共租赁住房管理办法》第八条", "受理公共租赁住房申请时核验申请人资格条件"),
    (
        "企业开办联办事项身份核验",
        "《优化营商环境条例》第十九条",
        "企业开办一网通办时核验经办人和法定代表人身份",
    ),
    ("待遇领取资格认证", "《中华人民共和国社会保险法》第七十四条", "按月核对待遇领取人员的资格状态"),
    ("义务教育入学资格联审", "《中华人民共和国义务教育法》第十二条", "秋季入学报名时核验户籍和居住情况"),
    ("行政执法当事人信息核查", "《中华人民共和国行政处罚法》第五十四条", "立案调查阶段核查当事人主体信息"),
)


def application(resource: dict[str, Any], on: date, n: int, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F12-A for a resource."""
    purpose, basis, scenario = PURPOSES[n % len(PURPOSES)]
    method = resource["sharing_method"][0]
    items = resource["items"]
    values: dict[str, Any] = {
        "title": f"申请共享{resource['name']}用于{purpose}",
        "data_items": items[: max(1, len(items) - 1 - n % 2)],
        "purpose": f"用于{purpose}。由业务系统在办理环节逐件核验，减少群众重复提交证明材料，核验结果仅作为本部门办理该事项的依据。",
        "purpose_kind": ("administrative", "verification", "collaboration")[n % 3],
        "duty_basis": f"{basis}；本部门“三定”规定所列职责。",
        "scenario": f"{scenario}。",
        "sharing_method": method,
        "update_cycle": resource["update_cycle"],
        "use_from": (on + timedelta(days=14)).isoformat(),
        "use_until": (on + timedelta(days=14 + 365)).isoformat(),
        "app_system": ("政务服务一体化平台", "业务审批系统", "社会救助信息系统")[n % 3],
        "app_system_mlps": "3",
        "use_scope": "限本部门承办该事项的窗口和审核岗位人员使用。",
        "personal_info": "no",
        "contact_name": "联系人甲",
        "contact_phone": f"024-860{n % 10}{(n * 7) % 10}00{n % 10}",
        "undertaking": True,
    }
    if method == "api":
        values["call_frequency"] = 500 + 100 * (n % 9)
    if len(values["data_items"]) == len(items) > 1:
        values["all_items_reason"] = "各数据项均为核验所必需。"
    return {**values, **changes}


def reply(applied: dict[str, Any], on: date, decision: str) -> dict[str, Any]:
    """Return a filled-in F12-E."""
    values: dict[str, Any] = {
        "decision": decision,
        "contact_name": "答复联系人乙",
        "contact_phone": "024-86020100",
    }
    items = applied["data_items"]
    if decision in ("agree", "partly"):
        values |= {
            "agreed_items": items if decision == "agree" or len(items) == 1 else items[:-1],
            "use_conditions": "限于申请所述业务事项的办理环节使用，不得留存与办理事项无关的数据，不得提供给第三方。",
            "grant_from": applied["use_from"],
            "grant_until": applied["use_until"],
            "method": applied["sharing_method"],
            "provide_by": (on + timedelta(days=7)).isoformat(),
        }
        if decision == "partly" and len(items) == 1:
            values["narrower_scope"] = True
    if decision in ("refuse", "partly"):
        values |= {
            "refusal_ground": "4",
            "refusal_reason": "所申请的部分数据项与申请载明的业务事项没有直接关系，超出履行职责的最小必要范围。",
            "alternative": "可以就办理该事项必需的核验结果（一致或者不一致）另行申请。",
            "evidence_waiver": "理由依据申请表所载内容，无需另附证明材料。",
        }
    return values
