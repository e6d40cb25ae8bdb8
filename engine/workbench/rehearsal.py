"""A rehearsal (演练): a draft run on the real engine, with a clock that can be moved, forward and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.calendar import Notice
from engine.definitions import Definition, load_definition
from engine.errors import InvalidForm, InvalidInput, NotAllowed, Refused
from engine.handlers.acts import start_of
from engine.handlers.parties import split_role
from engine.model import Node
from engine.people import CASE_ROLES, Actor
from engine.periods import beijing_day
from engine.queries import tasks as task_queries
from engine.queries.views import ActView, CaseView, TaskView
from engine.storage.tables import organisation, process_instance, user_role, user_task
from engine.workbench import symbols
from engine.workbench.beginnings import begin
from engine.workbench.coverage import Coverage, Tracker
from engine.workbench.samples import Errors, sample_values
from engine.workbench.scenario import Act, Clock, Complete, Scenario, Step
from engine.workbench.scratch import Files, ScratchEngine, Scratches

SAMPLE_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""What a rehearsal hands in for every file."""


@dataclass(frozen=True)
class OpenTask:
    """A task that waits, with its form as whoever does it sees it.

    Attributes:
        person: Who does it in the rehearsal.
        of: The procedure of its case, where it is not the rehearsed one.
    """

    view: TaskView
    person: Actor
    of: str | None = None


@dataclass(frozen=True)
class RehearsalView:
    """Where a rehearsal stands.

    Attributes:
        case: As the case page shows it, to somebody who sees everything.
        others: The cases of other procedures that this one has begun, by procedure.
        next_due: The instant at which something is due next, None if nothing is.
    """

    now: datetime
    scenario: Scenario
    undone: tuple[Step, ...]
    case: CaseView
    tasks: tuple[OpenTask, ...]
    others: Mapping[str, CaseView]
    coverage: Coverage
    next_due: datetime | None


class Rehearsal:
    """One case of a draft in a scratch database.

    Args:
        files: The draft's, by path.
        others: The definitions of the procedures in use, the draft's own among them or not.

    Raises:
        InvalidDefinition: the draft cannot be executed; with every finding.
        Refused: the case cannot begin as the scenario says, or one of its steps cannot be done.
    """

    def __init__(
        self,
        scratches: Scratches,
        files: Files,
        scenario: Scenario,
        notices: Sequence[Notice],
        others: Sequence[Files],
    ) -> None:
        self._scratches, self._files, self._notices = scratches, dict(files), tuple(notices)
        # Its own procedure's version stays among them: the draft is newer, and all drafts share one furnished room.
        self._others = list(others)
        self.scenario = replace(scenario, steps=())
        self.undone: tuple[Step, ...] = ()
        self._engine: ScratchEngine | None = None
        self._open()
        try:
            for step in scenario.steps:
                self._do(step)
        except BaseException:
            self.close()
            raise

    @property
    def engine(self) -> ScratchEngine:
        """The scratch engine."""
        if self._engine is None:
            raise InvalidInput("演练已经结束。", "The rehearsal is closed.")
        return self._engine

    @property
    def definition(self) -> Definition:
        """The draft as it runs."""
        with self.engine.database.reading() as conn:
            return load_definition(conn, self._definition_key)

    def close(self) -> None:
        """Throw the scratch database away."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    # Forward and back

    def do(self, step: Step) -> None:
        """Do one more step and keep it.

        Raises:
            Refused: it cannot be done now; nothing is kept.
        """
        self._do(step)
        self.undone = ()

    def back(self) -> None:
        """Take the last step back: everything before it is done again, and comes to the same."""
        if not self.scenario.steps:
            return
        *kept, last = self.scenario.steps
        undone = (last, *self.undone)
        self._again(tuple(kept))
        self.undone = undone

    def forward(self) -> None:
        """Do again what was taken back last."""
        if self.undone:
            step, *left = self.undone
            self._do(step)
            self.undone = tuple(left)

    def _again(self, steps: Sequence[Step]) -> None:
        self.close()
        self.scenario = replace(self.scenario, steps=())
        self._open()
        for step in steps:
            self._do(step)

    # Reading

    def view(self) -> RehearsalView:
        """Return where the rehearsal stands."""
        overseer = self._overseer()
        cases = {row.process_id: int(row.key) for row in self._cases() if row.key != self.instance}
        return RehearsalView(
            now=self.engine.clock.now(),
            scenario=self.scenario,
            undone=self.undone,
            case=self.engine.queries.case(overseer, self.instance),
            tasks=tuple(self._open_tasks()),
            others={name: self.engine.queries.case(overseer, key) for name, key in cases.items()},
            coverage=self.tracker.coverage,
            next_due=self.engine.queries.next_due(),
        )

    def task(self, element: str, of: str | None = None) -> OpenTask:
        """Return the open task of an element.

        Raises:
            Refused: none is open.
        """
        row = self._task_row(element, of)
        actor = self._actors(row)[0]
        return OpenTask(self.engine.queries.task(actor, row.key), actor, of)

    def act(self, element: str) -> ActView:
        """Return what an act asks for.

        Raises:
            Refused: it is not offered now.
        """
        found: ActView = self.engine.queries.search(
            task_queries.act, self._overseer(), self.instance, element
        )
        return found

    def sample(self, element: str, of: str | None = None) -> dict[str, Any]:
        """Return values that an open task's form would take, or those of an act."""
        key = self._case_of(of)
        node = start_of(self._definition_of(key).process, element)
        shown: TaskView | ActView
        if node is None:
            task = self.task(element, of)
            shown, actor = task.view, task.person

            def make(values: dict[str, Any]) -> c.Command:
                return c.CompleteTask(actor=actor, task_key=task.view.key, values=values)
        else:
            shown, actor = self.act(element), self._doers(key, node)[0]

            def make(values: dict[str, Any]) -> c.Command:
                return c.SendMessage(actor=actor, instance_key=key, element_id=element, values=values)

        task_key = shown.key if isinstance(shown, TaskView) else None

        def check(values: dict[str, Any]) -> Errors:
            try:
                self.engine.preview(make(self._resolved(values, key, task_key, actor)))
            except InvalidForm as refused:
                return refused.errors
            except Refused:  # what is wrong is nothing that another value would mend
                return {}
            return {}

        today = beijing_day(self.engine.clock.now())
        found = sample_values(shown.form, shown.values, shown.sources, shown.closed_options, today, check)
        kept: dict[str, Any] = symbols.named(found, self.names())
        return kept

    def document(self, key: int) -> tuple[bytes, str, str]:
        """Return (content, media type, file name) of an issued document."""
        return self.engine.queries.document(self._overseer(), key)

    def names(self) -> dict[str, str]:
        """Return what stands for what in the values of a step: name by key."""
        with self.engine.database.reading() as conn:
            return symbols.keys_named(conn)

    # Inner

    def _open(self) -> None:
        engine = self._scratches.open(self.scenario.start.at, self._notices, self._others)
        self._engine = engine
        try:
            self._definition_key = engine.deploy(self._files)
            process = self.definition.process
            self.tracker = Tracker(process)
            with self.tracker.watching():
                self.instance = begin(engine, process, self.scenario.start)
                engine.sweep()
        except BaseException:
            self.close()
            raise

    def _do(self, step: Step) -> None:
        with self.tracker.watching():
            if isinstance(step, Clock):
                self._move(step)
            elif isinstance(step, Complete):
                self._complete(step)
            else:
                self._act(step)
            self.engine.sweep()
        self.scenario = self.scenario.and_then(step)

    def _move(self, step: Clock) -> None:
        now = self.engine.clock.now()
        if step.next:
            to = self.engine.queries.next_due()
            if to is None:
                raise InvalidInput("此后没有到期的期限或者提醒。", "Nothing is due any more.")
            to = max(to, now)
        elif step.working_days:
            today = beijing_day(now)
            to = now + (self.engine.calendar().add_working_days(today, step.working_days) - today)
        else:
            to = step.to or now + timedelta(days=step.days)
        self.engine.handle(c.SetClock(actor=None, at=to))

    def _complete(self, step: Complete) -> None:
        row = self._task_row(step.element, step.of)
        actors = [self._named(step.who)] if step.who else self._actors(row)

        def hand_in(actor: Actor) -> None:
            values = self._resolved(step.values, row.instance_key, row.key, actor)
            self.engine.handle(c.CompleteTask(actor=actor, task_key=row.key, values=values))

        self._as_one_of(actors, hand_in)

    def _act(self, step: Act) -> None:
        key = self._case_of(step.of)
        node = start_of(self._definition_of(key).process, step.element)
        if node is None:
            raise InvalidInput(f"流程没有操作“{step.element}”。", f"Expected an act, found {step.element!r}.")
        actors = [self._named(step.who)] if step.who else self._doers(key, node)

        def start(actor: Actor) -> None:
            values = self._resolved(step.values, key, None, actor)
            self.engine.handle(
                c.SendMessage(actor=actor, instance_key=key, element_id=step.element, values=values)
            )

        self._as_one_of(actors, start)

    def _as_one_of(self, actors: Sequence[Actor], act: Any) -> None:
        """Do it as the first who may: whoever drafted something may not sign it."""
        refused: Refused = NotAllowed("演练的部门中没有可以办理的人员。", "Nobody in the office may do it.")
        for actor in actors:
            try:
                act(actor)
                return
            except NotAllowed as refusal:
                refused = refusal
        raise refused

    def _resolved(
        self, values: Mapping[str, Any], instance: int, task_key: int | None, actor: Actor
    ) -> dict[str, Any]:
        """Return a step's values with keys for names; the files it names are handed in first."""
        if task_key is not None and (names := list(dict.fromkeys(symbols.files_in(values)))):
            files = tuple((name, SAMPLE_PDF) for name in names[:10])
            self.engine.handle(c.StoreAttachments(actor=actor, task_key=task_key, files=files))
        with self.engine.database.reading() as conn:
            keys: dict[str, Any] = {name: key for key, name in symbols.keys_named(conn).items()}
            keys |= symbols.stored_files(conn, instance)
        try:
            found: dict[str, Any] = symbols.resolved(values, keys)
        except symbols.Unnamed as fault:
            raise InvalidInput(
                f"演练的部门或者目录中没有“{str(fault).partition(':')[2]}”。",
                f"Expected a name of the scratch office, found {fault}.",
            ) from None
        return found

    def _open_tasks(self) -> list[OpenTask]:
        own = {row.key: row.process_id for row in self._cases()}
        with self.engine.database.reading() as conn:
            rows = conn.execute(
                select(user_task).where(user_task.c.state == "open").order_by(user_task.c.key)
            ).all()
        found = []
        for row in rows:
            if row.instance_key in own and (actors := self._actors(row)):
                of = None if row.instance_key == self.instance else own[row.instance_key]
                found.append(OpenTask(self.engine.queries.task(actors[0], row.key), actors[0], of))
        return sorted(found, key=lambda t: t.of is not None)

    def _task_row(self, element: str, of: str | None) -> Any:
        key = self._case_of(of)
        with self.engine.database.reading() as conn:
            row = conn.execute(
                select(user_task)
                .where(
                    user_task.c.instance_key == key,
                    user_task.c.element_id == element,
                    user_task.c.state == "open",
                )
                .order_by(user_task.c.key)
            ).first()
        if row is None:
            node = self._definition_of(key).process.nodes.get(element)
            name = (node.name if node else "") or element
            raise InvalidInput(
                f"“{name}”目前没有待办任务。", f"Expected an open task of {element}, found none."
            )
        return row

    def _cases(self) -> list[Any]:
        """Return the rehearsed case and those that it has begun, oldest first."""
        of = process_instance.c
        with self.engine.database.reading() as conn:
            rows = conn.execute(select(of.key, of.process_id, of.origin_key).order_by(of.key)).all()
        known = {self.instance}
        for row in rows:
            if row.origin_key in known:
                known.add(row.key)
        return [row for row in rows if row.key in known]

    def _case_of(self, process_id: str | None) -> int:
        if process_id is None:
            return self.instance
        found = [
            row.key for row in self._cases() if row.process_id == process_id and row.key != self.instance
        ]
        if not found:
            raise InvalidInput(
                f"本事项尚未引起“{process_id}”的事项。", f"Expected a case of {process_id}, found none."
            )
        return int(found[-1])

    def _definition_of(self, key: int) -> Definition:
        with self.engine.database.reading() as conn:
            of = process_instance.c
            return load_definition(
                conn, conn.execute(select(of.definition_key).where(of.key == key)).scalar_one()
            )

    def _actors(self, task: Any) -> list[Actor]:
        people = self.engine.holders(task.organisation_key, task.role)
        return sorted(people, key=lambda actor: actor.user_key != task.assignee)

    def _doers(self, key: int, node: Node) -> list[Actor]:
        party, roles = split_role(node.role or "")
        with self.engine.database.reading() as conn:
            variables = conn.execute(
                select(process_instance.c.variables).where(process_instance.c.key == key)
            ).scalar_one()
        org = variables.get(party)
        return [a for role in roles.split("|") for a in self.engine.holders(int(org), role)] if org else []

    def _named(self, username: str) -> Actor:
        return self.engine.accounts.actor_named(username)

    def _overseer(self) -> Actor:
        """Return somebody who sees the whole case, which nobody at a real desk does."""
        with self.engine.database.reading() as conn:
            withheld = conn.execute(
                select(process_instance.c.withheld_key).where(process_instance.c.key == self.instance)
            ).scalar()
            orgs = [key for (key,) in conn.execute(select(organisation.c.key)) if key != withheld]
            held = conn.execute(select(user_role.c.organisation_key, user_role.c.role)).all()
        roles = {(int(org), role) for org in orgs for role in CASE_ROLES}
        roles |= {(int(org), role) for org, role in held if org in orgs and role == "auditor"}
        return Actor(0, "", "", orgs[0], "", frozenset(roles))
