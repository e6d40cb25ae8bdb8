"""The limit that a document states, with the explanation that pages and API give."""

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.clock import instant_text
from engine.deadline_terms import read_extensions, read_rule, read_term
from engine.deadlines import UNITS, Deadline
from engine.explanation import ExplainedDay, day_reason, explain
from engine.handlers import terms
from engine.handlers.case import Case
from engine.handlers.day_runs import day_runs
from engine.periods import Term, beijing_day
from engine.storage.tables import deadline


def stated_limit(case: Case, timer: str) -> dict[str, Any]:
    """Return the limit of a timer as a document states it.

    It is the running one; else the one that was set last (the act that ends a limit is often what the document
    tells of), either if it counts from the event that counts now; else the one that is about to be set.
    """
    node = case.node(timer)
    department = terms.owner(case, node)
    running = case.limit_of(timer)
    fresh = terms.new_deadline(case, node, department)
    if running and _same_event(running.deadline.term, fresh.term):
        stated = running.deadline
    else:
        stated = _about_to_be_set(case, timer, fresh)
    explained = explain(
        stated.term,
        case.uow.calendar(department),
        stated.basis,
        stated.extensions,
        stated.rule,
        by_law=stated.kind == "law",
        set_by=stated.set_by,
    )
    unit = UNITS[stated.term.unit]
    return {
        "name": stated.name,
        "length": stated.term.length,
        "unit": unit,
        "event_on": explained.due.event_day,
        "original_due_on": explained.due.original_due_on,
        "due_on": explained.due.due_on,
        "rule": explained.rule,
        "caveat": explained.caveat,
        "days": [_row(dates, first) for dates, first in day_runs(explained.days)],
        "reading": stated.rule.reading(stated.term.unit) if stated.rule else "",
        "moves": _moves(stated, explained.due.due_on, unit),
    }


def _same_event(counted: Term, fresh: Term) -> bool:
    """Say whether a limit is not counted anew since: from another event, or with days left out it did not know of."""
    return counted.event_at == fresh.event_at and set(fresh.pauses) <= set(counted.pauses)


def _about_to_be_set(case: Case, timer: str, fresh: Deadline) -> Deadline:
    query = (
        select(deadline.c.terms, deadline.c.basis)
        .where(deadline.c.instance_key == case.key, deadline.c.element_id == timer)
        .order_by(deadline.c.key.desc())
        .limit(1)
    )
    row = case.uow.conn.execute(query).first()
    if row is None:
        return fresh
    term = read_term(row.terms)
    if not _same_event(term, fresh.term):
        return fresh
    return Deadline(
        fresh.name,
        row.basis,
        fresh.kind,
        fresh.setting,
        term,
        fresh.due,
        rule=read_rule(row.terms),
        extensions=read_extensions(row.terms),
        set_by=row.terms.get("set_by", ""),
    )


def _moves(stated: Deadline, due_on: date, unit: str) -> list[dict[str, Any]]:
    """Return the approved extensions, oldest first, each with the due date before and after it."""
    after = [x.due_before for x in stated.extensions[1:]] + [due_on]
    return [
        {
            "kind": "extended",
            "days": x.days,
            "unit": unit,
            "asked_by": x.asked_by,
            "approved_by": x.approved_by,
            "approved_at": instant_text(x.approved_at),
            "approved_on": beijing_day(x.approved_at),
            "due_before": x.due_before,
            "due_after": due_after,
        }
        for x, due_after in zip(stated.extensions, after, strict=False)  # none: no date after one either
    ]


def _row(dates: str, explained: ExplainedDay) -> dict[str, Any]:
    document = explained.document
    return {
        "date": dates,
        "number": explained.day.number or "—",
        "reason": day_reason(explained.day),
        "title": document.title if document else "",
        "doc_no": document.doc_no if document else "",
        "sentence": explained.sentence,
    }
