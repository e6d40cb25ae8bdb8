"""Read: organisations, people, their roles, substitutes and departures."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from engine.storage.tables.base import Day, Instant, Json, key, metadata

organisation = Table(
    "organisation",
    metadata,
    key(),
    Column("code", String(18), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("level", String(20), nullable=False),  # province, city, county
    Column("area", String(60), nullable=False),
    Column("managing", Boolean, nullable=False),
    Column("name", String(200), nullable=False),
    Column("mark", String(20), nullable=False),  # 机关代字
    Column("successor_key", BigInteger),  # stands in its place since `abolished_on`
    Column("abolished_on", Day),
    Column("succession", String(20)),  # running or done
)
organisation_name = Table(
    "organisation_name",
    metadata,
    Column("organisation_key", BigInteger, primary_key=True),
    Column("valid_from", Day, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("doc_no", String(100), nullable=False),
)
area = Table(
    "area",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("level", String(20), nullable=False),
    Column("parent", String(60)),
)
user = Table(
    "user",
    metadata,
    key(),
    Column("username", String(60), nullable=False, unique=True),
    Column("name", String(60), nullable=False),
    Column("organisation_key", BigInteger, nullable=False, index=True),
    Column("active", Boolean, nullable=False),
)
user_role = Table(
    "user_role",
    metadata,
    Column("user_key", BigInteger, primary_key=True),
    Column("organisation_key", BigInteger, primary_key=True),
    Column("role", String(20), primary_key=True),
    Index("ix_user_role_organisation_key_role", "organisation_key", "role"),
)
deputy = Table(
    "deputy",
    metadata,
    key(),
    Column("organisation_key", BigInteger, nullable=False),
    Column("principal_key", BigInteger, nullable=False),
    Column("deputy_key", BigInteger, nullable=False, index=True),
    Column("role", String(20), nullable=False),
    Column("valid_from", Day, nullable=False),
    Column("valid_until", Day, nullable=False),  # the last day, inclusive
    Column("doc_no", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("processes", Json, nullable=False),  # process ids; empty for all
    Column("resource_key", BigInteger),  # only cases about this resource
    Column("other_key", BigInteger),  # only cases with this department as another party
    Column("entered_by", BigInteger, nullable=False),
    Column("ended_at", Instant),
    Column("end", String(20)),  # expired, revoked or left
    Index("ix_deputy_principal_key", "principal_key"),
    Index("ix_deputy_organisation_key_ended_at", "organisation_key", "ended_at"),
    Index("ix_deputy_ended_at_valid_until", "ended_at", "valid_until"),
)
leaving = Table(
    "leaving",
    metadata,
    key(),
    Column("user_key", BigInteger, nullable=False, index=True),
    Column("organisation_key", BigInteger, nullable=False),
    Column("successors", Json, nullable=False),  # group → user name
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),  # running or done
    Column("begun_by", BigInteger, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("done_at", Instant),
)
leaving_item = Table(
    "leaving_item",
    metadata,
    Column("leaving_key", BigInteger, primary_key=True),
    Column("kind", String(20), primary_key=True),  # task, part, rule or case
    Column("subject_key", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),  # handed_on, returned, ended or failed
    Column("to_name", String(60), nullable=False),
    Column("reason", Text, nullable=False),
)
succession_progress = Table(
    "succession_progress",
    metadata,
    key("organisation_key"),
    Column("cursor", BigInteger, nullable=False),  # every case up to this key was looked at
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)
