"""退回, 跳转: a token goes to another step than the flows lead to."""

from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.commands import JumpTask, ReturnTask
from engine.errors import InvalidInput, NotAllowed
from engine.handlers import draft_rows
from engine.handlers.advance import advance
from engine.handlers.case import Case, load_case
from engine.handlers.mandates import stands_in
from engine.handlers.parties import members, split_role, standing_role
from engine.handlers.separation import must_be_separate
from engine.handlers.verbs.acting import acting_on
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.pauses import pause_for_return, resume_after_return
from engine.handlers.verbs.people import note, tell
from engine.handlers.verbs.refusals import LegalStepBetween
from engine.model import Node
from engine.periods import beijing_day
from engine.steps import back, jumps
from engine.storage.tables import user, user_task
from engine.uow import UnitOfWork

MIN_RETURN, MIN_JUMP = 5, 10


def return_task(cmd: ReturnTask, uow: UnitOfWork) -> dict[str, Any]:
    """Send the work back to an earlier step, with what was filled in there and the reason.

    Limits run on, unless the model names a statutory setting by which they stand still meanwhile.
    """
    task, actor = ask(uow, cmd.actor, "return", cmd.task_key)
    case = load_case(uow, task.instance_key)
    node, reason = case.node(task.element_id), note(cmd.reason, MIN_RETURN, "退回的理由")
    target = _chosen(cmd.step, back(case.process, node))
    must_be_separate(case, node, task.organisation_key, actor.user_key, stands_in(actor, task))
    resume_after_return(case, task)
    paused = pause_for_return(case, node, task)
    key, token = uow.next_key(), case.machine.move(task.token, target.id)
    again = _who_did(case, target)
    deputy = acting_on(actor, task)
    case.record(
        e.TaskReturned(
            task.key,
            node.id,
            node.name,
            target.id,
            target.name,
            key,
            uow.keep_words(reason),
            paused,
            again.key if again else 0,
            deputy,
        )
    )
    _open(case, target, token, key, again)
    if again is not None:
        tell(
            uow, case.key, [again.key], f"“{node.name}”退回“{target.name}”重新办理，理由见任务页面。", "task"
        )
    advance(case)
    return _answer(case, key)


def jump_task(cmd: JumpTask, uow: UnitOfWork) -> dict[str, Any]:
    """Put the token to another step of the same level, recorded as a deviation from the model.

    Raises:
        LegalStepBetween: it would skip or repeat a delivery, a signature or a decision.
    """
    task, _ = ask(uow, cmd.actor, "jump", cmd.task_key)
    case = load_case(uow, task.instance_key)
    node, reason = case.node(task.element_id), note(cmd.reason, MIN_JUMP, "跳转的理由")
    known = {jump.target.id: jump for jump in jumps(case.process, node, case.variables)}
    target = _chosen(cmd.step, tuple(jump.target for jump in known.values()))
    if blocked := known[target.id].blocked:
        names = "、".join(f"“{n.name or n.id}”" for n in blocked)
        raise LegalStepBetween(
            f"不能跳转至“{target.name}”：将略过或者重复送达、签发、决策等有法律效果或者尚未填报的环节{names}。",
            f"A jump to {target.id} would skip or repeat {', '.join(n.id for n in blocked)}.",
            elements=[n.id for n in blocked],
        )
    case.personal = False
    resume_after_return(case, task)
    key, token = uow.next_key(), case.machine.move(task.token, target.id)
    skipped = [n.name or n.id for n in known[target.id].skipped]
    case.record(e.TaskJumped(task.key, node.id, node.name, target.id, target.name, reason, skipped))
    again = _who_did(case, target)
    _open(case, target, token, key, again)
    tell(
        uow,
        case.key,
        [task.assignee, again.key if again else 0],
        f"系统管理员将事项由“{node.name}”转至“{target.name}”，理由：{reason}",
        "task",
    )
    advance(case)
    return _answer(case, key)


def _chosen(step: str, among: tuple[Node, ...]) -> Node:
    found = next((node for node in among if node.id == step), None)
    if found is None:
        raise InvalidInput(
            f"请从可以选择的环节中选择：{'、'.join(n.name or n.id for n in among)}。",
            f"Expected one of {', '.join(n.id for n in among)}, found {step!r}.",
        )
    return found


def _open(case: Case, node: Node, token: str, key: int, again: Any) -> None:
    """Open the task at a token that was moved, for whoever did it before, with what they had filled in."""
    party, role = split_role(node.role or "")
    org = case.org_of(party)
    if org is None:
        raise NotAllowed(f"“{node.name}”的承办部门尚未确定。", f"The party behind {node.role} is not known.")
    role = standing_role(case.uow.conn, org, role)
    if node.state:
        case.record(e.ElementReached(node.id, node.name, node.state))
    case.tasks[token] = key
    case.opened.append(key)
    case.record(
        e.UserTaskOpened(key, token, node.id, node.name, org, role, node.role or "", node.scope or "")
    )
    if again is not None:
        case.record(e.UserTaskAssigned(key, node.name, again.key, again.name))
    filled = case.variables.get(node.form_variable or "")
    if isinstance(filled, dict) and filled:
        draft_rows.write(case.uow, key, filled, again.key if again else 0)


def _who_did(case: Case, node: Node) -> Any:
    """Return who did a step last, if they may do it again."""
    party, role = split_role(node.role or "")
    org = case.org_of(party)
    t = user_task.c
    row = case.uow.conn.execute(
        select(user.c.key, user.c.name)
        .join(user_task, t.ended_by == user.c.key)
        .where(t.instance_key == case.key, t.element_id == node.id, t.state == "completed")
        .order_by(t.ended_at.desc(), t.key.desc())
        .limit(1)
    ).first()
    if row is None or row.key not in members(case.uow.conn, org or 0, role, beijing_day(case.uow.now)):
        return None
    try:
        must_be_separate(case, node, org or 0, row.key)
    except NotAllowed:
        return None
    return row


def _answer(case: Case, key: int) -> dict[str, Any]:
    return {
        "instance_key": str(case.key),
        "user_task_key": str(key),
        "opened": [str(k) for k in case.opened],
    }
