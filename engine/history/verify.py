"""Checking an exported history without the platform: no database, no other part of the engine.

One pass, a line at a time; of a body only its last five fields are read, and the hash covers the rest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, NoReturn

import orjson

from engine.history import breaks, merkle
from engine.history.algorithm import Algorithm, AlgorithmUnavailable, algorithm
from engine.history.breaks import Broken
from engine.history.export import FORMAT, VERSION
from engine.history.tree import leaf_data

MAX_LINE = 64 * 1024 * 1024
SKEW = timedelta(seconds=5)  # clocks of several nodes may differ by as much
_HEX = re.compile(r"[0-9a-f]{64}")
_INSTANT = rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?)Z"
# Keys are sorted and no value here can hold a quote, so what matches at the end is of the outermost object.
_TAIL = re.compile(
    rb',"occurred_at":"' + _INSTANT + rb'","recorded_at":"' + _INSTANT + rb'"'
    rb',"seq":([1-9]\d{0,18}),"stream":"(\d{1,19})","type":"(\w{1,60})"\}\}\n\Z'
)
_PREFIX = re.compile(rb'\{"hash":"([0-9a-f]{64})","body":\{')
_BODY_AT = len(b'{"hash":"') + 64 + len(b'","body":')
_TRAILER = b'{"trailer":'


@dataclass(frozen=True)
class Published:
    """A root known from elsewhere; `day` where the source names one."""

    root: str
    day: str | None = None


@dataclass
class Report:
    """What a whole file proves.

    Attributes:
        sealed_to: The last event that the latest seal covers, 0 if none does.
        published_to: The last event that the published root covers, None if none was given.
        remarks: (zh, en) of what is no break but worth knowing.
    """

    case: str = ""
    stream: str = ""
    algorithm: str = ""
    exported_at: str = ""
    events: int = 0
    first_at: str = ""
    last_at: str = ""
    head: str = ""
    sealed_to: int = 0
    sealed_day: str | None = None
    sealed_root: str | None = None
    published_to: int | None = None
    published_day: str | None = None
    remarks: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Seal:
    number: int
    day: str
    root: str
    size: int
    hash: str
    previous: str


def verify(file: BinaryIO, published: Published | None = None, of_case: bool = True) -> Report:
    """Check a whole export.

    Args:
        file: Opened in binary mode at its beginning.
        of_case: Whether it must be a case's; a case file holds histories of versions and the calendar beside it.
        published: A root that is known from elsewhere; without one a wholly rewritten history can pass.

    Raises:
        Broken: the first thing that does not fit.
    """
    chosen, report = _header(_line(file))
    heads, trailer = _chain(file, chosen, report, of_case)
    if _line(file):
        raise Broken("format", "尾行之后还有内容。", "Expected nothing after the trailer, found more lines.")
    _totals(trailer, report)
    _seals(trailer, heads, chosen, published, report)
    return report


def read_published(data: bytes) -> Published:
    """Return the root in a seal's JSON, or in hexadecimal digits with or without spaces.

    Raises:
        Broken: neither.
    """
    text = data.decode("utf-8-sig", errors="replace")
    if text.lstrip().startswith("{"):
        found = _json(data.strip(), "公布的封存值", "the published seal")
        root, day = found.get("root"), found.get("day")
        if isinstance(root, str) and _HEX.fullmatch(root) and isinstance(day, str | None):
            return Published(root, day)
    else:
        root = re.sub(r"[\s:-]", "", text).lower()
        if _HEX.fullmatch(root):
            return Published(root)
    raise Broken(
        "head",
        "公布的封存值应为64位十六进制数，或者封存页的 JSON 文件。",
        f"Expected a published root of 64 hexadecimal digits or a seal's JSON, found {text[:80]!r}.",
    )


# The parts of a file


def _line(file: BinaryIO) -> bytes:
    line = file.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise Broken(
            "format",
            f"有一行超过{MAX_LINE}字节。",
            f"Expected lines of at most {MAX_LINE} bytes, found more.",
        )
    return line


def _header(line: bytes) -> tuple[Algorithm, Report]:
    found = _json(line, "首行", "the first line")
    if found.get("format") != FORMAT or found.get("version") != VERSION:
        shown = f"{found.get('format')!r} {found.get('version')!r}"[:80]
        raise Broken(
            "format",
            f"这不是第{VERSION}版的时限办理记录文件（首行为{shown}）。",
            f"Expected a {FORMAT} file of version {VERSION}, found {shown}.",
            expected=f"{FORMAT} {VERSION}",
            found=shown,
        )
    names = ("algorithm", "case", "stream", "exported_at")
    values = {name: _text(found, name, "首行", "the first line") for name in names}
    try:
        chosen = algorithm(values["algorithm"])
    except AlgorithmUnavailable as fault:
        zh, _, en = str(fault).partition(" / ")
        raise Broken("algorithm", zh, en) from fault
    return chosen, Report(
        case=values["case"],
        stream=values["stream"],
        algorithm=values["algorithm"],
        exported_at=values["exported_at"],
    )


def _chain(
    file: BinaryIO, chosen: Algorithm, report: Report, of_case: bool
) -> tuple[bytearray, dict[str, Any]]:
    """Check every event; return their hashes end to end, and the trailer."""
    start, tail_of, starts = chosen.start, _TAIL.search, _PREFIX.match
    stream, previous, seq, latest = report.stream.encode(), breaks.GENESIS, 0, b""
    heads = bytearray()
    while line := _line(file):
        prefix, tail = starts(line), tail_of(line, max(0, len(line) - 400))
        if prefix is None or tail is None:
            if line.startswith(_TRAILER):
                report.events, report.head = seq, previous.hex()
                report.last_at = latest.decode() + "Z" if latest else ""
                return heads, _trailer(line)
            _unreadable(line, seq + 1)
        _, recorded, number, owner, _ = tail.groups()
        if owner != stream or int(number) != seq + 1:
            _misplaced(file, seq + 1, int(number), owner.decode(errors="replace"), report.stream)
        seq += 1
        digest: bytes = start(previous + line[_BODY_AT:-2]).digest()
        stated = prefix[1]
        if digest.hex().encode() != stated:
            raise breaks.edited(seq, digest.hex(), stated.decode())
        if recorded < latest:  # without the Z, text of either width sorts as time does
            _backwards(seq, latest.decode(), recorded.decode(), report)
        else:
            latest = recorded
        if seq == 1:
            report.first_at = recorded.decode() + "Z"
            if of_case:
                _first(line[_BODY_AT:-2], report)
        heads += digest
        previous = digest
    raise Broken(
        "truncated",
        f"文件在第{seq}条记录之后中断，没有尾行。",
        f"The file ends after event {seq} without its trailer: it was truncated.",
        seq + 1,
    )


def _first(body: bytes, report: Report) -> None:
    """Hold the header's case number, which no hash covers, against the event that gave it."""
    found = _json(body, "第1条记录", "event 1")
    data = found.get("data")
    number = data.get("business_id") if isinstance(data, dict) else None
    if found.get("type") != "InstanceStarted" or number != report.case:
        raise Broken(
            "swapped",
            f"首行的编号为{report.case}，第1条记录的编号为{number}。",
            f"The header names case {report.case}, the first event {number}.",
            1,
            report.case,
            str(number),
        )


def _unreadable(line: bytes, seq: int) -> NoReturn:
    if not line.endswith(b"\n"):
        raise Broken(
            "truncated",
            f"文件在第{seq}条记录中间中断。",
            f"The file ends in the middle of event {seq}: it was truncated.",
            seq,
        )
    raise breaks.unreadable(seq, line[:80].decode(errors="replace"))


def _misplaced(file: BinaryIO, expected: int, found: int, owner: str, stream: str) -> NoReturn:
    """Say what an event is doing where another was expected; looks through the rest to tell moved from gone."""
    if owner != stream:
        raise breaks.swapped(expected, stream, owner, found)
    if found < expected:
        raise breaks.forked(expected, found)
    if any(number == expected for number in _numbers(file, stream.encode())):
        raise breaks.reordered(expected, found)
    raise breaks.deleted(expected, found)


def _numbers(file: BinaryIO, stream: bytes) -> Iterator[int]:
    while line := _line(file):
        tail = _TAIL.search(line, max(0, len(line) - 400))
        if tail is not None and tail[4] == stream:
            yield int(tail[3])


def _backwards(seq: int, latest: str, recorded: str, report: Report) -> None:
    try:
        step = datetime.fromisoformat(latest) - datetime.fromisoformat(recorded)
    except ValueError:
        step = SKEW * 2
    zh = f"第{seq}条记录的登记时刻早于前一条：{recorded}Z 早于 {latest}Z。"
    en = f"Event {seq} was recorded before the one ahead of it: {recorded}Z is before {latest}Z."
    if step > SKEW:
        raise Broken("backwards", zh, en, seq, f">= {latest}Z", f"{recorded}Z")
    report.remarks.append((zh, en))


def _trailer(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise Broken("truncated", "文件在尾行中间中断。", "The file ends in the middle of its trailer.")
    found = _json(line, "尾行", "the trailer").get("trailer")
    if not isinstance(found, dict):
        _wrong("尾行", "the trailer", "trailer")
    return found


def _totals(trailer: dict[str, Any], report: Report) -> None:
    stated = _number(trailer, "events")
    if stated != report.events:
        kind = "truncated" if stated > report.events else "forked"
        raise Broken(
            kind,
            f"尾行载明共{stated}条记录，文件中有{report.events}条。",
            f"Expected {stated} events by the trailer, found {report.events}.",
            min(stated, report.events) + 1,
            str(stated),
            str(report.events),
        )
    if report.events == 0:
        raise Broken("truncated", "文件中没有任何记录。", "Expected at least one event, found none.", 1)
    head = _text(trailer, "head", "尾行", "the trailer")
    if head != report.head:
        raise Broken(
            "forked",
            "尾行载明的末条校验值与记录链不符。",
            "The head in the trailer is not that of the chain.",
            report.events,
            head[:64],
            report.head,
        )


# Seals


def _seals(
    trailer: dict[str, Any],
    heads: bytearray,
    chosen: Algorithm,
    published: Published | None,
    report: Report,
) -> None:
    seals = _seal_chain(_list(trailer, "seals"), chosen)
    proofs = _list(trailer, "proofs")
    sealed_to = _number(trailer, "sealed_to")
    covered: dict[int, int] = {}
    for proof in proofs:
        number = _number(proof, "seal")
        if number not in seals:
            raise Broken(
                "proof", f"缺少第{number}号封存。", f"Expected seal {number} in the file, found none."
            )
        covered[number] = _prove(proof, seals[number], heads, chosen, report)
    if sealed_to != max(covered.values(), default=0):
        raise Broken(
            "proof",
            f"尾行载明封存至第{sealed_to}条，证明只到第{max(covered.values(), default=0)}条。",
            f"Expected a proof up to event {sealed_to}, found one up to {max(covered.values(), default=0)}.",
        )
    if covered:
        latest = seals[max(covered)]
        report.sealed_to, report.sealed_day, report.sealed_root = (
            covered[latest.number],
            latest.day,
            latest.root,
        )
    if published is not None:
        _against(published, seals, covered, report)


def _seal_chain(entries: list[dict[str, Any]], chosen: Algorithm) -> dict[int, _Seal]:
    seals: dict[int, _Seal] = {}
    before: _Seal | None = None
    for entry in entries:
        body = _text(entry, "body", "封存", "a seal")
        seal = _read_seal(body, _text(entry, "hash", "封存", "a seal"), chosen)
        digest = chosen.digest(bytes.fromhex(seal.previous) + body.encode()).hex()
        if digest != seal.hash:
            raise Broken(
                "seal",
                f"{seal.day}的封存与其校验值不符，被改动过。",
                f"The seal of {seal.day} does not fit its hash: it was edited.",
                expected=digest,
                found=seal.hash,
            )
        if before is not None and (
            seal.previous != before.hash
            or seal.number != before.number + 1
            or date.fromisoformat(seal.day) - date.fromisoformat(before.day) != timedelta(days=1)
        ):
            raise Broken(
                "seal",
                f"{before.day}与{seal.day}的封存不相连：缺少、重复或者更换过封存。",
                f"The seals of {before.day} and {seal.day} are not linked: one is missing, doubled or replaced.",
                expected=before.hash,
                found=seal.previous,
            )
        seals[seal.number] = before = seal
    return seals


def _read_seal(body: str, digest: str, chosen: Algorithm) -> _Seal:
    found = _json(body.encode(), "封存", "a seal")
    data = found.get("data")
    if found.get("type") != "DaySealed" or not isinstance(data, dict):
        _wrong("封存", "a seal", "DaySealed")
    seal = _Seal(
        _number(found, "seq"),
        _text(data, "day", "封存", "a seal"),
        _text(data, "root", "封存", "a seal"),
        _number(data, "streams"),
        digest,
        _text(data, "previous", "封存", "a seal"),
    )
    if not all(_HEX.fullmatch(text) for text in (seal.root, seal.hash, seal.previous)):
        _wrong("封存", "a seal", "root, hash, previous")
    try:
        date.fromisoformat(seal.day)
    except ValueError:
        _wrong("封存", "a seal", "day")
    if data.get("algorithm") != chosen.name:
        _wrong("封存", "a seal", "algorithm")
    return seal


def _prove(proof: dict[str, Any], seal: _Seal, heads: bytearray, chosen: Algorithm, report: Report) -> int:
    """Return up to which event a seal covers the stream."""
    seq = _number(proof, "seq")
    if not 1 <= seq <= report.events:
        raise Broken(
            "truncated",
            f"{seal.day}的封存包含到第{seq}条，文件中只有{report.events}条。",
            f"The seal of {seal.day} covers events up to {seq}, found only {report.events}.",
            report.events + 1,
            str(seq),
            str(report.events),
        )
    steps = _steps(_list_of_text(proof, "path"))
    head = bytes(heads[(seq - 1) * 32 : seq * 32])
    leaf = merkle.leaf_hash(leaf_data(int(report.stream), seq, head), chosen)
    found = merkle.root_from_path(leaf, _number(proof, "leaf"), seal.size, steps, chosen)
    if found is None or found.hex() != seal.root or _number(proof, "size") != seal.size:
        raise Broken(
            "rewritten",
            f"第1至{seq}条记录不是{seal.day}封存时的记录：由这些记录推不出当日的封存值。",
            f"Events 1 to {seq} are not those sealed for {seal.day}: they do not lead to its root.",
            seq,
            seal.root,
            found.hex() if found else "-",
        )
    return seq


def _against(published: Published, seals: dict[int, _Seal], covered: dict[int, int], report: Report) -> None:
    same_day = [s for s in seals.values() if published.day in (None, s.day)]
    match = next((s for s in same_day if s.root == published.root), None)
    if match is None:
        days = [s.day for s in seals.values()]
        day = published.day or (f"{days[0]} – {days[-1]}" if days else "—")
        raise Broken(
            "head",
            f"公布的封存值不在文件的封存之中（{day}）：记录被整体重写，或者导出时没有指定公布的那一日。",
            f"The published root is none of the seals in the file ({day}): the history was rewritten, or the "
            "export was made without the published day; export it again with since=<day>.",
            expected=published.root,
            found=", ".join(s.root for s in same_day[:3]) or "-",
        )
    if match.number not in covered:
        raise Broken(
            "head",
            f"文件没有本事项在{match.day}封存中的证明；请以该日为起点重新导出。",
            f"The file has no proof for the seal of {match.day}; export it again with since={match.day}.",
        )
    report.published_to, report.published_day = covered[match.number], match.day


# Reading values that may be anything


def _json(data: bytes, zh: str, en: str) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise Broken("format", f"{zh}不是完整的 JSON 文本。", f"Expected JSON in {en}: {fault}.") from fault
    if not isinstance(found, dict):
        raise Broken("format", f"{zh}应为一个 JSON 对象。", f"Expected a JSON object in {en}.")
    return found


def _wrong(zh: str, en: str, what: str) -> NoReturn:
    raise Broken("format", f"{zh}的内容“{what}”缺失或者有误。", f"Expected a proper {what} in {en}.")


def _text(found: dict[str, Any], name: str, zh: str, en: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        _wrong(zh, en, name)
    return value


def _number(found: dict[str, Any], name: str) -> int:
    value = found.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        _wrong("尾行", "the trailer", name)
    return value


def _list(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = found.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        _wrong("尾行", "the trailer", name)
    return value


def _list_of_text(found: dict[str, Any], name: str) -> Sequence[str]:
    value = found.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _wrong("尾行", "the trailer", name)
    return value


def _steps(texts: Sequence[str]) -> list[bytes]:
    if len(texts) > 64 or not all(_HEX.fullmatch(text) for text in texts):
        _wrong("尾行", "the trailer", "path")
    return [bytes.fromhex(text) for text in texts]
