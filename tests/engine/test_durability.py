"""Kill -9 at any moment: no acknowledged command is lost, none is done twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, begin
from engine.errors import Refused
from engine.history.chain import first_break
from engine.storage.database import DatabaseInUse
from engine.storage.sqlite import SqliteDatabase
from engine.storage.tables import event
from tests.conftest import ROOT, open_engine
from tests.databases import Databases, OnServer, Where

ROUNDS = 50


def chains_hold(where: Where) -> None:
    engine = open_engine(where)
    with engine.database.reading() as conn:
        if conn.dialect.name == "sqlite":
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        for stream in conn.execute(select(event.c.stream).distinct()).scalars().all():
            rows = conn.execute(
                select(event.c.seq, event.c.body, event.c.hash)
                .where(event.c.stream == stream)
                .order_by(event.c.seq)
            ).all()
            assert first_break((r.seq, r.body, r.hash) for r in rows) is None
    engine.close()


def test_kill_9_at_fifty_random_instants_loses_and_doubles_nothing(database: Where) -> None:
    acknowledged: set[str] = set()
    chance = random.Random(12)
    worker = [sys.executable, str(Path(__file__).with_name("crash_worker.py")), str(database)]
    for round_ in range(ROUNDS):
        process = subprocess.Popen(
            [*worker, str(round_)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        # The instant is the worker's n-th line, cut somewhere in the work that follows it.
        for _ in range(chance.randint(1, 12)):
            line = process.stdout.readline()
            if line:
                acknowledged.add(line.strip())
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in process.stdout.read().splitlines() if line.endswith(".")}
        process.stdout.close()
        process.wait()
    assert len(acknowledged) > ROUNDS
    nothing_lost_and_nothing_twice(database, acknowledged)


@pytest.mark.only("postgresql")
def test_a_server_that_crashes_three_times_under_load_loses_and_doubles_nothing(
    database: Where, databases: Databases
) -> None:
    assert isinstance(databases, OnServer)
    if databases.server is None:
        pytest.skip("only a server of our own may be stopped")
    databases.server.settle()
    worker = [sys.executable, str(Path(__file__).with_name("crash_worker.py")), str(database)]
    load = [
        subprocess.Popen(
            [*worker, str(n)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        for n in (1, 2)
    ]
    for process in load:
        assert process.stdout is not None
        process.stdout.readline()
    for _ in range(3):
        time.sleep(random.uniform(0.5, 1.5))
        databases.server.crash()
    time.sleep(1)
    assert [process.poll() for process in load] == [None, None]
    acknowledged: set[str] = set()
    for process in load:
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line for line in process.communicate()[0].splitlines() if line.endswith(".")}

    assert len(acknowledged) > 20
    nothing_lost_and_nothing_twice(database, acknowledged)


def nothing_lost_and_nothing_twice(database: Where, acknowledged: set[str]) -> None:
    engine = open_engine(database)
    with engine.database.reading() as conn:
        kept = conn.exec_driver_sql("SELECT id FROM command").scalars().all()
        started = conn.exec_driver_sql("SELECT count(*) FROM process_instance").scalar_one()
        completed = conn.exec_driver_sql(
            "SELECT count(*) FROM event WHERE type = 'UserTaskCompleted'"
        ).scalar_one()
    engine.close()

    assert not {line.rstrip(".") for line in acknowledged} - set(kept)
    assert started == len([id_ for id_ in kept if id_.startswith("start-")])
    assert completed == len([id_ for id_ in kept if id_.startswith("filled-")])
    chains_hold(database)


def test_many_threads_on_one_case_each_command_wins_once_or_is_refused(desk: Desk, engine: Any) -> None:
    key = begin(desk, 1)
    with engine.database.reading() as conn:
        task = conn.exec_driver_sql(f"SELECT key FROM user_task WHERE instance_key = {key}").scalar_one()
    actor = desk.actor(int(desk.variables(key)["using_dept"]), "handler")
    outcomes: list[str] = []

    def claim(n: int) -> None:
        try:
            act = c.ClaimTask if n % 2 else c.UnclaimTask
            engine.handle(act(actor=actor, task_key=task))
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 16
    assert set(outcomes) <= {"done", "conflict"}
    with engine.database.reading() as conn:
        rows = conn.execute(
            select(event.c.seq, event.c.body, event.c.hash).where(event.c.stream == key).order_by(event.c.seq)
        ).all()
    assert first_break((r.seq, r.body, r.hash) for r in rows) is None


@pytest.mark.only("sqlite")
def test_a_second_process_on_the_file_is_refused(engine: Any, database: Path) -> None:
    with pytest.raises(DatabaseInUse, match="另一进程"):
        SqliteDatabase(database)


def test_a_failing_job_in_a_batch_leaves_the_others_alone(engine: Any) -> None:
    def good(conn: Any) -> int:
        conn.exec_driver_sql("INSERT INTO clock (id, at) VALUES (7, '2026-06-08T02:00:00.000000Z')")
        return 1

    def bad(conn: Any) -> None:
        conn.exec_driver_sql("INSERT INTO clock (id, at) VALUES (8, '2026-06-08T02:00:00.000000Z')")
        raise ValueError("no")

    assert engine.writer.write(good) == 1
    with pytest.raises(ValueError, match="no"):
        engine.writer.write(bad)
    with engine.database.reading() as conn:
        assert conn.exec_driver_sql("SELECT id FROM clock").scalars().all() == [7]
