"""Departments by what they are to each other: level, managing department, government (Art. 5, 20)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from engine.handlers.case_numbers import case_functions
from engine.handlers.department_words import names
from engine.handlers.parties import area_chain, managing_department
from engine.storage.tables import organisation

GOVERNMENT = "government_office"
"""The kind of an organisation that acts for the people's government of its area."""


def organisation_functions(conn: Connection) -> dict[str, Callable[..., object]]:
    """Return the functions of expressions that ask about departments; keys are texts, None where there is none."""

    def managing_of(one: Any, other: Any = None) -> str | None:
        if one is None:
            return None
        return _text(managing_department(conn, int(one), int(other or one)))

    def names_department(text: Any, org: Any, besides: Any = None) -> bool:
        if text is None or org is None:
            return False
        other = None if besides is None else present_name(conn, int(besides))
        return names(str(text), present_name(conn, int(org)) or "", other or "")

    return {
        **case_functions(conn),
        "government_of": lambda org: None if org is None else _text(government_of(conn, int(org))),
        "level_of": lambda org: None if org is None else level_of(conn, int(org)),
        "managing_of": managing_of,
        "department_name": lambda org: None if org is None else present_name(conn, int(org)),
        "names_department": names_department,
        "superior_of": lambda org: None if org is None else _text(superior_of(conn, int(org))),
    }


def government_of(conn: Connection, org: int) -> int | None:
    """Return the office of the people's government of an organisation's area (本级政府)."""
    home = conn.execute(select(organisation.c.area).where(organisation.c.key == org)).scalar()
    return conn.execute(
        select(organisation.c.key)
        .where(
            organisation.c.kind == GOVERNMENT,
            organisation.c.area == home,
            organisation.c.successor_key.is_(None),
        )
        .order_by(organisation.c.key)
        .limit(1)
    ).scalar()


def superior_of(conn: Connection, org: int) -> int | None:
    """Return the managing department of the nearest area above an organisation's own that has one."""
    home = conn.execute(select(organisation.c.area).where(organisation.c.key == org)).scalar()
    for name in reversed(area_chain(conn, home)[:-1]):
        found = conn.execute(
            select(organisation.c.key)
            .where(
                organisation.c.area == name, organisation.c.managing, organisation.c.successor_key.is_(None)
            )
            .limit(1)
        ).scalar()
        if found is not None:
            return int(found)
    return None


def level_of(conn: Connection, org: int) -> str | None:
    """Return province, city or county."""
    return conn.execute(select(organisation.c.level).where(organisation.c.key == org)).scalar()


def present_name(conn: Connection, org: int) -> str | None:
    """Return what an organisation is called now."""
    return conn.execute(select(organisation.c.name).where(organisation.c.key == org)).scalar()


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)
