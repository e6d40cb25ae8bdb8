"""What if (影响测算): the finished cases of a period, run through a draft at the instants at which all was done.

The draft sees the departments and resources of the real platform under their keys, and people without names. All
cases run side by side on one scratch engine, in the order in which everything happened, in slices.
"""

import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from engine import commands as c
from engine import events as e
from engine.app import Engine
from engine.definitions import Definition, load_definition
from engine.errors import InvalidForm, Refused
from engine.handlers.advance import advance
from engine.handlers.case import start_case
from engine.handlers.subscriptions import DIRECT
from engine.history.chain import Author, parse
from engine.people import CASE_ROLES, Actor
from engine.periods import beijing_day, end_of
from engine.process_files import PROCESS
from engine.storage.tables import (
    area,
    attachment,
    blob,
    catalogue_entry,
    catalogue_version,
    event,
    incident,
    organisation,
    organisation_name,
    process_instance,
    subscription,
    user,
    user_role,
    user_task,
)
from engine.uow import UnitOfWork
from engine.workbench.acts import Course, Done, course_of
from engine.workbench.files import process_id_of
from engine.workbench.scratch import (
    EARLIEST,
    Files,
    ScratchEngine,
    Scratches,
    notices_in_use,
)
from engine.workbench.what_if_outcomes import (
    NONE,
    CaseOutcome,
    Divergence,
    LimitPair,
    Outcome,
    first_difference,
    limits_of,
    paired,
    path_of,
)

MOST_CASES = 500
_SAME = (area, organisation, organisation_name, user_role, catalogue_entry, catalogue_version)


class LiveOffice:
    """The departments and resources of the real platform under their own keys; its people without names."""

    def __init__(self, live: Engine) -> None:
        self._live = live
        self.name = f"live:{uuid4().hex}"  # what is there changes, so nobody gets the copy of another

    def furnish(self, engine: ScratchEngine) -> None:
        """Copy the rows; none of a case."""
        with self._live.database.reading() as conn:
            rows = {table: [dict(r._mapping) for r in conn.execute(select(table))] for table in _SAME}
            people = [dict(r._mapping) for r in conn.execute(select(user))]
        people = [{**p, "username": f"u{p['key']}", "name": "办理人员", "active": True} for p in people]

        def write(conn: Connection) -> None:
            for table, found in {**rows, user: people}.items():
                if found:
                    conn.execute(table.insert(), found)

        engine.writer.write(write)


@dataclass
class _Played:
    """A case in the scratch engine."""

    key: int
    course: Course
    ended_on: date
    own: tuple[tuple[str, str, Outcome], ...]
    own_result: str | None
    copy: int | None = None
    divergence: Divergence | None = None
    step: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)


class WhatIf:
    """One run, advanced in slices; close it, so that what was replayed is gone.

    Args:
        since, until: The Beijing days between which the cases ended, both included.

    Raises:
        InvalidDefinition: the draft cannot be executed.
    """

    def __init__(
        self,
        live: Engine,
        files: Files,
        since: date,
        until: date,
        scratches: Scratches,
    ) -> None:
        self.since, self.until = since, until
        self.process_id = process_id_of(files.get(PROCESS, b""))
        self._live = live
        self._cases = self._read(since, until)
        self._queue = self._queued()
        self._copies: dict[str, str] = {}
        self.total, self.done = len(self._queue), 0
        self.results: tuple[CaseOutcome, ...] | None = None
        notices = notices_in_use(live)
        begin = min((p.course.began_at for p in self._cases), default=EARLIEST)
        # No other procedure is there: what is thrown to one waits, and what one has answered is in the history.
        self._engine: ScratchEngine | None = scratches.open(begin, notices, (), LiveOffice(live))
        try:
            key = self._engine.deploy(files)
            with self._engine.database.reading() as conn:
                self.definition: Definition = load_definition(conn, key)
        except BaseException:
            self.close()
            raise

    @property
    def finished(self) -> bool:
        """Whether there are results."""
        return self.results is not None

    def advance(self, seconds: float = 2.0) -> bool:
        """Replay for about so long; say whether all is done."""
        until = time.monotonic() + seconds
        engine = self._engine
        while engine is not None and self.done < self.total and time.monotonic() < until:
            at, _, played, done = self._queue[self.done]
            if at > engine.clock.now():
                engine.handle(c.SetClock(actor=None, at=at))
            self._play(engine, played, done)
            self.done += 1
        if engine is not None and self.done >= self.total and self.results is None:
            self.results = tuple(self._outcome(engine, played) for played in self._cases)
            self.close()
        return self.finished

    def close(self) -> None:
        """Throw away what was replayed."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._queue = []
        self._cases = []

    # Reading what happened

    def _read(self, since: date, until: date) -> list[_Played]:
        of = process_instance.c
        begin, end = end_of(since, "00:00"), end_of(until, "24:00")
        query = (
            select(process_instance)
            .where(of.process_id == self.process_id, of.ended_at >= begin, of.ended_at < end)
            .order_by(of.ended_at.desc())
            .limit(MOST_CASES)
        )
        found = []
        with self._live.database.reading() as conn:
            for row in conn.execute(query).all():
                process = load_definition(conn, row.definition_key).process
                log = conn.execute(
                    select(event.c.body).where(event.c.stream == row.key).order_by(event.c.seq)
                ).scalars()
                course = course_of(map(parse, log), process)
                if course is None:
                    continue
                played = _Played(
                    row.key, course, beijing_day(row.ended_at), tuple(limits_of(conn, row.key)), row.result
                )
                played.files = _files(conn, row.key)
                if course.by_hand:
                    played.divergence = Divergence("by_hand", "", course.by_hand)
                elif course.began_at < EARLIEST:
                    played.divergence = Divergence("by_hand", "", "early")
                found.append(played)
        return found

    def _queued(self) -> list[tuple[datetime, int, _Played, Done | None]]:
        queue: list[tuple[datetime, int, _Played, Done | None]] = []
        for played in self._cases:
            if played.divergence is None:
                queue.append((played.course.began_at, 0, played, None))
                queue += [(act.at, act.seq, played, act) for act in played.course.acts]
                # What runs out by itself after the last act has to have run out here too.
                queue.append((played.course.ended_at, 1 << 30, played, None))
        return sorted(queue, key=lambda item: (item[0], item[1]))

    # Doing it again

    def _play(self, engine: ScratchEngine, played: _Played, done: Done | None) -> None:
        try:
            if done is None:
                if played.copy is None and played.divergence is None:
                    self._begin(engine, played)
            elif played.copy is not None:
                self._do(engine, played, done)
        except InvalidForm as refused:
            texts = [m.zh for found in refused.errors.values() for m in found]
            self._diverges(played, "form", done.element if done else "", "".join(texts))
        except Refused as refused:
            kind = "refused" if done else "start"
            self._diverges(played, kind, done.element if done else played.course.start, refused.zh)

    def _diverges(self, played: _Played, kind: str, element: str, why: str) -> None:
        if played.divergence is None:
            played.divergence = Divergence(kind, element, why)

    def _begin(self, engine: ScratchEngine, played: _Played) -> None:
        course, process = played.course, self.definition.process
        if course.start not in process.nodes:
            self._diverges(played, "start", course.start, "")
            return

        def begin(uow: UnitOfWork) -> int:
            case = start_case(uow, process.id, dict(course.variables), self.definition)
            case.start = course.start
            advance(case)
            return case.key

        played.copy = int(engine.work(begin, Author(course.started_by, "办理人员")))
        self._copies[str(played.key)] = str(played.copy)
        if played.files:
            rows = [{**row, "instance_key": played.copy} for row in played.files]
            contents = [row.pop("content") for row in rows]
            kept = {row["sha256"]: content for row, content in zip(rows, contents, strict=True)}

            def write(conn: Connection) -> None:
                known = set(conn.execute(select(blob.c.sha256).where(blob.c.sha256.in_(kept))).scalars())
                fresh = [{"sha256": k, "content": v} for k, v in kept.items() if k not in known]
                if fresh:
                    conn.execute(blob.insert(), fresh)
                conn.execute(attachment.insert(), rows)

            engine.writer.write(write)

    def _do(self, engine: ScratchEngine, played: _Played, done: Done) -> None:
        assert played.copy is not None
        node = self.definition.process.nodes.get(done.element)
        if node is None:  # the draft has it no more: what came after may go on without
            return
        form = self.definition.forms.get(node.form or "")
        known = {component.key for component in form.fields} if form else set()
        values = {key: self._there(value) for key, value in done.values.items() if key in known}
        if done.kind == "complete":
            task = self._open_task(engine, played.copy, done.element)
            if task is None:
                self._diverges(played, "not_open", done.element, "")
                return
            actor = _actor(done.actor, frozenset({(task.organisation_key, task.role)}))
            engine.handle(c.CompleteTask(actor=actor, task_key=task.key, values=values))
        elif done.kind == "act":
            actor = _actor(done.actor, self._every_role(engine))
            engine.handle(
                c.SendMessage(
                    actor=actor,
                    instance_key=played.copy,
                    element_id=node.scope or done.element,
                    values=values,
                )
            )
        else:
            self._deliver(engine, played, done)

    def _there(self, value: Any) -> Any:
        """Return a form's value with the replayed cases in the place of the real ones."""
        if isinstance(value, str):
            return self._copies.get(value, value)
        if isinstance(value, list):
            return [self._there(one) for one in value]
        return value

    def _deliver(self, engine: ScratchEngine, played: _Played, done: Done) -> None:
        """Let a message come that another case sent, and that the sweep carries next."""
        assert played.copy is not None
        copy, of = played.copy, subscription.c
        if str(done.values.get("instance_key")) in self._copies:
            engine.sweep()  # its copy has sent it here as well
            return
        with engine.database.reading() as conn:
            waiting = conn.execute(
                select(of.key).where(of.instance_key == copy, of.element_id == done.element)
            ).scalar()
        if waiting is None:
            self._diverges(played, "not_open", done.element, "")
            return

        def throw(uow: UnitOfWork) -> None:
            payload = {**done.values, "instance_key": str(copy)}
            uow.record(copy, e.MessageThrown(uow.next_key(), "", "", f"{DIRECT}{waiting}", "", payload))

        engine.work(throw)
        engine.sweep()

    def _open_task(self, engine: ScratchEngine, copy: int, element: str) -> Any:
        of = user_task.c
        query = select(user_task).where(of.instance_key == copy, of.element_id == element, of.state == "open")
        with engine.database.reading() as conn:
            return conn.execute(query.order_by(of.key).limit(1)).first()

    def _every_role(self, engine: ScratchEngine) -> frozenset[tuple[int, str]]:
        with engine.database.reading() as conn:
            orgs = conn.execute(select(organisation.c.key)).scalars().all()
        return frozenset((int(org), role) for org in orgs for role in CASE_ROLES)

    # What came of it

    def _outcome(self, engine: ScratchEngine, played: _Played) -> CaseOutcome:
        blank = CaseOutcome(
            key=played.key,
            ended_on=played.ended_on,
            limits=tuple(LimitPair(el, name, own, NONE) for el, name, own in played.own),
            divergence=played.divergence,
            differs_at="",
            skipped=(),
            added=(),
            own_result=played.own_result,
            draft_result=None,
        )
        if played.copy is None:
            return replace(blank, limits=())
        with engine.database.reading() as conn:
            result = conn.execute(
                select(process_instance.c.result).where(process_instance.c.key == played.copy)
            ).scalar()
            draft = list(limits_of(conn, played.copy))
            log = conn.execute(
                select(event.c.body).where(event.c.stream == played.copy).order_by(event.c.seq)
            ).scalars()
            path = path_of([parse(body).event for body in log], self.definition)
            stuck = conn.execute(
                select(incident.c.element_id).where(
                    incident.c.instance_key == played.copy, incident.c.state == "open"
                )
            ).scalar()
        if stuck is not None:
            self._diverges(played, "incident", stuck, "")
        own = played.course.path
        return replace(
            blank,
            limits=tuple(paired(played.own, draft)),
            divergence=played.divergence,
            differs_at=first_difference(own, path),
            skipped=tuple(dict.fromkeys(x for x in own if x not in path)),
            added=tuple(dict.fromkeys(x for x in path if x not in own)),
            draft_result=result,
        )


def _actor(key: int, roles: frozenset[tuple[int, str]]) -> Actor:
    """Return whoever did it, with the right to; that they had it then, their own version has said."""
    org = min(roles)[0] if roles else 0
    return Actor(key, f"u{key}", "办理人员", org, "", roles)


def _files(conn: Connection, key: int) -> list[dict[str, Any]]:
    """Return the files of a case: of tables of records the content too, since forms read it."""
    rows = conn.execute(select(attachment).where(attachment.c.instance_key == key)).all()
    found = []
    for row in rows:
        content = b""
        if row.name.endswith(".csv"):
            content = bytes(
                conn.execute(select(blob.c.content).where(blob.c.sha256 == row.sha256)).scalar() or b""
            )
        found.append({**row._mapping, "content": content})
    return found


def period_before(today: date, days: int = 365) -> tuple[date, date]:
    """Return the period that is looked at where nobody names one."""
    return today - timedelta(days=days), today
