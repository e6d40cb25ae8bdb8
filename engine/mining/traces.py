"""The events of a case as process mining wants them: what was done, when, by whom, within which limit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine import events as e
from engine.clock import instant
from engine.history.chain import PLATFORM, Author, Recorded
from engine.mining.activities import by_people, labels
from engine.mining.masks import Masks
from engine.mining.playback import Playback, Visit
from engine.model import Process
from engine.periods import beijing_day

LIFECYCLE = {"completed": "complete", "returned": "ate_abort", "jumped": "pi_abort", "recalled": "withdraw"}
"""How a stay ended, in the words of the lifecycle extension of XES; others left no work behind."""


@dataclass(frozen=True)
class Case:
    """What a log says of a whole case.

    Attributes:
        key: Of the case, as text.
        parties: Key and name of its departments by using, providing, managing.
        resource: Key and name of the catalogue entry it is about; none for none.
        origin: Key of the case that began it; empty for none.
    """

    key: str
    number: str
    title: str
    process_id: str
    procedure: str
    version: int
    state: str
    result: str
    overdue: bool
    late: bool
    started_at: datetime
    ended_at: datetime | None
    parties: dict[str, tuple[str, str]]
    resource: tuple[str, str] | None = None
    origin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A document that the case issued."""

    key: int
    number: str
    title: str
    template: str
    sha256: str
    issued_at: datetime
    department_key: int | None
    addressee_key: int | None


@dataclass(frozen=True)
class Act:
    """One event of a log: a stay at a visible element that ended.

    Attributes:
        activity: Its label (`activities.labels`).
        lifecycle: One of the values of `LIFECYCLE`.
        began_at, ended_at: By the rules; `recorded_at` is when the platform noticed.
        person_key, person: Who did it, 0 for the platform; masked where the file is.
        on_behalf_of: Whom they stood in for.
        lane: Such as prov.handler; empty where the platform did it.
        department_key: Who owes the work, None for the platform; `department` as named that day.
        limit: Name of the limit that ran, the earliest if several did; empty for none.
        late: Whether it ended after that limit.
        working_days: Between the two days of the stay, by the calendar of the department.
        papers: What it issued.
    """

    seq: int
    visit: int
    element_id: str
    type: str
    activity: str
    lifecycle: str
    began_at: datetime
    ended_at: datetime
    recorded_at: datetime
    person_key: int
    person: str
    on_behalf_of: str
    lane: str
    department_key: int | None
    department: str
    limit: str = ""
    limit_key: int | None = None
    due_at: datetime | None = None
    late: bool = False
    working_days: int = 0
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Limit:
    """A limit of the case.

    Attributes:
        due: Its last instant each time it was set: sequence number and instant of the event, and the last instant.
        until: Sequence number of the event that ended it; `state` and `late_wd` (working days) as that event says.
    """

    key: int
    name: str
    basis: str
    attached_to: str
    department_key: int | None
    due: tuple[tuple[int, datetime, datetime], ...]
    until: int | None = None
    until_at: datetime | None = None
    state: str = "running"
    late_wd: int = 0

    def due_at(self, seq: int) -> datetime:
        """Return when it ran out as things stood at an event."""
        return max(due for due in self.due if due[0] <= seq)[2]


@dataclass(frozen=True)
class Trace:
    """A case with its events in the order in which they were recorded.

    Attributes:
        comes_from: Keys of the cases that it came from or took a message of.
    """

    case: Case
    acts: tuple[Act, ...]
    limits: tuple[Limit, ...] = ()
    papers: tuple[Paper, ...] = ()
    comes_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office:
    """What a trace asks of the platform's records.

    Attributes:
        days: Working days between the days of two instants for a department, as known at the later.
        department: Its name on a day.
        process: The model of a version.
    """

    days: Callable[[datetime, datetime, int | None], int]
    department: Callable[[int | None, date], str]
    process: Callable[[int], Process]


def trace(case: Case, events: Sequence[Recorded], playback: Playback, office: Office, masks: Masks) -> Trace:
    """Return the trace of a case."""
    at = {recorded.seq: recorded for recorded in events}
    limits, papers = _limits(events), _papers(events, masks)
    versions = {step.seq: step.definition_key for step in playback.steps}
    acts = []
    for visit in playback.visits:
        if visit.ended is None or visit.ended_at is None or visit.how not in LIFECYCLE:
            continue
        process = office.process(versions[visit.ended])
        label = labels_of(process).get(visit.element_id)
        if label is not None:
            acts.append(_act(visit, label, at, process, limits, office, masks))
    acts.sort(key=lambda act: act.seq)
    return Trace(
        replace(case, title=masks.title(case.title)),
        _with_papers(acts, events, papers),
        limits,
        papers,
        _comes_from(case, events),
    )


_LABELS: dict[bytes, dict[str, str]] = {}


def labels_of(process: Process) -> dict[str, str]:
    """Return the labels of a process, made once for each file."""
    if process.xml not in _LABELS:
        _LABELS[process.xml] = labels(process)
    return _LABELS[process.xml]


def _act(
    visit: Visit,
    label: str,
    at: Mapping[int, Recorded],
    process: Process,
    limits: Sequence[Limit],
    office: Office,
    masks: Masks,
) -> Act:
    assert visit.ended is not None and visit.ended_at is not None and visit.author is not None
    node = process.nodes[visit.element_id]
    work = by_people(node.type)
    done = _completion(visit, at) if work else None
    author = visit.author if work or node.type == "startEvent" else PLATFORM
    if done is not None and done.by is not None:
        author = Author(done.by, done.by_name or "")
    department = visit.organisation_key
    last = beijing_day(visit.ended_at)
    limit = _limit(visit, process, limits) if work else None
    due_at = limit.due_at(visit.ended) if limit else None
    return Act(
        seq=visit.ended,
        visit=visit.number,
        element_id=visit.element_id,
        type=node.type,
        activity=label,
        lifecycle=LIFECYCLE[visit.how],
        began_at=visit.began_at,
        ended_at=visit.ended_at,
        recorded_at=at[visit.ended].recorded_at,
        person_key=author.key,
        person=masks.person(author.key, author.name),
        on_behalf_of=masks.person(done.principal, done.as_deputy_of or "") if done and done.principal else "",
        lane=visit.lane,
        department_key=department,
        department=office.department(department, last) if department else author.organisation,
        limit=limit.name if limit else "",
        limit_key=limit.key if limit else None,
        due_at=due_at,
        late=due_at is not None and visit.ended_at > due_at,
        working_days=office.days(visit.began_at, visit.ended_at, department) if work else 0,
    )


def _completion(visit: Visit, at: Mapping[int, Recorded]) -> e.UserTaskCompleted | None:
    """Return what the person handed in last during a stay."""
    assert visit.ended is not None
    for seq in range(visit.ended, visit.began - 1, -1):
        found = at[seq].event if seq in at else None
        if isinstance(found, e.UserTaskCompleted) and found.element_id == visit.element_id:
            return found
    return None


def _limits(events: Sequence[Recorded]) -> tuple[Limit, ...]:
    known: dict[int, Limit] = {}
    for recorded in events:
        event, at = recorded.event, (recorded.seq, recorded.occurred_at)
        if isinstance(event, e.DeadlineSet):
            known[event.deadline_key] = Limit(
                event.deadline_key,
                event.name,
                event.basis,
                event.attached_to,
                event.organisation_key,
                ((*at, instant(event.due_at)),),
            )
        elif isinstance(event, e.DeadlineMoved) and (limit := known.get(event.deadline_key)):
            place = event.attached_to if isinstance(event, e.DeadlineMigrated) else limit.attached_to
            due = (*limit.due, (*at, instant(event.due_at)))
            known[limit.key] = replace(limit, due=due, attached_to=place)
        elif isinstance(event, e.DeadlineEnded) and (limit := known.get(event.deadline_key)):
            known[limit.key] = replace(
                limit,
                until=recorded.seq,
                until_at=recorded.occurred_at,
                state=event.state,
                late_wd=event.late_wd,
            )
    return tuple(known.values())


def _papers(events: Sequence[Recorded], masks: Masks) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            found.document_key,
            found.number,
            masks.text(found.title),
            found.template,
            found.sha256,
            recorded.occurred_at,
            found.organisation_key,
            found.addressee,
        )
        for recorded in events
        if isinstance(found := recorded.event, e.DocumentIssued)
    )


def _comes_from(case: Case, events: Sequence[Recorded]) -> tuple[str, ...]:
    sources = [str(r.event.source) for r in events if isinstance(r.event, e.MessageReceived)]
    return tuple(key for key in dict.fromkeys((*case.origin, *sources)) if key != case.key)


def _limit(visit: Visit, process: Process, limits: Sequence[Limit]) -> Limit | None:
    """Return the limit that ran during a stay: of the element or of what encloses it, the earliest."""
    assert visit.ended is not None
    places, scope = {visit.element_id, ""}, process.nodes[visit.element_id].scope
    while scope:
        places.add(scope)
        scope = process.nodes[scope].scope
    ran = [
        limit
        for limit in limits
        if limit.attached_to in places
        and limit.due[0][0] <= visit.ended
        and (limit.until is None or limit.until >= visit.began)
    ]
    return min(ran, key=lambda limit: limit.due_at(visit.ended or 0), default=None)


def _with_papers(acts: Sequence[Act], events: Sequence[Recorded], papers: Sequence[Paper]) -> tuple[Act, ...]:
    """Give each document to the act that was over when it was issued."""
    seqs = [recorded.seq for recorded in events if isinstance(recorded.event, e.DocumentIssued)]
    issued: dict[int, list[Paper]] = {}
    for seq, paper in zip(seqs, papers, strict=True):
        before = [index for index, act in enumerate(acts) if act.seq <= seq]
        if before:
            issued.setdefault(before[-1], []).append(paper)
    return tuple(
        replace(act, papers=tuple(issued[index])) if index in issued else act
        for index, act in enumerate(acts)
    )
