"""The chain: each event's hash covers the one before it, so that a change shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.clock import instant, instant_text
from engine.events import Event, read
from engine.history.algorithm import SHA256, Algorithm

GENESIS = bytes(32)


@dataclass(frozen=True)
class Author:
    """Who acts, as named that day; key 0 is the platform."""

    key: int
    name: str
    organisation: str = ""
    role: str = ""


PLATFORM = Author(0, "共享平台")


@dataclass(frozen=True)
class Recorded:
    """An event with its place in a stream.

    Attributes:
        occurred_at: By the rules: for an expiry the planned instant.
        recorded_at: When the platform noticed.
    """

    stream: int
    seq: int
    event: Event
    author: Author
    occurred_at: datetime
    recorded_at: datetime

    def body(self) -> bytes:
        """Return the canonical JSON that is stored and hashed: keys sorted, UTF-8, no spaces."""
        return orjson.dumps(
            {
                "stream": str(self.stream),
                "seq": self.seq,
                "type": type(self.event).__name__,
                "occurred_at": instant_text(self.occurred_at),
                "recorded_at": instant_text(self.recorded_at),
                "actor": vars(self.author),
                "data": vars(self.event),
            },
            option=orjson.OPT_SORT_KEYS,
        )


def link(previous: bytes, body: bytes, algorithm: Algorithm = SHA256) -> bytes:
    """Return the hash over the hash before and the body."""
    return algorithm.digest(previous + body)


def parse(body: bytes) -> Recorded:
    """Return the event a stored body holds."""
    found: dict[str, Any] = orjson.loads(body)
    return Recorded(
        stream=int(found["stream"]),
        seq=found["seq"],
        event=read(found["type"], found["data"]),
        author=Author(**found["actor"]),
        occurred_at=instant(found["occurred_at"]),
        recorded_at=instant(found["recorded_at"]),
    )


def first_break(rows: Iterable[tuple[int, bytes, bytes]], algorithm: Algorithm = SHA256) -> int | None:
    """Return the sequence number of the first event of a stream that does not fit, None if all do.

    Args:
        rows: (seq, body, hash) in order, from the first event of the stream.
    """
    previous = GENESIS
    for expected, (seq, body, found) in enumerate(rows, start=1):
        if seq != expected or link(previous, body, algorithm) != found or orjson.loads(body)["seq"] != seq:
            return expected
        previous = found
    return None
