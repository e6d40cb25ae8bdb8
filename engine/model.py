"""A process definition as the engine reads it: BPMN 2.0 elements with their Shixian extensions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

PARTIES = {
    "use": "using_dept",
    "prov": "providing_dept",
    "mgr": "managing_dept",
    "dept": "reporting_dept",
    "target": "target_dept",
    "appl": "applicant_dept",
    "resp": "respondent_dept",
    "lead": "lead_dept",
    "gov": "government",
}
"""The variable that names the party of a lane, by what the lane's role begins with."""
SIDES = {
    "using": ("applicant_dept", "reporting_dept", "using_dept"),
    "providing": ("respondent_dept", "target_dept", "providing_dept"),
    "managing": ("managing_dept",),
}
"""Who begins a case, whom it is delivered to, and who supervises it: the first of the variables with a value."""
UNLISTED = frozenset(PARTIES.values()) - {variable for side in SIDES.values() for variable in side}
"""Parties that stand in no column of process_instance."""

TITLE_NAMES = ("resource_name", "origin_title", "origin_id")
"""What the title of a case may name in braces."""


@dataclass(frozen=True)
class Setting:
    """A number or choice of the process, with its legal basis (domain C.2)."""

    key: str
    value: str
    unit: str
    kind: str
    basis: str
    note: str
    minimum: str = ""
    maximum: str = ""

    @property
    def typed(self) -> object:
        """The value as expressions see it: int, bool, text, or of a `list` the words of it."""
        if self.unit == "list":
            return [] if self.value == "none" else self.value.split()
        if self.value in ("true", "false"):
            return self.value == "true"
        return int(self.value) if self.value.lstrip("-").isdigit() else self.value


@dataclass(frozen=True)
class Period:
    """What a timer counts: a limit from an event (its unit is the setting's), or a fixed date.

    Attributes:
        start: The variable of the event's instant or day.
        date: The variable of a fixed date; beside `start` it decides where it has a value.
        length: Expression of a length that a document of the case sets, within the setting's bounds; the
            setting's own value is then no more than the usual one.
        length_by: Expression of that document's name, as pages and documents quote it.
        extension_most: Expression of the longest extension, where it follows from the case.
        pauses: The variable with stretches that do not count: a list of {ground, basis, since, until}.
        extension: The settings of its cap, its cap's reading, its count and late approval.
        grounds: The setting that grants grounds of a pause, parted by spaces.
        answered_by: The variable of the instant of an act that meets the limit if it stands. While it has a
            value nothing expires; once it has none again, the limit goes on as if nothing had been done.
    """

    setting: str | None
    start: str | None
    pauses: str | None
    date: str | None
    minus_days: int
    remind: tuple[str, ...]
    on_expiry: str  # overdue, notice or move
    supervisor: str | None
    met_when: str | None = None  # when leaving counts as done; otherwise the limit is only broken off
    extension: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    grounds: str | None = None
    when: str | None = None  # there is no limit unless this holds when its activity is entered
    answered_by: str | None = None
    length: str | None = None
    length_by: str | None = None
    extension_most: str | None = None
    follows: str | None = (
        None  # of a plain date: the timer whose limit it goes with, to the instant it runs out
    )


@dataclass(frozen=True)
class LimitAct:
    """What a node does to a running limit: ask for an extension, extend, pause or resume.

    Attributes:
        of: The timer whose limit it is.
        value: Expression of the days, or of the ground.
        asked: Of an extension: the user task whose author asked for it.
        asked_value: Expression of the days that were asked for.
    """

    kind: str
    of: str
    value: str | None
    asked: str | None
    asked_value: str | None
    when: str | None


@dataclass(frozen=True)
class Reminder:
    """A timer that only announces another one."""

    of: str
    lead_setting: str | None
    lead: int


@dataclass(frozen=True)
class Approval:
    """How several people decide one user task (会签 all, 或签 first, 依次 sequential, 票签 votes).

    Attributes:
        members: The variable with user names; None asks everybody who holds the lane's role.
        agrees: Expression over the form just handed in: whether it counts as consent.
        needed: Of votes: how many must agree; a text with % is a share of those asked.
        until: Expression that ends the round early; the standard's completion condition.
        result: The variable that collects {total, agreed, passed, items}.
    """

    kind: str
    members: str | None
    agrees: str | None
    needed: str | None
    until: str | None
    result: str


@dataclass(frozen=True)
class Planned:
    """When a timer start event begins a case, as the file writes it; `engine.schedules` reads it.

    Attributes:
        kind: The element that holds the text: timeDate, timeCycle, timeDuration, or empty.
        roll: Where the day is a rest day: none, next_wd or previous_wd.
    """

    kind: str
    text: str
    roll: str


@dataclass(frozen=True)
class StartParty:
    """Who is a party of a case that nobody opens: departments by what they are, never by name.

    Attributes:
        take: one department that fits, `each` (one case for each of them), or `all` (a list of their keys).
        where: What must fit: pairs of kind, level, area or managing, and value.
        of: Another party, whose area's managing department it is.
    """

    variable: str
    take: str
    where: tuple[tuple[str, str], ...]
    of: str | None


@dataclass(frozen=True)
class Several:
    """One called case for each item of a list.

    Attributes:
        items: The variable with the list.
        item: What an item is called in the expressions of the call's inputs.
        until: Expression that ends the rounds early; the standard's completion condition.
        result: The variable that collects {total, done, items}.
    """

    items: str
    item: str
    sequential: bool
    until: str | None
    result: str


@dataclass(frozen=True)
class DocumentRule:
    """A document that an element issues (domain E).

    Attributes:
        template: Its file in documents/, without the ending.
        title: As it is headed; may name {use_name}, {prov_name} and the other parties.
        series: The word of its kind in the number: 辽公 + 共享复 + 〔2026〕1号.
        by, to: Prefix of the issuing party and of the addressee, such as prov.
        when: Expression of whether it is issued.
        limit: The timer whose limit it names and explains.
        number: Expression of a number that somebody chose; None or an empty text counts on.
    """

    template: str
    title: str
    series: str
    by: str
    to: str | None = None
    when: str | None = None
    limit: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class Retry:
    """How often what failed is tried again by itself after the first time, and how far apart."""

    attempts: int
    every: timedelta


@dataclass(frozen=True)
class Node:
    """A flow node with what it does; `attached_to` and `interrupting` for boundary events."""

    id: str
    type: str
    name: str
    role: str | None
    state: str | None = None
    result: str | None = None
    result_when: str | None = None
    skip_when: str | None = None
    when: str | None = None
    separate_from: tuple[str, ...] = ()  # the user tasks whose authors may not do this one
    apart: bool = (
        False  # its page shows nothing of the case's other branches: neither their limits nor their forms
    )
    return_to: tuple[str, ...] = ()  # the earlier user tasks that this one may be returned to
    return_pauses: str | None = None  # the statutory setting whose ground lets limits stand still meanwhile
    separate_strict: bool = False  # not even in a department of one person
    needs: str = ""  # of a start: entry, access (an entry the department may use now), case, or nothing
    form: str | None = None
    form_variable: str | None = None
    form_resumes: bool = False  # opens with what was handed in before, to be mended
    form_open: str | None = None  # expression of the only fields that may be changed; None: all
    form_remarks: tuple[str, ...] = ()  # variables that say why it came back
    assigns: tuple[tuple[str, str], ...] = ()
    service: str | None = None
    service_variable: str | None = None
    documents: tuple[DocumentRule, ...] = ()
    delivery: tuple[str, str] | None = None
    # Process or message it is for (empty: its own), key, kind of the matter.
    correlation: tuple[str, str, str | None] | None = None
    event: str | None = None  # message, timer, signal, error, …
    event_ref: str | None = (
        None  # the name of its message, signal or link; the code of its error or escalation
    )
    condition: str | None = None  # of a conditional event; what completes an ad-hoc sub-process
    called: str | None = None  # the process a call activity starts
    decision: tuple[str, str] | None = None  # DMN decision, variable of its result
    inputs: tuple[tuple[str, str], ...] = ()  # name, expression: what a message or call takes along
    outputs: tuple[tuple[str, str], ...] = ()  # variable, expression over what came back
    approval: Approval | None = None
    several: Several | None = None
    notices: tuple[tuple[tuple[str, ...], str, str | None], ...] = ()  # roles, text, when
    period: Period | None = None
    limit_acts: tuple[LimitAct, ...] = ()
    reminder: Reminder | None = None
    attached_to: str | None = None
    interrupting: bool = True
    retry: Retry | None = None
    scope: str | None = None  # id of the embedded sub-process it lies in
    event_scope: bool = False  # an event sub-process
    planned: Planned | None = None  # of a timer that starts the process
    start_parties: tuple[StartParty, ...] = ()


@dataclass(frozen=True)
class Process:
    """One process definition."""

    id: str
    name: str
    article: str
    case_number: str
    effective_from: str  # ISO date, or empty: from its deployment on
    settings: dict[str, Setting]
    variables: dict[str, str]
    labels: dict[str, str]  # of the variables
    nodes: dict[str, Node]
    event_scopes: dict[str, str]  # event sub-process of the process itself → id of its start event
    conditions: dict[str, str]  # flow id → its condition
    xml: bytes = field(repr=False)
    withheld: tuple[str, ...] = ()  # variables that name a department which is never shown the case
    case_title: str = ""  # may name what TITLE_NAMES lists, in braces
    results: tuple[str, ...] = ()  # where several ends are reached, the first of these is the result
    profile: str = ""  # id of the law profile whose words it speaks; empty for the installation's own

    @property
    def binds_at_receipt(self) -> bool:
        """Whether its cases bind to a version when they are received, and not when they start (R-V1)."""
        return "received_at" in self.variables

    @property
    def pauses_on_return(self) -> bool:
        """Whether a limit may stand still while work is back at an earlier step."""
        return any(node.return_pauses for node in self.nodes.values())

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that its cases have, as lanes begin."""
        return tuple(party for party, variable in PARTIES.items() if variable in self.variables)

    def inner_scopes(self, node_id: str) -> set[str]:
        """Return the start events of the event sub-processes that lie in a sub-process."""
        inside = {n.id for n in self.nodes.values() if n.event_scope and n.scope == node_id}
        return {n.id for n in self.nodes.values() if n.type == "startEvent" and n.scope in inside}

    def attached(self, node_id: str) -> Iterator[Node]:
        """Yield the boundary events of an activity."""
        return (node for node in self.nodes.values() if node.attached_to == node_id)
