"""The question itself: a case's events, played and put beside what each of them changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.clock import instant
from engine.definitions import Definition, load_definition
from engine.handlers.access import must_see
from engine.history.chain import Recorded, parse
from engine.history.words import sentence
from engine.mining.playback import Playback, Step, Visit, play
from engine.people import ROLES, Actor
from engine.periods import beijing_day
from engine.profiles import profile_of
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.queries.replay.answers import answers
from engine.queries.replay.limits import Limits
from engine.queries.replay.tenures import Tenures
from engine.queries.replay.values import Values
from engine.queries.replay.views import Paper, Replay, ReplayStep, Version, Who
from engine.storage.tables import event as event_table

_BOOKS = (
    e.VariablesSet,
    e.PartiesSet,
    e.TimerArmed,
    e.TimerDisarmed,
    e.TimerRearmed,
    e.SubscriptionOpened,
    e.SubscriptionClosed,
    e.SubscriptionChanged,
)
"""Events that keep the platform's own books: nobody did anything, and no token moved."""


def replay(reader: Reader, actor: Actor, key: int) -> Replay:
    """Play a case again for a reader who may see it.

    Raises:
        NotFound: no such case for this reader.
    """
    row = must_see(reader.conn, actor, key)
    query = select(event_table.c.body).where(event_table.c.stream == key).order_by(event_table.c.seq)
    events = [parse(body) for body in reader.conn.execute(query).scalars()]
    played = play(events, lambda of: load_definition(reader.conn, of))
    film = _Film(reader, played)
    steps = tuple(film.step(recorded, step) for recorded, step in zip(events, played.steps, strict=True))
    process = load_definition(reader.conn, row.definition_key).process
    return Replay(
        key=key,
        business_id=row.business_id,
        title=row.title,
        process_name=process.name,
        ended=row.ended_at is not None,
        versions=tuple(_version(d) for d in film.definitions.values()),
        steps=steps,
        visits=tuple((v.element_id, v.began, v.ended) for v in played.visits),
        limits=film.limits.all(),
        tenures=film.tenures.all(),
        answers=answers(reader, events, steps, row.managing_key, film.definition),
        fitness=played.fitness,
    )


class _Film:
    """What is known while the events of a case go by."""

    def __init__(self, reader: Reader, played: Playback) -> None:
        self._reader = reader
        self._values, self.limits, self.tenures = Values(reader), Limits(reader), Tenures(reader)
        self.definitions: dict[int, Definition] = {}
        self._planned: dict[int, datetime] = {}  # timer → the instant it is set to
        self._due: dict[int, datetime] = {}  # limit → the instant it runs out
        self._elements: dict[int, str] = {}  # user task or limit → its element
        self._visits: dict[str, list[Visit]] = {}
        for visit in played.visits:
            self._visits.setdefault(visit.element_id, []).append(visit)

    def definition(self, key: int) -> Definition:
        """Return a version that applied to the case."""
        if key not in self.definitions:
            self.definitions[key] = load_definition(self._reader.conn, key)
        return self.definitions[key]

    def step(self, recorded: Recorded, step: Step) -> ReplayStep:
        """Return one event with what stands beside it; to be asked in order."""
        event: Any = recorded.event
        definition = self.definition(step.definition_key)
        day = beijing_day(recorded.occurred_at)
        self.limits.apply(recorded)
        self.tenures.apply(recorded)
        planned = self._planned_at(recorded)
        element_id = self._element(event)
        return ReplayStep(
            seq=recorded.seq,
            type=type(event).__name__,
            text=sentence(
                event,
                lambda key: self._reader.org(key, day),
                self._reader.person,
                profile_of(definition.process),
            ),
            element_id=element_id,
            visit=self._visit(element_id, recorded.seq),
            who=_who(recorded),
            occurred_at=recorded.occurred_at,
            recorded_at=recorded.recorded_at,
            planned_at=planned,
            definition_key=step.definition_key,
            taken=step.taken,
            tokens=step.tokens,
            deviation=step.deviation.kind if step.deviation else "",
            changes=self._values.changes(recorded, definition),
            paper=_paper(event),
            minor=isinstance(event, _BOOKS),
            mark=self._mark(event),
        )

    def _element(self, event: Any) -> str:
        """Return the element an event is about, that of its user task or limit included."""
        key = getattr(event, "user_task_key", None) or getattr(event, "deadline_key", None)
        if named := getattr(event, "element_id", None):
            if key is not None:
                self._elements[key] = named
            return str(named)
        return self._elements.get(key, "") if key is not None else ""

    def _mark(self, event: e.Event) -> str:
        if isinstance(event, e.DeadlineExpired):
            return "overdue" if event.overdue else ""
        if isinstance(event, e.DeadlineEnded):
            return "overdue" if event.state == "met_late" and self.limits.binds(event.deadline_key) else ""
        if isinstance(event, e.DeadlineExtended):
            return "extension"
        return "document" if isinstance(event, e.DocumentIssued) else ""

    def _visit(self, element_id: str, seq: int) -> int:
        """Return which visit of its element an event belongs to: the last that had begun by then."""
        return max((v.number for v in self._visits.get(element_id, ()) if v.began <= seq), default=0)

    def _planned_at(self, recorded: Recorded) -> datetime | None:
        event = recorded.event
        if isinstance(event, e.TimerArmed | e.TimerRearmed):
            self._planned[event.timer_key] = instant(event.fires_at)
        elif isinstance(event, e.DeadlineSet | e.DeadlineMoved):
            self._due[event.deadline_key] = instant(event.due_at)
        elif isinstance(event, e.TimerFired):
            return self._planned.get(event.timer_key)
        elif isinstance(event, e.DeadlineExpired):
            return self._due.get(event.deadline_key)
        elif isinstance(event, e.InstanceTriggered) and event.planned_at is not None:
            return instant(event.planned_at)
        return None


def _who(recorded: Recorded) -> Who:
    author, event = recorded.author, recorded.event
    if author.key == 0:
        return Who(PLATFORM_NAME, "", "")
    role = ROLES.get(author.role, author.role)
    return Who(author.name, author.organisation, role, getattr(event, "as_deputy_of", None) or "")


def _paper(event: e.Event) -> Paper | None:
    if not isinstance(event, e.DocumentIssued):
        return None
    return Paper(event.document_key, event.title, event.number, event.sha256)


def _version(definition: Definition) -> Version:
    nodes = definition.process.nodes.values()
    return Version(definition.key, definition.version, {node.id: node.name or node.id for node in nodes})
