"""Read: user tasks, the inboxes, and what others have to do with a task or a case."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from engine.storage.tables.base import Instant, Json, key, metadata

user_task = Table(
    "user_task",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("token", String(40), nullable=False),
    Column("element_id", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    Column("organisation_key", BigInteger, nullable=False),
    Column("role", String(20), nullable=False),
    Column("lane", String(40), nullable=False),
    Column("assignee", BigInteger),
    Column("stands_for", BigInteger),  # whom the assignee, or whoever did it, stood in for
    Column("deputy_key", BigInteger, index=True),  # the rule of substitution it was taken under
    Column("returns_to", BigInteger),  # who gets it back when the rule ends; nobody: the department
    Column("scope", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", BigInteger),
    Index("ix_user_task_ended_by", "ended_by", "ended_at"),
)
task_inbox = Table(
    "task_inbox",
    metadata,
    Column("holder", String(60), primary_key=True),  # u:person, g:department:role, or m:managing department
    Column("due_at", Instant, primary_key=True),
    Column("task_key", BigInteger, primary_key=True, autoincrement=False),
    Column("deadline_key", BigInteger),
    Column("part", String(20)),  # what the holder has to do with another's task, see `task_part`
    # Of the case and its limit, so that a filter reads no other table while it walks a holder's rows.
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("process_id", String(100), nullable=False),
    Column("case_state", String(30), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("using_key", BigInteger),
    Column("providing_key", BigInteger),
    Column("resource_key", BigInteger),
    sqlite_with_rowid=False,
)
task_part = Table(
    "task_part",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("task_key", BigInteger, nullable=False, index=True),
    Column(
        "kind", String(20), nullable=False
    ),  # delegated, cosign_before, cosign_after, assist, consult or returned
    Column("user_key", BigInteger, nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column(
        "state", String(20), nullable=False
    ),  # open, planned (to sign after), answered, withdrawn; of a return that pauses a limit: paused
    Column("agrees", Boolean),  # of a co-signer
    Column("answer_sha256", String(64)),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Index("ix_task_part_user_key_state", "user_key", "state"),
)
case_copy = Table(
    "case_copy",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("user_key", BigInteger, nullable=False),
    Column("sent_by", BigInteger, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("ix_case_copy_user_key_sent_at", "user_key", "sent_at"),
)
supervision = Table(
    "supervision",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("organisation_key", BigInteger, nullable=False, index=True),  # the managing department
    Column("text", Text, nullable=False),
    Column("by_key", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
)
comment = Table(
    "comment",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("task_key", BigInteger),  # None: about the case
    Column("organisation_key", BigInteger, nullable=False),  # whose people may read it
    Column("user_key", BigInteger, nullable=False),
    Column(
        "sha256", String(64), nullable=False
    ),  # the words are a blob: the trail is read by the other party too
    Column("mentioned", Json, nullable=False),
    Column("at", Instant, nullable=False),
)
