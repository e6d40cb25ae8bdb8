"""A scenario (情景): a case written down as steps, so that anybody can try a draft with it again.

It is a file of the model, `scenarios/<id>.json`:

    {"id": "agreed", "name": "同意共享", "start": {"at": "2026-06-08T10:00", "event": "S12", "entry": "conditional"},
     "steps": [{"complete": {"element": "T12-01", "values": {…}}},
               {"clock": {"working_days": 1}},
               {"act": {"element": "ES12-W", "values": {…}}}],
     "expect": {"result": "granted", "state": "closed", "deadlines": [{"element": "TM12-1", "due_on": "2026-06-15"}]}}

`as` beside `element` names a person of the scratch office, `of` the procedure of a case that this one has begun.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine.errors import InvalidInput
from engine.periods import BEIJING

ENTRIES = ("conditional", "unconditional", "not_shared")
MAX_STEPS = 200
FIRST_YEAR, LAST_YEAR = 2007, 2100
"""No notice of working days is older; later no draft is tried."""
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,59}")
_NEXT = ("due",)


class ScenarioFault(InvalidInput):
    """A scenario that cannot be read; says where and why."""


@dataclass(frozen=True)
class Start:
    """How the case begins.

    Attributes:
        at: Beijing day and time.
        event: The start event; None for the first at which somebody may begin.
        entry: The kind of catalogue entry it is about, where its start asks for one.
        about: The procedure of the case it comes from, where its start asks for one.
        variables: What a message brings along, of a case that no person begins.
    """

    at: datetime
    event: str | None = None
    entry: str = "conditional"
    about: str = "ln_art12_application"
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Complete:
    """Hand in the form of an open task."""

    element: str
    values: Mapping[str, Any]
    who: str | None = None
    of: str | None = None


@dataclass(frozen=True)
class Act:
    """Start an event sub-process by hand."""

    element: str
    values: Mapping[str, Any]
    who: str | None = None
    of: str | None = None


@dataclass(frozen=True)
class Clock:
    """Let time pass: to an instant, by days, by working days, or to the next instant at which something is due."""

    to: datetime | None = None
    days: int = 0
    working_days: int = 0
    next: str = ""


Step = Complete | Act | Clock


@dataclass(frozen=True)
class ExpectedDeadline:
    """What a limit should have come to; None is not looked at."""

    element: str
    due_on: date | None = None
    state: str | None = None


@dataclass(frozen=True)
class Expect:
    """What should be found after the last step; None is not looked at.

    Attributes:
        open: The elements whose tasks are open then.
    """

    result: str | None = None
    state: str | None = None
    deadlines: tuple[ExpectedDeadline, ...] = ()
    open: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Scenario:
    """A case written down as steps."""

    id: str
    name: str
    start: Start
    steps: tuple[Step, ...] = ()
    expect: Expect = field(default_factory=Expect)

    def and_then(self, *steps: Step) -> "Scenario":
        """Return the scenario with further steps."""
        return replace(self, steps=(*self.steps, *steps))


def scenario_path(scenario_id: str) -> str:
    """Return where a scenario lies among the files of its model."""
    return f"scenarios/{scenario_id}.json"


def scenarios_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the scenarios among the files of a model, by path."""
    return {p: files[p] for p in sorted(files) if p.startswith("scenarios/") and p.endswith(".json")}


def read_scenario(content: bytes | str) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioFault: it is none.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise ScenarioFault(
            f"情景文件不是有效的 JSON：{fault}", f"The file of a scenario is no valid JSON: {fault}"
        ) from fault
    return from_data(data)


def from_data(data: Any) -> Scenario:
    """Return the scenario that JSON values say.

    Raises:
        ScenarioFault: they say none.
    """
    data = _mapping(data, "情景")
    name = str(data.get("id", ""))
    if not _ID.fullmatch(name):
        raise ScenarioFault(
            "情景编号应为1至60个字母、数字、下划线或者连字符。",
            "Expected an id of 1 to 60 letters, digits, underscores or hyphens.",
        )
    steps = data.get("steps", [])
    if not isinstance(steps, list) or len(steps) > MAX_STEPS:
        raise ScenarioFault(
            f"steps 应为不超过{MAX_STEPS}步的列表。", f"Expected steps to be a list of at most {MAX_STEPS}."
        )
    return Scenario(
        id=name,
        name=str(data.get("name") or name)[:100],
        start=_start(_mapping(data.get("start"), "start")),
        steps=tuple(_step(step, n) for n, step in enumerate(steps, 1)),
        expect=_expect(_mapping(data.get("expect") or {}, "expect")),
    )


def write_scenario(scenario: Scenario) -> bytes:
    """Return the file of a scenario; the same scenario is always the same bytes."""
    return (json.dumps(to_data(scenario), ensure_ascii=False, indent=2) + "\n").encode()


def to_data(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as JSON values."""
    s = scenario.start
    start: dict[str, Any] = {"at": _local(s.at), "event": s.event, "entry": s.entry}
    start |= {"about": None if s.about == Start.about else s.about, "variables": dict(s.variables) or None}
    start = {name: value for name, value in start.items() if value is not None}
    found: dict[str, Any] = {"id": scenario.id, "name": scenario.name, "start": start}
    found["steps"] = [step_data(step) for step in scenario.steps]
    x = scenario.expect
    expect: dict[str, Any] = {
        k: v for k, v in {"result": x.result, "state": x.state}.items() if v is not None
    }
    if x.deadlines:
        expect["deadlines"] = [_kept(d) for d in x.deadlines]
    if x.open is not None:
        expect["open"] = list(x.open)
    if expect:
        found["expect"] = expect
    return found


def step_data(step: Step) -> dict[str, Any]:
    """Return a step as JSON values."""
    said: dict[str, Any]
    if isinstance(step, Clock):
        said = {"to": step.to and _local(step.to), "days": step.days, "working_days": step.working_days}
        return {"clock": {k: v for k, v in {**said, "next": step.next}.items() if v}}
    said = {"element": step.element, "values": dict(step.values), "as": step.who, "of": step.of}
    kept = {k: v for k, v in said.items() if v is not None}
    return {"complete" if isinstance(step, Complete) else "act": kept}


def _kept(d: ExpectedDeadline) -> dict[str, str]:
    said = {"element": d.element, "due_on": d.due_on and d.due_on.isoformat(), "state": d.state}
    return {k: v for k, v in said.items() if v}


def _start(data: Mapping[str, Any]) -> Start:
    entry = data.get("entry") or Start.entry
    if entry not in ENTRIES:
        raise ScenarioFault(
            f"start.entry 应为 {'、'.join(ENTRIES)} 之一，实为“{entry}”。",
            f"Expected start.entry to be one of {', '.join(ENTRIES)}, found {entry}.",
        )
    return Start(
        at=instant_of(data.get("at"), "start.at "),
        event=str(data["event"]) if data.get("event") else None,
        entry=str(entry),
        about=str(data.get("about") or Start.about),
        variables=_mapping(data.get("variables") or {}, "start.variables"),
    )


def _step(data: Any, n: int) -> Step:
    data = _mapping(data, f"第{n}步")
    if len(data) != 1 or (kind := next(iter(data))) not in ("complete", "act", "clock"):
        raise ScenarioFault(
            f"第{n}步应为 complete、act、clock 之一。", f"Expected step {n} to be complete, act or clock."
        )
    said = _mapping(data[kind], f"第{n}步")
    if kind == "clock":
        return _clock(said, n)
    if not said.get("element"):
        raise ScenarioFault(f"第{n}步应写明 element。", f"Expected step {n} to name its element.")
    make = Complete if kind == "complete" else Act
    values = _mapping(said.get("values") or {}, f"第{n}步 values")
    who, of = (str(said[name]) if said.get(name) else None for name in ("as", "of"))
    return make(str(said["element"]), values, who, of)


def _clock(said: Mapping[str, Any], n: int) -> Clock:
    if len(said) != 1:
        raise ScenarioFault(
            f"第{n}步的 clock 应为 to、days、working_days、next 之一。",
            f"Expected the clock of step {n} to be one of to, days, working_days, next.",
        )
    if "to" in said:
        return Clock(to=instant_of(said["to"], f"第{n}步 to "))
    if "next" in said:
        if said["next"] not in _NEXT:
            raise ScenarioFault(f"第{n}步的 next 应为 due。", f"Expected next of step {n} to be due.")
        return Clock(next="due")
    kind, value = next(iter(said.items()))
    if kind not in ("days", "working_days") or type(value) is not int or not 1 <= value <= 400:
        raise ScenarioFault(
            f"第{n}步的 {kind} 应为1至400的整数。",
            f"Expected {kind} of step {n} to be a whole number from 1 to 400.",
        )
    return Clock(days=value) if kind == "days" else Clock(working_days=value)


def _expect(data: Mapping[str, Any]) -> Expect:
    found = []
    rows = data.get("deadlines") or []
    if not isinstance(rows, list):
        raise ScenarioFault("expect.deadlines 应为列表。", "Expected expect.deadlines to be a list.")
    for row in rows:
        row = _mapping(row, "expect.deadlines")
        try:
            due = date.fromisoformat(row["due_on"]) if row.get("due_on") else None
        except (TypeError, ValueError):
            raise ScenarioFault(
                f"due_on 应为日期，实为“{row['due_on']}”。",
                f"Expected due_on to be a date, found {row['due_on']}.",
            ) from None
        found.append(ExpectedDeadline(str(row.get("element", "")), due, row.get("state") or None))
    waiting = data.get("open")
    return Expect(
        result=data.get("result"),
        state=data.get("state"),
        deadlines=tuple(found),
        open=tuple(map(str, waiting)) if isinstance(waiting, list) else None,
    )


def instant_of(text: Any, where: str) -> datetime:
    """Return the aware instant that a text names; Beijing time where it names no zone.

    Raises:
        ScenarioFault: it names none.
    """
    try:
        found = datetime.fromisoformat(str(text))
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(text)
    except ValueError:
        raise ScenarioFault(
            f"{where}应为时刻，例如2026-06-08T10:00，实为“{text}”。",
            f"Expected an instant such as 2026-06-08T10:00, found {text}.",
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=BEIJING)


def _local(at: datetime) -> str:
    local = at.astimezone(BEIJING).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _mapping(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ScenarioFault(f"{where} 应为对象。", f"Expected an object under {where}.")
    return data
