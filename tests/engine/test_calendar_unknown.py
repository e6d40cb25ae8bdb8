"""What the calendar does about a year without an annual notice: refuse, or estimate (R-T13)."""

from collections.abc import Callable
from datetime import date

import pytest

from engine.calendar import CalendarUnknown, ChinaWorkingCalendar, Kind
from tests.engine.test_calendar import CALENDAR, ESTIMATING, FIRST, MONDAY, NOTICES, plain_notice

UNKNOWN = [date(2017, 12, 31), date(2027, 1, 1), date(2027, 6, 15), date(1, 1, 1), date(9999, 12, 31)]
OF_A_DAY: dict[str, Callable[[ChinaWorkingCalendar, date], object]] = {
    "day": lambda c, d: c.day(d),
    "days": lambda c, d: c.days(d, d),
    "reason": lambda c, d: c.reason(d),
    "is_working_day": lambda c, d: c.is_working_day(d),
    "is_working_day with exceptions": lambda c, d: c.is_working_day(d, [d]),
    "is_holiday": lambda c, d: c.is_holiday(d, [d]),
    "get_holiday_label": lambda c, d: c.get_holiday_label(d),
    "add none": lambda c, d: c.add_working_days(d, 0),
    "holidays": lambda c, d: c.holidays(d.year),
    "holidays_set": lambda c, d: c.holidays_set(d.year),
    "get_calendar_holidays": lambda c, d: c.get_calendar_holidays(d.year),
    "get_fixed_holidays": lambda c, d: c.get_fixed_holidays(d.year),
    "get_variable_days": lambda c, d: c.get_variable_days(d.year),
    "export_to_ical": lambda c, d: c.export_to_ical([d.year, d.year]),
    "working_days_between": lambda c, d: c.working_days_between(d, d),
    "delta": lambda c, d: c.get_working_days_delta(d, d),
}
COUNTS: dict[str, Callable[[ChinaWorkingCalendar, date], object]] = {
    "add": lambda c, d: c.add_working_days(d, 5),
    "add with exceptions": lambda c, d: c.add_working_days(d, 5, extra_holidays=[d]),
    "sub": lambda c, d: c.sub_working_days(d, 5),
    "previous_working_day": lambda c, d: c.previous_working_day(d),
    "working_days_between": lambda c, d: c.working_days_between(d, MONDAY),
    "delta": lambda c, d: c.get_working_days_delta(MONDAY, d),
}


@pytest.mark.parametrize("ask", [*OF_A_DAY.values(), *COUNTS.values()], ids=[*OF_A_DAY, *COUNTS])
@pytest.mark.parametrize("d", UNKNOWN, ids=str)
def test_a_year_without_notice_is_refused(
    ask: Callable[[ChinaWorkingCalendar, date], object], d: date
) -> None:
    with pytest.raises(CalendarUnknown) as refused:
        ask(CALENDAR, d)

    year = refused.value.year
    assert year in (d.year, 2027)  # between two days, the first year that is unknown
    assert f"notice for {year}, found none" in refused.value.en
    assert f"{year}年部分节假日安排的通知" in refused.value.zh


@pytest.mark.parametrize("ask", OF_A_DAY.values(), ids=OF_A_DAY)
@pytest.mark.parametrize("d", UNKNOWN, ids=str)
def test_an_estimate_never_fails(ask: Callable[[ChinaWorkingCalendar, date], object], d: date) -> None:
    ask(ESTIMATING, d)


@pytest.mark.parametrize(
    ("d", "delta", "year"),
    [
        pytest.param(date(2026, 12, 31), 1, 2027, id="over the last covered day"),
        pytest.param(date(2026, 12, 30), 2, 2027, id="over it by one"),
        pytest.param(date(2020, 1, 1), 10_000, 2027, id="far over it"),
        pytest.param(date(2018, 1, 2), -1, 2017, id="before the first"),
        pytest.param(date(2020, 1, 1), -10_000, 2017, id="far before it"),
    ],
)
def test_a_count_that_runs_into_a_year_without_notice_is_refused(d: date, delta: int, year: int) -> None:
    for extra in ([], [FIRST]):
        with pytest.raises(CalendarUnknown) as refused:
            CALENDAR.add_working_days(d, delta, extra_holidays=extra)
        assert refused.value.year == year


def test_a_gap_between_covered_years_is_not_counted_across() -> None:
    gapped = ChinaWorkingCalendar([n for n in NOTICES if n.year != 2022])

    assert gapped.add_working_days(date(2021, 3, 1), 5) == date(2021, 3, 8)
    assert gapped.add_working_days(date(2023, 3, 1), -5) == date(2023, 2, 22)
    for ask in (
        lambda: gapped.add_working_days(date(2021, 12, 31), 1),
        lambda: gapped.add_working_days(date(2023, 1, 1), -1),
        lambda: gapped.working_days_between(date(2021, 3, 1), date(2023, 3, 1)),
    ):
        with pytest.raises(CalendarUnknown, match="2022"):
            ask()


def test_without_any_notice_every_day_is_refused_or_estimated() -> None:
    with pytest.raises(CalendarUnknown):
        ChinaWorkingCalendar([]).add_working_days(MONDAY, 1)

    assert ChinaWorkingCalendar([], estimate=True).add_working_days(MONDAY, 1) == date(2026, 3, 3)
    assert ChinaWorkingCalendar([]).covered_until == date.min


def test_an_estimate_counts_weekends_and_the_thirteen_statutory_days() -> None:
    off = [d for d, _ in ESTIMATING.holidays(2027)]

    assert len(off) == 13
    assert ESTIMATING.day(date(2027, 2, 5)).name == "春节"  # New Year's Eve
    assert ESTIMATING.day(date(2027, 2, 5)).kind is Kind.ESTIMATE
    assert not ESTIMATING.day(date(2027, 2, 6)).covered
    assert ESTIMATING.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_an_estimate_grows_its_table_in_both_directions() -> None:
    calendar = ChinaWorkingCalendar(NOTICES, estimate=True)

    far = calendar.add_working_days(MONDAY, 5_000)

    assert calendar.working_days_between(MONDAY, far) == 5_000
    assert calendar.add_working_days(far, -5_000) == MONDAY
    assert calendar.working_days_between(calendar.sub_working_days(MONDAY, 9_000), MONDAY) == 9_000


@pytest.mark.parametrize(("d", "delta"), [(date(1, 1, 1), -1), (date(9999, 12, 31), 1)], ids=str)
def test_an_estimate_ends_with_the_years_of_the_calendar(d: date, delta: int) -> None:
    calendar = ChinaWorkingCalendar([plain_notice(d.year)] if d.year > 1 else [], estimate=True)

    for extra in ([], [FIRST]):
        with pytest.raises(ValueError, match="years 1 to 9999"):
            calendar.add_working_days(d, delta, extra_holidays=extra)
