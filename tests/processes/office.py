"""What process tests ask about a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk
from engine.storage.tables import (
    blob,
    deadline,
    document,
    event,
    incident,
    notice,
    process_instance,
    user,
    user_role,
    user_task,
)


def case(desk: Desk, key: int) -> Any:
    with desk.engine.database.reading() as conn:
        return conn.execute(select(process_instance).where(process_instance.c.key == key)).one()


def open_tasks(desk: Desk, key: int) -> set[str]:
    with desk.engine.database.reading() as conn:
        query = select(user_task.c.element_id).where(
            user_task.c.instance_key == key, user_task.c.state == "open"
        )
        return set(conn.execute(query).scalars())


def task(desk: Desk, key: int, element_id: str) -> Any:
    with desk.engine.database.reading() as conn:
        query = (
            select(user_task)
            .where(user_task.c.instance_key == key, user_task.c.element_id == element_id)
            .order_by(user_task.c.key.desc())
            .limit(1)
        )
        return conn.execute(query).one()


def limits(desk: Desk, key: int, element_id: str) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = (
            select(deadline)
            .where(deadline.c.instance_key == key, deadline.c.element_id == element_id)
            .order_by(deadline.c.key)
        )
        return list(conn.execute(query))


def templates(desk: Desk, key: int) -> list[str]:
    with desk.engine.database.reading() as conn:
        query = select(document.c.template).where(document.c.instance_key == key).order_by(document.c.key)
        return list(conn.execute(query).scalars())


def document_text(desk: Desk, key: int, template: str) -> str:
    """Return the newest document of a template as it was frozen."""
    with desk.engine.database.reading() as conn:
        query = (
            select(blob.c.content)
            .join(document, document.c.sha256 == blob.c.sha256)
            .where(document.c.instance_key == key, document.c.template == template)
            .order_by(document.c.key.desc())
            .limit(1)
        )
        return str(conn.execute(query).scalar_one().decode())


def trail(desk: Desk, key: int) -> list[str]:
    with desk.engine.database.reading() as conn:
        return list(
            conn.execute(select(event.c.type).where(event.c.stream == key).order_by(event.c.seq)).scalars()
        )


def told(desk: Desk, key: int) -> list[tuple[str, str, datetime]]:
    """Return (user name, text, instant) of the notices of a case, in order."""
    with desk.engine.database.reading() as conn:
        query = (
            select(user.c.username, notice.c.text, notice.c.sent_at)
            .join(user, user.c.key == notice.c.user_key)
            .where(notice.c.instance_key == key)
            .order_by(notice.c.key)
        )
        return [tuple(row) for row in conn.execute(query)]


def wait_until(desk: Desk, at: datetime) -> None:
    desk.engine.handle(c.SetClock(actor=None, at=at))


def incidents(desk: Desk, key: int, state: str = "open") -> list[Any]:
    """Return the incidents of a case in a state, oldest first."""
    with desk.engine.database.reading() as conn:
        query = select(incident).where(incident.c.instance_key == key, incident.c.state == state)
        return list(conn.execute(query.order_by(incident.c.key)))


def administrators(desk: Desk) -> tuple[Any, Any]:
    """Return two system administrators."""
    with desk.engine.database.reading() as conn:
        org = conn.execute(select(user_role.c.organisation_key).where(user_role.c.role == "admin")).scalar()
    first = desk.actor(int(org or 0), "admin")
    return first, desk.actor(first.org_key, "admin", other_than=first.user_key)
