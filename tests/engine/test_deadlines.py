"""What may be done to a deadline, R13-05 to R13-11, R-T14, R-T15; every refusal by its name."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from engine.calendar import ChinaWorkingCalendar, Holiday, Layer, Notice, load_notices
from engine.clock import instant_text
from engine.deadline_terms import read_extensions, read_rule, read_term, terms_data
from engine.deadlines import (
    Deadline,
    DeadlineOver,
    ExtensionNotProvided,
    ExtensionOutOfRange,
    ExtensionRule,
    ExtensionUsedUp,
    NotPaused,
    PauseNotGranted,
    SelfApproval,
    State,
)
from engine.periods import BEIJING, Status, Term, Unit, count

NOTICES = load_notices(Path(__file__).parents[2] / "processes/calendars/notices.yaml")
CALENDAR = ChinaWorkingCalendar(NOTICES, estimate=True)
HANDLER, HEAD = (7, "样例经办"), (8, "样例负责")
A = ExtensionRule(10, basis="第十三条第二款")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def verification(rule: ExtensionRule | None = A, **changes: object) -> Deadline:
    """Received on Monday 8 June 2026, due on Monday 15 June."""
    term = Term(5, at("2026-06-08T10:00"))
    made = Deadline(
        name="校核期限",
        basis="第十三条第二款",
        kind="law",
        setting="p13.verify_wd",
        term=term,
        due=count(term, CALENDAR),
        rule=rule,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def extended(limit: Deadline, days: object, asked: int = 10, when: str = "2026-06-12T10:00") -> Deadline:
    return limit.extend(days, asked, HANDLER, HEAD, at(when), CALENDAR)


# Extension


def test_r13_08_reading_a_adds_ten_to_five() -> None:
    assert extended(verification(), 10).due.due_on == date(2026, 6, 30)
    assert verification().extension_left == 10


def test_r13_08_reading_b_allows_ten_in_all() -> None:
    cautious = verification(replace(A, cap_mode="total"))

    assert cautious.extension_left == 5
    assert extended(cautious, 5).due.due_on == date(2026, 6, 23)
    with pytest.raises(ExtensionOutOfRange, match="1至5"):
        extended(cautious, 6)


def test_r13_08_each_reading_is_printed() -> None:
    assert A.reading(Unit.WORKING_DAY) == "在原期限之外延长的时间最长10个工作日"
    assert replace(A, cap_mode="total").reading(Unit.WORKING_DAY) == "延长后的期限合计最长10个工作日"


@pytest.mark.parametrize("days", [11, 0, -1, 1.5, "3", None, True])
def test_r13_08_what_is_no_whole_number_within_the_cap_is_refused(days: object) -> None:
    with pytest.raises(ExtensionOutOfRange, match="1至10个工作日的整数"):
        verification().check_extension(days, at("2026-06-12T10:00"))


def test_r_t11_the_day_of_asking_or_approving_does_not_matter() -> None:
    early = extended(verification(), 3, when="2026-06-08T11:00")
    late = extended(verification(), 3, when="2026-06-15T23:59")

    assert early.due == late.due


def test_r13_06_at_24_00_of_the_due_date_it_is_too_late() -> None:
    assert extended(verification(), 3, when="2026-06-15T23:59:59").due.due_on == date(2026, 6, 18)
    with pytest.raises(DeadlineOver, match="届满后不得延长"):
        extended(verification(), 3, when="2026-06-16T00:00")
    with pytest.raises(DeadlineOver):
        verification().check_extension(3, at("2026-06-16T00:00"))


@pytest.mark.parametrize("state", [State.OVERDUE, State.MET, State.MET_LATE, State.CANCELLED])
def test_r13_06_what_ran_out_or_ended_is_not_extended(state: State) -> None:
    with pytest.raises(DeadlineOver):
        extended(verification(state=state), 3)


def test_r13_06_a_version_may_allow_late_approval() -> None:
    lenient = verification(replace(A, late_approval=True), state=State.OVERDUE)

    assert extended(lenient, 3, when="2026-06-16T09:00").state is State.RUNNING


def test_r13_07_who_asked_may_not_approve() -> None:
    with pytest.raises(SelfApproval):
        verification().extend(3, 3, HEAD, HEAD, at("2026-06-12T10:00"), CALENDAR)


def test_r13_09_once_and_never_more_than_was_asked() -> None:
    once = extended(verification(), 2, asked=4)

    with pytest.raises(ExtensionUsedUp, match="已延长1次"):
        extended(once, 2)
    with pytest.raises(ExtensionOutOfRange, match="1至4"):
        extended(verification(), 5, asked=4)


def test_r13_09_where_more_are_allowed_their_sum_stays_under_the_cap() -> None:
    twice = extended(verification(replace(A, max_count=2)), 7)

    with pytest.raises(ExtensionOutOfRange, match="1至3"):
        extended(twice, 4)
    assert extended(twice, 3).due.due_on == date(2026, 6, 30)


@pytest.mark.parametrize("rule", [None, ExtensionRule(0)])
def test_r12_13_a_limit_without_a_rule_has_no_extension(rule: ExtensionRule | None) -> None:
    with pytest.raises(ExtensionNotProvided, match="没有规定延长"):
        extended(verification(rule), 1)


# Pause


def test_r_t15_the_law_knows_no_suspension_of_its_own() -> None:
    with pytest.raises(PauseNotGranted, match="准许中止的情形为无"):
        verification().pause("工作繁忙", at("2026-06-10T10:00"))


def test_a_ground_that_a_setting_grants_holds_the_clock() -> None:
    limit = verification(grounds={"补正": "流程设定"})
    held = limit.pause("补正", at("2026-06-10T10:00"))

    assert held.state is State.PAUSED
    assert held.resume(at("2026-06-12T09:00"), CALENDAR).due.due_on == date(2026, 6, 17)


def test_pausing_twice_and_resuming_what_runs_are_refused() -> None:
    limit = verification(grounds={"补正": "流程设定"})

    with pytest.raises(NotPaused):
        limit.pause("补正", at("2026-06-10T10:00")).pause("补正", at("2026-06-10T11:00"))
    with pytest.raises(NotPaused):
        limit.resume(at("2026-06-10T10:00"), CALENDAR)


def test_an_expired_limit_is_not_paused() -> None:
    with pytest.raises(DeadlineOver):
        verification(grounds={"补正": "x"}).pause("补正", at("2026-06-16T00:00"))


# Calendar


def closure(*days: date) -> ChinaWorkingCalendar:
    rule = Notice(
        id="test-closure",
        kind="rule",
        year=2026,
        title="测试用停止办公决定",
        doc_no="测试〔2026〕1号",
        published=date(2026, 6, 10),
        holidays=(Holiday("停止办公", days, ()),),
        layer=Layer.UNIT,
        scope="42",
    )
    return ChinaWorkingCalendar([*NOTICES, rule], ("42",), estimate=True)


def test_r_t14_a_closure_moves_a_running_limit() -> None:
    moved = verification().recount(closure(date(2026, 6, 11), date(2026, 6, 12)), date(2026, 6, 10))

    assert moved.due.due_on == date(2026, 6, 17)


@pytest.mark.parametrize("state", [State.OVERDUE, State.MET, State.MET_LATE, State.CANCELLED, State.EXPIRED])
def test_r_t14_past_limits_never_change(state: State) -> None:
    past = verification(state=state)

    assert past.recount(closure(date(2026, 6, 11)), date(2026, 6, 10)) == past


def test_a_limit_does_not_expire_before_the_change_could_be_known() -> None:
    later = verification().recount(closure(date(2026, 6, 11), date(2026, 6, 12)), date(2026, 6, 10))

    back = later.recount(CALENDAR, date(2026, 6, 16))

    assert back.due.due_on == date(2026, 6, 16)


def test_r_t13_a_limit_that_was_open_runs_again_once_its_year_is_known() -> None:
    before = ChinaWorkingCalendar([n for n in NOTICES if n.year < 2026], estimate=True)
    term = Term(5, at("2026-06-08T10:00"))
    limit = replace(verification(), term=term, due=count(term, before), state=State.UNDETERMINED)
    assert limit.due.status is Status.UNCOVERED

    known = limit.recount(CALENDAR, date(2026, 6, 9))

    assert (known.state, known.due.status) == (State.RUNNING, Status.FINAL)


def test_what_it_is_counted_from_survives_being_kept() -> None:
    limit = extended(verification(grounds={"补正": "流程设定"}), 3)
    limit = limit.pause("补正", at("2026-06-12T10:00")).resume(at("2026-06-15T10:00"), CALENDAR)
    kept = terms_data(limit)

    assert read_term(kept) == limit.term
    assert read_extensions(kept) == limit.extensions
    assert read_rule(kept) == limit.rule
    assert kept["event_at"] == instant_text(limit.term.event_at)
