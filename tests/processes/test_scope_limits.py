"""A limit of a whole scope: an event sub-process that a timer starts, at process level and inside a sub-process."""

import pytest

from engine import commands as c
from engine.demo.cases import Desk
from engine.errors import InvalidDefinition
from engine.history.replay import rebuild
from tests.conftest import beijing
from tests.processes.office import administrators, case, limits, open_tasks, told, trail, wait_until
from tests.processes.small_models import flow, nodes
from tests.processes.small_models import model as drawn
from tests.processes.test_messages import deploy, start
from tests.test_replay import CLOSURE, tables

SETTING = (
    '<shixian:setting key="p.whole_wd" value="5" unit="working_day" kind="law" basis="试验用规定" note=""/>'
)
SIGNED = '<userTask id="{0}"><extensionElements><shixian:assign variable="received" expression="now()"/></extensionElements></userTask>'


def late(
    interrupting: bool, period: str = 'setting="p.whole_wd" from="received" onExpiry="{0}"', beside: str = ""
) -> str:
    said = period.format("move" if interrupting else "overdue")
    begins = (
        f'<startEvent id="Late" name="办理期限届满" shixian:role="use.handler" isInterrupting="{str(interrupting).lower()}">'
        f'<extensionElements><shixian:period {said} supervisor="use.head"/></extensionElements>'
        "<timerEventDefinition/></startEvent>"
    )
    inner = begins + nodes("userTask:Watch endEvent:E2") + flow("Late>Watch Watch>E2")
    return f'<subProcess id="Beside" triggeredByEvent="true">{inner}</subProcess>{beside}'


def lanes(xml: bytes) -> bytes:
    inner = b"".join(b"<flowNodeRef>%b</flowNodeRef>" % name for name in (b"Receive", b"Watch", b"Reply"))
    xml = xml.replace(b'shixian:role="use.handler">', b'shixian:role="use.handler">' + inner, 1)
    return xml.replace(b"<extensionElements>", f"<extensionElements>{SETTING}".encode(), 1)


def whole(interrupting: bool, **more: str) -> bytes:
    body = nodes("startEvent:S endEvent:E") + SIGNED.format("Receive") + nodes("userTask:Reply")
    body += late(interrupting, **more)
    return lanes(drawn(body, "S>Receive Receive>Reply Reply>E", "", "limited", "received"))


def inside(interrupting: bool) -> bytes:
    content = nodes("startEvent:S1 endEvent:E1") + SIGNED.format("Receive") + nodes("userTask:Reply")
    content += flow("S1>Receive Receive>Reply Reply>E1") + late(interrupting)
    body = nodes("startEvent:S userTask:Then endEvent:E") + f'<subProcess id="Scope">{content}</subProcess>'
    return lanes(drawn(body, "S>Scope Scope>Then Then>E", "", "limited", "received"))


BOTH = pytest.mark.parametrize("drawn_as", [whole, inside], ids=["process", "sub-process"])


@BOTH
def test_the_limit_runs_once_its_event_has_happened_and_is_met_in_time(desk: Desk, drawn_as) -> None:  # type: ignore[no-untyped-def]
    deploy(desk.engine, drawn_as(interrupting=False))
    key = start(desk, "limited")
    assert limits(desk, key, "Late") == []
    desk.do(key, "Receive", {})
    [limit] = limits(desk, key, "Late")
    assert (str(limit.due_on), limit.state) == ("2026-06-15", "running")
    desk.do(key, "Reply", {})

    assert limits(desk, key, "Late")[0].state == "met"
    assert open_tasks(desk, key) == ({"Then"} if drawn_as is inside else set())
    wait_until(desk, beijing("2026-07-01T10:00"))
    assert "TimerFired" not in trail(desk, key)


@BOTH
def test_at_its_end_the_duty_is_still_owed_beside_the_supervision(desk: Desk, drawn_as) -> None:  # type: ignore[no-untyped-def]
    deploy(desk.engine, drawn_as(interrupting=False))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    wait_until(desk, beijing("2026-06-17T10:00"))

    assert open_tasks(desk, key) == {"Reply", "Watch"}
    assert case(desk, key).overdue
    assert any("办理期限已于2026年6月15日届满" in text for _, text, _ in told(desk, key))
    desk.do(key, "Reply", {})
    if drawn_as is whole:
        assert limits(desk, key, "Late")[0].state == "met_late"
    desk.do(key, "Watch", {})
    assert limits(desk, key, "Late")[0].state == "met_late"
    assert trail(desk, key).count("TimerFired") == 1


@BOTH
def test_at_its_end_an_interrupting_one_takes_the_rest_away(desk: Desk, drawn_as) -> None:  # type: ignore[no-untyped-def]
    deploy(desk.engine, drawn_as(interrupting=True))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    wait_until(desk, beijing("2026-06-16T00:00"))

    assert open_tasks(desk, key) == {"Watch"}
    assert limits(desk, key, "Late")[0].state == ("expired" if drawn_as is whole else "overdue")
    desk.do(key, "Watch", {})
    assert limits(desk, key, "Late")[0].state == "expired"
    assert open_tasks(desk, key) == ({"Then"} if drawn_as is inside else set())


def test_an_inbox_shows_the_limit_of_the_whole_case(desk: Desk) -> None:
    deploy(desk.engine, whole(interrupting=False))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    actor = desk.actor(case(desk, key).using_key, "handler")

    [row] = [r for r in desk.engine.queries.inbox(actor, "department").rows if r.element_id == "Reply"]
    assert row.chip is not None and str(row.chip.due_on) == "2026-06-15"


def test_its_reminder_goes_out_and_changes_nothing(desk: Desk) -> None:
    deploy(desk.engine, whole(False, period='setting="p.whole_wd" from="received" remind="use.handler"'))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    wait_until(desk, beijing("2026-06-12T10:00"))

    assert limits(desk, key, "Late")[0].state == "running"
    assert open_tasks(desk, key) == {"Reply"}
    assert any(text.startswith("期限提醒") for _, text, _ in told(desk, key))
    wait_until(desk, beijing("2026-06-16T10:00"))
    assert open_tasks(desk, key) == {"Reply", "Watch"}


@BOTH
def test_a_confirmed_notice_moves_it_and_the_holders_are_told(desk: Desk, drawn_as) -> None:  # type: ignore[no-untyped-def]
    deploy(desk.engine, drawn_as(interrupting=False))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    first, second = administrators(desk)
    entered = desk.engine.handle(c.EnterCalendarNotice(actor=first, notice=CLOSURE))
    notice = int(entered["calendar_notice_key"])
    desk.engine.handle(c.ConfirmCalendarNotice(actor=second, calendar_notice_key=notice))
    while desk.engine.sweep():
        pass

    assert str(limits(desk, key, "Late")[0].due_on) == "2026-06-17"
    assert any("改为2026年6月17日届满" in text for _, text, _ in told(desk, key))
    wait_until(desk, beijing("2026-06-17T10:00"))
    assert open_tasks(desk, key) == {"Reply"}
    wait_until(desk, beijing("2026-06-18T00:00"))
    assert open_tasks(desk, key) == {"Reply", "Watch"}


def test_a_plain_date_starts_it_too(desk: Desk) -> None:
    xml = whole(False, period='date="received"').replace(b"now()", b"add_days(today(), 3)")
    xml = xml.replace(b'kind="law"', b'kind="choice"')
    deploy(desk.engine, xml)
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    assert open_tasks(desk, key) == {"Reply"}
    wait_until(desk, beijing("2026-06-12T00:00"))

    assert open_tasks(desk, key) == {"Reply", "Watch"}


def test_after_a_restart_and_a_replay_the_limit_still_runs(desk: Desk) -> None:
    deploy(desk.engine, whole(interrupting=False))
    key = start(desk, "limited")
    desk.do(key, "Receive", {})
    wait_until(desk, beijing("2026-06-16T10:00"))
    with desk.engine.database.reading() as conn:
        before = tables(conn)
    with desk.engine.database.writing() as conn:
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
    desk.do(key, "Reply", {})
    assert open_tasks(desk, key) == {"Watch"}


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        ('setting="nobody" from="received"', "Late：期限设置 nobody 未声明"),
        ("", "Late：定时事件须有 shixian:period"),
    ],
)
def test_a_timer_that_counts_nothing_is_refused(desk: Desk, period: str, reason: str) -> None:
    xml = whole(False, period=period)
    if not period:
        xml = xml.replace(
            b'<extensionElements><shixian:period  supervisor="use.head"/></extensionElements>', b""
        )

    with pytest.raises(InvalidDefinition, match=reason):
        desk.engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))
