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
from engine.app import HANDLERS, Engine
from engine.demo.cases import Desk, deliver
from engine.history.chain import first_break
from engine.storage import tables as t
from tests.conftest import at_once, open_engine
from tests.databases import Databases
from tests.engine.lives import LIVES, Life, commands


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


def test_the_scenarios_issue_every_command_there_is(databases: Databases) -> None:
    issued: set[type[c.Command]] = set()
    for life in LIVES.values():
        where = databases.new()
        engine = open_engine(where)
        for command in life(Desk(engine)):
            engine.handle(command)
            issued.add(type(command))
        engine.close()
        databases.drop(where)

    assert issued == set(HANDLERS)


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_whichever_statement_fails_nothing_is_half_written_and_the_repeat_succeeds(
    desk: Desk,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    life: Life,
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

    assert statements > 100
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
