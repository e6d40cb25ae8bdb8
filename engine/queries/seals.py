"""Seals and exports: what an outsider needs to check a history without us."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, func, select

from engine.errors import NotAllowed, NotFound
from engine.handlers.access import must_see
from engine.handlers.seals import SEAL_STREAM, newest_chunks
from engine.history import export, tree
from engine.history.algorithm import Algorithm
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import event, organisation, seal, sealed_leaf, sealed_stream

PAGE = 50


@dataclass(frozen=True)
class Seal:
    """A sealed day; `hash` is what the next seal names as the one before it."""

    number: int
    day: date
    algorithm: str
    root: str
    streams: int
    last_position: int
    previous: str
    hash: str
    sealed_at: datetime


def may_see(reader: Reader, actor: Actor) -> bool:
    """Say whether the reader is an auditor, an administrator or of a managing department."""
    if actor.holds("auditor") or actor.holds("admin"):
        return True
    managing = select(organisation.c.key).where(
        organisation.c.key.in_(actor.acting_orgs), organisation.c.managing
    )
    return reader.conn.execute(managing.limit(1)).first() is not None


def seals(reader: Reader, actor: Actor, page: int = 1) -> tuple[list[Seal], int]:
    """Return a page of the seals, newest first, and how many there are.

    Raises:
        NotAllowed: the reader is none of those whom seals concern.
    """
    _must_see(reader, actor)
    total = int(reader.conn.execute(select(func.count()).select_from(seal)).scalar_one())
    rows = reader.conn.execute(_SEALS.order_by(seal.c.number.desc()).limit(PAGE).offset((page - 1) * PAGE))
    return [_seal(row) for row in rows], total


def every(reader: Reader, actor: Actor) -> list[Seal]:
    """Return all seals, newest first.

    Raises:
        NotAllowed: as for a page of them.
    """
    _must_see(reader, actor)
    return [_seal(row) for row in reader.conn.execute(_SEALS.order_by(seal.c.number.desc()))]


def one(reader: Reader, actor: Actor, day: date) -> Seal:
    """Return the seal of a day.

    Raises:
        NotAllowed: as for all seals.
        NotFound: the day is not sealed.
    """
    _must_see(reader, actor)
    row = reader.conn.execute(_SEALS.where(seal.c.day == day)).first()
    if row is None:
        raise NotFound(f"{day}没有封存记录。", f"Expected a sealed day, found no seal of {day}.")
    return _seal(row)


def exported(
    reader: Reader, actor: Actor, instance_key: int, since: date | None = None
) -> tuple[str, list[bytes]]:
    """Return the case number and the lines of the export of a case's history.

    Args:
        since: The day whose seal was published; its proof and the seals from it on are in the file.

    Raises:
        NotFound: no such case for this reader, or no such sealed day.
    """
    case = must_see(reader.conn, actor, instance_key)
    return case.business_id, history(reader, instance_key, case.business_id, since)


def history(reader: Reader, stream: int, name: str, since: date | None = None) -> list[bytes]:
    """Return the lines of the export of any stream; who may have it is for the caller to ask.

    Raises:
        NotFound: no such sealed day.
    """
    conn = reader.conn
    latest = conn.execute(select(func.max(seal.c.number))).scalar()
    first = latest
    if since is not None:
        first = conn.execute(select(seal.c.number).where(seal.c.day == since)).scalar()
        if first is None:
            raise NotFound(f"{since}没有封存记录。", f"Expected a sealed day, found no seal of {since}.")
    numbers = sorted({n for n in (first, latest) if n is not None})
    proofs = [p for n in numbers if (p := _proof(conn, n, stream, reader.algorithm)) is not None]
    return list(
        export.lines(
            reader.algorithm,
            name,
            stream,
            reader.now,
            _log(conn, stream),
            _log(conn, SEAL_STREAM, first) if first is not None else (),
            proofs,
        )
    )


def _log(conn: Connection, stream: int, since: int = 1) -> Iterator[tuple[bytes, bytes]]:
    rows = conn.execute(
        select(event.c.body, event.c.hash)
        .where(event.c.stream == stream, event.c.seq >= since)
        .order_by(event.c.seq)
    )
    return ((row.body, row.hash) for row in rows)


def _proof(conn: Connection, number: int, stream: int, algorithm: Algorithm) -> export.Proof | None:
    """Return the proof that a seal covers a stream, None if the stream began later.

    The leaves are made from the events, not from what was kept beside them: a changed event has no proof.
    """
    leaf: int | None = conn.execute(
        select(sealed_stream.c.leaf).where(sealed_stream.c.stream == stream)
    ).scalar()
    size: int = conn.execute(select(seal.c.streams).where(seal.c.number == number)).scalar_one()
    if leaf is None or leaf >= size:
        return None
    first = leaf - leaf % tree.CHUNK
    newest = (
        select(sealed_leaf.c.leaf, func.max(sealed_leaf.c.seal).label("seal"))
        .where(sealed_leaf.c.leaf.between(first, first + tree.CHUNK - 1), sealed_leaf.c.seal <= number)
        .group_by(sealed_leaf.c.leaf)
        .subquery()
    )
    rows = conn.execute(
        select(sealed_leaf.c.leaf, sealed_stream.c.stream, event.c.seq, event.c.hash)
        .join(newest, (newest.c.leaf == sealed_leaf.c.leaf) & (newest.c.seal == sealed_leaf.c.seal))
        .join(sealed_stream, sealed_stream.c.leaf == sealed_leaf.c.leaf)
        .join(event, (event.c.stream == sealed_stream.c.stream) & (event.c.seq == sealed_leaf.c.seq))
        .order_by(sealed_leaf.c.leaf)
    ).all()
    leaves = [tree.leaf(row.stream, row.seq, row.hash, algorithm) for row in rows]
    chunks = [digest for _, digest in newest_chunks(conn, number)]
    steps = tree.path(leaves, chunks, leaf, algorithm)
    return export.Proof(number, rows[leaf - first].seq, leaf, size, steps)


_SEALS = select(seal, event.c.hash).join(
    event, (event.c.stream == SEAL_STREAM) & (event.c.seq == seal.c.number)
)


def _seal(row: Row[tuple[object, ...]]) -> Seal:
    return Seal(**{**row._mapping, "hash": row.hash.hex()})


def _must_see(reader: Reader, actor: Actor) -> None:
    if not may_see(reader, actor):
        raise NotAllowed(
            "封存记录供审计人员、管理部门和系统管理员查看。",
            "Expected an auditor, an administrator or somebody of a managing department.",
        )
