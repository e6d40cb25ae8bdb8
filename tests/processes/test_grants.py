"""Grants while they live: conditions, use, giving back, suspension on a ground, the register."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select

from engine import commands as c
from engine.app import HANDLERS
from engine.demo import disputes, rectifications
from engine.demo import rectification_answers as answers
from engine.demo.cases import Desk, pair, provide, replied
from engine.demo.grants import GIVE_BACK, give_back, report_use
from engine.errors import InvalidForm, NotAllowed, NotFound, WrongState
from engine.handlers.grants import grants_of
from engine.history.replay import rebuild
from engine.people import Actor
from engine.periods import beijing_day
from engine.process_files import PROCESSES, definition_files
from engine.queries import grants as queries
from engine.storage.tables import grant, message, process_instance
from tests.conftest import at_once, beijing
from tests.processes import test_ln_art08_catalogue_update as art08
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, incidents, limits, open_tasks, task, told, trail, wait_until
from tests.processes.small_models import model, nodes
from tests.test_replay import tables


def granted(desk: Desk, n: int = 1) -> int:
    """An agreed application; nothing is provided yet."""
    key = int(at_once(replied(desk, n, "agree", timedelta(0))))
    desk.engine.sweep()
    return key


def holder(desk: Desk, origin: int) -> int:
    with desk.engine.database.reading() as conn:
        query = select(process_instance.c.key).where(
            process_instance.c.process_id == "ln_art12_grant", process_instance.c.origin_key == origin
        )
        return int(conn.execute(query).scalar_one())


def row(desk: Desk, origin: int) -> Any:
    with desk.engine.database.reading() as conn:
        return conn.execute(select(grant).where(grant.c.instance_key == origin)).one()


def user(desk: Desk, origin: int) -> Actor:
    return desk.actor(case(desk, origin).using_key, "handler")


def register(desk: Desk, actor: Actor, which: str = "all") -> list[queries.GrantRow]:
    return list(desk.engine.queries.search(queries.grants, actor, "", which, 1)[0])


def view(desk: Desk, actor: Actor, key: int) -> queries.GrantView:
    found: queries.GrantView = desk.engine.queries.search(queries.one, actor, key)
    return found


# R12-10: conditions


def test_r12_10_the_conditions_are_shown_wherever_the_grant_is_used(desk: Desk) -> None:
    origin = granted(desk)
    actor, said = user(desk, origin), desk.variables(origin)["reply"]["use_conditions"]
    resource = row(desk, origin).resource_key

    assert register(desk, actor)[0].conditions == said
    assert view(desk, actor, row(desk, origin).key).row.conditions == said
    assert said in desk.engine.queries.entry(actor, resource).grants[0]
    wait_until(desk, beijing("2026-09-07T09:00"))
    report_use(desk, holder(desk, origin))
    [(_, line)] = desk.engine.queries.search(queries.uses, actor)
    assert line.values["conditions"] == said


# Giving back


def test_r12_09_given_back_before_provision_it_ends_that_day_and_nothing_is_owed_any_more(desk: Desk) -> None:
    origin = granted(desk)
    assert open_tasks(desk, origin) == {"T12-09"}
    give_back(desk, holder(desk, origin))
    desk.engine.sweep()

    found = row(desk, origin)
    assert (found.ended_on.isoformat(), found.given_back) == ("2026-06-08", True)
    assert (case(desk, origin).state, case(desk, origin).result) == ("closed", "given_back")
    assert limits(desk, origin, "TM12-6")[0].state in ("met", "cancelled")
    assert case(desk, holder(desk, origin)).result == "given_back"
    with desk.engine.database.reading() as conn:
        assert grants_of(conn, found.using_key, found.resource_key, found.ended_on) == []


def test_r12_09_given_back_after_provision_both_sides_are_told(desk: Desk) -> None:
    origin = granted(desk)
    provide(desk, origin)
    desk.do(origin, "T12-10", {"ok": "usable"})
    kept = holder(desk, origin)
    give_back(desk, kept)

    names = {who for who, text, _ in told(desk, kept) if "已交还" in text}
    for org in (case(desk, origin).using_key, case(desk, origin).providing_key):
        assert desk.actor(org, "handler").username in names
    assert case(desk, origin).result == "granted"
    assert "GrantGivenBack" in trail(desk, kept)
    desk.engine.sweep()
    assert incidents(desk, kept) == []


def test_r12_09_what_an_opinion_granted_may_be_given_back_too(desk: Desk) -> None:
    from tests.processes.test_ln_art12_dispute import decided

    dispute = decided(desk, "share")
    desk.engine.sweep()
    give_back(desk, holder(desk, dispute))
    desk.engine.sweep()

    assert case(desk, dispute).state == "closed"
    assert open_tasks(desk, dispute) == set()


def unanswered(desk: Desk) -> list[Any]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(message).where(message.c.state == "waiting")))


def test_given_back_while_its_receipt_is_to_be_confirmed_nothing_is_asked_any_more(desk: Desk) -> None:
    origin = granted(desk)
    provide(desk, origin)
    assert open_tasks(desk, origin) == {"T12-10"}
    give_back(desk, holder(desk, origin))
    desk.engine.sweep()

    assert open_tasks(desk, origin) == set()
    assert (case(desk, origin).state, case(desk, origin).result) == ("closed", "given_back")
    assert unanswered(desk) == []


def test_given_back_while_only_a_refusal_is_open_no_message_waits_for_ever(desk: Desk) -> None:
    origin = int(at_once(replied(desk, 1, "partly", timedelta(0))))
    desk.engine.sweep()
    provide(desk, origin)
    desk.do(origin, "T12-10", {"ok": "usable"})
    assert open_tasks(desk, origin) == {"T12-13"}
    give_back(desk, holder(desk, origin))
    desk.engine.sweep()

    assert unanswered(desk) == []
    assert open_tasks(desk, origin) == {"T12-13"}


def test_a_message_for_a_case_that_ended_meanwhile_lapses(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, art13.Void, art13._void)
    origin = granted(desk)
    kept = holder(desk, origin)
    give_back(desk, kept)  # the message is on its way
    [waiting] = unanswered(desk)
    art13.void(desk, origin)
    desk.engine.sweep()

    assert unanswered(desk) == []
    assert "MessageLapsed" in trail(desk, waiting.instance_key)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"stored": "yes"}, "disposal", id="stored without disposal"),
        pytest.param({"reason": "。。。。。"}, "reason", id="no reason"),
        pytest.param({"undertaking": False}, "undertaking", id="no undertaking"),
    ],
)
def test_giving_back_says_what_became_of_the_data(desk: Desk, changes: dict[str, Any], field: str) -> None:
    origin = granted(desk)
    with pytest.raises(InvalidForm) as refused:
        give_back(desk, holder(desk, origin), {**GIVE_BACK, **changes})
    assert field in refused.value.errors
    assert row(desk, origin).ended_on is None


def test_only_the_using_department_gives_back_and_only_once(desk: Desk) -> None:
    origin = granted(desk)
    kept = holder(desk, origin)
    provider = desk.actor(case(desk, origin).providing_key, "handler")
    send = c.SendMessage(actor=provider, instance_key=kept, element_id="ES12-G", values=GIVE_BACK)
    with pytest.raises(NotAllowed):
        desk.engine.handle(send)

    give_back(desk, kept)
    with pytest.raises(WrongState):
        give_back(desk, kept)


# TM12-10


def test_tm12_10_thirty_days_before_the_end_both_sides_are_told_once(desk: Desk) -> None:
    origin = granted(desk)
    until = row(desk, origin).valid_until
    kept = holder(desk, origin)
    wait_until(desk, beijing(f"{until - timedelta(29)}T09:00"))

    names = [who for who, text, _ in told(desk, kept) if "三十日内届满" in text]
    assert len(names) == len(set(names))
    for org in (case(desk, origin).using_key, case(desk, origin).providing_key):
        assert desk.actor(org, "handler").username in names
    assert register(desk, user(desk, origin), "living")[0].state == "ending"
    wait_until(desk, beijing(f"{until + timedelta(1)}T09:00"))
    assert case(desk, kept).result == "grant_ended"
    [ended] = register(desk, user(desk, origin), "ended")
    assert (ended.state, ended.how) == ("ended", "term")


# Suspension (p20.suspend_on_ground)


def oversight(ground: str, allowed: str) -> bytes:
    """A managing department that suspends what it chose, and resumes when the target has answered."""
    setting = (
        f'<shixian:setting key="p20.suspend_on_ground" value="{allowed}" unit="choice" kind="choice"'
        ' basis="参照《政务数据共享条例》第二十七条" note="暂停"/>'
    )
    steps = "".join(
        f'<serviceTask id="{name}"><extensionElements><shixian:service name="{name}" variable="said"/>'
        "</extensionElements></serviceTask>"
        for name in ("suspend_grants", "resume_grants")
    )
    body = nodes("startEvent:S userTask:Choose userTask:Check endEvent:E") + steps
    xml = model(
        body,
        "S>Choose Choose>suspend_grants suspend_grants>Check Check>resume_grants resume_grants>E",
        "",
        "oversight",
        "target_dept notice ground said",
    ).decode()
    for party in ("using_dept", "providing_dept"):
        xml = xml.replace(f'<shixian:variable name="{party}"/>', "")
    xml = xml.replace('shixian:role="use.handler"', 'shixian:role="mgr.handler"')
    form = '<extensionElements><shixian:form id="F" variable="notice"/>'
    form += f'<shixian:assign variable="ground" expression="[\'{ground}\']"/>'
    form += '<shixian:assign variable="target_dept" expression="notice[\'target\']"/></extensionElements>'
    xml = xml.replace('<userTask id="Choose"/>', f'<userTask id="Choose">{form}</userTask>')
    return xml.replace("<extensionElements>", f"<extensionElements>{setting}", 1).encode()


FORM = {
    "id": "F",
    "title": "暂停",
    "schemaVersion": 18,
    "type": "default",
    "components": [
        {"key": "target", "type": "textfield", "label": "部门"},
        {"key": "suspended_grants", "type": "table", "label": "授权", "shixian": {"columns": []}},
    ],
}


def suspended(desk: Desk, origin: int, ground: str = "4", allowed: str = "4", **other: Any) -> int:
    """Let the managing department suspend the grant of an application; return its case."""
    FORM["components"][1] = {  # type: ignore[index]
        "key": "suspended_grants",
        "type": "checklist",
        "label": "授权",
        "values": [{"value": str(row(desk, origin).key), "label": "授权"}],
    }
    files = {"process.bpmn": oversight(ground, allowed), "forms/F.json": json.dumps(FORM).encode()}
    desk.engine.handle(c.DeployDefinition(actor=None, files=files))
    manager = desk.actor(case(desk, origin).managing_key, "handler")
    answer = desk.engine.handle(c.StartInstance(actor=manager, process_id="oversight"))
    key = int(answer["instance_key"])
    values = {
        "target": str(case(desk, origin).using_key),
        "suspended_grants": [str(row(desk, origin).key)],
        **other,
    }
    desk.do(key, "Choose", values)
    return key


def test_a_grant_is_suspended_on_a_ground_the_setting_names_and_resumed_when_the_case_ends(
    desk: Desk,
) -> None:
    origin = granted(desk)
    key = suspended(desk, origin)
    actor, found = user(desk, origin), row(desk, origin)

    assert found.suspended_by == key
    assert register(desk, actor, "suspended")[0].state == "suspended"
    assert register(desk, actor, "living") == []
    assert "暂停使用" in desk.engine.queries.entry(actor, found.resource_key).grants[0]
    assert any("暂停使用" in text for _, text, _ in told(desk, key))
    lines = [line.text for line in view(desk, actor, found.key).history]
    assert any("第（4）项情形" in text and "第二十七条" in text for text in lines)
    assert "GrantSuspended" in trail(desk, holder(desk, origin))

    desk.do(key, "Check", {})
    assert row(desk, origin).suspended_by is None
    assert register(desk, actor, "living")[0].state == "living" or register(desk, actor)[0].state == "not_yet"
    lines = [line.text for line in view(desk, actor, found.key).history]
    assert sum("授权恢复使用" in text for text in lines) == 1


@pytest.mark.parametrize(
    ("ground", "allowed"),
    [
        pytest.param("4", "none", id="the draft suspends nothing"),
        pytest.param("2", "4", id="another ground"),
        pytest.param("2", "4 5", id="other grounds"),
    ],
)
def test_nothing_is_suspended_where_the_setting_does_not_say_so(
    desk: Desk, ground: str, allowed: str
) -> None:
    origin = granted(desk)
    key = suspended(desk, origin, ground, allowed)

    assert row(desk, origin).suspended_by is None
    assert desk.variables(key)["said"]["grants"] == []


def test_a_grant_that_another_department_uses_is_not_suspended(desk: Desk) -> None:
    origin = granted(desk)
    suspended(desk, origin, target=str(case(desk, origin).providing_key))

    assert row(desk, origin).suspended_by is None


# The register


def test_c6_who_sees_which_grants(desk: Desk) -> None:
    origin = granted(desk)
    found = case(desk, origin)
    key = row(desk, origin).key
    for org in (found.using_key, found.providing_key, found.managing_key):
        assert view(desk, desk.actor(org, "handler"), key).row.key == key
    auditor = desk.engine.accounts.actor_named("audit")
    assert [g.key for g in register(desk, auditor)] == [key]

    parties = {found.using_key, found.providing_key, found.managing_key}
    with desk.engine.database.reading() as conn:
        from engine.storage.tables import user_role

        orgs = conn.execute(select(user_role.c.organisation_key).where(user_role.c.role == "handler"))
        stranger = next(org for org in orgs.scalars() if org not in parties)
    actor = desk.actor(stranger, "handler")
    assert register(desk, actor) == []
    with pytest.raises(NotFound):
        view(desk, actor, key)
    admin = desk.engine.accounts.actor_named("admin")
    assert register(desk, admin) == []


def test_the_page_of_a_grant_tells_its_history_once_each(desk: Desk) -> None:
    origin = granted(desk)
    give_back(desk, holder(desk, origin))
    page = view(desk, user(desk, origin), row(desk, origin).key)

    assert [line.text.partition("：")[0].partition("，")[0] for line in page.history] == [
        "登记授权",
        "使用部门交还授权",
    ]
    assert (page.row.state, page.row.how, page.act) == ("ended", "given_back", None)


def test_f12_i_every_report_of_use_stands_in_the_register(desk: Desk) -> None:
    origin = granted(desk)
    kept = holder(desk, origin)
    for day in ("2026-09-07T09:00", "2026-12-07T09:00"):
        wait_until(desk, beijing(day))
        report_use(desk, kept)

    page = view(desk, user(desk, origin), row(desk, origin).key)
    assert [line.values["use_count"] for line in page.uses] == [1280, 1280]
    assert len(desk.engine.queries.search(queries.uses, user(desk, origin))) == 2


@pytest.mark.parametrize("story", disputes.STORIES[:1])
def test_a_grant_of_an_opinion_is_in_the_register(desk: Desk, story: Any) -> None:
    for _ in story(desk, 3):
        pass
    with desk.engine.database.reading() as conn:
        key = conn.execute(select(grant.c.key)).scalar_one()
        dispute = conn.execute(select(grant.c.instance_key)).scalar_one()
    assert view(desk, user(desk, dispute), key).origin_id.startswith("LN12Z-")


# Art. 20 itself


@pytest.fixture
def provincial(desk: Desk) -> int:
    """A grant whose user the province's managing department may notify."""
    _, targets = rectifications.peers(desk)
    return granted(desk, next(n for n in range(1, 60) if pair(desk, n, "conditional")[0] in targets))


def rectifying(desk: Desk, origin: int, allowed: str, ground: str = "4") -> int:
    """Serve a notice under Art. 20 on the user of a grant, which the notice names."""
    files = definition_files(PROCESSES / "ln_art20_rectification")
    old = '<shixian:setting key="p20.suspend_on_ground" value="none"'
    xml = files["process.bpmn"].decode()
    assert old in xml
    new = old.replace("none", allowed)
    files["process.bpmn"] = xml.replace(old, new).encode()
    desk.engine.handle(c.DeployDefinition(actor=None, files=files))
    found = case(desk, origin)
    key = rectifications.found(desk, found.managing_key)
    desk.do(key, "T20-01", answers.lead(found.using_key, 1, ground=[ground]))
    notice = answers.notice(1, beijing_day(desk.now), ground=[ground])
    named = {"suspended_grants": [str(row(desk, origin).key)]} if allowed != "none" else {}
    desk.do(key, "T20-02", {**notice, **named})
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


def test_art_20_suspends_what_its_notice_names_and_resumes_it_when_it_is_closed_out(
    desk: Desk, provincial: int
) -> None:
    origin = provincial
    key = rectifying(desk, origin, "4")
    assert row(desk, origin).suspended_by == key

    desk.do(key, "T20-04", {})
    at_once(rectifications.reported(desk, key))
    rectifications.checked(desk, key, passed=True)
    assert row(desk, origin).suspended_by == key
    desk.do(key, "T20-10", {"opinion": "同意销号。"})
    assert row(desk, origin).suspended_by is None
    assert incidents(desk, key) == []


def test_art_20_of_the_draft_neither_offers_nor_suspends_grants(desk: Desk, provincial: int) -> None:
    origin = provincial
    found = case(desk, origin)
    key = rectifications.found(desk, found.managing_key)
    desk.do(key, "T20-01", answers.lead(found.using_key, 1, ground=["4"]))
    actor = desk.actor(found.managing_key, "handler")
    page = desk.engine.queries.task(actor, task(desk, key, "T20-02").key)

    assert "suspended_grants" not in {x["key"] for x in page.form["components"]}
    assert row(desk, origin).suspended_by is None


def test_art_20_with_the_setting_offers_the_grants_that_the_target_uses(desk: Desk, provincial: int) -> None:
    origin = provincial
    files = definition_files(PROCESSES / "ln_art20_rectification")
    xml = files["process.bpmn"].decode()
    xml = xml.replace('key="p20.suspend_on_ground" value="none"', 'key="p20.suspend_on_ground" value="4"')
    desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))
    found = case(desk, origin)
    key = rectifications.found(desk, found.managing_key)
    desk.do(key, "T20-01", answers.lead(found.using_key, 1, ground=["4"]))
    actor = desk.actor(found.managing_key, "handler")
    page = desk.engine.queries.task(actor, task(desk, key, "T20-02").key)

    [field] = [x for x in page.form["components"] if x["key"] == "suspended_grants"]
    assert [value for value, _ in page.sources[field["key"]]] == [str(row(desk, origin).key)]


def test_the_register_is_rebuilt_from_the_history(desk: Desk) -> None:
    suspended(desk, granted(desk))
    back = granted(desk, 2)
    give_back(desk, holder(desk, back))
    resumed = granted(desk, 3)
    desk.do(suspended(desk, resumed), "Check", {})
    desk.engine.sweep()

    with desk.engine.database.reading() as conn:
        before: dict[str, Any] = tables(conn)
    assert before["grant_record"]

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


# What a review found of suspensions and ends


def second_case(desk: Desk, origin: int) -> int:
    """Serve another notice, on other facts, that suspends the same grant."""
    found = case(desk, origin)
    key = rectifications.found(desk, found.managing_key)
    desk.do(key, "T20-01", answers.lead(found.using_key, 2, ground=["5"]))
    notice = answers.notice(2, beijing_day(desk.now), ground=["5"])
    desk.do(key, "T20-02", {**notice, "suspended_grants": [str(row(desk, origin).key)]})
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


def closed_out(desk: Desk, key: int) -> None:
    at_once(rectifications.reported(desk, key))
    rectifications.checked(desk, key, passed=True)
    desk.do(key, "T20-10", {})


def test_a_grant_that_two_cases_suspend_is_resumed_when_the_last_lets_go(desk: Desk, provincial: int) -> None:
    first = rectifying(desk, provincial, "4 5")
    second = second_case(desk, provincial)
    assert desk.variables(second)["suspension"]["grants"] == [str(row(desk, provincial).key)]

    closed_out(desk, first)
    assert row(desk, provincial).suspended_by == second
    assert register(desk, user(desk, provincial), "suspended")[0].state == "suspended"
    closed_out(desk, second)

    assert row(desk, provincial).suspended_by is None
    types = trail(desk, holder(desk, provincial))
    assert (types.count("GrantSuspended"), types.count("GrantResumed")) == (2, 2)


def test_a_grant_is_resumed_when_the_case_that_suspends_it_is_voided(
    desk: Desk, provincial: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, art13.Void, art13._void)
    key = rectifying(desk, provincial, "4 5")
    art13.void(desk, key)

    assert case(desk, key).result == "void"
    assert row(desk, provincial).suspended_by is None


def test_a_suspension_outlives_e20_3_until_a_later_notice_is_closed_out(desk: Desk, provincial: int) -> None:
    first = rectifying(desk, provincial, "4 5")
    for _ in rectifications.until_expiry(desk, first):
        desk.engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(days=2)))
        if rectifications.waits(desk, first, "T20-11"):
            break
    at_once(rectifications.reported_up(desk, first))
    desk.do(first, "T20-13", answers.instruction("criticise", None))
    assert case(desk, first).result == "reported_up_closed"
    assert row(desk, provincial).suspended_by == first

    closed_out(desk, second_case(desk, provincial))

    assert row(desk, provincial).suspended_by is None


def test_what_happens_to_a_grant_is_recorded_once(desk: Desk, provincial: int) -> None:
    key = rectifying(desk, provincial, "4")

    assert "GrantSuspended" in trail(desk, holder(desk, provincial))
    assert "GrantSuspended" not in trail(desk, key)
    lines = [line.text for line in view(desk, user(desk, provincial), row(desk, provincial).key).history]
    assert sum("暂停使用" in text for text in lines) == 1


def test_a_grant_ended_by_the_deletion_of_its_entry_says_so(desk: Desk) -> None:
    origin, org, entry = art08.granted(desk)
    art08.deletion(desk, org, entry)
    wait_until(desk, beijing("2026-07-09T09:00"))
    page = view(desk, user(desk, origin), row(desk, origin).key)

    assert (page.row.state, page.row.how) == ("ended", "set")
    assert any("删除" in line.text for line in page.history)


def test_the_deletion_of_an_entry_does_not_prolong_a_grant_that_ends_earlier(desk: Desk) -> None:
    origin, org, entry = art08.granted(desk)
    earlier = row(desk, origin)
    with desk.engine.database.writing() as conn:
        conn.execute(
            grant.update()
            .where(grant.c.key == earlier.key)
            .values(ended_on=beijing_day(desk.now) + timedelta(5), end_cause="superseded")
        )
    art08.deletion(desk, org, entry)

    found = row(desk, origin)
    assert (found.ended_on, found.end_cause) == (beijing_day(desk.now) + timedelta(5), "superseded")


def test_the_register_of_use_asks_as_often_for_two_grants_as_for_one(desk: Desk) -> None:
    origins = [granted(desk, 1)]
    auditor = desk.engine.accounts.actor_named("audit")
    counts = []
    for n in (2, 3):
        statements: list[str] = []

        def count(conn: Any, cursor: Any, statement: str, *rest: Any, to: list[str] = statements) -> None:
            to.append(statement)

        with desk.engine.database.reading() as conn:
            alchemy = conn.engine
        listening.listen(alchemy, "before_cursor_execute", count)
        desk.engine.queries.search(queries.uses, auditor)
        listening.remove(alchemy, "before_cursor_execute", count)
        counts.append(
            len([x for x in statements if "FROM event" in x or "ln_art12_grant" in x or "origin_key IN" in x])
        )
        origins.append(granted(desk, n))

    assert counts[0] == counts[1] > 0
