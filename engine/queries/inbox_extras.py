"""What stands around the list of an inbox: choices of its filters, and what became of rows that went."""

from sqlalchemy import select

from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import organisation, process_definition, user_task

MOST_CHOICES = 60
_t = user_task.c


def procedures(reader: Reader) -> list[tuple[str, str]]:
    """Return the procedures by id, with the name of the newest version."""
    d = process_definition.c
    rows = reader.conn.execute(select(d.process_id, d.name).order_by(d.version))
    return sorted({row.process_id: row.name for row in rows}.items())


def departments(reader: Reader) -> list[str]:
    """Return names of departments to choose among; of more than some dozens one types part of the name."""
    o = organisation.c
    rows = reader.conn.execute(
        select(o.name).where(o.abolished_on.is_(None)).order_by(o.key).limit(MOST_CHOICES)
    )
    return list(rows.scalars())


def gone(reader: Reader, actor: Actor, box: str, keys: list[int]) -> dict[int, tuple[str, str]]:
    """Return what became of tasks that were in a box and are no longer, and through whom.

    A task that only moved down the list is not among them. Of a task that was never the reader's to see, nothing is
    said.
    """
    found: dict[int, tuple[str, str]] = {}
    for row in reader.conn.execute(select(user_task).where(_t.key.in_(keys))) if keys else ():
        if (
            box == "mine"
            and row.ended_by != actor.user_key
            and (row.organisation_key, row.role) not in actor.roles
        ):
            continue
        if box == "department" and (row.organisation_key, row.role) not in actor.roles:
            continue
        if row.state == "completed":
            found[row.key] = ("done", reader.person(row.ended_by) or "")
        elif row.state != "open":
            found[row.key] = ("cancelled", "")
        elif box == "department" and row.assignee is not None:
            found[row.key] = ("claimed", reader.person(row.assignee) or "")
        elif box == "mine" and row.assignee is None:
            found[row.key] = ("back", "")
        elif box == "mine" and row.assignee != actor.user_key:
            found[row.key] = ("claimed", reader.person(row.assignee) or "")
    return found
