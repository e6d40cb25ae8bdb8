"""Time limits of a case: set, remind, expire, end (R-T1 to R-T13)."""

from datetime import date, datetime, time, timedelta

from engine import events as e
from engine.clock import instant, instant_text
from engine.errors import WrongState
from engine.handlers.case import Armed, Case, Limit
from engine.handlers.notices import tell
from engine.model import Node, Period
from engine.periods import BEIJING, Due, Status, beijing_day, days_late, reminder_at, working_day_limit
from engine.runner import Fact

_LOOK_AGAIN = timedelta(hours=6)


def arm(case: Case, fact: Fact) -> None:
    """A timer waits: set its deadline, its instant and its reminders."""
    node = case.node(fact.element_id)
    if node.reminder is not None:
        limit = _due(case, _period(case, case.node(node.reminder.of)))
        lead = (
            int(case.setting(node.reminder.lead_setting))
            if node.reminder.lead_setting
            else node.reminder.lead
        )
        _arm(case, node.id, fact.token, None, "reminder", _reminder(case, limit.due_on, lead))
        return
    period = _period(case, node)
    if period.date is not None:
        _arm(case, node.id, fact.token, None, "date", _end_of_date(case, period))
        return
    due = _due(case, period)
    key = _set(case, node, period, due)
    _arm(case, node.id, fact.token, key, "expiry", due.due_at)
    announced = any(n.reminder and n.reminder.of == node.id for n in case.process.nodes.values())
    if period.remind and not announced:
        lead = int(case.setting("cal.reminder_lead_wd"))
        at = _reminder(case, due.due_on, lead)
        _arm(case, node.id, f"{fact.token}:r", key, "reminder", at)


def disarm(case: Case, token: str) -> None:
    """A timer no longer waits."""
    for kept in (token, f"{token}:r"):
        if armed := case.timers.pop(kept, None):
            case.record(e.TimerDisarmed(armed.key, armed.element_id))


def uncertain(case: Case, armed: Armed) -> bool:
    """Say whether the deadline rests on an estimate; then nothing expires and people are told (R-T13)."""
    if armed.kind != "expiry":
        return False
    period = _period(case, case.node(armed.element_id))
    due = _due(case, period)
    limit = case.limits[armed.deadline_key] if armed.deadline_key else None
    if due.status is not Status.UNCOVERED or limit is None:
        return False
    if limit.state != "undetermined":
        limit.state = "undetermined"
        case.record(e.DeadlineUndetermined(limit.key, limit.name, limit.due_on.isoformat()))
        tell(
            case,
            ["mgr.handler"],
            f"{case.business_id}《{{title}}》的{limit.name}涉及尚未公布放假安排的年度，期限待定，请系统管理员载入国务院办公厅通知。",
        )
    case.record(e.TimerPostponed(armed.key, instant_text(case.uow.now + _LOOK_AGAIN)))
    return True


def expire(case: Case, node: Node) -> None:
    """The limit of a timer has run out with the duty undone (R-T8, R12-14)."""
    period = node.period
    limit = next((x for x in case.limits.values() if x.element_id == node.id), None)
    if period is None or limit is None:
        return
    limit.state = "overdue"
    case.record(
        e.DeadlineExpired(limit.key, limit.name, limit.due_on.isoformat(), period.on_expiry == "overdue")
    )
    if period.supervisor:
        tell(
            case,
            period.supervisor.split(),
            f"{case.business_id}《{{title}}》{limit.name}已于{_zh(limit.due_on)}届满，有关事项尚未办理。",
        )


def close_left(case: Case) -> None:
    """End the limits whose activity no token is in any more."""
    for limit in list(case.limits.values()):
        if not case.machine.active(limit.attached_to):
            _end(case, limit)


def cancel_all(case: Case) -> None:
    """End every limit and timer: the case was interrupted."""
    for limit in list(case.limits.values()):
        _end(case, limit, cancelled=True)
    for token in list(case.timers):
        disarm(case, token)


def remind(case: Case, armed: Armed) -> None:
    """Send the reminder of a limit (R-T7); a notice changes nothing."""
    node = case.node(armed.element_id)
    of = case.node(node.reminder.of) if node.reminder else node
    limit = next((x for x in case.limits.values() if x.element_id == of.id), None)
    roles = list(of.period.remind) if of.period else []
    if limit is not None and roles and not node.notices:
        tell(
            case,
            roles,
            f"期限提醒：{case.business_id}《{{title}}》{limit.name}将于{_zh(limit.due_on)}届满，请及时办理。",
        )


def _period(case: Case, node: Node) -> Period:
    if node.period is None:
        raise WrongState(f"计时器 {node.id} 没有期限设置。", f"Timer {node.id} has no shixian:period.")
    return node.period


def _due(case: Case, period: Period) -> Due:
    start = case.variables.get(period.start or "")
    if not isinstance(start, str) or period.setting is None:
        raise WrongState(
            f"期限的起算变量“{period.start}”尚无取值。",
            f"The variable {period.start} that starts the limit is not set.",
        )
    begin = instant(start) if len(start) > 10 else _noon(date.fromisoformat(start))
    excluded = int(case.variables.get(period.excluded or "") or 0)
    return working_day_limit(
        begin, int(case.setting(period.setting)), case.uow.calendar, case.policy, excluded=excluded
    )


def _set(case: Case, node: Node, period: Period, due: Due) -> int:
    setting = case.process.settings[period.setting or ""]
    start = str(case.variables[period.start or ""])
    key = case.uow.next_key()
    case.record(
        e.DeadlineSet(
            deadline_key=key,
            element_id=node.id,
            attached_to=node.attached_to or node.id,
            name=_limit_name(node),
            basis=setting.basis,
            kind=setting.kind,
            setting=setting.key,
            length=int(case.setting(setting.key)),
            excluded=int(case.variables.get(period.excluded or "") or 0),
            extended_by=0,
            event_at=start if len(start) > 10 else instant_text(_noon(date.fromisoformat(start))),
            event_on=due.event_day.isoformat(),
            due_on=due.due_on.isoformat(),
            due_at=instant_text(due.due_at),
            status=due.status.value,
            calendar_as_of=beijing_day(case.uow.now).isoformat(),
            notices=list(due.notices),
            on_expiry=period.on_expiry,
        )
    )
    case.limits[key] = Limit(
        key, node.id, node.attached_to or node.id, _limit_name(node), due.due_on, "running"
    )
    return key


def _arm(case: Case, element_id: str, token: str, deadline_key: int | None, kind: str, at: datetime) -> None:
    armed = Armed(case.uow.next_key(), element_id, token, deadline_key, kind, at)
    case.timers[token] = armed
    case.record(e.TimerArmed(armed.key, element_id, token, deadline_key, kind, instant_text(at)))


def _end(case: Case, limit: Limit, cancelled: bool = False) -> None:
    node = case.node(limit.element_id)
    met = node.period is None or node.period.met_when is None or bool(case.evaluate(node.period.met_when))
    late_wd, late_cd = days_late(limit.due_on, beijing_day(case.uow.at), case.uow.calendar)
    expired = limit.state == "overdue"
    if cancelled or not met:
        state, late_wd, late_cd = "cancelled", 0, 0
    elif expired and node.period is not None and node.period.on_expiry == "move":
        state, late_wd, late_cd = "expired", 0, 0
    else:
        state = "met_late" if expired else "met"
    kind = case.process.settings[_period(case, node).setting or ""].kind
    case.late = case.late or (state == "met_late" and kind == "law")
    del case.limits[limit.key]
    case.record(e.DeadlineEnded(limit.key, limit.name, kind, state, late_wd, late_cd))


def _reminder(case: Case, due_on: date, lead: int) -> datetime:
    return reminder_at(due_on, lead, str(case.setting("cal.reminder_time")), case.uow.calendar)


def _end_of_date(case: Case, period: Period) -> datetime:
    text = case.variables.get(period.date or "")
    if not isinstance(text, str):
        return datetime(9999, 1, 1, tzinfo=BEIJING)
    day = date.fromisoformat(text) - timedelta(period.minus_days)
    if period.minus_days:
        return datetime.combine(day, time(9), BEIJING)
    return datetime.combine(day + timedelta(1), time(), BEIJING)


def _limit_name(node: Node) -> str:
    """The event is called 答复期限届满, the limit 答复期限."""
    return node.name.removesuffix("届满")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), BEIJING)


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
