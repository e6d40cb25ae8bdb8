"""催办, 督办: others press; no limit is answered, extended or paused by it."""

from typing import Any

from sqlalchemy import Connection, select

from engine import events as e
from engine.commands import EndSupervision, SuperviseCase, UrgeTask
from engine.handlers.parties import members
from engine.handlers.verbs.acting import acting_for
from engine.handlers.verbs.ask import ask, ask_case
from engine.handlers.verbs.facts import urging_department
from engine.handlers.verbs.people import note, parts, tell
from engine.periods import beijing_day
from engine.storage.tables import process_instance, supervision, user_task
from engine.uow import UnitOfWork


def urge_task(cmd: UrgeTask, uow: UnitOfWork) -> dict[str, Any]:
    """Remind whoever owes an open task; once a day for each department."""
    task, actor = ask(uow, cmd.actor, "urge", cmd.task_key)
    text = note(cmd.text)
    case = uow.conn.execute(select(process_instance).where(process_instance.c.key == task.instance_key)).one()
    org = urging_department(actor, case, task) or actor.org_key
    uow.record(task.instance_key, e.TaskUrged(task.key, task.name, org, text, acting_for(actor, org)))
    owing = _owing(uow, task)
    tell(uow, task.instance_key, owing, f"“{task.name}”：{actor.name}催办，请尽快办理。{text}", "urge")
    return {"instance_key": str(task.instance_key), "told": len(owing)}


def supervise_case(cmd: SuperviseCase, uow: UnitOfWork) -> dict[str, Any]:
    """Put a case under the managing department's supervision."""
    case, actor = ask_case(uow, cmd.actor, "supervise", cmd.instance_key)
    text = note(cmd.text, 2, "督办要求")
    org = case.managing_key
    uow.record(case.key, e.SupervisionBegun(uow.next_key(), org, text, acting_for(actor, org)))
    tell(uow, case.key, _at_work(uow, case.key), f"已列入督办，请按期办理。{text}", "urge")
    return {"instance_key": str(case.key)}


def end_supervision(cmd: EndSupervision, uow: UnitOfWork) -> dict[str, Any]:
    """End it; whether the case is over makes no difference."""
    case, actor = ask_case(uow, cmd.actor, "end_supervision", cmd.instance_key)
    text = note(cmd.text)
    org = case.managing_key
    for key in open_supervisions(uow.conn, case.key, org):
        uow.record(case.key, e.SupervisionEnded(key, org, text, acting_for(actor, org)))
    tell(uow, case.key, _at_work(uow, case.key), f"督办已结束。{text}", "urge")
    return {"instance_key": str(case.key)}


def open_supervisions(conn: Connection, instance_key: int, organisation: int) -> list[int]:
    """Return the keys of a department's supervisions of a case that are not over."""
    s = supervision.c
    return list(
        conn.execute(
            select(s.key).where(
                s.instance_key == instance_key, s.organisation_key == organisation, s.ended_at.is_(None)
            )
        ).scalars()
    )


def _owing(uow: UnitOfWork, task: Any) -> list[int]:
    """Return who owes a task: its owner and whoever fills in for them or signs, else everybody of its lane."""
    if task.assignee is None:
        return members(uow.conn, task.organisation_key, task.role, beijing_day(uow.now))
    waited_for = [p.user_key for p in parts(uow.conn, task.key) if p.state == "open" and p.kind != "consult"]
    return [task.assignee, *waited_for]


def _at_work(uow: UnitOfWork, instance_key: int) -> list[int]:
    """Return who owes the open tasks of a case, and the heads of their departments."""
    t = user_task.c
    found: list[int] = []
    for task in uow.conn.execute(select(user_task).where(t.instance_key == instance_key, t.state == "open")):
        found += _owing(uow, task)
        found += members(uow.conn, task.organisation_key, "head", beijing_day(uow.now))
    return found
