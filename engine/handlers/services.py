"""The services a model may call, by name; nothing else in a diagram runs on the server."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidForm
from engine.forms import validate
from engine.handlers import catalogue_update, verifications
from engine.handlers.case import Case
from engine.handlers.dispute_services import check_dispute, record_dispute_grant
from engine.handlers.grant_services import give_back_grant, resume_grants, suspend_grants
from engine.handlers.grants import enter, grants_of
from engine.handlers.notices import tell
from engine.handlers.packet import assemble_packet
from engine.handlers.resources import resource
from engine.handlers.same_facts import check_same_facts, hold_signed_facts
from engine.handlers.sources import options
from engine.model import Node
from engine.periods import beijing_day

Service = Callable[[Case, Node], dict[str, Any]]


def check_application(case: Case, node: Node) -> dict[str, Any]:
    """Completeness and duplicates, every defect at once (R12-02, R12-03)."""
    application = case.variables.get("application") or {}
    case.set(resource=resource(case.uow.conn, int(case.variables["resource"]["key"])))
    same = _duplicates(case, application)
    warns = case.setting("p12.duplicate_policy") == "warn"
    defects = _withdrawn(case) + _incomplete(case, application) + ([] if warns else same)
    if not defects:
        _hold_duplicates(case, application)
    if warns and same:
        tell(case, ["use.handler", "use.head"], f"{{business_id}}《{{title}}》可能重复：{''.join(same)}")
    return {"ok": not defects, "defects": defects, **({"warnings": same} if warns and same else {})}


def record_grant(case: Case, node: Node) -> dict[str, Any]:
    """Record what the reply allows (R12-10)."""
    reply = case.variables.get("reply") or {}
    return enter(
        case,
        list(reply.get("agreed_items") or []),
        str(reply.get("use_conditions") or ""),
        reply.get("grant_from"),
        reply.get("grant_until"),
    )


def record_direct_grant(case: Case, node: Node) -> dict[str, Any]:
    """Record the use of an unconditional resource: no reply, no limit (R12-01)."""
    application = case.variables.get("application") or {}
    return enter(
        case,
        list(application.get("data_items") or []),
        "无条件共享资源，按目录登记使用。",
        application.get("use_from"),
        application.get("use_until"),
    )


SERVICES: Mapping[str, Service] = {
    "check_application": check_application,
    "record_grant": record_grant,
    "record_direct_grant": record_direct_grant,
    "check_dispute": check_dispute,
    "record_dispute_grant": record_dispute_grant,
    "suspend_grants": suspend_grants,
    "resume_grants": resume_grants,
    "give_back_grant": give_back_grant,
    **verifications.SERVICES,
    **catalogue_update.SERVICES,
    "check_same_facts": check_same_facts,
    "hold_signed_facts": hold_signed_facts,
    "assemble_packet": assemble_packet,
}
READS: Mapping[str, tuple[str, ...]] = {
    "check_application": ("resource", "application", "using_dept"),
    "record_grant": ("resource", "reply", "using_dept", "providing_dept"),
    "record_direct_grant": ("resource", "application", "using_dept", "providing_dept"),
    "check_dispute": ("origin", "request", "applicant_dept", "respondent_dept"),
    "record_dispute_grant": ("resource", "opinion", "using_dept", "providing_dept"),
    **verifications.READS,
    **catalogue_update.READS,
    "suspend_grants": ("target_dept", "ground", "suspended_grants"),
    "resume_grants": ("business_id",),
    "give_back_grant": ("grant", "give_back"),
    "check_same_facts": ("facts_held",),
    "hold_signed_facts": ("notice", "facts_held"),
    "assemble_packet": ("business_id",),
}
"""The variables that a service reads beside those of its inputs; an incident shows them."""


def _withdrawn(case: Case) -> list[str]:
    """Return that the entry left the catalogue: before receipt there is no application to reply to (R-V1)."""
    entry = case.variables["resource"]
    if entry["withdrawn_on"]:
        return ["该资源已从目录撤销，不能再申请共享。"]
    if leaves := entry.get("deletes_on"):
        return [f"该资源将自{leaves}起从目录删除，不再受理新的申请。"]
    return []


def _incomplete(case: Case, application: Mapping[str, Any]) -> list[str]:
    form = case.definition.forms["F12-A"]
    try:
        validate(form, application, case.variables, case.functions, options(case), earlier=application)
    except InvalidForm as refused:
        return [f"{field}：{m.zh}" for field, found in refused.errors.items() for m in found]
    return []


def _duplicates(case: Case, application: Mapping[str, Any]) -> list[str]:
    """Return what stands against R12-03."""
    using, entry = case.org_of("using_dept"), int(case.variables["resource"]["key"])
    wanted = set(application.get("data_items") or [])
    found: list[str] = []
    for other, items in _open_applications(case).items():
        if other != case.business_id and wanted & set(items):
            found.append(
                f"与本部门在办申请 {other} 的数据项重复（{'、'.join(sorted(wanted & set(items)))}）。"
            )
    superseded = application.get("supersedes")
    for row in grants_of(case.uow.conn, using or 0, entry, beijing_day(case.uow.at)):
        if str(row.key) == superseded:
            continue  # to widen it is what the application is for
        if row.instance_key != case.key and wanted & set(row.data_items):
            until = row.valid_until.isoformat() if row.valid_until else "长期"
            same = "、".join(sorted(wanted & set(row.data_items)))
            found.append(
                f"本部门对数据项 {same} 已有有效授权（{row.business_id}，至 {until}），无需重复申请；"
                "需要扩大授权的，请在“所替代的授权”中选择该授权。"
            )
    return found


def _hold_duplicates(case: Case, application: Mapping[str, Any]) -> None:
    hold_duplicates(case, sorted(set(application.get("data_items") or [])))


def hold_duplicates(case: Case, items: list[str]) -> None:
    """Hold the duplicate guard of the case's present parties for these data items."""
    case.uow.set_guard(_duplicate_guard(case), {**_open_applications(case), case.business_id: items})


def _open_applications(case: Case) -> dict[str, list[str]]:
    """Return the data items of open applications by case; reading it joins the guard, so that two at once collide."""
    return dict(case.uow.guarded(_duplicate_guard(case)) or {})


def _duplicate_guard(case: Case) -> str:
    return f"application:{case.org_of('using_dept')}:{(case.variables.get('resource') or {}).get('key')}"


def release_duplicates(case: Case) -> list[str] | None:
    """Let go of the duplicate guard and return the data items it was held for."""
    open_cases = _open_applications(case)
    held = open_cases.pop(case.business_id, None)
    if held is not None:
        case.uow.set_guard(_duplicate_guard(case), open_cases)
    return held
