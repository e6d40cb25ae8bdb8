"""May this verb be done? The question that every handler asks first, and its answer in words."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from engine import events as e
from engine.definitions import load_definition
from engine.errors import Conflict, NotAllowed, NotFound, Refused, WrongState
from engine.handlers import mandates
from engine.handlers.access import must_see
from engine.handlers.verbs.facts import case_facts, task_facts
from engine.handlers.verbs.refusals import refused
from engine.history.chain import parse
from engine.people import ROLES, Actor
from engine.storage.tables import event, process_instance, user, user_task
from engine.uow import UnitOfWork
from engine.verbs import Facts, refusal

_TASK = select(user_task).where(user_task.c.key == bindparam("of"))
_CASE = select(process_instance).where(process_instance.c.key == bindparam("of"))


def ask(uow: UnitOfWork, actor: Actor | None, code: str, task_key: int) -> tuple[Row[Any], Actor]:
    """Return the task and the actor, where the verb is allowed; the commit fails if the case moves meanwhile.

    Raises:
        Refused: it is not, see `engine.verbs.refusal`.
    """
    task = uow.conn.execute(_TASK, {"of": task_key}).first()
    if task is None or actor is None:
        raise NotFound("没有该任务。", f"Expected a user task {task_key}, found none.")
    uow.expect(task.instance_key)
    actor = mandates.for_task(uow.conn, actor, task)
    facts = task_facts(uow.conn, actor, task, uow.now, code)
    if (found := refusal(code, facts)) is not None:
        raise _said(uow, actor, task, found, facts)
    return task, actor


def ask_case(uow: UnitOfWork, actor: Actor | None, code: str, instance_key: int) -> tuple[Row[Any], Actor]:
    """Return the case's row and the actor, where the verb is allowed; raises as `ask` does."""
    case = uow.conn.execute(_CASE, {"of": instance_key}).first()
    if case is None or actor is None:
        raise NotFound("没有该办理事项。", f"Expected a process instance {instance_key}, found none.")
    uow.expect(case.key)
    found = refusal(code, case_facts(uow.conn, actor, case))
    if found == "not_found":
        must_see(uow.conn, actor, case.key)
    if found is not None:
        raise refused(found)
    return case, actor


def _said(uow: UnitOfWork, actor: Actor, task: Row[Any], code: str, facts: Facts) -> Refused:
    if code == "not_found":
        must_see(uow.conn, actor, task.instance_key)
    if code == "conflict" and task.state == "completed":
        who = _name(uow, task.ended_by)
        return Conflict(
            f"该任务已由{who or '共享平台'}办理，您的操作没有生效。",
            f"This user task was already completed by {who or 'the platform'}; nothing was changed.",
            state=task.state,
            completed_by=who,
        )
    if code == "conflict":
        owner = _name(uow, task.assignee)
        return Conflict(
            f"该任务已由{owner}认领，请与其协商退回或转交。",
            f"Expected the task to be free or yours, found it owned by {owner}.",
            assignee=owner,
        )
    if code == "wrong_state":
        why = _why_cancelled(uow, task)
        return WrongState(
            f"该任务已撤销，无需办理{f'：{why}' if why else ''}。",
            f"Expected user task {task.key} to be open, but it is {task.state}{f': {why}' if why else ''}.",
            state=task.state,
        )
    if code == "not_allowed" and task.state == "open" and not facts.candidate:
        return NotAllowed(
            f"“{task.name}”由承办部门的{ROLES[task.role]}办理，您没有该角色。",
            f"Expected a member of {task.lane}, found {actor.username}.",
            logged="user_task",
        )
    return refused(code)


def _name(uow: UnitOfWork, key: int | None) -> str | None:
    return uow.conn.execute(select(user.c.name).where(user.c.key == key)).scalar()


def _why_cancelled(uow: UnitOfWork, task: Row[Any]) -> str:
    """Return the name of the end that the event which took a task away led to, such as 逾期未审批，未延期."""
    kinds = ("UserTaskCancelled", "ElementReached")
    rows = uow.conn.execute(
        select(event.c.body)
        .where(event.c.stream == task.instance_key, event.c.type.in_(kinds))
        .order_by(event.c.seq)
    )
    instance = must_see(uow.conn, None, task.instance_key)
    nodes = load_definition(uow.conn, instance.definition_key).process.nodes
    gone_at: str | None = None
    for (body,) in rows:
        recorded = parse(body)
        happened = recorded.event
        if isinstance(happened, e.UserTaskCancelled) and happened.user_task_key == task.key:
            gone_at = str(recorded.recorded_at)
        elif gone_at == str(recorded.recorded_at) and isinstance(happened, e.ElementReached):
            node = nodes.get(happened.element_id)
            if node is not None and node.type == "endEvent":
                return node.name
    return ""
