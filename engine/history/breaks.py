"""Where a chain breaks, and what was done to it: one sentence for each kind, on a file and in a database alike."""

import re
from collections.abc import Sequence

from engine.history.algorithm import SHA256, Algorithm

GENESIS = bytes(32)
# Keys are sorted and no value here can hold a quote, so what matches at the end is of the outermost object.
TAIL = re.compile(rb'","seq":([1-9]\d{0,18}),"stream":"(\d{1,19})","type":"(\w{1,60})"\}\Z')
_TAIL_LENGTH = 160
Row = tuple[int, str, bytes | None, bytes]


class Broken(Exception):
    """A history, or the file it stands in, is no proof.

    Attributes:
        kind: What was found, one word a program can branch on.
        seq: The first event it concerns, None where it concerns the file as a whole.
        zh, en: The same finding in both languages.
    """

    def __init__(
        self, kind: str, zh: str, en: str, seq: int | None = None, expected: str = "", found: str = ""
    ) -> None:
        super().__init__(f"{zh} / {en}")
        self.kind, self.zh, self.en, self.seq = kind, zh, en, seq
        self.expected, self.found = expected, found


def named(body: bytes) -> tuple[int, int, str] | None:
    """Return the sequence number, stream and type that a body names, None where it is not as the platform writes it."""
    tail = TAIL.search(body, max(0, len(body) - _TAIL_LENGTH))
    return None if tail is None else (int(tail[1]), int(tail[2]), tail[3].decode())


def find_break(rows: Sequence[Row], stream: int, algorithm: Algorithm = SHA256) -> Broken | None:
    """Return the first break of a stream, None if every event fits.

    Args:
        rows: Sequence number, type, body (None where it could not be unpacked) and hash, in order, from the first.
    """
    previous = GENESIS
    for expected, (seq, kind, body, stated) in enumerate(rows, start=1):
        told = None if body is None else named(body)
        if seq < expected:
            return forked(seq, seq)
        if seq > expected:
            return _missing(rows, expected, seq, stream)
        if body is None or told is None:
            return unreadable(seq)
        if told[:2] != (seq, stream):
            return _misplaced(rows, told[0], told[1], seq, stream)
        digest = algorithm.digest(previous + body)
        if digest != stated:
            return edited(seq, digest.hex(), stated.hex())
        if told[2] != kind:
            return relabelled(seq, told[2], kind)
        previous = digest
    return None


def _missing(rows: Sequence[Row], expected: int, seq: int, stream: int) -> Broken:
    if _elsewhere(rows, expected, stream):
        return reordered(expected, seq)
    return deleted(expected, seq)


def _misplaced(rows: Sequence[Row], number: int, owner: int, expected: int, stream: int) -> Broken:
    if owner != stream:
        return swapped(expected, str(stream), str(owner), number)
    if number < expected:
        return forked(expected, number)
    return _missing(rows, expected, number, stream)


def _elsewhere(rows: Sequence[Row], seq: int, stream: int) -> bool:
    return any(body is not None and (named(body) or ())[:2] == (seq, stream) for _, _, body, _ in rows)


# The sentences


def edited(seq: int, digest: str, stated: str) -> Broken:
    """Return that a body, or its hash, was changed."""
    return Broken(
        "edited",
        f"第{seq}条记录与其校验值不符：内容或者校验值被改动过。",
        f"Event {seq} does not fit its hash: its body, or the hash, was edited.",
        seq,
        digest,
        stated,
    )


def unreadable(seq: int, shown: str = "") -> Broken:
    """Return that a body is not as the platform writes it."""
    return Broken(
        "edited",
        f"第{seq}条记录不是平台写出的格式：应为 hash、body 两项，body 各项按名称排序。",
        f"Event {seq} is not as the platform writes it: expected hash and body, the body's keys sorted.",
        seq,
        found=shown,
    )


def relabelled(seq: int, told: str, kind: str) -> Broken:
    """Return that the column beside the body names another kind of event."""
    return Broken(
        "edited",
        f"第{seq}条记录的类别被改动过：记录中为{told}，其旁标注为{kind}。",
        f"The type beside event {seq} was edited: the body says {told}, its row {kind}.",
        seq,
        told,
        kind,
    )


def swapped(expected: int, stream: str, owner: str, number: int) -> Broken:
    """Return that an event of another case stands where one of this case was."""
    return Broken(
        "swapped",
        f"第{expected}条的位置上是另一事项（{owner}）的记录，应为{stream}。",
        f"In the place of event {expected} is one of another case: expected stream {stream}, found {owner}.",
        expected,
        f"{stream}:{expected}",
        f"{owner}:{number}",
    )


def forked(expected: int, found: int) -> Broken:
    """Return that two events claim one number."""
    return Broken(
        "forked",
        f"第{expected}条的位置上又出现第{found}条：同一序号有两条记录。",
        f"In the place of event {expected} is event {found} once more: two events claim one number.",
        expected,
        str(expected),
        str(found),
    )


def reordered(expected: int, found: int) -> Broken:
    """Return that an event stands later than it was."""
    return Broken(
        "reordered",
        f"第{expected}条记录不在其位置，被移到了后面；此处是第{found}条。",
        f"Event {expected} is not in its place but later: the events were re-ordered; here is {found}.",
        expected,
        str(expected),
        str(found),
    )


def deleted(expected: int, found: int) -> Broken:
    """Return that an event is gone from between others."""
    return Broken(
        "deleted",
        f"缺少第{expected}条记录（其后是第{found}条）。",
        f"Event {expected} is missing: the next one is {found}.",
        expected,
        str(expected),
        str(found),
    )
