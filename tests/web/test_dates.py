"""Days as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import beijing
from web.dates import Unreadable, read_day, read_days, write_days
from web.labels import end_zh


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-06-11", "11"),
        ("2026年6月11日", "11"),
        ("2026/6/11", "11"),
        ("２０２６．６．１１", "11"),
        ("6月11日", "11"),
        ("2026-06-11至2026-06-13", "11 12 13"),
        ("2026年6月11日至13日", "11 12 13"),
        ("6月11日—6月12日", "11 12"),
        ("2026-06-11 ~ 2026-06-12", "11 12"),
        ("6月20日、6月11日，2026-06-13", "11 13 20"),
        (" ", ""),
    ],
)
def test_days_and_ranges(text: str, days: str) -> None:
    assert [d.day for d in read_days(text, 2026)] == [int(d) for d in days.split()]


def test_a_range_over_the_new_year() -> None:
    assert read_days("2026-12-31至2027-01-02", 2027)[0] == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "6月31日",
        "13日至11日",
        "2026-06-13至2026-06-11",
        "2026",
        "初五",
        "6月11日至",
        "6月1日至6月2日至6月3日",
    ],
)
def test_what_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_days(text, 2026)


@pytest.mark.parametrize("text", ["6月11日", "11", "", "2026-06", "2026-6-31"])
def test_one_day_alone_needs_its_year(text: str) -> None:
    with pytest.raises(Unreadable):
        read_day(text)


@given(st.sets(st.dates(date(2020, 1, 1), date(2020, 12, 31)), max_size=40))
def test_days_written_are_days_read(days: set[date]) -> None:
    assert read_days(write_days(days), 2020) == tuple(sorted(days))


@pytest.mark.parametrize(
    ("instant", "said"),
    [("2026-06-17T00:00", "2026年6月16日24时"), ("2026-06-16T17:00", "2026年6月16日 17:00")],
)
def test_a_limit_ends_on_its_last_day_not_on_the_next(instant: str, said: str) -> None:
    assert end_zh(beijing(instant)) == said
