"""Time limits of a case: set, remind, expire, end (R-T1 to R-T13)."""

from datetime import date, datetime, time, timedelta
from functools import partial

from engine import events as e
from engine.chinese_dates import zh
from engine.clock import instant, instant_text
from engine.deadline_terms import terms_data
from engine.deadlines import Deadline, State
from engine.handlers import held, terms
from engine.handlers.case import Armed, Case, Limit
from engine.handlers.limits_before import ran_before
from engine.handlers.notices import tell, tell_administrators
from engine.model import Node, Period
from engine.periods import BEIJING, Status, beijing_day, days_late, reminder_at
from engine.runner import Fact, Kind

_LOOK_AGAIN = timedelta(hours=6)


def arm(case: Case, fact: Fact) -> None:
    """A timer waits: set its deadline, its instant and its reminders.

    One that starts an event sub-process waits from the beginning of its scope on; what it counts from may only
    come later, see `late`.
    """
    node = case.node(fact.element_id)
    if node.type == "startEvent" and not _begun(case, node):
        return
    if node.reminder is not None:
        of = case.node(node.reminder.of)
        if of.period is not None and of.period.when is not None and not case.evaluate(of.period.when):
            return
        limit = case.limit_of(of.id)
        # BPMN gives no order in which boundary events are armed: the limit may not be set yet.
        owner = terms.owner(case, of)
        deadline = limit.deadline if limit else terms.new_deadline(case, of, owner)
        lead = terms.reminder_lead(case, node.reminder)
        at = reminder(case, owner, deadline, lead)
        if _worth_sending(case, of, owner, deadline, lead, at):
            arm_timer(case, node.id, fact.token, None, "reminder", at)
        return
    period = terms.period_of(node)
    if (period.when is not None and not case.evaluate(period.when)) or _passed_over(case, node):
        return
    if period.date is not None and period.setting is None:
        arm_timer(case, node.id, fact.token, None, "date", date_of(case, period))
        return
    limit = _set(case, node)
    arm_timer(case, node.id, fact.token, limit.key, "expiry", limit.deadline.due.due_at)
    announced = any(n.reminder and n.reminder.of == node.id for n in case.process.nodes.values())
    if period.remind and not announced:
        lead = int(case.setting("cal.reminder_lead_wd", 1))
        at = reminder(case, limit.organisation, limit.deadline, lead)
        if _worth_sending(case, node, limit.organisation, limit.deadline, lead, at):
            arm_timer(case, node.id, f"{fact.token}:r", limit.key, "reminder", at)


def _worth_sending(
    case: Case, of: Node, owner: int | None, deadline: Deadline, lead: int, at: datetime
) -> bool:
    """Say whether a reminder still tells something: of what is over it does not, and of two that are late one does.

    Source: R-T7, at once where its instant has passed, and once, though the limit be set again (`limits_before`).
    """
    if at > case.uow.at:
        return True
    if deadline.due.due_at <= case.uow.at or ran_before(case, of.id, deadline.due.due_on):
        return False
    others = (n.reminder for n in case.process.nodes.values() if n.reminder and n.reminder.of == of.id)
    nearer = [own for other in others if (own := terms.reminder_lead(case, other)) < lead]
    return all(reminder(case, owner, deadline, own) > case.uow.at for own in nearer)


def _passed_over(case: Case, node: Node) -> bool:
    """Say whether the activity that a timer sits on is skipped: what nobody has to do has no limit."""
    host = case.process.nodes.get(node.attached_to or "")
    return host is not None and host.skip_when is not None and bool(case.evaluate(host.skip_when))


def late(case: Case) -> list[Fact]:
    """Return the waiting timers of whole scopes that are not set, having waited for what they count from."""
    return [
        Fact(Kind.ARMED, element_id, token)
        for token, element_id in case.machine.armed.items()
        if (node := case.node(element_id)).type == "startEvent"
        and node.event == "timer"
        and token not in case.timers
    ]


def _begun(case: Case, node: Node) -> bool:
    period = terms.period_of(node)
    return isinstance(case.variables.get(period.date or period.start or ""), str)


def disarm(case: Case, token: str) -> None:
    """A timer no longer waits."""
    for kept in (token, f"{token}:r", f"{token}:a"):
        disarm_one(case, kept)


def disarm_one(case: Case, token: str) -> None:
    """One instant no longer matters."""
    if armed := case.timers.pop(token, None):
        case.record(e.TimerDisarmed(armed.key, armed.element_id))


def uncertain(case: Case, armed: Armed) -> bool:
    """Say whether the deadline rests on an estimate; then nothing expires and people are told (R-T13)."""
    limit = case.limits.get(armed.deadline_key or 0)
    if armed.kind != "expiry" or limit is None or limit.deadline.due.status is not Status.UNCOVERED:
        return False
    if limit.deadline.state is not State.UNDETERMINED:
        limit.state_is(State.UNDETERMINED)
        case.record(e.DeadlineUndetermined(limit.key, limit.name, limit.due_on.isoformat()))
        text = (
            f"{case.business_id}的{limit.name}涉及尚未公布放假安排的年度，期限待定，不作逾期处理。"
            "请系统管理员登记国务院办公厅的放假安排通知。"
        )
        tell(case, ["mgr.handler", "mgr.head"], text, "reminder")
        tell_administrators(case, text)
    case.record(e.TimerPostponed(armed.key, instant_text(case.uow.now + _LOOK_AGAIN)))
    return True


def expire(case: Case, node: Node) -> None:
    """The limit of a timer has run out with the duty undone (R-T8, R12-14)."""
    period, limit = node.period, case.limit_of(node.id)
    if period is not None and limit is not None and limit.deadline.state is not State.OVERDUE:
        _run_out(case, limit, period)


def _run_out(case: Case, limit: Limit, period: Period) -> None:
    limit.state_is(State.OVERDUE)
    case.record(
        e.DeadlineExpired(limit.key, limit.name, limit.due_on.isoformat(), period.on_expiry == "overdue")
    )
    before = ran_before(case, limit.element_id, limit.due_on, limit.key) if period.supervisor else None
    if period.supervisor and (before is None or before.expired_at is None):
        tell(
            case,
            period.supervisor.split(),
            f"{case.business_id}《{{title}}》{limit.name}已于{zh(limit.due_on)}届满，有关事项尚未办理。",
            "overdue",
        )


def close_left(case: Case) -> None:
    """End the limits whose activity no token is in any more.

    One that could not be ended is of an earlier visit, whether or not its activity was entered again.
    """
    for limit in list(case.limits.values()):
        stuck = held.find(case, "", limit.key, "limit")
        if stuck is not case.trying if stuck is not None else case.machine.active(limit.attached_to):
            continue
        held.attempt(case, "limit", limit.element_id, "", partial(end, case, limit), deadline_key=limit.key)


def cancel_all(case: Case, but: int | None = None) -> None:
    """End every limit and timer, one limit left out: the case was interrupted."""
    for limit in [limit for limit in case.limits.values() if limit.key != but]:
        end(case, limit, cancelled=True)
    for token in list(case.timers):
        disarm(case, token)


def remind(case: Case, armed: Armed) -> None:
    """Send the reminder of a limit (R-T7); a notice changes nothing."""
    node = case.node(armed.element_id)
    of = case.node(node.reminder.of) if node.reminder else node
    limit = case.limit_of(of.id)
    roles = list(of.period.remind) if of.period else []
    if limit is not None and limit.deadline.state in (State.RUNNING, State.UNDETERMINED) and roles:
        if not node.notices:
            tell(
                case,
                roles,
                f"期限提醒：{case.business_id}《{{title}}》{limit.name}将于{zh(limit.due_on)}届满，请及时办理。",
                "reminder",
            )


def reminder(case: Case, department: int | None, deadline: Deadline, lead: int) -> datetime:
    """Return the instant of a deadline's reminder, so many working days before it."""
    at = str(case.setting("cal.reminder_time", "09:00"))
    return reminder_at(deadline.due.due_on, lead, at, case.uow.calendar(department))


def arm_timer(
    case: Case, element_id: str, token: str, deadline_key: int | None, kind: str, at: datetime
) -> None:
    """Keep an instant that the sweep looks for. A token with a colon moves nothing in the diagram."""
    if case.not_due_before is not None:
        at = max(at, case.uow.now)  # what a migration arms may not go off before it
    armed = Armed(case.uow.next_key(), element_id, token, deadline_key, kind, at)
    case.timers[token] = armed
    case.record(e.TimerArmed(armed.key, element_id, token, deadline_key, kind, instant_text(at)))


def _set(case: Case, node: Node) -> Limit:
    period, owner = terms.period_of(node), terms.owner(case, node)
    case.uow.expect_calendar()
    deadline = terms.new_deadline(case, node, owner)
    if case.not_due_before is not None:
        deadline = deadline.not_before(case.not_due_before)
    due, calendar = deadline.due, case.uow.calendar(owner)
    limit = Limit(case.uow.next_key(), node.id, terms.holder(case, node), owner, deadline)
    case.record(
        e.DeadlineSet(
            deadline_key=limit.key,
            element_id=node.id,
            attached_to=limit.attached_to,
            organisation_key=owner,
            name=deadline.name,
            basis=deadline.basis,
            kind=deadline.kind,
            setting=deadline.setting,
            terms=terms_data(deadline),
            event_on=due.event_day.isoformat(),
            original_due_on=due.original_due_on.isoformat(),
            due_on=due.due_on.isoformat(),
            due_at=instant_text(due.due_at),
            status=due.status.value,
            calendar_as_of=instant_text(case.uow.now),
            notices=list(calendar.rests_on(*due.examined)),
            on_expiry=period.on_expiry,
        )
    )
    case.limits[limit.key] = limit
    return limit


def end(case: Case, limit: Limit, cancelled: bool = False) -> None:
    """End a limit: its duty was done, or it was broken off.

    One whose timer is stuck has run out by law all the same.
    """
    node = case.node(limit.element_id)
    period = terms.period_of(node)
    due, now = limit.deadline.due, case.uow.at
    if (
        limit.deadline.state is State.RUNNING
        and due.due_at <= case.uow.at
        and due.status is not Status.UNCOVERED
    ):
        at, case.uow.at = case.uow.at, due.due_at  # it ran out then, whenever that is noticed (R-T8)
        _run_out(case, limit, period)
        case.uow.at = at
    if limit.deadline.state is State.ANSWERED and not cancelled:
        case.uow.at = instant(str(case.variables[period.answered_by or ""]))  # it was met then
        limit.state_is(State.RUNNING)
    met = not cancelled and (period.met_when is None or bool(case.evaluate(period.met_when)))
    acted_on = beijing_day(case.uow.at)
    late_wd, late_cd = days_late(limit.due_on, acted_on, case.uow.calendar(limit.organisation))
    expired = limit.deadline.state is State.OVERDUE
    if not met:
        state, late_wd, late_cd = State.CANCELLED, 0, 0
    elif expired and period.on_expiry == "move":
        state, late_wd, late_cd = State.EXPIRED, 0, 0
    else:
        state = State.MET_LATE if expired else State.MET
    kind = limit.deadline.kind
    case.late = case.late or (state is State.MET_LATE and kind == "law")
    del case.limits[limit.key]
    case.record(e.DeadlineEnded(limit.key, limit.name, kind, state.value, late_wd, late_cd))
    case.uow.at = now
    for token, armed in list(case.timers.items()):
        if ":" in token and (armed.deadline_key == limit.key):
            disarm(case, token)


def date_of(case: Case, period: Period) -> datetime:
    """Return when a timer of a plain date goes off: with the limit it follows, or at the end of its day."""
    limit = case.limit_of(period.follows) if period.follows else None
    if limit is not None and isinstance(case.variables.get(period.date or ""), str):
        return limit.deadline.due.due_at
    return end_of_date(case, period.date or "", period.minus_days)


def end_of_date(case: Case, variable: str, minus_days: int) -> datetime:
    """Return when a timer of a fixed date goes off."""
    text = case.variables.get(variable)
    if not isinstance(text, str):
        return datetime(9999, 1, 1, tzinfo=BEIJING)
    day = date.fromisoformat(text) - timedelta(minus_days)
    if minus_days:
        return datetime.combine(day, time(9), BEIJING)
    return datetime.combine(day + timedelta(1), time(), BEIJING)
