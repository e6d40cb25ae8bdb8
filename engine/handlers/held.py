"""Where a failure stops: what an element did is taken back, its token is held, an incident says why.

The line between a refusal, a fault that passes and an incident:

1. **Passing faults** undo the whole command, which the engine then carries out again or answers with: somebody
   was faster (`Overtaken`, `Conflict`), the database or the disk does not serve (`DBAPIError`, `OutOfSpace`).
   An incident would write down as the case's fault what is nobody's.
2. **Refusals that concern the acting person's own input** refuse the whole command with nothing written: the
   person is there and can mend it. These are a wrong form or value (`InvalidForm`, `InvalidInput`), a missing
   right (`NotAllowed`, self-approval included), and what the law refuses about a limit (`deadlines.REFUSALS`),
   wherever in the command they arise; and of the very task that the person hands in, every refusal but a
   `ModelFault`. Nobody's command (a timer, a message, a retry, an operator's act) has no such person.
3. **Everything else is an incident**: a `ModelFault` (an expression, condition, decision, correlation key or
   limit that cannot be worked out, an open party), a service's exception, foreseen or not, a loop without end.

What happens before any element works (rights, forms, loading, starting a case) is refused or fails as a whole:
there is no token yet that could be held.
"""

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine import events as e
from engine.clock import instant_text
from engine.deadlines import REFUSALS
from engine.errors import Conflict, InvalidForm, InvalidInput, ModelFault, NotAllowed, Refused
from engine.expressions import ExpressionRefused, compile_expression
from engine.handlers.case import Case, Held
from engine.handlers.notices import tell_administrators
from engine.incidents import KINDS, MAX_TEXT, policy, shown
from engine.space import OutOfSpace
from engine.storage.database import Overtaken

PASSING = (Overtaken, Conflict, OutOfSpace, DBAPIError, PoolTimeout)
_PERSONAL = (InvalidForm, InvalidInput, NotAllowed, *REFUSALS)


def attempt(
    case: Case,
    step: str,
    element_id: str,
    token: str,
    act: Callable[[], None],
    deadline_key: int | None = None,
) -> bool:
    """Do what an element asks for, whole or not at all; say whether it succeeded.

    When it fails, an incident is recorded in its place; the caller holds the token.

    Raises:
        the fault itself, where it is no incident.
    """
    before = case.savepoint()
    case.doing = ("fault", "", ())
    try:
        act()
    except Exception as fault:  # a service can fail in any way
        if not is_incident(case, step, fault):
            raise
        case.undo(before)
        fail(case, step, element_id, token, fault, deadline_key)
        return False
    tried = case.trying
    if tried and tried.step != "loop" and (tried.token, tried.deadline_key) == (token, deadline_key):
        resolved(case)
    return True


def is_incident(case: Case, step: str, fault: Exception) -> bool:
    """Say on which side of the line a fault lies."""
    if isinstance(fault, PASSING):
        return False
    if isinstance(fault, ModelFault) or not isinstance(fault, Refused) or not _by_person(case):
        return True
    return step != "completion" and not isinstance(fault, _PERSONAL)


def fail(
    case: Case, step: str, element_id: str, token: str, fault: Exception, deadline_key: int | None = None
) -> None:
    """Record that a step failed: a new incident, or one more try of the one that is open there."""
    kind, subject, names = _what(case, step, element_id, fault)
    zh, en = words(fault)
    worked_on = shown(subject, names, case.variables)
    node = case.process.nodes.get(element_id)
    rule = policy(node, kind)
    open_there = find(case, token, deadline_key, step)
    if step == "loop" and open_there is None and case.trying is not None and case.trying.step == "loop":
        open_there = case.trying  # a token that went round is another one
    tries = open_there.tries + 1 if open_there else 0
    again = instant_text(case.uow.now + rule.every) if tries < rule.attempts else None
    if open_there is not None:
        open_there.tries, open_there.token, case.trying = tries, token, None
        case.record(e.IncidentTriedAgain(open_there.key, kind, zh, en, worked_on, again, token))
        return
    acting = case.acting if case.acting[0] else None
    name = case.process.name if node is None else node.name or node.id
    held = Held(
        case.uow.next_key(),
        element_id,
        name,
        token,
        step,
        kind,
        deadline_key,
        None,
        None,
        0,
        case.uow.at,
        acting,
    )
    case.incidents[held.key] = held
    case.record(
        e.IncidentRaised(
            incident_key=held.key,
            element_id=element_id,
            name=name,
            token=token,
            step=step,
            kind=kind,
            cause=zh,
            cause_en=en,
            input=worked_on,
            next_try_at=again,
            deadline_key=deadline_key,
            acting_key=acting[0] if acting else None,
            acting_name=acting[1] if acting else None,
        )
    )
    tell_administrators(
        case, f"{case.business_id}在“{name}”环节出现异常：{KINDS[kind]}，请在“异常”页面处理。"
    )


def find(case: Case, token: str, deadline_key: int | None, step: str) -> Held | None:
    """Return the open incident at a token, or of a limit."""
    for held in case.incidents.values():
        if (held.token, held.deadline_key) != (token, deadline_key) or held.step in ("timer", "message"):
            continue
        if token or deadline_key is not None or held.step == step:
            return held
    return None


def resolved(case: Case) -> None:
    """The step that was tried again has succeeded."""
    held, case.trying = case.trying, None
    if held is not None and case.incidents.pop(held.key, None) is not None:
        case.record(e.IncidentResolved(held.key, held.element_id, held.name))


def close(case: Case, held: Held, reason: str) -> None:
    """An incident is over without anybody's doing.

    Args:
        reason: interrupted (its element was left), ended (the case is over) or disarmed (its timer).
    """
    del case.incidents[held.key]
    case.record(e.IncidentClosed(held.key, held.element_id, held.name, reason))


def close_left(case: Case) -> None:
    """Close the incidents whose token, limit or timer is no longer there."""
    timers = {armed.key for armed in case.timers.values()}
    for held in list(case.incidents.values()):
        if held.step == "message" or held.step == "finish":
            continue
        if held.step == "timer":
            if held.timer_key not in timers:
                close(case, held, "disarmed")
        elif held.deadline_key is not None:
            if held.deadline_key not in case.limits:
                close(case, held, "interrupted")
        elif not case.machine.stands(held.token.partition("#")[0]):
            close(case, held, "interrupted")


def close_all(case: Case) -> None:
    """The case is over; what a message of it still has to say elsewhere stays."""
    for held in list(case.incidents.values()):
        if held.step != "message" and held is not case.trying:
            close(case, held, "ended")


def words(fault: BaseException) -> tuple[str, str]:
    """Return why something failed, in Chinese and English."""
    if isinstance(fault, Refused):
        zh, en = fault.zh, fault.en
    elif isinstance(fault, ExpressionRefused):
        zh, en = str(fault), f"The expression cannot be evaluated: {fault}"
    else:
        text = f"{type(fault).__name__}: {fault}"
        zh, en = f"程序故障（{text}）。", text
    return zh[:MAX_TEXT], en[:MAX_TEXT]


def _by_person(case: Case) -> bool:
    return case.personal and case.uow.author.key != 0


def _what(case: Case, step: str, element_id: str, fault: Exception) -> tuple[str, str, tuple[str, ...]]:
    """Return kind, text and variables of what failed."""
    if isinstance(fault, ModelFault):
        kind, subject, names = fault.kind, fault.subject, fault.names
        if kind == "gateway":
            subject, names = _conditions(case, element_id)
        if step in ("gateway", "condition") and kind == "expression":
            kind = "condition"
        return kind, subject, names
    if step in ("gateway", "condition"):
        return "condition", *_conditions(case, element_id)
    return case.doing


def _conditions(case: Case, element_id: str) -> tuple[str, tuple[str, ...]]:
    texts = [case.process.conditions.get(flow) for flow in case.machine.ways(element_id)]
    texts.append(case.node(element_id).condition)
    found = [text for text in texts if text]
    names = {name for text in found for name in compile_expression(text).names}
    return "；".join(found), tuple(sorted(names))
