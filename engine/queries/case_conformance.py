"""One case held against a version of its procedure, token by token: every deviation in order, and where it shows."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine import events as e
from engine.definitions import Definition, load_definition
from engine.handlers.access import must_see
from engine.history.chain import Recorded, parse
from engine.history.words import sentence
from engine.mining.graph import GATEWAYS, Graph, graph_of
from engine.mining.playback import Deviation, Playback, play
from engine.model import Node
from engine.people import Actor
from engine.profiles import profile_of
from engine.queries.conformance import ProcedureName, VersionName, version_of
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.storage.tables import event, process_definition

_d = process_definition.c


@dataclass(frozen=True)
class DeviationLine:
    """A deviation in words.

    Attributes:
        number: Of the deviation, from 1; it stands beside its elements in the diagram.
        who: By whom, with the department as named that day.
        expected: Names of the elements that the model leads to there; of a migration, what the version was.
        happened: What the history says.
        missing, left: Names of the elements without the token that was wanted, and with one left behind.
        reason: That was given, empty where none was.
        elements: Ids of the elements it is about.
    """

    number: int
    seq: int
    at: datetime
    kind: str
    who: str
    element: str
    expected: tuple[str, ...]
    happened: str
    missing: tuple[str, ...]
    left: tuple[str, ...]
    reason: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class TokenCount:
    """An element where tokens were missing or left behind, and how many."""

    element_id: str
    name: str
    missing: int
    left: int


@dataclass(frozen=True)
class CaseConformance:
    """What the page of a case shows.

    Attributes:
        own: The version that applies to the case.
        drawn: The version whose diagram is shown: the one it is held against, or its own.
        against: Key of another version than its own, None where it is held against its own.
        tokens: Where tokens stand at the end, of a case that runs.
        flows, passed: Ids of the flows that were taken and of the elements that were passed.
    """

    key: int
    business_id: str
    title: str
    process_name: str
    ended: bool
    procedure: ProcedureName
    own: VersionName
    drawn: VersionName
    against: int | None
    fitness: float
    events: int
    deviations: tuple[DeviationLine, ...]
    counts: tuple[TokenCount, ...]
    tokens: tuple[str, ...]
    flows: tuple[str, ...]
    passed: tuple[str, ...]


def case_conformance(reader: Reader, actor: Actor, key: int, against: int | None = None) -> CaseConformance:
    """Play a case on its own version, or on another one of its procedure.

    Raises:
        NotFound: no such case for this reader, or no such version.
    """
    row = must_see(reader.conn, actor, key)
    other = version_of(reader, row.process_id, against)
    bodies = select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)
    events = [parse(body) for body in reader.conn.execute(bodies).scalars()]
    played = play(events, lambda of: load_definition(reader.conn, of), other)
    procedure = _procedure(reader, row.process_id)
    versions = {version.key: version for version in procedure.versions}
    own = load_definition(reader.conn, row.definition_key)
    return CaseConformance(
        key=key,
        business_id=row.business_id,
        title=row.title,
        process_name=own.process.name,
        ended=row.ended_at is not None,
        procedure=procedure,
        own=versions[own.key],
        drawn=versions[(other or own).key],
        against=against,
        fitness=played.fitness,
        events=len(events),
        deviations=_Lines(reader, events, played, other).lines(),
        counts=_counts(played, (other or own).process.nodes),
        tokens=played.steps[-1].tokens if played.steps else (),
        flows=tuple(dict.fromkeys(flow for step in played.steps for flow in step.taken)),
        passed=tuple(dict.fromkeys(v.element_id for v in played.visits if v.ended is not None)),
    )


def _procedure(reader: Reader, process_id: str) -> ProcedureName:
    rows = reader.conn.execute(
        select(_d.key, _d.version, _d.effective_from, _d.name)
        .where(_d.process_id == process_id)
        .order_by(_d.version.desc())
    ).all()
    lines = tuple(VersionName(row.key, row.version, row.effective_from) for row in rows)
    return ProcedureName(process_id, rows[0].name, lines)


def _counts(played: Playback, nodes: Mapping[str, Node]) -> tuple[TokenCount, ...]:
    missing = Counter(one for deviation in played.deviations for one in deviation.missing)
    left = Counter(one for deviation in played.deviations for one in deviation.left)
    ids = dict.fromkeys((*missing, *left))
    return tuple(TokenCount(one, _name(nodes, one), missing[one], left[one]) for one in ids)


def _name(nodes: Mapping[str, Node], element_id: str) -> str:
    node = nodes.get(element_id)
    return (node.name if node is not None else "") or element_id


class _Lines:
    """The deviations of a played case, put in words."""

    def __init__(
        self, reader: Reader, events: list[Recorded], played: Playback, against: Definition | None
    ) -> None:
        self._reader = reader
        self._events = {recorded.seq: recorded for recorded in events}
        self._played = played
        self._against = against
        self._index = {step.seq: index for index, step in enumerate(played.steps)}
        self._reasons = {
            x.event.migration_key: x.event.reason for x in events if isinstance(x.event, e.MigrationProposed)
        }

    def lines(self) -> tuple[DeviationLine, ...]:
        """Return a line for each deviation."""
        return tuple(self._line(n, found) for n, found in enumerate(self._played.deviations, start=1))

    def _line(self, number: int, found: Deviation) -> DeviationLine:
        recorded, graph = self._events[found.seq], self._graph(self._index[found.seq])
        author, names = recorded.author, self._names(found.seq, recorded)
        elements = dict.fromkeys((found.element_id, *found.missing, *found.left))
        speaks = profile_of(graph.process)
        return DeviationLine(
            number=number,
            seq=found.seq,
            at=recorded.occurred_at,
            kind=found.kind,
            who=PLATFORM_NAME if author.key == 0 else f"{author.organisation} {author.name}".strip(),
            element=names(found.element_id) if found.element_id else "",
            expected=tuple(names(one) for one in self._expected(found, graph)),
            happened=sentence(recorded.event, self._reader.org, self._reader.person, speaks),
            missing=tuple(names(one) for one in found.missing),
            left=tuple(names(one) for one in found.left),
            reason=self._reason(recorded.event),
            elements=tuple(one for one in elements if one),
        )

    def _graph(self, index: int) -> Graph:
        if self._against is not None:
            return graph_of(self._against.process)
        key = self._played.steps[index].definition_key
        return graph_of(load_definition(self._reader.conn, key).process)

    def _names(self, seq: int, recorded: Recorded) -> Callable[[str], str]:
        """Return what elements are called: by the version after the event, the one before it, or the event itself."""
        index = self._index[seq]
        graphs = [self._graph(index), self._graph(max(index - 1, 0))]
        own = {
            getattr(recorded.event, "element_id", ""): getattr(recorded.event, "name", ""),
            getattr(recorded.event, "target", ""): getattr(recorded.event, "target_name", ""),
        }

        def name(element_id: str) -> str:
            nodes = (graph.nodes.get(element_id) for graph in graphs)
            drawn = next((node.name for node in nodes if node is not None and node.name), "")
            return drawn or str(own.get(element_id) or element_id)

        return name

    def _expected(self, found: Deviation, graph: Graph) -> tuple[str, ...]:
        """Return the elements that the model leads to where something else happened."""
        if found.kind in ("jump", "return", "recall") and found.element_id in graph.nodes:
            return after(graph, found.element_id)
        if found.kind == "skip":
            return (found.element_id,)
        if found.kind in ("voided", "no_way") and not found.missing:
            return found.left
        index = self._index[found.seq]
        before = self._played.steps[index - 1].tokens if index else ()
        return tuple(dict.fromkeys(before))

    def _reason(self, happened: e.Event) -> str:
        if isinstance(happened, e.InstanceMigrated):
            return self._reasons.get(happened.migration_key, "")
        if isinstance(happened, e.TaskReturned):
            return self._reader.words(happened.sha256)
        return str(getattr(happened, "reason", ""))


def after(graph: Graph, element_id: str) -> tuple[str, ...]:
    """Return the elements that do something next after one, whatever gateways lie between."""
    found: dict[str, None] = {}
    for flow in graph.out[element_id]:
        for one in graph.ahead(flow.target):
            if graph.nodes[one].type not in GATEWAYS and not graph.is_scope(one):
                found[one] = None
    return tuple(sorted(found, key=list(graph.nodes).index))
