"""The functions that expressions may call where a case is only read: on its pages, and for what is offered there."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from engine.clock import instant_text
from engine.definitions import Definition
from engine.expressions import PURE_FUNCTIONS
from engine.handlers.case import day_functions
from engine.handlers.governments import organisation_functions
from engine.model import SIDES
from engine.queries.deadlines import functions as limit_functions
from engine.queries.reader import Reader
from engine.storage.tables import document, organisation

ONLY_IN_A_COMMAND = frozenset({"actor", "actor_name", "doing", "stretch"})
"""What hangs on who acts, or on the act itself; an expression that asks for it is left to the engine."""


def functions_for(
    reader: Reader, definition: Definition, key: int | None, variables: Mapping[str, Any]
) -> dict[str, Callable[..., object]]:
    """Return the functions by name.

    Args:
        key: The case, None where it has not begun.
    """
    sides = (variables.get(name) for side in ("providing", "using") for name in SIDES[side])
    owner = next((int(value) for value in sides if value), None)
    return {
        **PURE_FUNCTIONS,
        **day_functions(reader.calendar(owner), reader.today),
        **organisation_functions(reader.conn),
        **limit_functions(reader, key),
        "now": lambda: instant_text(reader.now),
        "setting": lambda name: definition.process.settings[name].typed,
        "document_no": lambda template: _document_no(reader, key, str(template)),
        "kind_of": lambda org: None if org is None else _kind_of(reader, int(org)),
    }


def _document_no(reader: Reader, key: int | None, template: str) -> str | None:
    newest = (
        select(document.c.number)
        .where(document.c.instance_key == key, document.c.template == template)
        .order_by(document.c.key.desc())
        .limit(1)
    )
    return reader.conn.execute(newest).scalar()


def _kind_of(reader: Reader, org: int) -> str | None:
    return reader.conn.execute(select(organisation.c.kind).where(organisation.c.key == org)).scalar()
