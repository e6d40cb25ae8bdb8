"""What leaves the house: mail and webhooks, after the commit, at least once, each with an id to tell repeats."""

import hashlib
import hmac
import logging
import smtplib
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import orjson
from sqlalchemy import Connection, Update, insert, select, update

from engine.clock import Clock, instant_text
from engine.events import NoticeSent
from engine.storage.database import Database
from engine.storage.tables import contact, outbox, webhook
from engine.uow import Sealed

Write = Callable[[Callable[[Connection], object]], object]

TIMEOUT = 10.0  # seconds a receiver may take
MAX_ATTEMPTS = 40  # about five days with the back-off below
_AT_ONCE = 200
_TARGETS_AT_ONCE = 4
_HOOKS = select(webhook.c.key, webhook.c.url, webhook.c.types)


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


def enqueue(conn: Connection, sealed: Iterable[Sealed], next_key: Callable[[], int]) -> None:
    """Put what the events of a transaction say to the outside into the outbox, in the same transaction."""
    sealed = list(sealed)
    if not sealed:
        return
    hooks = conn.execute(_HOOKS).all()
    rows = [row for one in sealed for row in (*_mail(conn, one), *_hooks(hooks, one))]
    if rows:
        conn.execute(
            insert(outbox),
            [{"key": next_key(), "attempts": 0, **row} for row in rows],
        )


class Postman:
    """Delivers what is due. A receiver that does not answer waits alone, longer each time.

    Args:
        transports: By channel, mail or webhook; a channel without one keeps its letters.
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
        with self._database.reading() as conn:
            rows = conn.execute(
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
            return [(r.channel, Letter(r.key, r.target, r.id, r.payload, r.attempts)) for r in rows]

    def _deliver(self, channel: str, letters: list[Letter]) -> int:
        for n, letter in enumerate(letters):
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


class MailTransport:
    """Sends plain text through one SMTP server: smtp://user:password@host:port?from=address, smtps for TLS.

    Raises:
        ValueError: the address names no host or sender.
    """

    def __init__(self, url: str) -> None:
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
        message.set_content(str(letter.payload["text"]))
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


def _mail(conn: Connection, sealed: Sealed) -> Iterable[dict[str, Any]]:
    event, recorded = sealed.recorded.event, sealed.recorded
    if not isinstance(event, NoticeSent) or not event.to:
        return
    found = conn.execute(select(contact).where(contact.c.user_key.in_(event.to)))
    for row in found:
        yield _row(
            "mail",
            row.email,
            f"{recorded.stream}-{recorded.seq}-{row.user_key}",
            {"subject": event.text.split("，")[0][:80], "text": event.text},
            recorded.recorded_at,
        )


def _hooks(hooks: Sequence[Any], sealed: Sealed) -> Iterable[dict[str, Any]]:
    recorded, name = sealed.recorded, type(sealed.recorded.event).__name__
    for row in hooks:
        if name in row.types:
            yield _row(
                "webhook",
                row.url,
                f"{recorded.stream}-{recorded.seq}-{row.key}",
                orjson.loads(sealed.body),
                recorded.recorded_at,
            )


def _row(channel: str, target: str, id_: str, payload: Any, at: datetime) -> dict[str, Any]:
    return {
        "channel": channel,
        "target": target,
        "id": id_,
        "payload": payload,
        "created_at": at,
        "not_before": at,
    }
