"""What waits to leave the house."""

from typing import Any

from sqlalchemy import func, select

from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import outbox, webhook


def webhooks(reader: Reader, actor: Actor) -> list[dict[str, Any]]:
    """Return the receivers, without their secrets, with how many letters wait and the last error.

    Raises:
        NotAllowed: the reader is no administrator.
    """
    actor.must_hold("admin")
    waiting = {
        row.target: row
        for row in reader.conn.execute(
            select(
                outbox.c.target, func.count().label("waiting"), func.max(outbox.c.last_error).label("error")
            )
            .where(outbox.c.channel == "webhook", outbox.c.sent_at.is_(None))
            .group_by(outbox.c.target)
        )
    }
    found = reader.conn.execute(select(webhook).order_by(webhook.c.key)).all()
    return [
        {
            "webhookKey": str(row.key),
            "url": row.url,
            "types": row.types,
            "waiting": waiting[row.url].waiting if row.url in waiting else 0,
            "lastError": waiting[row.url].error if row.url in waiting else None,
        }
        for row in found
    ]
