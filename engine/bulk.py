"""Doing one thing to many tasks: each by a command of its own, so that one failing stops none of the others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Message
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


VERBS = {
    "claim": BulkVerb(
        Message("认领", "Claim"),
        Message("认领后只能由您办理，期限照常计算。", "Only you can then do them; limits run on."),
    ),
    "unclaim": BulkVerb(
        Message("放回", "Give back"),
        Message("放回部门待办，期限照常计算。", "They wait for the department again; limits run on."),
    ),
    "assign": BulkVerb(
        Message("转办", "Hand over"),
        Message("转由所选同事办理，期限照常计算。", "The colleague does them then; limits run on."),
        needs=("person",),
    ),
    "urge": BulkVerb(
        Message("催办", "Urge"),
        Message(
            "提醒承办人尽快办理，期限和办理环节不变。",
            "Whoever owes the act is reminded; nothing else changes.",
        ),
        needs=("text",),
    ),
    "mark_read": BulkVerb(
        Message("已阅", "Mark as read"),
        Message(
            "抄送标为已阅，不影响事项和期限。", "Copies count as read; cases and limits stay as they are."
        ),
        of="case",
    ),
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
    shared = {c.key for c in form.fields if _same_for_all(c)}
    kept = [c for c in data["components"] if c.get("type") == "text" or c.get("key") in shared]
    return {**data, "components": kept}


def left_out(form: Form) -> list[str]:
    """Return the names of fields that a shared form does not ask: a case that needs them is done by itself."""
    return [c.label for c in form.fields if not _same_for_all(c) and c.fixed is None]


def _same_for_all(c: Component) -> bool:
    own = c.source is not None or c.form is not None or c.source_of is not None or c.initial is not None
    return c.type in _TYPES and c.fixed is None and not own
