"""Parts of the task page that are asked for one by one: its state, the diagram, the history, the next task."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import must_see
from engine.inbox_rows import of_person
from engine.people import Actor
from engine.profiles import profile_of
from engine.queries.cases import history_lines, passed
from engine.queries.incidents import of_case
from engine.queries.reader import Reader
from engine.queries.views import HistoryLine
from engine.storage.tables import event, task_inbox, task_part, user_task

_WAITS = ("delegated", "cosign_before")
"""What somebody else does first: until it is done, the task's holder can only wait."""


@dataclass(frozen=True)
class TaskState:
    """How a task stands, for a page that shows it already."""

    key: int
    state: str
    assignee_name: str | None
    mine: bool
    ended_by: str | None


@dataclass(frozen=True)
class Progress:
    """Where a case stands in its model, and how it came there."""

    instance_key: int
    definition_key: int
    tokens: tuple[str, ...]
    passed: tuple[str, ...]
    incidents: tuple[str, ...]
    history: tuple[HistoryLine, ...]


def state(reader: Reader, actor: Actor, key: int) -> TaskState:
    """Return how a task stands.

    Raises:
        NotFound: no such task for this reader.
    """
    row = reader.conn.execute(select(user_task).where(user_task.c.key == key)).first()
    if row is None:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    must_see(reader.conn, actor, row.instance_key)
    return TaskState(
        key,
        row.state,
        reader.person(row.assignee),
        row.assignee == actor.user_key,
        reader.person(row.ended_by),
    )


def progress(reader: Reader, actor: Actor, key: int) -> Progress:
    """Return where the case of a task stands; nothing of it where the task stands apart (R13-14).

    Raises:
        NotFound: no such task for this reader, or one that stands apart.
    """
    row = reader.conn.execute(select(user_task).where(user_task.c.key == key)).first()
    if row is None:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    case = must_see(reader.conn, actor, row.instance_key)
    definition = load_definition(reader.conn, case.definition_key)
    if definition.process.nodes[row.element_id].apart:
        raise NotFound(
            "该任务单独办理，不显示其他环节。", "Expected a task beside the others, found one apart."
        )
    log = reader.conn.execute(
        select(event.c.seq, event.c.body, event.c.hash)
        .where(event.c.stream == case.key)
        .order_by(event.c.seq)
    ).all()
    open_tasks = reader.conn.execute(
        select(user_task.c.element_id)
        .where(user_task.c.instance_key == case.key, user_task.c.state == "open")
        .distinct()
    ).scalars()
    stuck = of_case(reader, actor, case.key) if case.incidents else ()
    return Progress(
        case.key,
        case.definition_key,
        tuple(open_tasks),
        passed(definition, log),
        tuple(dict.fromkeys(i.element_id for i in stuck)),
        history_lines(reader, log, profile_of(definition.process)),
    )


def next_task(reader: Reader, actor: Actor, done: int) -> int | None:
    """Return the actor's next task in due order, None if nothing is left that can be done now."""
    at, part = task_inbox.c, task_part.c
    waits = (
        select(part.key)
        .where(part.task_key == at.task_key, part.state == "open", part.kind.in_(_WAITS))
        .correlate(task_inbox)
        .exists()
    )
    query = (
        select(at.task_key)
        .where(at.holder == of_person(actor.user_key), at.part.is_(None), at.task_key != done, ~waits)
        .order_by(at.due_at, at.task_key)
        .limit(1)
    )
    found: int | None = reader.conn.execute(query).scalar()
    return found
