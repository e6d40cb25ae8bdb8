"""What expressions may ask about papers and departments of a case in hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import events as e
from engine.storage.tables import document, organisation
from engine.uow import UnitOfWork

if TYPE_CHECKING:
    from engine.handlers.case import Case  # which offers these functions to its expressions


def reference_functions(case: Case) -> dict[str, Callable[..., object]]:
    """Return the functions by name: a document's number, a department's kind."""
    return {
        "document_no": lambda template: document_no(case, str(template)),
        "kind_of": lambda org: None if org is None else kind_of(case.uow, int(org)),
    }


def document_no(case: Case, template: str) -> str | None:
    """Return the number of a case's newest document of a template, one that is just being written included."""
    if case.issuing is not None and case.issuing[0] == template:
        return case.issuing[1]
    for sealed in reversed(case.uow.events):
        event: Any = sealed.recorded.event
        if sealed.recorded.stream == case.key and isinstance(event, e.DocumentIssued):
            if event.template == template:
                return event.number
    newest = (
        select(document.c.number)
        .where(document.c.instance_key == case.key, document.c.template == template)
        .order_by(document.c.key.desc())
        .limit(1)
    )
    return case.uow.conn.execute(newest).scalar()


def kind_of(uow: UnitOfWork, org: int) -> str | None:
    """Return what an organisation is: government, public_institution, central_stationed, …"""
    return uow.conn.execute(select(organisation.c.kind).where(organisation.c.key == org)).scalar()
