"""Doing one thing to many tasks: each by a command of its own, so that one failing stops none of the others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import verbs
from engine.errors import Message
from engine.expressions import ExpressionRefused, compile_expression
from engine.forms.model import Component, Form

MOST = 200
SLICE = 10
"""How many one request of the page carries out, so that its bar moves."""
_TYPES = ("textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "datetime")
_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True)
class BulkVerb:
    """What may be done to many at once.

    Attributes:
        of: What is chosen: tasks, or cases.
        needs: What the dialogue asks for: person, text, or form.
    """

    name: Message
    effect: Message
    of: str = "task"
    needs: tuple[str, ...] = ()


def _as_one(code: str, of: str = "task", needs: tuple[str, ...] = ()) -> BulkVerb:
    """Return a verb that does to many what it does to one."""
    return BulkVerb(verbs.VERBS[code].name, verbs.VERBS[code].effect, of, needs)


VERBS = {
    "claim": _as_one("claim"),
    "unclaim": _as_one("unclaim"),
    "assign": _as_one("assign", needs=("person", "text")),
    "urge": _as_one("urge", needs=("text",)),
    "mark_read": _as_one("mark_read", of="case"),
    "complete": BulkVerb(
        Message("办理同类答复", "Sign alike replies"),
        Message(
            "同一表单逐件提交，每件各自校验、各自留痕。",
            "One form is handed in for each, checked and kept one by one.",
        ),
        needs=("form",),
    ),
}


def command_of(bulk_id: str, key: int) -> str:
    """Return the id of the command for one chosen thing: a repeated post finds the stored answer."""
    return f"{bulk_id}:{key}"


def is_bulk_id(text: str) -> bool:
    """Say whether a text can stand before the ids of commands."""
    return _ID.fullmatch(text) is not None


def own_fields(form: Form) -> list[str]:
    """Return the names of required fields that differ from case to case: such a form is not for many at once."""
    return [c.label for c in form.fields if c.required and not _same_for_all(c)]


def shared_form(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form as stored with the fields that many cases can share; what else it asks is left to each case.

    Args:
        data: The form's stored definition.
    """
    shared, closed = {c.key for c in form.fields if _same_for_all(c)}, closed_options(form)
    kept = [c for c in data["components"] if c.get("type") == "text" or c.get("key") in shared]
    return {**data, "components": [_with_reasons(c, closed.get(c.get("key", ""), ())) for c in kept]}


def _with_reasons(component: Mapping[str, Any], closed: Sequence[str]) -> Mapping[str, Any]:
    """Return a stored field that says of its closed options why they are closed."""
    if not closed:
        return component
    own = component.get("shixian") or {}
    why = {**(own.get("optionsWhy") or {}), **dict.fromkeys(closed, "须逐件办理")}
    return {**component, "shixian": {**own, "optionsWhy": why}}


def left_out(form: Form) -> list[str]:
    """Return the names of fields that a shared form does not ask: a case that needs them is done by itself."""
    return [c.label for c in form.fields if not _same_for_all(c) and c.fixed is None]


def closed_options(form: Form) -> dict[str, tuple[str, ...]]:
    """Return the options, by field, that would make a case answer a field which the shared form does not ask."""
    own = [c.required_when for c in form.fields if c.required_when and not _same_for_all(c)]
    found: dict[str, tuple[str, ...]] = {}
    for c in form.fields:
        if c.type in ("radio", "select") and _same_for_all(c):
            closed = tuple(value for value, _ in c.values if any(_holds(when, c.key, value) for when in own))
            found |= {c.key: closed} if closed else {}
    return found


def _holds(expression: str, key: str, value: str) -> bool:
    try:
        return bool(compile_expression(expression).evaluate({key: value}, {}))
    except ExpressionRefused:
        return False  # it hangs on more than this answer


def _same_for_all(c: Component) -> bool:
    own = c.source is not None or c.form is not None or c.source_of is not None or c.initial is not None
    return c.type in _TYPES and c.fixed is None and not own
