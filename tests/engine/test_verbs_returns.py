"""退回, 跳转: the token goes to another step, the limits stay what they are."""

from datetime import timedelta

import pytest

from engine import commands as c
from engine.app import Engine
from engine.deadlines import PauseNotGranted
from engine.errors import InvalidDefinition, InvalidInput, Refused
from engine.handlers.verbs.refusals import LegalStepBetween
from tests.engine.verb_office import Office, files, model, open_office, replays
from tests.processes.office import limits, open_tasks, trail, wait_until

WHY = "材料不齐，请补充后重新提交。"


def test_the_work_goes_back_to_who_did_it_with_what_they_had_filled_in_and_why(working: Office) -> None:
    working.do("return", "owner", step="First", reason=WHY)

    assert open_tasks(working, working.key) == {"First"}
    first = working.task("First")
    assert first.assignee == working.person("owner").user_key
    assert working.draft("First") == {"note": "初稿"}
    (remark,) = working.parts("owner", "First")
    assert (remark.kind, remark.text) == ("returned", WHY)
    assert working.case().state == "draft"
    assert replays(working)


def test_the_limit_runs_on(working: Office) -> None:
    (before,) = limits(working, working.key, "Late")
    working.do("return", "owner", step="First", reason=WHY)

    (after,) = limits(working, working.key, "Late")
    assert after == before
    wait_until(working, before.due_at + timedelta(minutes=1))
    assert limits(working, working.key, "Late")[0].state == "overdue"


def test_a_returned_case_comes_to_its_end(working: Office) -> None:
    working.do("return", "owner", step="First", reason=WHY)
    working.fill("owner", "First", "补充")
    working.fill("handler", "Work")
    working.fill("head", "Sign")
    working.fill("other party", "Answer")

    assert working.case().ended_at is not None
    assert replays(working)


def test_only_where_the_model_allows_and_with_a_reason(working: Office) -> None:
    with pytest.raises(InvalidInput, match="可以选择的环节"):
        working.do("return", "owner", step="Sign", reason=WHY)
    with pytest.raises(InvalidInput, match="理由"):
        working.do("return", "owner", step="First", reason="否")


def test_a_limit_stands_still_only_by_a_law_and_until_the_work_is_handed_in(engine: Engine) -> None:
    office = open_office(engine, 'shixian:returnPauses="t.grounds"')
    office.fill("owner", "First")
    (before,) = limits(office, office.key, "Late")

    office.do("return", "owner", step="First", reason=WHY)
    assert limits(office, office.key, "Late")[0].state == "paused"
    wait_until(office, before.due_at + timedelta(days=3))
    office.fill("owner", "First")

    (after,) = limits(office, office.key, "Late")
    assert after.state == "running"
    assert after.due_on > before.due_on
    assert replays(office)


def test_no_limit_grants_the_ground_of_the_setting(engine: Engine) -> None:
    office = open_office(engine, 'shixian:returnPauses="t.grounds"', grounds="")
    office.fill("owner", "First")

    with pytest.raises(PauseNotGranted):
        office.do("return", "owner", step="First", reason=WHY)
    assert open_tasks(office, office.key) == {"Work"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(('returnTo="First"', 'returnTo="Nobody"'), "Nobody", id="no task"),
        pytest.param(('returnTo="First"', 'returnTo="Sign"'), "不在该环节之前", id="a later task"),
        pytest.param(('returnTo="First"', 'returnTo="Answer"'), "同一方", id="another party's"),
        pytest.param(
            ('id="Sign" name="审签" ', 'id="Sign" name="审签" shixian:returnPauses="t.days" '),
            "returnPauses",
            id="alone",
        ),
    ],
)
def test_a_model_that_says_otherwise_is_refused(engine: Engine, change: tuple[str, str], found: str) -> None:
    changed = model().decode().replace(*change)

    with pytest.raises(InvalidDefinition, match=found):
        engine.handle(c.DeployDefinition(actor=None, files=files(changed.encode())))


def test_a_jump_is_a_deviation_with_its_reason(working: Office) -> None:
    working.do("jump", "administrator", step="First", reason="误点提交，经双方确认退回填报。")

    assert open_tasks(working, working.key) == {"First"}
    assert "TaskJumped" in trail(working, working.key)
    assert replays(working)


def test_no_jump_skips_what_was_never_filled_in_or_signed(working: Office) -> None:
    with pytest.raises(LegalStepBetween, match="复核"):
        working.do("jump", "administrator", step="Sign", reason="负责人已经口头同意办理。")
    assert open_tasks(working, working.key) == {"Work"}


def test_a_jump_over_what_was_done_before_names_what_it_skips(working: Office) -> None:
    working.fill("owner", "Work")
    working.do("jump", "administrator", "Sign", step="First", reason="误点提交，经双方确认退回填报。")

    working.do("jump", "administrator", "First", step="Sign", reason="误操作已经纠正，恢复原环节。")

    assert open_tasks(working, working.key) == {"Sign"}


def test_a_jump_needs_ten_characters_of_reason(working: Office) -> None:
    with pytest.raises(InvalidInput, match="10至"):
        working.do("jump", "administrator", step="First", reason="误操作。")


def test_two_returns_at_once_are_one(working: Office) -> None:
    task, actor = working.task("Work").key, working.person("owner")
    working.engine.handle(c.ReturnTask(actor=actor, task_key=task, step="First", reason=WHY))

    with pytest.raises(Refused) as second:
        working.engine.handle(c.ReturnTask(actor=actor, task_key=task, step="First", reason=WHY))
    assert second.value.code == "wrong_state"
    assert trail(working, working.key).count("TaskReturned") == 1
