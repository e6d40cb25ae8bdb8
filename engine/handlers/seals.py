"""Sealing a day: one root over the heads of all streams, chained to the seal before.

What it costs: the database compares the heads with those last sealed (one merge of two tables by key), and of
the tree only the chunks are hashed again in which a stream grew. Measured by `shixian bench seal`: see README.
Heads are taken from one snapshot, never by the clock: what was recorded between midnight and the seal is in
it, what is being written meanwhile is in the next. That also holds where a database hands out positions in
another order than it commits them, because no position decides what is sealed.
"""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from engine.commands import SealDay
from engine.errors import WrongState
from engine.events import DaySealed
from engine.history import merkle, tree
from engine.history.algorithm import Algorithm
from engine.history.chain import parse
from engine.periods import beijing_day
from engine.storage.tables import event, seal, sealed_chunk, sealed_leaf, sealed_stream, stream_head
from engine.uow import UnitOfWork

SEAL_STREAM = 4


def next_day(conn: Connection, now: datetime) -> date | None:
    """Return the earliest Beijing day that has ended and is not sealed yet, None if there is none."""
    due = _due(conn)
    return due if due is not None and due < beijing_day(now) else None


def seal_day(cmd: SealDay, uow: UnitOfWork) -> dict[str, Any]:
    """Seal a day; days are sealed in order, each once, those without events too.

    Raises:
        WrongState: the day has not ended, is sealed already, or one before it is not sealed.
    """
    due = _due(uow.conn)
    if cmd.day >= beijing_day(uow.now) or cmd.day != due:
        raise WrongState(
            f"应当封存的是{due or '尚无记录之日'}，且应在该日结束之后；所请求的是{cmd.day}。",
            f"Expected the day to be {due} and over, found {cmd.day}.",
        )
    number, previous = uow.head(SEAL_STREAM)
    root, size = _grow(uow, number + 1)
    position = uow.conn.execute(select(func.max(event.c.position))).scalar_one()
    uow.record(
        SEAL_STREAM,
        DaySealed(cmd.day.isoformat(), uow.algorithm.name, root.hex(), size, position, previous.hex()),
    )
    return {"number": number + 1, "root": root.hex()}


def _due(conn: Connection) -> date | None:
    last: date | None = conn.execute(select(func.max(seal.c.day))).scalar()
    if last is not None:
        return last + timedelta(days=1)
    first = conn.execute(select(event.c.body).order_by(event.c.position).limit(1)).scalar()
    return None if first is None else beijing_day(parse(first).recorded_at)


def _grow(uow: UnitOfWork, number: int) -> tuple[bytes, int]:
    """Bring the tree up to the heads of the snapshot; return its root and how many leaves it has."""
    conn, algorithm = uow.conn, uow.algorithm
    grown = conn.execute(
        select(stream_head, sealed_stream.c.leaf)
        .join(sealed_stream, sealed_stream.c.stream == stream_head.c.stream, isouter=True)
        .where(or_(sealed_stream.c.stream.is_(None), sealed_stream.c.seq != stream_head.c.seq))
        .order_by(stream_head.c.stream)
    ).all()
    size: int = conn.execute(select(func.coalesce(func.max(sealed_stream.c.leaf) + 1, 0))).scalar_one()
    fresh = count(size)
    leaves = {(row.leaf if row.leaf is not None else next(fresh)): row for row in grown}
    size = next(fresh)
    chunks = dict(newest_chunks(conn, number - 1))
    changed: list[dict[str, Any]] = []
    for chunk in sorted({leaf // tree.CHUNK for leaf in leaves}):
        hashes = _current(conn, chunk, algorithm)
        for leaf in range(chunk * tree.CHUNK, min((chunk + 1) * tree.CHUNK, size)):
            if row := leaves.get(leaf):
                hashes[leaf] = tree.leaf(row.stream, row.seq, row.hash, algorithm)
        chunks[chunk] = merkle.root([hashes[leaf] for leaf in sorted(hashes)], algorithm)
        changed.append({"chunk": chunk, "seal": number, "hash": chunks[chunk]})
    uow.writes.append(lambda conn: _keep(conn, number, leaves, changed))
    return merkle.root([chunks[chunk] for chunk in sorted(chunks)], algorithm), size


def _current(conn: Connection, chunk: int, algorithm: Algorithm) -> dict[int, bytes]:
    """Return the leaves of a chunk that were sealed before, with the heads of now."""
    rows = conn.execute(
        select(sealed_stream.c.leaf, stream_head)
        .join(stream_head, stream_head.c.stream == sealed_stream.c.stream)
        .where(sealed_stream.c.leaf.between(chunk * tree.CHUNK, (chunk + 1) * tree.CHUNK - 1))
    )
    return {row.leaf: tree.leaf(row.stream, row.seq, row.hash, algorithm) for row in rows}


def newest_chunks(conn: Connection, number: int) -> list[tuple[int, bytes]]:
    """Return the chunks of the tree as a seal found it: number and hash, in order."""
    newest = (
        select(sealed_chunk.c.chunk, func.max(sealed_chunk.c.seal).label("seal"))
        .where(sealed_chunk.c.seal <= number)
        .group_by(sealed_chunk.c.chunk)
        .subquery()
    )
    rows = conn.execute(
        select(sealed_chunk.c.chunk, sealed_chunk.c.hash)
        .join(newest, (newest.c.chunk == sealed_chunk.c.chunk) & (newest.c.seal == sealed_chunk.c.seal))
        .order_by(sealed_chunk.c.chunk)
    )
    return [(row.chunk, row.hash) for row in rows]


def _keep(conn: Connection, number: int, leaves: dict[int, Row[Any]], chunks: list[dict[str, Any]]) -> None:
    fresh = [
        {"stream": row.stream, "leaf": leaf, "seq": row.seq}
        for leaf, row in leaves.items()
        if row.leaf is None
    ]
    grown = [{"leaf_": row.leaf, "seq_": row.seq} for row in leaves.values() if row.leaf is not None]
    if fresh:
        conn.execute(insert(sealed_stream), fresh)
    if grown:
        conn.execute(_GROWN, grown)
    if leaves:
        conn.execute(
            insert(sealed_leaf),
            [{"leaf": leaf, "seal": number, "seq": row.seq} for leaf, row in leaves.items()],
        )
    if chunks:
        conn.execute(insert(sealed_chunk), chunks)


_GROWN = update(sealed_stream).where(sealed_stream.c.leaf == bindparam("leaf_")).values(seq=bindparam("seq_"))
