"""Due dates by the rules of time, R-T1 to R-T13."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.calendar import ChinaWorkingCalendar, known_by, load_notices
from engine.periods import (
    BEIJING,
    Due,
    Pause,
    Policy,
    Status,
    Term,
    Unit,
    count,
    days_late,
    reminder_at,
)
from engine.strips import strip

ROOT = Path(__file__).parents[2]
NOTICES = load_notices(ROOT / "processes/calendars/notices.yaml")
CALENDAR = ChinaWorkingCalendar(NOTICES, estimate=True)


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "tests/data" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BEIJING)


def limit(
    received_at: datetime,
    length: int,
    calendar: ChinaWorkingCalendar = CALENDAR,
    policy: Policy | None = None,
    extended_by: int = 0,
    unit: Unit = Unit.WORKING_DAY,
) -> Due:
    return count(Term(length, received_at, unit, policy or Policy(), extended_by=extended_by), calendar)


@pytest.mark.parametrize(
    ("event", "length", "extended", "due"),
    [
        ("2025-01-24", 5, 0, "2025-02-07"),
        ("2025-01-27", 5, 0, "2025-02-10"),
        ("2025-02-01", 5, 0, "2025-02-10"),
        ("2025-04-25", 5, 0, "2025-05-06"),
        ("2025-05-30", 5, 0, "2025-06-09"),
        ("2025-06-20", 15, 0, "2025-07-11"),
        ("2026-06-08", 5, 0, "2026-06-15"),
        ("2026-06-08", 5, 10, "2026-06-30"),
        ("2026-06-18", 5, 0, "2026-06-26"),
    ],
)
def test_worked_examples_of_the_rules(event: str, length: int, extended: int, due: str) -> None:
    assert limit(at(event), length, extended_by=extended).due_on == date.fromisoformat(due)


@pytest.mark.parametrize("row", rows("working_days_sample.csv"), ids=lambda row: row["id"])
def test_sample_vectors(row: dict[str, str]) -> None:
    due = limit(datetime.fromisoformat(row["received_at"]), int(row["n"]))

    assert due.due_on.isoformat() == row["last_day"]
    assert due.due_at == datetime.fromisoformat(row["expires_at"])


@pytest.mark.parametrize("row", rows("working_days_policies_sample.csv"), ids=lambda row: row["id"])
def test_sample_vectors_with_policies_and_earlier_knowledge(row: dict[str, str]) -> None:
    as_of = date.fromisoformat(row["calendar_as_of"] or "9999-12-31")

    due = limit(
        datetime.fromisoformat(row["received_at"]),
        int(row["n"]),
        ChinaWorkingCalendar(known_by(NOTICES, as_of), estimate=True),
        Policy(after_hours_rule=row["after_hours_rule"], office_close=row["office_close"] or None),
    )

    assert due.status == row["status"]
    if due.status is not Status.UNCOVERED:
        assert due.due_on.isoformat() == row["last_day"]
        assert due.due_at == datetime.fromisoformat(row["expires_at"])


def test_r_t3_the_day_is_the_day_in_beijing() -> None:
    half_past_midnight_on_monday = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)

    assert limit(half_past_midnight_on_monday, 5).event_day == date(2026, 3, 2)


def test_r_t3_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        limit(datetime(2026, 3, 2, 10), 5)


def test_r_t10_saturday_after_a_friday_is_late_by_no_working_day() -> None:
    assert days_late(date(2026, 3, 13), date(2026, 3, 14), CALENDAR) == (0, 1)


def test_r_t13_the_tail_of_the_last_covered_year_is_provisional() -> None:
    assert limit(at("2026-12-22"), 5).status is Status.PROVISIONAL


def test_r_t4_an_organisation_may_end_its_day_at_five() -> None:
    due = limit(at("2026-06-08"), 5, CALENDAR, Policy(day_end="17:00"))

    assert due.due_at == datetime(2026, 6, 15, 17, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("due_on", "reminder"),
    [
        ("2025-02-07", "2025-02-06"),
        ("2025-02-10", "2025-02-08"),
        ("2025-05-06", "2025-04-30"),
        ("2026-06-30", "2026-06-29"),
    ],
)
def test_r_t7_the_first_reminder_is_the_working_day_before(due_on: str, reminder: str) -> None:
    expected = datetime.fromisoformat(f"{reminder}T09:00").replace(tzinfo=BEIJING)

    assert reminder_at(date.fromisoformat(due_on), 1, "09:00", CALENDAR) == expected


def test_r_t11_an_extension_counts_on_from_the_original_due_date() -> None:
    assert limit(at("2026-06-08"), 5, CALENDAR, extended_by=1).due_on == date(2026, 6, 16)


def test_r_t13_a_year_without_notice_is_estimated_and_never_fails() -> None:
    due = limit(at("2027-02-04"), 5)

    assert due.status is Status.UNCOVERED
    # New Year's Eve of 2027 is 5 February; four statutory days, then the weekend as it falls.
    assert due.due_on == date(2027, 2, 15)


def test_the_strip_explains_every_day() -> None:
    term = Term(5, at("2025-01-24"))
    days = strip(term, count(term, CALENDAR), CALENDAR)

    assert [(d.date.day, d.role.value) for d in days[:5]] == [
        (24, "event"),
        (25, "weekend"),
        (26, "makeup_counted"),
        (27, "counted"),
        (28, "holiday"),
    ]
    assert days[2].notice_id is not None
    assert [d.number for d in days if d.number] == [1, 2, 3, 4, 5]


# Days and months (民法典第二百条至第二百零三条)


@pytest.mark.parametrize(
    ("event", "length", "extended", "due"),
    [
        pytest.param("2026-06-08", 7, 0, "2026-06-15", id="the seventh day after, a Monday"),
        pytest.param("2026-06-08", 5, 0, "2026-06-15", id="the fifth day is a Saturday: Monday"),
        pytest.param("2026-06-12", 7, 0, "2026-06-22", id="the last day is Dragon Boat: the Monday after"),
        pytest.param("2026-02-06", 8, 0, "2026-02-14", id="the last day is a make-up Saturday: it stands"),
        pytest.param("2026-06-08", 5, 3, "2026-06-18", id="three more days from the Monday"),
        pytest.param("2026-06-08", 5, 5, "2026-06-22", id="the extension ends on Saturday in the holiday"),
    ],
)
def test_calendar_days_end_on_a_working_day(event: str, length: int, extended: int, due: str) -> None:
    found = limit(at(event), length, extended_by=extended, unit=Unit.CALENDAR_DAY)

    assert found.due_on == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("event", "months", "due"),
    [
        pytest.param("2026-01-31", 1, "2026-02-28", id="no corresponding day: the last of the month"),
        pytest.param("2023-11-30", 3, "2024-02-29", id="of a leap year"),
        pytest.param("2026-03-15", 3, "2026-06-15", id="the corresponding day"),
        pytest.param("2026-03-20", 3, "2026-06-22", id="in the holiday: the Monday after"),
        pytest.param("2025-12-10", 2, "2026-02-10", id="across the year"),
    ],
)
def test_months_end_on_the_corresponding_day(event: str, months: int, due: str) -> None:
    assert limit(at(event), months, unit=Unit.MONTH).due_on == date.fromisoformat(due)


def test_a_period_of_days_rests_only_on_how_it_ends() -> None:
    first_of_2027_is_estimated = limit(at("2026-12-20"), 12, unit=Unit.CALENDAR_DAY)
    monday_of_2026 = limit(at("2026-12-20"), 1, unit=Unit.CALENDAR_DAY)

    assert first_of_2027_is_estimated.status is Status.UNCOVERED
    assert monday_of_2026.status is Status.FINAL


def test_counting_the_day_of_receipt_ends_a_day_earlier() -> None:
    found = limit(at("2026-06-08"), 5, policy=Policy(count_receipt_day=True))

    assert found.due_on == date(2026, 6, 12)


# Pauses (扣除)


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        pytest.param("2026-06-09", "2026-06-11", "2026-06-17", id="two working days"),
        pytest.param("2026-06-09", "2026-06-09", "2026-06-15", id="back on the same day: nothing"),
        pytest.param("2026-06-12", "2026-06-14", "2026-06-15", id="over a weekend: nothing"),
        pytest.param(
            "2026-06-15", "2026-06-22", "2026-06-22", id="held on the last day: due the day it resumes"
        ),
    ],
)
def test_a_pause_moves_the_due_date_by_the_working_days_it_held(since: str, until: str, due: str) -> None:
    term = Term(5, at("2026-06-08"), pauses=(Pause("补正", "流程设定", at(since), at(until)),))

    assert count(term, CALENDAR).due_on == date.fromisoformat(due)


def test_the_strip_shows_the_days_taken_out() -> None:
    term = Term(5, at("2026-06-08"), pauses=(Pause("补正", "流程设定", at("2026-06-09"), at("2026-06-11")),))
    days = {d.date.day: d for d in strip(term, count(term, CALENDAR), CALENDAR)}

    assert [days[n].role.value for n in (9, 10, 11, 12)] == ["counted", "excluded", "excluded", "counted"]
    assert (days[9].number, days[12].number, days[17].number) == (1, 2, 5)


def test_the_strip_numbers_an_extension_on() -> None:
    term = Term(5, at("2026-06-08"), extended_by=3)
    days = [d for d in strip(term, count(term, CALENDAR), CALENDAR) if d.number]

    assert [d.number for d in days] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [d.number for d in days if d.extension] == [6, 7, 8]


# Fixed dates


@pytest.mark.parametrize(
    ("policy", "due"),
    [
        pytest.param(Policy(), "2026-02-15", id="R-T12: includes the day and does not move"),
        pytest.param(Policy(fixed_date_inclusive=False), "2026-02-14", id="before the day"),
        pytest.param(Policy(fixed_date_roll="next_wd"), "2026-02-24", id="after the Spring Festival"),
        pytest.param(Policy(fixed_date_roll="previous_wd"), "2026-02-14", id="the make-up Saturday before"),
    ],
)
def test_r_t12_a_fixed_date(policy: Policy, due: str) -> None:
    found = count(Term(0, at("2026-02-15"), Unit.FIXED_DATE, policy), CALENDAR)

    assert found.due_on == date.fromisoformat(due)
    assert found.status is Status.FINAL


def test_r_t12_reminders_of_a_fixed_date_go_by_the_last_working_day_before_it() -> None:
    saturday_before_the_festival = datetime(2026, 2, 14, 9, tzinfo=BEIJING)

    assert reminder_at(date(2026, 2, 15), 0, "09:00", CALENDAR) == saturday_before_the_festival


def test_a_due_date_names_the_notices_it_rests_on() -> None:
    found = limit(at("2025-12-29"), 5)

    assert CALENDAR.rests_on(*found.examined) == ("2025", "2026")


@pytest.mark.parametrize(("length", "extended"), [(0, 0), (-1, 0), (5, -1)])
def test_a_length_that_is_none_is_refused(length: int, extended: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Term(length, at("2026-06-08"), extended_by=extended)
