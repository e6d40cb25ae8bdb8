"""The packet of a limit that was missed: everything a report on it needs, read from the case's own history.

A person who reports (Art. 20 上报) checks and signs; nobody writes down by hand what the trail already holds.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from engine import events as e
from engine.chinese_dates import zh_at
from engine.clock import instant_text
from engine.deadlines import UNITS, Deadline
from engine.errors import ModelFault
from engine.explanation import ExplainedDay, day_reason, explain
from engine.handlers.case import Case, read_deadline
from engine.handlers.course_words import course_words
from engine.handlers.day_runs import day_runs
from engine.handlers.parties import organisation_named
from engine.history.chain import Recorded, parse
from engine.model import Node
from engine.periods import beijing_day
from engine.storage.tables import deadline, event, user

_ACTS = (
    "UserTaskCompleted",
    "ActDone",
    "DeadlineSet",
    "DeadlineExtended",
    "DeadlineRecounted",
    "DeadlineExpired",
    "DeadlineEnded",
    "MessageDelivered",
    "NoticeSent",
    "DocumentIssued",
    "PartySucceeded",
)
"""The events an outsider reads the course of a case from."""
_OF_LIMITS = (e.DeadlineSet, e.DeadlineMoved, e.DeadlineExpired, e.DeadlineEnded)


def assemble_packet(case: Case, node: Node) -> dict[str, Any]:
    """Return the packet of the limit that the model names.

    Its input `timer` is the timer whose limit it is about; `without` lists tasks that are no part of the course,
    such as the drafting of the very report. The packet's own documents are none either.

    Returns:
        chronology: what happened, each act with its legal instant and, where it differs, when it was noted;
        limit, rule, days: the limit, the reasoning and the strip of its days;
        documents, reminders: what was issued, and when people were reminded of this limit;
        digest: SHA-256 over all of that;
        changed: whether that differs from the packet assembled before;
        assembled_at: when it was put together.
    """
    given = {name: case.evaluate(text) for name, text in node.inputs}
    timer = str(given["timer"])
    skipped = frozenset(given.get("without") or ())
    own = {
        rule.template
        for n in case.process.nodes.values()
        if n.service == node.service
        for rule in n.documents
    }
    name = case.node(timer).name.removesuffix("届满")
    acts = [act for act in _acts(case) if _tells(act, name, skipped, own)]
    found = {
        **_limit(case, timer),
        "chronology": [_line(case, act) for act in acts],
        "documents": [_document(act) for act in acts if isinstance(act.event, e.DocumentIssued)],
        "reminders": [instant_text(act.occurred_at) for act in acts if isinstance(act.event, e.NoticeSent)],
    }
    found["reminders_zh"] = "、".join(zh_at(datetime.fromisoformat(at)) for at in found["reminders"])
    digest = hashlib.sha256(orjson.dumps(found, option=orjson.OPT_SORT_KEYS)).hexdigest()
    before = (case.variables.get("packet") or {}).get("digest")
    return {
        **found,
        "digest": digest,
        "changed": digest != before,
        "assembled_at": instant_text(case.uow.at),
    }


def _acts(case: Case) -> Iterator[Recorded]:
    """Yield the acts of the case in order, those of this very command last."""
    stored = case.uow.conn.execute(
        select(event.c.body).where(event.c.stream == case.key, event.c.type.in_(_ACTS)).order_by(event.c.seq)
    )
    yield from (parse(body) for (body,) in stored)
    for sealed in case.uow.events:
        if sealed.recorded.stream == case.key and type(sealed.recorded.event).__name__ in _ACTS:
            yield sealed.recorded


def _line(case: Case, act: Recorded) -> dict[str, Any]:
    org, person = _names(case, act)
    noted = act.recorded_at != act.occurred_at
    by = act.author.name if act.author.key else "共享平台"
    if isinstance(act.event, e.MessageDelivered):
        by = org(act.event.sender) or by
    return {
        "at": instant_text(act.occurred_at),
        "noted_at": instant_text(act.recorded_at) if noted else None,
        "act": course_words(case, act.event, org, person),
        "by": by,
    }


def _names(
    case: Case, act: Recorded
) -> tuple[Callable[[int | None], str | None], Callable[[int | None], str | None]]:
    on = beijing_day(act.occurred_at)

    def org(key: int | None) -> str | None:
        return organisation_named(case.uow.conn, key, on) if key else None

    def person(key: int | None) -> str | None:
        return case.uow.conn.execute(select(user.c.name).where(user.c.key == key)).scalar() if key else None

    return org, person


def _document(act: Recorded) -> dict[str, Any]:
    issued: Any = act.event
    return {
        "template": issued.template,
        "number": issued.number,
        "title": issued.title,
        "sha256": issued.sha256,
        "issued_at": instant_text(act.occurred_at),
    }


def _tells(act: Recorded, name: str, skipped: frozenset[str], own: set[str]) -> bool:
    """Say whether an act belongs to the course: of limits and reminders only those of the limit it is about."""
    event: Any = act.event
    if isinstance(event, e.UserTaskCompleted) and event.element_id in skipped:
        return False
    if isinstance(event, e.DocumentIssued) and event.template in own:
        return False
    if isinstance(event, e.NoticeSent):
        return event.text.startswith("期限提醒") and name in event.text
    return not isinstance(event, _OF_LIMITS) or event.name == name


def _limit(case: Case, timer: str) -> dict[str, Any]:
    """Return the newest limit that the timer set, explained by the calendar of the department that owes the act."""
    row = case.uow.conn.execute(
        select(deadline)
        .where(deadline.c.instance_key == case.key, deadline.c.element_id == timer)
        .order_by(deadline.c.key.desc())
        .limit(1)
    ).first()
    if row is None:
        raise ModelFault(
            f"“{case.node(timer).name}”所计的期限尚未起算，不能汇编材料。",
            f"Expected a limit of {timer}, found none.",
            kind="limit",
        )
    limit = case.limit_of(timer)
    of: Deadline = limit.deadline if limit is not None else read_deadline(row)
    explained = explain(
        of.term,
        case.uow.calendar(row.organisation_key),
        of.basis,
        of.extensions,
        of.rule,
        by_law=of.kind == "law",
        set_by=of.set_by,
    )
    length = f"{of.term.length}{UNITS[of.term.unit]}" if of.term.length else "固定日期"
    return {
        "limit": {
            "name": of.name,
            "length": length + (f"，延长{of.term.extended_by}个工作日" if of.term.extended_by else ""),
            "event_on": explained.due.event_day.isoformat(),
            "due_on": of.due.due_on.isoformat(),
            "set_by": of.set_by,
        },
        "rule": list(explained.rule),
        "days": [_row(dates, first) for dates, first in day_runs(explained.days)],
    }


def _row(dates: str, explained: ExplainedDay) -> dict[str, Any]:
    first, document = explained.day, explained.document
    return {
        "date": dates,
        "number": first.number,
        "role": first.role.value,
        "reason": day_reason(first),
        "document": f"《{document.title}》（{document.doc_no}）" if document else "",
    }
