"""What an auditor searches and is told: acts and reads (beside the truth), checks with their findings (read).

`act` is made from the history and can be made anew; `case_access` is itself a record: it takes no UPDATE and no
DELETE, and `access_seal` says what it held. Instants of acts are whole microseconds since 1970 in UTC: a number is
a third of a text, and every index holds it again.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from engine.storage.tables.base import Day, Instant, Json, key, metadata


def _only(name: str, column: str) -> Index:
    """Return an index over the few rows with a flag, by instant."""
    return Index(
        name, "at", "position", sqlite_where=text(f"{column} = 1"), postgresql_where=text(f"{column}")
    )


act = Table(
    "act",
    metadata,
    key("position"),  # of the event
    Column("stream", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # see `engine.trace.kinds`
    Column("actor_key", BigInteger, nullable=False),  # 0 is the platform
    Column("organisation_key", BigInteger),
    Column(
        "roles", SmallInteger, nullable=False
    ),  # a bit for each role, in the order of `engine.people.ROLES`
    Column("process", BigInteger),  # see `engine.trace.kinds.short`
    Column("element", BigInteger),
    Column("principal", String(60)),  # in whose place
    Column("on_behalf", Boolean, nullable=False),
    Column("off_hours", Boolean, nullable=False),
    Column("after_period", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),  # recorded a minute after it happened, or later
    Index("ix_act_at", "at", "position"),
    Index("ix_act_recorded", "recorded"),
    Index("ix_act_stream", "stream", "at", "position"),
    Index("ix_act_actor_key", "actor_key", "at", "position"),
    Index("ix_act_organisation_key", "organisation_key", "at", "position"),
    Index("ix_act_kind", "kind", "at", "position"),
    Index("ix_act_process", "process", "at", "position"),
    _only("ix_act_on_behalf", "on_behalf"),
    _only("ix_act_off_hours", "off_hours"),
    _only("ix_act_after_period", "after_period"),
    _only("ix_act_late", "late"),
)
act_progress = Table(
    "act_progress",
    metadata,
    key("id"),  # one row
    Column("position", BigInteger, nullable=False),  # every event up to it was looked at
)
case_access = Table(
    "case_access",
    metadata,
    Column("key", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("user_key", BigInteger, nullable=False),
    Column("user_name", String(60), nullable=False),  # as named then, like the department
    Column("organisation_key", BigInteger, nullable=False),
    Column("organisation_name", String(200), nullable=False),
    Column("what", String(20), nullable=False),  # see `engine.trace.reads`
    Column("way", String(10), nullable=False),  # page or api
    Column("instance_key", BigInteger, nullable=False),
    Column("subject_key", BigInteger),  # the document, file, task … that was shown
    Column("sensitive", Boolean, nullable=False),
    Index("ix_case_access_instance_key", "instance_key", "key"),
    Index("ix_case_access_user_key", "user_key", "key"),
    Index("ix_case_access_at", "at"),
    Index(
        "ix_case_access_sensitive",
        "key",
        sqlite_where=text("sensitive = 1"),
        postgresql_where=text("sensitive"),
    ),
)
access_seal = Table(
    "access_seal",
    metadata,
    key("number"),  # the event's place in its stream
    Column("day", Day, nullable=False, unique=True),
    Column("first", BigInteger, nullable=False),  # after which key
    Column("last", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)
audit_check = Table(
    "audit_check",
    metadata,
    key(),
    Column("name", String(60), nullable=False),
    Column("note", String(500), nullable=False),
    Column("criteria", Json, nullable=False),  # see `engine.trace.criteria`
    Column("saved_by", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("retired_by", BigInteger),
    Column("retired_at", Instant),
)
check_run = Table(
    "check_run",
    metadata,
    key("number"),  # the event's place in the stream of checks
    Column("day", Day, nullable=False, index=True),
    Column("found", Json, nullable=False),  # check → how many findings
    Column("failed", Json, nullable=False),  # check → why it could not be made
    Column("covered", BigInteger, nullable=False),  # up to which event the day before was looked at
    Column("until", BigInteger, nullable=False),  # up to which this one
    Column("check_code", String(40)),  # where the next slice of the day goes on; None: the day is done
    Column("after", BigInteger),
    Column("ran_at", Instant, nullable=False),
)
finding = Table(
    "finding",
    metadata,
    key(),
    Column("check_code", String(40), nullable=False),
    Column("check_name", String(60), nullable=False),
    Column("source", String(10), nullable=False),  # act, access, chain or reads
    Column("instance_key", BigInteger),
    Column("subject", BigInteger, nullable=False),  # position, key, sequence number, number of a seal
    Column("day", Day, nullable=False),
    Column("user_key", BigInteger),  # whose act it is
    Column("user_name", String(60), nullable=False),
    Column("organisation_key", BigInteger),
    Column("state", String(10), nullable=False),  # open, explained or closed
    Column("raised_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", BigInteger, nullable=False),
    UniqueConstraint("check_code", "instance_key", "subject"),
    Index("ix_finding_state_key", "state", "key"),
    Index("ix_finding_instance_key", "instance_key"),
)
