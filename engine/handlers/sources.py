"""Where the options of a form's selections come from, by source name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.forms import Form
from engine.handlers import department_sources, lead_sources, update_sources, verifications
from engine.handlers.case import Case
from engine.handlers.governments import GOVERNMENT
from engine.handlers.grants import grants_of, label
from engine.periods import beijing_day
from engine.storage.tables import organisation

Options = Sequence[tuple[str, str]]
Source = Callable[[Connection, Mapping[str, Any], date | None], Options]
"""The day is the one on which somebody chooses; None where what was chosen before is put into words."""


def departments(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return every department, those without a successor only where somebody chooses."""
    query = (
        select(organisation.c.key, organisation.c.name)
        .where(organisation.c.kind != GOVERNMENT)
        .order_by(organisation.c.key)
    )
    rows = conn.execute(query if on is None else query.where(organisation.c.successor_key.is_(None)))
    return [(str(row.key), row.name) for row in rows]


def entries(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return the catalogue entry that the case is about."""
    resource = variables.get("resource") or {}
    return [(str(resource.get("key", "")), str(resource.get("name", "")))]


def grants(conn: Connection, variables: Mapping[str, Any], on: date | None) -> Options:
    """Return the using department's grants of the case's resource."""
    resource, using = variables.get("resource") or {}, variables.get("using_dept")
    living = grants_of(conn, int(using), int(resource["key"]), on) if resource and using else []
    return [(str(row.key), label(row)) for row in living]


SOURCES: Mapping[str, Source] = {
    "departments": departments,
    "entries": entries,
    "grants": grants,
    **department_sources.SOURCES,
    **lead_sources.SOURCES,
    **update_sources.SOURCES,
    **verifications.SOURCES,
}


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
        if name in SOURCES:
            return SOURCES[name](conn, variables, on)
        source, _, about = name.partition(":")
        if source == "open_applications":
            return update_sources.applications_for(conn, variables, about)
        if name == "application.fields":
            return [(c.key, c.label) for c in application.fields if c.fixed is None] if application else []
        form, _, key = name.partition(".")
        return items("resource" if form == "entry" else form, key)

    return find
