"""Where the options of a form's selections come from, by source name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.forms import Form
from engine.handlers import update_sources, verifications
from engine.handlers.case import Case
from engine.handlers.department_sources import SOURCES
from engine.handlers.governments import GOVERNMENT
from engine.handlers.grants import grants_of, label, target_grants
from engine.handlers.lead_sources import lead_options
from engine.periods import beijing_day
from engine.storage.tables import organisation

Options = Sequence[tuple[str, str]]


def options(case: Case) -> Callable[[str], Options]:
    """Return the lookup of option lists for a case in hand."""
    application = case.definition.forms.get("F12-A")
    return from_variables(case.uow.conn, case.variables, application, beijing_day(case.uow.at))


def from_variables(
    conn: Connection, variables: Mapping[str, Any], application: Form | None = None, on: date | None = None
) -> Callable[[str], Options]:
    """Return the lookup of option lists for a case's variables.

    Args:
        on: The day on which somebody chooses; None where what was chosen before is put into words.
    """

    def items(form: str, key: str) -> Options:
        return [(item, item) for item in (variables.get(form) or {}).get(key) or []]

    def find(name: str) -> Options:
        if name == "departments":
            query = (
                select(organisation.c.key, organisation.c.name)
                .where(organisation.c.kind != GOVERNMENT)
                .order_by(organisation.c.key)
            )
            rows = conn.execute(query if on is None else query.where(organisation.c.successor_key.is_(None)))
            return [(str(row.key), row.name) for row in rows]
        if name == "entries":
            resource = variables.get("resource") or {}
            return [(str(resource.get("key", "")), str(resource.get("name", "")))]
        if name == "grants":
            resource, using = variables.get("resource") or {}, variables.get("using_dept")
            living = grants_of(conn, int(using), int(resource["key"]), on) if resource and using else []
            return [(str(row.key), label(row)) for row in living]
        if (found := update_sources.find(conn, variables, name)) is not None:
            return found
        if name == "target_grants":
            return target_grants(conn, variables.get("target_dept"), on)
        if name == "application.fields":
            return [(c.key, c.label) for c in application.fields if c.fixed is None] if application else []
        if (offered := lead_options(conn, variables, name, on)) is not None:
            return offered
        if name in verifications.SOURCES:
            return verifications.SOURCES[name](conn, variables)
        if name in SOURCES:
            return SOURCES[name](conn, variables, on)
        form, _, key = name.partition(".")
        return items("resource" if form == "entry" else form, key)

    return find
