"""Kept beside the truth: who may sign in, and who has."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from engine.storage.tables.base import Instant, key, metadata

credential = Table(
    "credential",
    metadata,
    key("user_key"),
    Column("argon2", String(200), nullable=False),
)
session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),  # of the token, never the token
    Column("user_key", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
feed_token = Table(
    "feed_token",
    metadata,
    key("user_key"),  # one address a person
    Column("digest", LargeBinary(32), nullable=False, unique=True),  # of the token, never the token
    Column("created_at", Instant, nullable=False),
)
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("subject", String(200), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
