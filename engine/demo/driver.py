"""Plays the stories of every procedure on the rehearsal clock, interleaved by time, up to the curtain."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from engine import commands as c
from engine.app import Engine
from engine.demo import cases, catalogue_updates, disputes, leads, rectifications, verifications
from engine.demo.cases import BEGIN, END, Desk, Steps
from engine.periods import BEIJING

Story = Callable[[Desk, int], Steps]

TOPICS: tuple[Sequence[Story], ...] = (
    # One line a module: its STORIES, each played once. A story that must begin late waits first.
    leads.STORIES,
    disputes.STORIES,
    verifications.STORIES,
    catalogue_updates.STORIES,
    rectifications.STORIES,
)

_OPENS, _CLOSES = 9, 17


def play(engine: Engine, count: int = 60, topics: tuple[Sequence[Story], ...] = TOPICS) -> None:
    """Play so many applications of Art. 12, and beside them the stories of the other procedures."""
    desk = Desk(engine)
    engine.handle(c.SetClock(actor=None, at=BEGIN))
    waiting: list[tuple[datetime, int, Steps]] = []
    for n, (begin, story) in enumerate((*_applications(count), *_others(topics))):
        heapq.heappush(waiting, (office_time(desk, begin), n, story(desk, n)))
    while waiting:
        at, n, steps = heapq.heappop(waiting)
        if at >= END:
            continue
        engine.handle(c.SetClock(actor=None, at=max(at, desk.now)))
        pause = next(steps, None)
        if pause is not None:
            heapq.heappush(waiting, (office_time(desk, desk.now + pause), n, steps))
    engine.handle(c.SetClock(actor=None, at=END))


def _applications(count: int) -> Iterator[tuple[datetime, Story]]:
    span = (END - BEGIN) - timedelta(days=1)
    for n in range(count):
        # The last ones begin in the final days, so that limits are running when the curtain rises.
        begin = (
            BEGIN + span * n / count
            if n < count * 0.7
            else END - timedelta(days=9) + timedelta(hours=5 * (n % 40))
        )
        yield begin, cases.STORIES[n % len(cases.STORIES)]


def _others(topics: tuple[Sequence[Story], ...]) -> Iterator[tuple[datetime, Story]]:
    for stories in topics:
        for n, story in enumerate(stories):
            # Over the first third: what takes a month and a half comes to its end before the curtain.
            yield BEGIN + timedelta(days=1, hours=n) + (END - BEGIN) / 3 * n / len(stories), story


def office_time(desk: Desk, at: datetime) -> datetime:
    """Return the first instant from `at` on at which officials are at their desks, make-up days included."""
    calendar = desk.engine.calendar()
    local = at.astimezone(BEIJING)
    if local.hour >= _CLOSES:
        local = (local + timedelta(days=1)).replace(hour=0)
    while not calendar.is_working_day(local.date()):
        local = (local + timedelta(days=1)).replace(hour=0)
    return local.replace(hour=_OPENS, minute=5 + local.minute % 50) if local.hour < _OPENS else local
