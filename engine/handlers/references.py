"""What expressions may ask about papers and departments of a case in hand."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.storage.tables import document, organisation
from engine.uow import UnitOfWork


def reference_functions(uow: UnitOfWork, instance_key: int) -> dict[str, Callable[..., object]]:
    """Return the functions by name: a document's number, a department's kind."""
    return {
        "document_no": lambda template: document_no(uow, instance_key, str(template)),
        "kind_of": lambda org: None if org is None else kind_of(uow, int(org)),
    }


def document_no(uow: UnitOfWork, instance_key: int, template: str) -> str | None:
    """Return the number of the newest document of a template, one issued in this very command included."""
    for sealed in reversed(uow.events):
        event: Any = sealed.recorded.event
        if sealed.recorded.stream == instance_key and isinstance(event, e.DocumentIssued):
            if event.template == template:
                return event.number
    newest = (
        select(document.c.number)
        .where(document.c.instance_key == instance_key, document.c.template == template)
        .order_by(document.c.key.desc())
        .limit(1)
    )
    return uow.conn.execute(newest).scalar()


def kind_of(uow: UnitOfWork, org: int) -> str | None:
    """Return what an organisation is: government, public_institution, central_stationed, …"""
    return uow.conn.execute(select(organisation.c.kind).where(organisation.c.key == org)).scalar()
