"""What a deadline is counted from, as kept in its event and row: an outsider can count it again from this."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.clock import instant, instant_text
from engine.deadlines import Deadline, Extension, ExtensionRule
from engine.periods import Pause, Policy, Term, Unit


def terms_data(deadline: Deadline) -> dict[str, Any]:
    """Return what a deadline is counted from, as JSON values."""
    term, policy, rule = deadline.term, deadline.term.policy, deadline.rule
    return {
        "length": term.length,
        "unit": term.unit.value,
        "event_at": instant_text(term.event_at),
        "policy": {
            "count_receipt_day": policy.count_receipt_day,
            "day_end": policy.day_end,
            "after_hours_rule": policy.after_hours_rule,
            "office_close": policy.office_close,
            "fixed_date_inclusive": policy.fixed_date_inclusive,
            "fixed_date_roll": policy.fixed_date_roll,
        },
        "pauses": [
            {
                "ground": p.ground,
                "basis": p.basis,
                "since": instant_text(p.since),
                "until": instant_text(p.until) if p.until else None,
            }
            for p in term.pauses
        ],
        "extended_by": term.extended_by,
        "extensions": [
            {
                "days": x.days,
                "asked_by": x.asked_by,
                "approved_by": x.approved_by,
                "approved_at": instant_text(x.approved_at),
                "due_before": x.due_before.isoformat(),
            }
            for x in deadline.extensions
        ],
        "rule": None
        if rule is None
        else {
            "max_length": rule.max_length,
            "cap_mode": rule.cap_mode,
            "max_count": rule.max_count,
            "late_approval": rule.late_approval,
            "basis": rule.basis,
        },
        "grounds": dict(deadline.grounds),
        **({"set_by": deadline.set_by} if deadline.set_by else {}),
    }


def read_term(data: Mapping[str, Any]) -> Term:
    """Return the term that `terms_data` kept."""
    return Term(
        length=data["length"],
        event_at=instant(data["event_at"]),
        unit=Unit(data["unit"]),
        policy=Policy(**data["policy"]),
        pauses=tuple(
            Pause(p["ground"], p["basis"], instant(p["since"]), instant(p["until"]) if p["until"] else None)
            for p in data["pauses"]
        ),
        extended_by=data["extended_by"],
    )


def read_extensions(data: Mapping[str, Any]) -> tuple[Extension, ...]:
    """Return the extensions that `terms_data` kept."""
    return tuple(
        Extension(
            x["days"],
            x["asked_by"],
            x["approved_by"],
            instant(x["approved_at"]),
            date.fromisoformat(x["due_before"]),
        )
        for x in data["extensions"]
    )


def read_rule(data: Mapping[str, Any]) -> ExtensionRule | None:
    """Return the extension rule that `terms_data` kept."""
    return ExtensionRule(**data["rule"]) if data["rule"] else None
