"""The events around a break, as a page shows them: read leniently, since what is broken may say anything."""

from dataclasses import dataclass

import orjson

from engine.history.breaks import Broken

AROUND = 3


@dataclass(frozen=True)
class Excerpt:
    """A line of the file.

    Attributes:
        place: Where it stands, from 1.
        seq: The number that it claims, empty where it cannot be read.
        at: The instant it claims, as text.
    """

    place: int
    seq: str
    at: str
    type: str
    actor: str
    hash: str
    broken: bool


def around(history: bytes, broken: Broken) -> list[Excerpt]:
    """Return the events around a break of an exported history, the broken one marked."""
    if broken.seq is None:
        return []
    first, last = max(broken.seq - AROUND, 1), broken.seq + AROUND
    lines = [line for line in history.split(b"\n")[1:] if line and not line.startswith(b'{"trailer"')]
    return [_line(n, lines[n - 1], n == broken.seq) for n in range(first, min(last, len(lines)) + 1)]


def _line(place: int, line: bytes, broken: bool) -> Excerpt:
    try:
        found = orjson.loads(line)
        body = found["body"]
        told = (body["seq"], body["occurred_at"], body["type"], body["actor"]["name"], found["hash"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        told = ("", "", "", "", "")
    seq, at, kind, actor, digest = (str(part)[:100] for part in told)
    return Excerpt(place, seq, at, kind, actor, digest, broken)
