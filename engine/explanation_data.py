"""Answers of the calendar as JSON values; command line and API give the same."""

from typing import Any

from engine.ask import Between, DayAnswer, Latest, why
from engine.clock import instant_text
from engine.explanation import ExplainedDay, Explanation, day_reason
from engine.periods import BEIJING


def explanation_data(found: Explanation) -> dict[str, Any]:
    """Return how a due date came to be."""
    due = found.due
    return {
        "last_day": due.due_on.isoformat(),
        "expires_at": due.due_at.astimezone(BEIJING).isoformat(),
        "expires_at_utc": instant_text(due.due_at),
        "status": due.status.value,
        "event_day": due.event_day.isoformat(),
        "original_last_day": due.original_due_on.isoformat(),
        "notices": list(found.notices),
        "rule": [*found.rule, *filter(None, [found.caveat])],
        "days": [_explained_day(d) for d in found.days],
    }


def latest_data(found: Latest) -> dict[str, Any]:
    """Return a reverse count."""
    return {
        "finish_by": found.finish_on.isoformat(),
        "latest_event_day": found.event_on.isoformat(),
        "latest_working_day": found.start_on.isoformat(),
        "first_counted_day": found.first_on.isoformat(),
        "status": found.status.value,
    }


def between_data(found: Between) -> dict[str, Any]:
    """Return a span; the first day is not counted."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "working_days": found.working_days,
        "calendar_days": found.calendar_days,
        "status": found.status.value,
    }


def day_data(found: DayAnswer) -> dict[str, Any]:
    """Return what a day is and why."""
    day, notice = found.day, found.notice
    return {
        "date": day.date.isoformat(),
        "working": day.working,
        "kind": day.kind.value,
        "name": day.name,
        "layer": day.layer.value if day.layer else None,
        "notice": day.notice_id,
        "title": notice.title if notice else None,
        "doc_no": notice.doc_no if notice else None,
        "sentence": (found.holiday.sentence or None) if found.holiday else None,
        "status": found.status.value,
        "why": why(found),
    }


def _explained_day(d: ExplainedDay) -> dict[str, Any]:
    return {
        "date": d.day.date.isoformat(),
        "role": d.day.role.value,
        "number": d.day.number,
        "extension": d.day.extension,
        "name": d.day.name,
        "layer": d.day.layer.value if d.day.layer else None,
        "notice": d.day.notice_id,
        "doc_no": d.document.doc_no if d.document else None,
        "sentence": d.sentence or None,
        "reason": day_reason(d.day),
    }
