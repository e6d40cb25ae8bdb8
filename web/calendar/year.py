"""The page of a year, and the questions to the calendar."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from engine.periods import beijing_day
from engine.queries import calendar as questions
from engine.queries.known import known_at, layers
from web.calendar.months import cell, differences, entries, months, spans
from web.calendar.questions import UNITS, YEARS, ask
from web.dates import Unreadable, read_day
from web.engine import engine
from web.language import said
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the route on the calendar's blueprint."""
    bp.get("")(show)


def show() -> ResponseReturnValue:
    """Show a year, as known now or on an earlier day, and answer what was asked."""
    page, status = year_page(request.args)
    return render_template("calendar/year.html", **page), status


def year_page(args: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """Return what the year's page shows, and the status it is answered with."""
    today = beijing_day(engine().clock.now())
    at, as_of_error = _as_of(args.get("as_of", ""))
    chosen, day_error = _chosen(args.get("day", ""))
    wanted = args.get("year", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) == 4 else 0
    number = number if number in YEARS else (chosen or today).year
    search, actor = engine().queries.search, acting()
    calendar = search(questions.in_force, actor, at)
    days = search(questions.year, actor, number, at)
    asked = ask(args, calendar)
    found = {d.day.date: d for d in days}
    if chosen and chosen not in found:
        found = {d.day.date: d for d in search(questions.year, actor, chosen.year, at)}
    page = {
        "today": today,
        "year": number,
        "previous": number - 1 if number > YEARS[0] else None,
        "next": number + 1 if number < YEARS[-1] else None,
        "covered": number in calendar.annual,
        "open_tail": any(cell(d).tail for d in days),
        "months": months(days),
        "entries": entries(days),
        "spans": spans,
        "layers": search(layers, actor, number, at),
        "chosen": cell(found[chosen]) if chosen else None,
        "errors": {"as_of": as_of_error, "day": day_error},
        "as_of": args.get("as_of", "")[:20],
        "at": at,
        "as_of_day": beijing_day(at - timedelta(microseconds=1)) if at else None,
        "differs": differences(days, search(questions.year, actor, number)) if at else [],
        "asked": asked,
        "units": UNITS,
        "feed_since": engine().feeds.created_at(actor),
    }
    failed = as_of_error or day_error or (asked is not None and asked.errors)
    return page, 422 if failed else 200


def _as_of(text: str) -> tuple[datetime | None, str]:
    """Return the instant as of which the page is asked, or what is wrong with the day typed."""
    if not text.strip():
        return None, ""
    try:
        return known_at(read_day(text), engine().clock.now()), ""
    except Unreadable as fault:
        return None, said(fault)
    except InvalidInput as refusal:
        return None, said(refusal)


def _chosen(text: str) -> tuple[date | None, str]:
    if not text.strip():
        return None, ""
    try:
        day = read_day(text)
    except Unreadable as fault:
        return None, said(fault)
    if day.year not in YEARS:
        return None, _("请选择%(first)s年至%(last)s年之间的日期。", first=YEARS[0], last=YEARS[-1])
    return day, ""
