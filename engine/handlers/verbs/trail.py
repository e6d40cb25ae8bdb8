"""取回: whoever handed a task in takes it back while nothing has come of it.

The trail tells: since the completion there may only be what it led to by itself inside the department. What it set
running or sent out cannot be undone by anybody; what others have done is theirs.
"""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine import events as e
from engine.history.chain import Recorded, parse
from engine.model import Process
from engine.storage.tables import draft, event, snapshot_before, task_part

_TRAIL = (
    select(event.c.seq, event.c.type, event.c.body)
    .where(event.c.stream == bindparam("of"))
    .order_by(event.c.seq)
)
_LED_TO: tuple[type[e.Event], ...] = (
    e.ElementReached,
    e.VariablesSet,
    e.PartiesSet,
    e.DecisionMade,
)
_OTHERS: tuple[type[e.Event], ...] = (
    e.UserTaskAssigned,
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.UserTaskMoved,
    e.UserTaskChanged,
    e.TaskPartAsked,
    e.TaskPartAnswered,
    e.TaskPartWithdrawn,
    e.TaskHandedIn,
    e.TaskReturned,
    e.TaskRecalled,
    e.TaskJumped,
    e.TaskUrged,
    e.CaseCopied,
    e.CopyRead,
    e.SupervisionBegun,
    e.SupervisionEnded,
    e.ActDone,
    e.InstanceRebound,
    e.InstanceMigrated,
    e.VersionKept,
    e.MigrationProposed,
    e.PartySucceeded,
    e.DeadlineRecounted,
)
_TELLS_NOTHING = (e.TaskUrged, e.CaseCopied, e.CopyRead, e.SupervisionBegun, e.SupervisionEnded)
"""What changes nothing that the completion led to; whoever it was about has not acted yet."""


def why_not(conn: Connection, task: Row[Any], process: Process) -> str:
    """Return the code of what stands against recalling a completed task, empty if nothing does."""
    kept = conn.execute(
        select(snapshot_before.c.user_task_key).where(snapshot_before.c.instance_key == task.instance_key)
    ).scalar()
    trail = read_trail(conn, task.instance_key)
    done = completion_of(trail, task.key)
    if done is None:
        return "already_acted"
    completed, after = trail[done], trail[done + 1 :]
    others = ""
    for recorded in after:
        found = _against(task, recorded, completed, process)
        if found == "already_effective":
            return found
        others = others or found
    signed = task_part.c.task_key == task.key, task_part.c.kind == "cosign_after"
    if conn.execute(select(task_part.c.key).where(*signed, task_part.c.agrees.is_(True))).first():
        return "already_acted"
    opened = [x.event.user_task_key for x in after if isinstance(x.event, e.UserTaskOpened)]
    typed = select(draft.c.user_task_key).where(draft.c.user_task_key.in_(opened)).limit(1)
    if kept != task.key or conn.execute(typed).first() is not None:
        return "already_acted"
    return others


def state_at(trail: list[Recorded]) -> str:
    """Return the state of a case after a part of its trail."""
    state = "running"
    for recorded in trail:
        if isinstance(recorded.event, e.ElementReached) and recorded.event.state is not None:
            state = recorded.event.state
        elif isinstance(recorded.event, e.TaskRecalled):
            state = recorded.event.state
    return state


def read_trail(conn: Connection, instance_key: int) -> list[Recorded]:
    """Return every event of a case, in order."""
    return [parse(row.body) for row in conn.execute(_TRAIL, {"of": instance_key})]


def completion_of(trail: list[Recorded], task_key: int) -> int | None:
    """Return the place of the last completion of a task."""
    found = [
        at
        for at, x in enumerate(trail)
        if isinstance(x.event, e.UserTaskCompleted) and x.event.user_task_key == task_key
    ]
    return found[-1] if found else None


def _against(task: Row[Any], recorded: Recorded, completed: Recorded, process: Process) -> str:
    """Return the code of what an event since the completion stands for, empty where it is no hindrance."""
    event_, party = recorded.event, task.lane.partition(".")[0]
    if isinstance(event_, e.UserTaskOpened):
        return "" if event_.organisation_key == task.organisation_key else "already_effective"
    if isinstance(event_, e.NoticeSent):
        outside = [lane for lane in event_.roles if "." in lane and lane.partition(".")[0] != party]
        return "already_effective" if outside else ""
    if isinstance(event_, e.ElementReached):
        node = process.nodes.get(event_.element_id)
        return "already_effective" if node is None or node.type == "endEvent" else ""
    if isinstance(event_, _LED_TO) or isinstance(event_, _TELLS_NOTHING):
        return ""
    if isinstance(event_, e.UserTaskAssigned):
        # A round gives each person their task in the very command that opened it.
        same = recorded.recorded_at == completed.recorded_at and recorded.author == completed.author
        return "" if same else "already_acted"
    return "already_acted" if isinstance(event_, _OTHERS) else "already_effective"
