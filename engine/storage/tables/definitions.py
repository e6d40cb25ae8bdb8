"""Read: process definitions, what begins cases by itself, proposals that a case goes on under another version."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from engine.storage.tables.base import Day, Instant, Json, key, metadata

process_definition = Table(
    "process_definition",
    metadata,
    key(),
    Column("process_id", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("files", Json, nullable=False),  # path → sha256 of the blob
    Column("deployed_at", Instant, nullable=False),
    Column("effective_from", Day),
    Column("state", String(20), nullable=False, server_default="active"),  # active, suspended or retired
    Column("state_reason", Text),
    Column("state_since", Instant),
    Column(
        "notes", Text, nullable=False, server_default=""
    ),  # what changed, in the words of who published it
    Column("basis", Text, nullable=False, server_default=""),  # the law that the change rests on
    UniqueConstraint("process_id", "version"),
)
start_trigger = Table(
    "start_trigger",
    metadata,
    key(),
    Column("definition_key", BigInteger, nullable=False),
    Column("process_id", String(100), nullable=False),
    Column("element_id", String(100), nullable=False),
    Column("kind", String(10), nullable=False),  # timer or signal
    Column("signal", String(200), nullable=False, index=True),
    Column(
        "planned_at", Instant, index=True
    ),  # the next planned start; None for a signal, or when there is none
    Column("last_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("retry_at", Instant),  # by the machine's clock
)
migration = Table(
    "migration",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("definition_key", BigInteger, nullable=False),  # the target
    Column("from_version", Integer, nullable=False),
    Column("to_version", Integer, nullable=False),
    Column("state", String(20), nullable=False),  # open, done, objected, withdrawn or lapsed
    Column("reason", Text, nullable=False),
    Column("names", Json, nullable=False),  # element ids that are others in the target
    Column("preview", Json, nullable=False),
    Column("proposed_by", BigInteger, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("outcome", Text),  # why it ended, in Chinese
    Index("ix_migration_state_key", "state", "key"),
)
migration_consent = Table(
    "migration_consent",
    metadata,
    Column("migration_key", BigInteger, primary_key=True),
    Column("organisation_key", BigInteger, primary_key=True),
    Column("consents", Boolean),  # not answered yet while NULL
    Column("answered_by", BigInteger),
    Column("answered_at", Instant),
    Index("ix_migration_consent_organisation_key_consents", "organisation_key", "consents"),
)
