"""整改与上报 under other settings than the draft's, and a limit that a document sets under another version."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.deadlines import DeadlineOver, ExtensionOutOfRange, ExtensionUsedUp
from engine.demo import rectification_answers as answers
from engine.demo import rectifications as story
from engine.demo.cases import Desk, replied
from engine.errors import InvalidDefinition, InvalidForm, WrongState
from engine.process_files import PROCESSES, definition_files
from engine.storage.tables import grant
from tests.conftest import at_once, beijing
from tests.processes.office import case, incidents, limits, open_tasks, templates, told, wait_until
from tests.processes.rectification import (
    annul,
    instruct,
    opened,
    passed,
    rectifications,
    reported,
    reported_up,
    requirements,
    served,
)
from tests.processes.small_models import model, nodes
from tests.processes.test_beginnings_and_acts import deploy, own

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

Set = Callable[..., None]
DUE = beijing("2026-06-24T00:00")


@pytest.fixture
def settings(desk: Desk) -> Set:
    """Publish a version of the process with other values."""

    def publish(**values: str) -> None:
        files = definition_files(PROCESSES / "ln_art20_rectification")
        xml = files["process.bpmn"].decode()
        for name, value in values.items():
            head, found, rest = xml.partition(f'<shixian:setting key="p20.{name}" value="')
            assert found
            xml = head + found + value + '"' + rest.partition('"')[2]
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))

    return publish


# R20-12: the extension


def ask(desk: Desk, key: int, days: int) -> None:
    story.act(desk, key, "ES20-X", "target.handler", {})
    desk.do(key, "T20-E1", {"days": days, "reason": "设备采购周期较长，需延长整改时间。"})


def test_r20_12_no_extension_by_default(desk: Desk) -> None:
    key = served(desk)
    with pytest.raises(WrongState):
        story.act(desk, key, "ES20-X", "target.handler", {})


def test_r20_12_enabled_it_is_asked_by_the_target_and_approved_by_the_managing_head(
    desk: Desk, settings: Set
) -> None:
    settings(extension_enabled="true")
    key = served(desk)
    ask(desk, key, 5)
    assert "T20-E2" in open_tasks(desk, key)
    desk.do(key, "T20-E2", {"decision": "agree", "approved_days": 5})

    [limit] = limits(desk, key, "TM20-1")
    assert (str(limit.due_on), limit.extended_by) == ("2026-06-30", 5)
    wait_until(desk, beijing("2026-06-30T12:00"))
    assert not case(desk, key).overdue
    wait_until(desk, beijing("2026-07-01T00:00"))
    assert "T20-11" in open_tasks(desk, key)
    assert desk.variables(key)["packet"]["limit"]["length"] == "10个工作日，延长5个工作日"


@pytest.mark.parametrize("days", [11, 60])
def test_r20_12_at_most_the_length_of_the_original_limit(desk: Desk, settings: Set, days: int) -> None:
    settings(extension_enabled="true")
    key = served(desk)
    with pytest.raises(ExtensionOutOfRange, match="1至10"):
        ask(desk, key, days)


def test_r20_12_once(desk: Desk, settings: Set) -> None:
    settings(extension_enabled="true")
    key = served(desk)
    ask(desk, key, 5)
    desk.do(key, "T20-E2", {"decision": "agree", "approved_days": 3})
    with pytest.raises((ExtensionUsedUp, WrongState)):
        ask(desk, key, 2)


def test_r20_12_undecided_at_expiry_it_lapses(desk: Desk, settings: Set) -> None:
    settings(extension_enabled="true")
    key = served(desk)
    ask(desk, key, 5)
    wait_until(desk, DUE)

    assert "T20-E2" not in open_tasks(desk, key)
    assert open_tasks(desk, key) >= {"T20-07", "T20-11"}
    with pytest.raises((WrongState, DeadlineOver)):
        story.act(desk, key, "ES20-X", "target.handler", {})


def test_r20_12_a_refused_request_leaves_the_date(desk: Desk, settings: Set) -> None:
    settings(extension_enabled="true")
    key = served(desk)
    ask(desk, key, 5)
    desk.do(key, "T20-E2", {"decision": "refuse", "comment": "理由不充分，不同意延长。"})
    assert str(limits(desk, key, "TM20-1")[0].due_on) == "2026-06-23"
    reported(desk, key)
    passed(desk, key)
    assert case(desk, key).result == "rectified"


# Other settings


def test_without_an_objection_period_nobody_is_asked(desk: Desk, settings: Set) -> None:
    settings(objection_wd="0")
    key = served(desk)
    assert open_tasks(desk, key) == {"T20-04", "T20-07"}
    reported(desk, key)
    passed(desk, key)
    assert case(desk, key).result == "rectified"


def test_r20_11_switched_off_a_cure_takes_the_open_report_away(desk: Desk, settings: Set) -> None:
    settings(send_report_if_cured="false")
    key = served(desk)
    wait_until(desk, beijing("2026-06-24T10:00"))
    assert "T20-11" in open_tasks(desk, key)
    reported(desk, key)
    passed(desk, key)

    assert (case(desk, key).state, case(desk, key).result) == ("closed_late", "rectified_late")
    assert "E-12" not in templates(desk, key)


def test_without_a_second_round_the_government_sets_no_new_limit(desk: Desk, settings: Set) -> None:
    settings(second_round="false")
    key = served(desk)
    wait_until(desk, DUE)
    reported_up(desk, key)
    with pytest.raises(InvalidForm, match="handling"):
        instruct(desk, key, "rectify_by", "2026-07-10")
    instruct(desk, key, "other")
    assert case(desk, key).result == "reported_up_closed"


def using_a_grant(desk: Desk) -> tuple[int, int]:
    """Return a provincial department with a living grant, and the grant."""
    _, peers = story.peers(desk)
    for n in range(1, 20):
        key = int(at_once(replied(desk, n, "agree", timedelta(0))))
        using = int(desk.variables(key)["using_dept"])
        if using in peers:
            return using, int(desk.variables(key)["grant"]["grant_key"])
    raise AssertionError("no provincial department was granted anything")


def suspended_by(desk: Desk, grant_key: int) -> int | None:
    with desk.engine.database.reading() as conn:
        return conn.execute(select(grant.c.suspended_by).where(grant.c.key == grant_key)).scalar_one()


def notified(desk: Desk, target: int, grounds: list[str], grant_key: int) -> int:
    key = opened(desk, ground=grounds, target_dept=str(target))
    chosen = {"suspended_grants": [str(grant_key)]}
    desk.do(key, "T20-02", answers.notice(1, desk.now.date(), ground=grounds, **chosen))
    desk.do(key, "T20-03", {"decision": "sign"})
    return key


@pytest.mark.parametrize("end", ["annulled", "closed out"])
def test_c_5_7_danger_in_delay_suspends_the_chosen_grants_at_once_until_the_end(
    desk: Desk, settings: Set, end: str
) -> None:
    settings(suspend_on_ground="4 5")
    target, grant_key = using_a_grant(desk)
    key = notified(desk, target, ["2", "4"], grant_key)
    assert suspended_by(desk, grant_key) == key
    if end == "annulled":
        annul(desk, key)
    else:
        reported(desk, key)
        passed(desk, key)

    assert suspended_by(desk, grant_key) is None


@pytest.mark.parametrize(
    ("named", "grounds"),
    [pytest.param("none", ["4"], id="off"), pytest.param("4", ["5"], id="another ground")],
)
def test_c_5_7_nothing_is_suspended_where_the_setting_does_not_name_the_ground(
    desk: Desk, settings: Set, named: str, grounds: list[str]
) -> None:
    settings(suspend_on_ground=named)
    target, grant_key = using_a_grant(desk)
    notified(desk, target, grounds, grant_key)
    assert suspended_by(desk, grant_key) is None


def test_the_bounds_of_the_set_limit_are_the_versions(desk: Desk) -> None:
    files = definition_files(PROCESSES / "ln_art20_rectification")
    xml = files["process.bpmn"].replace(b' min="1" max="60"/>', b"/>", 1)
    with pytest.raises(InvalidDefinition, match="min"):
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml}))


def test_a_set_limit_names_the_document_that_sets_it(desk: Desk) -> None:
    files = definition_files(PROCESSES / "ln_art20_rectification")
    head, _, rest = files["process.bpmn"].partition(b' lengthBy="')
    xml = head + rest.partition(b'"')[2]
    with pytest.raises(InvalidDefinition, match="lengthBy"):
        desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml}))


def test_a_length_beyond_the_bounds_is_an_incident_and_no_limit(desk: Desk, settings: Set) -> None:
    files = definition_files(PROCESSES / "ln_art20_rectification")
    xml = files["process.bpmn"].replace(b'length="limit_wd"', b'length="limit_wd + 60"')
    desk.engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml}))
    key = opened(desk)
    desk.do(key, "T20-02", answers.notice(1, desk.now.date()))
    desk.do(key, "T20-03", {"decision": "sign"})

    assert limits(desk, key, "TM20-1") == []
    [held] = incidents(desk, key)
    assert "1至60" in held.cause


# S20-c and versions


def test_s20_c_a_lead_begins_with_what_it_says(desk: Desk, engine: Engine) -> None:
    throw = (
        '<intermediateThrowEvent id="Move"><extensionElements>'
        '<shixian:correlation to="ln_art20_rectification" key="business_id" kind="线索"/>'
        '<shixian:input name="target_dept" expression="providing_dept"/>'
        '<shixian:input name="ground" expression="[\'4\']"/>'
        '<shixian:input name="facts" expression="\'举报反映该单位将共享信息用于职责以外的目的。\'"/>'
        '</extensionElements><messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
    )
    xml = model(
        nodes("startEvent:S userTask:A endEvent:E") + throw,
        "S>A A>Move Move>E",
        '<message id="M" name="线索移送"/>',
        "source",
        "business_id received_at",
    )
    deploy(engine, xml)
    actor, entry = own(desk)
    answer = engine.handle(c.StartInstance(actor=actor, process_id="source", resource_key=entry))
    desk.do(int(answer["instance_key"]), "A", {})
    engine.sweep()

    [begun] = rectifications(desk)
    assert (begun.variables["source"], begun.variables["ground"]) == ("complaint", ["4"])
    assert open_tasks(desk, begun.key) == {"T20-01"}


def test_r_v1_a_new_version_changes_no_notice_that_was_delivered(desk: Desk, settings: Set) -> None:
    key = served(desk)
    settings(limit_wd="5", acknowledge_wd="5")
    desk.do(key, "T20-04", {})
    assert str(limits(desk, key, "TM20-1")[0].due_on) == "2026-06-23"
    assert requirements(desk, key)
    assert told(desk, key)
