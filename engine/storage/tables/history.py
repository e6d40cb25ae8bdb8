"""The truth and its seals: append-only, hash-chained by stream; the leaves of the sealed tree, so that a seal costs what changed.

A version of a leaf or chunk is written by the seal with that number; the newest up to a seal counts
(`engine.history.tree`).
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.storage.packing import Packed
from engine.storage.tables.base import Day, Instant, key, metadata

event = Table(
    "event",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("stream", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(60), nullable=False),
    Column("body", Packed("records"), nullable=False),  # the canonical JSON that was hashed
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("stream", "seq"),
)
stream_head = Table(
    "stream_head",
    metadata,
    key("stream"),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
history_algorithm = Table(
    "history_algorithm",
    metadata,
    key("id"),  # one row; like the events it takes no UPDATE and no DELETE
    Column("name", String(20), nullable=False),
)
sealed_stream = Table(
    "sealed_stream",
    metadata,
    key("stream"),
    Column("leaf", BigInteger, nullable=False, unique=True),  # from 0, in the order of first sealing
    Column("seq", Integer, nullable=False),  # at the last seal
)
sealed_leaf = Table(
    "sealed_leaf",
    metadata,
    key("leaf"),
    key("seal"),
    Column("seq", Integer, nullable=False),
)
sealed_chunk = Table(
    "sealed_chunk",
    metadata,
    key("chunk"),
    key("seal"),
    Column("hash", LargeBinary(32), nullable=False),
)
seal = Table(
    "seal",
    metadata,
    key("number"),  # the event's place in the seals' stream
    Column("day", Day, nullable=False, unique=True),
    Column("algorithm", String(20), nullable=False),
    Column("root", String(64), nullable=False),
    Column("streams", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sealed_at", Instant, nullable=False),
)
