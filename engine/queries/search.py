"""Searches of the API: filters by field, newest first, a page at a time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from engine.definitions import profile_in
from engine.errors import InvalidInput
from engine.handlers.access import must_see, visible_cases
from engine.history.chain import first_break, parse
from engine.history.words import sentence
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import deadline, event, process_definition, process_instance, user, user_task

MAX_LIMIT = 1000

Found = tuple[list[Any], int]


def user_tasks(reader: Reader, actor: Actor, where: Mapping[str, Any], limit: int, offset: int) -> Found:
    """Return user tasks that the actor may work on or whose cases they see, and how many there are."""
    t, i, d = user_task.c, process_instance.c, process_definition.c
    query = (
        select(
            user_task,
            i.business_id,
            i.process_id,
            i.definition_key,
            d.version.label("version"),
            d.name.label("process_name"),
            user.c.username.label("assignee_name"),
            select(deadline.c.due_at)
            .where(
                deadline.c.instance_key == t.instance_key,
                deadline.c.attached_to.in_((t.element_id, t.scope, literal(""))),
                deadline.c.ended_at.is_(None),
            )
            .order_by(deadline.c.due_at)
            .limit(1)
            .scalar_subquery()
            .label("due_at"),
        )
        .join(process_instance, i.key == t.instance_key)
        .join(process_definition, d.key == i.definition_key)
        .join(user, user.c.key == t.assignee, isouter=True)
        .where(visible_cases(reader.conn, actor))
    )
    columns: dict[str, ColumnElement[Any]] = {
        "userTaskKey": t.key,
        "processInstanceKey": t.instance_key,
        "elementId": t.element_id,
        "state": t.state,
        "assignee": user.c.username,
        "processDefinitionId": i.process_id,
        "businessId": i.business_id,
    }
    return paged(reader, filtered(query, columns, where), t.key, limit, offset)


def instances(reader: Reader, actor: Actor, where: Mapping[str, Any], limit: int, offset: int) -> Found:
    """Return cases that the actor sees."""
    i, d = process_instance.c, process_definition.c
    query = (
        select(process_instance, d.version.label("version"), d.name.label("process_name"))
        .join(process_definition, d.key == i.definition_key)
        .where(visible_cases(reader.conn, actor))
    )
    columns: dict[str, ColumnElement[Any]] = {
        "processInstanceKey": i.key,
        "processDefinitionId": i.process_id,
        "businessId": i.business_id,
        "caseState": i.state,
    }
    return paged(reader, filtered(query, columns, where), i.key, limit, offset)


def deadlines(reader: Reader, actor: Actor, where: Mapping[str, Any], limit: int, offset: int) -> Found:
    """Return the time limits of cases that the actor sees."""
    x, i = deadline.c, process_instance.c
    query = (
        select(deadline, i.business_id)
        .join(process_instance, i.key == x.instance_key)
        .where(visible_cases(reader.conn, actor))
    )
    columns: dict[str, ColumnElement[Any]] = {
        "deadlineKey": x.key,
        "processInstanceKey": x.instance_key,
        "elementId": x.element_id,
        "state": x.state,
        "status": x.status,
        "dueOn": x.due_on,
        "businessId": i.business_id,
    }
    return paged(reader, filtered(query, columns, where), x.key, limit, offset)


def history(reader: Reader, actor: Actor, instance_key: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return every event of a case with its hash, and the first that breaks the chain, if any.

    Raises:
        NotFound: no such case for this reader.
    """
    speaks = profile_in(reader.conn, must_see(reader.conn, actor, instance_key).definition_key)
    rows = reader.conn.execute(
        select(event.c.seq, event.c.body, event.c.hash)
        .where(event.c.stream == instance_key)
        .order_by(event.c.seq)
    ).all()
    events = [
        {
            "body": body.decode(),
            "hash": digest.hex(),
            "text": sentence(parse(body).event, reader.org, reader.person, speaks),
        }
        for _, body, digest in rows
    ]
    return events, first_break(((seq, body, digest) for seq, body, digest in rows), reader.algorithm)


def filtered(
    query: Select[Any], columns: Mapping[str, ColumnElement[Any]], where: Mapping[str, Any]
) -> Select[Any]:
    """Return the query with the filters of a request.

    Raises:
        InvalidInput: a filter that is none of the columns.
    """
    for name, value in where.items():
        if name not in columns:
            raise InvalidInput(
                f"不支持按“{name}”筛选；可用的筛选项为{'、'.join(columns)}。",
                f"Expected a filter on one of {', '.join(columns)}, found {name}.",
            )
        query = query.where(columns[name].in_(value) if isinstance(value, list) else columns[name] == value)
    return query


def paged(reader: Reader, query: Select[Any], key: ColumnElement[Any], limit: int, offset: int) -> Found:
    """Return a page of what a query finds, newest first, and how many there are."""
    total = int(reader.conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    rows = reader.conn.execute(query.order_by(key.desc()).limit(limit).offset(offset)).all()
    return list(rows), total
