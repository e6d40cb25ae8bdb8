"""A case in hand: loaded from its rows, moved by its machine, every change an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine import events as e
from engine.calendar import ChinaWorkingCalendar
from engine.clock import instant, instant_text
from engine.deadline_terms import read_extensions, read_rule, read_term
from engine.deadlines import Deadline, State
from engine.definitions import Definition, load_definition
from engine.errors import ModelFault, NotFound
from engine.expressions import PURE_FUNCTIONS, ExpressionRefused, compile_expression
from engine.handlers.governments import organisation_functions, superior_of
from engine.handlers.limit_functions import limit_functions
from engine.handlers.parties import managing_department, present_department, split_role
from engine.handlers.references import reference_functions
from engine.model import PARTIES, SIDES, UNLISTED, Node, Process
from engine.people import two_names
from engine.periods import Due, Status, beijing_day
from engine.runner import Machine
from engine.storage.statements import put
from engine.storage.tables import (
    deadline,
    incident,
    process_definition,
    process_instance,
    snapshot,
    subscription,
    timer,
    user_task,
)
from engine.uow import Savepoint as UnitSavepoint
from engine.uow import UnitOfWork
from engine.version_states import version_for_new_case

_i = process_instance.c
_INSTANCE = (
    select(
        _i.definition_key,
        _i.business_id,
        _i.started_at,
        _i.variables,
        _i.late,
        _i.ended_at,
        _i.incidents,
        process_definition.c.sha256,
        snapshot.c.data,
    )
    .join(process_definition, process_definition.c.key == _i.definition_key)
    .join(snapshot, snapshot.c.instance_key == _i.key)
    .where(_i.key == bindparam("of"))
)
_OPEN_TASKS = select(user_task.c.token, user_task.c.key).where(
    user_task.c.instance_key == bindparam("of"), user_task.c.state == "open"
)
_SUBSCRIPTIONS = select(subscription).where(subscription.c.instance_key == bindparam("of"))
_TIMERS = select(timer).where(timer.c.instance_key == bindparam("of"))
_LIMITS = select(deadline).where(deadline.c.instance_key == bindparam("of"), deadline.c.ended_at.is_(None))

PARTY_VARIABLES = tuple(PARTIES.values())


@dataclass
class Armed:
    """A timer row."""

    key: int
    element_id: str
    token: str
    deadline_key: int | None
    kind: str
    fires_at: datetime


@dataclass
class Limit:
    """A deadline row that is not over; `organisation` owes the act."""

    key: int
    element_id: str
    attached_to: str
    organisation: int | None
    deadline: Deadline

    @property
    def name(self) -> str:
        """What the limit is called."""
        return self.deadline.name

    @property
    def due_on(self) -> date:
        """The due date in force."""
        return self.deadline.due.due_on

    def state_is(self, state: State) -> None:
        """Give the deadline another state."""
        self.deadline = replace(self.deadline, state=state)


@dataclass
class Held:
    """An open incident; see `engine.incidents` for kinds and steps.

    Attributes:
        acting: Key and name of the person in whose command the step failed; a later try acts for them.
    """

    key: int
    element_id: str
    name: str
    token: str
    step: str
    kind: str
    deadline_key: int | None
    timer_key: int | None
    message_key: int | None
    tries: int
    raised_at: datetime
    acting: tuple[int, str] | None


@dataclass(frozen=True)
class Savepoint:
    """How far a case had come within a command."""

    uow: UnitSavepoint
    maps: tuple[dict[Any, Any], ...]
    moments: tuple[tuple[Armed, datetime], ...]
    deadlines: tuple[tuple[Limit, Deadline], ...]
    flags: tuple[bool, bool, tuple[int, ...]]


@dataclass
class Case:
    """One process instance within one command."""

    key: int
    definition: Definition
    uow: UnitOfWork
    business_id: str
    started_at: datetime
    variables: dict[str, Any]
    snapshot: bytes | None = None
    tasks: dict[str, int] = field(default_factory=dict)  # token → user task key
    timers: dict[str, Armed] = field(default_factory=dict)  # token → timer
    limits: dict[int, Limit] = field(default_factory=dict)
    subscriptions: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # token → key, kind, name
    late: bool = False
    ended: bool = False
    unfired: bool = (
        False  # whether a limit is due that has not run out, or any timer nobody has tried to fire
    )
    opened: list[int] = field(default_factory=list)
    not_due_before: date | None = None  # while a migration sets limits: none may have passed already
    completed: str | None = None  # the user task this very command completes
    stands_for: tuple[int, str] | None = None  # key and name of whom the author stands in for
    start: str | None = None  # the start event a new case begins at; None for the one that is asked for
    incidents: dict[int, Held] = field(default_factory=dict)  # those that are open
    trying: Held | None = None  # the incident whose step this very command tries again
    acts_for: tuple[int, str] | None = None  # whose act a try or an operator's command completes
    personal: bool = True  # whether a person hands in something of their own, and can mend what is refused
    issuing: tuple[str, str] | None = None  # template and number of the document that is being written
    doing: tuple[str, str, tuple[str, ...]] = (
        "fault",
        "",
        (),
    )  # kind, subject and variables of what runs now
    _machine: Machine | None = None

    @property
    def machine(self) -> Machine:
        """The running tokens; read only when first needed, since counting a limit again needs none."""
        if self._machine is None:
            self._machine = Machine(self.definition.program, self.evaluate, self.snapshot, self.start)
        return self._machine

    def use(self, machine: Machine) -> None:
        """Go on with tokens that stand where they stood before."""
        self._machine = machine

    def rebind(self, definition: Definition) -> None:
        """Go on under another version of the definition, with the tokens where they are (R-V1)."""
        self._machine = self.machine.rebind(definition.program)
        self.definition = definition

    def migrate(self, definition: Definition, names: Mapping[str, str]) -> None:
        """Go on under another version, some of whose elements have other names."""
        self._machine = self.machine.migrate(definition.program, names)
        self.definition = definition

    @property
    def process(self) -> Process:
        """The model of the case's own version (R-V1)."""
        return self.definition.process

    def node(self, element_id: str) -> Node:
        """Return an element of the model."""
        return self.process.nodes[element_id]

    def record(self, event: e.Event) -> None:
        """Append an event to the case's stream."""
        self.uow.record(self.key, event)

    @property
    def acting(self) -> tuple[int, str]:
        """Key and name of whose act this is: of a step tried again, whoever acted when it failed.

        A substitute's name comes with that of the principal.
        """
        principal = self.stands_for[1] if self.stands_for else None
        return self.acts_for or (self.uow.author.key, two_names(self.uow.author.name, principal))

    # Taking back

    def savepoint(self) -> Savepoint:
        """Return what `undo` goes back to; the machine is not part of it."""
        return Savepoint(
            self.uow.savepoint(),
            tuple(dict(kept) for kept in self._maps()),
            tuple((armed, armed.fires_at) for armed in self.timers.values()),
            tuple((limit, limit.deadline) for limit in self.limits.values()),
            (self.late, self.ended, tuple(self.opened)),
        )

    def undo(self, to: Savepoint) -> None:
        """Forget everything since a savepoint: events, writes, guards, variables, tasks, timers, limits."""
        self.uow.undo(to.uow)
        for kept, before in zip(self._maps(), to.maps, strict=True):
            kept.clear()
            kept.update(before)
        for armed, fires_at in to.moments:
            armed.fires_at = fires_at
        for limit, deadline_before in to.deadlines:
            limit.deadline = deadline_before
        self.late, self.ended, self.opened = to.flags[0], to.flags[1], list(to.flags[2])

    def _maps(self) -> tuple[dict[Any, Any], ...]:
        return self.variables, self.tasks, self.timers, self.limits, self.subscriptions, self.incidents

    # Values

    def setting(self, key: str, otherwise: Any = None) -> Any:
        """Return a setting of the case's version.

        Raises:
            ExpressionRefused: the version has none, and no other value was given.
        """
        found = self.process.settings.get(key)
        if found is None and otherwise is None:
            raise ExpressionRefused(f"流程没有设置“{key}”。")
        return otherwise if found is None else found.typed

    def set(self, **values: Any) -> None:
        """Give case variables new values."""
        self.variables.update(values)
        self.record(e.VariablesSet(values))
        if {*PARTY_VARIABLES, "title"} & values.keys():
            self._parties(values)
        for name in self.process.withheld:
            if values.get(name):
                self.record(e.CaseWithheld(int(values[name])))

    def evaluate(self, expression: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Evaluate an expression of the model over the present variables, or over others.

        Raises:
            ModelFault: the expression met values it cannot take.
        """
        try:
            return compile_expression(expression).evaluate(
                self.variables if variables is None else variables, self.functions
            )
        except ExpressionRefused as fault:
            raise ModelFault(
                f"流程表达式“{expression}”无法计算：{fault}请联系流程设计人员。",
                f"The expression {expression!r} of the model cannot be evaluated.",
                subject=expression,
                names=compile_expression(expression).names,
            ) from fault

    @property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Every function that expressions of this case may call."""
        calendar = self.calendar
        today = beijing_day(self.uow.at)

        return {
            **PURE_FUNCTIONS,
            "now": lambda: instant_text(self.uow.at),
            "setting": self.setting,
            **day_functions(calendar, today),
            "stretch": self._stretch,
            "actor_name": lambda: self.acting[1],
            "actor": lambda: str(self.acting[0]),
            "doing": self._doing,
            **limit_functions(self._counted, self.uow.at),
            **reference_functions(self),
            **organisation_functions(self.uow.conn),
        }

    @property
    def calendar(self) -> ChinaWorkingCalendar:
        """The calendar of the providing department, whose limits a case is about; the nation's before."""
        using, providing, _ = self.sides()
        return self.uow.calendar(providing or using)

    def limit_of(self, element_id: str) -> Limit | None:
        """Return the running limit that a timer set; the latest, if one of an earlier visit could not be ended."""
        found = [x for x in self.limits.values() if x.element_id == element_id]
        return max(found, key=lambda x: x.key, default=None)

    def _counted(self, element_id: str) -> tuple[Deadline, ChinaWorkingCalendar] | None:
        limit = self.limit_of(element_id)
        return None if limit is None else (limit.deadline, self.uow.calendar(limit.organisation))

    def _doing(self, element_id: object) -> str | None:
        """Return the key of who has taken the open task of an element (R13-07)."""
        key = self.uow.conn.execute(
            select(user_task.c.assignee).where(
                user_task.c.instance_key == self.key,
                user_task.c.element_id == str(element_id),
                user_task.c.state == "open",
            )
        ).scalar()
        return None if key is None else str(key)

    def _stretch(self, pauses: Any, ground: str, since: str, setting: str) -> list[dict[str, str]]:
        """Return the pauses with one more, from `since` until now, on the basis of a setting."""
        basis = self.process.settings[setting].basis
        until = instant_text(self.uow.at)
        return [*(pauses or []), {"ground": ground, "basis": basis, "since": since, "until": until}]

    # Waiting for others

    def subscribe(self, token: str, element_id: str, kind: str, name: str, correlation: str) -> int:
        """Wait for what comes from outside."""
        key = self.uow.next_key()
        self.subscriptions[token] = (key, kind, name)
        self.record(e.SubscriptionOpened(key, element_id, token, kind, name, correlation))
        return key

    def close_subscription(self, token: str) -> int | None:
        """Wait no longer; return the key, None if nothing waited at the token."""
        key, _, _ = self.subscriptions.pop(token, (None, "", ""))
        if key is not None:
            self.record(e.SubscriptionClosed(key))
        return key

    def signals(self, name: str) -> list[int]:
        """Return what waits for a signal in this case, opened in this very command included."""
        return [key for key, kind, at in self.subscriptions.values() if (kind, at) == ("signal", name)]

    # People

    def org_of(self, party_variable: str) -> int | None:
        """Return the department that is this party.

        A party without a column is not found by a succession before it has a task, so it is looked up here.
        """
        value = self.variables.get(party_variable)
        if not value:
            return None
        return present_department(self.uow.conn, int(value)) if party_variable in UNLISTED else int(value)

    def sides(self) -> tuple[int | None, int | None, int | None]:
        """Return who began the case, whom it is delivered to, and the managing department."""
        using, providing, managing = (
            next((org for name in SIDES[side] if (org := self.org_of(name))), None)
            for side in ("using", "providing", "managing")
        )
        return using, providing, managing

    def org_for_lane(self, lane: str) -> int | None:
        """Return the department behind a lane's role."""
        return self.org_of(split_role(lane)[0])

    def _parties(self, values: dict[str, Any]) -> None:
        using, providing, managing = self.sides()
        for party in filter(None, (using, providing)):
            self.uow.expect(party)  # a party abolished meanwhile would keep a case that nobody can do
        other = providing or (None if set(SIDES["providing"]) & self.process.variables.keys() else using)
        if using and other and {*SIDES["using"], *SIDES["providing"]} & values.keys():
            found = managing_department(self.uow.conn, using, other)
            if found and found != managing:
                managing = found
                self.variables["managing_dept"] = str(found)
                self.record(e.VariablesSet({"managing_dept": str(found)}))
        if providing and not using and managing is None:
            # Begun by a case that the government decided, since its managing department was a party to it.
            managing = managing_department(self.uow.conn, providing, providing)
            if managing == providing:  # nobody checks the own breach (R20-15)
                managing = superior_of(self.uow.conn, providing)
            if managing is not None:
                self.variables["managing_dept"] = str(managing)
                self.record(e.VariablesSet({"managing_dept": str(managing)}))
        title = self.variables.get("title") or ""
        self.record(e.PartiesSet(using, providing, managing, title))

    # Keeping

    def save(self) -> None:
        """Keep the machine's snapshot beside the history."""
        data, key = self.machine.snapshot(), self.key
        self.uow.writes.append(lambda conn: put(conn, snapshot, {"instance_key": key, "data": data}))


def day_functions(calendar: ChinaWorkingCalendar, today: date) -> dict[str, Callable[..., object]]:
    """Return the functions of expressions that count days by a calendar."""

    def as_day(value: Any) -> date:
        return beijing_day(instant(value)) if len(str(value)) > 10 else date.fromisoformat(str(value))

    def between(first: Any, last: Any) -> int | None:
        if first is None or last is None:
            return None
        return calendar.working_days_between(as_day(first), as_day(last))

    return {
        "today": today.isoformat,
        "within": lambda start, days: (
            start is None or today <= calendar.add_working_days(as_day(start), days)
        ),
        "working_days_between": between,
    }


def load_case(uow: UnitOfWork, key: int) -> Case:
    """Load a running or ended case.

    Raises:
        NotFound: no such case.
    """
    of = {"of": key}
    row = uow.conn.execute(_INSTANCE, of).first()
    if row is None:
        raise NotFound("没有该办理事项。", f"Expected a process instance {key}, found none.")
    uow.expect(key)
    definition = load_definition(uow.conn, row.definition_key, row.sha256)
    case = Case(key, definition, uow, row.business_id, row.started_at, row.variables, row.data)
    case.late, case.ended = row.late, row.ended_at is not None
    for task in uow.conn.execute(_OPEN_TASKS, of):
        case.tasks[task.token] = task.key
    for s in uow.conn.execute(_SUBSCRIPTIONS, of):
        case.subscriptions[s.token] = (s.key, s.kind, s.name)
    for t in uow.conn.execute(_TIMERS, of):
        case.unfired = case.unfired or (
            t.not_before <= uow.now and (t.kind == "expiry" or t.last_error is None)
        )
        case.timers[t.token] = Armed(t.key, t.element_id, t.token, t.deadline_key, t.kind, t.fires_at)
    for d in uow.conn.execute(_LIMITS, of):
        case.limits[d.key] = Limit(d.key, d.element_id, d.attached_to, d.organisation_key, read_deadline(d))
    if row.incidents:
        case.incidents = open_incidents(uow, key)
    return case


def open_incidents(uow: UnitOfWork, key: int) -> dict[int, Held]:
    """Return the open incidents of a case by key, oldest first."""
    query = select(incident).where(incident.c.instance_key == key, incident.c.state == "open")
    return {row.key: read_incident(row) for row in uow.conn.execute(query.order_by(incident.c.key))}


def read_incident(row: Row[Any]) -> Held:
    """Return the incident that a row of the table keeps."""
    return Held(
        key=row.key,
        element_id=row.element_id,
        name=row.name,
        token=row.token,
        step=row.step,
        kind=row.kind,
        deadline_key=row.deadline_key,
        timer_key=row.timer_key,
        message_key=row.message_key,
        tries=row.tries,
        raised_at=row.raised_at,
        acting=None if row.acting_key is None else (row.acting_key, row.acting_name),
    )


def read_deadline(row: Row[Any]) -> Deadline:
    """Return the deadline that a row of the table keeps."""
    term = read_term(row.terms)
    # What only explains the count is counted again where it is asked for.
    due = Due(
        due_on=row.due_on,
        due_at=row.due_at,
        status=Status(row.status),
        event_day=row.event_on,
        before_count=row.event_on,
        original_due_on=row.original_due_on,
        last_on=row.original_due_on,
        excluded=0,
        examined=(row.event_on, row.due_on),
    )
    return Deadline(
        name=row.name,
        basis=row.basis,
        kind=row.kind,
        setting=row.setting,
        term=term,
        due=due,
        state=State(row.state),
        rule=read_rule(row.terms),
        grounds=row.terms["grounds"],
        extensions=read_extensions(row.terms),
        set_by=row.terms.get("set_by", ""),
    )


def start_case(
    uow: UnitOfWork, process_id: str, variables: dict[str, Any], definition: Definition | None = None
) -> Case:
    """Begin a case of the newest version, or of a given one; the machine has not moved yet."""
    if definition is None:
        newest = version_for_new_case(uow.conn, process_id, beijing_day(uow.at))
        definition = load_definition(uow.conn, newest)
    uow.expect(definition.key)  # a version suspended or retired meanwhile takes no case
    process, key = definition.process, uow.next_key()
    year = beijing_day(uow.at).year
    business_id = (
        variables.get("business_id") or f"{process.case_number}-{year}-{_number(uow, process, year):04d}"
    )
    case = Case(key, definition, uow, business_id, uow.at, {})
    for party in PARTY_VARIABLES:
        if variables.get(party):
            variables = {**variables, party: str(present_department(uow.conn, int(variables[party])))}
    case.record(
        e.InstanceStarted(
            definition.key,
            process.id,
            definition.version,
            business_id,
            str(variables.get("title") or ""),
            process.binds_at_receipt,
        )
    )
    case.set(**{**variables, "business_id": business_id})
    return case


def _number(uow: UnitOfWork, process: Process, year: int) -> int:
    series = f"series:{process.case_number}:{year}"
    number = int(uow.guarded(series) or 0) + 1
    uow.set_guard(series, number)
    return number
