"""The pages of notices: found by kind, marked by hand, and the reader's own choices."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.outbox import Letter, Postman
from engine.storage.tables import contact, notice, organisation, outbox, robot
from tests.conftest import at_once, beijing
from tests.processes.office import case, task, wait_until
from tests.web.conftest import Browser

SignIn = Callable[[str], Browser]


def html(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.data.decode())


@pytest.fixture
def reminded(desk: Desk) -> int:
    """A case whose provider, rst.jb, was reminded twice and told that it is late to nobody."""
    key = int(at_once(deliver(desk, 1)))
    assert desk.actor(case(desk, key).providing_key, "handler").username == "rst.jb"
    wait_until(desk, beijing("2026-06-15T10:00"))
    return key


def test_a_notice_stays_unread_until_its_reader_says_so(
    desk: Desk, engine: Engine, reminded: int, signed_in: SignIn
) -> None:
    reader = signed_in("rst.jb")
    unread = html(reader.get("/notices")).count("标为已读</button>")
    assert html(reader.get("/notices")).count("标为已读</button>") == unread  # looking is not reading

    with engine.database.reading() as conn:
        me = engine.accounts.actor_named("rst.jb").user_key
        key = conn.execute(select(notice.c.key).where(notice.c.user_key == me).limit(1)).scalar_one()
    answer = reader.post("/notices/read", {"key": key, "next": "/notices?unread=1"})
    assert answer.location == "/notices?unread=1"
    assert html(reader.get("/notices")).count("标为已读</button>") == unread - 1

    reader.post("/notices/read")
    assert "没有未读消息" in html(reader.get("/notices?unread=1"))


def test_nobody_marks_anothers_notice(engine: Engine, reminded: int, signed_in: SignIn) -> None:
    with engine.database.reading() as conn:
        me = engine.accounts.actor_named("rst.jb").user_key
        key = conn.execute(select(notice.c.key).where(notice.c.user_key == me).limit(1)).scalar_one()
    signed_in("gat.jb").post("/notices/read", {"key": key})

    with engine.database.reading() as conn:
        assert conn.execute(select(notice.c.read_at).where(notice.c.key == key)).scalar_one() is None


def test_the_list_is_narrowed_by_kind_and_leads_to_the_task(
    desk: Desk, reminded: int, signed_in: SignIn
) -> None:
    reader = signed_in("rst.jb")
    page = html(reader.get("/notices?kind=reminder"))
    assert page.count("期限提醒：") == 2
    assert f'href="/tasks/{task(desk, reminded, "T12-04").key}"' in page
    assert "没有这一类消息" in html(reader.get("/notices?kind=talk"))
    assert html(reader.get("/notices?kind=nonsense&after=x~y"))


def test_pages_follow_each_other_without_gaps(
    engine: Engine, reminded: int, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.queries.notices.PAGE", 1)
    reader, seen, path = signed_in("rst.jb"), 0, "/notices?kind=reminder"
    while path:
        page = html(reader.get(path))
        seen += page.count("期限提醒：")
        found = re.search(r'href="([^"]+)">下一页', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == 2


def test_choices_are_kept_and_shown(signed_in: SignIn) -> None:
    reader = signed_in("gat.jb")
    assert 'id="task-digest" value="digest" checked' in html(reader.get("/settings/notices"))
    assert reader.post("/settings/notices", {"mail.task": "now", "mail.reminder": "none"}).status_code == 302

    page = html(reader.get("/settings/notices"))
    assert 'id="task-now" value="now" checked' in page
    assert 'id="reminder-none" value="none" checked' in page
    assert reader.post("/settings/notices", {"mail.task": "pigeon"}).status_code == 422


def test_an_address_is_entered_with_the_code_that_came_to_it(engine: Engine, signed_in: SignIn) -> None:
    reader = signed_in("gat.jb")
    reader.get("/settings/notices")
    assert reader.post("/settings/notices/email", {"email": "nonsense"}).status_code == 422
    assert reader.post("/settings/notices/email", {"email": "gat@example.invalid"}).status_code == 302
    with engine.database.reading() as conn:
        [letter] = conn.execute(select(outbox)).all()
    code = re.search(r"\d{8}", letter.payload["text"])
    assert code is not None

    wrong = reader.post("/settings/notices/email/confirmation", {"code": "1"})
    assert wrong.status_code == 422 and "还可以再试4次" in wrong.data.decode()
    assert reader.post("/settings/notices/email/confirmation", {"code": code[0]}).status_code == 302
    assert "gat@example.invalid" in html(reader.get("/settings/notices"))

    reader.post("/settings/notices/email/removal")
    with engine.database.reading() as conn:
        assert conn.execute(select(contact)).all() == []


def test_administrators_enter_try_and_remove_robots(engine: Engine, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    page = html(admin.get("/settings/robots"))
    code = re.search(r'<option value="([0-9A-Z]{18})"', page)
    assert code is not None
    fields = {
        "org": code[1],
        "name": "值班群",
        "kind": "feishu",
        "url": "https://robot.example.invalid/hook/geheim",
        "secret": "SECdemo",
        "kinds": ["reminder", "urge"],
    }
    assert admin.post("/settings/robots", {**fields, "url": "ftp://x"}).status_code == 422
    assert admin.post("/settings/robots", fields).status_code == 302
    page = html(admin.get("/settings/robots"))
    assert "值班群" in page and "geheim" not in page and "SECdemo" not in page

    with engine.database.reading() as conn:
        key = conn.execute(select(robot.c.key)).scalar_one()
    admin.post(f"/settings/robots/{key}/trial")
    assert "1封待发" in html(admin.get("/settings/robots"))
    assert admin.post("/settings/robots/retry", {"channel": "robot", "target": key}).status_code == 302
    admin.post(f"/settings/robots/{key}/removal")
    assert "值班群" not in html(admin.get("/settings/robots"))


def test_the_page_of_robots_is_for_administrators(signed_in: SignIn) -> None:
    handler = signed_in("gat.jb")
    assert handler.get("/settings/robots").status_code == 403
    assert handler.post("/settings/robots", {"name": "x"}).status_code == 403
    assert handler.post("/settings/robots/1/removal").status_code == 403
    assert handler.post("/settings/robots/retry", {"channel": "mail"}).status_code == 403
    assert "/settings/robots" not in html(handler.get("/settings/notices"))


def test_the_api_enters_and_lists_robots(engine: Engine, call: Any) -> None:
    with engine.database.reading() as conn:
        code = conn.execute(select(organisation.c.code).limit(1)).scalar_one()
    given = {
        "organisation": code,
        "name": "值班群",
        "kind": "dingtalk",
        "url": "https://robot.example.invalid/send?access_token=geheim",
        "secret": "SECdemo",
        "kinds": ["reminder"],
    }
    made = call("POST", "/v2/robots", "admin", json=given)
    assert made.status_code == 201
    assert call("POST", "/v2/robots", "gat.jb", json=given).status_code == 403

    listed = call("GET", "/v2/robots", "admin")
    assert listed.json["items"][0]["name"] == "值班群"
    assert b"geheim" not in listed.data and b"SECdemo" not in listed.data
    assert call("DELETE", f"/v2/robots/{made.json['robotKey']}", "admin").status_code == 204


def test_a_dead_mail_server_holds_nothing_up_and_administrators_see_it(
    desk: Desk, engine: Engine, signed_in: SignIn
) -> None:
    def down(letter: Letter) -> None:
        raise OSError("no answer from the mail server")

    key = int(at_once(deliver(desk, 1)))
    provider = desk.actor(case(desk, key).providing_key, "handler")
    with engine.database.writing() as conn:
        conn.execute(contact.insert(), {"user_key": provider.user_key, "email": "jb@example.invalid"})
    wait_until(desk, beijing("2026-06-15T10:00"))
    postman = Postman(engine.database, engine.writer.write, engine.clock, {"mail": down})
    assert postman.run() == 0

    desk.do(key, "T12-04", {"check_result": "accept"})
    admin = signed_in("admin")
    page = html(admin.get("/settings/robots"))
    assert re.search(r"[1-9]\d*封待发", page) and "no answer from the mail server" in page

    admin.post("/settings/robots/retry", {"channel": "mail"})
    got: list[Letter] = []
    Postman(engine.database, engine.writer.write, engine.clock, {"mail": got.append}).run()
    assert got
    assert "没有待发" in html(admin.get("/settings/robots"))
