"""Events of organisations and people → rows."""

from sqlalchemy import Connection, delete, update

from engine import events as e
from engine.appliers.base import applies, day
from engine.history.chain import Recorded
from engine.storage import tables as t
from engine.storage.statements import add, change, insert_new


@applies.register
def _(event: e.AreaRegistered, conn: Connection, recorded: Recorded) -> None:
    add(conn, t.area, {"name": event.name, "level": event.level, "parent": event.parent})


@applies.register
def _(event: e.OrganisationRegistered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.organisation,
        {
            "key": event.organisation_key,
            "code": event.code,
            "kind": event.kind,
            "level": event.level,
            "area": event.area,
            "managing": event.managing,
            "name": event.name,
            "mark": event.mark,
        },
    )
    _name(conn, event.organisation_key, event.name, event.valid_from, "")


@applies.register
def _(event: e.OrganisationRenamed, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.organisation, event.organisation_key, name=event.name)
    _name(conn, event.organisation_key, event.name, event.valid_from, event.doc_no)


def _name(conn: Connection, key: int, name: str, valid_from: str, doc_no: str) -> None:
    add(
        conn,
        t.organisation_name,
        {"organisation_key": key, "name": name, "valid_from": day(valid_from), "doc_no": doc_no},
    )


@applies.register
def _(event: e.OrganisationSucceeded, conn: Connection, recorded: Recorded) -> None:
    change(
        conn,
        t.organisation,
        event.organisation_key,
        successor_key=event.successor_key,
        abolished_on=day(event.valid_from),
        succession="running",
    )
    conn.execute(
        update(t.deputy)
        .where(t.deputy.c.organisation_key == event.organisation_key)
        .values(organisation_key=event.successor_key)
    )


@applies.register
def _(event: e.SuccessionFinished, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.organisation, event.organisation_key, succession="done")


@applies.register
def _(event: e.UserMoved, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.user, event.user_key, organisation_key=event.organisation_key)


@applies.register
def _(event: e.RoleMoved, conn: Connection, recorded: Recorded) -> None:
    held = t.user_role.c
    conn.execute(
        delete(t.user_role).where(
            held.user_key == event.user_key,
            held.organisation_key == event.from_organisation,
            held.role == event.role,
        )
    )
    insert_new(
        conn,
        t.user_role,
        {"user_key": event.user_key, "organisation_key": event.to_organisation, "role": event.role},
    )


@applies.register
def _(event: e.UserRegistered, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.user,
        {
            "key": event.user_key,
            "username": event.username,
            "name": event.name,
            "organisation_key": event.organisation_key,
            "active": True,
        },
    )


@applies.register
def _(event: e.RoleGranted, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.user_role,
        {"user_key": event.user_key, "organisation_key": event.organisation_key, "role": event.role},
    )


@applies.register
def _(event: e.DeputyAuthorised, conn: Connection, recorded: Recorded) -> None:
    add(
        conn,
        t.deputy,
        {
            "key": event.deputy_key,
            "organisation_key": event.organisation_key,
            "principal_key": event.principal_user,
            "deputy_key": event.deputy_user,
            "role": event.role,
            "valid_from": day(event.valid_from),
            "valid_until": day(event.valid_until),
            "doc_no": event.doc_no,
            "reason": event.reason,
            "processes": event.processes,
            "resource_key": event.resource_key,
            "other_key": event.other_key,
            "entered_by": recorded.author.key,
        },
    )


@applies.register
def _(event: e.DeputyEnded, conn: Connection, recorded: Recorded) -> None:
    change(conn, t.deputy, event.deputy_key, ended_at=recorded.occurred_at, end=event.end)
