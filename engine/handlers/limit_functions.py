"""What expressions may ask about the running limits of a case, in a command and on a page alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.calendar import ChinaWorkingCalendar
from engine.deadlines import Deadline, State
from engine.periods import count

Find = Callable[[str], tuple[Deadline, ChinaWorkingCalendar] | None]


def limit_functions(find: Find, at: datetime) -> dict[str, Callable[..., object]]:
    """Return the functions by name.

    Args:
        find: From the id of a timer to its running limit and the calendar it is counted by.
        at: The instant that is now.
    """

    def due(element: object) -> str | None:
        found = find(str(element))
        return found[0].due.due_on.isoformat() if found else None

    def extension_left(element: object) -> int:
        found = find(str(element))
        return found[0].extension_left if found else 0

    def runs(element: object) -> bool:
        found = find(str(element))
        return found is not None and found[0].state is State.RUNNING and at < found[0].due.due_at

    def extended_due(element: object, days: object) -> str | None:
        """Return the due date that so many days more would lead to, None where they cannot be added."""
        found = find(str(element))
        if found is None or isinstance(days, bool) or not isinstance(days, int):
            return None
        limit, calendar = found
        if not 1 <= days <= limit.extension_left:
            return None
        term = replace(limit.term, extended_by=limit.term.extended_by + days)
        return count(term, calendar).due_on.isoformat()

    return {"due": due, "extension_left": extension_left, "runs": runs, "extended_due": extended_due}
