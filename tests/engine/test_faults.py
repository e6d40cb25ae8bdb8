"""The n-th statement fails, the connection is lost in the middle of a commit: nothing half, nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError

from engine import commands as c
from engine.app import Engine
from engine.demo.answers import application
from engine.demo.cases import PROCESS, Desk, beijing_day, deliver
from engine.history.chain import first_break
from engine.storage import tables as t
from tests.conftest import at_once
from tests.engine.test_stuck import broken_catcher
from tests.processes import test_migration as office
from tests.processes.office import administrators, incidents
from tests.processes.test_incidents import FAILURES, REASON, begin
from tests.processes.test_messages import deploy, start, thrower


class Failing:
    """A database in whose next writing transaction the n-th statement fails; COMMIT counts, ROLLBACK does not."""

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.next = self._left = 0
        writing = engine.database.writing

        @contextmanager
        def watched() -> Iterator[Connection]:
            # Only now: the writer answers a failing job before it has ended the transaction it was part of.
            self._left, self.next = self.next, 0
            with writing() as conn:
                event.listen(conn, "before_cursor_execute", self._count)
                yield conn

        monkeypatch.setattr(engine.database, "writing", watched)

    def _count(self, conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("ROLLBACK"):
            return
        self._left -= 1
        if self._left == 0:
            raise ConnectionAbortedError(statement)


def state(engine: Engine) -> dict[str, Any]:
    with engine.database.reading() as conn:
        counts = {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in t.metadata.sorted_tables
        }
        heads = conn.execute(select(t.stream_head).order_by(t.stream_head.c.stream)).all()
        tasks = conn.execute(select(t.user_task).order_by(t.user_task.c.key)).all()
        cases = conn.execute(select(t.process_instance).order_by(t.process_instance.c.key)).all()
    return {"counts": counts, "heads": heads, "tasks": tasks, "cases": cases}


def commands(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands of a case's life, each built when the one before is done."""
    with desk.engine.database.reading() as conn:
        entry = conn.execute(
            select(t.catalogue_entry)
            .where(t.catalogue_entry.c.sharing_type == "conditional")
            .order_by(t.catalogue_entry.c.key)
        ).first()
        assert entry is not None
        org = conn.execute(
            select(t.organisation.c.key)
            .where(~t.organisation.c.managing, t.organisation.c.key != entry.provider_key)
            .order_by(t.organisation.c.key)
        ).scalar()
        actor = desk.actor(int(org or 0), "handler")

    def task() -> Any:
        with desk.engine.database.reading() as conn:
            newest = select(t.user_task).where(t.user_task.c.state == "open")
            return conn.execute(newest.order_by(t.user_task.c.key.desc())).first()

    yield c.StartInstance(actor=actor, process_id=PROCESS, resource_key=entry.key)
    first = task()
    yield c.SaveDraft(actor=actor, task_key=first.key, values={"purpose": "核验"})
    yield c.UnclaimTask(actor=actor, task_key=first.key)
    yield c.ClaimTask(actor=actor, task_key=first.key)
    yield c.StoreAttachments(actor=actor, task_key=first.key, files=(("依据.pdf", b"%PDF-1.4 x"),))
    values = application(desk.variables(first.instance_key)["resource"], beijing_day(desk.now), 1)
    yield c.CompleteTask(actor=actor, task_key=first.key, values=values)
    for values in ({"decision": "agree"}, {"check_result": "accept"}):
        open_task = task()
        head = desk.actor(open_task.organisation_key, open_task.role)
        yield c.CompleteTask(actor=head, task_key=open_task.key, values=values)
    yield c.SendMessage(
        actor=actor,
        instance_key=first.instance_key,
        element_id="ES12-W",
        values={"reason": "不再需要该数据。"},
    )


def version_commands(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands about versions: switches, and a migration on each of its ways."""
    first, key = office.publish(desk), office.start(desk)
    target = office.publish(desk, office.RENAMED, office.LONGER)
    actor = office.admin(desk)
    yield c.SuspendDefinition(actor=actor, definition_key=target, reason=office.REASON)
    yield c.ResumeDefinition(actor=actor, definition_key=target, reason=office.REASON)

    def proposed() -> c.ProposeMigration:
        names = {"Verify": "Check"}
        return c.ProposeMigration(
            actor=actor, instance_key=key, definition_key=target, reason=office.REASON, names=names
        )

    def about() -> dict[str, int]:
        with desk.engine.database.reading() as conn:
            newest = select(t.migration.c.key).order_by(t.migration.c.key.desc()).limit(1)
            return {"instance_key": key, "migration_key": conn.execute(newest).scalar_one()}

    using, providing = (office.head(desk, key, side) for side in ("using", "providing"))
    yield proposed()
    yield c.WithdrawMigration(actor=actor, reason=office.REASON, **about())
    yield proposed()
    yield c.ObjectToMigration(actor=using, reason=office.REASON, **about())
    yield proposed()
    yield c.ConsentToMigration(actor=using, **about())
    yield c.ConsentToMigration(actor=providing, **about())
    assert office.version(desk, key) == 2
    yield c.RetireDefinition(actor=actor, definition_key=first, reason=office.REASON)


def mending(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands around incidents: one that raises it, tries, and what ends it."""
    first, second = administrators(desk)
    for end in (c.SkipIncident, c.CancelIncident):
        key = begin(desk, FAILURES["assign"][0])
        task = open_task(desk, key)
        handler = desk.actor(task.organisation_key, task.role)
        yield c.CompleteTask(actor=handler, task_key=task.key, values={})
        [held] = incidents(desk, key)
        yield c.ResolveIncident(actor=first, incident_key=held.key)
        yield end(actor=second, incident_key=held.key, reason=REASON)
    key = begin(desk, FAILURES["assign"][0])
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    yield c.ResolveIncident(actor=first, incident_key=held.key, corrections={"word": 1}, reason=REASON)
    deploy(desk.engine, broken_catcher())
    deploy(desk.engine, thrower())
    start(desk, "broken")
    desk.do(start(desk, "thrower"), "A", {})
    with desk.engine.database.reading() as conn:
        message = conn.execute(select(t.message.c.key)).scalar_one()
    yield c.NoteFailure(actor=None, cause="原因。", cause_en="A cause.", failed_message=message)


def open_task(desk: Desk, key: int) -> Any:
    with desk.engine.database.reading() as conn:
        query = select(t.user_task).where(t.user_task.c.instance_key == key, t.user_task.c.state == "open")
        return conn.execute(query).one()


@pytest.mark.parametrize(
    "life",
    [
        pytest.param(commands, id="a case"),
        pytest.param(version_commands, id="versions"),
        pytest.param(mending, id="incidents"),
    ],
)
def test_whichever_statement_fails_nothing_is_half_written_and_the_repeat_succeeds(
    desk: Desk,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    life: Callable[[Desk], Iterator[c.Command]],
) -> None:
    failing = Failing(engine, monkeypatch)
    statements = 0
    for command in life(desk):
        before, n = state(engine), 0
        while True:
            n += 1
            failing.next = n
            try:
                answer = engine.handle(command)
            except ConnectionAbortedError:
                assert state(engine) == before, (type(command).__name__, n)
            else:
                break
        statements += n - 1
        after = state(engine)
        assert n > 3 and after != before
        assert engine.handle(command) == answer
        assert state(engine) == after

    assert statements > 60
    with engine.database.reading() as conn:
        for stream in conn.execute(select(t.event.c.stream).distinct()).scalars().all():
            chain = select(t.event.c.seq, t.event.c.body, t.event.c.hash).where(t.event.c.stream == stream)
            assert (
                first_break((r.seq, r.body, r.hash) for r in conn.execute(chain.order_by(t.event.c.seq)))
                is None
            )


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("committed", [True, False], ids=["after the commit", "before the commit"])
def test_a_connection_lost_in_the_commit_leads_to_one_case(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    writing, losses = engine.database.writing, iter([True, True])

    @contextmanager
    def lossy() -> Iterator[Connection]:
        lost = next(losses, False)
        with writing() as conn:
            yield conn
            if lost and not committed:
                conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        if lost:
            raise OperationalError("COMMIT", None, psycopg.OperationalError("server closed the connection"))

    command = next(commands(desk))
    monkeypatch.setattr(engine.database, "writing", lossy)
    before = state(engine)["counts"]

    answer = engine.handle(command)

    after = state(engine)["counts"]
    assert after["process_instance"] == before["process_instance"] + 1
    assert after["command"] == before["command"] + 1
    assert engine.handle(command) == answer


def test_a_timer_that_fails_is_put_back_and_holds_up_no_other(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [at_once(deliver(desk, n)) for n in (1, 2, 4)]
    handlers = __import__("engine.app", fromlist=["HANDLERS"]).HANDLERS
    with engine.database.reading() as conn:
        broken = set(conn.execute(select(t.timer.c.key).where(t.timer.c.instance_key == keys[0])).scalars())
    fire: Callable[..., Any] = handlers[c.TriggerTimer]
    tried: list[int] = []

    def fragile(cmd: c.TriggerTimer, uow: Any) -> dict[str, Any]:
        if cmd.timer_key in broken:
            tried.append(cmd.timer_key)
            raise RuntimeError("broken")
        fired: dict[str, Any] = fire(cmd, uow)
        return fired

    monkeypatch.setitem(handlers, c.TriggerTimer, fragile)
    engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(days=30)))
    engine.sweep()

    with engine.database.reading() as conn:
        late = select(t.process_instance.c.key).where(t.process_instance.c.overdue)
        assert set(conn.execute(late).scalars()) == set(keys[1:])
        rows = conn.execute(select(t.timer).where(t.timer.c.key.in_(tried))).all()
    # On a slow machine the pause of two seconds may be over before the sweep is.
    assert rows and {r.attempts for r in rows} == {tried.count(r.key) for r in rows}
    assert {r.last_error for r in rows} == {"RuntimeError: broken"}
