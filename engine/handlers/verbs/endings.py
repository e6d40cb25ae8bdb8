"""撤销, 作废: a case ends without its result; its history stays."""

from typing import Any

from engine import events as e
from engine.commands import AnnulCase, VoidCase
from engine.handlers import limits
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case
from engine.handlers.notices import tell_departments
from engine.handlers.verbs.acting import acting_for
from engine.handlers.verbs.ask import ask_case
from engine.handlers.verbs.facts import departments_at_work
from engine.handlers.verbs.people import note
from engine.uow import UnitOfWork

MIN_ANNUL, MIN_VOID = 5, 10


def annul_case(cmd: AnnulCase, uow: UnitOfWork) -> dict[str, Any]:
    """End a case before anybody outside the department that began it knows of it."""
    row, actor = ask_case(uow, cmd.actor, "annul", cmd.instance_key)
    reason = note(cmd.reason, MIN_ANNUL, "撤销的理由")
    case = load_case(uow, row.key)
    case.record(e.CaseAnnulled(reason, acting_for(actor, row.using_key or row.managing_key)))
    _end(case)
    return {"instance_key": str(case.key), "ended": case.ended}


def void_case(cmd: VoidCase, uow: UnitOfWork) -> dict[str, Any]:
    """End a case as void, whatever its state; every department that knows of it is told."""
    row, _ = ask_case(uow, cmd.actor, "void", cmd.instance_key)
    reason = note(cmd.reason, MIN_VOID, "作废的理由")
    case = load_case(uow, row.key)
    case.personal = False
    case.record(e.InstanceVoided(reason, ""))
    told = departments_at_work(uow.conn, row.key) | {row.using_key or row.managing_key}
    if row.received_at is not None:
        told |= {row.providing_key, row.managing_key}
    text = f"{case.business_id}已由系统管理员作废，理由：{reason}"
    tell_departments(case, sorted(filter(None, told)), ("handler", "head"), text)
    _end(case)
    return {"instance_key": str(case.key), "ended": case.ended}


def _end(case: Case) -> None:
    """Take every token away; the result of a branch that has ended before is not the case's."""
    case.set(results=["void"])
    limits.cancel_all(case)
    case.machine.cancel()
    advance(case)
