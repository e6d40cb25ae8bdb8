"""The end of a user task: what was handed in becomes part of the case, and its token leaves."""

from typing import Any

from sqlalchemy import Row

from engine import events as e
from engine.handlers import held
from engine.handlers.advance import advance, work
from engine.handlers.approvals import decide
from engine.handlers.case import Case
from engine.handlers.verbs.pauses import resume_after_return
from engine.model import Node
from engine.storage.statements import put, remove
from engine.storage.tables import draft, snapshot_before


def finish(
    case: Case, task: Row[Any], values: dict[str, Any], stands_for: tuple[int, str] | None
) -> dict[str, Any]:
    """Complete a task with clean values and let the case go on; return the answer of the command.

    It is the work of `case.acting`: where an added signer's consent let it go on, of the task's owner.

    Args:
        stands_for: Key and name of whom they stand in for.
    """
    node, uow = case.node(task.element_id), case.uow
    by, name = case.acting
    own = by == uow.author.key
    case.record(
        e.UserTaskCompleted(
            task.key,
            node.id,
            node.name,
            node.form_variable,
            values,
            stands_for[1] if stands_for else None,
            None if own else by,
            None if own else name,
            stands_for[0] if stands_for else None,
        )
    )
    case.stands_for = stands_for
    if node.form_variable:
        case.set(**{node.form_variable: values})
    before = {"instance_key": case.key, "user_task_key": task.key, "data": case.snapshot}
    uow.writes.append(lambda conn: remove(conn, draft, task.key))
    uow.writes.append(lambda conn: put(conn, snapshot_before, before))
    case.tasks.pop(task.token, None)
    case.completed = node.id
    resume_after_return(case, task)
    complete_held(case, node, task, values)
    advance(case)
    return {"instance_key": str(case.key), "opened": [str(key) for key in case.opened], "ended": case.ended}


def complete_held(case: Case, node: Node, task: Row[Any], values: dict[str, Any]) -> None:
    """Do what a task that was handed in asks for, and let its token leave; or hold it there.

    While one person's vote cannot be counted, the others' can: the token of a round stays open for them.
    """
    token, over = task.token.partition("#")[0], [node.approval is None]

    def act() -> None:
        over[0] = node.approval is None or decide(case, node, task, values)
        if over[0]:
            work(case, node)

    if held.attempt(case, "completion", node.id, task.token, act):
        if over[0]:
            case.machine.complete(token)
    elif node.approval is None:
        case.machine.hold(token)
