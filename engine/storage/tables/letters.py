"""What leaves the house and what people are told."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from engine.storage.tables.base import Day, Instant, Json, key, metadata

contact = Table("contact", metadata, key("user_key"), Column("email", String(254), nullable=False))
contact_change = Table(
    "contact_change",
    metadata,
    key("user_key"),  # one unconfirmed address a person
    Column("email", String(254), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # of the code that was sent, never the code
    Column("sent_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
)
notice_preference = Table(
    "notice_preference",
    metadata,
    Column("user_key", BigInteger, primary_key=True),
    Column("kind", String(20), primary_key=True),  # see `engine.notice_kinds`
    Column("mail", String(10), nullable=False),  # now, digest or none
    Index("ix_notice_preference_kind_mail", "kind", "mail"),
)
digest_mark = Table(
    "digest_mark",
    metadata,
    key("user_key"),
    Column("day", Day, nullable=False),  # the last day whose digest was looked at, sent or empty
    Column("at", Instant, nullable=False),
)
robot = Table(
    "robot",
    metadata,
    key(),
    Column("organisation_key", BigInteger, nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("kind", String(10), nullable=False),  # wecom, dingtalk or feishu
    Column("url", String(500), nullable=False, unique=True),  # it holds the robot's key: never shown
    Column("secret", String(200), nullable=False),
    Column("kinds", Json, nullable=False),  # of notices
)
webhook = Table(
    "webhook",
    metadata,
    key(),
    Column("url", String(500), nullable=False, unique=True),
    Column("secret", String(200), nullable=False),
    Column("types", Json, nullable=False),  # names of events
)
outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("channel", String(20), nullable=False),  # mail, webhook or robot
    Column("target", String(500), nullable=False),
    Column("id", String(100), nullable=False, unique=True),
    Column("payload", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("sent_at", Instant),
    Index("ix_outbox_waiting", "sent_at", "not_before"),
    Index("ix_outbox_target_sent_at", "target", "sent_at"),
)
notice = Table(
    "notice",
    metadata,
    key(),
    Column("instance_key", BigInteger, index=True),
    Column("user_key", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("ix_notice_user_key_sent_at", "user_key", "sent_at"),
)
