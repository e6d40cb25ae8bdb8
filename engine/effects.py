"""What a command will do to the case, the people and the clock, in sentences: from its events, before it is given.

Pure: `Engine.preview` makes the events, the caller knows the names.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import singledispatch
from typing import Literal

from engine import events as e
from engine.chinese_dates import zh
from engine.deadlines import UNITS
from engine.errors import Message
from engine.incidents import KINDS
from engine.people import ROLES
from engine.periods import Unit

Kind = Literal["clock", "delivery", "document", "task", "grant", "told", "end", "trouble"]
_UNITS_EN = {
    Unit.WORKING_DAY: "working days",
    Unit.CALENDAR_DAY: "calendar days",
    Unit.MONTH: "months",
    Unit.FIXED_DATE: "",
}
_ROLES_EN = {
    "handler": "handler",
    "head": "head",
    "sharing_unit_head": "head of the data-sharing unit",
    "office": "office",
    "window": "window",
}
_BINDING = (
    e.MessageDelivered,
    e.DocumentIssued,
    e.InstanceEnded,
    e.GrantRecorded,
    e.GrantSuspended,
    e.GrantGivenBack,
    e.MessageThrown,
)


@dataclass(frozen=True)
class Effect:
    """One thing that will happen; `kind` says what it is about."""

    kind: Kind
    message: Message


@dataclass(frozen=True)
class Names:
    """What keys and codes are called."""

    org: Callable[[int | None], str | None]
    person: Callable[[int | None], str | None]
    result: Callable[[str], Message]


def effects(events: Sequence[e.Event], names: Names) -> tuple[Effect, ...]:
    """Return what events mean to people, in the order that matters to who presses the button.

    What begins and ends within the same events is nothing that anybody will see.
    """
    seen = [event for event in _lasting(events) if event is not None]
    found = [effect for event in seen for effect in _say(event, names)]
    return tuple(sorted(dict.fromkeys(found), key=lambda effect: _ORDER.index(effect.kind)))


def binding(events: Iterable[e.Event]) -> bool:
    """Say whether the act has legal effect outside the desk: something is delivered, issued, granted or over."""
    return any(isinstance(event, _BINDING) for event in events)


_ORDER: tuple[Kind, ...] = ("trouble", "delivery", "document", "clock", "grant", "end", "task", "told")


def _lasting(events: Sequence[e.Event]) -> list[e.Event]:
    ended = {x.deadline_key for x in events if isinstance(x, e.DeadlineEnded)}
    begun = {x.deadline_key for x in events if isinstance(x, e.DeadlineSet)}
    passing = ended & begun
    gone = {x.user_task_key for x in events if isinstance(x, e.UserTaskCancelled)} & {
        x.user_task_key for x in events if isinstance(x, e.UserTaskOpened)
    }
    last = {x.deadline_key: x for x in events if isinstance(x, e.DeadlineMoved)}
    return [
        x
        for x in events
        if getattr(x, "deadline_key", None) not in passing
        and getattr(x, "user_task_key", None) not in gone
        and (not isinstance(x, e.DeadlineMoved) or last[x.deadline_key] is x)
    ]


@singledispatch
def _say(event: e.Event, names: Names) -> list[Effect]:
    return []


def _one(kind: Kind, chinese: str, english: str) -> list[Effect]:
    return [Effect(kind, Message(chinese, english))]


def _on(text: str) -> str:
    return zh(date.fromisoformat(text))


_CERTAIN = {"final": "", "provisional": "（暂定）", "uncovered": "（估算，放假安排尚未公布）"}
_CERTAIN_EN = {"final": "", "provisional": " (provisional)", "uncovered": " (estimated)"}


@_say.register
def _(event: e.DeadlineEnded, names: Names) -> list[Effect]:
    if event.state == "met_late":
        late = f"{event.late_wd}个工作日" if event.late_wd else f"{event.late_cd}天"
        late_en = f"{event.late_wd} working day(s)" if event.late_wd else f"{event.late_cd} day(s)"
        return _one("clock", f"{event.name}停止计时，逾期{late}。", f"{event.name} stops, {late_en} late.")
    ways = {
        "met": ("停止计时，按期办理", "stops, met in time"),
        "expired": ("届满，转入下一环节", "runs out; the next step begins"),
    }
    chinese, english = ways.get(event.state, ("停止计时，不再适用", "stops and no longer applies"))
    return _one("clock", f"{event.name}{chinese}。", f"{event.name} {english}.")


@_say.register
def _(event: e.DeadlineSet, names: Names) -> list[Effect]:
    who = names.org(event.organisation_key)
    whose, whose_en = (f"（{who}）", f" ({who})") if who else ("", "")
    length = event.terms["length"]
    unit = Unit(event.terms["unit"])
    span = f"{length}{UNITS[unit]}，" if length else ""
    span_en = f"{length} {_UNITS_EN[unit]}, " if length else ""
    return _one(
        "clock",
        f"{event.name}{whose}开始计时，{span}{_on(event.due_on)}到期{_CERTAIN[event.status]}。",
        f"{event.name}{whose_en} starts: {span_en}due {event.due_on}{_CERTAIN_EN[event.status]}.",
    )


def _moved(event: e.DeadlineMoved, what: str, what_en: str) -> list[Effect]:
    due = _CERTAIN[event.status], _CERTAIN_EN[event.status]
    return _one(
        "clock",
        f"{event.name}{what}，到期日由{_on(event.due_before)}改为{_on(event.due_on)}{due[0]}。",
        f"{event.name} {what_en}; due {event.due_on}{due[1]} instead of {event.due_before}.",
    )


@_say.register
def _(event: e.DeadlineExtended, names: Names) -> list[Effect]:
    unit = Unit(event.terms["unit"])
    return _moved(event, f"延长{event.days}{UNITS[unit]}", f"is extended by {event.days} {_UNITS_EN[unit]}")


@_say.register
def _(event: e.DeadlineResumed, names: Names) -> list[Effect]:
    return _moved(event, f"恢复计时，扣除{event.excluded}日", f"runs again, {event.excluded} day(s) excluded")


@_say.register
def _(event: e.DeadlinePaused, names: Names) -> list[Effect]:
    return _one(
        "clock",
        f"{event.name}暂停计时（{event.ground}），恢复后另定到期日。",
        f"{event.name} stands still ({event.ground}); its due date is open until it resumes.",
    )


@_say.register
def _(event: e.DeadlineAnswered, names: Names) -> list[Effect]:
    return _one(
        "clock",
        f"{event.name}视为已在期限内办理；审核未通过的，自原起算日继续计算。",
        f"{event.name} counts as met while it is being looked at; if that fails it goes on from the same day.",
    )


@_say.register
def _(event: e.DeadlineReopened, names: Names) -> list[Effect]:
    return _one(
        "clock",
        f"{event.name}继续计时，仍于{_on(event.due_on)}到期。",
        f"{event.name} goes on, still due {event.due_on}.",
    )


@_say.register
def _(event: e.MessageDelivered, names: Names) -> list[Effect]:
    to = names.org(event.receiver)
    return _one(
        "delivery",
        f"{event.name.removesuffix('送达')}送达{to or '有关部门'}。",
        f"“{event.name}” is delivered to {to or 'the department concerned'}.",
    )


@_say.register
def _(event: e.DocumentIssued, names: Names) -> list[Effect]:
    return _one("document", f"印发《{event.title}》。", f"《{event.title}》 is issued.")


@_say.register
def _(event: e.UserTaskOpened, names: Names) -> list[Effect]:
    who = names.org(event.organisation_key) or ""
    return _one(
        "task",
        f"下一步“{event.name}”，由{who}{ROLES.get(event.role, '')}办理。",
        f"Next: “{event.name}”, for the {_ROLES_EN.get(event.role, event.role)} of {who}.",
    )


@_say.register
def _(event: e.UserTaskCancelled, names: Names) -> list[Effect]:
    return _one("task", f"“{event.name}”不再需要办理。", f"“{event.name}” is no longer needed.")


@_say.register
def _(event: e.NoticeSent, names: Names) -> list[Effect]:
    people = [name for key in event.to if (name := names.person(key))]
    if not people:
        return []
    shown, more = "、".join(people[:4]), len(people) - 4
    return _one(
        "told",
        f"告知{shown}{f'等{len(people)}人' if more > 0 else ''}。",
        f"{', '.join(people[:4])}{f' and {more} more' if more > 0 else ''} will be told.",
    )


@_say.register
def _(event: e.TaskHandedIn, names: Names) -> list[Effect]:
    n = len(event.parts)
    return _one(
        "task",
        f"先请加签的{n}人签署意见，全部同意后才生效；期限照常计算。",
        f"{n} added signer(s) are asked first; it takes effect when all agree, and the limit runs on.",
    )


@_say.register
def _(event: e.InstanceEnded, names: Names) -> list[Effect]:
    result = names.result(event.result) if event.result else None
    late, late_en = ("（逾期）", " (late)") if event.late else ("", "")
    return _one(
        "end",
        f"事项办结{late}{f'，结果为“{result.zh}”' if result else ''}。",
        f"The case ends{late_en}{f': {result.en}' if result else ''}.",
    )


@_say.register
def _(event: e.GrantRecorded, names: Names) -> list[Effect]:
    items = "、".join(event.data_items)
    who = names.org(event.using)
    return _one("grant", f"{who}取得使用授权：{items}。", f"{who} may use: {items}.")


@_say.register
def _(event: e.GrantSuperseded, names: Names) -> list[Effect]:
    return _one(
        "grant",
        f"原授权自{_on(event.ended_on)}起由新授权替代。",
        f"The earlier grant is replaced from {event.ended_on}.",
    )


@_say.register
def _(event: e.GrantEndSet, names: Names) -> list[Effect]:
    return _one(
        "grant", f"一项授权自{_on(event.ended_on)}起终止。", f"A grant is over from {event.ended_on}."
    )


@_say.register
def _(event: e.GrantGivenBack, names: Names) -> list[Effect]:
    return _one(
        "grant",
        f"交还授权，自{_on(event.ended_on)}起终止。",
        f"The grant is given back, over from {event.ended_on}.",
    )


@_say.register
def _(event: e.GrantSuspended, names: Names) -> list[Effect]:
    return _one("grant", "授权暂停使用。", "A grant is suspended.")


@_say.register
def _(event: e.GrantResumed, names: Names) -> list[Effect]:
    return _one("grant", "授权恢复使用。", "A grant may be used again.")


@_say.register
def _(event: e.MessageThrown, names: Names) -> list[Effect]:
    return _one("task", f"“{event.name}”转后续程序办理。", f"“{event.name}” goes on to another procedure.")


@_say.register
def _(event: e.ResourceFlagged, names: Names) -> list[Effect]:
    return _one(
        "told",
        f"《{event.resource}》标注为正在校核。",
        f"《{event.resource}》 is marked as being verified.",
    )


@_say.register
def _(event: e.ResourceUnflagged, names: Names) -> list[Effect]:
    return _one(
        "told",
        f"解除《{event.resource}》的正在校核标注。",
        f"The mark on 《{event.resource}》 is taken away.",
    )


@_say.register
def _(event: e.IncidentRaised, names: Names) -> list[Effect]:
    why = KINDS.get(event.kind, event.kind)
    return _one(
        "trouble",
        f"“{event.name}”会出现异常（{why}），该环节将停在原处，由系统管理员处理。",
        f"“{event.name}” will fail ({event.kind}) and stand still until an administrator mends it.",
    )
