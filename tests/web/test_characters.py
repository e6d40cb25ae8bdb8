"""Odd characters and numbers at every door: a clean answer, never a fault, whatever the database."""

import base64
import inspect
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine import commands as c
from engine.app import Engine
from engine.characters import Unstorable
from engine.demo.cases import Desk, deliver
from engine.demo.seed import DEMO_PASSWORD
from engine.errors import InvalidInput
from engine.queries import search
from tests.conftest import at_once
from tests.processes.office import case, open_tasks, task, trail

WEB = Path(__file__).parents[2] / "web"
ODD = {
    "NUL": "省\0厅",
    "half a pair": "\ud800",
    "no characters": "\ufffe\u202e\uffff",
    "long": "字" * 20_000,
    "quotes": "%_\\'\"",
}
_FILTERS = [*re.findall(r'"(\w+)": [tidx]\.', inspect.getsource(search)), "assignee"]


def names(pattern: str) -> list[str]:
    """Return the names under which the pages and the API take a text, from their own sources."""
    sources = "".join(path.read_text() for path in WEB.rglob("*.py"))
    return sorted(set(re.findall(pattern, sources)))


ARGS = [*names(r'request\.args\.get\("(\w+)"'), "receivedAt", "finishBy", "first", "last", "asOf"]
FIELDS = names(r'(?:request\.)?form\.(?:get|getlist)\("([\w.]+)"')


def path_of(rule: Rule, key: int, odd: str) -> str:
    texts = re.sub(r"<int:\w+>", str(key), rule.rule)
    texts = re.sub(r"<any\((\w+).*?\):\w+>", r"\1", texts)
    return re.sub(r"<\w+>", lambda _: quote(odd[:100], errors="surrogatepass"), texts)


def query(odd: str) -> dict[str, bytes]:
    """Return the text under every name; a long one only where it is searched for, since reading it takes a while."""
    return {name: odd.encode(errors="surrogatepass") for name in ARGS if len(odd) < 1000 or name == "q"}


def bodies(view: Callable[..., Any], odd: str) -> Iterator[Any]:
    """Yield bodies that hold the text in each place where the route would take one."""
    source = inspect.getsource(view)
    if "search()" in source:
        for name in _FILTERS:
            yield {"filter": {name: {"$in": [odd]}}}
        yield {"filter": {odd: "x"}}
        yield {"page": {"limit": odd}}
    found = re.search(r"body\(([^)]*)\)", source)
    fields = re.findall(r'"(\w+)"', found[1]) if found else []
    filled = {"url": "https://example.org/x", "secret": "s" * 20, "types": ["InstanceStarted"]}
    for name in fields:
        for value in (odd, [odd], {odd: "a"}):
            yield {**{k: filled.get(k, "x") for k in fields}, name: value}


@pytest.fixture
def key(desk: Desk) -> int:
    found = int(at_once(deliver(desk, 1)))
    return task(desk, found, "T12-04").key


def headers(username: str = "admin") -> dict[str, str]:
    basic = base64.b64encode(f"{username}:{DEMO_PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {basic}"}


def test_no_route_of_the_api_fails_on_odd_characters(app: Flask, key: int) -> None:
    failed = [fault for odd in ODD.values() for fault in _faults_of_the_api(app, key, odd)]

    assert failed == []


def _faults_of_the_api(app: Flask, key: int, odd: str) -> list[Any]:
    client, asked = app.test_client(), 0
    failed: list[Any] = []
    token = client.post("/v2/token", json={"username": "admin", "password": DEMO_PASSWORD}).json
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/v2/"):
            continue
        path, view = path_of(rule, key, odd), app.view_functions[rule.endpoint]
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}:
            sent: list[dict[str, Any]] = [{"query_string": query(odd)}]
            sent += [{"json": body} for body in bodies(view, odd)] if method in ("POST", "PUT") else []
            if path.endswith("/attachments"):
                sent.append(
                    {
                        "data": {
                            "files": (BytesIO(b"%PDF-1.4"), f"{odd}.pdf".encode("utf-8", "replace").decode())
                        }
                    }
                )
            for request in sent:
                answer = client.open(path, method=method, headers=bearer, **request)
                asked += 1
                if answer.status_code >= 500:
                    failed.append((method, path[:60], str(request)[:200], answer.json))
    assert asked > 100
    return failed


def test_no_page_fails_on_odd_characters(app: Flask, signed_in: Any, key: int) -> None:
    browser = signed_in("admin")

    failed = [fault for odd in ODD.values() for fault in _faults_of_pages(app, browser, key, odd)]

    assert failed == []


def _faults_of_pages(app: Flask, browser: Any, key: int, odd: str) -> list[Any]:
    failed: list[Any] = []
    asked = 0
    text = odd.encode(errors="surrogatepass")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/v2/", "/static/")) or rule.endpoint == "account.sign_out":
            continue
        path = path_of(rule, key, odd)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            if method == "GET":
                answer = browser.client.get(path, query_string=query(odd))
            else:
                filled = {name: text for name in FIELDS} | {"csrf": browser.csrf}
                answer = browser.client.post(path, data=filled)
            asked += 1
            if answer.status_code >= 500:
                failed.append((method, path[:60], answer.status_code))
    assert asked > 40
    return failed


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"filter": {"state": NaN}}', id="NaN"),
        pytest.param(b'{"filter": {"userTaskKey": 1e999}}', id="infinite"),
        pytest.param(b'{"filter": {"userTaskKey": ' + b"9" * 5000 + b"}}", id="huge number"),
        pytest.param(b'{"filter": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="deep"),
        pytest.param(b'{"filter": {"state": "\\ud800"}}', id="half a pair"),
        pytest.param(b'{"filter": {"state": "\xed\xa0\x80"}}', id="half a pair, raw"),
        pytest.param(b'{"filter": {"state": "\xff"}}', id="no UTF-8"),
        pytest.param(b'{"filter": {"state": "\\u0000"}}', id="NUL"),
        pytest.param("{}".encode("utf-16"), id="UTF-16"),
    ],
)
def test_json_that_no_database_could_keep_is_refused(app: Flask, content: bytes) -> None:
    answer = app.test_client().post(
        "/v2/user-tasks/search", data=content, content_type="application/json", headers=headers()
    )

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("odd", [pytest.param("\0", id="NUL"), pytest.param("\ud800", id="surrogate")])
def test_a_draft_an_assignee_a_name_or_an_id_with_it_is_refused_and_nothing_is_written(
    desk: Desk, engine: Engine, key: int, odd: str
) -> None:
    instance = _instance(desk, key)
    who = desk.actor(case(desk, instance).providing_key, "handler")
    before, waiting = trail(desk, instance), open_tasks(desk, instance)

    for command in (
        c.SaveDraft(actor=who, task_key=key, values={"return_reason": f"不{odd}属"}),
        c.SaveDraft(actor=who, task_key=key, values={"rows": [{odd: 1}]}),
        c.AssignTask(actor=who, task_key=key, assignee=odd),
        c.StoreAttachments(actor=who, task_key=key, files=((f"依据{odd}.pdf", b"%PDF-1.4"),)),
        c.ClaimTask(actor=who, task_key=key, id=f"id{odd}"),
        c.SendMessage(actor=who, instance_key=instance, element_id="ES12-W", values={"reason": odd * 9}),
        c.RegisterWebhook(actor=who, url=f"https://example.org/{odd}", secret="s" * 20, types=("x",)),
        c.RenameOrganisation(actor=None, code="x", name=odd, valid_from="2026-06-08", doc_no=odd),
    ):
        with pytest.raises(Unstorable, match="无法保存的字符"):
            engine.handle(command)

    assert (trail(desk, instance), open_tasks(desk, instance)) == (before, waiting)


def test_numbers_and_levels_beyond_what_json_can_carry_are_refused(
    desk: Desk, engine: Engine, key: int
) -> None:
    who = desk.actor(case(desk, _instance(desk, key)).providing_key, "handler")
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    for value in (2**70, deep):
        with pytest.raises(InvalidInput, match="过大的数值或者过多的层次"):
            engine.handle(c.SaveDraft(actor=who, task_key=key, values={"x": value}))


def _instance(desk: Desk, task_key: int) -> int:
    with desk.engine.database.reading() as conn:
        return int(
            conn.exec_driver_sql(f"SELECT instance_key FROM user_task WHERE key = {task_key}").scalar_one()
        )
