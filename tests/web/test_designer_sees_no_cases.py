"""C.6: a designer sees no case data anywhere, in pages or API.

Made from the application's own routes: a new page is covered by itself, and one whose address cannot be filled in
with what the database holds makes the test fail until `VALUES` says what it takes.
"""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Column, select

from engine import commands as c
from engine.demo.cases import Desk, begin, deliver, provide
from engine.people import CASE_ROLES
from engine.process_files import definition_files, shipped
from engine.storage import tables as t
from tests.conftest import at_once
from tests.processes.office import administrators, case, task
from tests.processes.test_incidents import FAILURES
from tests.processes.test_incidents import begin as begin_small
from tests.processes.test_migration import head
from tests.processes.test_version_states import key_of
from tests.processes.test_versions import TEN_DAYS, publish

LEAST = 6  # shorter texts stand in any page: 同意, 是, a date
WHY = "本件涉及的补充情况已与对方电话核实。"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def model(desk: Desk, signed_in: Callable[[str], Any]) -> int:
    """Cases in every state, and beside them a model that a designer works on."""
    granted = int(at_once(deliver(desk, 1)))
    desk.do(granted, "T12-04", {"check_result": "accept"})
    at_once(_replied(desk, granted))
    provide(desk, granted)
    desk.do(granted, "T12-10", {"ok": "usable"})
    late = int(at_once(deliver(desk, 2)))
    drafted = begin(desk, 3)
    handler = desk.actor(case(desk, late).providing_key, "handler")
    engine = desk.engine
    engine.handle(c.ClaimTask(actor=handler, task_key=task(desk, late, "T12-04").key))
    engine.handle(c.AddComment(actor=handler, instance_key=late, text=WHY))
    author = desk.actor(case(desk, drafted).using_key, "handler")
    own = task(desk, drafted, "T12-01").key
    engine.handle(c.StoreAttachments(actor=author, task_key=own, files=(("申请函样例.pdf", PDF),)))
    stuck = begin_small(desk, FAILURES["condition"][0])
    desk.do(stuck, "A", {})
    publish(desk, TEN_DAYS)
    engine.handle(
        c.ProposeMigration(
            actor=administrators(desk)[0], instance_key=late, definition_key=key_of(desk, 2), reason=WHY
        )
    )
    boss = head(desk, late, "providing")
    engine.handle(c.BeginLeaving(actor=boss, username=handler.username, reason=WHY, successors={}))
    designer = signed_in("designer")
    designer.get("/designer")
    form = {"name": "草稿", "from": f"version:{key_of(desk, 1)}"}
    return int(designer.post("/designer/models", form).headers["Location"].rpartition("/")[2])


def _replied(desk: Desk, key: int) -> Iterator[Any]:
    from engine.demo.cases import _reply

    yield from _reply(desk, key, "agree")


def keys(desk: Desk, column: Column[Any], most: int = 4) -> list[str]:
    with desk.engine.database.reading() as conn:
        return [str(x) for x in conn.execute(select(column).order_by(column).limit(most)).scalars()]


def values(desk: Desk, model: int) -> dict[str, list[str]]:
    """What an address takes, by the word before it or by its own name: real keys, several where they differ."""
    instance, tasks = keys(desk, t.process_instance.c.key, 9), keys(desk, t.user_task.c.key, 20)
    definitions = keys(desk, t.process_definition.c.key, 30)
    return {
        "tasks": tasks,
        "user-tasks": tasks,
        "cases": instance,
        "process-instances": instance,
        "incidents": keys(desk, t.incident.c.key),
        "documents": keys(desk, t.document.c.key),
        "attachments": keys(desk, t.attachment.c.key),
        "deadlines": keys(desk, t.deadline.c.key),
        "notices": keys(desk, t.calendar_notice.c.key),
        "catalogue": keys(desk, t.catalogue_entry.c.key),
        "grants": keys(desk, t.grant.c.key),
        "versions": definitions,
        "process-definitions": definitions,
        "diagrams": definitions,
        "migrations": keys(desk, t.migration.c.key),
        "leaving": keys(desk, t.leaving.c.key),
        "history": [*instance, *definitions[:3], str(model)],
        "models": [str(model)],
        "seals": ["2026-06-07", "2026-06-08"],
        "days": ["2026-06-08"],
        "years": ["2026"],
        "feed": ["0" * 43],
        "acts": ["Start_Withdrawn"],
        "records": keys(desk, t.attachment.c.key),
        "findings": keys(desk, t.finding.c.key) or ["1"],
        "files": ["process.bpmn"],
        "form_id": ["F12-A"],
        "decision_id": ["limit_by_ground"],
        "document_id": ["E-3"],
        "field": ["attachments"],
        "filename": ["x.css"],
        "revision": ["1"],
    }  # fmt: skip


def secrets(desk: Desk) -> dict[str, set[str]]:
    """What a designer must not read: numbers, titles, keys of tasks, what was typed, who acts in cases."""
    with desk.engine.database.reading() as conn:
        instances = conn.execute(select(t.process_instance)).all()
        tasks = conn.execute(select(t.user_task.c.key)).scalars().all()
        acting = set(
            conn.execute(select(t.user_role.c.user_key).where(t.user_role.c.role.in_(CASE_ROLES))).scalars()
        )
        designers = conn.execute(
            select(t.user_role.c.user_key).where(t.user_role.c.role == "designer")
        ).scalars()
        people = (
            conn.execute(select(t.user.c.name).where(t.user.c.key.in_(acting - set(designers))))
            .scalars()
            .all()
        )
        entries = conn.execute(select(t.catalogue_entry)).all()
        organisations = conn.execute(select(t.organisation)).all()
        procedures = conn.execute(select(t.process_definition.c.name)).all()
    public = json.dumps(
        [[str(x) for x in row] for row in (*entries, *organisations, *procedures)], ensure_ascii=False
    )
    for folder in shipped():
        public += "".join(content.decode() for content in definition_files(folder).values())
    typed = {text for row in instances for text in _texts(row.variables)} | {WHY, "申请函样例.pdf"}
    return {
        "number": {row.business_id for row in instances},
        "title": {row.title for row in instances if row.title not in public},
        "task": {str(key) for key in tasks},
        "typed": {text for text in typed if len(text) >= LEAST and text not in public},
        "person": set(people),
    }  # fmt: skip


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and re.search(r"[\u4e00-\u9fff]", value):
        yield value.strip()
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


PART = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<of>[^)]*)\))?:)?(?P<name>\w+)>")


def addresses(rule: str, known: dict[str, list[str]]) -> list[str]:
    """Return the addresses of a route; none where a part of it is not known."""
    found, last = [""], 0
    for part in PART.finditer(rule):
        before = rule[: part.start()].rstrip("/").rpartition("/")[2]
        listed = [each.strip() for each in (part["of"] or "").split(",")]
        options = listed if part["kind"] == "any" else known.get(part["name"]) or known.get(before) or []
        found = [
            f"{address}{rule[last : part.start()]}{quote(option)}" for address in found for option in options
        ]
        last = part.end()
    return [address + rule[last:] for address in found]


def asked(app: Flask, known: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield method and address of everything that can be read."""
    for rule in app.url_map.iter_rules():
        methods = rule.methods or set()
        reads = "GET" in methods
        if not reads and not (rule.rule.startswith("/v2/") and rule.rule.endswith("/search")):
            continue
        filled = addresses(rule.rule, known)
        assert filled, f"{rule.rule}: say in VALUES what its address takes"
        yield from (("GET" if reads else "POST", address) for address in filled)


def shown(answer: Any) -> str:
    """Return what an answer says; of a stream its beginning, of a file what can be read of it."""
    if answer.mimetype == "text/event-stream":
        text = next(iter(answer.response), b"")
        answer.close()
        return text.decode() if isinstance(text, bytes) else text
    return unescape(answer.get_data().decode(errors="replace"))


def test_a_designer_sees_no_case_data_on_any_page_or_in_any_answer(
    desk: Desk, model: int, app: Flask, signed_in: Callable[[str], Any], call: Callable[..., Any]
) -> None:
    known, hidden = values(desk, model), secrets(desk)
    assert all(hidden.values()), "the database lacks what is to be looked for"
    browser = signed_in("designer")
    first, late = key_of(desk, 1), known["cases"][1]
    more = [f"/versions/{first}/propose?case={late}", "/cases?q=LN12", "/designer/compare?one=v1"]

    found = []
    for method, address in [*asked(app, known), *(("GET", x) for x in more)]:
        if address.startswith("/v2/"):
            answer = call(method, address, "designer", json={} if method == "POST" else None)
        else:
            answer = browser.client.get(address)
        # What was asked for stands in the answer, in forms that lead back to it.
        text = shown(answer).replace(address, "").replace(quote(address, safe=""), "")
        asked_for = set(re.findall(r"\d+", address))
        for kind, secret in hidden.items():
            found += [(address, answer.status_code, kind, x) for x in secret - asked_for if x in text]
        if answer.status_code >= 500 and answer.status_code != 501:
            found.append((address, answer.status_code, "fault", text[:200]))

    assert not found, found


def test_what_is_looked_for_would_be_found(
    desk: Desk, model: int, app: Flask, signed_in: Callable[[str], Any]
) -> None:
    """The same search, as somebody who may see the cases: it must not be blind."""
    known, hidden = values(desk, model), secrets(desk)
    browser = signed_in("audit")

    seen = "".join(shown(browser.client.get(f"/cases/{key}")) for key in known["cases"])

    assert {kind for kind, secret in hidden.items() if any(x in seen for x in secret)} >= {
        "number",
        "title",
        "person",
    }
