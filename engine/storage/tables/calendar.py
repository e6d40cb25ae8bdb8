"""Read: the working calendar and its recounts."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from engine.storage.tables.base import Instant, Json, key, metadata

calendar_notice = Table(
    "calendar_notice",
    metadata,
    key(),
    Column("notice_id", String(60), nullable=False, index=True),
    Column("layer", String(20), nullable=False),
    Column("notice", Json, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("corrects", BigInteger),
    Column("state", String(20), nullable=False),  # entered, confirmed, rejected or corrected
    Column("reason", Text),
    Column("entered_by", BigInteger, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("decided_by", BigInteger),
    Column("decided_at", Instant),
    Column("known_at", Instant),
    Column("known_until", Instant),
)
recount = Table(
    "recount",
    metadata,
    key(),
    Column("calendar_notice_key", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),  # running, held or done
    Column("cases", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
)
recount_failure = Table(
    "recount_failure",
    metadata,
    Column("recount_key", BigInteger, primary_key=True),
    Column("instance_key", BigInteger, primary_key=True),
    Column("error", Text, nullable=False),
)
recount_progress = Table(
    "recount_progress",
    metadata,
    key("recount_key"),
    Column("cursor", BigInteger, nullable=False),  # every case up to this key was looked at
    Column("done", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
)
