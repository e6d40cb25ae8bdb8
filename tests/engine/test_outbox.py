"""What leaves the house: at least once, after the commit, and a dead receiver holds nothing up."""

import hashlib
import hmac
import json
import smtplib
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidInput
from engine.outbox import LEASE, Letter, MailTransport, Postman
from engine.storage.tables import contact, outbox
from tests.conftest import at_once, beijing
from tests.processes.office import case, wait_until

URL, OTHER = "http://127.0.0.1:9/hook", "http://127.0.0.1:9/other"


class Receiver:
    """Takes letters, or refuses those to the targets that are down."""

    def __init__(self) -> None:
        self.got: list[Letter] = []
        self.down: set[str] = set()

    def __call__(self, letter: Letter) -> None:
        if letter.target in self.down:
            raise OSError("no answer")
        self.got.append(letter)


@pytest.fixture
def receiver(engine: Engine) -> Receiver:
    found = Receiver()
    transports = {"webhook": found, "mail": found}
    engine.postman = Postman(engine.database, engine.writer.write, engine.clock, transports)
    return found


def register(engine: Engine, url: str = URL, types: tuple[str, ...] = ("DeadlineSet",)) -> int:
    command = c.RegisterWebhook(actor=None, url=url, secret="0123456789abcdef", types=types)
    return int(engine.handle(command)["webhook_key"])


def test_a_fact_of_a_case_reaches_the_receiver_as_it_was_hashed(
    desk: Desk, engine: Engine, receiver: Receiver
) -> None:
    register(engine)
    key = at_once(deliver(desk, 1))
    engine.postman.run()

    [letter] = receiver.got
    assert letter.payload["data"]["name"] == "答复期限"
    assert letter.payload["stream"] == str(key)
    assert engine.postman.run() == 0


def test_what_is_refused_sends_nothing(desk: Desk, engine: Engine, receiver: Receiver) -> None:
    register(engine, types=("UserTaskCompleted",))
    key = at_once(deliver(desk, 1))
    engine.postman.run()
    before = len(receiver.got)

    with pytest.raises(Exception, match="check_result"):
        desk.do(key, "T12-04", {"check_result": "nonsense"})
    engine.postman.run()

    assert len(receiver.got) == before


def test_a_crash_between_sending_and_noting_it_sends_again_under_the_same_id(
    desk: Desk, engine: Engine, receiver: Receiver
) -> None:
    register(engine)
    at_once(deliver(desk, 1))
    engine.postman.run()
    with engine.database.writing() as conn:  # as if the process had died before this was kept
        conn.execute(outbox.update().values(sent_at=None))
    wait_until(desk, desk.now + LEASE)  # for so long another node would have it in hand

    engine.postman.run()

    first, again = receiver.got
    assert first.id == again.id


def test_a_dead_receiver_waits_alone_and_longer_each_time(
    desk: Desk, engine: Engine, receiver: Receiver
) -> None:
    register(engine, URL)
    register(engine, OTHER)
    receiver.down = {URL}
    at_once(deliver(desk, 1))
    at_once(deliver(desk, 2))

    assert engine.postman.run() == 2
    assert {letter.target for letter in receiver.got} == {OTHER}
    assert engine.postman.run() == 0

    wait_until(desk, engine.clock.now() + timedelta(seconds=6))
    engine.postman.run()
    with engine.database.reading() as conn:
        attempts = conn.execute(select(outbox.c.attempts).where(outbox.c.target == URL)).scalars().all()
    assert sorted(attempts) == [0, 2]

    receiver.down = set()
    wait_until(desk, engine.clock.now() + timedelta(hours=1))
    assert engine.postman.run() == 2


def test_a_notice_goes_by_mail_to_those_who_gave_an_address(
    desk: Desk, engine: Engine, receiver: Receiver
) -> None:
    provider = desk.actor(case(desk, at_once(deliver(desk, 1))).providing_key, "handler")
    with engine.database.writing() as conn:
        conn.execute(contact.insert(), {"user_key": provider.user_key, "email": "jb@example.invalid"})
    wait_until(desk, beijing("2026-06-15T10:00"))
    engine.postman.run()

    texts = [str(letter.payload["text"]) for letter in receiver.got if letter.target == "jb@example.invalid"]
    assert len([text for text in texts if text.startswith("期限提醒")]) == 2


def test_a_removed_receiver_gets_nothing_more(desk: Desk, engine: Engine, receiver: Receiver) -> None:
    key = register(engine)
    engine.handle(c.RemoveWebhook(actor=None, webhook_key=key))
    at_once(deliver(desk, 1))

    assert engine.postman.run() == 0
    register(engine)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"url": "ftp://example.invalid/"}, "http"),
        ({"url": "http://user:word@example.invalid/"}, "不含用户名"),
        ({"secret": "short"}, "16至200个字符"),
        ({"types": ("NoSuchEvent",)}, "没有名为"),
        ({"types": ()}, "至少选择一种"),
    ],
)
def test_a_receiver_that_makes_no_sense_is_refused(engine: Engine, changes: Any, match: str) -> None:
    fields = {"url": URL, "secret": "0123456789abcdef", "types": ("DeadlineSet",), **changes}
    with pytest.raises(InvalidInput, match=match):
        engine.handle(c.RegisterWebhook(actor=None, **fields))


# Over a real socket


@pytest.fixture
def web() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(307 if self.path == "/elsewhere" else 204)
            self.send_header("Location", "/hook")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_receiver_can_check_who_sent_it(desk: Desk, engine: Engine, web: Any) -> None:
    address, got = web
    register(engine, f"{address}/hook")
    at_once(deliver(desk, 1))
    assert engine.postman.run() == 1

    [(headers, body)] = got
    signed = headers["X-Shixian-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"0123456789abcdef", signed, hashlib.sha256).hexdigest()
    assert headers["X-Shixian-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"]
    assert json.loads(body)["type"] == "DeadlineSet"


def test_a_receiver_that_points_elsewhere_is_not_followed(desk: Desk, engine: Engine, web: Any) -> None:
    address, got = web
    register(engine, f"{address}/elsewhere")
    at_once(deliver(desk, 1))

    assert engine.postman.run() == 0
    assert len(got) == 1


def test_mail_names_its_id_and_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Server:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            assert (host, port) == ("127.0.0.1", 2525)

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: Any) -> None:
            pass

        def send_message(self, message: Any) -> None:
            sent.append(message)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    payload = {"subject": "期限提醒", "text": "答复期限将于2026年6月15日届满。"}
    MailTransport("smtp://127.0.0.1:2525?from=shixian@example.invalid")(
        Letter(1, "jb@example.invalid", "5-7-9", payload, 0)
    )

    assert sent[0]["Message-ID"] == "<5-7-9@shixian>"
    assert sent[0]["Subject"] == "期限提醒"
    assert sent[0].get_content().strip() == "答复期限将于2026年6月15日届满。"


@pytest.mark.parametrize("url", ["smtp://host", "http://host?from=a@b", "smtp:///?from=a@b"])
def test_a_mail_server_that_is_none_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="SHIXIAN_SMTP"):
        MailTransport(url)
