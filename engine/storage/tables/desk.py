"""What a case is found by, and the views that people keep."""

from sqlalchemy import BigInteger, Column, String, Table

from engine.storage.tables.base import Instant, Json, key, metadata

case_gram = Table(
    "case_gram",
    metadata,
    Column("gram", BigInteger, primary_key=True, autoincrement=False),  # see `engine.grams`
    Column("instance_key", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
saved_view = Table(
    "saved_view",
    metadata,
    key(),
    Column("owner_key", BigInteger, nullable=False, index=True),
    Column("organisation_key", BigInteger, index=True),  # whose people see it too; None: the owner's alone
    Column("name", String(60), nullable=False),
    Column("box", String(20), nullable=False),
    Column("filters", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
start_view = Table(
    "start_view",
    metadata,
    key("user_key"),
    Column("saved_view_key", BigInteger, nullable=False, index=True),
)
