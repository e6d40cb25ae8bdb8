"""Questions to the calendar that need no case, from Python and from the command line."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from engine.ask import between, latest_start, what_is, why
from engine.calendar import ChinaWorkingCalendar, load_notices
from engine.calendar_cli import calendar as command
from engine.explanation_data import between_data, day_data, latest_data
from engine.periods import Status
from tests.conftest import NOTICES

CALENDAR = ChinaWorkingCalendar(load_notices(NOTICES), estimate=True)
days = st.dates(date(2018, 2, 1), date(2026, 11, 30))
lengths = st.integers(1, 60)


@pytest.mark.parametrize(
    ("finish", "length", "event", "start", "first"),
    [
        pytest.param("2026-06-25", 5, "2026-06-17", "2026-06-17", "2026-06-18", id="over the holiday"),
        pytest.param("2026-06-26", 5, "2026-06-21", "2026-06-18", "2026-06-22", id="event on a rest day"),
        pytest.param("2026-06-21", 1, "2026-06-17", "2026-06-17", "2026-06-18", id="finish on a rest day"),
        pytest.param("2025-02-07", 5, "2025-01-25", "2025-01-24", "2025-01-26", id="make-up Sunday counted"),
    ],
)
def test_the_latest_start(finish: str, length: int, event: str, start: str, first: str) -> None:
    found = latest_start(date.fromisoformat(finish), length, CALENDAR)

    assert [d.isoformat() for d in (found.event_on, found.start_on, found.first_on)] == [event, start, first]


@given(days, lengths)
def test_the_reverse_count_is_the_inverse_of_the_forward_count(finish: date, length: int) -> None:
    found = latest_start(finish, length, CALENDAR)

    assert CALENDAR.add_working_days(found.event_on, length) <= finish
    assert CALENDAR.add_working_days(found.event_on + timedelta(1), length) > finish
    assert CALENDAR.add_working_days(found.start_on, length) <= finish


@given(days, lengths)
def test_a_count_forth_and_back_comes_out_on_or_after_its_start(event: date, length: int) -> None:
    due = CALENDAR.add_working_days(event, length)

    assert latest_start(due, length, CALENDAR).event_on >= event
    assert between(event, due, CALENDAR).working_days == length


@pytest.mark.parametrize(
    ("first", "last", "working", "calendar"),
    [
        pytest.param("2026-06-17", "2026-06-25", 5, 8, id="over the holiday"),
        pytest.param("2026-06-25", "2026-06-17", -5, -8, id="backwards"),
        pytest.param("2026-06-19", "2026-06-19", 0, 0, id="one day"),
        pytest.param("2026-02-13", "2026-02-28", 6, 15, id="both make-up Saturdays of Spring Festival"),
    ],
)
def test_the_days_between(first: str, last: str, working: int, calendar: int) -> None:
    found = between(date.fromisoformat(first), date.fromisoformat(last), CALENDAR)

    assert (found.working_days, found.calendar_days) == (working, calendar)


@pytest.mark.parametrize(
    ("day", "working", "words"),
    [
        pytest.param("2026-06-19", False, "规定因端午节放假", id="day off"),
        pytest.param("2026-02-14", True, "规定因春节上班", id="make-up day"),
        pytest.param("2026-06-17", True, "通常工作日", id="plain weekday"),
        pytest.param("2026-06-14", False, "周休息日", id="plain weekend"),
        pytest.param("2026-12-30", True, "次年放假安排公布后可能变动", id="open tail"),
        pytest.param("2027-10-01", False, "按法定节假日（国庆节）估算", id="estimated holiday"),
    ],
)
def test_what_a_day_is_and_why(day: str, working: bool, words: str) -> None:
    found = what_is(date.fromisoformat(day), CALENDAR)

    assert found.day.working is working
    assert words in why(found)


def test_r_t13_an_answer_that_reaches_an_uncovered_year_says_so() -> None:
    assert latest_start(date(2027, 1, 5), 5, CALENDAR).status is Status.UNCOVERED
    assert between(date(2026, 12, 20), date(2026, 12, 30), CALENDAR).status is Status.PROVISIONAL


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        latest_start(date(2026, 6, 25), 0, CALENDAR)


# The command line


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command, list(arguments))


def test_the_command_line_answers_in_chinese() -> None:
    latest = run("latest", "2026-06-26", "5").output
    assert "最迟2026年6月21日（星期日）起算" in latest and "最后一个办公日为2026年6月18日" in latest
    assert "5个工作日，8个自然日" in run("between", "2026-06-17", "2026-06-25").output
    day = run("day", "2026-06-19").output
    assert "不是工作日" in day and "原文：五、端午节" in day


def test_the_command_line_gives_the_json_of_the_api() -> None:
    finish, first, last = date(2026, 6, 26), date(2026, 6, 17), date(2026, 6, 25)

    assert json.loads(run("latest", "2026-06-26", "5", "--json").output) == latest_data(
        latest_start(finish, 5, CALENDAR)
    )
    assert json.loads(run("between", "2026-06-17", "2026-06-25", "--json").output) == between_data(
        between(first, last, CALENDAR)
    )
    assert json.loads(run("day", "2026-06-19", "--json").output) == day_data(
        what_is(date(2026, 6, 19), CALENDAR)
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("latest", "soon", "5"), id="no date"),
        pytest.param(("latest", "2026-06-26", "0"), id="no length"),
        pytest.param(("latest", "9999-12-31", "5"), id="the end of time"),
        pytest.param(("latest", "0001-01-02", "5"), id="its beginning"),
        pytest.param(("between", "2026-02-30", "2026-03-01"), id="no such day"),
        pytest.param(("day", "2026-6-1"), id="not ISO"),
    ],
)
def test_bad_arguments_are_a_sentence_and_no_trace(arguments: tuple[str, ...]) -> None:
    found = run(*arguments)

    assert found.exit_code in (1, 2)
    assert "Error:" in found.output and "Traceback" not in found.output
