"""Kept beside the truth: answers of commands, guards, snapshots, contents, drafts, files, nodes, the rehearsal's clock."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from engine.storage.packing import Packed
from engine.storage.tables.base import Instant, Json, key, metadata

command = Table(
    "command",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("actor", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", Json, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
guard = Table(
    "guard",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("value", Json),
)
snapshot = Table(
    "snapshot",
    metadata,
    key("instance_key"),
    Column("data", LargeBinary, nullable=False),
)
snapshot_before = Table(
    "snapshot_before",
    metadata,
    key("instance_key"),
    Column("user_task_key", BigInteger, nullable=False),  # the last one that was handed in
    Column("data", LargeBinary, nullable=False),  # where the tokens stood before, so that it can be recalled
)
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", Packed("documents"), nullable=False),
)
draft = Table(
    "draft",
    metadata,
    key("user_task_key"),
    Column("form_values", Json, nullable=False),
    Column(
        "version", Integer, nullable=False
    ),  # counts the savings: of two open pages one saves over the other
    Column("saved_by", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
attachment = Table(
    "attachment",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("stored_by", BigInteger, nullable=False),
)
node = Table(
    "node",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),  # by the machine's clock, even in a rehearsal
)
clock = Table("clock", metadata, key("id"), Column("at", Instant, nullable=False))
