"""What models do to grants that exist: suspend and resume them on a ground, and take one back (R12-09, Art. 20)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.errors import ModelFault
from engine.handlers.case import Case
from engine.handlers.grants import alive, note
from engine.handlers.notices import tell_departments
from engine.model import Node
from engine.periods import beijing_day
from engine.storage.tables import grant, grant_suspension, process_instance, subscription

CHOSEN = "suspended_grants"
SETTING = "p20.suspend_on_ground"
GIVEN_BACK = "授权已交还"
UNCURED = "reported_up_closed"
"""The end of a rectification after which its suspensions stay (E20-3)."""


def suspend_grants(case: Case, node: Node) -> dict[str, Any]:
    """Suspend the chosen grants that the target uses, where the setting allows it on one of the case's grounds.

    Chosen are the keys in `suspended_grants`: the variable, or a field of that name in one of the case's forms.
    """
    grounds = _grounds(case)
    allowed = _allowed(case) & set(grounds)
    setting = case.process.settings.get(SETTING)
    done = []
    for row in _chosen(case) if allowed else ():
        event = e.GrantSuspended(
            row.key,
            case.key,
            case.business_id,
            f"存在第二十条第（{'、'.join(sorted(allowed))}）项情形，整改期间暂停使用",
            setting.basis if setting else "",
        )
        note(case, row.instance_key, event)
        _tell(case, row, f"授权{_number(case, row)}自即日起暂停使用，缘由见{case.business_id}。")
        done.append(str(row.key))
    return {"grants": done, "grounds": sorted(allowed)}


def resume_grants(case: Case, node: Node) -> dict[str, Any]:
    """Let go of the grants that this case suspends; each may be used again once no other case suspends it.

    The grants are let go of, too, by cases on the same target that ended without a cure (E20-3): this one
    found the target to have rectified.
    """
    return {"grants": _let_go(case, f"{case.business_id}已办结", "整改事项办结", cured=True)}


def release_suspensions(case: Case) -> None:
    """Let go of what a case suspends that is voided before it came to that: nobody else would."""
    _let_go(case, f"{case.business_id}已撤销", "事项撤销", cured=False)


def _let_go(case: Case, text: str, reason: str, cured: bool) -> list[str]:
    """Record that a case suspends its grants no more, and tell both sides what becomes of each."""
    of = grant_suspension.c
    own = select(of.grant_key).where(of.instance_key == case.key)
    kept = {
        row.key: row
        for row in case.uow.conn.execute(select(grant).where(grant.c.key.in_(own)).order_by(grant.c.key))
    }
    if not kept:
        return []
    ended = process_instance.c.ended_at.is_not(None) & (process_instance.c.result == UNCURED)
    query = (
        select(of.grant_key, of.instance_key, process_instance.c.business_id, ended.label("uncured"))
        .join(process_instance, process_instance.c.key == of.instance_key)
        .where(of.grant_key.in_(kept))
        .order_by(of.grant_key, of.instance_key)
    )
    held: dict[int, list[str]] = {key: [] for key in kept}
    for row in case.uow.conn.execute(query).all():
        if row.instance_key == case.key or (cured and row.uncured):
            event = e.GrantResumed(row.grant_key, row.instance_key, row.business_id, reason)
            note(case, kept[row.grant_key].instance_key, event)
        else:
            held[row.grant_key].append(row.business_id)
    for key, others in held.items():
        number = _number(case, kept[key])
        if others:
            _tell(case, kept[key], f"授权{number}因{'、'.join(others)}继续暂停使用；{text}。")
        else:
            _tell(case, kept[key], f"授权{number}自即日起恢复使用，{text}。")
    return [str(key) for key in kept]


def give_back_grant(case: Case, node: Node) -> dict[str, Any]:
    """End the grant today, as its user wants, with what became of the data (R12-09).

    Returns:
        whether the case that led to the grant waits to be told: for its provider to provide, or its user to confirm.
    """
    form = case.variables.get("give_back") or {}
    key = int((case.variables.get("grant") or {}).get("grant_key") or 0)
    row = case.uow.conn.execute(select(grant).where(grant.c.key == key)).first()
    if row is None:
        raise ModelFault(
            "事项没有对应的授权。", f"Expected the grant of the case, found {key}.", kind="service"
        )
    today = beijing_day(case.uow.at).isoformat()
    disposal = str(form.get("disposal_statement") or "") or "没有落地存储"
    case.record(e.GrantGivenBack(key, today, str(form.get("reason") or ""), disposal))
    case.uow.expect(row.instance_key)  # what it waits for now decides whether it is told
    waits = select(subscription.c.key).where(
        subscription.c.instance_key == row.instance_key, subscription.c.name == GIVEN_BACK
    )
    told = case.uow.conn.execute(waits.limit(1)).first() is not None
    return {"ended_on": today, "origin_open": told}


def _grounds(case: Case) -> list[str]:
    found = case.variables.get("ground")
    if not found:
        found = next((f["ground"] for f in _forms(case) if f.get("ground")), [])
    return [str(x) for x in (found if isinstance(found, list) else [found])]


def _allowed(case: Case) -> set[str]:
    value = case.setting(SETTING, "none")
    parts = value if isinstance(value, list) else str(value).replace(",", " ").split()
    return {str(part) for part in parts} - {"none"}


def _chosen(case: Case) -> list[Row[Any]]:
    named = case.variables.get(CHOSEN)
    if not isinstance(named, list):
        named = next((f[CHOSEN] for f in _forms(case) if isinstance(f.get(CHOSEN), list)), [])
    keys = {int(key) for key in named if str(key).isdigit()}
    today, of = beijing_day(case.uow.at), grant.c
    query = select(grant).where(of.key.in_(keys), of.using_key == case.org_of("target_dept"), alive(today))
    return list(case.uow.conn.execute(query.order_by(of.key)))


def _forms(case: Case) -> Iterator[dict[str, Any]]:
    """Yield the forms of the case, the latest in the order of the model first."""
    names = dict.fromkeys(n.form_variable for n in reversed(case.process.nodes.values()) if n.form_variable)
    yield from (found for name in names if isinstance(found := case.variables.get(name), dict))


def _number(case: Case, row: Row[Any]) -> str:
    number = select(process_instance.c.business_id).where(process_instance.c.key == row.instance_key)
    return str(case.uow.conn.execute(number).scalar_one())


def _tell(case: Case, row: Row[Any], text: str) -> None:
    for org in (row.using_key, row.providing_key):
        tell_departments(case, [int(org)], ("handler", "head"), text)
