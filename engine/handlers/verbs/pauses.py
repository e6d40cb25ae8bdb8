"""挂起, 恢复: limits stand still only on a ground that a statutory setting of the model grants."""

from typing import Any

from sqlalchemy import Row, select

from engine.commands import ResumeTask, SuspendTask
from engine.deadlines import PauseNotGranted, State
from engine.handlers import moves
from engine.handlers.case import Case, Limit, load_case
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.limits import law_setting, over
from engine.model import Node
from engine.storage.tables import task_part
from engine.uow import UnitOfWork


def suspend_task(cmd: SuspendTask, uow: UnitOfWork) -> dict[str, Any]:
    """Let the limits of a task stand still on a ground."""
    task, _ = ask(uow, cmd.actor, "suspend", cmd.task_key)
    case = load_case(uow, task.instance_key)
    for limit in over(case, task):
        if limit.deadline.state is not State.PAUSED:
            moves.pause(case, limit, cmd.ground)
    return {"instance_key": str(case.key)}


def resume_task(cmd: ResumeTask, uow: UnitOfWork) -> dict[str, Any]:
    """Let them run again."""
    task, _ = ask(uow, cmd.actor, "resume", cmd.task_key)
    case = load_case(uow, task.instance_key)
    _resume(case, over(case, task))
    return {"instance_key": str(case.key)}


def pause_for_return(case: Case, node: Node, task: Row[Any]) -> bool:
    """Let the limits stand still while the work is back at an earlier step, where a law says so.

    Raises:
        PauseNotGranted: the setting that the model names is not statutory, or no limit grants its ground.
    """
    if node.return_pauses is None:
        return False
    words = case.setting(node.return_pauses)
    ground = str(words[0]) if isinstance(words, list) and words else str(words)
    limits = [x for x in over(case, task) if x.deadline.state is not State.PAUSED]
    if not law_setting(case.process, node.return_pauses) or not limits:
        raise PauseNotGranted(
            f"退回不得因“{ground}”中止期限：没有法定依据。",
            f"Expected a limit that a statutory setting lets stand still, found {node.return_pauses}.",
        )
    for limit in limits:
        moves.pause(case, limit, ground)
    return True


def resume_after_return(case: Case, task: Row[Any]) -> None:
    """Let the limits run again that stood still until a returned task was handed in."""
    part = task_part.c
    paused = select(part.key).where(part.task_key == task.key, part.state == "paused").limit(1)
    if case.process.pauses_on_return and case.uow.conn.execute(paused).first() is not None:
        _resume(case, over(case, task))


def _resume(case: Case, limits: list[Limit]) -> None:
    for limit in limits:
        if limit.deadline.state is State.PAUSED:
            moves.resume(case, limit)
