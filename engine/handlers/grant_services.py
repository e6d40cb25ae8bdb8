"""What models do to grants that exist: suspend and resume them on a ground, and take one back (R12-09, Art. 20)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.errors import ModelFault
from engine.handlers.case import Case
from engine.handlers.grants import alive, holder_of
from engine.handlers.notices import tell_departments
from engine.model import Node
from engine.periods import beijing_day
from engine.storage.tables import grant, process_instance

CHOSEN = "suspended_grants"
SETTING = "p20.suspend_on_ground"


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
        _record(case, row, event)
        _tell(case, row, f"授权{_number(case, row)}自即日起暂停使用，缘由见{case.business_id}。")
        done.append(str(row.key))
    return {"grants": done, "grounds": sorted(allowed)}


def resume_grants(case: Case, node: Node) -> dict[str, Any]:
    """Let the grants be used again that this case has suspended."""
    of = grant.c
    query = select(grant).where(of.suspended_by == case.key).order_by(of.key)
    done = []
    for row in case.uow.conn.execute(query).all():
        _record(case, row, e.GrantResumed(row.key, case.key, case.business_id, "整改事项办结"))
        _tell(case, row, f"授权{_number(case, row)}自即日起恢复使用，{case.business_id}已办结。")
        done.append(str(row.key))
    return {"grants": done}


def give_back_grant(case: Case, node: Node) -> dict[str, Any]:
    """End the grant today, as its user wants, with what became of the data (R12-09).

    Returns:
        whether the case that led to the grant still runs: its provider need not provide any more.
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
    ended = select(process_instance.c.ended_at).where(process_instance.c.key == row.instance_key)
    return {"ended_on": today, "origin_open": case.uow.conn.execute(ended).scalar_one() is None}


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
    query = select(grant).where(
        of.key.in_(keys), of.using_key == case.org_of("target_dept"), of.suspended_by.is_(None), alive(today)
    )
    return list(case.uow.conn.execute(query.order_by(of.key)))


def _forms(case: Case) -> Iterator[dict[str, Any]]:
    """Yield the forms of the case, the latest in the order of the model first."""
    names = dict.fromkeys(n.form_variable for n in reversed(case.process.nodes.values()) if n.form_variable)
    yield from (found for name in names if isinstance(found := case.variables.get(name), dict))


def _record(case: Case, row: Row[Any], event: e.Event) -> None:
    case.record(event)
    if holder := holder_of(case, row.instance_key):
        holder.record(event)  # who reads the grant's own trail finds it there too


def _number(case: Case, row: Row[Any]) -> str:
    number = select(process_instance.c.business_id).where(process_instance.c.key == row.instance_key)
    return str(case.uow.conn.execute(number).scalar_one())


def _tell(case: Case, row: Row[Any], text: str) -> None:
    for org in (row.using_key, row.providing_key):
        tell_departments(case, [int(org)], ("handler", "head"), text)
