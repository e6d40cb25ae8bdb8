"""When digests go out: 09:00 on the working days of each person's department, once a person and day.

Every node may look; the command's id is the person and the day, so that one makes it and the others find the answer.
After an outage the day's digest is made up for on that day only.
"""

import logging
import time
from collections.abc import Callable
from datetime import date
from datetime import time as clock_time
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from engine import commands as c
from engine.calendars import Calendars
from engine.clock import Clock
from engine.periods import BEIJING, beijing_day
from engine.storage.database import Database
from engine.storage.tables import contact, digest_mark, user

AT = clock_time(9)
_AT_ONCE = 50  # of one sweep: limits never wait long for the post
_REST = 60.0  # seconds before a digest that failed is tried again
Handle = Callable[[c.Command], dict[str, Any]]


class Digests:
    """Issues the digests of the day."""

    def __init__(self, database: Database, calendars: Calendars, clock: Clock, handle: Handle) -> None:
        self._database, self._calendars, self._clock, self._handle = database, calendars, clock, handle
        self._done: date | None = None
        self._failed: dict[int, float] = {}

    def run_due(self) -> int:
        """Make some of the digests that are due; return how many were looked at and did not fail."""
        now = self._clock.now().astimezone(BEIJING)
        today = beijing_day(now)
        if now.time() < AT or self._done == today:
            return 0
        with self._database.reading() as conn:
            people = self._waiting(conn, today)
        if not people:
            self._done = today  # whoever gives an address today has a mark of today
            return 0
        ready = [key for key in people if self._failed.get(key, 0) <= time.monotonic()]
        return sum(self._send(key, today) for key in ready[:_AT_ONCE])

    def _waiting(self, conn: Connection, today: date) -> list[int]:
        departments = conn.execute(
            select(user.c.organisation_key).join(contact, contact.c.user_key == user.c.key).distinct()
        ).scalars()
        now = self._clock.now()
        working = [key for key in departments if self._calendars.of(conn, now, key).is_working_day(today)]
        if not working:
            return []
        mark = digest_mark.c
        query = (
            select(contact.c.user_key)
            .join(user, and_(user.c.key == contact.c.user_key, user.c.active))
            .join(digest_mark, mark.user_key == contact.c.user_key, isouter=True)
            .where(user.c.organisation_key.in_(working), or_(mark.day.is_(None), mark.day < today))
            .order_by(contact.c.user_key)
        )
        return [int(key) for key in conn.execute(query).scalars()]

    def _send(self, user_key: int, day: date) -> int:
        try:
            self._handle(
                c.SendDigest(
                    actor=None, user_key=user_key, day=day, id=f"digest:{user_key}:{day.isoformat()}"
                )
            )
        except Exception:  # one person's letter must not keep the others' back
            logging.getLogger("shixian").exception("the digest of %s could not be made", user_key)
            self._failed[user_key] = time.monotonic() + _REST
            return 0
        return 1
