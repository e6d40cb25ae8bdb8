"""What the preview of a migration says of limits and of what happens at once, drawn from what was done."""

from typing import Any

from engine import events as e
from engine.deadlines import LIVE, UNITS, Deadline
from engine.definitions import Definition
from engine.explanation import explain
from engine.handlers.case import Case, Limit


def limit_lines(case: Case, before: dict[int, Deadline], ended: list[Limit]) -> list[dict[str, Any]]:
    """Return what became of each limit.

    Args:
        before: The limits by key, as they were under the case's version.
        ended: Those that the target has no more.
    """
    lines: list[dict[str, Any]] = []
    for limit in ended:
        lines.append(
            {
                "deadline_key": str(limit.key),
                **_side(case, limit, limit.deadline, "before"),
                "what": "ended",
            }
        )
    for key, limit in case.limits.items():
        after = _side(case, limit, limit.deadline, "after")
        if key not in before:
            lines.append({"deadline_key": None, **after, "what": "set", "held": limit.deadline.held})
            continue
        was = before[key]
        live = was.state in LIVE
        line = {
            "deadline_key": str(key),
            **_side(case, limit, was, "before"),
            **after,
            "what": "counted" if live else "kept",
            "held": live and limit.deadline.held,
            "moves": (limit.due_on > was.due.due_on) - (limit.due_on < was.due.due_on),
        }
        lines.append(line)
    return lines


def follow_ups(target: Definition, done: list[e.Event]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what happened at once under the target: tasks opened or taken away, elements passed; events waited for."""
    moves: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for event in done:
        if isinstance(event, e.UserTaskOpened | e.UserTaskCancelled | e.ElementReached):
            what = {e.UserTaskOpened: "opened", e.UserTaskCancelled: "cancelled"}.get(type(event), "reached")
            moves.append({"element_id": event.element_id, "name": event.name, "what": what})
        elif isinstance(event, e.SubscriptionOpened) and event.element_id:
            new = target.process.nodes[event.element_id]
            events.append({"element_id": None, "name": None, "to_element_id": new.id, "to_name": new.name})
        elif isinstance(event, e.InstanceEnded):
            moves.append({"element_id": "", "name": "事项办结", "what": "ended"})
    return moves, events


def _side(case: Case, limit: Limit, deadline: Deadline, which: str) -> dict[str, Any]:
    term = deadline.term
    explained = explain(
        term,
        case.uow.calendar(limit.organisation),
        deadline.basis,
        deadline.extensions,
        deadline.rule,
        by_law=deadline.kind == "law",
        set_by=deadline.set_by,
    )
    return {
        f"{which}_name": deadline.name,
        f"{which}_setting": deadline.setting,
        f"{which}_basis": deadline.basis,
        f"{which}_length": f"{term.length}{UNITS[term.unit]}" if term.length else "固定日期",
        f"{which}_due_on": deadline.due.due_on.isoformat(),
        f"{which}_status": deadline.due.status.value,
        f"{which}_state": deadline.state.value,
        f"{which}_rule": list(explained.rule),
    }
