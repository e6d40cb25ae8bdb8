"""Figures the slow way: straight from the bodies of events and the file of the model, with none of the engine's own reading."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from lxml import etree
from sqlalchemy import Connection, select

from engine.app import Engine
from engine.definitions import version_files
from engine.storage.tables import event, organisation

BEIJING = ZoneInfo("Asia/Shanghai")
DIMENSIONS = ("procedure", "version", "department", "using", "providing", "level", "area", "month", "result")


@dataclass
class Slow:
    """One finished case."""

    key: int
    process_id: str
    definition: int
    parties: dict[str, int | None]
    department: int | None
    withheld: int | None
    month: str
    result: str
    void: bool
    working_days: int
    seconds: int
    counts: dict[str, tuple[bool, bool]]  # rate → part, whole
    tasks: list[tuple[str, int, int, bool]] = field(
        default_factory=list
    )  # element, working days, seconds, late


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def finished(engine: Engine) -> list[Slow]:
    """Return every case whose history says that it is over."""
    found = []
    with engine.database.reading() as conn:
        streams: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in conn.execute(select(event.c.stream, event.c.body).order_by(event.c.stream, event.c.seq)):
            streams[row.stream].append(orjson.loads(row.body))
        for stream, log in streams.items():
            if log[0]["type"] == "InstanceStarted" and any(e["type"] == "InstanceEnded" for e in log):
                found.append(_case(engine, conn, stream, log))
    return found


def _case(engine: Engine, conn: Connection, stream: int, log: list[dict[str, Any]]) -> Slow:
    def of(*kinds: str) -> list[dict[str, Any]]:
        return [e["data"] for e in log if e["type"] in kinds]

    started = of("InstanceStarted")[0]
    definition = started["definition_key"]
    for data in of("InstanceRebound", "InstanceMigrated"):
        definition = data["definition_key"]
    end = [e for e in log if e["type"] == "InstanceEnded"][-1]
    parties: dict[str, int | None] = {"using": None, "providing": None, "managing": None}
    for data in of("PartiesSet"):
        parties = {name: data[name] for name in parties}
    received = [d["values"]["received_at"] for d in of("VariablesSet") if d["values"].get("received_at")]
    begun, ended = when(received[-1] if received else log[0]["occurred_at"]), when(end["occurred_at"])
    limits = _limits(log)
    law = [x for x in limits.values() if x["kind"] == "law" and x["on_expiry"] == "overdue"]
    owners = [x["owner"] for x in (*law, *limits.values())]
    sides = (*owners, parties["providing"], parties["managing"], parties["using"])
    department = next((key for key in sides if key is not None), None)
    void = bool(of("InstanceVoided", "CaseAnnulled")) or end["data"]["state"] == "void"
    model = etree.fromstring(version_files(conn, definition)["process.bpmn"])
    may_dispute = "in_dispute" in model.xpath("//@*[local-name()='state']")
    reached = of("ElementReached")
    answered = started["process_id"] == "ln_art12_application" and any(
        d["element_id"] == "M12-4" and not d["skipped"] for d in reached
    )
    results = [x["outcome"] for x in law if x["outcome"]]
    counts = {
        "on_time": (bool(results) and "late" not in results, bool(results)),
        "overdue": (any(x["ever"] for x in law), bool(law)),
        "extension": (bool(of("DeadlineExtended")), any(x["rule"] for x in limits.values())),
        "refusal": (answered and any(d["template"] == "E-4" for d in of("DocumentIssued")), answered),
        "dispute": (any(d["state"] == "in_dispute" for d in reached), may_dispute),
        "withdrawal": (
            end["data"]["state"] == "withdrawn" or end["data"]["result"] in ("withdrawn", "lapsed"),
            True,
        ),
    }
    if void:
        counts = dict.fromkeys(counts, (False, False))
    withheld = of("CaseWithheld")
    slow = Slow(
        stream,
        started["process_id"],
        definition,
        parties,
        department,
        withheld[-1]["organisation_key"] if withheld else None,
        ended.astimezone(BEIJING).strftime("%Y-%m"),
        end["data"]["result"] or "",
        void,
        _working_days(engine, conn, department, ended, begun, ended),
        int((max(ended, begun) - begun).total_seconds()),
        {**counts, "void": (void, True)},
    )
    slow.skipped = [d["element_id"] for d in reached if d["skipped"]]
    slow.done = {d["element_id"] for d in of("UserTaskCompleted")}
    slow.tasks = list(_tasks(engine, conn, log, ended, limits, model, department))
    return slow


def _working_days(
    engine: Engine,
    conn: Connection,
    department: int | None,
    known: datetime,
    begun: datetime,
    ended: datetime,
) -> int:
    """Count one day after the other, by what was known then."""
    calendar = engine._calendars.of(conn, known, department)
    day, last, number = begun.astimezone(BEIJING).date(), ended.astimezone(BEIJING).date(), 0
    while day < last:
        day += timedelta(days=1)
        number += calendar.is_working_day(day)
    return number


def _limits(log: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    limits: dict[int, dict[str, Any]] = {}
    for entry in log:
        data, kind = entry["data"], entry["type"]
        if kind == "DeadlineSet":
            limits[data["deadline_key"]] = {
                "kind": data["kind"],
                "on_expiry": data["on_expiry"],
                "owner": data["organisation_key"],
                "attached": data["attached_to"],
                "rule": data["terms"]["rule"] is not None,
                "due": when(data["due_at"]),
                "outcome": "",
                "ever": False,
                "red": [],
            }
        elif kind.startswith("Deadline"):
            _happened(limits[data["deadline_key"]], kind, data, when(entry["occurred_at"]))
    return limits


def _happened(limit: dict[str, Any], kind: str, data: dict[str, Any], at: datetime) -> None:
    """`red` are the stretches in which it was overdue; the last one may be open."""
    strict = limit["on_expiry"] == "overdue"
    is_open = bool(limit["red"]) and limit["red"][-1][1] is None
    if kind == "DeadlineExpired":
        limit["outcome"] = "late"
        if strict:
            limit["ever"] = True
            limit["red"].append([at, None])
        return
    if kind == "DeadlineMigrated":
        limit.update(kind=data["kind"], on_expiry=data["on_expiry"], owner=data["organisation_key"])
        limit["attached"] = data["attached_to"]
    if "terms" in data:
        limit["due"] = when(data["due_at"])
        limit["rule"] |= data["terms"]["rule"] is not None
    still_over = "terms" in data and data["state"] == "overdue"
    if kind in ("DeadlineReopened", "DeadlineEnded") or ("terms" in data and not still_over):
        if kind == "DeadlineEnded" and data["state"] == "met_late" and strict:
            limit["ever"] = True
            if not is_open and limit["due"] < at:
                limit["red"].append([limit["due"], None])
                is_open = True
        if is_open:
            limit["red"][-1][1] = at
    if kind == "DeadlineEnded":
        outcomes = {"met": "on time", "met_late": "late"}
        limit["outcome"] = outcomes.get(data["state"], limit["outcome"])
    elif kind == "DeadlineReopened" or ("terms" in data and not still_over):
        limit["outcome"] = ""


def _tasks(
    engine: Engine,
    conn: Connection,
    log: list[dict[str, Any]],
    ended: datetime,
    limits: dict[int, dict[str, Any]],
    model: Any,
    department: int | None,
) -> Any:
    """Yield the stays at user tasks: from when each was opened until it was done, taken away or went back."""
    for index, entry in enumerate(log):
        if entry["type"] not in ("UserTaskOpened", "TaskRecalled"):
            continue
        key = entry["data"]["user_task_key"]
        opened = next(
            e["data"] for e in log if e["type"] == "UserTaskOpened" and e["data"]["user_task_key"] == key
        )
        over = [
            when(e["occurred_at"])
            for e in log[index + 1 :]
            if e["data"].get("user_task_key") == key
            and e["type"] in ("UserTaskCompleted", "UserTaskCancelled", "TaskReturned", "TaskJumped")
        ]
        begun, until = when(entry["occurred_at"]), min([*over[:1], ended])
        until = max(begun, until)
        inside = _around(model, opened["element_id"])
        red = [
            (since, to or ended) for x in limits.values() if x["attached"] in inside for since, to in x["red"]
        ]
        late = any(begun < to and since < until for since, to in red)
        days = _working_days(engine, conn, opened["organisation_key"], ended, begun, until)
        yield opened["element_id"], days, int((until - begun).total_seconds()), late


def _around(model: Any, element_id: str) -> set[str]:
    found = model.xpath("//*[@id=$id]", id=element_id)
    return {e.get("id") for e in found[0].iterancestors()} | {element_id} if found else {element_id}


def groups(engine: Engine, cases: list[Slow], dimension: str) -> dict[str, list[Slow]]:
    """Return cases by the values of a dimension."""
    with engine.database.reading() as conn:
        homes = {row.key: row for row in conn.execute(select(organisation))}
    found: dict[str, list[Slow]] = defaultdict(list)
    for case in cases:
        home = homes.get(case.department)
        value: Any = {
            "procedure": case.process_id,
            "version": case.definition,
            "department": case.department or "",
            "using": case.parties["using"] or "",
            "providing": case.parties["providing"] or "",
            "level": home.level if home else "",
            "area": home.area if home else "",
            "month": case.month,
            "result": case.result,
        }[dimension]
        found[str(value)].append(case)
    return found


def rates(cases: list[Slow]) -> dict[str, tuple[int, int]]:
    """Return part and whole of each rate."""
    return {
        name: (
            sum(all(case.counts[name]) for case in cases),
            sum(case.counts[name][1] for case in cases),
        )
        for name in ("on_time", "overdue", "extension", "refusal", "dispute", "withdrawal", "void")
    }


def middle(values: list[int], share: float) -> int | None:
    """Return the value at the place `share` of a sorted list."""
    ordered = sorted(values)
    places = [n for n in range(len(ordered)) if (n + 1) / len(ordered) >= share - 1e-12]
    return ordered[places[0]] if places else None


def element_ids(engine: Engine, definition: int) -> set[str]:
    """Return the ids of everything drawn."""
    with engine.database.reading() as conn:
        text = version_files(conn, definition)["process.bpmn"].decode()
    return set(re.findall(r'\bid="([^"]+)"', text))
