"""From a timer of the model to the deadline it stands for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from engine.clock import instant
from engine.deadlines import LIVE, Deadline, ExtensionRule
from engine.errors import ModelFault
from engine.expressions import compile_expression
from engine.handlers.case import Case
from engine.handlers.limits_before import taken_over
from engine.model import Node, Period, Reminder
from engine.periods import BEIJING, Pause, Policy, Term, Unit, count


def period_of(node: Node) -> Period:
    """Return what a timer counts.

    Raises:
        ModelFault: it counts nothing.
    """
    if node.period is None:
        raise ModelFault(
            f"计时器 {node.id} 没有期限设置。", f"Timer {node.id} has no shixian:period.", kind="limit"
        )
    return node.period


def owner(case: Case, node: Node) -> int | None:
    """Return the department that owes the act: the one whose lane the activity lies in (R-T14)."""
    holder = case.node(node.attached_to) if node.attached_to else node
    return case.org_for_lane(holder.role or "")


def holder(case: Case, node: Node) -> str:
    """Return what a limit lasts for: the activity, or of an event sub-process the scope around it.

    Empty for the process itself.
    """
    if node.type == "startEvent":
        return case.node(node.scope or "").scope or ""
    return node.attached_to or node.id


def new_deadline(case: Case, node: Node, department: int | None) -> Deadline:
    """Return the deadline that a timer sets now, counted by the department's calendar.

    One that counts from an event the timer counted from before goes on from there, see `taken_over`.

    Raises:
        ModelFault: the variable that starts it has no value.
    """
    period = period_of(node)
    setting = case.process.settings[period.setting or ""]
    term = _term(case, period)
    fresh = Deadline(
        name=node.name.removesuffix("届满"),  # the event is called 答复期限届满, the limit 答复期限
        basis=setting.basis,
        kind=setting.kind,
        setting=setting.key,
        term=term,
        due=count(term, case.uow.calendar(department)),
        rule=_rule(case, period),
        grounds=_grounds(case, period),
        set_by=str(case.evaluate(period.length_by) or "") if period.length_by else "",
    )
    return taken_over(case, node, fresh, department)


def restated(case: Case, node: Node, before: Deadline, department: int | None, today: date) -> Deadline:
    """Return a running limit with the length and rules of the case's present version, from its own event day.

    What was granted stays: extensions, pauses; so does a length or date that a document of the case set, which
    no version changes. A limit that has run out stays as it was.

    Args:
        today: The earliest day it may now be due on, unless it was due before.
    """
    period = period_of(node)
    setting = case.process.settings[period.setting or ""]
    # These two decide which day the event falls on, and that day is kept.
    kept = before.term.policy
    policy = replace(policy_of(case), after_hours_rule=kept.after_hours_rule, office_close=kept.office_close)
    if before.set_by and period.length is not None:
        term = replace(before.term, policy=policy)
    else:
        fixed = _fixed(case, period)
        term = replace(
            before.term,
            length=0 if fixed else _length(case, period),
            unit=Unit.FIXED_DATE if fixed else Unit(setting.unit),
            policy=policy,
        )
    fresh = replace(
        before,
        name=node.name.removesuffix("届满"),
        basis=setting.basis,
        kind=setting.kind,
        setting=setting.key,
        term=term,
        rule=_rule(case, period),
        grounds=_grounds(case, period),
    )
    return fresh.recount(case.uow.calendar(department), today) if before.state in LIVE else before


def reminder_lead(case: Case, of: Reminder) -> int:
    """Return how many working days before the due date a reminder goes out."""
    return int(case.setting(of.lead_setting)) if of.lead_setting else of.lead


def policy_of(case: Case) -> Policy:
    """Return the choices of counting that the version makes (domain C.2, cal.*)."""
    return Policy(
        count_receipt_day=bool(case.setting("cal.count_receipt_day", False)),
        day_end=str(case.setting("cal.day_end", "24:00")),
        after_hours_rule=str(case.setting("cal.after_hours_rule", "same_day")),
        office_close=str(case.setting("cal.office_close", "17:00")),
        fixed_date_inclusive=bool(case.setting("cal.fixed_date_inclusive", True)),
        fixed_date_roll=str(case.setting("cal.fixed_date_roll", "none")),
    )


def _term(case: Case, period: Period) -> Term:
    if _fixed(case, period):
        return Term(0, _instant(case, period.date or ""), Unit.FIXED_DATE, policy_of(case))
    setting = case.process.settings[period.setting or ""]
    return Term(
        length=_length(case, period),
        event_at=_instant(case, period.start or ""),
        unit=Unit(setting.unit),
        policy=policy_of(case),
        pauses=tuple(_pause(p) for p in case.variables.get(period.pauses or "") or []),
    )


def _fixed(case: Case, period: Period) -> bool:
    """Say whether the limit is a fixed date; one that may be either is, once its date has a value."""
    return period.date is not None and (period.start is None or case.variables.get(period.date) is not None)


def _length(case: Case, period: Period) -> int:
    """Return the length of a period: its setting's, or what a document of the case says, within the bounds.

    Raises:
        ModelFault: what the document says is no whole number within them.
    """
    setting = case.process.settings[period.setting or ""]
    if period.length is None:
        return int(case.setting(setting.key))
    found, least, most = case.evaluate(period.length), int(setting.minimum), int(setting.maximum)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise ModelFault(
            f"“{setting.note}”应为{least}至{most}的整数，实为“{found}”。",
            f"Expected a length of {least} to {most} for {setting.key}, found {found!r}.",
            kind="limit",
            subject=period.length,
            names=compile_expression(period.length).names,
        )
    return found


def _instant(case: Case, variable: str) -> datetime:
    value = case.variables.get(variable)
    if not isinstance(value, str):
        raise ModelFault(
            f"期限的起算变量“{variable}”尚无取值。",
            f"The variable {variable} that starts the limit is not set.",
            kind="limit",
            subject=variable,
            names=[variable],
        )
    if len(value) > 10:
        return instant(value)
    day = date.fromisoformat(value)
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING)


def _pause(data: Mapping[str, Any]) -> Pause:
    return Pause(data["ground"], data["basis"], instant(data["since"]), instant(data["until"]))


def _rule(case: Case, period: Period) -> ExtensionRule | None:
    most, cap, times, late = period.extension
    if most is None:
        return None
    longest = case.setting(most) if period.extension_most is None else case.evaluate(period.extension_most)
    return ExtensionRule(
        max_length=int(longest or 0),
        cap_mode=str(case.setting(cap)) if cap else "additional",
        max_count=int(case.setting(times)) if times else 1,
        late_approval=bool(case.setting(late)) if late else False,
        basis=case.process.settings[most].basis,
    )


def _grounds(case: Case, period: Period) -> dict[str, str]:
    if period.grounds is None:
        return {}
    setting = case.process.settings[period.grounds]
    return {ground: setting.basis for ground in setting.value.split()}
