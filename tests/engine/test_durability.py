"""Kill -9 at any moment: no acknowledged command is lost, none is done twice. `--soak` kills 300 times."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.conftest import open_engine
from tests.databases import Databases, OnServer, Where
from tests.engine.office_load import SPAN, Load, Log, Office
from tests.engine.product import Product, begin_rehearsal
from tests.engine.reckoning import reckon

KILLS, CRASHES = (12, 3)
SOAK_KILLS, SOAK_CRASHES = (300, 20)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--soak"))


@pytest.fixture
def rehearsal(databases: Databases, tmp_path: Path) -> Iterator[Where]:
    """A seeded database where `shixian serve --rehearsal` looks for its own."""
    where = databases.new()
    if isinstance(where, Path):
        where = where.rename(tmp_path / "rehearsal.db")
    begin_rehearsal(where)
    yield where
    if not isinstance(where, Path):
        databases.drop(where)


@contextmanager
def under_load(where: Where, folder: Path, count: int, faults: int) -> Iterator[tuple[list[Product], Load]]:
    """Start so many processes and people who use them; at the end there are none, and no fault was seen.

    Args:
        faults: How many will be made; the clock goes on by months meanwhile, however few they are.
    """
    engine = open_engine(where)
    office = Office(engine)
    engine.close()
    products = [Product(where, folder) for _ in range(count)]
    load = Load(
        office,
        [p.port for p in products],
        Log(folder / "acknowledged.jsonl"),
        seed=count,
        hours=SPAN / faults / 2,
    )
    try:
        for product in products:
            product.start()
            product.ready()
        load.start()
        yield products, load
    finally:
        load.stop()
        load.log.close()
        for product in products:
            product.kill()
    assert load.faults == []


def report(capsys: pytest.CaptureFixture[str], what: str, load: Load, figures: dict[str, int]) -> None:
    with capsys.disabled():
        print(f"\n{what}: {figures}, {dict(sorted(load.log.kinds.items()))}")


def test_kill_9_of_the_product_at_random_instants_loses_and_doubles_nothing(
    rehearsal: Where, tmp_path: Path, soak: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """On PostgreSQL two processes, killed in turn; the clock moves, so that the sweep has timers to fire."""
    chance, kills = random.Random(12), SOAK_KILLS if soak else KILLS
    with under_load(rehearsal, tmp_path, 1 if isinstance(rehearsal, Path) else 2, kills) as (products, load):
        for n in range(kills):
            victim = products[n % len(products)]
            if chance.random() < 0.9:
                victim.ready()
                assert load.log.wait_for(chance.randint(1, 12)), load.faults
            else:
                time.sleep(chance.uniform(0, 2))  # while it starts
            time.sleep(chance.uniform(0, 0.15))
            victim.kill()
            victim.start()

    figures = reckon(rehearsal, load.log.entries())
    assert figures["done"] > kills
    report(capsys, f"{kills} kills", load, figures)


@pytest.mark.only("postgresql")
def test_a_server_that_crashes_under_load_loses_and_doubles_nothing(
    rehearsal: Where,
    databases: Databases,
    tmp_path: Path,
    soak: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert isinstance(databases, OnServer)
    if databases.server is None:
        pytest.skip("only a server of our own may be stopped")
    databases.server.settle()
    chance, crashes = random.Random(12), SOAK_CRASHES if soak else CRASHES
    with under_load(rehearsal, tmp_path, 2, crashes) as (products, load):
        for _ in range(crashes):
            assert load.log.wait_for(chance.randint(5, 25)), load.faults
            time.sleep(chance.uniform(0, 0.15))
            databases.server.crash()
        assert load.log.wait_for(5)
        assert [p.ended for p in products] == [False, False]

    figures = reckon(rehearsal, load.log.entries())
    assert figures["done"] > crashes * 5
    report(capsys, f"{crashes} server crashes", load, figures)


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
    assert set(outcomes) <= {"done", "conflict", "already_yours", "not_yours"}
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
