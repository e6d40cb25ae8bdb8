"""The file a history leaves the platform in: `*.shixian.jsonl`, format version 1.

Line 1 is the header. Then one line for each event, `{"hash":"…","body":…}`, where what stands between
`"body":` and the last brace is the stored body byte for byte: it is what was hashed. The last line is the
trailer: how many events, the head's hash, the seals from the one asked for to the latest with their bodies as
text, and for the first and the last of these the RFC 6962 audit path of the stream's head.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.clock import instant_text
from engine.history.algorithm import Algorithm

FORMAT = "shixian.history"
VERSION = 1
SUFFIX = ".shixian.jsonl"


@dataclass(frozen=True)
class Proof:
    """That a seal covers a stream up to an event.

    Attributes:
        seal: Number of the seal.
        seq: The stream's last event in it.
        leaf: Number of the stream's leaf.
        size: Leaves of the tree.
        path: RFC 6962 audit path, from the bottom up.
    """

    seal: int
    seq: int
    leaf: int
    size: int
    path: Sequence[bytes]


def lines(
    algorithm: Algorithm,
    case: str,
    stream: int,
    exported_at: datetime,
    events: Iterable[tuple[bytes, bytes]],
    seals: Iterable[tuple[bytes, bytes]],
    proofs: Iterable[Proof],
) -> Iterable[bytes]:
    """Yield the file line by line.

    Args:
        case: The case number people know.
        events: (body, hash) of every event of the stream, in order.
        seals: (body, hash) of the seals, oldest first, without a gap.
        proofs: In the order of their seals.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "algorithm": algorithm.name,
        "case": case,
        "stream": str(stream),
        "exported_at": instant_text(exported_at),
    }
    yield orjson.dumps(header) + b"\n"
    count, head = 0, bytes(32)
    for body, head in events:
        count += 1
        yield event_line(body, head)
    proved = list(proofs)
    trailer: dict[str, Any] = {
        "events": count,
        "head": head.hex(),
        "sealed_to": proved[-1].seq if proved else 0,
        "proofs": [
            {"seal": p.seal, "seq": p.seq, "leaf": p.leaf, "size": p.size, "path": [h.hex() for h in p.path]}
            for p in proved
        ],
        "seals": [{"hash": digest.hex(), "body": body.decode()} for body, digest in seals],
    }
    yield orjson.dumps({"trailer": trailer}) + b"\n"


def event_line(body: bytes, digest: bytes) -> bytes:
    """Return the line of one event."""
    return b'{"hash":"' + digest.hex().encode() + b'","body":' + body + b"}\n"
