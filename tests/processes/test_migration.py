"""R-V1: a running case goes over to another version only with the consent of both parties, exactly as previewed."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.deadlines import SelfApproval
from engine.demo.cases import Desk, pair
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers.migration_obstacles import MigrationObstructed
from engine.history.replay import rebuild
from engine.migration_preview import changes
from engine.people import Actor
from engine.storage import tables as t
from tests.conftest import beijing
from tests.processes.office import case, limits, open_tasks, task, told, trail, wait_until
from tests.processes.test_messages import start as begin_small
from tests.processes.test_several_calls import answering, asking, called, listed, settle
from tests.processes.test_starts import deploy, provincial
from tests.test_replay import tables

FILES = Path(__file__).parents[1] / "data" / "extension_process"
REASON = "新规定已经施行，双方商定适用。"
Change = tuple[str, str]


def files(*changes: Change) -> dict[str, bytes]:
    found = {str(p.relative_to(FILES)): p.read_bytes() for p in FILES.rglob("*.*")}
    for old, new in changes:
        name = "process.bpmn" if old in found["process.bpmn"].decode() else "forms/ASK.json"
        text = found[name].decode()
        assert old in text, old
        found[name] = text.replace(old, new).encode()
    return found


def publish(desk: Desk, *changes: Change) -> int:
    """Publish a version and return its key."""
    answer = desk.engine.handle(c.DeployDefinition(actor=None, files=files(*changes)))
    return int(answer["definition_key"])


def start(desk: Desk) -> int:
    using, entry = pair(desk, 1, "conditional")
    command = c.StartInstance(
        actor=desk.actor(using, "handler"), process_id="test_extension", resource_key=entry
    )
    key = int(desk.engine.handle(command)["instance_key"])
    first = task(desk, key, "Verify")  # opened as the starter's, who is of the other department
    starter = desk.actor(using, "handler")
    allowed = replace(starter, roles=starter.roles | {(first.organisation_key, "handler")})
    desk.engine.handle(c.UnclaimTask(actor=allowed, task_key=first.key))
    return key


@pytest.fixture
def key(desk: Desk) -> int:
    """Received on Monday 8 June 2026, 10:00; five working days end on Monday 15 June."""
    publish(desk)
    return start(desk)


def admin(desk: Desk, username: str = "admin") -> Actor:
    with desk.engine.database.reading() as conn:
        row = conn.execute(
            select(t.user.c.key, t.user.c.organisation_key).where(t.user.c.username == username)
        ).one()
    person = desk.actor(row.organisation_key, "admin")
    return (
        person if person.user_key == row.key else desk.actor(row.organisation_key, "admin", person.user_key)
    )


def propose(desk: Desk, key: int, target: int, **names: str) -> int:
    command = c.ProposeMigration(
        actor=admin(desk), instance_key=key, definition_key=target, reason=REASON, names=names
    )
    return int(desk.engine.handle(command)["migration_key"])


def head(desk: Desk, key: int, side: str) -> Actor:
    return desk.actor(getattr(case(desk, key), f"{side}_key"), "head")


def consent(desk: Desk, key: int, migration: int, *sides: str) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for side in sides or ("using", "providing"):
        command = c.ConsentToMigration(actor=head(desk, key, side), instance_key=key, migration_key=migration)
        answer = desk.engine.handle(command)
    return answer


def proposal(desk: Desk, migration: int) -> Any:
    with desk.engine.database.reading() as conn:
        return conn.execute(select(t.migration).where(t.migration.c.key == migration)).one()


def version(desk: Desk, key: int) -> int:
    with desk.engine.database.reading() as conn:
        query = (
            select(t.process_definition.c.version)
            .join(t.process_instance, t.process_instance.c.definition_key == t.process_definition.c.key)
            .where(t.process_instance.c.key == key)
        )
        return int(conn.execute(query).scalar_one())


def rebuilt(desk: Desk) -> None:
    """Replaying the history rebuilds every read table."""
    with desk.engine.database.reading() as conn:
        before = tables(conn)
    with desk.engine.database.writing() as conn:
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


LONGER = ('key="p13.verify_wd" value="5"', 'key="p13.verify_wd" value="10"')
SHORTER = ('key="p13.verify_wd" value="5"', 'key="p13.verify_wd" value="3"')
RENAMED = ('"Verify"', '"Check"')
LANE = ('<bpmn:userTask id="Verify"', '<bpmn:userTask shixian:role="prov.head" id="Verify"')
FORM = ('"days"', '"wanted"')
SECOND = (
    '    <bpmn:endEvent id="End_Overdue">',
    '    <bpmn:boundaryEvent id="Short" name="初核期限届满" attachedToRef="Scope" cancelActivity="false">'
    '<bpmn:extensionElements><shixian:period setting="p13.first_wd" from="received_at" remind="prov.handler"'
    ' onExpiry="overdue" supervisor="mgr.handler"/></bpmn:extensionElements><bpmn:outgoing>F5</bpmn:outgoing>'
    "<bpmn:timerEventDefinition><bpmn:timeDate>due_at</bpmn:timeDate></bpmn:timerEventDefinition>"
    '</bpmn:boundaryEvent><bpmn:endEvent id="End_Short"><bpmn:incoming>F5</bpmn:incoming></bpmn:endEvent>'
    '<bpmn:sequenceFlow id="F5" sourceRef="Short" targetRef="End_Short"/>'
    '    <bpmn:endEvent id="End_Overdue">',
)
FIRST_WD = (
    '<shixian:setting key="cal.reminder_lead_wd"',
    '<shixian:setting key="p13.first_wd" value="{}" unit="working_day" kind="law" basis="第十三条第三款" note="初核期限"/>'
    '<shixian:setting key="cal.reminder_lead_wd"',
)


def second(days: int) -> tuple[Change, Change]:
    return SECOND, (FIRST_WD[0], FIRST_WD[1].format(days))


def without(text: str, start: str, end: str) -> str:
    """Return the part of the model from one mark to the end of another, to be taken out."""
    whole = (FILES / "process.bpmn").read_text()
    first = whole.index(start)
    return whole[first : whole.index(end, first) + len(end)]


NO_TIMER = tuple(
    (without("", mark, end), "")
    for mark, end in (
        ('    <bpmn:boundaryEvent id="Timer"', "</bpmn:boundaryEvent>\n"),
        ('    <bpmn:endEvent id="End_Overdue"', "</bpmn:endEvent>\n"),
        ('    <bpmn:sequenceFlow id="F4"', "/>\n"),
        ('      <shixian:setting key="p13.verify_wd"', "/>\n"),
        ('      <shixian:setting key="p13.extension_max_wd"', "/>\n"),
    )
) + tuple(
    (part, "")
    for part in (
        '<shixian:extensionRequest of="Timer" value="asked[\'days\']"/>',
        '<shixian:extension of="Timer" value="approved[\'days\']" asked="Ask" askedValue="asked[\'days\']" when="approved[\'decision\'] == \'agree\'"/>',
        '<shixian:pause of="Timer" value="expert[\'ground\']"/>',
        '<shixian:resume of="Timer"/>',
    )
)
AFTER_RECEIPT = beijing("2026-06-10T09:00")


@pytest.mark.parametrize(
    ("changes", "names", "at", "expected"),
    [
        pytest.param((LONGER,), {}, AFTER_RECEIPT, {"Timer": ("2026-06-23", "running")}, id="longer"),
        pytest.param((SHORTER,), {}, AFTER_RECEIPT, {"Timer": ("2026-06-11", "running")}, id="shorter"),
        pytest.param(
            (SHORTER,), {}, beijing("2026-06-12T15:00"), {"Timer": ("2026-06-12", "running")},
            id="shorter, and that day has passed: today, never a day gone by",
        ),
        pytest.param((RENAMED, LONGER), {"Verify": "Check"}, AFTER_RECEIPT, {"Timer": ("2026-06-23", "running")}, id="task renamed"),
        pytest.param(
            (('"Timer"', '"Clock"'), LONGER), {"Timer": "Clock"}, AFTER_RECEIPT,
            {"Clock": ("2026-06-23", "running")}, id="timer renamed",
        ),
        pytest.param(
            (('"Scope"', '"Room"'), (">Scope<", ">Room<")), {"Scope": "Room"}, AFTER_RECEIPT,
            {"Timer": ("2026-06-15", "running")}, id="sub-process renamed",
        ),
        pytest.param(
            second(4), {}, AFTER_RECEIPT,
            {"Timer": ("2026-06-15", "running"), "Short": ("2026-06-12", "running")}, id="new boundary timer",
        ),
        pytest.param(
            second(1), {}, AFTER_RECEIPT,
            {"Timer": ("2026-06-15", "running"), "Short": ("2026-06-10", "running")},
            id="new boundary timer whose day has passed: today",
        ),
        pytest.param(NO_TIMER, {}, AFTER_RECEIPT, {"Timer": ("2026-06-15", "cancelled")}, id="limit gone"),
        pytest.param((LANE,), {}, AFTER_RECEIPT, {"Timer": ("2026-06-15", "running")}, id="another lane"),
        pytest.param((FORM,), {}, AFTER_RECEIPT, {"Timer": ("2026-06-15", "running")}, id="another form"),
        pytest.param(
            (('unit="working_day" kind="law" basis="第十三条第二款" note="校核期限"', 'unit="calendar_day" kind="law" basis="第十三条第二款" note="校核期限"'),),
            {}, AFTER_RECEIPT, {"Timer": ("2026-06-15", "running")}, id="counted in calendar days",
        ),
    ],
)  # fmt: skip
def test_what_was_previewed_is_what_happens(
    desk: Desk,
    key: int,
    changes: tuple[Change, ...],
    names: dict[str, str],
    at: datetime,
    expected: dict[str, tuple[str, str]],
) -> None:
    wait_until(desk, at)
    target = publish(desk, *changes)
    migration = propose(desk, key, target, **names)
    preview = proposal(desk, migration).preview
    assert version(desk, key) == 1

    assert consent(desk, key, migration)["state"] == "done"

    assert version(desk, key) == 2
    rows = {
        x.element_id: x
        for x in [*limits(desk, key, "Timer"), *limits(desk, key, "Short"), *limits(desk, key, "Clock")]
    }
    assert {e: (str(x.due_on), x.state) for e, x in rows.items()} == expected
    promised = {
        line.get("after_name") or line["before_name"]: line.get("after_due_on", line.get("before_due_on"))
        for line in preview["limits"]
    }
    assert promised == {x.name: str(x.due_on) for x in rows.values()}
    assert open_tasks(desk, key) == {line["to_element_id"] for line in preview["tokens"]}
    with desk.engine.database.reading() as conn:
        for line in preview["tasks"]:
            row = conn.execute(
                select(t.user_task).where(t.user_task.c.key == int(line["user_task_key"]))
            ).one()
            assert (row.lane, row.organisation_key) == (line["to_lane"], line["to_organisation_key"])
        armed = set(conn.execute(select(t.timer.c.element_id).where(t.timer.c.instance_key == key)).scalars())
    assert armed == {e for e, x in rows.items() if x.state == "running"}
    rebuilt(desk)
    for element_id in sorted(open_tasks(desk, key) & {"Verify", "Check"}):
        desk.do(key, element_id, {})
    assert open_tasks(desk, key) == {"Ask", "Send"}


def test_a_migrated_limit_runs_out_on_its_new_day_and_reminds_before_it(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-12T10:00"))  # the reminder for 15 June has gone out
    consent(desk, key, propose(desk, key, publish(desk, LONGER)))
    wait_until(desk, beijing("2026-06-22T10:00"))
    assert not case(desk, key).overdue

    wait_until(desk, beijing("2026-06-24T00:00"))

    assert case(desk, key).overdue
    reminders = sorted({at for _, text, at in told(desk, key) if "期限提醒" in text})
    assert reminders == [beijing("2026-06-12T09:00"), beijing("2026-06-22T09:00")]


def test_an_extension_and_a_pause_that_were_granted_stay(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})
    desk.do(key, "Approve", {"decision": "agree", "days": 3})
    wait_until(desk, beijing("2026-06-09T10:00"))
    desk.do(key, "Send", {"ground": "鉴定"})
    wait_until(desk, beijing("2026-06-11T10:00"))
    desk.do(key, "Back", {})
    [before] = limits(desk, key, "Timer")
    assert str(before.due_on) == "2026-06-23"  # 5 + 3, and two working days taken out

    consent(desk, key, propose(desk, key, publish(desk, LONGER)))

    [after] = limits(desk, key, "Timer")
    assert (str(after.due_on), after.extended_by, len(after.terms["pauses"])) == ("2026-06-30", 3, 1)
    assert after.event_on == before.event_on


def test_a_limit_that_has_run_out_stays_as_it_was(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-16T09:00"))
    migration = propose(desk, key, publish(desk, LONGER))
    assert [line["what"] for line in proposal(desk, migration).preview["limits"]] == ["kept"]

    consent(desk, key, migration)

    [limit] = limits(desk, key, "Timer")
    assert (str(limit.due_on), limit.state, case(desk, key).overdue) == ("2026-06-15", "overdue", True)
    desk.do(key, "Verify", {})
    assert version(desk, key) == 2


def test_a_paused_limit_stands_still_under_the_new_version_too(desk: Desk, key: int) -> None:
    desk.do(key, "Send", {"ground": "鉴定"})
    consent(desk, key, propose(desk, key, publish(desk, LONGER)))
    assert limits(desk, key, "Timer")[0].state == "paused"
    wait_until(desk, beijing("2026-06-10T10:00"))

    desk.do(key, "Back", {})

    assert str(limits(desk, key, "Timer")[0].due_on) == "2026-06-25"


def test_a_lane_that_changes_takes_the_task_from_its_owner(desk: Desk, key: int) -> None:
    mine = task(desk, key, "Verify")
    desk.engine.handle(c.ClaimTask(actor=desk.actor(mine.organisation_key, "handler"), task_key=mine.key))
    consent(desk, key, propose(desk, key, publish(desk, LANE)))

    after = task(desk, key, "Verify")
    assert (after.key, after.role, after.assignee) == (mine.key, "head", None)
    inbox = desk.engine.queries.inbox(head(desk, key, "providing"), "department")
    assert mine.key in [row.task_key for row in inbox.rows]


# Who may, and when


def test_only_an_administrator_proposes(desk: Desk, key: int) -> None:
    target = publish(desk, LONGER)
    with pytest.raises(NotAllowed, match="系统管理员"):
        desk.engine.handle(
            c.ProposeMigration(
                actor=head(desk, key, "using"), instance_key=key, definition_key=target, reason=REASON
            )
        )


@pytest.mark.parametrize("role", ["handler", "auditor"])
def test_only_the_head_of_a_party_answers(desk: Desk, key: int, role: str) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    row = case(desk, key)
    org = row.using_key if role == "handler" else row.managing_key
    actor = desk.actor(org, role)
    for command in (
        c.ConsentToMigration(actor=actor, instance_key=key, migration_key=migration),
        c.ObjectToMigration(actor=actor, instance_key=key, migration_key=migration, reason=REASON),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            desk.engine.handle(command)
    assert proposal(desk, migration).state == "open"


def test_a_stranger_learns_nothing_of_a_proposal(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    row = case(desk, key)
    with desk.engine.database.reading() as conn:
        other = conn.execute(
            select(t.user_role.c.organisation_key)
            .where(
                t.user_role.c.role == "head",
                t.user_role.c.organisation_key.not_in((row.using_key, row.providing_key, row.managing_key)),
            )
            .order_by(t.user_role.c.organisation_key)
        ).scalar()
    stranger = desk.actor(int(other or 0), "head")

    with pytest.raises(NotFound):
        desk.engine.handle(c.ConsentToMigration(actor=stranger, instance_key=key, migration_key=migration))


def test_the_proposer_does_not_consent_for_a_party(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    proposer = admin(desk)
    both = replace(proposer, roles=proposer.roles | {(case(desk, key).using_key, "head")})

    with pytest.raises(NotAllowed, match="由您提议"):
        desk.engine.handle(c.ConsentToMigration(actor=both, instance_key=key, migration_key=migration))


def test_one_consent_moves_nothing_and_cannot_be_given_twice(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    consent(desk, key, migration, "using")

    with pytest.raises(WrongState, match="已经答复"):
        consent(desk, key, migration, "using")
    assert (version(desk, key), proposal(desk, migration).state) == (1, "open")


def test_an_objection_ends_the_proposal_and_everybody_is_told(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    consent(desk, key, migration, "using")
    refuse = c.ObjectToMigration(
        actor=head(desk, key, "providing"),
        instance_key=key,
        migration_key=migration,
        reason="按原期限即可办结。",
    )
    desk.engine.handle(refuse)

    assert (version(desk, key), proposal(desk, migration).state) == (1, "objected")
    names = {name for name, text, _ in told(desk, key) if "不同意" in text}
    assert {"admin", head(desk, key, "using").username} <= names
    with pytest.raises(WrongState, match="终止"):
        consent(desk, key, migration, "providing")


@pytest.mark.parametrize("username", ["admin", "admin2"])
def test_a_proposal_is_withdrawn_by_an_administrator(desk: Desk, key: int, username: str) -> None:
    target = publish(desk, LONGER)
    migration = propose(desk, key, target)
    withdraw = c.WithdrawMigration(
        actor=admin(desk, username), instance_key=key, migration_key=migration, reason="改为办结后适用。"
    )
    desk.engine.handle(withdraw)

    assert proposal(desk, migration).state == "withdrawn"
    with pytest.raises(WrongState, match="撤回"):
        consent(desk, key, migration, "using")
    propose(desk, key, target)


def test_a_party_cannot_withdraw(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    with pytest.raises(NotAllowed):
        desk.engine.handle(
            c.WithdrawMigration(
                actor=head(desk, key, "using"), instance_key=key, migration_key=migration, reason=REASON
            )
        )


def test_what_a_proposal_needs(desk: Desk, key: int) -> None:
    target, actor = publish(desk, LONGER), admin(desk)
    own = case(desk, key).definition_key

    def ask(**changed: Any) -> None:
        wanted = {"instance_key": key, "definition_key": target, "reason": REASON} | changed
        desk.engine.handle(c.ProposeMigration(actor=actor, **wanted))

    with pytest.raises(InvalidInput, match="理由"):
        ask(reason="无")
    with pytest.raises(WrongState, match="已经适用第1版"):
        ask(definition_key=own)
    with pytest.raises(NotFound, match="没有该版本"):
        ask(definition_key=12345)
    with pytest.raises(NotFound):
        ask(instance_key=12345)
    with pytest.raises(InvalidInput, match="对应关系"):
        ask(names={"Verify": ""})
    ask()
    with pytest.raises(WrongState, match="已有一项"):
        ask()


@pytest.mark.parametrize("how", [c.SuspendDefinition, c.RetireDefinition])
def test_no_case_moves_to_a_version_that_takes_none(
    desk: Desk, key: int, how: type[c.SuspendDefinition]
) -> None:
    target = publish(desk, LONGER)
    migration = propose(desk, key, target)
    desk.engine.handle(how(actor=admin(desk), definition_key=target, reason="发现差错，待核对。"))

    assert consent(desk, key, migration, "using")["state"] == "lapsed"
    with pytest.raises(WrongState, match="不能迁移至该版本"):
        propose(desk, key, target)


def test_no_case_moves_to_a_version_of_the_future(desk: Desk, key: int) -> None:
    target = publish(
        desk, ('shixian:caseNumber="TEST"', 'shixian:caseNumber="TEST" shixian:effectiveFrom="2026-07-01"')
    )
    with pytest.raises(WrongState, match="未施行"):
        propose(desk, key, target)


def test_an_ended_case_is_not_moved_and_its_proposal_ends_with_it(desk: Desk, key: int) -> None:
    target = publish(desk, LONGER)
    for element_id, values in (
        ("Verify", {}),
        ("Ask", {"days": 1}),
        ("Approve", {"decision": "agree", "days": 1}),
        ("Send", {"ground": "鉴定"}),
    ):
        desk.do(key, element_id, values)
    migration = propose(desk, key, target)
    desk.do(key, "Back", {})

    assert (case(desk, key).state, proposal(desk, migration).state) == ("closed", "lapsed")
    with pytest.raises(WrongState, match="失效"):
        consent(desk, key, migration, "using")
    with pytest.raises(WrongState, match="已经办结"):
        propose(desk, key, target)


# Obstacles


@pytest.mark.parametrize(
    ("changes", "names", "told_so"),
    [
        pytest.param((RENAMED,), {}, "“校核”（Verify）.*请写明.*位置相当的是“校核”（Check）", id="element gone"),
        pytest.param((RENAMED,), {"Verfy": "Check"}, "“Verfy”不是第1版的元素", id="unknown element"),
        pytest.param((RENAMED,), {"Verify": "Chekc"}, "“Chekc”不是第2版的元素", id="unknown counterpart"),
        pytest.param((RENAMED,), {"Verify": "Ask"}, "有两个元素对应到“Ask”", id="two to one"),
        pytest.param(
            (('<bpmn:userTask id="Verify"', '<bpmn:manualTask id="Verify"'), ("<bpmn:incoming>G1</bpmn:incoming><bpmn:outgoing>G8</bpmn:outgoing></bpmn:userTask>", "<bpmn:incoming>G1</bpmn:incoming><bpmn:outgoing>G8</bpmn:outgoing></bpmn:manualTask>")),
            {}, "另一种元素", id="another kind",
        ),
        pytest.param(
            (('from="received_at"', 'date="received_at"'),), {}, "按另一种方式确定|另一种元素", id="a fixed date now",
        ),
    ],
)  # fmt: skip
def test_an_obstacle_is_named_with_what_to_do(
    desk: Desk, key: int, changes: tuple[Change, ...], names: dict[str, str], told_so: str
) -> None:
    before = trail(desk, key)
    with pytest.raises(MigrationObstructed, match=told_so) as refused:
        propose(desk, key, publish(desk, *changes), **names)

    assert refused.value.facts["obstacles"]
    assert trail(desk, key) == before


def test_lateness_does_not_vanish_with_a_limit_that_the_target_has_not(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-16T09:00"))
    with pytest.raises(MigrationObstructed, match="逾期的记录不能因迁移而消失"):
        propose(desk, key, publish(desk, *NO_TIMER))


def test_an_extension_in_working_days_is_not_turned_into_calendar_days(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})
    desk.do(key, "Approve", {"decision": "agree", "days": 3})
    days = ('value="5" unit="working_day"', 'value="5" unit="calendar_day"')
    with pytest.raises(MigrationObstructed, match="无法换算"):
        propose(desk, key, publish(desk, days))


def test_a_pause_does_not_end_in_a_limit_that_has_passed(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-12T10:00"))
    desk.do(key, "Send", {"ground": "鉴定"})
    with pytest.raises(MigrationObstructed, match="恢复计算后再提出"):
        propose(desk, key, publish(desk, ('value="5" unit', 'value="1" unit')))


# The preview must still be true


def test_a_task_done_meanwhile_makes_the_proposal_lapse_and_it_says_so(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    consent(desk, key, migration, "using")
    desk.do(key, "Verify", {})
    answer = consent(desk, key, migration, "providing")

    assert answer["state"] == "lapsed"
    assert "事项所在环节已经变化" in answer["reasons"]
    assert (version(desk, key), proposal(desk, migration).state) == (1, "lapsed")
    assert any("失效" in text for name, text, _ in told(desk, key) if name == "admin")


def test_an_extension_approved_meanwhile_makes_the_proposal_lapse(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})
    migration = propose(desk, key, publish(desk, LONGER))
    desk.do(key, "Approve", {"decision": "agree", "days": 3})

    assert consent(desk, key, migration, "using")["reasons"][-1] == "期限已经变化"
    assert str(limits(desk, key, "Timer")[0].due_on) == "2026-06-18"


@pytest.mark.parametrize(
    ("alter", "told_so"),
    [
        pytest.param(
            lambda p: p["limits"][0].update(after_due_on="2026-06-24"), ["期限已经变化"], id="due date"
        ),
        pytest.param(lambda p: p["limits"][0].update(before_rule=[]), [], id="an explanation in other words"),
        pytest.param(lambda p: p["limits"][0].update(held=True), ["期限已经变化"], id="passed meanwhile"),
        pytest.param(lambda p: p["tokens"].pop(), ["事项所在环节已经变化"], id="token"),
        pytest.param(lambda p: p["tasks"][0].update(to_lane="mgr.head"), ["待办任务已经变化"], id="lane"),
        pytest.param(lambda p: p["tokens"].reverse(), [], id="the order of the tokens"),
    ],
)
def test_what_counts_as_another_preview(desk: Desk, key: int, alter: Any, told_so: list[str]) -> None:
    promised = proposal(desk, propose(desk, key, publish(desk, LONGER))).preview
    now = deepcopy(promised)
    alter(now)

    assert changes(promised, now) == told_so


def test_a_shorter_limit_whose_day_passes_while_people_think_makes_the_proposal_lapse(
    desk: Desk, key: int
) -> None:
    wait_until(desk, AFTER_RECEIPT)
    migration = propose(desk, key, publish(desk, SHORTER))  # due on 11 June
    consent(desk, key, migration, "using")
    wait_until(desk, beijing("2026-06-12T09:30"))

    assert consent(desk, key, migration, "providing")["state"] == "lapsed"


def test_a_day_that_had_passed_already_is_the_day_of_the_last_consent(desk: Desk, key: int) -> None:
    wait_until(desk, beijing("2026-06-12T09:30"))
    migration = propose(desk, key, publish(desk, SHORTER))  # 11 June has passed
    assert proposal(desk, migration).preview["limits"][0]["held"]
    wait_until(desk, beijing("2026-06-15T09:30"))

    assert consent(desk, key, migration)["state"] == "done"
    assert str(limits(desk, key, "Timer")[0].due_on) == "2026-06-15"
    assert not case(desk, key).overdue


def test_a_claim_or_a_draft_does_not_matter(desk: Desk, key: int) -> None:
    migration = propose(desk, key, publish(desk, LONGER))
    mine = task(desk, key, "Verify")
    actor = desk.actor(mine.organisation_key, "handler")
    desk.engine.handle(c.ClaimTask(actor=actor, task_key=mine.key))

    assert consent(desk, key, migration)["state"] == "done"
    assert task(desk, key, "Verify").assignee == actor.user_key


def test_a_case_may_go_back_when_the_newer_version_was_retired(desk: Desk, key: int) -> None:
    target = publish(desk, LONGER)
    consent(desk, key, propose(desk, key, target))
    desk.engine.handle(
        c.RetireDefinition(actor=admin(desk), definition_key=target, reason="公布有误，予以废止。")
    )
    with desk.engine.database.reading() as conn:
        first = conn.execute(
            select(t.process_definition.c.key).where(
                t.process_definition.c.process_id == "test_extension", t.process_definition.c.version == 1
            )
        ).scalar_one()

    consent(desk, key, propose(desk, key, first))

    assert (version(desk, key), str(limits(desk, key, "Timer")[0].due_on)) == (1, "2026-06-15")
    rebuilt(desk)


def test_a_restart_between_any_two_commands_changes_nothing(desk: Desk, engine: Engine, key: int) -> None:
    """The engine keeps nothing of a proposal in memory: all of it is read from the tables."""
    migration = propose(desk, key, publish(desk, RENAMED, LONGER), Verify="Check")
    again = Desk(engine)
    consent(again, key, migration, "providing")
    consent(Desk(engine), key, migration, "using")
    desk.do(key, "Check", {})

    kinds = trail(desk, key)
    at = kinds.index("MigrationProposed")
    assert [k for k in kinds[at:] if k.startswith(("Migration", "Instance"))] == [
        "MigrationProposed",
        "MigrationConsented",
        "MigrationConsented",
        "InstanceMigrated",
    ]


def test_who_asked_under_the_old_name_may_not_approve_under_the_new_one(desk: Desk, key: int) -> None:
    desk.do(key, "Ask", {"days": 3})
    target = publish(desk, ('"Ask"', '"Request"'))
    consent(desk, key, propose(desk, key, target, Ask="Request"))
    asker = desk.actor(case(desk, key).providing_key, "handler")
    both = replace(asker, roles=asker.roles | {(asker.org_key, "head")})
    values = {"decision": "agree", "days": 3}

    with pytest.raises(SelfApproval):
        desk.engine.handle(c.CompleteTask(actor=both, task_key=task(desk, key, "Approve").key, values=values))

    desk.do(key, "Approve", values)
    assert str(limits(desk, key, "Timer")[0].due_on) == "2026-06-18"
    rebuilt(desk)


def test_a_case_with_an_open_incident_is_not_moved(desk: Desk, key: int) -> None:
    target = publish(desk, *second(7))
    with desk.engine.database.reading() as conn:
        timer = conn.execute(select(t.timer.c.key).where(t.timer.c.instance_key == key).limit(1)).scalar_one()
    desk.engine.handle(c.NoteFailure(actor=None, cause="原因。", cause_en="A cause.", failed_timer=timer))

    with pytest.raises(MigrationObstructed, match="an incident at"):
        propose(desk, key, target)
    assert version(desk, key) == 1


def several(result: str, until: str = "") -> str:
    ends = f"<completionCondition>{until.replace('>', '&gt;')}</completionCondition>" if until else ""
    return (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>asked</loopDataInputRef>"
        f'<loopDataOutputRef>{result}</loopDataOutputRef><inputDataItem id="I" name="department"/>{ends}'
        "</multiInstanceLoopCharacteristics>"
    )


@pytest.mark.parametrize(
    ("loop", "other"),
    [
        pytest.param("", " ", id="one call instead of several"),
        pytest.param(" ", "", id="several calls instead of one"),
        pytest.param("", several("views"), id="another result"),
        pytest.param("", several("opinions", "opinions['done'] >= 2"), id="another end"),
    ],
)
def test_a_call_under_way_is_answered_as_it_was_asked(desk: Desk, loop: str, other: str) -> None:
    departments = provincial(desk, managing=False)[:2]
    deploy(desk.engine, answering())

    def version_with(rounds: str) -> int:
        xml = asking(listed(departments), loop=rounds)
        if rounds == " ":
            xml = xml.replace(b'expression="department"', b'expression="asked[0]"')
        more = b'name="opinions"/>' + b"".join(
            b'<shixian:variable name="%s"/>' % n for n in (b"opinion", b"views")
        )
        return deploy(desk.engine, xml.replace(b'name="opinions"/>', more, 1))

    version_with(loop)
    key = begin_small(desk, "asking")
    settle(desk)
    target = version_with(other)

    with pytest.raises(MigrationObstructed, match=r"“征求意见”（Ask）.*结果变量.*请在结果全部返回后再提出"):
        propose(desk, key, target)
    for row in called(desk):
        desk.do(row.key, "Work", {})
        settle(desk)
    assert open_tasks(desk, key) == {"Then"}
    assert consent(desk, key, propose(desk, key, target))["state"] == "done"


def test_a_length_that_a_document_set_is_no_version_s_to_change(desk: Desk) -> None:
    """The limit of a delivered notice keeps its days (Art. 20 规定时限), whatever the target's setting says."""
    set_by = (
        '<shixian:period setting="p13.verify_wd"',
        '<shixian:period length="7" lengthBy="\'通知书\'" setting="p13.verify_wd"',
    )
    bounds = ('key="p13.verify_wd" value="5"', 'key="p13.verify_wd" min="1" max="60" value="5"')
    publish(desk, set_by, bounds)
    key = start(desk)
    assert limits(desk, key, "Timer")[0].terms["set_by"] == "通知书"
    before = limits(desk, key, "Timer")[0].due_on
    longer = ('key="p13.verify_wd" value="5"', 'key="p13.verify_wd" min="1" max="60" value="20"')
    target = publish(desk, set_by, longer)
    consent(desk, key, propose(desk, key, target))

    assert version(desk, key) == 2
    assert limits(desk, key, "Timer")[0].due_on == before
