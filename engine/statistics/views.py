"""What the questions of `engine.queries.statistics` answer. Working days are of the calendar that applied; elapsed time stands beside."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Rate:
    """A rate of `engine.statistics.rates`, counted.

    Attributes:
        part, whole: Numbers of cases; the figures behind them are `{key}` and `{key}.of`, what is missing `{key}.not`.
    """

    key: str
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Part of whole, between 0 and 1; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Spread:
    """How long things took; None of nothing.

    Attributes:
        count: How many were counted.
        median, p90: Working days, of the cumulated distribution (percentile_disc): a duration that occurred.
        mean: Working days.
        total: Working days, all together.
        median_hours, p90_hours: Elapsed whole hours; None for visits, which have only a mean.
        mean_seconds: Elapsed.
    """

    count: int
    median: int | None
    p90: int | None
    mean: float | None
    total: int
    mean_seconds: float | None
    median_hours: int | None = None
    p90_hours: int | None = None


@dataclass(frozen=True)
class Overview:
    """All of a selection.

    Attributes:
        cases: Finished ones, annulled ones included.
        days: From receipt, or from the beginning where nothing is received, to the end; of cases not annulled.
        months: First and last month with a case (ISO), empty without any.
        waiting: How many finished cases are not in the figures yet.
    """

    cases: int
    rates: tuple[Rate, ...]
    days: Spread
    months: tuple[str, str]
    waiting: int


@dataclass(frozen=True)
class Group:
    """The cases of a selection with one value of a dimension.

    Attributes:
        value: What `narrowed` takes; empty for cases without one, which cannot be narrowed to.
        name: A department's or procedure's name, 第3版, an area; for level, month and result the value itself.
    """

    value: str
    name: str
    cases: int
    rates: tuple[Rate, ...]
    days: Spread


@dataclass(frozen=True)
class ElementHeat:
    """What happened at an element of the diagram.

    Attributes:
        visits, cases: How often tokens came, in how many cases; figure `element:{id}`.
        days: Of the visits that could last: none of skipped tasks, gateways and what else tokens only pass.
        late: Of those visits, how many lasted into the overdue time of a limit that encloses the element;
            figure `late:{id}`.
    """

    element_id: str
    name: str
    type: str
    visits: int
    cases: int
    days: Spread
    late: int


@dataclass(frozen=True)
class FlowHeat:
    """How often tokens went along a sequence flow, in how many cases; figure `flow:{id}`.

    Attributes:
        name: Of the flow, often none.
        source, target: Names of the elements it joins.
    """

    flow_id: str
    taken: int
    cases: int
    name: str
    source: str
    target: str


@dataclass(frozen=True)
class Heat:
    """One version's diagram with what a selection did on it; the XML is `Queries.diagram(actor, definition_key)`.

    Attributes:
        left_out: Finished cases of other versions of the same procedure in the selection.
    """

    definition_key: int
    process_id: str
    name: str
    version: int
    cases: int
    left_out: int
    elements: tuple[ElementHeat, ...]
    flows: tuple[FlowHeat, ...]


@dataclass(frozen=True)
class Variant:
    """Cases that took the same steps in the same order.

    Attributes:
        key: For `Selection.variant`.
        steps: (element id, name) of the tasks and calls that were done (`engine.mining.variants.trace`).
        example: Key of a case of it that the reader may open, None if there is none.
    """

    key: str
    process_id: str
    cases: int
    share: float
    days: Spread
    steps: tuple[tuple[str, str], ...]
    example: int | None


@dataclass(frozen=True)
class Bottleneck:
    """An element by the time that finished cases spent at it; figure `element:{id}` within its procedure.

    Attributes:
        share: Of the working days of all elements of the selection.
    """

    process_id: str
    process_name: str
    element_id: str
    name: str
    type: str
    days: Spread
    share: float
    late: int


@dataclass(frozen=True)
class Waiting:
    """Where running cases wait now; figure `waiting:{id}` within its procedure.

    Attributes:
        days: Working days since the task was opened, until today.
        since: When the one that waits longest was opened.
        overdue: Tasks of cases that are overdue.
    """

    process_id: str
    process_name: str
    element_id: str
    name: str
    tasks: int
    cases: int
    days: Spread
    since: datetime
    overdue: int


@dataclass(frozen=True)
class Bottlenecks:
    """Where time went, and where it goes now; most first."""

    finished: tuple[Bottleneck, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class CaseLine:
    """A case behind a figure; also a row of CSV and XLSX.

    Attributes:
        counted_from: received or started.
        working_days, seconds: From there to the end; of a running case, to now.
        rates: (key, part, whole) of each rate: what this case counts for, as 0 and 1.
    """

    key: int
    business_id: str
    title: str
    process_id: str
    process_name: str
    version: int
    department: str
    using: str
    providing: str
    managing: str
    level: str
    area: str
    state: str
    result: str
    started_at: datetime
    received_at: datetime | None
    ended_at: datetime | None
    counted_from: str
    working_days: int
    seconds: int
    rates: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class CasesBehind:
    """A page of the cases behind a figure, the latest end first.

    Attributes:
        total: What the figure says.
        hidden: How many of them the reader may count and not open; they are in no list and no file.
        next: For `after`; None on the last page.
    """

    lines: tuple[CaseLine, ...]
    total: int
    hidden: int
    next: str | None


@dataclass(frozen=True)
class Choices:
    """What a selection can be made of: (value, name), of the cases that the reader may count.

    Attributes:
        versions: (key, process id, 第3版), newest first.
        months: First and last, ISO; empty without any case.
    """

    procedures: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str, str], ...]
    departments: tuple[tuple[str, str], ...]
    using: tuple[tuple[str, str], ...]
    providing: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    areas: tuple[str, ...]
    results: tuple[str, ...]
    months: tuple[str, str]
