"""Robots of group chats: each maker's own JSON and signature, nothing personal in the text, twenty a minute."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidInput, NotAllowed
from engine.outbox import Letter, Postman, RobotTransport
from engine.robots import fault, request
from engine.storage.tables import event, organisation, outbox, process_instance, robot
from tests.conftest import at_once, beijing
from tests.processes.office import administrators, case, wait_until

AT = datetime(2026, 6, 8, 2, 0, tzinfo=UTC)  # 1780884000 s
SECRET = "SECdemo"


class Answers:
    """A receiver on a loopback port: what it got, and what it says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.says: bytes = b'{"errcode":0,"errmsg":"ok"}'
        self.address = ""


@pytest.fixture
def receiver() -> Iterator[Answers]:
    found = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(found.says)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def register(
    engine: Engine,
    org_key: int,
    url: str,
    kind: str = "wecom",
    kinds: tuple[str, ...] = ("reminder",),
    secret: str = "",
) -> int:
    with engine.database.reading() as conn:
        code = conn.execute(select(organisation.c.code).where(organisation.c.key == org_key)).scalar_one()
    command = c.RegisterRobot(
        actor=None, org_code=code, name="值班群", kind=kind, url=url, secret=secret, kinds=kinds
    )
    return int(engine.handle(command)["robot_key"])


def carry(engine: Engine, base_url: str = "") -> Postman:
    robots = RobotTransport(engine.database, FixedClock(AT), base_url)
    return Postman(engine.database, engine.writer.write, engine.clock, {"robot": robots})


# The makers' shapes


def test_wecom_takes_a_text() -> None:
    assert request("wecom", "https://qy.example.invalid/send?key=1", "", "时限", AT) == (
        "https://qy.example.invalid/send?key=1",
        {"msgtype": "text", "text": {"content": "时限"}},
    )


def test_dingtalk_signs_in_the_address() -> None:
    url, body = request(
        "dingtalk", "https://oapi.example.invalid/robot/send?access_token=1", SECRET, "时限", AT
    )

    query = parse_qs(urlsplit(url).query)
    assert query["timestamp"] == ["1780884000000"]
    signed = hmac.new(SECRET.encode(), f"1780884000000\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(signed).decode()]
    assert body == {"msgtype": "text", "text": {"content": "时限"}, "at": {"isAtAll": False}}


def test_feishu_signs_in_the_body_with_the_text_as_the_key() -> None:
    url, body = request("feishu", "https://open.example.invalid/hook/1", SECRET, "时限", AT)

    signed = hmac.new(f"1780884000\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert url == "https://open.example.invalid/hook/1"
    assert body == {
        "timestamp": "1780884000",
        "sign": base64.b64encode(signed).decode(),
        "msg_type": "text",
        "content": {"text": "时限"},
    }


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_without_a_secret_nothing_is_signed(kind: str) -> None:
    url, body = request(kind, "https://robot.example.invalid/1", "", "时限", AT)

    assert "sign" not in url and "sign" not in body


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', None),
        (b'{"code":0,"msg":"success","StatusCode":0}', None),
        (b'{"StatusCode":0,"StatusMessage":"success"}', None),
        (b'{"errcode":45009,"errmsg":"api freq out of limit"}', "code 45009: api freq out of limit"),
        (b'{"code":19021,"msg":"sign match fail"}', "code 19021: sign match fail"),
        (b"{}", "code None: "),
        (b"<html>", "expected JSON, found something else"),
        (b"[]", "expected an object"),
    ],
)
def test_an_answer_is_a_failure_unless_its_code_is_0(answer: bytes, complaint: str | None) -> None:
    assert fault(answer) == complaint


# By the way of a notice


def test_a_reminder_reaches_the_departments_group_with_number_step_and_day_only(
    desk: Desk, engine: Engine, receiver: Answers
) -> None:
    row = case(desk, at_once(deliver(desk, 1)))
    register(engine, row.providing_key, f"{receiver.address}/hook")
    wait_until(desk, beijing("2026-06-12T10:00"))
    carry(engine, "https://shixian.example.invalid").run()

    [(path, body)] = receiver.got
    assert path == "/hook"
    text = body["text"]["content"]
    assert text == (
        f"【时限】期限提醒：{row.business_id}“接收与形式检查”，答复期限2026年6月15日届满。"
        f" https://shixian.example.invalid/cases/{row.key}"
    )
    assert row.title not in text


def test_the_other_side_is_told_nothing_of_it(desk: Desk, engine: Engine, receiver: Answers) -> None:
    row = case(desk, at_once(deliver(desk, 1)))
    register(engine, row.using_key, f"{receiver.address}/hook")
    wait_until(desk, beijing("2026-06-12T10:00"))

    assert carry(engine).run() == 0


def test_of_a_withheld_case_a_group_is_not_even_told_the_number(
    desk: Desk, engine: Engine, receiver: Answers
) -> None:
    row = case(desk, at_once(deliver(desk, 1)))
    register(engine, row.providing_key, f"{receiver.address}/hook")
    with engine.database.writing() as conn:
        conn.execute(process_instance.update().values(withheld_key=row.using_key))
    wait_until(desk, beijing("2026-06-12T10:00"))

    assert carry(engine).run() == 0


def test_a_refusal_in_the_answer_is_tried_again_under_the_same_id(
    desk: Desk, engine: Engine, receiver: Answers
) -> None:
    row = case(desk, at_once(deliver(desk, 1)))
    register(engine, row.providing_key, f"{receiver.address}/hook", "feishu", secret=SECRET)
    wait_until(desk, beijing("2026-06-12T10:00"))
    postman = carry(engine)
    receiver.says = b'{"code":19021,"msg":"sign match fail"}'
    assert postman.run() == 0
    with engine.database.reading() as conn:
        [waiting] = conn.execute(select(outbox).where(outbox.c.channel == "robot")).all()
    assert waiting.last_error == "OSError: code 19021: sign match fail"

    receiver.says = b'{"code":0,"msg":"success"}'
    wait_until(desk, beijing("2026-06-12T10:01"))
    assert postman.run() == 1
    assert receiver.got[0][1]["content"] == receiver.got[1][1]["content"]


def test_a_robot_says_twenty_lines_a_minute_and_holds_nobody_up(
    desk: Desk, engine: Engine, receiver: Answers
) -> None:
    org = desk.engine.accounts.actor_named("gat.jb").org_key
    busy = register(engine, org, f"{receiver.address}/busy")
    other = register(engine, org, f"{receiver.address}/other")
    for _ in range(25):
        engine.handle(c.TryRobot(actor=None, robot_key=busy))
    engine.handle(c.TryRobot(actor=None, robot_key=other))
    postman = carry(engine)

    assert postman.run() == 21
    assert [path for path, _ in receiver.got].count("/other") == 1
    assert postman.run() == 0
    wait_until(desk, engine.clock.now() + timedelta(seconds=61))
    assert postman.run() == 5


def test_a_removed_robot_says_nothing_more(desk: Desk, engine: Engine, receiver: Answers) -> None:
    org = desk.engine.accounts.actor_named("gat.jb").org_key
    key = register(engine, org, f"{receiver.address}/hook")
    engine.handle(c.TryRobot(actor=None, robot_key=key))
    engine.handle(c.RemoveRobot(actor=None, robot_key=key))

    assert carry(engine).run() == 0
    register(engine, org, f"{receiver.address}/hook")


def test_the_history_and_the_outbox_hold_no_key_of_a_robot(desk: Desk, engine: Engine) -> None:
    org = desk.engine.accounts.actor_named("gat.jb").org_key
    key = register(engine, org, "https://robot.example.invalid/send?key=geheim", "dingtalk", secret=SECRET)
    engine.handle(c.TryRobot(actor=None, robot_key=key))

    with engine.database.reading() as conn:
        bodies = conn.execute(select(event.c.body)).scalars().all()
        letters = conn.execute(select(outbox)).all()
        assert conn.execute(select(robot.c.secret)).scalar_one() == SECRET
    assert not any(b"geheim" in body or SECRET.encode() in body for body in bodies)
    assert "geheim" not in str(letters) and SECRET not in str(letters)


def test_what_was_given_up_is_tried_again_when_an_administrator_says_so(desk: Desk, engine: Engine) -> None:
    org = desk.engine.accounts.actor_named("gat.jb").org_key
    key = register(engine, org, "https://robot.example.invalid/1")
    engine.handle(c.TryRobot(actor=None, robot_key=key))
    with engine.database.writing() as conn:
        conn.execute(outbox.update().values(attempts=40, not_before=engine.clock.now() + timedelta(hours=4)))
    got: list[Letter] = []
    postman = Postman(engine.database, engine.writer.write, engine.clock, {"robot": got.append})
    assert postman.run() == 0

    engine.handle(c.RetryLetters(actor=None, channel="robot", target=str(key)))
    assert postman.run() == 1


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"kind": "pager"}, "选择机器人的类型"),
        ({"name": " "}, "填写名称"),
        ({"kinds": ()}, "至少选择一类"),
        ({"kinds": ("nonsense",)}, "至少选择一类"),
        ({"url": "ftp://robot.example.invalid"}, "http"),
        ({"url": "https://u:p@robot.example.invalid"}, "不含用户名"),
        ({"kind": "wecom", "secret": "s"}, "不设密钥"),
    ],
)
def test_a_robot_that_makes_no_sense_is_refused(engine: Engine, changes: Any, match: str) -> None:
    with engine.database.reading() as conn:
        code = conn.execute(select(organisation.c.code).limit(1)).scalar_one()
    fields = {
        "org_code": code,
        "name": "值班群",
        "kind": "dingtalk",
        "url": "https://robot.example.invalid",
        "secret": "",
        "kinds": ("reminder",),
        **changes,
    }
    with pytest.raises(InvalidInput, match=match):
        engine.handle(c.RegisterRobot(actor=None, **fields))


def test_only_an_administrator_enters_robots(desk: Desk, engine: Engine) -> None:
    fields: dict[str, Any] = {
        "org_code": "x",
        "name": "值班群",
        "kind": "wecom",
        "url": "https://robot.example.invalid",
        "secret": "",
        "kinds": ("reminder",),
    }
    with pytest.raises(NotAllowed):
        engine.handle(c.RegisterRobot(actor=engine.accounts.actor_named("gat.jb"), **fields))
    first, _ = administrators(desk)
    with pytest.raises(InvalidInput):
        engine.handle(c.RegisterRobot(actor=first, **{**fields, "kinds": ()}))
