"""取回: whoever handed a task in takes it back while nothing has come of it (`trail.why_not`)."""

from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.commands import RecallTask
from engine.handlers import draft_rows
from engine.handlers.case import Case, load_case
from engine.handlers.verbs.acting import acting_on
from engine.handlers.verbs.ask import ask
from engine.handlers.verbs.trail import completion_of, read_trail, state_at
from engine.history.chain import Recorded
from engine.runner import Machine
from engine.storage.tables import snapshot_before, user_task
from engine.uow import UnitOfWork


def recall_task(cmd: RecallTask, uow: UnitOfWork) -> dict[str, Any]:
    """Put everything back to where it stood before the task was handed in; the history keeps both."""
    task, actor = ask(uow, cmd.actor, "recall", cmd.task_key)
    case = load_case(uow, task.instance_key)
    trail = read_trail(uow.conn, case.key)
    done = completion_of(trail, task.key)
    assert done is not None
    completed = trail[done].event
    assert isinstance(completed, e.UserTaskCompleted)
    kept = uow.conn.execute(
        select(snapshot_before.c.data).where(snapshot_before.c.instance_key == case.key)
    ).scalar_one()
    opened = {x.event.user_task_key for x in trail[done + 1 :] if isinstance(x.event, e.UserTaskOpened)}
    case.record(
        e.TaskRecalled(
            task.key,
            task.element_id,
            task.name,
            state_at(trail[:done]),
            acting_on(actor, task),
        )
    )
    for token, key in list(case.tasks.items()):
        if key in opened:
            row = uow.conn.execute(select(user_task).where(user_task.c.key == key)).one()
            case.record(e.UserTaskCancelled(case.tasks.pop(token), row.element_id, row.name))
    _restore_variables(case, trail, done)
    case.tasks[task.token] = task.key
    case.use(Machine(case.definition.program, case.evaluate, kept))
    case.save()
    draft_rows.write(uow, task.key, completed.values, actor.user_key)
    return {"instance_key": str(case.key), "user_task_key": str(task.key)}


def _restore_variables(case: Case, trail: list[Recorded], done: int) -> None:
    """Give the variables that were set since an event the values they had before it."""
    before: dict[str, Any] = {}
    for recorded in trail[:done]:
        if isinstance(recorded.event, e.VariablesSet):
            before.update(recorded.event.values)
    since = {
        name: before.get(name)
        for recorded in trail[done + 1 :]
        if isinstance(recorded.event, e.VariablesSet)
        for name in recorded.event.values
    }
    if since:
        case.set(**since)
