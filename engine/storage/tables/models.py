"""Read: models that designers work on, and their revisions."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from engine.storage.tables.base import Day, Instant, Json, key, metadata

model = Table(
    "model",
    metadata,
    key(),
    Column("name", String(200), nullable=False),
    Column("origin", String(200), nullable=False),  # template:…, version:…, import or blank
    Column("origin_key", BigInteger),  # the version it began from
    Column("state", String(20), nullable=False),  # editing, requested, published or discarded
    Column("revision", Integer, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("saved_by", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("requested_by", BigInteger),
    Column("requested_at", Instant),
    Column("effective_from", Day),  # as asked for
    Column("notes", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False, server_default=""),
    Column("returned", Text),  # why the last request came back
    Column("definition_key", BigInteger),  # what it was published as
    Index("ix_model_state_saved_at", "state", "saved_at"),
)
model_revision = Table(
    "model_revision",
    metadata,
    Column("model_key", BigInteger, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("files", Json, nullable=False),  # path → sha256 of the blob
    Column("changed", Json, nullable=False),  # paths
    Column("note", Text, nullable=False),
    Column("saved_by", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
