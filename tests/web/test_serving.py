"""A server that silence and a full disk do not bring down, and that says how it does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import waitress
from flask import Flask
from sqlalchemy.exc import OperationalError

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, begin, deliver
from engine.space import OutOfSpace, SpaceWatch
from tests.conftest import at_once, beijing
from tests.processes.office import case, wait_until
from web.server import OPTIONS


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = waitress.create_server(app, host="127.0.0.1", port=0, **OPTIONS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


def answer(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while more := one.recv(65536):
            received += more
    return received


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="idle"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n", id="half a header"),
        pytest.param(
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nuser", id="half a body"
        ),
    ],
)
def test_300_silent_sockets_do_not_silence_the_server(port: int, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            silent.sendall(sent)

        assert answer(port, "/healthz").startswith(b"HTTP/1.1 200")


# Space


def watched(engine: Engine, free: list[int]) -> None:
    engine.space = SpaceWatch(Path("/"), 100 * 2**20, free=lambda _: free[0], look_every=0)


def test_before_the_disk_is_full_nothing_is_written_and_everything_can_be_read(
    desk: Desk, engine: Engine, signed_in: Any
) -> None:
    key = at_once(deliver(desk, 1))
    browser = signed_in("audit")
    free = [50 * 2**20]
    watched(engine, free)

    with pytest.raises(OutOfSpace, match="剩余空间50 MB，低于100 MB"):
        begin(desk, 2)
    page = browser.get(f"/cases/{key}").get_data(as_text=True)
    assert "磁盘空间不足，平台暂停办理" in page
    assert engine.sweep() == 0


def test_when_there_is_room_again_what_fell_due_fires_at_its_planned_instant(
    desk: Desk, engine: Engine
) -> None:
    key = at_once(deliver(desk, 1))
    free = [50 * 2**20]
    watched(engine, free)
    engine.clock.set(beijing("2026-06-20T10:00"))  # type: ignore[attr-defined]
    engine.sweep()
    assert not case(desk, key).overdue

    free[0] = 500 * 2**20
    engine.sweep()

    assert case(desk, key).overdue
    assert engine.faults() == []


@pytest.mark.only("sqlite")
def test_a_database_that_is_full_refuses_whole_and_recovers(desk: Desk, engine: Engine) -> None:
    with engine.database.writing() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    started = engine.queries.search(_count_cases)
    with pytest.raises(OutOfSpace, match="磁盘空间已满"):
        for _ in range(200):
            begin(desk, 1)
    kept = engine.queries.search(_count_cases)

    with engine.database.writing() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    begin(desk, 1)

    assert engine.queries.search(_count_cases) == kept + 1 >= started + 1
    with engine.database.reading() as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def _count_cases(reader: Any) -> int:
    return int(reader.conn.exec_driver_sql("SELECT count(*) FROM process_instance").scalar_one())


# Health and figures


def test_ready_means_it_can_read_write_and_has_room(app: Flask, engine: Engine) -> None:
    client = app.test_client()
    assert client.get("/readyz").status_code == 200

    watched(engine, [0])

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["faults"] == ["space: 0 bytes free"]


def test_the_figures_tell_commands_refusals_and_how_late_limits_fire(
    app: Flask, desk: Desk, engine: Engine
) -> None:
    at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-12T10:00"))
    with pytest.raises(Exception, match="没有该任务"):
        engine.handle(c.ClaimTask(actor=desk.actor(_first_org(engine), "handler"), task_key=1))

    text = app.test_client().get("/metrics").get_data(as_text=True)

    assert 'shixian_commands_total{name="StartInstance",outcome="done"} 1.0' in text
    assert 'shixian_commands_total{name="ClaimTask",outcome="not_found"} 1.0' in text
    assert 'shixian_timer_lateness_seconds_count{kind="reminder"} 1.0' in text


def test_the_figures_are_for_this_machine_and_administrators(app: Flask) -> None:
    answer = app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert answer.status_code == 403


def _first_org(engine: Engine) -> int:
    with engine.database.reading() as conn:
        return int(
            conn.exec_driver_sql(
                "SELECT min(organisation_key) FROM user_role WHERE role = 'handler'"
            ).scalar_one()
        )


def test_nobody_counts_as_served_after_the_answer(app: Flask, engine: Engine, signed_in: Any) -> None:
    signed_in("gat.jb").get("/inbox")
    app.test_client().get("/no-such-page")
    app.test_client().get("/v2/topology")

    assert engine.people.let_through(longest=0)


@pytest.mark.only("postgresql")
def test_while_the_database_is_away_pages_and_programs_are_told_to_come_back(
    engine: Engine, app: Flask, call: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("mzt.jb")

    @contextmanager
    def away() -> Iterator[Any]:
        raise OperationalError("BEGIN", None, psycopg.OperationalError("the connection is lost"))
        yield

    monkeypatch.setattr(engine.database, "reading", away)

    page, answer = browser.get("/"), call("POST", "/v2/user-tasks/search", json={})
    assert (page.status_code, answer.status_code) == (503, 503)
    assert "数据库暂时无法连接" in page.get_data(as_text=True)
    assert answer.json["code"] == "database_unavailable"
    assert page.headers["Retry-After"] == answer.headers["Retry-After"] == "1"
