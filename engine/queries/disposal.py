"""What an administrator may do with a case, who sees where it stands and nothing of what it is about (C.6)."""

from sqlalchemy import select

from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import is_withheld, withheld_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.verb_views import Disposal, DisposedTask
from engine.queries.verbs import case_row, offered, offered_on_case
from engine.storage.tables import process_instance, user_task


def disposal(reader: Reader, actor: Actor, instance_key: int) -> Disposal:
    """Return what an administrator may do with a case.

    Raises:
        NotAllowed: the actor is none.
        NotFound: no such case.
    """
    actor.must_hold("admin")
    row = case_row(reader, instance_key)
    if is_withheld(reader.conn, actor, row):
        raise _not_found(instance_key)
    t = user_task.c
    tasks = reader.conn.execute(
        select(user_task).where(t.instance_key == row.key, t.state == "open").order_by(t.key)
    )
    return Disposal(
        row.key,
        row.business_id,
        load_definition(reader.conn, row.definition_key).process.name,
        row.state,
        tuple(
            DisposedTask(
                task.key,
                task.name,
                reader.org(task.organisation_key),
                tuple(v for v in offered(reader, actor, task.key) if v.code == "jump"),
            )
            for task in tasks
        ),
        tuple(v for v in offered_on_case(reader, actor, row.key) if v.code == "void"),
    )


def case_numbered(reader: Reader, actor: Actor, number: str) -> int:
    """Return the key of a case by its number, for an administrator.

    Raises:
        NotFound: there is none.
    """
    actor.must_hold("admin")
    of = process_instance.c
    key = reader.conn.execute(
        select(of.key)
        .where(of.business_id == number, ~withheld_cases(reader.conn, actor))
        .order_by(of.key.desc())
        .limit(1)
    ).scalar()
    if key is None:
        raise NotFound("没有该编号的事项。", f"Expected a case numbered {number}, found none.")
    return int(key)


def _not_found(key: int) -> NotFound:
    return NotFound("没有该办理事项。", f"Expected a process instance {key}, found none.")
