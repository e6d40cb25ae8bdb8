"""Time limits with what explains them: as counted then, and by today's calendar."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, select

from engine.calendar import ChinaWorkingCalendar
from engine.deadline_terms import read_extensions, read_rule, read_term
from engine.deadlines import Deadline, length_text
from engine.errors import NotFound
from engine.explanation import Explanation, explain
from engine.handlers.access import must_see
from engine.handlers.case import read_deadline
from engine.handlers.limit_functions import limit_functions
from engine.history.chain import parse
from engine.history.words import sentence
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.views import DeadlineView, Move
from engine.storage.tables import deadline, deadline_move, event


def deadlines(reader: Reader, instance_key: int) -> tuple[DeadlineView, ...]:
    """Return the limits of a case, in the order they were set."""
    rows = reader.conn.execute(
        select(deadline).where(deadline.c.instance_key == instance_key).order_by(deadline.c.key)
    )
    return tuple(view(reader, row) for row in rows)


def functions(reader: Reader, instance_key: int | None) -> dict[str, Callable[..., object]]:
    """Return what expressions may ask about the running limits of a case that is only read."""
    read: list[dict[str, tuple[Deadline, ChinaWorkingCalendar]]] = []

    def live(element_id: str) -> tuple[Deadline, ChinaWorkingCalendar] | None:
        if not read:  # most expressions never ask
            rows = reader.conn.execute(
                select(deadline)
                .where(deadline.c.instance_key == instance_key, deadline.c.ended_at.is_(None))
                .order_by(deadline.c.key)
            )
            counted = ((r, reader.calendar(r.organisation_key)) for r in rows)
            read.append({r.element_id: (read_deadline(r), calendar) for r, calendar in counted})
        return read[0].get(element_id)

    return limit_functions(live, reader.now)


def one(reader: Reader, actor: Actor, key: int) -> DeadlineView:
    """Return one limit.

    Raises:
        NotFound: no such limit, or none for this reader.
    """
    row = reader.conn.execute(select(deadline).where(deadline.c.key == key)).first()
    if row is None:
        raise NotFound("没有该期限。", f"Expected a deadline {key}, found none.")
    must_see(reader.conn, actor, row.instance_key)
    return view(reader, row)


def view(reader: Reader, row: Row[Any]) -> DeadlineView:
    """Return a limit as its page shows it."""
    term = read_term(row.terms)
    then = _explained(reader, row, then=True)
    now = _explained(reader, row, then=False)
    return DeadlineView(
        key=row.key,
        instance_key=row.instance_key,
        element_id=row.element_id,
        name=row.name,
        basis=row.basis,
        kind=row.kind,
        setting=row.setting,
        org_name=reader.org(row.organisation_key),
        extended_by=row.extended_by,
        event_at=term.event_at,
        due_on=row.due_on,
        due_at=row.due_at,
        status=row.status,
        state=row.state,
        calendar_as_of=row.calendar_as_of,
        expired_at=row.expired_at,
        noticed_at=row.noticed_at,
        ended_at=row.ended_at,
        late_wd=row.late_wd,
        late_cd=row.late_cd,
        chip=reader.chip(row),
        length_zh=length_text(term.length, term.unit),
        then=then,
        now=now if (now.due.due_on, now.due.status) != (row.due_on, then.due.status) else None,
        moves=_moves(reader, row),
        set_by=row.terms.get("set_by", ""),
    )


def _explained(reader: Reader, row: Row[Any], then: bool) -> Explanation:
    calendar = reader.calendar(row.organisation_key, row.calendar_as_of if then else None)
    return explain(
        read_term(row.terms),
        calendar,
        row.basis,
        read_extensions(row.terms),
        read_rule(row.terms),
        by_law=row.kind == "law",
        set_by=row.terms.get("set_by", ""),
    )


def _moves(reader: Reader, row: Row[Any]) -> tuple[Move, ...]:
    found = reader.conn.execute(
        select(deadline_move, event.c.body)
        .join(event, (event.c.stream == deadline_move.c.instance_key) & (event.c.seq == deadline_move.c.seq))
        .where(deadline_move.c.deadline_key.in_(_same_limit(reader, row)))
        .order_by(deadline_move.c.seq)
    )
    return tuple(
        Move(
            m.kind,
            m.at,
            m.due_before,
            m.due_after,
            sentence(parse(m.body).event, reader.org, reader.person),
        )
        for m in found
    )


def _same_limit(reader: Reader, row: Row[Any]) -> list[int]:
    """Return the keys of a limit and of those it goes on from: what moved them moved it."""
    of = deadline.c
    earlier = reader.conn.execute(
        select(of.key, of.terms).where(
            of.instance_key == row.instance_key, of.element_id == row.element_id, of.key < row.key
        )
    )
    granted = row.terms["extensions"]
    return [row.key, *(x.key for x in earlier if granted and x.terms["event_at"] == row.terms["event_at"])]
