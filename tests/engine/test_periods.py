"""Due dates by the rules of time, R-T1 to R-T13."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.calendar import ChinaWorkingCalendar, known_by, load_notices
from engine.periods import BEIJING, Policy, Status, days_late, reminder_at, strip, working_day_limit

ROOT = Path(__file__).parents[2]
NOTICES = load_notices(ROOT / "processes/calendars/notices.yaml")
CALENDAR = ChinaWorkingCalendar(NOTICES, estimate=True)


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "tests/data" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BEIJING)


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
    assert working_day_limit(at(event), length, CALENDAR, extended_by=extended).due_on == date.fromisoformat(
        due
    )


@pytest.mark.parametrize("row", rows("working_days_sample.csv"), ids=lambda row: row["id"])
def test_sample_vectors(row: dict[str, str]) -> None:
    due = working_day_limit(datetime.fromisoformat(row["received_at"]), int(row["n"]), CALENDAR)

    assert due.due_on.isoformat() == row["last_day"]
    assert due.due_at == datetime.fromisoformat(row["expires_at"])


@pytest.mark.parametrize("row", rows("working_days_policies_sample.csv"), ids=lambda row: row["id"])
def test_sample_vectors_with_policies_and_earlier_knowledge(row: dict[str, str]) -> None:
    as_of = date.fromisoformat(row["calendar_as_of"] or "9999-12-31")

    due = working_day_limit(
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

    assert working_day_limit(half_past_midnight_on_monday, 5, CALENDAR).event_day == date(2026, 3, 2)


def test_r_t3_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        working_day_limit(datetime(2026, 3, 2, 10), 5, CALENDAR)


def test_r_t10_saturday_after_a_friday_is_late_by_no_working_day() -> None:
    assert days_late(date(2026, 3, 13), date(2026, 3, 14), CALENDAR) == (0, 1)


def test_r_t13_the_tail_of_the_last_covered_year_is_provisional() -> None:
    assert working_day_limit(at("2026-12-22"), 5, CALENDAR).status is Status.PROVISIONAL


def test_r_t4_an_organisation_may_end_its_day_at_five() -> None:
    due = working_day_limit(at("2026-06-08"), 5, CALENDAR, Policy(day_end="17:00"))

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
    assert working_day_limit(at("2026-06-08"), 5, CALENDAR, extended_by=1).due_on == date(2026, 6, 16)


def test_r_t13_a_year_without_notice_is_estimated_and_never_fails() -> None:
    due = working_day_limit(at("2027-02-04"), 5, CALENDAR)

    assert due.status is Status.UNCOVERED
    # New Year's Eve of 2027 is 5 February; four statutory days, then the weekend as it falls.
    assert due.due_on == date(2027, 2, 15)


def test_the_strip_explains_every_day() -> None:
    days = strip(working_day_limit(at("2025-01-24"), 5, CALENDAR), CALENDAR)

    assert [(d.date.day, d.role.value) for d in days[:5]] == [
        (24, "event"),
        (25, "weekend"),
        (26, "makeup_counted"),
        (27, "counted"),
        (28, "holiday"),
    ]
    assert days[2].notice_id is not None
    assert [d.number for d in days if d.number] == [1, 2, 3, 4, 5]
