"""What the objects of sub-forms begin with, by the name that a form gives (`shixian.items`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.handlers.entries import form_values, in_force, own_code

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Items:
    """What a list of objects begins with.

    Attributes:
        initial: What the objects are about when the form is opened for the first time; None: about nothing yet.
        filled: An object about something, with what is known of it.
    """

    initial: Callable[[Variables], list[str | None]]
    filled: Callable[[Connection, Variables, str | None], dict[str, Any]]


def _affected(variables: Variables) -> list[str | None]:
    registered = variables.get("registration") or {}
    return [*(registered.get("entries") or []), *([None] if registered.get("new_entry") else [])]


def _entry(conn: Connection, variables: Variables, about: str | None) -> dict[str, Any]:
    """Return an entry of the department as it is in force; its department's code is what it will be kept under."""
    department = variables.get("reporting_dept")
    known = {"provider_code": own_code(conn, int(department))} if department else {}
    row = in_force(conn, int(about)) if about and about.isdigit() else None
    if row is None:
        return {**known, "change": "add"} if not about else {"entry": about}
    return {**form_values(row), **known, "entry": about, "change": "revise"}


ITEMS: Mapping[str, Items] = {"affected_entries": Items(_affected, _entry)}


def begin(
    conn: Connection, variables: Variables, component: Mapping[str, Any], objects: list[Any] | None
) -> list[dict[str, Any]]:
    """Return the objects of sub-forms as the page shows them: what says only what it is about is filled in.

    Args:
        component: The sub-forms as the form's file has them.
        objects: What was saved before; None where nothing was.
    """
    own = component["shixian"]
    known, item = ITEMS[own["items"]], own["item"]
    if objects is None:
        return [known.filled(conn, variables, about) for about in known.initial(variables)]
    return [
        value if set(value) - {item} else known.filled(conn, variables, value.get(item) or None)
        for value in objects
        if isinstance(value, dict)
    ]
