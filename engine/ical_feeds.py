"""Calendars to subscribe to (RFC 5545): the nation's days off and make-up days, and a person's own limits."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from icalendar import Alarm, Calendar, Event

from engine.calendar import ChinaWorkingCalendar, Day, Kind
from engine.periods import end_of
from engine.queries.own_deadlines import OwnDeadline

_CERTAINTY = {"provisional": "【暂定】", "uncovered": "【估算】"}
_STATES = {"overdue": "【已届满】", "undetermined": "【期限待定】", "paused": "【已中止】"}
_ALARM = timedelta(hours=9)
_REFRESH = timedelta(hours=1)


def working_days(calendar: ChinaWorkingCalendar, years: Iterable[int]) -> bytes:
    """Return an event for each run of days off and each make-up day of the covered years."""
    feed = _calendar("工作日历：放假与调休上班")
    covered = sorted(years)
    named = [
        d
        for year in covered
        for d in calendar.days(date(year, 1, 1), date(year, 12, 31))
        if d.kind in (Kind.HOLIDAY, Kind.MAKEUP)
    ]
    # Days of one run follow each other: their ordinals and their places differ by the same number.
    runs = groupby(enumerate(named), key=lambda nd: (nd[1].date.toordinal() - nd[0], nd[1].name, nd[1].kind))
    for _, run in runs:
        feed.add_component(_run_event([d for _, d in run], calendar))
    return bytes(feed.to_ical())


def own_limits(limits: Iterable[OwnDeadline]) -> bytes:
    """Return an all-day event on each due date, with an alarm at 09:00.

    The event keeps its UID when the limit moves, and its SEQUENCE grows, so that it moves in the client too.
    """
    feed = _calendar("我的办理期限")
    for x in limits:
        marks = _STATES.get(x.state, "") + _CERTAINTY.get(x.status, "")
        event = Event()
        event.add("uid", f"deadline-{x.key}@shixian")
        event.add("sequence", x.moved)
        event.add("dtstamp", x.counted_at)
        event.add("dtstart", x.due_on)
        event.add("dtend", x.due_on + timedelta(1))
        event.add("summary", f"{marks}{x.name}届满（{x.business_id}）")
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{x.name}今日届满（{x.business_id}）")
        alarm.add("trigger", _ALARM)
        event.add_component(alarm)
        feed.add_component(event)
    return bytes(feed.to_ical())


def _calendar(name: str) -> Calendar:
    feed = Calendar()
    feed.add("prodid", "-//Shixian//Working calendar//ZH")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", name)
    feed.add("x-wr-timezone", "Asia/Shanghai")
    feed.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", "PT1H")
    return feed


def _run_event(days: list[Day], calendar: ChinaWorkingCalendar) -> Event:
    first, makeup = days[0], days[0].kind is Kind.MAKEUP
    found = calendar.reason(first.date)
    assert found is not None  # a day of these kinds has its document
    notice, holiday = found
    event = Event()
    event.add("uid", f"{first.kind.value}-{first.date.isoformat()}@shixian")
    event.add("dtstamp", end_of(notice.published, "00:00"))
    event.add("dtstart", first.date)
    event.add("dtend", days[-1].date + timedelta(1))
    event.add("summary", f"{first.name}调休上班" if makeup else f"{first.name}放假")
    event.add(
        "description", "\n".join(filter(None, [f"{notice.title}（{notice.doc_no}）", holiday.sentence]))
    )
    event.add("transp", "OPAQUE" if makeup else "TRANSPARENT")
    return event
