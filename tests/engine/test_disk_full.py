"""A disk that is truly full: nothing acknowledged is lost, refusals have a name, and it goes on without a restart."""

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import PROCESS, Desk, deliver, pair
from engine.history.replay import rebuild
from engine.space import OutOfSpace
from engine.storage import tables as t
from tests.conftest import NOTICES, START, at_once
from tests.databases import Databases
from tests.engine.reckoning import whole
from tests.processes.office import case
from tests.test_replay import tables

SIZE = 24  # megabytes of the disk
LEFT = 2_000_000  # bytes that are left when the filling begins


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of some megabytes, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this process may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def fill_up(disk: Path, left: int) -> Path:
    filler = disk / "filler"
    filler.write_bytes(bytes(max(free(disk) - left, 0)))
    return filler


@pytest.fixture
def engine(disk: Path, databases: Databases) -> Iterator[Engine]:
    where = databases.new()
    assert isinstance(where, Path)
    moved = disk / "shixian.db"
    moved.write_bytes(where.read_bytes())
    engine = Engine(moved, NOTICES, clock=FixedClock(START), rehearsal=True)
    yield engine
    engine.close()


def start(desk: Desk, n: int) -> c.StartInstance:
    using, entry = pair(desk, n, "conditional")
    return c.StartInstance(
        actor=desk.actor(using, "handler"), process_id=PROCESS, resource_key=entry, id=f"start-{n}"
    )


@pytest.mark.only("sqlite")
def test_until_the_disk_is_full_and_after_nothing_acknowledged_is_lost(disk: Path, engine: Engine) -> None:
    desk = Desk(engine)
    waiting = int(at_once(deliver(desk, 1)))
    filler, answers = fill_up(disk, LEFT), dict[str, Any]()
    refused: c.StartInstance | None = None
    for n in range(100, 2000):
        command = start(desk, n)
        try:
            answers[command.id] = engine.handle(command)
        except OutOfSpace:
            refused = refused or command
            if n - int(refused.id.removeprefix("start-")) >= 10:
                break
    assert refused is not None and len(answers) > 5

    # What is refused stays refused, reading goes on, and a limit that runs out now is not lost.
    assert free(disk) < LEFT
    reader = desk.actor(case(desk, waiting).managing_key, "auditor")
    for answer in answers.values():
        assert engine.queries.case(reader, int(answer["instance_key"])).head.business_id
    engine.clock.set(START + timedelta(days=9))  # type: ignore[attr-defined]
    with pytest.raises(OutOfSpace):
        while True:
            engine.sweep()
    assert not case(desk, waiting).overdue

    filler.unlink()

    engine.handle(refused)
    with engine.database.writing() as conn:  # a timer that failed lets others go first for a moment
        conn.execute(update(t.timer).values(retry_at=None))
    while engine.sweep():
        pass
    assert case(desk, waiting).overdue
    with engine.database.reading() as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        whole(conn)
        kept = {row.id: row.answer for row in conn.execute(select(t.command))}
        begun = conn.execute(select(t.process_instance.c.key)).scalars().all()
        before = tables(conn)
    assert {id_: kept.get(id_) for id_ in answers} == answers
    assert len(begun) == len([id_ for id_ in kept if id_.startswith("start-")]) + 1
    with engine.database.writing() as conn:
        rebuild(conn)
        assert tables(conn) == before


@pytest.mark.only("sqlite")
def test_the_watch_stops_writing_while_there_is_still_room_to_close_the_books(
    disk: Path, databases: Databases
) -> None:
    """No ballast is needed: what the watch keeps free is the ballast, and nobody has to delete it in time."""
    where = databases.new()
    assert isinstance(where, Path)
    moved = disk / "shixian.db"
    moved.write_bytes(where.read_bytes())
    least = 4 * 2**20
    engine = Engine(moved, NOTICES, clock=FixedClock(START), rehearsal=True, least_free=least)
    desk = Desk(engine)
    filler = fill_up(disk, least + LEFT)
    begun = 0
    with pytest.raises(OutOfSpace, match="平台暂停办理"):
        for n in range(2000):
            engine.space._looked = float("-inf")  # as if the seconds between two looks had gone by
            engine.handle(start(desk, n))
            begun += 1

    with engine.database.writing() as conn:
        conn.exec_driver_sql("DELETE FROM draft")  # what fails on a full disk
    with engine.database.writer.connect() as conn:
        assert conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
    assert begun > 5
    filler.unlink()
    engine.space._looked = float("-inf")
    engine.handle(start(desk, 5000))
    engine.close()


@pytest.mark.only("postgresql")
def test_a_server_whose_disk_is_full_refuses_whole_and_goes_on(database: Any) -> None:
    engine = Engine(database, NOTICES, clock=FixedClock(START), rehearsal=True)
    desk = Desk(engine)
    with engine.database.writing() as conn:
        conn.exec_driver_sql(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END$$"
        )
        conn.exec_driver_sql("CREATE TRIGGER no_space BEFORE INSERT ON timer EXECUTE FUNCTION no_space()")
        conn.exec_driver_sql("CREATE TRIGGER no_space BEFORE INSERT ON node EXECUTE FUNCTION no_space()")

    with pytest.raises(OutOfSpace, match="磁盘空间已满"):
        at_once(deliver(desk, 1))
    with pytest.raises(OutOfSpace, match="磁盘空间已满"):
        engine.writer.write(lambda conn: conn.exec_driver_sql("INSERT INTO node DEFAULT VALUES"))

    with engine.database.writing() as conn:
        conn.exec_driver_sql("DROP TRIGGER no_space ON timer")
    at_once(deliver(desk, 2))
    engine.close()
