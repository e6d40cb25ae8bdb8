"""Watch how tokens move, for who has to know by which flows: a rehearsal's coverage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.runner.facts import Evaluate


@dataclass(frozen=True)
class Moved:
    """A token that has left a spec of SpiffWorkflow's; names are of specs, which `lowering` may have added.

    Attributes:
        before: The spec that it had come from, empty at the beginning of a workflow.
        ahead: The specs that it went to, in fact and not as predicted.
    """

    process_id: str
    name: str
    before: str
    ahead: tuple[str, ...]
    evaluate: Evaluate


Watcher = Callable[[Moved], None]
_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher of every move that this thread makes meanwhile, those of commands that fail included."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def tell(process_id: str, spiff_task: Task, evaluate: Evaluate) -> None:
    """Tell whoever watches that a task has run."""
    watcher = _WATCHER.get()
    if watcher is None:
        return
    ahead = tuple(
        child.task_spec.name
        for child in spiff_task.children
        if not child.has_state(TaskState.PREDICTED_MASK | TaskState.CANCELLED)
    )
    before = spiff_task.parent.task_spec.name if spiff_task.parent is not None else ""
    watcher(Moved(process_id, spiff_task.task_spec.name, before, ahead, evaluate))
