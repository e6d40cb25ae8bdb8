"""Open pages hear at once of what happens to them, and take no thread from the others."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import waitress
from flask import Flask
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.demo.seed import DEMO_PASSWORD
from engine.inbox_rows import of_lane, of_person
from engine.live import Live
from engine.people import Actor
from engine.storage.tables import user_task
from tests.conftest import at_once
from web import live
from web.server import OPTIONS, Dispatcher


@pytest.fixture
def port(app: Flask, engine: Engine) -> Iterator[int]:
    dispatcher = Dispatcher()
    server = waitress.create_server(app, host="127.0.0.1", port=0, _dispatcher=dispatcher, **OPTIONS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    engine.live.stop()
    dispatcher.shutdown()
    server.close()


def session(engine: Engine, username: str) -> str:
    return engine.accounts.sign_in(username, DEMO_PASSWORD, "127.0.0.1")


def delivered_task(desk: Desk) -> tuple[int, Actor, Actor]:
    """Return a task of the provider of a case that was just delivered, who may do it, and their head."""
    case = at_once(deliver(desk, 3))
    with desk.engine.database.reading() as conn:
        of = user_task.c
        query = select(of.key, of.organisation_key).where(of.instance_key == case, of.element_id == "T12-04")
        task = conn.execute(query).one()
    org = task.organisation_key
    return task.key, desk.actor(org, "handler"), desk.actor(org, "head")


class Page:
    """A browser's event stream, read by events."""

    def __init__(self, port: int, token: str, query: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        request = f"GET /live{query} HTTP/1.1\r\nHost: x\r\nCookie: shixian_session={token}\r\n\r\n"
        self.socket.sendall(request.encode())
        self.file = self.socket.makefile("rb")
        self.status = self.file.readline().split()[1]

    def event(self) -> str:
        for line in self.file:
            if line.startswith(b"event: "):
                return line[7:].strip().decode()
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def test_two_people_on_one_task_the_second_hears_at_once_that_it_was_taken(
    desk: Desk, engine: Engine, port: int
) -> None:
    task, first, head = delivered_task(desk)
    second = Page(port, session(engine, head.username), f"?task={task}")
    assert second.event() == "hello"

    engine.handle(c.ClaimTask(actor=first, task_key=task))

    assert second.event() == "task"
    second.close()


def test_a_hint_reaches_only_whose_boxes_are_concerned(desk: Desk, engine: Engine) -> None:
    task, actor, _ = delivered_task(desk)
    with ExitStack() as stack:
        watch = lambda *holders: stack.enter_context(engine.live.watching(holders))  # noqa: E731
        owner, lane, stranger = (
            watch(of_person(actor.user_key)),
            watch(of_lane(actor.org_key, "handler")),
            watch(of_person(1)),
        )

        engine.handle(c.ClaimTask(actor=actor, task_key=task))

        assert owner.wait(30) == lane.wait(30) == {"inbox"}
        assert stranger.wait(0) == frozenset()


def test_what_another_process_committed_is_heard_too(desk: Desk, engine: Engine) -> None:
    task, actor, _ = delivered_task(desk)
    another = Live(engine.database, every=0.01)

    with another.watching([of_person(actor.user_key)]) as watcher:
        engine.handle(c.ClaimTask(actor=actor, task_key=task))

        assert watcher.wait(30) == {"inbox"}


def test_a_page_that_listens_takes_no_thread_from_the_others(engine: Engine, port: int) -> None:
    tokens = [session(engine, name) for name in ("gat.jb", "gat.fz")]
    with ExitStack() as stack:
        for n in range(3 * OPTIONS["threads"]):  # type: ignore[operator]
            page = Page(port, tokens[n % 2])
            stack.callback(page.close)
            assert page.event() == "hello"

        with socket.create_connection(("127.0.0.1", port), timeout=30) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert other.recv(100).startswith(b"HTTP/1.1 200")


def test_beyond_the_limit_a_page_is_told_to_ask_from_time_to_time(
    engine: Engine, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 1)
    token = session(engine, "gat.jb")
    first = Page(port, token)
    assert first.event() == "hello"

    second = Page(port, token)

    assert second.status == b"503"
    first.close()
    second.close()


def test_a_stranger_hears_nothing(port: int) -> None:
    page = Page(port, "nobody")

    assert page.status == b"302"
    page.close()


def test_the_stream_ends_with_the_session(
    desk: Desk, engine: Engine, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT", 0.01)
    token = session(engine, "gat.jb")
    page = Page(port, token)
    assert page.event() == "hello"

    engine.accounts.sign_out(token)

    with pytest.raises(AssertionError, match="the stream ended"):
        page.event()
    page.close()


def test_nobody_takes_the_streams_of_all(
    engine: Engine, desk: Desk, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "OWN", 2)
    _, handler, head = delivered_task(desk)
    with ExitStack() as stack:
        for _ in range(2):
            page = Page(port, session(engine, handler.username))
            stack.callback(page.close)
            assert page.event() == "hello"
        beyond, other = (
            Page(port, session(engine, handler.username)),
            Page(port, session(engine, head.username)),
        )
        stack.callback(beyond.close)
        stack.callback(other.close)
        assert (beyond.status, other.status) == (b"503", b"200")
