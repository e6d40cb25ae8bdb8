"""The log as XES (IEEE 1849-2023): cases as traces, what was done as events.

One event says one stay at an element that was worked through: `time:timestamp` is when it ended by the rules, its
`start_timestamp` when it began (the name that pm4py and others know), `lifecycle:transition` how it ended. So a file
can be replayed as it is on the BPMN beside it (`engine.mining.bpmn_export`): with a start and a complete for each
piece of work every activity would be found twice. Whoever wants both asks for `pairs`.

`concept:name` is the label of the element (`engine.mining.activities`), `shixian:element` its id in the model.
What XES has no word for is in attributes of our own, with the prefix that the log declares: the limit that ran, its
last instant, whether the work was late, working days, documents, procedure and version. Persons: `engine.mining.masks`.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID, uuid5
from xml.sax.saxutils import quoteattr

from engine.mining.activities import by_people
from engine.mining.traces import Act, Case, Trace
from engine.periods import BEIJING

SUFFIX = ".xes"
NAMESPACE = "http://www.xes-standard.org/"
OWN = "urn:shixian:xes:1"
EXTENSIONS = (
    ("Concept", "concept", f"{NAMESPACE}concept.xesext"),
    ("Lifecycle", "lifecycle", f"{NAMESPACE}lifecycle.xesext"),
    ("Time", "time", f"{NAMESPACE}time.xesext"),
    ("Organizational", "org", f"{NAMESPACE}org.xesext"),
    ("Identity", "identity", f"{NAMESPACE}identity.xesext"),
    ("Shixian", "shixian", OWN),
)
CLASSIFIERS = (
    ("Activity", "concept:name"),
    ("Activity and lifecycle", "concept:name lifecycle:transition"),
    ("Resource", "org:resource"),
    ("Element", "shixian:element"),
)
_IDENTITY = UUID("5d1b3a5e-6f0c-5b4e-9a53-1c7a3d3f2b10")
_UNFIT = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | int | bool | datetime | UUID
Attribute = tuple[str, Value]


def write(traces: Iterable[Trace], pairs: bool = False) -> Iterator[bytes]:
    """Yield the file, a trace at a time.

    Args:
        pairs: Two events for what people work on: one when it began, one when it ended.
    """
    yield _head().encode()
    for trace in traces:
        yield _trace(trace, pairs).encode()
    yield b"</log>\n"


def _head() -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<log xes.version="1849.2023" xes.features="" xmlns="{NAMESPACE}">',
        *(
            f"  <extension name={quoteattr(name)} prefix={quoteattr(prefix)} uri={quoteattr(uri)}/>"
            for name, prefix, uri in EXTENSIONS
        ),
        '  <global scope="trace">',
        *_lines((("concept:name", ""), ("shixian:procedure", ""), ("shixian:version", 0)), 4),
        "  </global>",
        '  <global scope="event">',
        *_lines(_EVENT_DEFAULTS, 4),
        "  </global>",
        *(f"  <classifier name={quoteattr(name)} keys={quoteattr(keys)}/>" for name, keys in CLASSIFIERS),
        *_lines((("concept:name", "时限 办理记录"), ("lifecycle:model", "standard")), 2),
    ]
    return "\n".join(lines) + "\n"


_EVENT_DEFAULTS: tuple[Attribute, ...] = (
    ("concept:name", ""),
    ("lifecycle:transition", "complete"),
    ("time:timestamp", datetime(1970, 1, 1, tzinfo=BEIJING)),
    ("org:resource", ""),
    ("shixian:element", ""),
)


def _trace(trace: Trace, pairs: bool) -> str:
    lines = ["  <trace>", *_lines(_of_case(trace.case), 4)]
    for transition, act in _events(trace.acts, pairs):
        lines += ["    <event>", *_lines(_of_act(trace.case, act, transition, pairs), 6), "    </event>"]
    return "\n".join([*lines, "  </trace>"]) + "\n"


def _events(acts: Iterable[Act], pairs: bool) -> list[tuple[str, Act]]:
    ended = [(act.ended_at, order, act.lifecycle, act) for order, act in enumerate(acts)]
    if not pairs:
        return [(transition, act) for _, _, transition, act in ended]
    began = [(act.began_at, order, "start", act) for _, order, _, act in ended if by_people(act.type)]
    return [(transition, act) for _, _, transition, act in sorted([*began, *ended], key=lambda one: one[:2])]


def _of_case(case: Case) -> list[Attribute]:
    found: list[Attribute] = [
        ("concept:name", case.number),
        ("identity:id", uuid5(_IDENTITY, case.key)),
        ("shixian:procedure", case.process_id),
        ("shixian:procedure_name", case.procedure),
        ("shixian:version", case.version),
        ("shixian:state", case.state),
        ("shixian:result", case.result),
        ("shixian:overdue", case.overdue),
        ("shixian:late", case.late),
        ("shixian:started", case.started_at),
    ]
    if case.title:
        found.append(("shixian:title", case.title))
    if case.ended_at is not None:
        found.append(("shixian:ended", case.ended_at))
    found += [(f"shixian:{side}", name) for side, (_, name) in case.parties.items()]
    if case.resource is not None:
        found.append(("shixian:resource", case.resource[1]))
    return found


def _of_act(case: Case, act: Act, transition: str, pairs: bool) -> list[Attribute]:
    begins = transition == "start"
    found: list[Attribute] = [
        ("concept:name", act.activity),
        ("concept:instance", f"{act.element_id}#{act.visit}"),
        ("lifecycle:transition", transition),
        ("time:timestamp", act.began_at if begins else act.ended_at),
        ("org:resource", act.person),
        ("shixian:element", act.element_id),
        ("shixian:type", act.type),
        ("identity:id", uuid5(_IDENTITY, f"{case.key}/{act.element_id}/{act.visit}/{transition}")),
    ]
    if not pairs:
        found.append(("start_timestamp", act.began_at))
    if act.lane:
        found.append(("org:role", act.lane))
    if act.department:
        found.append(("org:group", act.department))
    if begins:
        return found
    found.append(("shixian:recorded", act.recorded_at))
    if act.on_behalf_of:
        found.append(("shixian:on_behalf_of", act.on_behalf_of))
    if by_people(act.type):
        found.append(("shixian:working_days", act.working_days))
    if act.due_at is not None:
        found += [("shixian:limit", act.limit), ("shixian:due", act.due_at), ("shixian:late", act.late)]
    if act.papers:
        found.append(
            ("shixian:documents", "；".join(f"{paper.number} {paper.title}" for paper in act.papers))
        )
    return found


def _lines(attributes: Iterable[Attribute], indent: int) -> Iterator[str]:
    for key, value in attributes:
        kind, text = _written(value)
        yield f"{' ' * indent}<{kind} key={quoteattr(key)} value={quoteattr(text)}/>"


def _written(value: Value) -> tuple[str, str]:
    match value:
        case bool():
            return "boolean", "true" if value else "false"
        case int():
            return "int", str(value)
        case datetime():
            return "date", value.astimezone(BEIJING).isoformat(timespec="milliseconds")
        case UUID():
            return "id", str(value)
        case _:
            return "string", _UNFIT.sub("", value)
