"""The working calendar of the caller's department, as known now or on an earlier day."""

from datetime import date, datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.ask import between, latest_start, what_is
from engine.calendar import ChinaWorkingCalendar
from engine.errors import InvalidInput
from engine.explanation import explain
from engine.explanation_data import between_data, day_data, explanation_data, latest_data
from engine.periods import Term, Unit
from engine.queries import calendar as questions
from engine.queries.known import known_at
from web.api import shapes
from web.api.body import integer
from web.api.openapi import takes
from web.engine import engine
from web.security import acting

YEARS = range(1949, 2100)
_UNITS = (Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH)
_AS_OF = "A day such as 2026-06-01: answer by the documents known at its end."


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.get("/calendar/due")(due)
    bp.get("/calendar/latest-start")(latest)
    bp.get("/calendar/between")(span)
    bp.get("/calendar/days/<day>")(get_day)
    bp.get("/calendar/years/<year>")(get_year)
    bp.get("/calendar/notices")(notices)


@takes(
    receivedAt="*The event, RFC 3339.",
    days="*The length, in the unit.",
    unit="working_day (default), calendar_day or month.",
    extendBy="An approved extension, in the same unit.",
    asOf=_AS_OF,
)
def due() -> ResponseReturnValue:
    """Count a limit and explain every day of it."""
    try:
        received = datetime.fromisoformat(request.args.get("receivedAt", ""))
        _covered(received.date())
        term = Term(
            integer(request.args.get("days"), "days", 1, 1000),
            received,
            _unit(),
            extended_by=integer(request.args.get("extendBy", "0"), "extendBy", 0, 1000),
        )
    except (ValueError, OverflowError) as fault:
        raise InvalidInput(
            "receivedAt 应为带时区的时刻。", f"Expected an instant with a time zone: {fault}"
        ) from fault
    return explanation_data(explain(term, _calendar(), "请求给定的天数"))


@takes(finishBy="*The day on which the work must be done at the latest.", days="*Working days.", asOf=_AS_OF)
def latest() -> ResponseReturnValue:
    """Count backwards: the latest day to begin, to be done by a day."""
    days = integer(request.args.get("days"), "days", 1, 1000)
    return latest_data(latest_start(_day("finishBy"), days, _calendar()))


@takes(first="*A day, itself not counted.", last="*A day, itself counted.", asOf=_AS_OF)
def span() -> ResponseReturnValue:
    """Count the working days and calendar days between two days; negative if the second is earlier."""
    return between_data(between(_day("first"), _day("last"), _calendar()))


@takes(asOf=_AS_OF)
def get_day(day: str) -> ResponseReturnValue:
    """Say whether a day is a working day, and why."""
    return day_data(what_is(_read(day, "date"), _calendar()))


@takes(asOf=_AS_OF)
def get_year(year: str) -> ResponseReturnValue:
    """Return every day of a year."""
    wanted = integer(year, "year", YEARS[0], YEARS[-1])
    calendar = _calendar()
    first, last = date(wanted, 1, 1), date(wanted, 12, 31)
    return {
        "year": wanted,
        "covered": wanted in calendar.annual,
        "notices": list(calendar.rests_on(first, last)),
        "days": [day_data(what_is(d.date, calendar)) for d in calendar.days(first, last)],
    }


def notices() -> ResponseReturnValue:
    """Return every document about working days that was ever entered, those that wait first."""
    lines = engine().queries.search(questions.notices, acting())
    return shapes.page([shapes.notice(line) for line in lines], len(lines))


def _calendar() -> ChinaWorkingCalendar:
    at = None
    if request.args.get("asOf"):
        at = known_at(_day("asOf"), engine().clock.now())
    found: ChinaWorkingCalendar = engine().queries.search(questions.in_force, acting(), at)
    return found


def _unit() -> Unit:
    text = request.args.get("unit", Unit.WORKING_DAY.value)
    if text not in _UNITS:
        raise InvalidInput(
            "unit 应为 working_day、calendar_day 或 month。",
            f"Expected unit to be working_day, calendar_day or month, found {text!r}.",
        )
    return Unit(text)


def _day(name: str) -> date:
    return _read(request.args.get(name, ""), name)


def _read(text: str, name: str) -> date:
    try:
        return _covered(date.fromisoformat(text))
    except ValueError:
        raise InvalidInput(
            f"{name} 应为日期，例如2026-06-15。", f"Expected a date such as 2026-06-15 for {name}."
        ) from None


def _covered(day: date) -> date:
    """Return a day the calendar may be asked about; the working-day rules begin with 1949."""
    if day.year not in YEARS:
        raise InvalidInput(
            f"请给出{YEARS[0]}年至{YEARS[-1]}年之间的日期。",
            f"Expected a day in {YEARS[0]} to {YEARS[-1]}, found {day.isoformat()}.",
        )
    return day
