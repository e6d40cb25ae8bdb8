"""Incidents: the operators' list, one of them with its tries, and what everybody else is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from engine import events as e
from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import seen as note
from engine.handlers.access import visible_cases
from engine.handlers.incidents import NotSkippable, correctable, must_be_skippable
from engine.history.chain import parse
from engine.history.words import sentence
from engine.incidents import KINDS, is_cut
from engine.model import Process
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.search import Found, filtered, paged
from engine.queries.views import IncidentNote
from engine.runner import Program, ways
from engine.speech import Bilingual
from engine.storage.tables import event, incident, process_definition, process_instance, timer

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One incident in the list."""

    key: int
    business_id: str
    process_name: str
    name: str
    kind: str
    cause: str
    state: str
    raised_at: datetime
    tries: int
    next_try_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True)
class Try:
    """What happened to an incident: who, when, in words; `cause` where a step failed, for operators only."""

    at: datetime
    who: str
    text: str
    cause: str


@dataclass(frozen=True)
class View:
    """Everything on the page of one incident.

    Attributes:
        ways: Flows to choose from at a gateway: id, name, condition.
        not_skippable: Why the element cannot be skipped, empty where it can.
        correctable: Variables that an operator may correct, of those the step named first.
        visible: Whether the reader may open the case itself.
        cancellable: Whether the case still runs.
    """

    line: Line
    cause_en: str
    element_id: str
    step: str
    acting: str | None
    input: Mapping[str, Any]
    instance_key: int
    tries: tuple[Try, ...]
    ways: tuple[tuple[str, str, str], ...]
    several: bool
    not_skippable: str
    correctable: tuple[str, ...]
    visible: bool
    cancellable: bool
    reason: str | None


def incidents(reader: Reader, actor: Actor, which: str, page: int) -> tuple[list[Line], int]:
    """Return a page of the open incidents, oldest first, or of those that are over, newest first."""
    actor.must_hold("admin")
    is_open = incident.c.state == "open"
    where = is_open if which == "open" else ~is_open
    total = int(reader.conn.execute(select(func.count()).select_from(incident).where(where)).scalar_one())
    order = incident.c.key if which == "open" else incident.c.key.desc()
    rows = reader.conn.execute(_query().where(where).order_by(order).limit(PAGE).offset((page - 1) * PAGE))
    return [_line(reader, row) for row in rows], total


def count(reader: Reader, actor: Actor) -> int:
    """Return how many incidents are open, 0 for who is no operator."""
    if not actor.holds("admin"):
        return 0
    query = select(func.count()).select_from(incident).where(incident.c.state == "open")
    return int(reader.conn.execute(query).scalar_one())


def one(reader: Reader, actor: Actor, key: int) -> View:
    """Return an incident with everything an operator decides by.

    Raises:
        NotFound: no such incident.
    """
    row = _one(reader, actor, key)
    program = load_definition(reader.conn, row.definition_key).program
    seen = select(process_instance.c.key).where(
        process_instance.c.key == row.instance_key, visible_cases(reader.conn, actor)
    )
    named = row.input["variables"]
    allowed = correctable(program.process)
    is_open = row.state == "open"
    flows, several = _ways(program, row.element_id)
    return View(
        line=_line(reader, row),
        cause_en=row.cause_en,
        element_id=row.element_id,
        step=row.step,
        acting=row.acting_name,
        input=row.input,
        instance_key=row.instance_key,
        tries=_tries(reader, row),
        ways=flows if is_open else (),
        several=several,
        not_skippable=_not_skippable(reader, program.process, row) if is_open else "",
        correctable=tuple(n for n in allowed if n in named and not is_cut(named[n]))
        if row.step not in ("timer", "message")
        else (),
        visible=reader.conn.execute(seen).first() is not None,
        cancellable=row.case_ended_at is None,
        reason=row.reason if row.state in ("skipped", "cancelled") else None,
    )


def of_case(reader: Reader, actor: Actor, instance_key: int) -> tuple[IncidentNote, ...]:
    """Return the open incidents of a case, as its page tells them."""
    rows = reader.conn.execute(
        select(incident)
        .where(incident.c.instance_key == instance_key, incident.c.state == "open")
        .order_by(incident.c.key)
    )
    return tuple(
        IncidentNote(r.key, r.element_id, r.name, KINDS.get(r.kind, r.kind), actor.holds("admin"))
        for r in rows
    )


def search(reader: Reader, actor: Actor, where: Mapping[str, Any], limit: int, offset: int) -> Found:
    """Return incidents for the API's search; operators only."""
    actor.must_hold("admin")
    i, p = incident.c, process_instance.c
    columns: dict[str, ColumnElement[Any]] = {
        "incidentKey": i.key,
        "processInstanceKey": i.instance_key,
        "processDefinitionKey": p.definition_key,
        "processDefinitionId": p.process_id,
        "businessId": p.business_id,
        "elementId": i.element_id,
        "kind": i.kind,
        "state": i.state,
    }
    return paged(reader, filtered(_query(), columns, where), i.key, limit, offset)


def row(reader: Reader, actor: Actor, key: int) -> Row[Any]:
    """Return one incident for the API.

    Raises:
        NotFound: no such incident.
    """
    return _one(reader, actor, key)


def _one(reader: Reader, actor: Actor, key: int) -> Row[Any]:
    actor.must_hold("admin")
    found = reader.conn.execute(_query().where(incident.c.key == key)).first()
    if found is None:
        raise NotFound("没有该异常。", f"Expected an incident {key}, found none.")
    note(actor, found.instance_key)
    return found


def _query() -> Select[Any]:
    return (
        select(
            incident,
            process_instance.c.business_id,
            process_instance.c.process_id,
            process_instance.c.definition_key,
            process_instance.c.ended_at.label("case_ended_at"),
            process_definition.c.name.label("process_name"),
        )
        .join(process_instance, process_instance.c.key == incident.c.instance_key)
        .join(process_definition, process_definition.c.key == process_instance.c.definition_key)
    )


def _line(reader: Reader, found: Row[Any]) -> Line:
    return Line(
        key=found.key,
        business_id=found.business_id,
        process_name=found.process_name,
        name=found.name,
        kind=KINDS.get(found.kind, found.kind),
        cause=Bilingual(found.cause, found.cause_en),
        state=found.state,
        raised_at=found.raised_at,
        tries=found.tries,
        next_try_at=found.next_try_at,
        ended_by=reader.person(found.ended_by),
    )


def _tries(reader: Reader, found: Row[Any]) -> tuple[Try, ...]:
    names = [
        cls.__name__
        for cls in (
            e.IncidentRaised,
            e.IncidentTriedAgain,
            e.IncidentVariablesCorrected,
            e.IncidentResolved,
            e.IncidentSkipped,
            e.IncidentCancelled,
            e.IncidentClosed,
        )
    ]
    bodies = reader.conn.execute(
        select(event.c.body)
        .where(event.c.stream == found.instance_key, event.c.type.in_(names))
        .order_by(event.c.seq)
    ).scalars()
    mine = [x for x in map(parse, bodies) if getattr(x.event, "incident_key", None) == found.key]
    return tuple(
        Try(
            x.recorded_at,
            x.author.name,
            sentence(x.event, reader.org, reader.person),
            x.event.cause if isinstance(x.event, e.IncidentRaised | e.IncidentTriedAgain) else "",
        )
        for x in mine
    )


def _ways(program: Program, element_id: str) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """Return the flows that leave a gateway with conditions, and whether several may be chosen."""
    process = program.process
    found = []
    for flow, target in ways(program, element_id).items():
        to = process.nodes.get(target)
        found.append((flow, (to and to.name) or target, process.conditions.get(flow, "")))
    node = process.nodes.get(element_id)
    return tuple(found), node is not None and node.type == "inclusiveGateway"


def _not_skippable(reader: Reader, process: Process, found: Row[Any]) -> str:
    if found.step == "message":
        return ""
    kind = reader.conn.execute(select(timer.c.kind).where(timer.c.key == (found.timer_key or 0))).scalar()
    try:
        must_be_skippable(process, found.element_id, found.step, kind)
    except NotSkippable as refused:
        return Bilingual(refused.zh, refused.en)
    return ""
