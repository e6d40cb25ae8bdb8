"""An auditor can change nothing, through page or API: every command and every route that writes, tried as one.

Made from the commands and the application's own routes: a new one is covered by itself. What an auditor may do is
named with the reason: the desk's own acts, and what concerns nobody but the person.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Row, func, select

from engine import commands as c
from engine.app import HANDLERS, Engine
from engine.demo.cases import Desk
from engine.errors import Refused
from engine.history.chain import parse
from engine.people import Actor
from engine.storage import tables as t
from tests.engine.lives import LIVES, Life
from tests.web.test_designer_sees_no_cases import addresses, model, values

__all__ = ["model"]
OWN: dict[type[c.Command], str] = {
    c.SaveCheck: "the desk's own: a check",
    c.RetireCheck: "the desk's own: a check",
    c.ExplainFinding: "the desk's own: a finding",
    c.CloseFinding: "the desk's own: a finding",
    c.ReopenFinding: "the desk's own: a finding",
    c.IssueUnmaskedExport: "the desk's own: an export, with its reason",
    c.MarkNoticesRead: "the person's own notices",
    c.ChooseNotices: "how the person's own notices are sent",
    c.ProposeEmail: "the person's own address",
    c.ConfirmEmail: "the person's own address",
    c.RemoveEmail: "the person's own address",
    c.SaveView: "the person's own view of the inbox",
    c.RemoveView: "the person's own view of the inbox",
    c.ChooseStartView: "the person's own first page",
    c.SetClock: "a rehearsal's clock, which anybody sets; refused in production",
}
OWN_ROUTES: dict[str, str] = {
    "account.do_sign_in": "signing in",
    "account.sign_out": "signing out",
    "api.token": "signing in",
    "language.choose": "the person's own language",
    "calendar.renew": "the person's own subscription",
    "calendar.revoke": "the person's own subscription",
    "verification.check": "anybody checks a document",
    "pages.read_notices": "the person's own notices",
    "pages.set_clock": "a rehearsal's clock",
    "api.pin_clock": "a rehearsal's clock",
    "inbox.save_view": "the person's own view",
    "inbox.choose_start": "the person's own first page",
    "notice_settings.choose": "the person's own notices",
    "notice_settings.propose": "the person's own address",
    "audit.save_check": "the desk's own: a check",
    "audit.settle_finding": "the desk's own: a finding",
    "audit.retire_check": "the desk's own: a check",
    "audit.case_file": "the desk's own: a case file, with its reason",
}
KEPT_BESIDE = {
    "node",
    "session",
    "sign_in_failure",
    "case_access",
    "act",
    "act_progress",
    "saved_view",
    "start_view",
}


def auditor(engine: Engine) -> Actor:
    return engine.accounts.actor_named("audit")


def events(engine: Engine) -> list[Row[Any]]:
    """Every event but the notes of refused attempts."""
    with engine.database.reading() as conn:
        kept = select(t.event.c.stream, t.event.c.seq, t.event.c.hash, t.event.c.type)
        return list(conn.execute(kept.where(t.event.c.type != "AccessRefused").order_by(t.event.c.position)))


def acts_of_people(engine: Engine, since: int = 0) -> list[tuple[int, str]]:
    """Every event in a person's name: what a case owes the platform carries out whoever comes by, and it is due."""
    query = select(t.event.c.position, t.event.c.type, t.event.c.body).where(
        t.event.c.position > since, t.event.c.type != "AccessRefused"
    )
    with engine.database.reading() as conn:
        rows = conn.execute(query.order_by(t.event.c.position)).all()
    return [(row.position, row.type) for row in rows if parse(row.body).author.key != 0]


def newest(engine: Engine) -> int:
    with engine.database.reading() as conn:
        return int(conn.execute(select(func.max(t.event.c.position))).scalar_one())


def counts(engine: Engine) -> dict[str, int]:
    """How many rows the tables have; of those that an event changes, events tell."""
    beside = [table for table in t.metadata.sorted_tables if table not in t.READ_TABLES]
    left_out = KEPT_BESIDE | {"event", "stream_head", "blob", "command"}
    with engine.database.reading() as conn:
        return {
            table.name: int(conn.execute(select(func.count()).select_from(table)).scalar_one())
            for table in beside
            if table.name not in left_out
        }


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_every_command_of_every_life_is_refused_to_an_auditor(desk: Desk, life: Life) -> None:
    engine = desk.engine
    faults = []

    for command in life(desk):
        if type(command) not in OWN:
            tried = replace(command, actor=auditor(engine), id=uuid4().hex)
            before = events(engine), counts(engine)
            try:
                engine.handle(tried)
                faults.append((type(command).__name__, "was carried out"))
            except Refused:
                pass
            if (events(engine), counts(engine)) != before:
                faults.append((type(command).__name__, "left something behind"))
        engine.handle(command)

    assert not faults, faults


def test_the_lives_try_every_command_but_the_named_ones() -> None:
    """`test_the_scenarios_issue_every_command_there_is` says that the lives issue all; here each has an actor to be."""
    assert all("actor" in {f.name for f in fields(command)} for command in HANDLERS)
    assert set(OWN) - {c.SetClock, c.MarkNoticesRead} <= set(HANDLERS)


FORM = {
    "reason": "数据与实际不符，理由如上所述。", "text": "请按期办理，特此告知。", "name": "检查样例", "person": "gat.jb",
    "people": "gat.jb", "username": "gat.jb", "decision": "agree", "check_result": "accept", "email": "a@example.invalid",
    "note": "说明", "notes": "说明", "basis": "依据", "ground": "不可抗力", "step": "First", "flow": "Flow_1", "code": "1",
    "definition": "1", "resource": "1", "corrections": "{}", "held": "1", "verb": "claim", "url": "https://example.org/",
    "secret": "0123456789abcdef", "kind": "feishu", "principal": "gat.jb", "deputy": "gat.jb2", "role": "handler",
    "valid_from": "2026-06-08", "valid_until": "2026-06-30", "doc_no": "样例〔2026〕1号", "channel": "mail", "key": "1",
    "files": "{}", "base": "1", "revision": "1", "effective_from": "2026-07-01", "from": "blank",
}  # fmt: skip


def writing(app: Flask, known: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and address of everything that may write; of each route a few addresses."""
    codes = ["claim", "unclaim", "void", "annul", "urge", "return", "jump", "supervise", "copy", "mark_read"]
    more = {**known, "code": codes, "bulk_id": ["b1"], "process_id": ["ln_art12_application"]}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            if rule.endpoint in OWN_ROUTES or rule.rule.endswith("/search"):
                continue
            filled = addresses(rule.rule, more)
            assert filled, f"{rule.rule}: say in VALUES what its address takes"
            yield from ((rule.endpoint, method, address) for address in filled[:40])


def test_every_route_that_writes_is_refused_to_an_auditor_or_changes_nothing(
    desk: Desk, model: int, app: Flask, signed_in: Callable[[str], Any], call: Callable[..., Any]
) -> None:
    engine = desk.engine
    with engine.database.reading() as conn:
        code = conn.execute(select(t.organisation.c.code).limit(1)).scalar_one()
    known = values(desk, model) | {
        "organisations": [code],
        "robots": ["1"],
        "webhooks": ["1"],
        "views": ["1"],
    }
    known |= {"substitutes": ["1"], "findings": ["1"], "checks": ["1"]}
    browser = signed_in("audit")
    browser.get("/audit")
    tried, faults = 0, []

    for endpoint, method, address in writing(app, known):
        position, before = newest(engine), counts(engine)
        if address.startswith("/v2/"):
            answer = call(method, address, "audit", json={})
        else:
            answer = browser.post(address, FORM)
        tried += 1
        if acts_of_people(engine, position) or counts(engine) != before:
            faults.append((endpoint, address, answer.status_code, "changed something"))
        if answer.status_code >= 500:
            faults.append((endpoint, address, answer.status_code, "fault"))

    assert not faults, faults[:10]
    assert tried > 150


def test_the_routes_named_as_an_auditors_own_exist(app: Flask) -> None:
    assert set(OWN_ROUTES) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_what_an_auditor_is_refused_others_may_do(desk: Desk) -> None:
    """The same walk as whom the commands are meant for: it must not refuse everything."""
    done = [
        type(command).__name__ for command in LIVES["a case"](desk) if desk.engine.handle(command) is not None
    ]

    assert {"StartInstance", "CompleteTask", "SendMessage"} <= set(done)
