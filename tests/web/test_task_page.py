"""The task page: one view, drafts of two open pages, what will happen, the next task, files, talk, its state."""

import io
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, render_template_string

from engine.demo.cases import Desk, begin, deliver
from engine.errors import Message
from tests.conftest import at_once
from tests.processes.office import case, limits, open_tasks, task, trail

SignIn = Callable[[str], Any]
JSON = {"Accept": "application/json"}


@pytest.fixture
def key(desk: Desk) -> int:
    return int(at_once(deliver(desk, 1)))


@pytest.fixture
def client(signed_in: SignIn, desk: Desk, key: int) -> Any:
    return signed_in(desk.actor(case(desk, key).providing_key, "handler").username)


@pytest.fixture
def path(desk: Desk, key: int) -> str:
    return f"/tasks/{task(desk, key, 'T12-04').key}"


def save(client: Any, path: str, version: int, **values: str) -> Any:
    data = {"csrf": client.csrf, "draft_version": version, **values}
    return client.client.post(f"{path}/draft", data=data, headers=JSON)


# One view


def test_the_page_holds_form_and_all_parts_without_a_script(client: Any, path: str) -> None:
    html = client.get(path).get_data(as_text=True)

    for panel in "summary deadlines diagram documents attachments forms history comments".split():
        assert f'id="panel-{panel}"' in html
    assert "逐日依据" in html
    assert 'class="action-bar"' in html and "提交并办下一件" in html
    assert "style=" not in html and "onclick" not in html


def test_a_pane_is_the_page_without_head_and_navigation(client: Any, path: str) -> None:
    html = client.client.get(path, headers={"X-Shixian-Part": "true"}).get_data(as_text=True)

    assert "<html" not in html and "<nav" not in html
    assert 'data-title="' in html and 'id="task-form"' in html


@pytest.mark.parametrize("part", ["diagram", "history", "comments"])
def test_parts_come_alone_and_only_to_those_who_may_see_the_case(
    client: Any, path: str, signed_in: SignIn, part: str
) -> None:
    answer = client.client.get(f"{path}/{part}", headers={"X-Shixian-Part": "true"})
    assert answer.status_code == 200 and b"<html" not in answer.data

    assert signed_in("designer").get(f"{path}/{part}").status_code == 404


def test_the_diagram_marks_where_the_case_stands(client: Any, path: str) -> None:
    html = client.get(f"{path}/diagram").get_data(as_text=True)

    assert re.search(r'data-tokens="[^"]*T12-04', html)
    assert re.search(r'data-passed="[^"]*T12-02', html)


# Drafts


def test_of_two_open_pages_the_later_one_is_told_and_overwrites_nothing(
    client: Any, path: str, desk: Desk
) -> None:
    client.get(path)
    first = save(client, path, 0, check_result="not_ours", return_reason="先写的理由")
    second = save(client, path, 0, check_result="not_ours", return_reason="后写的理由")

    assert first.json["version"] == 1 and re.fullmatch(r"\d\d:\d\d", first.json["at"])
    assert second.status_code == 409
    assert second.json["version"] == 1
    assert "先写的理由" in second.json["html"] and "后写的理由" in second.json["html"]
    assert "先写的理由" in client.get(path).get_data(as_text=True)


def test_whoever_chooses_their_own_draft_keeps_it(client: Any, path: str) -> None:
    client.get(path)
    save(client, path, 0, check_result="not_ours", return_reason="先写的理由")

    kept = save(client, path, 1, check_result="not_ours", return_reason="后写的理由")

    assert kept.json["version"] == 2
    assert "后写的理由" in client.get(path).get_data(as_text=True)


def test_the_same_words_saved_twice_are_no_conflict(client: Any, path: str) -> None:
    client.get(path)
    save(client, path, 0, return_reason="同样的话")

    assert save(client, path, 0, return_reason="同样的话").json["version"] == 1


def test_without_a_script_a_conflict_shows_both_and_keeps_what_was_typed(client: Any, path: str) -> None:
    client.get(path)
    save(client, path, 0, check_result="not_ours", return_reason="先写的理由")

    answer = client.post(
        f"{path}/draft", {"draft_version": "0", "check_result": "not_ours", "return_reason": "后写的理由"}
    )
    html = answer.get_data(as_text=True)

    assert answer.status_code == 409
    assert "草稿有两份" in html and "先写的理由" in html
    assert re.search(r"<textarea[^>]*>后写的理由", html)
    assert 'name="draft_version" value="1"' in html


def test_a_draft_of_who_is_signed_out_is_led_back_to_the_form(app: Flask, client: Any, path: str) -> None:
    client.get(path)
    client.client.delete_cookie("shixian_session")

    answer = client.post(f"{path}/draft", {"return_reason": "不能丢"})

    assert answer.status_code == 302
    assert f"next={path}" in answer.location.replace("%2F", "/")


# What will happen


def test_the_page_says_what_handing_in_will_do_and_nothing_is_written(
    client: Any, path: str, desk: Desk, key: int
) -> None:
    before = trail(desk, key)
    client.get(path)

    answer = client.post(
        f"{path}/effects",
        {
            "check_result": "supplement",
            "supplement_list.0.field": "duty_basis",
            "supplement_list.0.demand": "请写明所依据法律法规的具体条款项。",
        },
    )
    html = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert "data-binding" in html and "补正期限" in html and "到期" in html
    assert trail(desk, key) == before and "T12-04" in open_tasks(desk, key)


def test_an_unfinished_form_is_told_how_much_is_missing(client: Any, path: str) -> None:
    client.get(path)
    answer = client.post(f"{path}/effects", {"check_result": "not_ours"})

    assert answer.status_code == 422
    assert "还有1处需要填写" in answer.get_data(as_text=True)


def test_the_api_foresees_in_both_languages(
    call: Callable[..., Any], client: Any, path: str, desk: Desk, key: int
) -> None:
    who = desk.actor(case(desk, key).providing_key, "handler").username
    where = f"/v2/user-{path.strip('/')}/effects"

    answer = call("POST", where, who, json={"variables": {"check_result": "accept"}})
    faulty = call("POST", where, who, json={"variables": {"check_result": "not_ours"}})

    assert answer.status_code == 200
    assert all(x["zh"] and x["en"] and x["kind"] for x in answer.json["effects"])
    assert (faulty.status_code, "return_reason" in faulty.json["errors"]) == (422, True)


# The next task


def due(desk: Desk, key: int) -> Any:
    """Return when the reply is due."""
    return limits(desk, key, "TM12-1")[0].due_at


def test_after_a_task_the_next_one_opens_in_due_order_then_the_inbox(
    signed_in: SignIn, desk: Desk, key: int
) -> None:
    org = case(desk, key).providing_key
    client = signed_in(desk.actor(org, "handler").username)
    same = (int(at_once(deliver(desk, n))) for n in range(2, 60))
    keys = [key, *itertools.islice((k for k in same if case(desk, k).providing_key == org), 2)]
    first, second, third = sorted(
        (task(desk, k, "T12-04") for k in keys), key=lambda t: (due(desk, t.instance_key), t.key)
    )
    client.get(f"/tasks/{first.key}")
    for row in (third, second, first):
        client.post(f"/tasks/{row.key}/do/claim")

    places = [
        client.post(f"/tasks/{row.key}/complete", {"check_result": "accept", "next": "1"}).location
        for row in (first, second, third)
    ]

    assert [place.partition("?")[0] for place in places] == [
        f"/tasks/{second.key}",
        f"/tasks/{third.key}",
        "/",
    ]
    assert places[2] == "/?box=mine&finished=1"


# Files


def test_a_file_is_uploaded_while_the_form_is_filled_in_and_named_with_its_hash(
    signed_in: SignIn, desk: Desk
) -> None:
    key = begin(desk, 1)
    client = signed_in(desk.actor(case(desk, key).using_key, "handler").username)
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)
    png = b"\x89PNG\r\n\x1a\n"

    good = client.post(f"{path}/attachments", {"file": (io.BytesIO(png), "现场图.png")})
    bad = client.post(f"{path}/attachments", {"file": (io.BytesIO(png), "函.pdf")})
    [stored] = good.json["attachments"]
    html = client.get(path).get_data(as_text=True)
    shown = client.get(f"/attachments/{stored['key']}/view")

    assert good.status_code == 201 and len(stored["sha256"]) == 64
    assert bad.status_code == 422 and "应为pdf文件，实为png文件" in bad.json["errors"][0]
    assert stored["sha256"] in html and "已上传，尚未提交" in html
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Content-Disposition"].startswith("inline")


def test_a_file_that_no_browser_shows_safely_is_a_download(signed_in: SignIn, desk: Desk) -> None:
    from tests.engine.test_attachments import DOCX

    key = begin(desk, 1)
    client = signed_in(desk.actor(case(desk, key).using_key, "handler").username)
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)
    [stored] = client.post(f"{path}/attachments", {"file": (io.BytesIO(DOCX), "函.docx")}).json["attachments"]

    shown = client.get(f"/attachments/{stored['key']}/view")

    assert shown.headers["Content-Type"] == "application/octet-stream"
    assert shown.headers["Content-Disposition"].startswith("attachment")


# Talk and state


def test_a_comment_stands_in_the_tab_and_its_text_is_no_markup(client: Any, path: str) -> None:
    client.get(path)
    client.post(f"{path}/comments", {"text": "<b>请核对</b>"})
    html = client.get(f"{path}/comments").get_data(as_text=True)

    assert "&lt;b&gt;请核对&lt;/b&gt;" in html


def test_the_state_names_who_took_the_task(
    signed_in: SignIn, client: Any, path: str, desk: Desk, key: int
) -> None:
    assert client.get(f"{path}/state").json == {
        "state": "open",
        "assignee_name": None,
        "mine": False,
        "ended_by": None,
    }
    client.get(path)
    client.post(f"{path}/do/claim")
    assert client.get(f"{path}/state").json["mine"] is True

    client.post(f"{path}/complete", {"check_result": "accept"})
    assert client.get(f"{path}/state").json["state"] == "completed"
    assert client.get(f"{path}/state").json["ended_by"]


# Verbs


@dataclass(frozen=True)
class Offered:
    code: str
    name: Message
    effect: Message
    needs: frozenset[str] = frozenset()
    people: tuple[Any, ...] = ()
    steps: tuple[Any, ...] = ()
    grounds: tuple[Any, ...] = ()
    danger: bool = False
    wants_text: bool = False
    primary: bool = False


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    hint: Message


def test_each_verb_says_what_it_does_and_asks_what_it_needs(app: Flask) -> None:
    verbs = [
        Offered("delegate", Message("委派", "Delegate"), Message("办好后交回您，期限照常计算。", "…"), primary=True,
                needs=frozenset({"person", "reason"}), people=(Person("gat.b", "王示例", Message("经办人", "handler")),)),
        Offered("void", Message("作废", "Void"), Message("事项作废，期限停止。", "…"), danger=True,
                needs=frozenset({"reason"})),
    ]  # fmt: skip
    with app.test_request_context("/"):
        source = (
            '{% from "_verbs.html" import verb_buttons with context %}{{ verb_buttons(verbs, "tasks", 7) }}'
        )
        html = render_template_string(source, verbs=verbs, command_id="x")

    assert 'action="/tasks/7/do/delegate"' in html and 'action="/tasks/7/do/void"' in html
    assert "办好后交回您，期限照常计算。" in html and "王示例（经办人）" in html
    assert html.index("更多操作") < html.index("作废")
    assert "btn-danger" in html and html.count('name="reason"') == 2
