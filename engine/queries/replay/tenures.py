"""Who had which user task when: with a department, with a person in it, or in another's place."""

from dataclasses import replace
from typing import Any

from engine import events as e
from engine.history.chain import Recorded
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.queries.replay.views import Tenure


class Tenures:
    """The user tasks of a case while its events go by."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._over: list[Tenure] = []
        self._now: dict[int, Tenure] = {}
        self._last: dict[int, Tenure] = {}

    def apply(self, recorded: Recorded) -> None:
        """Take in what an event says about a user task."""
        event: Any = recorded.event
        if isinstance(event, e.UserTaskOpened):
            named = (event.user_task_key, event.element_id, event.name, self._org(event, recorded))
            self._now[event.user_task_key] = Tenure(*named, "", "", recorded.seq, recorded.occurred_at)
        elif isinstance(event, e.UserTaskAssigned):
            who = {"holder": event.assignee_name or "", "stands_for": event.principal_name or ""}
            self._go_on(event, recorded, "handed_on", **who)
        elif isinstance(event, e.UserTaskMoved):
            self._go_on(event, recorded, "moved", organisation=self._org(event, recorded))
        elif isinstance(event, e.UserTaskChanged):
            said = {"element_id": event.element_id, "name": event.name}
            self._go_on(event, recorded, "migrated", organisation=self._org(event, recorded), **said)
        elif isinstance(event, e.UserTaskCompleted):
            who = {"holder": event.by_name or recorded.author.name, "stands_for": event.as_deputy_of or ""}
            self._end(event, recorded, "completed", **who)
        elif isinstance(event, e.UserTaskCancelled):
            self._end(event, recorded, "cancelled")
        elif isinstance(event, e.TaskRecalled) and event.user_task_key in self._last:
            self._begin(self._last[event.user_task_key], recorded)

    def all(self) -> tuple[Tenure, ...]:
        """Return the stretches in the order they began."""
        return tuple(sorted((*self._over, *self._now.values()), key=lambda t: (t.since, t.task_key)))

    def _go_on(self, event: Any, recorded: Recorded, how: str, **values: Any) -> None:
        before = self._now.get(event.user_task_key)
        if before is None or all(getattr(before, name) == value for name, value in values.items()):
            return
        # One that lay with the department for no time at all was never waiting for anybody there.
        if before.holder or before.since_at != recorded.occurred_at:
            self._end(event, recorded, how)
        self._begin(replace(before, **values), recorded)

    def _begin(self, like: Tenure, recorded: Recorded) -> None:
        self._now[like.task_key] = replace(
            like,
            since=recorded.seq,
            since_at=recorded.occurred_at,
            until=None,
            until_at=None,
            how="",
        )

    def _end(self, event: Any, recorded: Recorded, how: str, **values: Any) -> None:
        before = self._now.pop(event.user_task_key, None)
        if before is None:
            return
        if how == "completed" and before.holder not in ("", values["holder"]):
            values = {}  # another did it in the holder's absence; the act itself names them
        ended = replace(before, until=recorded.seq, until_at=recorded.occurred_at, how=how, **values)
        self._over.append(ended)
        self._last[event.user_task_key] = ended

    def _org(self, event: Any, recorded: Recorded) -> str:
        return self._reader.org(event.organisation_key, beijing_day(recorded.occurred_at))
