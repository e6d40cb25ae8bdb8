"""What leaves the house: mail and webhooks, after the commit, at least once, each with an id to tell repeats."""

import hashlib
import hmac
import logging
import smtplib
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import orjson
from sqlalchemy import Connection, Select, Update, func, select, update

from engine import robots
from engine.clock import Clock, instant_text
from engine.mail_text import plain, rich
from engine.storage.database import Database
from engine.storage.tables import outbox, robot, webhook

Write = Callable[[Callable[[Connection], object]], object]

TIMEOUT = 10.0  # seconds a receiver may take
MAX_ATTEMPTS = 40  # about five days with the back-off below
_AT_ONCE = 200
_TARGETS_AT_ONCE = 4
LEASE = timedelta(minutes=2)  # of letters that a node has in hand


@dataclass(frozen=True)
class Letter:
    """One thing to deliver; `id` stays the same however often it is sent."""

    key: int
    target: str
    id: str
    payload: Mapping[str, Any]
    attempts: int


class Transport(Protocol):
    """Carries a letter to its target, or raises."""

    def __call__(self, letter: Letter) -> None:
        """Deliver."""
        ...


class Postman:
    """Delivers what is due. A receiver that does not answer waits alone, longer each time.

    Of several nodes one has a letter in hand: taking it lets it rest for some minutes, so that a node that dies leaves
    it to the others.

    Args:
        transports: By channel, mail, webhook or robot; a channel without one keeps its letters.
    """

    def __init__(
        self, database: Database, write: Write, clock: Clock, transports: Mapping[str, Transport]
    ) -> None:
        self._database, self._write, self._clock, self._transports = database, write, clock, transports

    def run(self) -> int:
        """Deliver the due letters, each target's in order, targets beside each other; return how many went."""
        by_target: dict[tuple[str, str], list[Letter]] = {}
        for channel, letter in self._due():
            by_target.setdefault((channel, letter.target), []).append(letter)
        if not by_target:
            return 0
        with ThreadPoolExecutor(_TARGETS_AT_ONCE) as pool:
            return sum(pool.map(lambda item: self._deliver(item[0][0], item[1]), by_target.items()))

    def _due(self) -> list[tuple[str, Letter]]:
        due = (
            select(outbox)
            .where(
                outbox.c.sent_at.is_(None),
                outbox.c.attempts < MAX_ATTEMPTS,
                outbox.c.not_before <= self._clock.now(),
                outbox.c.channel.in_(self._transports),
            )
            .order_by(outbox.c.key)
            .limit(_AT_ONCE)
        )
        if self._database.shared:
            rows = self._take(due)
        else:
            with self._database.reading() as conn:
                rows = list(conn.execute(due))
        return [(r.channel, Letter(r.key, r.target, r.id, r.payload, r.attempts)) for r in rows]

    def _take(self, due: Select[Any]) -> list[Any]:
        until = self._clock.now() + LEASE

        def take(conn: Connection) -> list[Any]:
            rows = list(conn.execute(due.with_for_update(skip_locked=True)))
            keys = [row.key for row in rows]
            conn.execute(update(outbox).where(outbox.c.key.in_(keys)).values(not_before=until))
            return rows

        taken = self._write(take)
        return taken if isinstance(taken, list) else []

    def _room(self, channel: str, target: str) -> int:
        """Return how many letters a receiver takes now; a robot that was told enough rests for the others' sake."""
        if channel != "robot":
            return _AT_ONCE
        since = self._clock.now() - robots.WINDOW
        sent = (outbox.c.channel == channel, outbox.c.target == target, outbox.c.sent_at > since)
        with self._database.reading() as conn:
            told, first = conn.execute(select(func.count(), func.min(outbox.c.sent_at)).where(*sent)).one()
        if told >= robots.PER_WINDOW:
            self._rest(channel, target, first + robots.WINDOW)
        return max(robots.PER_WINDOW - int(told), 0)

    def _rest(self, channel: str, target: str, until: datetime) -> None:
        # Whatever this node has in hand too, which would rest for the length of its lease otherwise.
        waiting = (outbox.c.channel == channel, outbox.c.target == target, outbox.c.sent_at.is_(None))
        rest = update(outbox).where(*waiting).values(not_before=until)
        self._write(partial(_execute, rest))

    def _deliver(self, channel: str, letters: list[Letter]) -> int:
        room = self._room(channel, letters[0].target)
        for n, letter in enumerate(letters):
            if n == room:
                self._room(channel, letter.target)
                return n
            try:
                self._transports[channel](letter)
            except Exception as fault:  # a receiver can fail in any way; the letter stays
                logging.getLogger("shixian").warning("%s to %s failed: %s", channel, letter.target, fault)
                self._put_off(channel, letter, f"{type(fault).__name__}: {fault}")
                return n
            # Between the answer and this commit a crash sends the letter again, under the same id.
            sent = update(outbox).where(outbox.c.key == letter.key).values(sent_at=self._clock.now())
            self._write(partial(_execute, sent))
        return len(letters)

    def _put_off(self, channel: str, letter: Letter, error: str) -> None:
        wait = timedelta(seconds=min(5 * 2**letter.attempts, 4 * 3600))
        until = self._clock.now() + wait
        waiting = (outbox.c.channel == channel) & (outbox.c.target == letter.target)

        def write(conn: Connection) -> None:
            conn.execute(
                update(outbox)
                .where(outbox.c.key == letter.key)
                .values(attempts=letter.attempts + 1, last_error=error[:2000])
            )
            conn.execute(update(outbox).where(waiting, outbox.c.sent_at.is_(None)).values(not_before=until))

        self._write(write)


class WebhookTransport:
    """POSTs JSON with `Idempotency-Key` and an HMAC-SHA-256 over "timestamp.body" in `X-Shixian-Signature`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def __call__(self, letter: Letter) -> None:
        """Deliver; any answer but 2xx is a failure."""
        with self._database.reading() as conn:
            secret = conn.execute(select(webhook.c.secret).where(webhook.c.url == letter.target)).scalar()
        body, stamp = orjson.dumps(letter.payload), instant_text(self._clock.now())
        signature = hmac.new((secret or "").encode(), stamp.encode() + b"." + body, hashlib.sha256)
        request = urllib.request.Request(
            letter.target,
            data=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": letter.id,
                "X-Shixian-Timestamp": stamp,
                "X-Shixian-Signature": f"sha256={signature.hexdigest()}",
            },
        )
        with _NO_REDIRECTS.open(request, timeout=TIMEOUT) as answer:
            if not 200 <= answer.status < 300:
                raise OSError(f"expected 2xx, found {answer.status}")


class RobotTransport:
    """Posts a line to a group's robot, signed where it has a secret; a code in the answer but 0 is a failure.

    Args:
        machine: The machine's clock, by which robots check signatures; a rehearsal's may be months off.
        base_url: Where the product is found; empty for no links.
    """

    def __init__(self, database: Database, machine: Clock, base_url: str = "") -> None:
        self._database, self._machine, self._base_url = database, machine, base_url

    def __call__(self, letter: Letter) -> None:
        """Deliver one line."""
        with self._database.reading() as conn:
            row = conn.execute(select(robot).where(robot.c.key == int(letter.target))).first()
        if row is None:
            raise OSError("the robot was removed")
        path = letter.payload.get("path")
        text = f"{letter.payload['text']}{f' {self._base_url}{path}' if self._base_url and path else ''}"
        url, body = robots.request(row.kind, row.url, row.secret, text, self._machine.now())
        request = urllib.request.Request(
            url, data=orjson.dumps(body), headers={"Content-Type": "application/json; charset=utf-8"}
        )
        with _NO_REDIRECTS.open(request, timeout=TIMEOUT) as answer:
            if (fault := robots.fault(answer.read(64 * 1024))) is not None:
                raise OSError(fault)


class MailTransport:
    """Sends mail through one SMTP server: smtp://user:password@host:port?from=address, smtps for TLS.

    Args:
        base_url: Where the product is found; empty for no links.

    Raises:
        ValueError: the address names no host or sender.
    """

    def __init__(self, url: str, base_url: str = "") -> None:
        self._base_url = base_url
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
            raise ValueError(
                f"SHIXIAN_SMTP: expected smtp://[user:password@]host[:port]?from=address, found {url!r}"
            )
        self._parts, self._sender = parts, sender

    def __call__(self, letter: Letter) -> None:
        """Deliver one message."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, letter.target
        message["Subject"] = str(letter.payload["subject"])
        message["Message-ID"] = f"<{letter.id}@shixian>"
        message.set_content(plain(letter.payload, self._base_url))
        if (html := rich(letter.payload, self._base_url)) is not None:
            message.add_alternative(html, subtype="html")
        kind = smtplib.SMTP_SSL if self._parts.scheme == "smtps" else smtplib.SMTP
        with kind(self._parts.hostname or "", self._parts.port or 0, timeout=TIMEOUT) as server:
            if self._parts.username:
                server.login(self._parts.username, self._parts.password or "")
            server.send_message(message)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A receiver that points elsewhere is not the one an administrator entered."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_NO_REDIRECTS = urllib.request.build_opener(_NoRedirect)


def _execute(statement: Update, conn: Connection) -> None:
    conn.execute(statement)
