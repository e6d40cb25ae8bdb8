"""The working calendar: every day of the covered years, every method."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from workalendar.core import SAT, SUN, Calendar
from workalendar.exceptions import UnsupportedDateType

from engine.calendar import CalendarUnknown, ChinaWorkingCalendar, Holiday, Kind, Notice, load_notices
from engine.periods import BEIJING

FILE = Path(__file__).parents[2] / "processes/calendars/notices.yaml"
NOTICES = load_notices(FILE)
CALENDAR = ChinaWorkingCalendar(NOTICES)
ESTIMATING = ChinaWorkingCalendar(NOTICES, estimate=True)
BOTH = pytest.mark.parametrize("calendar", [CALENDAR, ESTIMATING], ids=["refusing", "estimating"])

EFFECTIVE = yaml.safe_load(FILE.read_text(encoding="utf-8"))["effective"]
OFF = {date.fromisoformat(d["date"]): d["holiday"] for year in EFFECTIVE.values() for d in year["days_off"]}
MAKEUP = {
    date.fromisoformat(d["date"]): d["holiday"] for year in EFFECTIVE.values() for d in year["work_days"]
}
FIRST, LAST = date(2018, 1, 1), date(2026, 12, 31)
COVERED = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]

covered_days = st.dates(FIRST, LAST)
some_days = st.lists(covered_days, max_size=6)


def works(d: date, working: list[date] = [], off: list[date] = []) -> bool:  # noqa: B006 # never written to
    """The oracle: what the published result says of a day, exceptions first."""
    if d in working or d in off:
        return d in working
    return d in MAKEUP or (d.weekday() < SAT and d not in OFF)


def walked(d: date, delta: int, *extra: list[date]) -> date | None:
    """The oracle: day after day; None where it leaves the covered years."""
    left = abs(delta)
    while left:
        d += timedelta(1 if delta > 0 else -1)
        if not FIRST <= d <= LAST:
            return None
        left -= works(d, *extra)
    return d


# Every day


@BOTH
def test_every_covered_day_is_what_the_published_result_says(calendar: ChinaWorkingCalendar) -> None:
    for d in COVERED:
        day = calendar.day(d)
        expected = (
            (Kind.MAKEUP, MAKEUP[d])
            if d in MAKEUP
            else (Kind.HOLIDAY, OFF[d])
            if d in OFF
            else (Kind.WEEKEND if d.weekday() >= SAT else Kind.WORKDAY, None)
        )
        assert (day.kind, day.name) == expected, d
        assert day.working == works(d) == calendar.is_working_day(d), d
        assert day.covered


def test_every_covered_day_is_what_chinesecalendar_says() -> None:
    assert [d for d in COVERED if CALENDAR.is_working_day(d) != chinese_calendar.is_workday(d)] == []


@pytest.mark.parametrize(("year", "found"), [(int(year), found) for year, found in EFFECTIVE.items()])
def test_working_days_of_a_year_equal_the_check_sum(year: int, found: dict[str, Any]) -> None:
    before = ESTIMATING.working_days_between(date(year - 1, 12, 31), date(year, 12, 31))
    within = CALENDAR.get_working_days_delta(date(year, 1, 1), date(year, 12, 31), include_start=True)

    assert before == within == found["working_days"]


# Every method, against the oracle


@given(covered_days, st.integers(-600, 600))
def test_adding_is_walking_day_by_day(d: date, delta: int) -> None:
    expected = walked(d, delta)

    if expected is None:
        with pytest.raises(CalendarUnknown):
            CALENDAR.add_working_days(d, delta)
    else:
        assert CALENDAR.add_working_days(d, delta) == expected
        assert ESTIMATING.add_working_days(d, delta) == expected


@given(st.dates(date(2019, 1, 1), date(2025, 12, 31)), st.integers(-40, 40), some_days, some_days)
def test_exceptions_are_honoured_in_both_directions(
    d: date, delta: int, working: list[date], off: list[date]
) -> None:
    near = [d + timedelta(n) for n in (-9, -2, 1, 4, 8)]

    assert CALENDAR.add_working_days(d, delta, working + near, off) == walked(d, delta, working + near, off)
    assert CALENDAR.add_working_days(d, delta, working, off + near) == walked(d, delta, working, off + near)
    assert CALENDAR.sub_working_days(d, delta, iter(working), iter(near)) == walked(
        d, -abs(delta), working, near
    )


@given(covered_days, covered_days, st.booleans(), some_days, some_days)
def test_the_delta_counts_and_keeps_its_sign(
    a: date, b: date, include_start: bool, working: list[date], off: list[date]
) -> None:
    first, last = sorted((a, b))
    inside = [first + timedelta(n) for n in range(not include_start, (last - first).days + 1)]
    expected = sum(works(d, working, off) for d in inside) if a != b else 0

    found = CALENDAR.get_working_days_delta(a, b, include_start, working, off)

    assert found == (expected if a < b else -expected)


@given(covered_days, covered_days)
def test_the_days_between_count_from_the_day_after_the_first(a: date, b: date) -> None:
    later = [d for d in COVERED if min(a, b) < d <= max(a, b)]

    assert CALENDAR.working_days_between(a, b) == sum(map(works, later)) * (1 if a < b else -1)


@given(st.dates(date(2018, 2, 1), date(2026, 12, 1)))
def test_the_neighbours_of_a_day(d: date) -> None:
    assert CALENDAR.previous_working_day(d) == CALENDAR.sub_working_days(d, 1) == walked(d, -1)
    assert CALENDAR.find_following_working_day(d) == (d if works(d) else walked(d, 1))


@BOTH
@pytest.mark.parametrize("year", range(2018, 2027))
def test_the_holidays_of_a_year_are_the_days_declared_off(calendar: ChinaWorkingCalendar, year: int) -> None:
    expected = sorted((d, name) for d, name in OFF.items() if d.year == year)

    assert calendar.holidays(year) == calendar.get_calendar_holidays(year) == expected
    assert calendar.get_fixed_holidays(year) + calendar.get_variable_days(year) == expected
    assert calendar.holidays_set(year) == {d for d, _ in expected}


def test_what_a_caller_does_to_the_list_of_holidays_does_not_reach_the_calendar() -> None:
    CALENDAR.holidays(2026).clear()

    assert CALENDAR.holidays(2026)


def test_the_holidays_without_a_year_are_those_of_this_year() -> None:
    year = datetime.now(BEIJING).year

    assert ESTIMATING.holidays() == ESTIMATING.holidays(year)


@given(covered_days, some_days)
def test_a_holiday_is_a_day_declared_off_and_no_mere_weekend(d: date, extra: list[date]) -> None:
    assert CALENDAR.get_holiday_label(d) == OFF.get(d)
    assert CALENDAR.is_holiday(d) == (d in OFF)
    assert CALENDAR.is_holiday(d, extra_holidays=extra) == (d in OFF or d in extra)


def test_the_export_holds_each_day_off_once(tmp_path: Path) -> None:
    text = CALENDAR.export_to_ical([2025, 2026])
    CALENDAR.export_to_ical(target_path=tmp_path / "days")

    assert text is not None
    expected = [f"{d:%Y%m%d}" for d in sorted(OFF) if d.year >= 2025]
    assert [line[-8:] for line in text.split("\r\n") if line.startswith("DTSTART")] == expected
    assert (tmp_path / "days.ics").read_text(encoding="utf-8").count("BEGIN:VEVENT") == len(OFF)


class Plain(Calendar):
    FIXED_HOLIDAYS = ((5, 1, "劳动节"), (10, 1, "国庆节"))
    WEEKEND_DAYS = (SAT, SUN)
    include_new_years_day = False


def plain_notice(year: int) -> Notice:
    off = tuple(Holiday(name, (date(year, m, d),), ()) for m, d, name in Plain.FIXED_HOLIDAYS)
    return Notice(str(year), "annual", year, str(year), str(year), date(year - 1, 11, 1), off)


PLAIN = ChinaWorkingCalendar([plain_notice(year) for year in range(2018, 2027)])


@given(
    covered_days, st.dates(date(2019, 1, 1), date(2025, 12, 31)), st.integers(-30, 30), some_days, some_days
)
def test_a_calendar_without_makeup_days_does_what_workalendar_does(
    a: date, b: date, delta: int, working: list[date], off: list[date]
) -> None:
    parent = Plain()
    near = [a + timedelta(365), b + timedelta(3)]

    for extra in ((), (working + near, off), (working, off + near)):
        assert PLAIN.add_working_days(b, delta, *extra) == parent.add_working_days(b, delta, *extra)
        assert PLAIN.sub_working_days(b, delta, *extra) == parent.sub_working_days(b, delta, *extra)
        assert PLAIN.is_working_day(a, *extra) == parent.is_working_day(a, *extra)
        for start in (False, True):
            found = PLAIN.get_working_days_delta(a, b, start, *extra)
            assert abs(found) == parent.get_working_days_delta(a, b, start, *extra)
    assert PLAIN.is_holiday(b, near) == parent.is_holiday(b, near)
    assert PLAIN.holidays(b.year) == parent.holidays(b.year)


# Instants


LATE_ON_SUNDAY = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # half past midnight on Monday in Beijing
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "ask",
    [
        lambda c, d: c.day(d),
        lambda c, d: c.days(d, d),
        lambda c, d: c.reason(d),
        lambda c, d: c.is_covered(d),
        lambda c, d: c.is_open_tail(d),
        lambda c, d: c.is_working_day(d),
        lambda c, d: c.is_working_day(d, [d]),
        lambda c, d: c.is_holiday(d, [d]),
        lambda c, d: c.get_holiday_label(d),
        lambda c, d: c.add_working_days(d, 3),
        lambda c, d: c.add_working_days(d, 0),
        lambda c, d: c.add_working_days(d, -3, extra_holidays=[d]),
        lambda c, d: c.sub_working_days(d, 3),
        lambda c, d: c.previous_working_day(d),
        lambda c, d: c.find_following_working_day(d),
        lambda c, d: c.working_days_between(d, LAST),
        lambda c, d: c.get_working_days_delta(FIRST, d, extra_holidays=[d]),
    ],
)
def test_an_instant_stands_for_its_day_in_beijing(
    ask: Callable[[ChinaWorkingCalendar, date], object],
) -> None:
    assert ask(CALENDAR, LATE_ON_SUNDAY) == ask(CALENDAR, MONDAY)
    assert ask(CALENDAR, datetime(2026, 3, 2, 0, 30)) == ask(CALENDAR, MONDAY)


@pytest.mark.parametrize(
    "zone", [UTC, BEIJING, ZoneInfo("America/New_York"), timezone(timedelta(hours=-12)), None]
)
@given(at=st.datetimes(datetime(2019, 1, 3), datetime(2025, 12, 1)), delta=st.integers(-30, 30))
def test_a_kept_datetime_stands_for_the_day_counted(zone: Any, at: datetime, delta: int) -> None:
    at = at.replace(tzinfo=zone)

    kept = CALENDAR.add_working_days(at, delta, keep_datetime=True)

    assert isinstance(kept, datetime) and kept.tzinfo is zone
    day = kept.astimezone(BEIJING).date() if zone else kept.date()
    assert day == CALENDAR.add_working_days(at, delta)


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(UnsupportedDateType, match="Expected a date"):
        CALENDAR.add_working_days("2026-03-02", 1)  # type: ignore[arg-type]
