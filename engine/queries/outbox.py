"""What waits to leave the house, and for whom; administrators only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from engine.outbox import MAX_ATTEMPTS
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import organisation, outbox, robot, webhook


@dataclass(frozen=True)
class Waiting:
    """What waits for one receiver, or in one channel.

    Attributes:
        given_up: How many of them are tried no more.
        since: When the oldest was written.
        next_at: When the next try is.
    """

    letters: int = 0
    given_up: int = 0
    error: str | None = None
    since: datetime | None = None
    next_at: datetime | None = None


@dataclass(frozen=True)
class RobotView:
    """A department's robot, without address and secret."""

    key: int
    organisation: str
    name: str
    kind: str
    signed: bool
    kinds: tuple[str, ...]
    waiting: Waiting


def webhooks(reader: Reader, actor: Actor) -> list[dict[str, Any]]:
    """Return the receivers, without their secrets, with how many letters wait and the last error.

    Raises:
        NotAllowed: the reader is no administrator.
    """
    actor.must_hold("admin")
    waiting = _by_target(reader, "webhook")
    found = reader.conn.execute(select(webhook).order_by(webhook.c.key)).all()
    return [
        {
            "webhookKey": str(row.key),
            "url": row.url,
            "types": row.types,
            "waiting": waiting.get(row.url, Waiting()).letters,
            "lastError": waiting.get(row.url, Waiting()).error,
        }
        for row in found
    ]


def robots(reader: Reader, actor: Actor) -> tuple[RobotView, ...]:
    """Return the robots by department.

    Raises:
        NotAllowed: the reader is no administrator.
    """
    actor.must_hold("admin")
    waiting = _by_target(reader, "robot")
    rows = reader.conn.execute(select(robot).order_by(robot.c.organisation_key, robot.c.key)).all()
    return tuple(
        RobotView(
            row.key,
            reader.org(row.organisation_key),
            row.name,
            row.kind,
            bool(row.secret),
            tuple(row.kinds),
            waiting.get(str(row.key), Waiting()),
        )
        for row in rows
    )


def mail(reader: Reader, actor: Actor) -> Waiting:
    """Return what waits for the mail server.

    Raises:
        NotAllowed: the reader is no administrator.
    """
    actor.must_hold("admin")
    found = list(_by_target(reader, "mail").values())
    if not found:
        return Waiting()
    return Waiting(
        sum(w.letters for w in found),
        sum(w.given_up for w in found),
        next((w.error for w in found if w.error), None),
        min(w.since for w in found if w.since),
        min((w.next_at for w in found if w.next_at), default=None),
    )


def departments(reader: Reader, actor: Actor) -> list[tuple[str, str]]:
    """Return the departments that were not abolished: credit code and name.

    Raises:
        NotAllowed: the reader is no administrator.
    """
    actor.must_hold("admin")
    rows = reader.conn.execute(
        select(organisation.c.key, organisation.c.code)
        .where(organisation.c.successor_key.is_(None))
        .order_by(organisation.c.key)
    ).all()
    return [(row.code, reader.org(row.key)) for row in rows]


def _by_target(reader: Reader, channel: str) -> dict[str, Waiting]:
    up = case((outbox.c.attempts >= MAX_ATTEMPTS, 1), else_=0)
    rows = reader.conn.execute(
        select(
            outbox.c.target,
            func.count().label("letters"),
            func.sum(up).label("given_up"),
            func.max(outbox.c.last_error).label("error"),
            func.min(outbox.c.created_at).label("since"),
            func.min(outbox.c.not_before).label("next_at"),
        )
        .where(outbox.c.channel == channel, outbox.c.sent_at.is_(None))
        .group_by(outbox.c.target)
    )
    return {
        row.target: Waiting(row.letters, int(row.given_up), row.error, row.since, row.next_at) for row in rows
    }
