"""Several processes on one database: keys never meet, deadlines fire once, clocks agree."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import Desk, deliver
from engine.keys import NODES, KeySequence
from engine.storage import tables as t
from engine.storage.database import ClockAstray, DatabaseUnusable
from engine.storage.postgresql import PostgresDatabase, check_clock
from tests.conftest import at_once, open_engine
from tests.databases import Databases, OnServer, Where


def test_keys_of_two_nodes_never_meet_and_grow() -> None:
    first, second = KeySequence(1), KeySequence(2)
    ours = [first.next() for _ in range(5000)]
    theirs = [second.next() for _ in range(5000)]

    assert ours == sorted(set(ours))
    assert not set(ours) & set(theirs)
    assert max(ours + theirs) < 2**63


def test_keys_lie_behind_the_latest_instant_seen_even_if_the_clock_was_set_back() -> None:
    seen = datetime.now(UTC) + timedelta(days=2)
    before = KeySequence(0).next()

    key = KeySequence(0, seen).next()

    assert key > before
    assert key >> 22 > (seen - datetime(2020, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@pytest.mark.parametrize("node", [-1, NODES])
def test_a_node_that_does_not_fit_is_refused(node: int) -> None:
    with pytest.raises(ValueError, match="Expected a node"):
        KeySequence(node)


def test_each_start_takes_a_number_of_its_own(database: Where) -> None:
    numbers = []
    for _ in range(3):
        engine = open_engine(database)
        numbers.append(engine._keys.next() % NODES)
        engine.close()

    assert len(set(numbers)) == 3


@pytest.mark.parametrize(
    ("seconds", "refused"),
    [(0, False), (0.9, False), (-0.9, False), (1.2, True), (-1.2, True)],
)
def test_a_clock_a_second_off_is_refused(seconds: float, refused: bool) -> None:
    now = datetime(2026, 6, 8, tzinfo=UTC)
    there = now + timedelta(seconds=seconds)
    if not refused:
        check_clock(now, there, now)
        return
    with pytest.raises(ClockAstray, match="校时"):
        check_clock(now, there, now)


@pytest.mark.only("postgresql")
def test_three_nodes_at_one_load_fire_each_deadline_once(desk: Desk, engine: Engine, database: Where) -> None:
    keys = [at_once(deliver(desk, n)) for n in range(24)]
    late = desk.now + timedelta(days=40)
    nodes = [open_engine(database, desk.now) for _ in range(3)]
    faults: list[BaseException] = []
    start = threading.Barrier(3)

    def work(node: Engine) -> None:
        try:
            assert isinstance(node.clock, FixedClock)
            node.clock.set(late)
            start.wait()
            while node.sweep():
                pass
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        node.close()

    assert faults == []
    with engine.database.reading() as conn:
        expired = Counter(
            conn.execute(select(t.event.c.stream).where(t.event.c.type == "DeadlineExpired")).scalars()
        )
        limits = Counter(
            conn.execute(
                select(t.deadline.c.instance_key).where(t.deadline.c.expired_at.is_not(None))
            ).scalars()
        )
        due = conn.execute(select(t.timer.c.key).where(t.timer.c.not_before <= late)).all()
    assert due == []
    assert expired == limits
    assert len(expired) > 10 and set(expired) <= set(keys)


@pytest.mark.only("postgresql")
def test_nodes_opening_cases_at_once_give_every_case_its_number(
    desk: Desk, engine: Engine, database: Where
) -> None:
    nodes = [open_engine(database) for _ in range(3)]
    faults: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for m in range(6):
                at_once(deliver(Desk(nodes[n]), n * 7 + m))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        node.close()

    assert faults == []
    with engine.database.reading() as conn:
        numbers = list(conn.execute(select(t.process_instance.c.business_id)).scalars())
    assert len(numbers) == len(set(numbers)) == 18


@pytest.mark.only("postgresql")
def test_a_clock_set_in_one_process_is_followed_by_the_others(engine: Engine, database: Where) -> None:
    other = open_engine(database)
    at = engine.clock.now() + timedelta(days=3)
    engine.handle(c.SetClock(actor=None, at=at))

    other.sweep()

    assert other.clock.now() == at
    other.close()


@pytest.mark.only("postgresql")
def test_a_database_of_another_encoding_is_refused(databases: Databases) -> None:
    assert isinstance(databases, OnServer)
    where = databases.named(databases.create("template0 ENCODING 'SQL_ASCII' LOCALE 'C'"))

    with pytest.raises(DatabaseUnusable, match="ENCODING 'UTF8' LOCALE 'C'"):
        PostgresDatabase(where)
    databases.drop(where)


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    with pytest.raises(DatabaseUnusable, match="无法连接数据库"):
        PostgresDatabase("postgresql://nobody:secret@127.0.0.1:1/none")
