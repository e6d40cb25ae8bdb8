"""Addresses of personal calendars: a secret in the address, of which only the hash is kept."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select

from engine.accounts import load_actor
from engine.clock import Clock
from engine.people import Actor
from engine.storage.database import Database, Writer
from engine.storage.statements import put
from engine.storage.tables import feed_token, user

_LENGTH = 43  # of 32 bytes in URL-safe base 64


class Feeds:
    """Making, renewing and revoking the address of a person's calendar, on the machine's clock."""

    def __init__(self, database: Database, writer: Writer, clock: Clock, today: Clock) -> None:
        self._database, self._writer, self._clock, self._today = database, writer, clock, today

    def renew(self, actor: Actor) -> str:
        """Return a new secret; the one before ends with it. It cannot be shown again."""
        token = secrets.token_urlsafe(32)
        row = {"user_key": actor.user_key, "digest": _digest(token), "created_at": self._clock.now()}
        self._writer.write(lambda conn: put(conn, feed_token, row))
        return token

    def revoke(self, actor: Actor) -> None:
        """End the person's address."""
        ended = delete(feed_token).where(feed_token.c.user_key == actor.user_key)
        self._writer.write(lambda conn: conn.execute(ended))

    def created_at(self, actor: Actor) -> datetime | None:
        """Return since when the person has an address, None if there is none."""
        with self._database.reading() as conn:
            return conn.execute(
                select(feed_token.c.created_at).where(feed_token.c.user_key == actor.user_key)
            ).scalar()

    def actor(self, token: str) -> Actor | None:
        """Return whose calendar the secret opens, with the roles of today; None for an unknown one."""
        if len(token) != _LENGTH:
            return None
        with self._database.reading() as conn:
            key = conn.execute(
                select(feed_token.c.user_key)
                .join(user, user.c.key == feed_token.c.user_key)
                .where(feed_token.c.digest == _digest(token), user.c.active)
            ).scalar()
            return None if key is None else load_actor(conn, int(key), self._today)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
