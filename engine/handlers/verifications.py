"""What the platform does in a verification (Art. 13): hints, merged reports, and who is told of a correction."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine import events as e
from engine.clock import instant
from engine.definitions import load_definition
from engine.errors import InvalidForm, Message
from engine.forms.records import Column, identity
from engine.handlers.case import Case, load_case
from engine.handlers.flags import flags_of_case, lower_flag, raise_flag
from engine.handlers.grants import alive
from engine.handlers.notices import tell, tell_departments
from engine.handlers.parties import organisation_named, present_department
from engine.handlers.record_tables import lines_of
from engine.handlers.resources import may_use, resource
from engine.model import Node
from engine.periods import beijing_day
from engine.storage.tables import grant, process_instance, user, user_role

PROCESS = "ln_art13_verification"
MAIN_RESULT = "主校核结果"
"""The message to a merged report, by its own number; `main.outcome` is result, or over where there is none."""


def check_access(case: Case, node: Node) -> dict[str, Any]:
    """Let a report be handed in only while its department may use the resource (R13-03).

    The draft was begun with access, which may have ended since. A report that another procedure began asks for none:
    what that procedure granted, or failed to grant, is what it is about.

    Raises:
        InvalidForm: the department has neither a living grant nor an unconditional resource.
    """
    if case.variables.get("origin"):
        return {"ok": True}
    entry = resource(case.uow.conn, int(case.variables["resource"]["key"]))
    if not may_use(case.uow.conn, case.org_of("using_dept") or 0, entry, beijing_day(case.uow.at)):
        raise InvalidForm(
            {
                "resource_id": [
                    Message(
                        "本部门已没有该资源的有效授权，不能提交校核申请；可以放弃填写，或者重新申请共享后再提交。",
                        "Expected a department that may use the resource, found its grant ended or suspended.",
                    )
                ]
            }
        )
    return {"ok": True}


def give_result(case: Case, node: Node) -> dict[str, Any]:
    """The result is there: take the hint away unless a correction is still owed, and tell merged reports."""
    result = case.variables.get("verification") or {}
    if result.get("result") != "to_correct":
        lower_flag(case, node)
    told = {
        "outcome": "result",
        "business_id": case.business_id,
        "verification": {k: v for k, v in result.items() if k != "attachments"},
        "signer": case.variables.get("signer") or "",
    }
    return {"merged_told": _tell_merged(case, node, told)}


def close_branch(case: Case, node: Node) -> dict[str, Any]:
    """Nobody verifies this report any more: take the hint away, and give merged reports back."""
    lower_flag(case, node)
    _leave_main(case)
    return release_merged(case, node)


def release_merged(case: Case, node: Node) -> dict[str, Any]:
    """Give merged reports back to their provider: this case will bring no result for them (R13-12)."""
    return {"merged_told": _tell_merged(case, node, {"outcome": "over", "business_id": case.business_id})}


def tidy(case: Case) -> None:
    """A case is over, voided perhaps, without having come past its own ends."""
    if case.process.id != PROCESS:
        return
    node = Node("", "endEvent", case.process.name, None)
    if case.variables.get("flag") is not None and flags_of_case(case):
        lower_flag(case, node)
    _leave_main(case)
    _tell_merged(case, node, {"outcome": "over", "business_id": case.business_id})


def merge_report(case: Case, node: Node) -> dict[str, Any]:
    """Join a report to the verification that the provider named (R13-12).

    Each keeps its own limit, so the earliest due date rules: the provider is late from the first of them on.

    Raises:
        InvalidForm: that verification is over, or was merged itself, or is about other records.
    """
    named = str((case.variables.get("intake") or {}).get("duplicate_of") or "")
    if not any(_overlap(case.uow.conn, case.variables, row) for row in _named(case, named)):
        raise InvalidForm(
            {
                "duplicate_of": [
                    Message(
                        "所选的校核已经办结、撤回或者并入别件，请重新选择。",
                        "Expected an open verification of the same records, found it over or merged.",
                    )
                ]
            }
        )
    main = load_case(case.uow, int(named))
    main.set(merged=[*(main.variables.get("merged") or []), case.business_id])
    tell(main, ["prov.handler"], f"校核申请{case.business_id}已并入{main.business_id}一并校核。")
    return {"instance_key": str(main.key), "business_id": main.business_id}


def announce_correction(case: Case, node: Node) -> dict[str, Any]:
    """Tell every department with a living grant on the resource that data were corrected; the hint goes."""
    lower_flag(case, node)
    resource = case.variables.get("resource") or {}
    report = case.variables.get("report") or {}
    on = beijing_day(case.uow.at)
    of = grant.c
    using = case.uow.conn.execute(
        select(of.using_key).where(of.resource_key == int(resource["key"]), alive(on)).distinct()
    ).scalars()
    found = dict.fromkeys(present_department(case.uow.conn, int(key)) for key in sorted(using))
    departments = [key for key in found if key != case.org_of("providing_dept")]
    provider = organisation_named(case.uow.conn, case.org_of("providing_dept") or 0, on)
    items, count = "、".join(report.get("item_name") or []), report.get("record_count") or 0
    tell_departments(
        case,
        departments,
        ("handler", "head"),
        f"数据更正通知：{provider}已更正《{resource.get('name', '')}》的{items}，涉及{count}条记录。"
        "你单位已获取该资源的，请及时更新。",
    )
    names = [organisation_named(case.uow.conn, key, on) for key in departments]
    return {"departments": names, "count": len(names), "on": on.isoformat()}


def same_verifications(
    conn: Connection, variables: Mapping[str, Any], on: date | None
) -> list[tuple[str, str]]:
    """Return the open verifications of the same resource by the same provider.

    Whether their records overlap is asked of the one that is named (`check_duplicate`): reading the tables of all
    would take the page seconds.
    """
    return [
        (str(row.key), f"{row.business_id}：{row.title}（{_day(row.variables)}收到）")
        for row in _open(conn, variables)
    ]


def check_duplicate(case: Case, values: Mapping[str, Any]) -> Iterator[tuple[str, Message]]:
    """Hold the verification that F13-B names against the report: they have a record in common (R13-12)."""
    named = values.get("duplicate_of")
    if values.get("accept_result") != "duplicate" or not isinstance(named, str):
        return
    for row in _named(case, named):
        if not _overlap(case.uow.conn, case.variables, row):
            zh = f"{row.business_id}所涉记录与本件没有重合，不能并入；请核对记录标识，或者选择受理。"
            yield "duplicate_of", Message(zh, "Expected a verification of the same records, found others.")


def provider_staff(conn: Connection, variables: Mapping[str, Any], on: date | None) -> list[tuple[str, str]]:
    """Return the people of the providing department who handle cases."""
    provider = variables.get("providing_dept")
    if not provider:
        return []
    rows = conn.execute(
        select(user.c.key, user.c.name)
        .join(user_role, user_role.c.user_key == user.c.key)
        .where(
            user_role.c.organisation_key == int(provider),
            user_role.c.role.in_(("handler", "head")),
            user.c.active,
        )
        .distinct()
        .order_by(user.c.key)
    )
    return [(str(row.key), row.name) for row in rows]


SOURCES = {
    "same_verifications": same_verifications,
    "provider_staff": provider_staff,
}
"""Options of the forms, by source name."""

SERVICES: Mapping[str, Callable[[Case, Node], dict[str, Any]]] = {
    "check_access": check_access,
    "raise_flag": raise_flag,
    "give_result": give_result,
    "close_branch": close_branch,
    "release_merged": release_merged,
    "merge_report": merge_report,
    "announce_correction": announce_correction,
}
READS: Mapping[str, tuple[str, ...]] = {
    "check_access": ("resource", "using_dept"),
    "raise_flag": ("resource", "report", "providing_dept"),
    "give_result": ("verification", "signer", "merged", "flag"),
    "close_branch": ("merged", "flag"),
    "release_merged": ("merged",),
    "merge_report": ("intake", "report", "resource", "providing_dept"),
    "announce_correction": ("resource", "report", "providing_dept", "flag"),
}


def _open(conn: Connection, variables: Mapping[str, Any]) -> Iterator[Any]:
    of, provider = process_instance.c, variables.get("providing_dept")
    rows = conn.execute(
        select(of.key, of.definition_key, of.business_id, of.title, of.variables)
        .where(
            of.process_id == PROCESS,
            of.ended_at.is_(None),
            of.business_id != variables.get("business_id"),
            of.providing_key == (int(provider) if provider else 0),
        )
        .order_by(of.key)
    )
    resource = (variables.get("resource") or {}).get("key")
    for row in rows:
        theirs = row.variables
        same = (theirs.get("resource") or {}).get("key") == resource
        if same and theirs.get("verifying") and not theirs.get("merged_into"):
            yield row


def _named(case: Case, key: str) -> Iterator[Any]:
    return (row for row in _open(case.uow.conn, case.variables) if str(row.key) == key)


def _overlap(conn: Connection, variables: Mapping[str, Any], other: Any) -> bool:
    form = load_definition(conn, other.definition_key).forms["F13-A"]
    columns = next(c.record_columns for c in form.fields if c.type == "records")
    return bool(_records(conn, variables, columns) & _records(conn, other.variables, columns))


def _records(conn: Connection, variables: Mapping[str, Any], columns: tuple[Column, ...]) -> frozenset[str]:
    table = (variables.get("report") or {}).get("record_keys") or {}
    lines = lines_of(conn, table["sha256"], columns) if "sha256" in table else None
    return frozenset(map(identity, lines or ()))


def _leave_main(case: Case) -> None:
    """Take a merged report that ends without a result out of its main case: nobody waits for that any more."""
    into = case.variables.get("merged_into")
    if not into:
        return
    main = load_case(case.uow, int(into["instance_key"]))
    merged = main.variables.get("merged") or []
    if case.business_id in merged:
        main.set(merged=[number for number in merged if number != case.business_id])


def _tell_merged(case: Case, node: Node, main: dict[str, Any]) -> int:
    merged = case.variables.get("merged") or []
    for number in merged:
        payload = {
            "instance_key": str(case.key),
            "business_id": case.business_id,
            "variables": {"main": main},
        }
        key = case.uow.next_key()
        case.record(e.MessageThrown(key, node.id, node.name, MAIN_RESULT, number, payload))
    if merged:
        case.set(merged=[])
    return len(merged)


def _day(variables: Mapping[str, Any]) -> str:
    on: date = beijing_day(instant(variables["received_at"]))
    return f"{on.month}月{on.day}日"
