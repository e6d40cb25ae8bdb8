"""Plays the stories of every procedure on the rehearsal clock, interleaved by time, up to the curtain."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from engine import commands as c
from engine.app import Engine
from engine.demo import (
    cases,
    catalogue_updates,
    desks,
    disputes,
    grants,
    leads,
    rectifications,
    substitutes,
    verifications,
)
from engine.demo.cases import BEGIN, END, Desk, Steps
from engine.periods import BEIJING

Story = Callable[[Desk, int], Steps]

TOPICS: tuple[tuple[Sequence[Story], int], ...] = (
    # One line a module: its STORIES, each played once, and the number of the first. The numbers choose the
    # departments; applications of Art. 12 have 0 to 59, and a second one of a number would be a duplicate.
    (leads.STORIES, 0),
    (verifications.STORIES, 0),
    (disputes.STORIES, 0),
    (rectifications.STORIES, 0),
    (catalogue_updates.STORIES, 1),
    (grants.STORIES, 0),
)

_OPENS, _CLOSES = 9, 17


def play(engine: Engine, count: int = 60, topics: tuple[tuple[Sequence[Story], int], ...] = TOPICS) -> None:
    """Play so many applications of Art. 12, and beside them the stories of the other procedures."""
    desk = Desk(engine)
    engine.handle(c.SetClock(actor=None, at=BEGIN))
    waiting: list[tuple[datetime, int, Steps]] = []
    for order, (begin, story, n) in enumerate((*_applications(count), *_others(topics))):
        heapq.heappush(waiting, (office_time(desk, begin), order, story(desk, n)))
    while waiting:
        at, order, steps = heapq.heappop(waiting)
        if at >= END:
            continue
        engine.handle(c.SetClock(actor=None, at=max(at, desk.now)))
        pause = next(steps, None)
        if pause is not None:
            heapq.heappush(waiting, (office_time(desk, desk.now + pause), order, steps))
    engine.handle(c.SetClock(actor=None, at=END))
    substitutes.enter(engine)
    desks.arrange(engine)


def _applications(count: int) -> Iterator[tuple[datetime, Story, int]]:
    span = (END - BEGIN) - timedelta(days=1)
    for n in range(count):
        # The last ones begin in the final days, so that limits are running when the curtain rises.
        begin = (
            BEGIN + span * n / count
            if n < count * 0.7
            else END - timedelta(days=9) + timedelta(hours=5 * (n % 40))
        )
        yield begin, cases.STORIES[n % len(cases.STORIES)], n


def _others(topics: tuple[tuple[Sequence[Story], int], ...]) -> Iterator[tuple[datetime, Story, int]]:
    for stories, first in topics:
        for n, story in enumerate(stories):
            # Over the first third: what takes a month and a half comes to its end before the curtain.
            begin = BEGIN + timedelta(days=1, hours=n) + (END - BEGIN) / 3 * n / len(stories)
            yield begin, story, first + n


def office_time(desk: Desk, at: datetime) -> datetime:
    """Return the first instant from `at` on at which officials are at their desks, make-up days included."""
    calendar = desk.engine.calendar()
    local = at.astimezone(BEIJING)
    if local.hour >= _CLOSES:
        local = (local + timedelta(days=1)).replace(hour=0)
    while not calendar.is_working_day(local.date()):
        local = (local + timedelta(days=1)).replace(hour=0)
    return local.replace(hour=_OPENS, minute=5 + local.minute % 50) if local.hour < _OPENS else local
