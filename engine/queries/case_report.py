"""What the readable report of a case file says: head, diagrams, limits day by day, every event with before and after."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.bpmn.svg import Marks, draw
from engine.clock import instant, instant_text
from engine.definitions import Definition, load_definition
from engine.events import (
    ActDone,
    DeadlineMoved,
    DeadlineSet,
    DocumentIssued,
    InstanceMigrated,
    InstanceRebound,
    InstanceStarted,
    UserTaskCompleted,
    VariablesSet,
)
from engine.forms import describe
from engine.handlers.access import must_see
from engine.handlers.sources import from_variables
from engine.history.chain import Recorded
from engine.history.words import sentence
from engine.mining.playback import Playback, play
from engine.model import PARTIES, Process
from engine.people import ROLES, Actor, two_names
from engine.periods import BEIJING, beijing_day
from engine.profiles import profile_of
from engine.queries.cases import documents, head
from engine.queries.deadlines import deadlines
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.queries.views import DeadlineView, DocumentLine, Head

_SHORT = 200
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


@dataclass(frozen=True)
class Change:
    """A field of a form, or a variable of the case; empty where it had, or has, no value."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class EventLine:
    """One event as the report prints it.

    Attributes:
        planned_at: By the rules; of an expiry the planned instant.
        real_at: When the platform recorded it.
        actor, organisation, role: As named that day.
        form: The title of the form that was handed in, empty without one.
        minor: It moves the machine, and says nothing to a reader.
    """

    seq: int
    type: str
    element_id: str
    text: str
    planned_at: datetime
    real_at: datetime
    actor: str
    organisation: str
    role: str
    hash: str
    form: str = ""
    changes: tuple[Change, ...] = ()
    minor: bool = False


@dataclass(frozen=True)
class Diagram:
    """A version that applied, drawn with what the case did on it."""

    version: int
    svg: str
    width: float
    height: float


@dataclass(frozen=True)
class CaseReport:
    """Everything the report prints.

    Attributes:
        seal: The trailer of the history: head, events, up to where it is sealed.
    """

    head: Head
    made_at: datetime
    made_by: str
    events: tuple[EventLine, ...]
    limits: tuple[DeadlineView, ...]
    documents: tuple[DocumentLine, ...]
    diagrams: tuple[Diagram, ...]
    seal: Mapping[str, Any]
    sealed_day: str | None
    sealed_root: str | None
    algorithm: str

    def forms_data(self) -> list[dict[str, Any]]:
        """Return what was filled in as JSON values, event by event."""
        return [
            {
                "seq": line.seq,
                "at": instant_text(line.planned_at),
                "element_id": line.element_id,
                "form": line.form,
                "fields": [vars(change) for change in line.changes],
            }
            for line in self.events
            if line.changes
        ]


def case_report(
    reader: Reader,
    actor: Actor,
    key: int,
    events: Sequence[tuple[Recorded, bytes]],
    seal: Mapping[str, Any],
    sealed: Mapping[str, Any],
) -> CaseReport:
    """Return the report of a case.

    Args:
        events: Of the case, each with its hash.
        seal: The trailer of the exported history.
        sealed: What the seal that covers it says; empty without one.

    Raises:
        NotFound: no such case for this reader.
    """
    row = must_see(reader.conn, actor, key)
    limits = deadlines(reader, key)
    return CaseReport(
        head=head(reader, row, limits),
        made_at=reader.now,
        made_by=f"{actor.org_name} {actor.name}",
        events=tuple(_lines(reader, events, row.variables)),
        limits=limits,
        documents=documents(reader, key),
        diagrams=tuple(_diagrams(reader, [recorded for recorded, _ in events])),
        seal=seal,
        sealed_day=sealed.get("day"),
        sealed_root=sealed.get("root"),
        algorithm=reader.algorithm.name,
    )


# Events


class _Reading:
    """What an earlier event says about a later one: the version that applies, the values before."""

    def __init__(self, reader: Reader, variables: Mapping[str, Any]) -> None:
        self.reader, self.variables = reader, variables
        self.definition: Definition | None = None
        self.forms: dict[str, dict[str, str]] = {}
        self.values: dict[str, str] = {}

    def read(self, event: object) -> tuple[str, tuple[Change, ...]]:
        """Return the title of what was filled in, and each value before and after."""
        if isinstance(event, InstanceStarted | InstanceRebound | InstanceMigrated):
            self.definition = load_definition(self.reader.conn, event.definition_key)
        elif isinstance(event, UserTaskCompleted | ActDone):
            return self._form(event)
        elif isinstance(event, VariablesSet):
            return "", tuple(self._variables(event.values))
        elif isinstance(event, DeadlineSet):
            return "", (Change(event.name, "", event.due_on),)
        elif isinstance(event, DeadlineMoved):
            return "", (Change(event.name, event.due_before, event.due_on),)
        elif isinstance(event, DocumentIssued):
            return "", (Change("SHA-256", "", event.sha256),)
        return "", ()

    def _form(self, event: UserTaskCompleted | ActDone) -> tuple[str, tuple[Change, ...]]:
        definition = self.definition
        node = definition.process.nodes.get(event.element_id) if definition else None
        if definition is None or node is None or node.form is None:
            return "", ()
        form = definition.forms[node.form]
        sources = from_variables(self.reader.conn, dict(self.variables), definition.forms.get("F12-A"))
        now = {
            str(label): str(text) for label, text in describe(form, event.values, sources, definition.forms)
        }
        before = self.forms.get(form.id, {})
        self.forms[form.id] = now
        labels = dict.fromkeys((*now, *before))
        return str(form.title), tuple(
            Change(label, before.get(label, ""), now.get(label, "")) for label in labels
        )

    def _variables(self, values: Mapping[str, Any]) -> Iterator[Change]:
        process = self.definition.process if self.definition else None
        for name, value in values.items():
            if isinstance(value, dict | list):
                continue  # what a form was given stands with the form
            shown = _shown(self.reader, name, value)
            before, self.values[name] = self.values.get(name, ""), shown
            if before != shown:
                yield Change(_label(process, name), before, shown)


def _label(process: Process | None, name: str) -> str:
    return (process.labels.get(name) if process else None) or name


def _shown(reader: Reader, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in PARTIES.values() and str(value).isdigit():
        return reader.org(int(str(value)))
    text = str(value)
    if _INSTANT.fullmatch(text):
        return f"{instant(text).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    return text[:_SHORT]


_MINOR = {"TimerArmed", "TimerDisarmed", "TimerRearmed", "TimerPostponed", "SubscriptionOpened"} | {
    "SubscriptionClosed",
    "SubscriptionChanged",
    "ElementReached",
}


def _lines(
    reader: Reader, events: Iterable[tuple[Recorded, bytes]], variables: Mapping[str, Any]
) -> Iterator[EventLine]:
    reading = _Reading(reader, variables)
    for recorded, digest in events:
        form, changes = reading.read(recorded.event)
        author, told = recorded.author, recorded.event
        speaks = profile_of(reading.definition.process) if reading.definition else None
        yield EventLine(
            seq=recorded.seq,
            type=type(told).__name__,
            element_id=getattr(told, "element_id", None) or "",
            text=str(
                sentence(told, _named_on(reader, recorded), reader.person, *([speaks] if speaks else []))
            ),
            planned_at=recorded.occurred_at,
            real_at=recorded.recorded_at,
            actor=str(PLATFORM_NAME)
            if author.key == 0
            else two_names(author.name, getattr(told, "as_deputy_of", None)),
            organisation=author.organisation,
            role="、".join(str(ROLES.get(role, role)) for role in author.role.split(",") if role),
            hash=digest.hex(),
            form=form,
            changes=changes,
            minor=type(told).__name__ in _MINOR,
        )


def _named_on(reader: Reader, recorded: Recorded) -> Callable[[int | None], str]:
    day = beijing_day(recorded.recorded_at)
    return lambda key: reader.org(key, day)


# Diagrams


def _diagrams(reader: Reader, events: Sequence[Recorded]) -> Iterator[Diagram]:
    """Draw each version that applied, with the visits, tokens and flows of its time."""
    played = play(events, lambda key: load_definition(reader.conn, key))
    keys = list(dict.fromkeys(step.definition_key for step in played.steps))
    for key in keys:
        definition = load_definition(reader.conn, key)
        svg = draw(definition.process.xml, _marks(played, key), f"{definition.process.name}流程图")
        width, height = (float(part) for part in svg.partition('viewBox="0 0 ')[2].partition('"')[0].split())
        yield Diagram(definition.version, svg, width, height)


def _marks(played: Playback, key: int) -> Marks:
    steps = [step for step in played.steps if step.definition_key == key]
    seqs = {step.seq for step in steps}
    visits = Counter(v.element_id for v in played.visits if v.ended in seqs and v.how != "skipped")
    last = played.steps[-1]
    tokens = frozenset(last.tokens) if last.definition_key == key else frozenset[str]()
    return Marks(visits, tokens, Counter(flow for step in steps for flow in step.taken))
