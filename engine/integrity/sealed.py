"""The seals held against the events: every day's root computed anew from what is there now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from engine.handlers.seals import SEAL_STREAM
from engine.history import merkle, tree
from engine.history.algorithm import Algorithm
from engine.history.verify import Published
from engine.integrity.findings import Checked, Finding
from engine.integrity.walk import raw_rows
from engine.storage.tables import event, seal, sealed_chunk, sealed_leaf, sealed_stream

SHOWN = 5


@dataclass
class _Tree:
    """The tree as it grew, from the events of now.

    Attributes:
        leaves: The hash of each leaf.
        covered: Up to which event each leaf was sealed.
        streams: Whose leaf it is.
        kept: The hashes of the chunks that seals left, in the database.
        wrong: Chunks found wrong once: from then on what is kept stands for them, so that others still show.
    """

    leaves: list[bytes] = field(default_factory=list)
    covered: dict[int, int] = field(default_factory=dict)
    streams: dict[int, int] = field(default_factory=dict)
    chunks: dict[int, bytes] = field(default_factory=dict)
    wrong: set[int] = field(default_factory=set)


def check_seals(
    conn: Connection, algorithm: Algorithm, checked: Checked, published: Published | None = None
) -> None:
    """Compute every seal's root anew, hold its row against its event, and the published root against them."""
    grown = _grown(conn)
    kept = {(r.seal, r.chunk): bytes(r.hash) for r in conn.execute(select(sealed_chunk))}
    bodies = _bodies(conn)
    growing, ahead, before = _Tree(), next(grown, None), bytes(32).hex()
    for row in conn.execute(select(seal).order_by(seal.c.number)):
        checked.seals += 1
        checked.sealed_day, checked.sealed_root = row.day.isoformat(), row.root
        changed: list[Row[Any]] = []
        while ahead is not None and ahead[0] <= row.number:
            changed += ahead[1]
            ahead = next(grown, None)
        _seal(conn, row, changed, growing, kept, algorithm, checked)
        _row(row, bodies.get(row.number), before, checked)
        before = bodies.get(row.number, ({}, ""))[1]
    if published is not None:
        _published(conn, published, checked)


def _grown(conn: Connection) -> Iterator[tuple[int, list[Row[Any]]]]:
    rows = conn.execute(
        select(sealed_leaf, sealed_stream.c.stream, event.c.hash)
        .join(sealed_stream, sealed_stream.c.leaf == sealed_leaf.c.leaf, isouter=True)
        .join(
            event,
            (event.c.stream == sealed_stream.c.stream) & (event.c.seq == sealed_leaf.c.seq),
            isouter=True,
        )
        .order_by(sealed_leaf.c.seal, sealed_leaf.c.leaf)
        .execution_options(yield_per=10_000)
    )
    for number, group in groupby(rows, key=attrgetter("seal")):
        yield number, list(group)


def _seal(
    conn: Connection,
    row: Row[Any],
    changed: list[Row[Any]],
    growing: _Tree,
    kept: dict[tuple[int, int], bytes],
    algorithm: Algorithm,
    checked: Checked,
) -> None:
    before: dict[int, int] = {}
    for one in changed:
        before.setdefault(one.leaf, growing.covered.get(one.leaf, 0))
        _leaf(conn, one, growing, algorithm, row, checked)
    for chunk in sorted({leaf // tree.CHUNK for leaf in before}):
        held = kept.get((row.number, chunk), b"")
        digest = merkle.root(growing.leaves[chunk * tree.CHUNK : (chunk + 1) * tree.CHUNK], algorithm)
        if digest != held and chunk not in growing.wrong:
            growing.wrong.add(chunk)
            _rewritten(row, chunk, before, growing, checked)
        growing.chunks[chunk] = held if chunk in growing.wrong and held else digest
    root = merkle.root([growing.chunks[chunk] for chunk in sorted(growing.chunks)], algorithm).hex()
    if root != row.root and not growing.wrong:
        _wrong_root(row, root, checked)
    elif root != row.root and not checked.broken:
        _wrong_root(row, root, checked)


def _leaf(
    conn: Connection, one: Row[Any], growing: _Tree, algorithm: Algorithm, row: Row[Any], checked: Checked
) -> None:
    growing.leaves.extend([b""] * (one.leaf + 1 - len(growing.leaves)))
    growing.covered[one.leaf] = one.seq
    if one.stream is not None:
        growing.streams[one.leaf] = one.stream
    if one.hash is not None:
        growing.leaves[one.leaf] = tree.leaf(one.stream, one.seq, bytes(one.hash), algorithm)
        return
    growing.leaves[one.leaf] = bytes(32)
    if one.stream in checked.broken:
        return
    left = conn.execute(select(func.count()).where(event.c.stream == one.stream)).scalar_one()
    checked.add(
        Finding(
            "truncated",
            f"{row.day}封存时记录到第{one.seq}条，现在只到第{left}条：其后的记录被删去。",
            f"Event {one.seq} was sealed on {row.day}, and the events end at {left}: those after it were cut off.",
            one.stream,
            "",
            left + 1,
            str(one.seq),
            str(left),
        )
    )


def _rewritten(row: Row[Any], chunk: int, before: dict[int, int], growing: _Tree, checked: Checked) -> None:
    """Say whose history was rewritten: of those that grew by this seal, since the ones before it still fit."""
    grew = [leaf for leaf in sorted(before) if leaf // tree.CHUNK == chunk]
    # Each seal names the hash of the one before: its own stream cannot be rewritten without that showing there.
    if SEAL_STREAM not in checked.broken and len(grew) > 1:
        grew = [leaf for leaf in grew if growing.streams.get(leaf) != SEAL_STREAM]
    if any(growing.streams.get(leaf) in checked.broken for leaf in grew):
        _narrow(row, grew, before, growing, checked)
        return
    spans = [(growing.streams.get(leaf), before[leaf] + 1, growing.covered[leaf]) for leaf in grew]
    if len(spans) == 1:
        stream, first, last = spans[0]
        span = f"{first}" if first == last else f"{first}至{last}"
        checked.add(
            Finding(
                "rewritten",
                f"记录链自身相符，但与{row.day}的封存不符：第{span}条中有记录被改写，并重新计算过全链。",
                f"The chain fits itself but not the seal of {row.day}: of the events {first} to {last} one was rewritten "
                "and the chain computed anew.",
                stream,
                "",
                first,
                row.root,
            )
        )
        return
    named = "、".join(f"{stream}（第{a}至{b}条）" for stream, a, b in spans[:SHOWN])
    more = f"等{len(spans)}条记录链" if len(spans) > SHOWN else ""
    checked.add(
        Finding(
            "rewritten",
            f"下列记录链之一与{row.day}的封存不符，被改写并重新计算过全链：{named}{more}。",
            f"One of {len(spans)} streams does not fit the seal of {row.day}; it was rewritten and its chain computed "
            "anew: " + ", ".join(f"{stream} (events {a} to {b})" for stream, a, b in spans[:SHOWN]) + ".",
            expected=row.root,
            candidates=tuple(spans),
        )
    )


def _narrow(row: Row[Any], grew: list[int], before: dict[int, int], growing: _Tree, checked: Checked) -> None:
    """Put the first event into a finding that knew only that the whole chain was computed anew."""
    by_stream = {growing.streams.get(leaf): leaf for leaf in grew}
    for n, one in enumerate(checked.findings):
        leaf = by_stream.get(one.stream) if one.kind == "rewritten" and one.seq is None else None
        if leaf is not None and one.stream is not None:
            first, last = before[leaf] + 1, growing.covered[leaf]
            checked.findings[n] = Finding(
                one.kind,
                f"{one.zh}与{row.day}的封存比对，改动在第{first}至{last}条之间。",
                f"{one.en} By the seal of {row.day} the change is between events {first} and {last}.",
                one.stream,
                one.case,
                first,
                one.expected,
                one.found,
            )


def _wrong_root(row: Row[Any], root: str, checked: Checked) -> None:
    checked.add(
        Finding(
            "seal",
            f"由记录重新计算的{row.day}封存值与登记的不符。",
            f"The root of {row.day} computed from the events is not the one kept.",
            None,
            "",
            None,
            root,
            row.root,
        )
    )


def _bodies(conn: Connection) -> dict[int, tuple[dict[str, Any], str]]:
    """Return what each seal's event says, and its hash, by number."""
    found = {}
    for seq, _, body, digest in raw_rows(conn, SEAL_STREAM):
        try:
            found[seq] = (orjson.loads(body or b"")["data"], digest.hex())
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue  # its own chain says that it was edited
    return found


def _row(row: Row[Any], told: tuple[dict[str, Any], str] | None, before: str, checked: Checked) -> None:
    """Hold the row that pages show against the event that says it, and that against the seal before."""
    shown = {"day": row.day.isoformat(), "root": row.root, "previous": row.previous}
    data, digest = told or ({}, "")
    if {name: data.get(name) for name in shown} != shown or row.previous != before:
        checked.add(
            Finding(
                "seal",
                f"{row.day}的封存登记与其记录或者与前一封存不符。",
                f"The seal of {row.day} as pages show it is not what its event says, or does not follow the one before.",
                None,
                "",
                row.number,
                digest or before,
                row.root,
            )
        )


def _published(conn: Connection, published: Published, checked: Checked) -> None:
    day = conn.execute(select(seal.c.day).where(seal.c.root == published.root)).scalar()
    if day is not None and published.day in (None, day.isoformat()):
        checked.published_day = day.isoformat()
        return
    kept = (
        conn.execute(select(seal.c.root).where(seal.c.day == published.day)).scalar()
        if published.day
        else None
    )
    checked.add(
        Finding(
            "head",
            f"数据库中没有公布的封存值{'（' + published.day + '）' if published.day else ''}：该日以前的记录被整体改写过，"
            "或者这不是公布该值的数据库。",
            "The published root is not among the seals: the history was rewritten as a whole, or this is another database.",
            None,
            "",
            None,
            published.root,
            kept or "",
        )
    )
