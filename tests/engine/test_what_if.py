"""What if: finished cases run through a draft; counts without cases; nothing left behind."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from engine import commands as c
from engine.app import Engine
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver
from engine.errors import InvalidDefinition
from engine.periods import beijing_day
from engine.process_files import PROCESSES, definition_files
from engine.workbench.scratch import Scratches
from engine.workbench.what_if import WhatIf
from engine.workbench.what_if_outcomes import counted
from tests.conftest import at_once, beijing

APPLICATION = definition_files(PROCESSES / "ln_art12_application")
PERIOD = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def scratches() -> Iterator[Scratches]:
    made = Scratches(most=1)
    yield made
    made.close()


def with_reply(days: int) -> dict[str, bytes]:
    old = b'key="p12.reply_wd" value="5"'
    assert old in APPLICATION["process.bpmn"]
    xml = APPLICATION["process.bpmn"].replace(old, f'key="p12.reply_wd" value="{days}"'.encode())
    return {**APPLICATION, "process.bpmn": xml}


def refused_on(engine: Engine, desk: Desk, n: int, replied: datetime) -> int:
    """Play a case to its end: refused on a day, and the refusal accepted the next."""
    case = int(at_once(deliver(desk, n)))
    desk.do(case, "T12-04", {"check_result": "accept"})
    engine.handle(c.SetClock(actor=None, at=replied))
    applied = desk.variables(case)["application"]
    if desk.variables(case).get("reply_overdue_at"):
        desk.do(case, "T12-12", {"action": "justified", "reason": "已向提供部门了解情况。"})
    desk.do(case, "T12-07", reply(applied, beijing_day(desk.now), "refuse"))
    desk.do(case, "T12-08", {"decision": "sign"})
    engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(hours=1)))
    desk.do(case, "T12-13", {"decision": "accept"})
    return case


def run(engine: Engine, files: dict[str, bytes], scratches: Scratches) -> WhatIf:
    found = WhatIf(engine, files, *PERIOD, scratches)
    while not found.advance(5):
        pass
    return found


def of(found: WhatIf, element: str) -> dict[tuple[str, str], int]:
    return dict(next((v for k, v in counted(found.results or ()).moved.items() if k[0] == element), {}))


def test_a_reply_late_under_five_days_would_be_in_time_under_ten(
    engine: Engine, desk: Desk, scratches: Scratches
):
    refused_on(engine, desk, 0, beijing("2026-06-17T10:00"))  # working day 7

    found = run(engine, with_reply(10), scratches)

    assert of(found, "TM12-1") == {("late", "met"): 1}
    (case,) = found.results or ()
    reply_limit = next(x for x in case.limits if x.element == "TM12-1")
    assert (reply_limit.own.due_on, reply_limit.draft.due_on) == (date(2026, 6, 15), date(2026, 6, 23))
    assert "M12-5" in case.skipped and case.differs_at
    assert (case.own_result, case.draft_result) == ("refused", "refused")


def test_a_reply_in_time_under_ten_days_would_be_late_under_five(
    engine: Engine, desk: Desk, scratches: Scratches
):
    engine.handle(c.DeployDefinition(actor=None, files=with_reply(10)))
    refused_on(engine, desk, 0, beijing("2026-06-17T10:00"))

    found = run(engine, APPLICATION, scratches)

    assert of(found, "TM12-1") == {("met", "late"): 1}
    (case,) = found.results or ()
    assert "M12-5" in case.added


def test_the_same_draft_makes_the_same_of_every_case(engine: Engine, desk: Desk, scratches: Scratches):
    refused_on(engine, desk, 0, beijing("2026-06-10T10:00"))
    withdrawn = int(at_once(deliver(desk, 1)))
    desk.withdraw(withdrawn, "业务调整，不再需要。")

    found = run(engine, APPLICATION, scratches)

    counts = counted(found.results or ())
    assert (counts.cases, counts.elsewhere, dict(counts.diverged)) == (2, 0, {})
    assert of(found, "TM12-1") == {("met", "met"): 1, ("cancelled", "cancelled"): 1}


def test_a_form_that_refuses_what_was_handed_in_is_named(engine: Engine, desk: Desk, scratches: Scratches):
    refused_on(engine, desk, 0, beijing("2026-06-10T10:00"))
    form = APPLICATION["forms/F12-E.json"].decode().replace('"maxLength": 30', '"maxLength": 2', 1)
    draft = {**APPLICATION, "forms/F12-E.json": form.encode()}

    found = run(engine, draft, scratches)

    (case,) = found.results or ()
    assert case.divergence is not None
    assert (case.divergence.kind, case.divergence.element) == ("form", "T12-07")
    assert case.divergence.why
    assert of(found, "TM12-1") == {("met", "open"): 1}


def test_counts_say_nothing_of_any_case(engine: Engine, desk: Desk, scratches: Scratches):
    case = refused_on(engine, desk, 0, beijing("2026-06-17T10:00"))
    title = desk.variables(case)["title"]

    text = repr(counted(run(engine, with_reply(10), scratches).results or ()))

    assert str(case) not in text and title not in text and "LN12-2026" not in text


def test_what_is_replayed_knows_no_names_and_is_deleted(engine: Engine, desk: Desk, scratches: Scratches):
    refused_on(engine, desk, 0, beijing("2026-06-10T10:00"))
    found = WhatIf(engine, APPLICATION, *PERIOD, scratches)
    assert found._engine is not None
    folder, names = found._engine.folder, found._engine.holders
    org = int(desk.variables(next(iter(found._cases)).key)["using_dept"])
    assert {actor.name for actor in names(org, "handler")} == {"办理人员"}

    while not found.advance(5):
        pass

    assert not folder.exists() and found._cases == []


def test_a_running_case_and_one_of_another_period_are_left_out(
    engine: Engine, desk: Desk, scratches: Scratches
):
    refused_on(engine, desk, 0, beijing("2026-06-10T10:00"))
    at_once(deliver(desk, 1))

    assert len(run(engine, APPLICATION, scratches).results or ()) == 1
    found = WhatIf(engine, APPLICATION, date(2026, 1, 1), date(2026, 5, 31), scratches)
    assert found.advance() and found.results == ()


def test_a_draft_with_findings_is_not_computed(engine: Engine, scratches: Scratches):
    with pytest.raises(InvalidDefinition):
        WhatIf(engine, {**APPLICATION, "forms/F12-A.json": b"{}"}, *PERIOD, scratches)


def test_the_live_database_stays_as_it_was(engine: Engine, desk: Desk, scratches: Scratches):
    case = refused_on(engine, desk, 0, beijing("2026-06-10T10:00"))
    before = desk.variables(case), engine.queries.next_due(), engine.clock.now()

    run(engine, with_reply(10), scratches)

    assert (desk.variables(case), engine.queries.next_due(), engine.clock.now()) == before
