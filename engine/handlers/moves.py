"""What moves a running limit: extension, pause, and a change of the calendar. Each leaves before and after."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.chinese_dates import zh
from engine.clock import instant_text
from engine.deadline_terms import terms_data
from engine.deadlines import LIVE, Deadline, DeadlineOver, State
from engine.errors import InvalidInput
from engine.handlers import terms
from engine.handlers.case import Armed, Case, Limit
from engine.handlers.limits import arm_timer, date_of, reminder
from engine.handlers.notices import tell
from engine.model import LimitAct, Node
from engine.periods import beijing_day, excluded_days
from engine.storage.tables import user, user_task

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def act(case: Case, node: Node) -> None:
    """Carry out what an element does to limits when its token leaves."""
    for what in node.limit_acts:
        if what.when is None or case.evaluate(what.when):
            _ACTS[what.kind](case, node, what)


def recount(case: Case, cause: str, notice_key: int) -> int:
    """Count the running limits of a case again by the present calendar; return how many moved (R-T14)."""
    moved = 0
    case.uow.expect_calendar()
    today = beijing_day(case.uow.now)
    for limit in list(case.limits.values()):
        before = limit.deadline
        after = before.recount(case.uow.calendar(limit.organisation), today)
        if (after.due.due_on, after.due.status) == (before.due.due_on, before.due.status):
            continue
        moved += 1
        data = moved_data(case, limit, after)
        case.record(e.DeadlineRecounted(**data, calendar_notice_key=notice_key, cause=cause, held=after.held))
        limit.deadline = after
        rearm(case, limit, again=before.state is State.UNDETERMINED)
        _follow(case, limit)
        if after.due.due_on != before.due.due_on:
            _tell_holders(
                case,
                limit,
                f"因{cause}，{case.business_id}《{{title}}》的{limit.name}由{zh(before.due.due_on)}届满改为{zh(after.due.due_on)}届满。",
            )
    return moved


def settle_answers(case: Case) -> None:
    """Hold the limits whose duty was done, for as long as it is looked at; let those go on that were returned."""
    for limit in list(case.limits.values()):
        period, state = terms.period_of(case.node(limit.element_id)), limit.deadline.state
        answered = case.variables.get(period.answered_by) if period.answered_by else None
        if answered and state in (State.RUNNING, State.UNDETERMINED):
            case.record(e.DeadlineAnswered(limit.key, limit.name, str(answered)))
            limit.state_is(State.ANSWERED)
            _put_off(case, limit)
        elif state is State.ANSWERED and not answered:
            case.record(e.DeadlineReopened(limit.key, limit.name, limit.due_on.isoformat()))
            limit.state_is(State.RUNNING)
            rearm(case, limit)


def rearm(case: Case, limit: Limit, again: bool = False) -> None:
    """Move the instants of a limit with it: its expiry, and its reminders, sent ones included (R-T7).

    Args:
        again: The expiry was put off because the date was an estimate; look at it again at once.
    """
    if limit.deadline.state in (State.PAUSED, State.ANSWERED):
        return
    period = case.node(limit.element_id).period
    reminders = [n for n in case.process.nodes.values() if n.reminder and n.reminder.of == limit.element_id]
    waiting = {t.element_id for t in case.timers.values() if t.kind == "reminder"}
    for armed in list(case.timers.values()):
        if armed.kind == "expiry" and armed.deadline_key == limit.key:
            _move(case, armed.token, limit.deadline.due.due_at, again)
        elif armed.kind == "reminder":
            _move_reminder(case, limit, armed.token)
    # A reminder that went out for the old date has left its boundary event; the new date gets another.
    for node in reminders:
        if node.reminder and node.id not in waiting:
            lead = terms.reminder_lead(case, node.reminder)
            _remind_again(case, limit, node.id, lead)
    if period and period.remind and not reminders and limit.element_id not in waiting:
        _remind_again(case, limit, limit.element_id, int(case.setting("cal.reminder_lead_wd", 1)))


def _follow(case: Case, limit: Limit) -> None:
    """Move the dates that go with a limit, such as that of a request which lapses when it runs out (R13-06)."""
    for armed in list(case.timers.values()):
        period = case.node(armed.element_id).period
        if armed.kind == "date" and period is not None and period.follows == limit.element_id:
            if case.variables.get(period.date or "") is not None:
                case.set(**{period.date or "": limit.due_on.isoformat()})
            _move(case, armed.token, date_of(case, period))


def _request(case: Case, node: Node, what: LimitAct) -> None:
    limit = _running(case, what.of).deadline
    if what.value is None:
        limit.check_request(case.uow.at)
    else:
        limit.check_extension(_value(case, what.value), case.uow.at)


def _extend(case: Case, node: Node, what: LimitAct) -> None:
    limit = _running(case, what.of)
    case.uow.expect_calendar()
    calendar = case.uow.calendar(limit.organisation)
    asked = _value(case, what.asked_value)
    if isinstance(asked, bool) or not isinstance(asked, int):
        raise InvalidInput("没有延长申请。", f"Expected a request for an extension, found {asked!r}.")
    after = limit.deadline.extend(
        _value(case, what.value),
        asked,
        _author_of(case, what.asked or ""),
        case.acting,
        case.uow.at,
        calendar,
    )
    given = after.extensions[-1]
    rule = after.rule
    case.record(
        e.DeadlineExtended(
            **moved_data(case, limit, after),
            days=given.days,
            asked_by=given.asked_by,
            approved_by=given.approved_by,
            reading=rule.reading(after.term.unit) if rule else "",
            basis=rule.basis if rule else "",
        )
    )
    limit.deadline = after
    rearm(case, limit)


def _pause(case: Case, node: Node, what: LimitAct) -> None:
    pause(case, _running(case, what.of), str(_value(case, what.value)))


def pause(case: Case, limit: Limit, ground: str) -> None:
    """Let a limit stand still on a ground that a setting grants.

    Raises:
        PauseNotGranted, DeadlineOver, NotPaused.
    """
    after = limit.deadline.pause(ground, case.uow.at)
    stretch = after.term.pauses[-1]
    case.record(
        e.DeadlinePaused(**moved_data(case, limit, after), ground=stretch.ground, basis=stretch.basis)
    )
    limit.deadline = after
    _put_off(case, limit)


def _resume(case: Case, node: Node, what: LimitAct) -> None:
    resume(case, _running(case, what.of))


def resume(case: Case, limit: Limit) -> None:
    """Let a limit run again, later by the days it stood still.

    Raises:
        NotPaused: it does not stand still.
    """
    case.uow.expect_calendar()
    calendar = case.uow.calendar(limit.organisation)
    after = limit.deadline.resume(case.uow.at, calendar)
    stretch = after.term.pauses[-1]
    taken = excluded_days(stretch, after.term.unit, calendar)
    case.record(e.DeadlineResumed(**moved_data(case, limit, after), ground=stretch.ground, excluded=taken))
    limit.deadline = after
    rearm(case, limit)


_ACTS = {"extensionRequest": _request, "extension": _extend, "pause": _pause, "resume": _resume}


def moved_data(case: Case, limit: Limit, after: Deadline) -> dict[str, Any]:
    """Return what every event of a moved limit holds."""
    before, due = limit.deadline, after.due
    return {
        "deadline_key": limit.key,
        "name": limit.name,
        "terms": terms_data(after),
        "state": after.state.value,
        "due_before": before.due.due_on.isoformat(),
        "status_before": before.due.status.value,
        "original_due_on": due.original_due_on.isoformat(),
        "due_on": due.due_on.isoformat(),
        "due_at": instant_text(due.due_at),
        "status": due.status.value,
        "calendar_as_of": instant_text(case.uow.now),
        "notices": list(case.uow.calendar(limit.organisation).rests_on(*due.examined)),
    }


def _running(case: Case, element_id: str) -> Limit:
    limit = case.limit_of(element_id)
    if limit is None:
        name = case.node(element_id).name.removesuffix("届满")
        raise DeadlineOver(f"“{name}”不在计算中。", f"Expected a limit of {element_id}, found none.")
    return limit


def _value(case: Case, expression: str | None) -> Any:
    return case.evaluate(expression) if expression else None


def _author_of(case: Case, element_id: str) -> tuple[int, str]:
    """Return who last completed a user task: key and name."""
    row = case.uow.conn.execute(
        select(user.c.key, user.c.name)
        .join(user_task, user_task.c.ended_by == user.c.key)
        .where(
            user_task.c.instance_key == case.key,
            user_task.c.element_id == element_id,
            user_task.c.state == "completed",
        )
        .order_by(user_task.c.ended_at.desc(), user_task.c.key.desc())
        .limit(1)
    ).first()
    if row is None:
        raise InvalidInput("没有延长申请。", f"Expected a completed {element_id}, found none.")
    return int(row.key), str(row.name)


def _move(case: Case, token: str, at: datetime, again: bool = False) -> None:
    armed = case.timers[token]
    if again or armed.fires_at != at:
        armed.fires_at = at
        case.record(e.TimerRearmed(armed.key, armed.element_id, instant_text(at)))


def _put_off(case: Case, limit: Limit) -> None:
    for armed in list(case.timers.values()):
        if armed.deadline_key == limit.key or _reminds(case, armed, limit):
            _move(case, armed.token, _NEVER)


def _reminds(case: Case, armed: Armed, limit: Limit) -> bool:
    of = case.node(armed.element_id).reminder
    return of is not None and of.of == limit.element_id


def _move_reminder(case: Case, limit: Limit, token: str) -> None:
    armed = case.timers[token]
    node = case.node(armed.element_id)
    if node.reminder and _reminds(case, armed, limit):
        lead = terms.reminder_lead(case, node.reminder)
    elif armed.deadline_key == limit.key:
        lead = int(case.setting("cal.reminder_lead_wd", 1))
    else:
        return
    _move(case, token, reminder(case, limit.organisation, limit.deadline, lead))


def _remind_again(case: Case, limit: Limit, element_id: str, lead: int) -> None:
    at = reminder(case, limit.organisation, limit.deadline, lead)
    if at > case.uow.at and limit.deadline.state in LIVE:
        arm_timer(case, element_id, f"{element_id}:a", limit.key, "reminder", at)


def _tell_holders(case: Case, limit: Limit, text: str) -> None:
    """Tell those who owe the act, and the department that waits for it."""
    node = case.node(limit.element_id)
    owing = (case.process.nodes.get(limit.attached_to) or node).role or ""
    lanes = [*(node.period.remind if node.period else ()), owing, "use.handler"]
    tell(case, list(dict.fromkeys(lane for lane in lanes if lane)), text)
