"""A case as it is played again: its events one by one, with what stood beside each of them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Who:
    """Who acted, in which role and department as named that day; the platform has no department.

    Attributes:
        stands_for: The name of the person in whose place it was done, or nothing.
    """

    name: str
    organisation: str
    role: str
    stands_for: str = ""


@dataclass(frozen=True)
class Change:
    """A value before and after an event, in words; `before` is None where there was none yet.

    Attributes:
        form: The form's title; empty for a value that the process registered beside any form.
    """

    form: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Paper:
    """A document that an event issued."""

    key: int
    title: str
    number: str
    sha256: str


@dataclass(frozen=True)
class ReplayStep:
    """One event.

    Attributes:
        visit: Which visit of its element it belongs to, 0 where it belongs to none.
        planned_at: When it was to be, of a timer or a limit that ran out.
        definition_key: The version that applied after it.
        taken, tokens: As `engine.mining.playback.Step` has them.
        deviation: Its kind, or nothing.
        minor: Whether it only keeps the platform's books: values registered, instants set.
        mark: overdue, extension or document: what the time line shows; or nothing.
    """

    seq: int
    type: str
    text: str
    element_id: str
    visit: int
    who: Who
    occurred_at: datetime
    recorded_at: datetime
    planned_at: datetime | None
    definition_key: int
    taken: tuple[str, ...]
    tokens: tuple[str, ...]
    deviation: str
    changes: tuple[Change, ...]
    paper: Paper | None
    minor: bool
    mark: str


@dataclass(frozen=True)
class CountedDay:
    """One day of a limit.

    Attributes:
        role: `engine.strips.Role`; held, where the date was kept later than the count; late or late_rest after it.
        number: Its place in the count, or among the days of lateness; None if it is not counted.
        document: What decides the day, and the sentence in it.
    """

    date: date
    role: str
    number: int | None
    extension: bool
    reason: str
    document: str
    sentence: str


@dataclass(frozen=True)
class Counting:
    """A limit counted by one calendar; `rule` is the reasoning, one sentence a step."""

    due_on: date
    status: str
    days: tuple[CountedDay, ...]
    rule: tuple[str, ...]

    def counted(self, day: date) -> int:
        """Return how many days are counted up to and including a day."""
        return max((d.number for d in self.days if d.number is not None and d.date <= day), default=0)


@dataclass(frozen=True)
class Phase:
    """How a limit stood from an event on.

    Attributes:
        due_on: As recorded.
        known_at: The instant whose knowledge of the calendar was used.
        then: Counted by the calendar as known at that instant.
        now: Counted by the calendar as known today, where that comes to other days; None where it is the same.
        kept: Whether the date was kept later than the count, since that had passed already.
    """

    seq: int
    state: str
    due_on: date
    known_at: datetime
    then: Counting
    now: Counting | None
    kept: bool

    @property
    def recorded_otherwise(self) -> bool:
        """Whether the calendar of that time yields another date than the one that was recorded."""
        return not self.kept and self.then.due_on != self.due_on


@dataclass(frozen=True)
class ReplayLimit:
    """A time limit through its whole life.

    Attributes:
        organisation: The department that owes the act, as named when the limit was set.
        set_at: When it was set; the instant it counts from may be none of a clock's, where only the day is known.
        binding: Whether it makes a case overdue; otherwise it only reminds, or moves the token on.
        late: The days after it ran out, up to the act or to today, by the calendar as known then.
    """

    key: int
    element_id: str
    name: str
    organisation: str
    basis: str
    kind: str
    set_by: str
    length: str
    set_at: datetime
    binding: bool
    phases: tuple[Phase, ...]
    late: tuple[CountedDay, ...]
    late_wd: int | None
    late_cd: int | None

    def late_on(self, day: date) -> int:
        """Return how many working days late it is on a day."""
        return max((d.number for d in self.late if d.number is not None and d.date <= day), default=0)

    def at(self, seq: int) -> Phase | None:
        """Return how it stood after an event, None before it was set."""
        return next((p for p in reversed(self.phases) if p.seq <= seq), None)


ENDED = ("met", "met_late", "cancelled", "expired")


@dataclass(frozen=True)
class Tenure:
    """A stretch in which a user task lay with a department, or a person in it; `until` is None while it does."""

    task_key: int
    element_id: str
    name: str
    organisation: str
    holder: str
    stands_for: str
    since: int
    since_at: datetime
    until: int | None = None
    until_at: datetime | None = None
    how: str = ""


@dataclass(frozen=True)
class Line:
    """One line of an answer: what the event with that number says."""

    seq: int
    at: datetime
    text: str
    late: bool = False


@dataclass(frozen=True)
class Answers:
    """What an auditor must be able to answer from one screen (C.7), besides days and limits."""

    received: tuple[Line, ...]
    reminded: tuple[Line, ...]
    extended: tuple[Line, ...]
    late: tuple[Line, ...]
    managing: tuple[Line, ...]


@dataclass(frozen=True)
class Version:
    """A version that applied to the case; `elements` are the names of its elements by id."""

    key: int
    number: int
    elements: dict[str, str]


@dataclass(frozen=True)
class Replay:
    """A case played again to its last event.

    Attributes:
        visits: (element id, sequence number it began, sequence number it ended or None) of each stay of a token.
    """

    key: int
    business_id: str
    title: str
    process_name: str
    ended: bool
    versions: tuple[Version, ...]
    steps: tuple[ReplayStep, ...]
    visits: tuple[tuple[str, int, int | None], ...]
    limits: tuple[ReplayLimit, ...]
    tenures: tuple[Tenure, ...]
    answers: Answers
    fitness: float

    def limits_at(self, seq: int) -> tuple[tuple[ReplayLimit, Phase], ...]:
        """Return the limits that run after an event, or end with it, each with how it stands."""
        found = ((limit, limit.at(seq)) for limit in self.limits)
        return tuple(
            (limit, phase)
            for limit, phase in found
            if phase is not None and (phase.state not in ENDED or phase.seq == seq)
        )

    def in_hand(self, seq: int) -> tuple[Tenure, ...]:
        """Return who has which user task after an event."""
        return tuple(t for t in self.tenures if t.since <= seq and (t.until is None or t.until > seq))
