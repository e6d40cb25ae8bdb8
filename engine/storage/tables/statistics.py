"""Beside the truth: one row for each finished case and each stay of a token in it, made from the events and makeable anew."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table

from engine.storage.tables.base import Instant, Json, key, metadata

FLAGS = (
    "finished",
    "valid",  # not annulled
    "voided",
    "withdrawn",
    "limited",
    "decided",
    "on_time",
    "overdue",
    "extendable",
    "extended",
    "answered",
    "refused",
    "disputable",
    "disputed",
)
"""What a case counts for in `engine.statistics.rates`: 0 or 1, so that a sum is a count."""

case_fact = Table(
    "case_fact",
    metadata,
    key("instance_key"),
    Column("seq", Integer, nullable=False),  # of the last event that was looked at
    Column("definition_key", BigInteger, nullable=False),
    Column("path_key", BigInteger, nullable=False),
    Column("department_key", BigInteger),  # who owed its limits
    Column("using_key", BigInteger),
    Column("providing_key", BigInteger),
    Column("managing_key", BigInteger),
    Column("withheld_key", BigInteger),
    Column("level", String(20), nullable=False),  # of the department
    Column("area", String(60), nullable=False),
    Column("month", Integer, nullable=False),  # 202604, of the end in Beijing
    Column("state", String(30), nullable=False),
    Column("result", String(30), nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("from_receipt", SmallInteger, nullable=False),
    Column("working_days", Integer, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    *(Column(name, SmallInteger, nullable=False) for name in FLAGS),
    Index("ix_case_fact_ended_at_instance_key", "ended_at", "instance_key"),
    Index("ix_case_fact_path_key", "path_key"),
)
visit_fact = Table(
    "visit_fact",
    metadata,
    Column("instance_key", BigInteger, primary_key=True, autoincrement=False),
    Column("element_id", String(100), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # which visit of the element, from 1
    Column("working_days", Integer, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("late", SmallInteger, nullable=False),  # 1: lasted while a limit around it was overdue
    sqlite_with_rowid=False,
)
case_path = Table(
    "case_path",
    metadata,
    key(),  # what it is made of, hashed: two nodes write the same row
    Column("variant", BigInteger, nullable=False, index=True),
    Column("process_id", String(100), nullable=False),
    Column("definition_key", BigInteger, nullable=False),
    Column("steps", Json, nullable=False),  # [element id, name] of what was done, in order
    Column("elements", Json, nullable=False),  # element id → visits
    Column("flows", Json, nullable=False),  # flow id → times taken
)
statistics_progress = Table(
    "statistics_progress",
    metadata,
    key("id"),  # one row
    Column("position", BigInteger, nullable=False),  # every event up to it was looked at
    Column("edition", Integer, nullable=False),  # of the rules that facts were made by
)
