"""疑义错误信息校核: every rule, end state, timer and bad case of domain C.4."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import HANDLERS, Engine
from engine.deadlines import ExtensionUsedUp
from engine.definitions import load_definition
from engine.demo.cases import Desk, pair
from engine.demo.cases import fill as fill_application
from engine.demo.verifications import (
    EXTENSION,
    PROCESS,
    STORIES,
    accept,
    act,
    ask,
    begin,
    correct,
    deliver,
    fill,
    records,
    report,
    verification,
    verify,
    window_pair,
)
from engine.errors import InvalidForm, NotAllowed, NotFound, WrongState
from engine.handlers.advance import advance
from engine.handlers.case import load_case
from engine.handlers.limits import cancel_all
from engine.periods import beijing_day
from engine.queries.flags import flags
from engine.queries.records import record_page
from engine.storage.tables import catalogue_entry, message, process_definition, process_instance
from tests.conftest import at_once, beijing, open_engine
from tests.processes.office import (
    administrators,
    case,
    document_text,
    incidents,
    limits,
    open_tasks,
    task,
    templates,
    told,
    trail,
    wait_until,
)
from tests.processes.small_models import model, nodes

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

FOLDER = Path(__file__).parents[2] / "processes" / PROCESS
PARAGRAPH_3 = (
    "校核期间，办理业务涉及公民、法人和其他组织的，如已提供合法有效证明材料，"
    "受理单位应照常办理，不得拒绝、推诿或者要求办事人办理信息更正手续。"
)
AGREE = {"decision": "agree", "approved_days": 10}
NOT_OURS = {"accept_result": "not_ours", "reason": "该数据由其他部门依职责采集管理，本部门不掌握。"}
NOT_ACCEPTED = {"accept": "no", "comment": "所依据的档案与现场证书原件不符，请核对原件。"}


def delivered(desk: Desk, n: int = 1, **changes: Any) -> int:
    """Received on the clock's day."""
    return int(at_once(deliver(desk, n, **changes)))


def accepted(desk: Desk, n: int = 1, **changes: Any) -> int:
    key = delivered(desk, n, **changes)
    accept(desk, key)
    return key


def verified(desk: Desk, result: str = "correct", n: int = 1, **changes: Any) -> int:
    key = accepted(desk, n, **changes)
    verify(desk, key, result)
    return key


def due(desk: Desk, key: int, timer: str = "TM13-1") -> str:
    return str(limits(desk, key, timer)[-1].due_on)


def errors(desk: Desk, key: int, element: str, values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidForm) as refused:
        desk.do(key, element, values)
    return {field: found[0].zh for field, found in refused.value.errors.items()}


def variant(engine: Engine, **settings: str) -> None:
    """Publish a version with other settings; cases that begin now use it."""
    files = {str(p.relative_to(FOLDER)): p.read_bytes() for p in FOLDER.rglob("*.*") if p.suffix != ".md"}
    files |= {
        f"documents/{p.name}": p.read_bytes() for p in (FOLDER.parent / "common/documents").glob("*.html")
    }
    xml = files["process.bpmn"].decode()
    for key, value in settings.items():
        name = f'key="p13.{key}" value="'
        before, _, rest = xml.partition(name)
        xml = f'{before}{name}{value}"{rest.partition(chr(34))[2]}'
    engine.handle(c.DeployDefinition(actor=None, files={**files, "process.bpmn": xml.encode()}))


def other_department(desk: Desk, key: int) -> int:
    row = case(desk, key)
    with desk.engine.database.reading() as conn:
        keys = conn.exec_driver_sql(
            "SELECT DISTINCT organisation_key FROM user_role WHERE role = 'head' ORDER BY organisation_key"
        ).scalars()
        taken = {row.using_key, row.providing_key, row.managing_key}
        return next(int(k) for k in keys if k not in taken)


def results(desk: Desk, key: int) -> tuple[str, str]:
    row = case(desk, key)
    return row.state, row.result


# The straight way


def test_every_element_of_the_description_is_in_the_model(desk: Desk) -> None:
    with desk.engine.database.reading() as conn:
        newest = conn.execute(
            select(process_definition.c.key)
            .where(process_definition.c.process_id == PROCESS)
            .order_by(process_definition.c.version.desc())
        ).scalars()
        process = load_definition(conn, int(next(newest))).process
    wanted = (
        "S13-a S13-b S13-c T13-01 IG13 ST13-A M13-1 T13-02 G13-01 M13-3 T13-04 T13-03 T13-05 M13-2 G13-02 T13-06"
        " ST13-B T13-07 G13-03 ES13-X T13-E1 T13-E2 M13-4 ES13-W M13-5 T13-08 T13-B1 M13-6 E13-1 E13-M E13-W"
        " E13-D E13-Z E13-B TM13-1 TM13-2 TM13-3 TM13-4 TM13-5 TM13-6 TM13-7 TM13-8"
    )
    drawn = {*process.nodes, *(node.scope for node in process.nodes.values())}
    assert [element for element in wanted.split() if element not in drawn] == []


def test_the_straight_way_closes_as_verified_with_its_documents(desk: Desk) -> None:
    key = verified(desk)
    assert open_tasks(desk, key) == {"T13-07"}
    desk.do(key, "T13-07", {"accept": "yes"})

    assert results(desk, key) == ("closed", "verified")
    assert templates(desk, key) == ["E-5", "E-7"]
    assert incidents(desk, key) == []


# Rules


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        pytest.param("2025-01-24T10:00", "2025-02-07", id="before the Spring Festival of 2025"),
        pytest.param("2025-01-27T10:00", "2025-02-10", id="a make-up Saturday is counted"),
        pytest.param("2025-02-01T10:00", "2025-02-10", id="received on a holiday"),
        pytest.param("2025-04-25T10:00", "2025-05-06", id="Labour Day 2025"),
        pytest.param("2025-05-30T10:00", "2025-06-09", id="Dragon Boat 2025"),
        pytest.param("2025-09-26T10:00", "2025-10-10", id="National Day 2025"),
        pytest.param("2026-02-12T10:00", "2026-02-26", id="Spring Festival 2026, make-up Saturday before it"),
        pytest.param("2026-06-08T10:00", "2026-06-15", id="a plain week"),
        pytest.param("2026-06-18T10:00", "2026-06-26", id="Dragon Boat 2026"),
    ],
)
def test_r13_01_five_working_days_from_the_day_after_receipt(
    database: Any, received: str, due_on: str
) -> None:
    engine = open_engine(database, beijing(received))
    try:
        desk = Desk(engine)
        assert due(desk, delivered(desk)) == due_on
    finally:
        engine.close()


def test_r13_02_the_limit_is_met_at_the_feedback_and_not_when_the_handler_is_done(desk: Desk) -> None:
    key = accepted(desk)
    desk.do(key, "T13-03", verification())
    assert limits(desk, key, "TM13-1")[0].state == "running"

    desk.do(key, "T13-05", {"decision": "sign"})

    assert limits(desk, key, "TM13-1")[0].state == "met"


def test_r13_02_correction_has_a_limit_of_its_own_from_the_feedback(desk: Desk) -> None:
    key = verified(desk, "to_correct")

    assert limits(desk, key, "TM13-1")[0].state == "met"
    assert due(desk, key, "TM13-5") == "2026-06-15"


def test_r13_03_a_department_without_access_cannot_report(desk: Desk) -> None:
    using, entry = pair(desk, 1, "conditional")

    with pytest.raises(NotAllowed, match="没有该资源的有效授权"):
        begin(desk, using, entry)


def test_r13_03_an_unconditional_resource_needs_no_grant(desk: Desk) -> None:
    using, entry = pair(desk, 1, "unconditional")

    assert open_tasks(desk, begin(desk, using, entry)) == {"T13-01"}


def test_r13_04_nothing_the_provider_may_ask_for_stops_the_clock(desk: Desk) -> None:
    options = {value for value, _ in desk_options(desk, "F13-B", "accept_result")}

    assert options == {"accept", "duplicate", "not_ours"}


def desk_options(desk: Desk, form: str, field: str) -> list[tuple[str, str]]:
    from engine.definitions import load_definition

    with desk.engine.database.reading() as conn:
        key = conn.execute(
            select(process_definition.c.key).where(process_definition.c.process_id == PROCESS)
        ).scalar_one()
        loaded = load_definition(conn, key)
    return list(next(f for f in loaded.forms[form].fields if f.key == field).values)


@pytest.mark.parametrize("side", ["using_key", "managing_key"])
def test_r13_05_neither_the_user_nor_the_managing_department_may_ask_for_more_time(
    desk: Desk, side: str
) -> None:
    key = accepted(desk)
    outsider = desk.actor(getattr(case(desk, key), side), "handler")

    with pytest.raises(NotAllowed, match="提供部门经办人或者负责人"):
        desk.engine.handle(c.SendMessage(actor=outsider, instance_key=key, element_id="ES13-X", values={}))


def test_r13_05_the_head_of_the_provider_may_have_more_time_asked_for(desk: Desk) -> None:
    key = accepted(desk)

    act(desk, key, "ES13-X", role="head")

    assert "T13-E1" in open_tasks(desk, key)


def test_r13_05_the_act_is_offered_only_while_the_limit_runs(desk: Desk) -> None:
    key = accepted(desk)
    handler = desk.actor(case(desk, key).providing_key, "handler")

    def offered() -> set[str]:
        return {a.element_id for a in desk.engine.queries.case(handler, key).acts}

    assert "ES13-X" in offered()
    act(desk, key, "ES13-X")
    assert "ES13-X" not in offered()  # one request at a time
    wait_until(desk, beijing("2026-06-16T00:10"))
    assert "ES13-X" not in offered()
    with pytest.raises(WrongState):
        act(desk, key, "ES13-X")


def test_r13_06_an_undecided_request_lapses_at_24_00_of_the_original_due_date(desk: Desk) -> None:
    key = accepted(desk)
    wait_until(desk, beijing("2026-06-15T23:50"))
    ask(desk, key, 3)
    wait_until(desk, beijing("2026-06-15T23:59"))
    assert "T13-E2" in open_tasks(desk, key)
    waiting = task(desk, key, "T13-E2")

    wait_until(desk, beijing("2026-06-16T00:10"))

    assert "T13-E2" not in open_tasks(desk, key)
    assert case(desk, key).overdue
    assert due(desk, key) == "2026-06-15"
    assert any("未获批准，已经失效" in text for _, text, _ in told(desk, key))
    with pytest.raises(WrongState, match="逾期未审批，未延期"):
        head = desk.actor(waiting.organisation_key, "head")
        desk.engine.handle(c.CompleteTask(actor=head, task_key=waiting.key, values=AGREE))
    assert open_tasks(desk, key) >= {"T13-03", "T13-08"}


def test_r13_06_the_request_lapses_with_the_limit_where_the_calendar_moves_it(desk: Desk) -> None:
    from tests.engine.test_calendar_notices import CLOSED, applied, closure

    key = accepted(desk)
    ask(desk, key, 3)
    applied(desk.engine, *administrators(desk), closure(case(desk, key).providing_key, CLOSED))
    assert due(desk, key) == "2026-06-16"

    wait_until(desk, beijing("2026-06-16T10:00"))
    assert "T13-E2" in open_tasks(desk, key)
    wait_until(desk, beijing("2026-06-17T00:10"))

    assert "T13-E2" not in open_tasks(desk, key)
    assert desk.variables(key)["extension_lapse_on"] == "2026-06-16"


def test_r13_06_late_approval_where_the_version_allows_it(desk: Desk, engine: Engine) -> None:
    variant(engine, extension_late_approval="true")
    key = accepted(desk)
    wait_until(desk, beijing("2026-06-15T23:50"))
    ask(desk, key, 3)
    wait_until(desk, beijing("2026-06-16T09:10"))
    assert case(desk, key).overdue

    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 3})

    assert due(desk, key) == "2026-06-18"
    assert "原期限届满后批准" in document_text(desk, key, "E-6")


def both(desk: Desk, key: int, role: str = "handler") -> Any:
    org = case(desk, key).providing_key
    person = desk.actor(org, role)
    return replace(person, roles=person.roles | {(org, "head"), (org, "handler")})


def test_r13_07_who_asked_may_not_approve_and_it_is_logged(desk: Desk, engine: Engine) -> None:
    key = accepted(desk)
    ask(desk, key, 3)
    values = {"decision": "agree", "approved_days": 3}

    with pytest.raises(NotAllowed):
        engine.handle(
            c.CompleteTask(actor=both(desk, key), task_key=task(desk, key, "T13-E2").key, values=values)
        )

    assert due(desk, key) == "2026-06-15"
    with engine.database.reading() as conn:
        logged = conn.exec_driver_sql("SELECT count(*) FROM event WHERE type = 'AccessRefused'")
        assert logged.scalar_one() == 1


def of_three(desk: Desk, n: int) -> tuple[int, int]:
    """An entry of a provider with two handlers and a head."""
    with desk.engine.database.reading() as conn:
        query = select(catalogue_entry.c.key).where(catalogue_entry.c.name == "出入境证件签发统计")
        return window_pair(desk, n)[0], int(conn.execute(query).scalar_one())


def test_r13_07_a_head_who_verifies_in_person_leaves_the_approval_to_the_deputy(
    desk: Desk, engine: Engine
) -> None:
    key = int(at_once(deliver(desk, 1, of_three)))
    accept(desk, key)
    head = both(desk, key, "head")
    engine.handle(c.ClaimTask(actor=head, task_key=task(desk, key, "T13-03").key))
    ask(desk, key, 3)
    values = {"decision": "agree", "approved_days": 3}

    with pytest.raises(InvalidForm) as refused:
        engine.handle(c.CompleteTask(actor=head, task_key=task(desk, key, "T13-E2").key, values=values))
    assert "代理负责人" in refused.value.errors["decision"][0].zh

    org = case(desk, key).providing_key
    deputy = desk.actor(org, "handler", other_than=desk.actor(org, "handler").user_key)
    deputy = replace(deputy, roles=deputy.roles | {(org, "head")})
    engine.handle(c.CompleteTask(actor=deputy, task_key=task(desk, key, "T13-E2").key, values=values))
    assert due(desk, key) == "2026-06-18"


def test_r13_08_ten_days_are_added_under_the_first_reading(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 10)
    desk.do(key, "T13-E2", AGREE)

    assert due(desk, key) == "2026-06-30"
    assert desk.variables(key)["extension"]["due_new"] == "2026-06-30"
    assert templates(desk, key) == ["E-5", "E-6", "E-6N"]
    for template in ("E-6", "E-6N"):
        assert "在原期限之外延长的时间最长10个工作日" in document_text(desk, key, template)
    assert "2026年6月30日" in document_text(desk, key, "E-6N")


def test_r13_08_the_other_reading_leaves_five_and_is_printed(desk: Desk, engine: Engine) -> None:
    variant(engine, extension_cap_mode="total")
    key = accepted(desk)
    act(desk, key, "ES13-X")

    assert "1至5" in errors(desk, key, "T13-E1", {**EXTENSION, "days": 6})["days"]

    desk.do(key, "T13-E1", {**EXTENSION, "days": 5})
    page = engine.queries.task(
        desk.actor(case(desk, key).providing_key, "head"), task(desk, key, "T13-E2").key
    )
    components: Any = page.form["components"]
    assert "延长后的期限合计最长10个工作日" in str(components)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 5})
    assert due(desk, key) == "2026-06-23"
    assert "延长后的期限合计最长10个工作日" in document_text(desk, key, "E-6N")


def test_r13_08_the_page_shows_the_new_due_date_for_every_number_of_days(desk: Desk, engine: Engine) -> None:
    key = accepted(desk)
    act(desk, key, "ES13-X")
    handler = desk.actor(case(desk, key).providing_key, "handler")

    page = engine.queries.task(handler, task(desk, key, "T13-E1").key)

    assert len(page.computed["due_new"]) == 10
    assert page.computed["due_new"]["10"] == "2026年6月30日"
    assert page.fixed["due_now"] == "2026年6月15日"


def test_r13_09_once_per_case_and_the_count_is_named(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 2)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 1})
    assert due(desk, key) == "2026-06-16"  # fewer than asked for may be approved

    with pytest.raises(ExtensionUsedUp, match="已延长1次，最多可以延长1次"):
        act(desk, key, "ES13-X")


def test_r13_09_two_extensions_stay_under_the_cap_together(desk: Desk, engine: Engine) -> None:
    variant(engine, extension_max_count="2")
    key = accepted(desk)
    ask(desk, key, 7)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 7})
    act(desk, key, "ES13-X")

    assert "1至3" in errors(desk, key, "T13-E1", {**EXTENSION, "days": 4})["days"]


def test_r13_09_never_more_than_was_asked_for(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 3)

    assert "1至3" in errors(desk, key, "T13-E2", AGREE)["approved_days"]


def test_r13_10_a_refused_request_leaves_the_date_and_can_be_made_again(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 3)
    desk.do(key, "T13-E2", {"decision": "refuse", "comment": "档案就在本单位，无需延期。"})
    assert due(desk, key) == "2026-06-15"
    assert "不同意延长" in document_text(desk, key, "E-6")
    assert "E-6N" not in templates(desk, key)

    ask(desk, key, 4)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 4})

    assert due(desk, key) == "2026-06-22"


def test_r13_11_reverification_has_five_fresh_days_and_an_extension_of_its_own(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 1)
    desk.do(key, "T13-E2", {"decision": "agree", "approved_days": 1})
    verify(desk, key)
    wait_until(desk, beijing("2026-06-12T10:00"))
    desk.do(key, "T13-07", NOT_ACCEPTED)

    assert open_tasks(desk, key) == {"T13-03"}
    assert due(desk, key) == "2026-06-22"
    ask(desk, key, 10)
    desk.do(key, "T13-E2", AGREE)
    assert due(desk, key) == "2026-07-06"


def test_r13_12_a_merged_report_is_told_the_result_of_the_main_case(desk: Desk) -> None:
    first, second = two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    assert open_tasks(desk, second) == set()
    assert desk.variables(second)["merged_into"]["business_id"] == case(desk, first).business_id

    verify(desk, first, "corrected")
    desk.engine.sweep()

    assert results(desk, second) == ("closed", "merged")
    assert "数据有误，已更正" in document_text(desk, second, "E-7")
    assert case(desk, first).business_id in document_text(desk, second, "E-7")
    assert any("所并入的校核已有结果" in text for _, text, _ in told(desk, second))


def two_reports(desk: Desk, n: int = 1) -> tuple[int, int]:
    first = accepted(desk, n)
    entry = int(desk.variables(first)["resource"]["key"])
    taken = {case(desk, first).using_key, case(desk, first).providing_key}
    other = next(org for k in range(3) if (org := window_pair(desk, k)[0]) not in taken)
    wait_until(desk, desk.now + timedelta(days=1))
    second = begin(desk, other, entry)
    fill(desk, second, n, record_keys=records(n))
    return first, second


def test_r13_12_the_earliest_due_date_rules_since_each_report_keeps_its_own(desk: Desk) -> None:
    first, second = two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    ask(desk, first, 10)
    desk.do(first, "T13-E2", AGREE)
    assert (due(desk, first), due(desk, second)) == ("2026-06-30", "2026-06-16")

    wait_until(desk, beijing("2026-06-17T00:00"))

    assert (case(desk, first).overdue, case(desk, second).overdue) == (False, True)


def test_r13_12_only_reports_with_the_same_records_can_be_named(desk: Desk) -> None:
    first, second = two_reports(desk)
    third = begin(desk, case(desk, second).using_key, int(desk.variables(first)["resource"]["key"]))
    fill(desk, third, 2, record_keys=records(7))

    assert "duplicate_of" in errors(
        desk, third, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)}
    )


@pytest.mark.parametrize("end", ["withdrawn", "voided"])
def test_r13_12_a_merged_report_comes_back_when_the_main_case_brings_no_result(desk: Desk, end: str) -> None:
    first, second = two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    if end == "withdrawn":
        act(desk, first, "ES13-W", {"reason": "系窗口录入笔误，数据无误。"})
    else:
        void(desk, first)
    desk.engine.sweep()

    assert open_tasks(desk, second) == {"T13-02"}
    assert due(desk, second) == "2026-06-16"  # its own limit has not moved
    assert desk.variables(second).get("merged_into") is None


@dataclass(frozen=True, kw_only=True)
class Void(c.Command):
    """Ends a case as an operator's cancellation ends it."""

    key: int


def _void(cmd: Void, uow: Any) -> dict[str, Any]:
    found = load_case(uow, cmd.key)
    cancel_all(found)
    found.machine.cancel()
    found.set(results=["void"])
    advance(found)
    return {}


@pytest.fixture(autouse=True)
def _can_void(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, Void, _void)


def void(desk: Desk, key: int) -> None:
    desk.engine.handle(Void(actor=None, key=key))


def test_r13_12_a_case_that_others_were_merged_into_cannot_be_merged_itself(desk: Desk) -> None:
    first, second = two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    chain = begin(desk, case(desk, second).using_key, int(desk.variables(first)["resource"]["key"]))
    fill(desk, chain, 1, record_keys=records(1))

    options = {k for k, _ in same(desk, chain)}

    assert options == {str(first)}  # the merged one is offered to nobody


def test_r13_12_nor_may_it_choose_to_be(desk: Desk) -> None:
    first = delivered(desk)
    entry, provider = int(desk.variables(first)["resource"]["key"]), case(desk, first).providing_key
    other = other_than(desk, {case(desk, first).using_key, provider})
    second, third = begin(desk, other, entry), begin(desk, other, entry)
    for key in (second, third):
        fill(desk, key, 1, record_keys=records(1))
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})

    found = errors(desk, first, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(third)})

    assert "已有其他校核并入本件" in found["accept_result"]


def same(desk: Desk, key: int) -> list[tuple[str, str]]:
    page = desk.engine.queries.task(
        desk.actor(case(desk, key).providing_key, "handler"), task(desk, key, "T13-02").key
    )
    return list(page.sources["duplicate_of"])


def flagged(desk: Desk, key: int) -> list[Any]:
    resource = int(desk.variables(key)["resource"]["key"])
    outsider = desk.actor(other_department(desk, key), "handler")
    found = desk.engine.queries.search(flags, outsider, [resource])
    return list(found.get(resource, ()))


def test_r13_13_everybody_who_sees_the_resource_sees_the_hint_without_names(desk: Desk) -> None:
    key = delivered(desk)

    [flag] = flagged(desk, key)

    assert flag.data_items == tuple(desk.variables(key)["report"]["item_name"])
    assert (beijing_day(flag.since), flag.records) == (date(2026, 6, 8), 2)
    assert flag.instance_key is None  # an outsider cannot open the case


def test_r13_13_the_hint_goes_with_the_feedback(desk: Desk) -> None:
    key = verified(desk)

    assert flagged(desk, key) == []


def test_r13_13_or_with_the_correction(desk: Desk) -> None:
    key = verified(desk, "to_correct")
    assert len(flagged(desk, key)) == 1

    correct(desk, key)

    assert flagged(desk, key) == []


def test_r13_13_and_with_withdrawal_transfer_to_nobody_merging_and_voiding(desk: Desk) -> None:
    gone = delivered(desk, 1)
    act(desk, gone, "ES13-W", {"reason": "系窗口录入笔误，数据无误。"})
    nobody = delivered(desk, 2)
    desk.do(nobody, "T13-02", NOT_OURS)
    assert len(flagged(desk, nobody)) == 1
    desk.do(nobody, "T13-04", {"assign_result": "nobody", "reason": "经核实尚无部门掌握该数据。"})
    voided = delivered(desk, 4)
    void(desk, voided)
    assert [flagged(desk, key) for key in (gone, nobody, voided)] == [[], [], []]

    first, second = two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    assert len(flagged(desk, first)) == 2  # the merged one until the main case has its result
    verify(desk, first)
    desk.engine.sweep()
    assert flagged(desk, first) == []


def test_r13_13_a_hint_locks_nothing(desk: Desk) -> None:
    key = delivered(desk)
    resource = int(desk.variables(key)["resource"]["key"])

    another = begin(desk, case(desk, key).using_key, resource)

    assert open_tasks(desk, another) == {"T13-01"}


def test_r13_13_the_setting_switches_it_off(desk: Desk, engine: Engine) -> None:
    variant(engine, flag_record="false")

    assert flagged(desk, delivered(desk)) == []


def test_r13_14_the_business_goes_on_at_once_and_waits_for_nothing(desk: Desk) -> None:
    key = delivered(desk, business_pending=True)
    window = task(desk, key, "T13-B1")
    assert (window.role, window.state) == ("window", "open")

    desk.do(key, "T13-B1", HANDLED)

    assert open_tasks(desk, key) == {"T13-02"}
    assert case(desk, key).ended_at is None


HANDLED = {"handled": "handled", "handled_at": "2026-06-08", "outcome": "已依据证书原件办结。"}


def test_r13_14_the_window_reads_paragraph_3_and_is_offered_no_refusal(desk: Desk) -> None:
    key = delivered(desk, business_pending=True)
    clerk = desk.actor(case(desk, key).using_key, "window")

    page = desk.engine.queries.task(clerk, task(desk, key, "T13-B1").key)

    assert PARAGRAPH_3 in str(page.form)
    assert [v for v, _ in desk_options(desk, "F13-H", "handled")] == ["handled", "no_evidence"]
    assert page.closed_options["handled"] == {"no_evidence"}  # evidence was given


def test_r13_14_the_page_of_branch_b_shows_nothing_of_branch_a_even_when_that_is_late(desk: Desk) -> None:
    key = accepted(desk, business_pending=True)
    wait_until(desk, beijing("2026-06-16T09:00"))
    assert case(desk, key).overdue
    clerk = desk.actor(case(desk, key).using_key, "window")

    page = desk.engine.queries.task(clerk, task(desk, key, "T13-B1").key)

    assert (page.apart, page.deadlines, page.flags) == (True, (), ())
    assert [form.element_id for form in page.forms] == ["T13-01"]


def test_r13_14_without_evidence_the_general_rules_apply(desk: Desk) -> None:
    given = delivered(desk, 1, business_pending=True)
    without = delivered(desk, 2, business_pending=True, evidence_given=False)
    general = {**HANDLED, "handled": "no_evidence"}

    assert "handled" in errors(desk, given, "T13-B1", general)
    desk.do(without, "T13-B1", general)
    assert "T13-B1" not in open_tasks(desk, without)


def test_r13_14_nothing_of_branch_b_reads_branch_a_or_has_a_limit() -> None:
    from engine.bpmn import read_process

    process = read_process((FOLDER / "process.bpmn").read_bytes())
    own = [process.nodes["T13-B1"], process.nodes["E13-B"]]
    branch_a = {"verifying", "verified_at", "verification", "received_at", "intake", "signature"}

    assert not list(process.attached("T13-B1"))
    assert all(node.skip_when is None and node.when is None and node.period is None for node in own)
    assert not branch_a & set(
        process.conditions["Flow_IG13_T13B1"].replace("'", " ").replace("[", " ").split()
    )


def test_r13_14_a_case_is_closed_when_both_branches_have_ended(desk: Desk) -> None:
    key = verified(desk, business_pending=True)
    desk.do(key, "T13-07", {"accept": "yes"})
    assert case(desk, key).ended_at is None

    desk.do(key, "T13-B1", HANDLED)

    assert results(desk, key) == ("closed", "verified")


def test_r13_15_no_number_of_a_person_is_kept_anywhere(desk: Desk, engine: Engine, database: Any) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    number, passport = "210102199001011234", "E12345678"
    handler = desk.actor(using, "handler")
    t = task(desk, key, "T13-01").key
    typed = [{"record": number, "id_no": passport, "value": f"号码为{number}", "note": "见档案"}]
    resource = desk.variables(key)["resource"]
    values = report(
        resource,
        beijing_day(desk.now),
        1,
        record_keys=typed,
        current_value=number,
        description=f"窗口核对时发现持证人{number}的登记有误。",
    )
    engine.handle(c.SaveDraft(actor=handler, task_key=t, values=values))
    content = f"记录标识,证件号码,说明\n甲-1,{passport},持证人{number}\n".encode("gb18030")
    stored = engine.handle(
        c.StoreRecords(
            actor=handler, task_key=t, component="record_keys", name=f"{number}.csv", content=content
        )
    )["table"]
    assert stored["first"][0]["id_no"] == "*****5678"
    engine.handle(c.CompleteTask(actor=handler, task_key=t, values=values))

    assert desk.variables(key)["report"]["record_keys"]["first"][0]["record"] == "**************1234"
    everything = dump(engine)
    assert number not in everything
    assert passport not in everything
    assert "**************1234" in everything


def dump(engine: Engine) -> str:
    """Return every cell of every table as text, unpacked."""
    from engine.storage.tables import metadata

    found: list[str] = []
    with engine.database.reading() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(select(table)):
                found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
    return "\n".join(found)


# Bad cases


def test_a_report_with_no_record_no_item_or_no_substance_is_refused_whole(desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    before = trail(desk, key)

    found = errors(
        desk,
        key,
        "T13-01",
        report(
            desk.variables(key)["resource"],
            beijing_day(desk.now),
            1,
            record_keys=[],
            item_name=[],
            description="数据不对",
            found_at="2026-06-09",
        ),
    )

    assert {"record_keys", "item_name", "description", "found_at"} <= set(found)
    assert trail(desk, key) == before


def test_a_silent_provider_is_overdue_supervised_and_still_owes_the_verification(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-16T00:00"))
    assert case(desk, key).overdue
    assert open_tasks(desk, key) == {"T13-02", "T13-08"}
    assert due(desk, key, "TM13-7") == "2026-06-18"

    accept(desk, key)
    verify(desk, key)
    desk.do(key, "T13-08", {"action": "justified", "reason": "档案库搬迁，情况属实。"})
    desk.do(key, "T13-07", {"accept": "yes"})

    assert results(desk, key) == ("closed_late", "verified")


def test_m13_5_and_t13_08_begin_rectification_on_ground_3(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-16T09:00"))
    desk.do(key, "T13-08", {"action": "open_case", "reason": "经催办仍未校核。"})

    [sent] = messages(desk, key, "ln_art20_rectification")
    variables = sent.payload["variables"]
    assert variables["ground"] == ["3"]
    assert variables["target_dept"] == str(case(desk, key).providing_key)
    assert "2026-06-15" in variables["facts"]
    assert case(desk, key).business_id in variables["facts"]


def messages(desk: Desk, key: int, target: str) -> list[Any]:
    with desk.engine.database.reading() as conn:
        query = select(message).where(message.c.instance_key == key, message.c.target == target)
        return list(conn.execute(query))


@pytest.mark.parametrize("days", [11, 0, -1, 1.5, "三天"])
def test_days_outside_the_range_are_refused_and_the_range_is_named(desk: Desk, days: Any) -> None:
    key = accepted(desk)
    act(desk, key, "ES13-X")

    assert "1至10之间的整数" in errors(desk, key, "T13-E1", {**EXTENSION, "days": days})["days"]


def test_a_result_without_reasons_is_refused(desk: Desk) -> None:
    key = accepted(desk)

    assert "explanation" in errors(desk, key, "T13-03", verification(explanation="。。。。。。。。。。。。"))
    assert "explanation" in errors(desk, key, "T13-03", verification("unverifiable", explanation="查不到"))


def test_a_correction_is_promised_within_its_limit(desk: Desk) -> None:
    key = accepted(desk)

    assert "correction_due" in errors(
        desk, key, "T13-03", verification("to_correct", correction_due="2026-06-17")
    )


def test_a_wrong_provider_hands_on_and_the_new_one_has_a_full_new_limit(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(key, "T13-02", NOT_OURS)
    assert limits(desk, key, "TM13-1")[0].state == "cancelled"
    assert due(desk, key, "TM13-4") == "2026-06-12"
    other = other_department(desk, key)

    desk.do(
        key,
        "T13-04",
        {"assign_result": "new", "assign_to": str(other), "reason": "经核对职责，该数据由该部门掌握。"},
    )

    assert case(desk, key).providing_key == other
    assert due(desk, key) == "2026-06-17"
    assert any("已转送" in text and "期限重新起算" in text for _, text, _ in told(desk, key))


def test_tm13_4_a_transfer_that_is_late_is_told_to_the_head_and_stays_open(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T13-02", NOT_OURS)
    wait_until(desk, beijing("2026-06-11T00:00"))

    assert open_tasks(desk, key) == {"T13-04"}
    assert any("转送期限" in text for who, text, _ in told(desk, key) if who.endswith(".fz"))


def test_a_provider_that_is_kept_has_its_first_due_date(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(key, "T13-02", NOT_OURS)
    desk.do(key, "T13-04", {"assign_result": "keep", "reason": "经核对三定规定，属原提供部门职责。"})

    assert due(desk, key) == "2026-06-15"
    assert "accept_result" in errors(desk, key, "T13-02", NOT_OURS)


def test_nobody_holds_the_data(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T13-02", NOT_OURS)
    desk.do(key, "T13-04", {"assign_result": "nobody", "reason": "经核实尚无部门掌握该数据。"})

    assert results(desk, key) == ("closed", "no_holder")


def test_withdrawn_while_a_citizens_business_is_open_leaves_that_open(desk: Desk) -> None:
    key = accepted(desk, business_pending=True)
    act(desk, key, "ES13-W", {"reason": "系窗口录入笔误，数据无误。"})
    assert open_tasks(desk, key) == {"T13-B1"}
    assert limits(desk, key, "TM13-1")[0].state == "cancelled"
    assert any("已撤回校核申请" in text for _, text, _ in told(desk, key))

    desk.do(key, "T13-B1", HANDLED)

    assert results(desk, key) == ("withdrawn", "withdrawn")


def test_withdrawn_while_it_waits_to_be_transferred(desk: Desk) -> None:
    key = delivered(desk)
    desk.do(key, "T13-02", NOT_OURS)
    act(desk, key, "ES13-W", {"reason": "系窗口录入笔误，数据无误。"})

    assert results(desk, key) == ("withdrawn", "withdrawn")


def test_after_the_feedback_nothing_can_be_withdrawn(desk: Desk) -> None:
    key = verified(desk)

    with pytest.raises(WrongState):
        act(desk, key, "ES13-W", {"reason": "不再需要校核。"})


def test_a_draft_can_be_dropped_and_nobody_learns_of_it(desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    act(desk, key, "ES13-D")

    assert results(desk, key) == ("withdrawn", "withdrawn")
    provider = desk.actor(case(desk, key).providing_key, "handler")
    with pytest.raises(NotFound):
        desk.engine.queries.case(provider, key)


def test_before_delivery_the_provider_does_not_know_of_the_report(desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    provider = desk.actor(int(desk.variables(key)["providing_dept"]), "handler")

    with pytest.raises(NotFound):
        desk.engine.queries.case(provider, key)
    fill(desk, key, 1)
    assert desk.engine.queries.case(provider, key).head.key == key


def test_not_accepted_twice_becomes_a_dispute(desk: Desk) -> None:
    key = verified(desk)
    desk.do(key, "T13-07", NOT_ACCEPTED)
    verify(desk, key)
    desk.do(key, "T13-07", NOT_ACCEPTED)

    assert results(desk, key) == ("in_dispute", "to_dispute")
    [sent] = messages(desk, key, "ln_art12_dispute")
    assert sent.payload["kind"] == "校核结果"


def test_not_accepting_needs_reasons(desk: Desk) -> None:
    key = verified(desk)

    assert "comment" in errors(desk, key, "T13-07", {"accept": "no", "comment": "不认可"})


def test_verification_goes_on_while_the_resource_is_withdrawn(desk: Desk) -> None:
    key = accepted(desk)
    code = desk.variables(key)["resource"]["code"]
    desk.engine.handle(
        c.WithdrawEntry(actor=None, code=code, reason="系统下线，不再产生该数据。", doc_no="样例")
    )

    verify(desk, key)

    assert open_tasks(desk, key) == {"T13-07"}


def test_a_merged_provider_hands_task_and_limit_to_its_successor(desk: Desk) -> None:
    from tests.processes.test_succession import DOC, code

    key = accepted(desk)
    provider, heir = case(desk, key).providing_key, other_department(desk, key)
    desk.engine.handle(
        c.SucceedOrganisation(
            actor=None,
            code=code(desk, provider),
            successor_code=code(desk, heir),
            valid_from="2026-06-08",
            doc_no=DOC,
        )
    )
    desk.engine.sweep()

    assert task(desk, key, "T13-03").organisation_key == heir
    assert due(desk, key) == "2026-06-15"


# Correction


def test_who_corrected_may_not_have_checked_it(desk: Desk) -> None:
    key = verified(desk, "to_correct")
    author = desk.actor(case(desk, key).providing_key, "handler")

    found = errors(desk, key, "T13-06", {"what": "已按档案更正。", "verified_by": str(author.user_key)})

    assert "复核人不得是更正人本人" in found["verified_by"]


def test_tm13_5_a_late_correction_is_supervised_and_becomes_a_lead_on_ground_3(desk: Desk) -> None:
    key = verified(desk, "to_correct")
    wait_until(desk, beijing("2026-06-16T00:00"))
    assert open_tasks(desk, key) == {"T13-06", "T13-08C"}

    desk.do(key, "T13-08C", {"action": "open_case", "reason": "经催办仍未更正。"})

    [sent] = messages(desk, key, "ln_art20_rectification")
    assert sent.payload["variables"]["ground"] == ["3"]
    correct(desk, key)
    assert open_tasks(desk, key) == {"T13-07"}


@pytest.mark.parametrize("result", ["corrected", "to_correct"])
def test_st13_b_every_department_with_a_living_grant_is_told(desk: Desk, result: str) -> None:
    using, entry = window_pair(desk, 1)
    holder = other_than(desk, {using, provider_of(desk, entry)})
    fill_application(desk, desk.start(holder, entry), 1)  # unconditional: granted at once
    key = verified(desk, result)
    if result == "to_correct":
        assert desk.variables(key).get("correction_notice") is None
        correct(desk, key)

    notice = desk.variables(key)["correction_notice"]
    assert notice["count"] == 1
    texts = [text for _, text, _ in told(desk, key) if text.startswith("数据更正通知")]
    assert texts
    assert "210102" not in "".join(texts)


def provider_of(desk: Desk, entry: int) -> int:
    with desk.engine.database.reading() as conn:
        query = select(catalogue_entry.c.provider_key).where(catalogue_entry.c.key == entry)
        return int(conn.execute(query).scalar_one())


def other_than(desk: Desk, taken: set[int]) -> int:
    return next(org for k in range(3) if (org := window_pair(desk, k)[0]) not in taken)


# Timers


def test_tm13_2_and_3_reminders_go_out_for_the_due_date_in_force(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 10)
    desk.do(key, "T13-E2", AGREE)
    wait_until(desk, beijing("2026-06-30T10:00"))

    reminders = sorted({at for _, text, at in told(desk, key) if "期限提醒" in text})
    assert reminders == [beijing("2026-06-29T09:00"), beijing("2026-06-30T09:00")]


def test_tm13_6_silence_accepts_and_says_so(desk: Desk) -> None:
    key = verified(desk)
    wait_until(desk, beijing("2026-06-16T00:00"))

    assert results(desk, key) == ("closed", "verified")
    assert desk.variables(key)["confirmed_by"] == "系统确认"


def test_tm13_6_counts_from_the_correction_where_there_is_one(desk: Desk) -> None:
    key = verified(desk, "to_correct")
    wait_until(desk, beijing("2026-06-12T10:00"))
    correct(desk, key)

    assert due(desk, key, "TM13-6") == "2026-06-22"


def test_tm13_7_supervision_that_is_late_is_told_to_the_head(desk: Desk) -> None:
    key = delivered(desk)
    wait_until(desk, beijing("2026-06-22T00:00"))

    assert any("督办期限" in text for who, text, _ in told(desk, key) if who.endswith(".fz"))


def test_a_request_falls_away_when_the_result_is_signed(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 3)
    verify(desk, key)

    assert open_tasks(desk, key) == {"T13-07"}
    assert not incidents(desk, key)


def test_and_when_the_report_is_withdrawn(desk: Desk) -> None:
    key = accepted(desk)
    ask(desk, key, 3)
    act(desk, key, "ES13-W", {"reason": "系窗口录入笔误，数据无误。"})

    assert results(desk, key) == ("withdrawn", "withdrawn")
    assert open_tasks(desk, key) == set()


# Messages that begin it


def test_s13_c_the_second_unusable_provision_of_art_12_begins_a_verification(desk: Desk) -> None:
    from engine.demo.cases import provide
    from tests.processes.test_ln_art12_application import answered

    key = answered(desk, "agree")
    for _ in range(2):
        provide(desk, key)
        desk.do(key, "T12-10", {"ok": "unusable", "problem": "接口返回空值，无法核验申请人资格。"})
    desk.engine.sweep()

    with desk.engine.database.reading() as conn:
        query = select(process_instance).where(process_instance.c.process_id == PROCESS)
        [begun] = conn.execute(query).all()
    assert begun.origin_key == key
    assert open_tasks(desk, begun.key) == {"T13-01"}
    page = desk.engine.queries.task(
        desk.actor(begun.using_key, "handler"), task(desk, begun.key, "T13-01").key
    )
    assert page.values["description"] == "接口返回空值，无法核验申请人资格。"


def test_s13_b_a_mismatch_that_another_system_reports_is_the_windows_task(desk: Desk) -> None:
    from tests.processes.test_beginnings_and_acts import deploy

    using, entry = window_pair(desk, 1)
    body = nodes("startEvent:S userTask:A endEvent:E") + (
        '<intermediateThrowEvent id="Send"><extensionElements>'
        f'<shixian:correlation to="{PROCESS}" key="business_id"/></extensionElements>'
        '<messageEventDefinition messageRef="M"/></intermediateThrowEvent>'
    )
    deploy(
        desk.engine,
        model(body, "S>A A>Send Send>E", '<message id="M" name="证照不一致登记"/>', "reader", "business_id"),
    )
    command = c.StartInstance(actor=desk.actor(using, "handler"), process_id="reader", resource_key=entry)
    desk.do(int(desk.engine.handle(command)["instance_key"]), "A", {})
    desk.engine.sweep()

    with desk.engine.database.reading() as conn:
        query = select(process_instance.c.key).where(process_instance.c.process_id == PROCESS)
        key = conn.execute(query).scalar_one()
    assert open_tasks(desk, key) == {"T13-01W"}
    assert desk.variables(key)["report"]["evidence_given"] is True


def test_s13_w_the_window_registers_a_mismatch_with_the_business_filled_in(desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry, window=True)
    clerk = desk.actor(using, "window")

    page = desk.engine.queries.task(clerk, task(desk, key, "T13-01W").key)
    assert page.values["business_pending"] is True
    assert page.values["evidence_given"] is True
    assert page.values["issue_type"] == "certificate"

    fill(desk, key, 1, "T13-01W", issue_type="certificate", business_pending=True)
    assert open_tasks(desk, key) == {"T13-02", "T13-B1"}


# Restarts


class Restarted:
    """An engine that is closed and opened again after every command."""

    def __init__(self, where: Any, at: datetime) -> None:
        self._where, self._engine = where, open_engine(where, at)

    def handle(self, command: c.Command) -> Any:
        answer = self._engine.handle(command)
        at = self._engine.clock.now()
        self._engine.close()
        self._engine = open_engine(self._where, at)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_every_story_runs_with_a_restart_between_any_two_commands(database: Any, story: Any) -> None:
    engine: Any = Restarted(database, beijing("2026-06-08T10:00"))
    desk = Desk(engine)
    try:
        for pause in story(desk, STORIES.index(story)):
            if pause > timedelta(days=100):
                break
            wait_until(desk, desk.now + pause)

        with engine.database.reading() as conn:
            begun = conn.execute(
                select(process_instance.c.incidents).where(process_instance.c.process_id == PROCESS)
            ).scalars()
            assert set(begun) == {0}
    finally:
        engine.close()


# Records


def test_ten_thousand_rows_are_one_case_and_a_page_holds_fifty(desk: Desk, engine: Engine) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    handler = desk.actor(using, "handler")
    rows = [f"DJ-{n:05d},21010219900101{n % 10000:04d},正常,第{n}条" for n in range(10_000)]
    content = "\n".join(["记录标识,证件号码,现值,说明", *rows]).encode()
    t = task(desk, key, "T13-01").key
    table = engine.handle(
        c.StoreRecords(actor=handler, task_key=t, component="record_keys", name="清单.csv", content=content)
    )["table"]
    fill(desk, key, 1, record_keys={"key": table["key"]})

    kept = desk.variables(key)["report"]
    assert (kept["record_count"], kept["record_keys"]["rows"]) == (10_000, 10_000)
    assert len(kept["record_keys"]["first"]) == 3
    page = engine.queries.search(record_page, handler, key, int(table["key"]), "DJ-00999", 1)
    assert [row["record"] for _, row in page.rows] == ["DJ-00999"]
    last = engine.queries.search(record_page, handler, key, int(table["key"]), "", 200)
    assert (len(last.rows), last.rows[-1][0]) == (50, 10_000)
    outsider = desk.actor(other_department(desk, key), "handler")
    with pytest.raises(NotFound):
        engine.queries.search(record_page, outsider, key, int(table["key"]), "", 1)


def test_a_table_of_another_case_cannot_be_named(desk: Desk, engine: Engine) -> None:
    using, entry = window_pair(desk, 1)
    one, other = begin(desk, using, entry), begin(desk, using, entry)
    handler = desk.actor(using, "handler")
    table = engine.handle(
        c.StoreRecords(
            actor=handler,
            task_key=task(desk, one, "T13-01").key,
            component="record_keys",
            name="清单.csv",
            content="记录标识\n甲\n".encode(),
        )
    )["table"]
    values = report(desk.variables(other)["resource"], beijing_day(desk.now), 1, record_keys=table)

    assert "record_keys" in errors(desk, other, "T13-01", values)


def test_the_number_of_records_is_the_servers(desk: Desk) -> None:
    key = delivered(desk, record_keys=records(1, 3), record_count=999)

    assert desk.variables(key)["report"]["record_count"] == 3
