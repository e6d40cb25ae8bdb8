"""The log as OCEL 2.0 (JSON): what an event was about beside its case, and how objects changed.

Objects are cases (a type for each procedure, called by its id), user tasks, limits, documents, entries of the
catalogue, and departments. Events have the types of their activities, with the procedure before the label. A limit's
last instant is an attribute that changes with the acts that set, extend, pause or recount it; what holds from the
beginning has the time that the standard gives it, 1970-01-01. Persons are an attribute of the event, masked as
everywhere (`engine.mining.masks`): they are no objects, so that no file follows a person.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.mining.activities import by_people
from engine.mining.traces import Act, Case, Limit, Paper, Trace, labels_of
from engine.model import Process

SUFFIX = ".jsonocel"
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

_EVENT = {
    "lifecycle": "string",
    "start": "time",
    "recorded": "time",
    "element": "string",
    "visit": "integer",
    "resource": "string",
    "on_behalf_of": "string",
    "role": "string",
    "late": "boolean",
    "working_days": "integer",
}
_OBJECTS = {
    "task": {"element": "string", "activity": "string"},
    "deadline": {
        "name": "string",
        "basis": "string",
        "due": "time",
        "state": "string",
        "late_working_days": "integer",
    },
    "document": {"number": "string", "title": "string", "template": "string", "sha256": "string"},
    "resource": {"name": "string"},
    "department": {"name": "string"},
}
_CASE = {
    "number": "string",
    "title": "string",
    "version": "integer",
    "state": "string",
    "result": "string",
    "overdue": "boolean",
    "late": "boolean",
}

Made = dict[str, Any]


def write(processes: Iterable[Process], traces: Iterable[Trace]) -> Iterator[bytes]:
    """Yield the file, a case at a time.

    Args:
        processes: The versions that the cases are of.
    """
    yield b'{"objectTypes":' + orjson.dumps(_object_types(known := list(processes)))
    yield b',"eventTypes":' + orjson.dumps(_event_types(known)) + b',"events":['
    objects = _Objects()
    apart = b""
    for trace in traces:
        for made in _events(trace, objects):
            yield apart + b"\n" + orjson.dumps(made)
            apart = b","
    yield b'\n],"objects":['
    for number, written in enumerate(objects.written()):
        yield (b",\n" if number else b"\n") + written
    yield b"\n]}\n"


def event_type(procedure: str, label: str) -> str:
    """Return the name of an event's type."""
    return f"{procedure}：{label}"


def _object_types(processes: Iterable[Process]) -> list[Made]:
    types = {**dict.fromkeys((process.id for process in processes), _CASE), **_OBJECTS}
    return [_declared(name, attributes) for name, attributes in types.items()]


def _event_types(processes: Iterable[Process]) -> list[Made]:
    names = [event_type(p.name, label) for p in processes for label in labels_of(p).values()]
    return [_declared(name, _EVENT) for name in dict.fromkeys(names)]


def _declared(name: str, attributes: dict[str, str]) -> Made:
    return {"name": name, "attributes": [{"name": n, "type": kind} for n, kind in attributes.items()]}


class _Objects:
    """The objects met so far; a case waits with its relations until every case is known."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._seen: set[str] = set()
        self._cases: dict[str, Made] = {}

    def add(self, id_: str, kind: str, values: list[tuple[str, Any, datetime]], related: list[Made]) -> str:
        """Keep an object once, whoever relates to it; return its id."""
        if id_ not in self._seen:
            self._seen.add(id_)
            made = _object(id_, kind, values, related)
            if id_.startswith("case:"):
                self._cases[id_] = made
            else:
                self._done.append(orjson.dumps(made))
        return id_

    def written(self) -> Iterator[bytes]:
        """Yield every object; what is related to a case that is not in the file says nothing of it."""
        for made in self._cases.values():
            related = made["relationships"]
            made["relationships"] = [
                one
                for one in related
                if not one["objectId"].startswith("case:") or one["objectId"] in self._cases
            ]
            yield orjson.dumps(made)
        yield from self._done


def _object(id_: str, kind: str, values: list[tuple[str, Any, datetime]], related: list[Made]) -> Made:
    attributes = [
        {"name": name, "time": _at(at), "value": _at(value) if isinstance(value, datetime) else value}
        for name, value, at in values
    ]
    return {"id": id_, "type": kind, "attributes": attributes, "relationships": related}


def _related(id_: str, qualifier: str) -> Made:
    return {"objectId": id_, "qualifier": qualifier}


def _events(trace: Trace, objects: _Objects) -> Iterator[Made]:
    case = trace.case
    papers = {paper.key: _paper(paper, objects) for paper in trace.papers}
    limits = {limit.key: _limit(limit, objects) for limit in trace.limits}
    sides = [_related(_department(key, name, objects), side) for side, (key, name) in case.parties.items()]
    about = []
    if case.resource is not None:
        key, name = case.resource
        id_ = objects.add(f"resource:{key}", "resource", [("name", name, ALWAYS)], [])
        about = [_related(id_, "about")]
    related = [
        *sides,
        *about,
        *(_related(id_, "issued") for id_ in papers.values()),
        *(_related(id_, "limited by") for id_ in limits.values()),
        *(_related(f"case:{key}", "comes from") for key in trace.comes_from),
    ]
    whole = objects.add(f"case:{case.key}", case.process_id, _case_values(case), related)
    for act in trace.acts:
        yield _event(case, act, [_related(whole, "case"), *about], papers, limits, objects)


def _event(
    case: Case,
    act: Act,
    related: list[Made],
    papers: dict[int, str],
    limits: dict[int, str],
    objects: _Objects,
) -> Made:
    place = f"{case.key}/{act.element_id}/{act.visit}"
    if by_people(act.type):
        told = [("element", act.element_id, ALWAYS), ("activity", act.activity, ALWAYS)]
        of_case = [_related(f"case:{case.key}", "part of")]
        related = [*related, _related(objects.add(f"task:{place}", "task", told, of_case), "work on")]
    if act.department_key is not None:
        owner = _department(str(act.department_key), act.department, objects)
        related = [*related, _related(owner, "department")]
    if act.limit_key is not None:
        related = [*related, _related(limits[act.limit_key], "within")]
    related = [*related, *(_related(papers[paper.key], "issues") for paper in act.papers)]
    values = {
        "lifecycle": act.lifecycle,
        "start": _at(act.began_at),
        "recorded": _at(act.recorded_at),
        "element": act.element_id,
        "visit": act.visit,
        "resource": act.person,
        "on_behalf_of": act.on_behalf_of,
        "role": act.lane,
        "late": act.late,
        "working_days": act.working_days,
    }
    return {
        "id": f"event:{place}",
        "type": event_type(case.procedure, act.activity),
        "time": _at(act.ended_at),
        "attributes": [{"name": name, "value": value} for name, value in values.items()],
        "relationships": related,
    }


def _case_values(case: Case) -> list[tuple[str, Any, datetime]]:
    found: list[tuple[str, Any, datetime]] = [
        ("number", case.number, ALWAYS),
        ("version", case.version, ALWAYS),
        ("overdue", case.overdue, ALWAYS),
    ]
    if case.title:
        found.append(("title", case.title, ALWAYS))
    if case.ended_at is None:
        return [*found, ("state", case.state, case.started_at)]
    ended = [("state", case.state), ("result", case.result), ("late", case.late)]
    return [*found, *((name, value, case.ended_at) for name, value in ended)]


def _limit(limit: Limit, objects: _Objects) -> str:
    values: list[tuple[str, Any, datetime]] = [("name", limit.name, ALWAYS), ("basis", limit.basis, ALWAYS)]
    values += [("due", due, at) for _, at, due in limit.due]
    values.append(("state", "running", limit.due[0][1]))
    if limit.until_at is not None:
        values += [
            ("state", limit.state, limit.until_at),
            ("late_working_days", limit.late_wd, limit.until_at),
        ]
    return objects.add(f"deadline:{limit.key}", "deadline", values, [])


def _paper(paper: Paper, objects: _Objects) -> str:
    values = [
        ("number", paper.number, ALWAYS),
        ("title", paper.title, ALWAYS),
        ("template", paper.template, ALWAYS),
        ("sha256", paper.sha256, ALWAYS),
    ]
    return objects.add(f"document:{paper.key}", "document", values, [])


def _department(key: str, name: str, objects: _Objects) -> str:
    return objects.add(f"department:{key}", "department", [("name", name, ALWAYS)], [])


def _at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
