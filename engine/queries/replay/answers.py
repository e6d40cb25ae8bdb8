"""The answers an auditor must have from one screen (C.7), each with the event that gives it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import events as e
from engine.clock import instant
from engine.definitions import Definition
from engine.history.chain import Recorded
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.queries.replay.views import Answers, Line, ReplayStep
from engine.speech import Bilingual, english, plural

_DEEDS = (
    e.UserTaskCompleted,
    e.ActDone,
    e.TaskUrged,
    e.SupervisionBegun,
    e.SupervisionEnded,
    e.DocumentIssued,
    e.DeadlineExtended,
    e.TaskReturned,
)
_REMINDERS = ("reminder", "urge", "overdue")


def answers(
    reader: Reader,
    events: Sequence[Recorded],
    steps: Sequence[ReplayStep],
    managing_key: int | None,
    definition: Callable[[int], Definition],
) -> Answers:
    """Return the answers that a case's events give; `steps` are the same events, played."""
    said = {step.seq: step for step in steps}
    return Answers(
        received=tuple(_received(events, said)),
        reminded=tuple(_line(said[r.seq]) for r in events if _reminds(r.event)),
        extended=tuple(
            _extended(r.event, r, events, said, definition)
            for r in events
            if isinstance(r.event, e.DeadlineExtended)
        ),
        late=tuple(_late(events, said)),
        managing=tuple(_managing(reader, events, said, managing_key)),
    )


def _line(step: ReplayStep, text: str = "", late: bool = False) -> Line:
    return Line(step.seq, step.occurred_at, text or step.text, late)


def _received(events: Sequence[Recorded], said: Mapping[int, ReplayStep]) -> list[Line]:
    """Return each receipt that the case registered, and the delivery that it stands for."""
    found = []
    for recorded in events:
        event = recorded.event
        if not isinstance(event, e.VariablesSet) or not isinstance(event.values.get("received_at"), str):
            continue
        at = instant(event.values["received_at"])
        delivered = next(
            (r for r in events if isinstance(r.event, e.MessageDelivered) and r.occurred_at == at), recorded
        )
        text = "" if delivered is not recorded else Bilingual("登记收到。", "Receipt registered.")
        found.append(Line(delivered.seq, at, text or said[delivered.seq].text))
    return list(dict.fromkeys(found))


def _reminds(event: e.Event) -> bool:
    return isinstance(event, e.TaskUrged) or (isinstance(event, e.NoticeSent) and event.kind in _REMINDERS)


def _extended(
    event: e.DeadlineExtended,
    recorded: Recorded,
    events: Sequence[Recorded],
    said: Mapping[int, ReplayStep],
    definition: Callable[[int], Definition],
) -> Line:
    """Return an extension with its basis, and with the ground that the request for it gives."""
    step = said[recorded.seq]
    ground = _ground(recorded, events, said, definition(step.definition_key))
    basis = Bilingual(f"依据{event.basis}。", f" Under {event.basis}.") if event.basis else Bilingual("")
    why = (
        Bilingual(f"申请载明：{ground}。", f" The request says: {english(ground)}.")
        if ground
        else Bilingual("")
    )
    return _line(
        step, Bilingual(f"{step.text}{basis}{why}", f"{english(step.text)}{english(basis)}{english(why)}")
    )


def _ground(
    recorded: Recorded, events: Sequence[Recorded], said: Mapping[int, ReplayStep], definition: Definition
) -> str:
    asking = {
        act.asked
        for node in definition.process.nodes.values()
        for act in node.limit_acts
        if act.asked is not None
    }
    asked: Any = next(
        (
            r
            for r in reversed(events[: recorded.seq])
            if isinstance(r.event, e.UserTaskCompleted | e.ActDone) and r.event.element_id in asking
        ),
        None,
    )
    if asked is None:
        return ""
    filled = [(c.label, c.after) for c in said[asked.seq].changes if c.after]
    return Bilingual(
        "；".join(f"{label}：{text}" for label, text in filled),
        "; ".join(f"{english(label)}: {english(text)}" for label, text in filled),
    )


def _late(events: Sequence[Recorded], said: Mapping[int, ReplayStep]) -> list[Line]:
    found = []
    for recorded in events:
        event = recorded.event
        if isinstance(event, e.DeadlineExpired) and event.overdue:
            found.append(_line(said[recorded.seq], late=True))
        elif isinstance(event, e.DeadlineEnded) and event.state == "met_late":
            days = Bilingual(
                f"{event.name}逾期{event.late_wd}个工作日（{event.late_cd}个自然日）。",
                f"{event.name}: late by {plural(event.late_wd, 'working day')} ({plural(event.late_cd, 'day')}).",
            )
            found.append(_line(said[recorded.seq], days, late=said[recorded.seq].mark == "overdue"))
        elif isinstance(event, e.DeadlineEnded) and event.state == "met":
            found.append(_line(said[recorded.seq]))
    return found


def _managing(
    reader: Reader, events: Sequence[Recorded], said: Mapping[int, ReplayStep], managing_key: int | None
) -> list[Line]:
    """Return what the managing department was told and did from the first lateness on, and its supervision."""
    found = []
    late = False
    for recorded in events:
        event = recorded.event
        late = late or (isinstance(event, e.DeadlineExpired) and event.overdue)
        by = reader.org(managing_key, beijing_day(recorded.occurred_at))
        told = isinstance(event, e.NoticeSent) and late and any(r.startswith("mgr.") for r in event.roles)
        acted = isinstance(event, _DEEDS) and by != "" and recorded.author.organisation == by
        supervised = isinstance(event, e.SupervisionBegun | e.SupervisionEnded | e.TaskUrged)
        if told or (acted and (late or supervised)):
            found.append(_line(said[recorded.seq]))
    return found
