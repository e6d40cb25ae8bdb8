"""Who saw which case when: every page and every answer that shows a case leaves a row before it leaves the platform.

Made from the application's own routes: one that shows a case and is not named in `web.reads` makes the test fail.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, deliver
from engine.storage import tables as t
from engine.trace.reads import WAYS, WHATS
from tests.conftest import at_once
from tests.processes.office import case, task
from tests.web.test_designer_sees_no_cases import PART, asked, model, shown, values
from web.reads import LISTS, READS

__all__ = ["model"]
KEYED = (
    "cases",
    "tasks",
    "documents",
    "attachments",
    "deadlines",
    "incidents",
    "migrations",
    "process-instances",
)
MOST = 9
"""Addresses of one route that are asked for."""
NO_READERS: dict[str, str] = {
    "tasks.again": "leads to the form",
    "bulk.ask": "a list",
    "cases.diagram": "a version, no case",
}


def reads(desk: Desk) -> list[Any]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(t.case_access).order_by(t.case_access.c.key)))


def keyed(rule: str) -> bool:
    """Say whether an address names something of a case."""
    before = {rule[: part.start()].rstrip("/").rpartition("/")[2] for part in PART.finditer(rule)}
    return bool(before & set(KEYED)) or "user-tasks" in before or "history" in before


def test_every_name_is_of_a_route_and_every_what_is_known(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    others = {name for name in READS if name.startswith("audit.")}  # pages of the desk's other parts

    assert set(READS) - others <= endpoints and set(LISTS) <= endpoints
    assert set(READS.values()) <= set(WHATS)
    assert not set(READS) & set(LISTS)


def test_every_route_that_shows_a_case_is_noted(
    desk: Desk, model: int, app: Flask, signed_in: Callable[[str], Any], call: Callable[..., Any]
) -> None:
    known = values(desk, model)
    adapter = app.url_map.bind("localhost")
    noted: dict[str, set[str]] = {}
    answered: set[str] = set()
    faults = []
    browsers = {name: signed_in(name) for name in ("audit", "gat.jb", "admin")}
    tried: dict[str, int] = {}

    for method, address in asked(app, known):
        path = address.partition("?")[0]
        rule, _ = adapter.match(path, method=method, return_rule=True)
        tried[rule.rule] = tried.get(rule.rule, 0) + 1
        if tried[rule.rule] > MOST:
            continue
        for name, browser in browsers.items():
            if name != "audit" and not keyed(rule.rule):
                continue
            before = len(reads(desk))
            if address.startswith("/v2/"):
                answer = call(method, address, name, json={} if method == "POST" else None)
            else:
                answer = browser.client.get(address)
            status = answer.status_code
            shown(answer)
            new = reads(desk)[before:]
            if status == 200:
                answered.add(rule.endpoint)
            if status != 200 and new:
                faults.append((address, name, status, "noted though nothing was shown"))
            for row in new:
                noted.setdefault(rule.endpoint, set()).add(row.what)
                way = "api" if address.startswith("/v2/") else "page"
                if row.user_name != desk.engine.accounts.actor_named(name).name or row.way != way:
                    faults.append((address, name, row))
            # An auditor sees all of it; others may get an answer that says no more than that there is nothing.
            if (
                name == "audit"
                and keyed(rule.rule)
                and status == 200
                and not new
                and rule.endpoint not in {*LISTS, *NO_READERS}
            ):
                faults.append((address, name, "shows a case and is noted nowhere"))

    assert not faults, faults[:10]
    assert {endpoint: whats for endpoint, whats in noted.items() if whats != {READS.get(endpoint)}} == {}
    unread = {name for name in READS if not name.startswith("audit.")} & answered - set(noted)
    assert not unread, f"answered and never noted: {unread}"
    assert len(noted) > 20


def test_a_row_says_who_read_what_of_which_case_when(
    desk: Desk, signed_in: Callable[[str], Any], call: Callable[..., Any]
) -> None:
    key = int(at_once(deliver(desk, 1)))
    opened = task(desk, key, "T12-04")
    who = desk.engine.accounts.actor_named("audit")
    browser = signed_in("audit")

    browser.get(f"/cases/{key}")
    call("GET", f"/v2/user-tasks/{opened.key}", "audit")
    browser.get("/cases")
    browser.get(f"/cases/{key + 1}")

    assert [
        (r.user_key, r.user_name, r.organisation_name, r.instance_key, r.what, r.way, r.subject_key, r.at)
        for r in reads(desk)
    ] == [
        (who.user_key, who.name, who.org_name, key, "case", "page", None, desk.now),
        (who.user_key, who.name, who.org_name, key, "task", "api", opened.key, desk.now),
    ]
    assert set(WAYS) == {"page", "api"}


def test_a_form_that_comes_back_with_errors_is_a_read_a_command_is_none(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    key = int(at_once(deliver(desk, 1)))
    opened = task(desk, key, "T12-04")
    browser = signed_in(desk.actor(opened.organisation_key, "handler").username)

    assert browser.post(f"/tasks/{opened.key}/complete", {}).status_code == 422
    assert [row.what for row in reads(desk)] == ["task"]

    assert browser.post(f"/tasks/{opened.key}/complete", {"check_result": "accept"}).status_code == 302
    assert len(reads(desk)) == 1


def test_what_cannot_be_noted_is_not_shown(
    desk: Desk,
    app: Flask,
    signed_in: Callable[[str], Any],
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = int(at_once(deliver(desk, 1)))
    browser = signed_in("audit")
    title = case(desk, key).title
    assert title in browser.get(f"/cases/{key}").text
    monkeypatch.setattr(desk.engine.access_log, "note", Mock(side_effect=RuntimeError("no")))

    page, answer = browser.get(f"/cases/{key}"), call("GET", f"/v2/process-instances/{key}", "audit")

    assert (page.status_code, answer.status_code) == (503, 503)
    assert title not in page.text and title not in answer.text
    assert answer.json["code"] == "not_noted"
    assert browser.get("/cases").status_code == 200


def test_tables_of_records_are_sensitive_and_so_are_files_of_a_case_that_takes_numbers_of_persons(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    from tests.engine.lives import reporting

    for command in reporting(desk):
        desk.engine.handle(command)
        if isinstance(command, c.CompleteTask):
            break
    with desk.engine.database.reading() as conn:
        table = conn.execute(select(t.attachment).order_by(t.attachment.c.key.desc())).first()
    assert table is not None
    browser = signed_in("audit")
    for path in ("", f"/records/{table.key}", "/export"):
        assert browser.get(f"/cases/{table.instance_key}{path}").status_code == 200

    assert [(row.what, bool(row.sensitive)) for row in reads(desk)] == [
        ("case", False),
        ("records", True),
        ("export", True),
    ]


def test_an_auditor_sees_who_read_a_case_their_own_reads_included(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    key = int(at_once(deliver(desk, 1)))
    opened = task(desk, key, "T12-04")
    handler = desk.actor(opened.organisation_key, "handler")
    signed_in(handler.username).get(f"/tasks/{opened.key}")
    browser = signed_in("audit")
    browser.get(f"/cases/{key}")

    page, whole = browser.get(f"/audit/cases/{key}/access"), browser.get("/audit/access")

    auditor = desk.engine.accounts.actor_named("audit")
    for text in (page.text, whole.text):
        assert handler.name in text and auditor.name in text and "办理页面" in text
    assert f"/audit/cases/{key}/access" in browser.get(f"/cases/{key}").text
    assert signed_in(handler.username).get(f"/audit/cases/{key}/access").status_code == 403
    assert signed_in(handler.username).get("/audit/access").status_code == 403
