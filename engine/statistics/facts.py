"""What statistics know of one finished case, made from nothing but its events, its model and the calendar."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from engine import events as e
from engine.calendar import ChinaWorkingCalendar
from engine.clock import instant
from engine.history.chain import Recorded
from engine.mining.playback import Playback, Visit
from engine.mining.variants import trace
from engine.model import Process
from engine.periods import beijing_day
from engine.statistics.limits import Limit, limits_of
from engine.statistics.rates import ANSWERS

EDITION = 1
"""Of the rules below: facts of another edition are made anew."""
IN_DISPUTE = "in_dispute"
_WITHDRAWN = ("withdrawn", "lapsed")
_SCOPES = ("subProcess", "adHocSubProcess", "transaction")
_PASSED = (
    "startEvent",
    "endEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "serviceTask",
    "sendTask",
    "scriptTask",
    "businessRuleTask",
    "exclusiveGateway",
    "inclusiveGateway",
    "parallelGateway",
    "eventBasedGateway",
    "complexGateway",
    "",
)
Row = dict[str, Any]
CalendarOf = Callable[[datetime, int | None], ChinaWorkingCalendar]
"""The calendar of a department as known at an instant."""


@dataclass(frozen=True)
class Facts:
    """Rows of `case_fact`, `visit_fact` and `case_path`."""

    case: Row
    visits: list[Row]
    path: Row


@dataclass
class _Case:
    """What the events of a case say of it as a whole."""

    started_at: datetime
    ended_at: datetime
    received_at: datetime | None = None
    using_key: int | None = None
    providing_key: int | None = None
    managing_key: int | None = None
    withheld_key: int | None = None
    state: str = ""
    result: str | None = None
    voided: bool = False
    disputed: bool = False
    answered: bool = False
    refused: bool = False


def lasts(kind: str) -> bool:
    """Say whether tokens can stay at an element of this type; others they only pass, and scopes hold others."""
    return kind not in _PASSED and kind not in _SCOPES


def facts_of(
    events: Sequence[Recorded],
    played: Playback,
    process: Process,
    definition_key: int,
    calendar: CalendarOf,
    home: Callable[[int | None], tuple[str, str]],
) -> Facts:
    """Return the facts of a case that is over.

    Args:
        events: All of its stream, in order.
        process, definition_key: The version it ended under.
        home: Level and area of a department; empty of none.
    """
    case, limits = _read(events, process.id), limits_of(events)
    department = _department(case, limits)
    level, area = home(department)
    begun = case.received_at or case.started_at
    took = counted(calendar(case.ended_at, department), begun, case.ended_at)
    path = _path(played, process, definition_key)
    day = beijing_day(case.ended_at)
    row = {
        "instance_key": events[0].stream,
        "seq": events[-1].seq,
        "definition_key": definition_key,
        "path_key": path["key"],
        "department_key": department,
        **{
            name: getattr(case, name)
            for name in ("using_key", "providing_key", "managing_key", "withheld_key", "state", "ended_at")
        },
        "level": level,
        "area": area,
        "month": day.year * 100 + day.month,
        "result": case.result or "",
        "from_receipt": int(case.received_at is not None),
        **took,
        **_flags(case, limits, process),
    }
    return Facts(row, _visits(events[0].stream, played, case, limits, process, calendar, department), path)


def _read(events: Sequence[Recorded], process_id: str) -> _Case:
    case = _Case(events[0].occurred_at, events[-1].occurred_at)
    answer, refusal = ANSWERS.get(process_id, ("", ""))
    for recorded in events:
        event = recorded.event
        if isinstance(event, e.PartiesSet):
            case.using_key, case.providing_key, case.managing_key = (
                event.using,
                event.providing,
                event.managing,
            )
        elif isinstance(event, e.VariablesSet):
            if isinstance(received := event.values.get("received_at"), str):
                case.received_at = instant(received)
        elif isinstance(event, e.ElementReached):
            case.disputed |= event.state == IN_DISPUTE
            case.answered |= event.element_id == answer and not event.skipped
        elif isinstance(event, e.DocumentIssued):
            case.refused |= event.template == refusal
        elif isinstance(event, e.CaseWithheld):
            case.withheld_key = event.organisation_key
        elif isinstance(event, e.InstanceVoided | e.CaseAnnulled):
            case.voided = True
        elif isinstance(event, e.InstanceEnded):
            case.ended_at, case.state, case.result = recorded.occurred_at, event.state, event.result
            case.voided |= event.state == "void"
    return case


def _department(case: _Case, limits: list[Limit]) -> int | None:
    owners = [limit.organisation_key for limit in limits if limit.statutory]
    owners += [limit.organisation_key for limit in limits]
    candidates = (*owners, case.providing_key, case.managing_key, case.using_key)
    return next((key for key in candidates if key is not None), None)


def counted(calendar: ChinaWorkingCalendar, begun: datetime, ended: datetime) -> Row:
    """Return working days and seconds between two instants; the day of the first is not counted."""
    ended = max(begun, ended)
    days = calendar.working_days_between(beijing_day(begun), beijing_day(ended))
    return {"working_days": days, "seconds": int((ended - begun).total_seconds())}


def _flags(case: _Case, limits: list[Limit], process: Process) -> dict[str, int]:
    statutory = [limit for limit in limits if limit.statutory]
    decided = [limit for limit in statutory if limit.decided]
    told = {
        "valid": True,
        "withdrawn": case.state == "withdrawn" or case.result in _WITHDRAWN,
        "limited": bool(statutory),
        "decided": bool(decided),
        "on_time": bool(decided) and not any(limit.late for limit in decided),
        "overdue": any(limit.ever_out for limit in statutory),
        "extendable": any(limit.extendable for limit in limits),
        "extended": any(limit.extended for limit in limits),
        "answered": case.answered,
        "refused": case.answered and case.refused,
        "disputable": any(node.state == IN_DISPUTE for node in process.nodes.values()),
        "disputed": case.disputed,
    }
    if case.voided:
        told = dict.fromkeys(told, False)
    return {"finished": 1, "voided": int(case.voided), **{name: int(held) for name, held in told.items()}}


def _visits(
    instance: int,
    played: Playback,
    case: _Case,
    limits: list[Limit],
    process: Process,
    calendar: CalendarOf,
    department: int | None,
) -> list[Row]:
    rows = []
    for visit in played.visits:
        if stayed(visit):
            ended = min(visit.ended_at or case.ended_at, case.ended_at)
            days = calendar(case.ended_at, visit.organisation_key or department)
            rows.append(
                {
                    "instance_key": instance,
                    "element_id": visit.element_id,
                    "number": visit.number,
                    **counted(days, visit.began_at, ended),
                    "late": int(_late(visit, ended, limits, process)),
                }
            )
    return rows


def stayed(visit: Visit) -> bool:
    """Say whether a token stayed: at something that lasts, and not only passing it by."""
    return lasts(visit.type) and visit.how != "skipped"


def _late(visit: Visit, ended: datetime, limits: list[Limit], process: Process) -> bool:
    """Say whether a limit on the element or on a sub-process around it was overdue while the visit lasted."""
    around, element = set(), process.nodes.get(visit.element_id)
    while element is not None and element.id not in around:
        around.add(element.id)
        element = process.nodes.get(element.scope or "")
    return any(
        visit.began_at < until and since < ended
        for limit in limits
        if limit.attached_to in around
        for since, until in limit.stretches
    )


def _path(played: Playback, process: Process, definition_key: int) -> Row:
    elements = Counter(visit.element_id for visit in played.visits)
    flows = Counter(flow for step in played.steps for flow in step.taken)
    way = trace(played)
    return {
        "key": _hash(definition_key, way, sorted(elements.items()), sorted(flows.items())),
        "variant": _hash(process.id, way),
        "process_id": process.id,
        "definition_key": definition_key,
        "steps": [[step, process.nodes[step].name if step in process.nodes else step] for step in way],
        "elements": dict(elements),
        "flows": dict(flows),
    }


def _hash(*of: object) -> int:
    """Return 63 bits that are the same wherever they are computed."""
    return int.from_bytes(blake2b(repr(of).encode(), digest_size=8).digest()) >> 1
