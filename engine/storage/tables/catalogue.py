"""Read: the catalogue, grants, and what is being verified (R13-13)."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from engine.storage.tables.base import Day, Instant, Json, key, metadata

catalogue_entry = Table(
    "catalogue_entry",
    metadata,
    key(),
    Column("code", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("provider_key", BigInteger, nullable=False, index=True),
    Column("sharing_type", String(20), nullable=False, index=True),
    Column("update_cycle", String(20), nullable=False),
    Column("abstract", Text, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("withdrawn_on", Day),
)
grant = Table(
    "grant_record",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("using_key", BigInteger, nullable=False),
    Column("providing_key", BigInteger, nullable=False),
    Column("resource_key", BigInteger, nullable=False),
    Column("data_items", Json, nullable=False),
    Column("conditions", Text, nullable=False),
    Column("valid_from", Day),
    Column("valid_until", Day),
    Column("ended_on", Day),  # over from this day, whatever its term says
    Column("superseded_by", BigInteger),
    Column("suspended_by", BigInteger, index=True),  # the case that suspends it
    Column("suspended_at", Instant),
    Column("given_back", Boolean, nullable=False),
    Column("end_cause", String(20)),  # why it is over before its term: superseded, given_back, merged or set
    Index("ix_grant_record_using_key_resource_key", "using_key", "resource_key"),
)
resource_flag = Table(
    "resource_flag",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("resource_key", BigInteger, nullable=False, index=True),
    Column("data_items", Json, nullable=False),
    Column("records", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)
catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("entry_key", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("change", String(20), nullable=False),  # published, added or revised
    Column("fields", Json, nullable=False),  # of the entry in full, as it was published
    Column("effective_from", Day, nullable=False),
    Column("instance_key", BigInteger, index=True),  # the case that led to it
    Column("published_at", Instant, nullable=False),
)
catalogue_deletion = Table(
    "catalogue_deletion",
    metadata,
    key("entry_key"),
    Column("deletes_on", Day, nullable=False),  # announced ahead while grants live: until then it is in force
    Column("instance_key", BigInteger),  # the case that decided it
    Column("reason", Text, nullable=False),
    Column("doc_no", String(100), nullable=False),
    Column("announced_at", Instant, nullable=False),
)
grant_suspension = Table(
    "grant_suspension",
    metadata,
    Column("grant_key", BigInteger, primary_key=True, autoincrement=False),
    Column("instance_key", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("suspended_at", Instant, nullable=False),
)
