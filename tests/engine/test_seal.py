"""Seals: the tree is RFC 6962's, every day is sealed once, the hash is one for the whole history."""

import hashlib
import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysqlite3 import dbapi2
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import Desk, deliver
from engine.errors import Conflict, WrongState
from engine.events import DaySealed
from engine.handlers.seals import SEAL_STREAM, newest_chunks
from engine.history import algorithm as algorithms
from engine.history import merkle, tree
from engine.history.algorithm import SHA256, SM3, AlgorithmChanged, AlgorithmUnavailable, algorithm
from engine.history.chain import first_break, parse
from engine.history.tree import leaf_data
from engine.storage.tables import event, seal, sealed_leaf, sealed_stream
from tests.conftest import NOTICES, START, at_once, beijing, open_engine
from tests.processes.office import wait_until


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    n = len(leaves)
    if n == 0:
        return sha(b"")
    if n == 1:
        return sha(b"\x00" + leaves[0])
    k = 1
    while k * 2 < n:
        k *= 2
    return sha(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def audit_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, word for word."""
    n = len(leaves)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*audit_path(m, leaves[:k]), mth(leaves[k:])]
    return [*audit_path(m - k, leaves[k:]), mth(leaves[:k])]


# The leaves and roots of the reference implementation's tests (certificate-transparency, merkle_tree_test).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_known_answer(size: int) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]

    assert merkle.root(hashes).hex() == ROOTS[size] == mth(LEAVES[:size]).hex()


def test_every_path_of_every_small_tree_is_the_rfcs_and_leads_to_its_root_alone() -> None:
    for size in range(1, 40):
        data = [str(n).encode() for n in range(size)]
        hashes = [merkle.leaf_hash(d) for d in data]
        for index in range(size):
            steps = merkle.path(hashes, index)

            assert steps == audit_path(index, data)
            assert merkle.root_from_path(hashes[index], index, size, steps) == mth(data)
            for wrong in range(size):
                if wrong != index:
                    assert merkle.root_from_path(hashes[index], wrong, size, steps) != mth(data)
            assert merkle.root_from_path(hashes[index], index, size, [*steps, bytes(32)]) is None
            if steps:
                assert merkle.root_from_path(hashes[index], index, size, steps[:-1]) is None


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_root(index: int, size: int) -> None:
    assert merkle.root_from_path(bytes(32), index, size, []) is None
    with pytest.raises(IndexError):
        merkle.path([bytes(32)] * size, index)


@given(st.integers(1, 70), st.sampled_from([1, 2, 4, 8]))
def test_chunks_make_the_same_tree(size: int, chunk: int) -> None:
    data = [str(n).encode() for n in range(size)]
    hashes = [merkle.leaf_hash(d) for d in data]
    chunks = [merkle.root(hashes[at : at + chunk]) for at in range(0, size, chunk)]

    assert merkle.root(chunks) == mth(data)
    for number in range(size):
        own = hashes[number - number % chunk :][:chunk]
        assert tree.path(own, chunks, number, size=chunk) == audit_path(number, data)


# Days


def seals(engine: Engine) -> list[Any]:
    with engine.database.reading() as conn:
        return list(conn.execute(select(seal).order_by(seal.c.number)))


def test_the_day_is_sealed_after_midnight_once(desk: Desk) -> None:
    deliver_at_once = at_once(deliver(desk, 1))
    desk.engine.sweep()
    assert deliver_at_once and not seals(desk.engine)

    wait_until(desk, beijing("2026-06-09T00:00"))
    desk.engine.sweep()
    desk.engine.sweep()

    assert [row.day for row in seals(desk.engine)] == [date(2026, 6, 8)]


def test_three_days_after_an_outage_are_sealed_one_by_one_and_linked(desk: Desk, database: Path) -> None:
    wait_until(desk, beijing("2026-06-09T08:00"))
    desk.engine.close()

    again = open_engine(database, beijing("2026-06-12T09:00"))
    again.sweep()

    found = seals(again)
    with again.database.reading() as conn:
        log = conn.execute(
            select(event.c.seq, event.c.body, event.c.hash)
            .where(event.c.stream == SEAL_STREAM)
            .order_by(event.c.seq)
        ).all()
    again.close()
    assert [row.day.day for row in found] == [8, 9, 10, 11]
    assert [row.previous for row in found] == ["0" * 64, *(row.hash.hex() for row in log[:-1])]
    assert first_break(tuple(row) for row in log) is None


def test_a_day_without_events_is_sealed_too(desk: Desk) -> None:
    wait_until(desk, beijing("2026-06-11T00:00"))

    first, second, third = seals(desk.engine)
    assert [row.day.day for row in (first, second, third)] == [8, 9, 10]
    assert second.last_position + 1 == third.last_position  # nothing but the seal between them


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 6, 8), id="sealed already"),
        pytest.param(date(2026, 6, 10), id="one before it is not sealed"),
        pytest.param(date(2026, 6, 11), id="not over"),
        pytest.param(date(2026, 6, 7), id="before the first event"),
    ],
)
def test_another_day_than_the_next_is_refused(desk: Desk, day: date) -> None:
    desk.engine.handle(c.SetClock(actor=None, at=beijing("2026-06-09T00:00")))
    assert isinstance(desk.engine.clock, FixedClock)
    desk.engine.clock.set(beijing("2026-06-11T10:00"))

    with pytest.raises(WrongState, match="2026-06-09"):
        desk.engine.handle(c.SealDay(actor=None, day=day))

    assert len(seals(desk.engine)) == 1


def test_two_seals_of_a_day_are_impossible(desk: Desk) -> None:
    wait_until(desk, beijing("2026-06-09T00:00"))
    [row] = seals(desk.engine)
    command = c.SealDay(actor=None, day=row.day, id=f"seal:{row.day}")

    assert desk.engine.handle(command)["root"] == row.root
    with pytest.raises(Conflict):
        desk.engine.handle(c.SealDay(actor=None, day=date(2026, 6, 9), id=command.id))
    with pytest.raises((IntegrityError, dbapi2.IntegrityError)), desk.engine.database.writing() as conn:
        conn.execute(seal.insert(), {**row._mapping, "number": 99})
    assert len(seals(desk.engine)) == 1


def test_a_seal_that_fails_holds_no_timer_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    at_once(deliver(desk, 1))
    monkeypatch.setattr("engine.handlers.seals.next_day", fail)

    with caplog.at_level(logging.ERROR, "shixian"):
        wait_until(desk, beijing("2026-06-17T10:00"))

    assert "could not be sealed" in caplog.text
    with desk.engine.database.reading() as conn:
        assert conn.execute(select(event.c.seq).where(event.c.type == "DeadlineExpired")).first()


@pytest.mark.parametrize("chunk", [1, 2, 16, 1024])
def test_each_root_comes_out_of_the_events_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Counted again by brute force: the heads at the seal's position, leaves in the order of first sealing."""
    monkeypatch.setattr(tree, "CHUNK", chunk)
    first = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(first, "T12-04", {"check_result": "accept"})
    at_once(deliver(desk, 2))
    wait_until(desk, beijing("2026-06-12T10:00"))
    at_once(deliver(desk, 4))
    wait_until(desk, beijing("2026-06-18T10:00"))

    with desk.engine.database.reading() as conn:
        events = conn.execute(select(event).order_by(event.c.position)).all()
        leaves = [
            (row.leaf, row.stream)
            for row in conn.execute(select(sealed_stream).order_by(sealed_stream.c.leaf))
        ]
    assert [number for number, _ in leaves] == list(range(len(leaves)))
    order = [stream for _, stream in leaves]
    for row in seals(desk.engine):
        heads = {e.stream: (e.seq, e.hash) for e in events if e.position <= row.last_position}
        data = [leaf_data(s, *heads[s]) for s in order[: row.streams]]
        assert set(heads) == set(order[: row.streams])
        assert row.root == mth(data).hex()


def test_a_seal_writes_only_what_grew(desk: Desk) -> None:
    wait_until(desk, beijing("2026-06-09T10:00"))
    first = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-11T10:00"))

    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(sealed_stream.c.stream)
            .join(sealed_leaf, sealed_leaf.c.leaf == sealed_stream.c.leaf)
            .where(sealed_leaf.c.seal == 2)
        ).scalars()
        assert {SEAL_STREAM, first} <= set(rows)
        grown = conn.execute(select(sealed_leaf.c.seq).where(sealed_leaf.c.seal == 3)).scalars().all()
        assert grown == [2]  # the seals' own stream, up to the second seal
        assert len(newest_chunks(conn, 3)) == 1


# The hash of an installation


def begin(path: Path, name: str | None) -> Engine:
    return Engine(path, NOTICES, clock=FixedClock(START), rehearsal=True, durable=False, algorithm=name)


@pytest.mark.parametrize(("wanted", "kept"), [(None, SHA256), ("SHA-256", SHA256), ("SM3", SM3)])
def test_a_history_is_begun_with_one_hash_and_goes_on_with_it(
    tmp_path: Path, wanted: str | None, kept: algorithms.Algorithm
) -> None:
    begin(tmp_path / "a.db", wanted).close()

    engine = begin(tmp_path / "a.db", None)
    assert isinstance(engine.clock, FixedClock)
    engine.clock.set(START + timedelta(days=1))
    engine.sweep()

    with engine.database.reading() as conn:
        rows = conn.execute(select(event).order_by(event.c.stream, event.c.seq)).all()
    engine.close()
    streams = {row.stream for row in rows}
    for stream in streams:
        log = [(row.seq, row.body, row.hash) for row in rows if row.stream == stream]
        other = SM3 if kept is SHA256 else SHA256
        assert first_break(log, kept) is None
        assert first_break(log, other) == 1
    sealed = next(parse(row.body).event for row in rows if row.stream == SEAL_STREAM)
    assert isinstance(sealed, DaySealed) and sealed.algorithm == kept.name


def test_another_hash_is_refused_at_start_and_the_database_is_free_again(tmp_path: Path) -> None:
    begin(tmp_path / "a.db", "SM3").close()

    with pytest.raises(AlgorithmChanged, match="Expected SM3"):
        begin(tmp_path / "a.db", "SHA-256")

    begin(tmp_path / "a.db", "SM3").close()


@pytest.mark.parametrize(
    "statement", ["UPDATE history_algorithm SET name = 'SM3'", "DELETE FROM history_algorithm"]
)
def test_the_hash_cannot_be_changed_behind_the_engine(desk: Desk, statement: str) -> None:
    with pytest.raises((IntegrityError, dbapi2.IntegrityError), match="append-only"):
        with desk.engine.database.writing() as conn:
            conn.exec_driver_sql(statement)


def test_sm3_gives_the_standards_answers() -> None:
    # GB/T 32905-2016, annex A.1 and A.2.
    assert SM3.digest(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert (
        SM3.digest(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def _absent(_: bytes) -> Any:
    raise ValueError("unsupported hash type sm3")


@pytest.mark.parametrize(
    ("start", "said"),
    [
        pytest.param(_absent, "OpenSSL with SM3, found none", id="not in this OpenSSL"),
        pytest.param(hashlib.sha256, "found ba7816bf", id="gives another answer"),
    ],
)
def test_a_machine_without_sm3_says_so(
    monkeypatch: pytest.MonkeyPatch, start: Callable[[bytes], Any], said: str
) -> None:
    monkeypatch.setitem(algorithms.ALGORITHMS, "SM3", algorithms.Algorithm("SM3", start))

    with pytest.raises(AlgorithmUnavailable, match=said):
        algorithm("SM3")


def test_an_unknown_hash_is_refused() -> None:
    with pytest.raises(AlgorithmUnavailable, match="one of SHA-256, SM3"):
        algorithm("MD5")
