"""Read: cases with their limits, timers, documents, messages and incidents."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from engine.storage.packing import PackedJson
from engine.storage.tables.base import Day, Instant, Json, key, metadata

process_instance = Table(
    "process_instance",
    metadata,
    key(),
    Column("definition_key", BigInteger, nullable=False),
    Column("process_id", String(100), nullable=False),
    Column("business_id", String(60), nullable=False, index=True),
    Column("title", String(200), nullable=False),
    Column("state", String(30), nullable=False),
    Column("result", String(30)),
    Column("using_key", BigInteger, index=True),
    Column("providing_key", BigInteger, index=True),
    Column("managing_key", BigInteger, index=True),
    Column("resource_key", BigInteger, index=True),  # the catalogue entry it is about
    Column("started_by", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("received_at", Instant),
    Column("origin_key", BigInteger, index=True),  # the case it comes from
    Column("withheld_key", BigInteger),  # the department that is never shown the case
    Column("awaits_receipt", Boolean, nullable=False),  # before it, the other side knows nothing of the case
    Column("ended_at", Instant),
    Column("overdue", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("variables", PackedJson, nullable=False),
    Column("incidents", Integer, nullable=False),  # how many are open
    Index("ix_process_instance_definition_key_ended_at", "definition_key", "ended_at"),
    Index("ix_process_instance_started_by", "started_by", "started_at"),
)
deadline = Table(
    "deadline",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("attached_to", String(100), nullable=False),
    Column("organisation_key", BigInteger),  # who owes the act
    Column("name", String(200), nullable=False),
    Column("basis", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("setting", String(60), nullable=False),
    Column("terms", Json, nullable=False),
    Column("extended_by", Integer, nullable=False),
    Column("event_on", Day, nullable=False),
    Column("original_due_on", Day, nullable=False),
    Column("due_on", Day, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("calendar_as_of", Instant, nullable=False),
    Column("notices", Json, nullable=False),
    Column("on_expiry", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("expired_at", Instant),
    Column("noticed_at", Instant),
    Column("ended_at", Instant),
    Column("late_wd", Integer),
    Column("late_cd", Integer),
    Index("ix_deadline_open", "state", "instance_key"),
)
deadline_move = Table(
    "deadline_move",
    metadata,
    Column("instance_key", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),  # of the event in the case's stream
    Column("deadline_key", BigInteger, nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # extended, paused, resumed, recounted or migrated
    Column("at", Instant, nullable=False),
    Column("due_before", Day, nullable=False),
    Column("due_after", Day, nullable=False),
    Column("status_before", String(20), nullable=False),
    Column("status_after", String(20), nullable=False),
    Column("calendar_notice_key", BigInteger, index=True),
)
timer = Table(
    "timer",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("token", String(110), nullable=False),  # of the machine, or the id of an event sub-process
    Column("deadline_key", BigInteger),
    Column("kind", String(20), nullable=False),  # expiry, reminder or date
    Column("fires_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("retry_at", Instant),  # by the machine's clock: until then a node has it in hand, or it failed
    Index("ix_timer_due", "not_before", "key"),
)
document = Table(
    "document",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("template", String(20), nullable=False),
    Column("number", String(100), nullable=False),
    Column("title", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("organisation_key", BigInteger),  # whose document it is
    Column("addressee_key", BigInteger),
    Column("verification", String(30), unique=True),
    UniqueConstraint("organisation_key", "number"),
)
message = Table(
    "message",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("target", String(100), nullable=False),
    Column("correlation", String(200), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(20), nullable=False),  # waiting, delivered or lapsed
    Column("caught_by", BigInteger, index=True),  # the case that took it
    Column("thrown_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("retry_at", Instant),  # by the machine's clock: it failed, and lets others go first until then
    Index("ix_message_target_state", "target", "state"),
)
subscription = Table(
    "subscription",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("token", String(100), nullable=False),  # of the machine, or the id of an event sub-process
    Column("kind", String(10), nullable=False),  # message, signal, call or cancel
    Column("name", String(200), nullable=False),
    Column("correlation", String(200), nullable=False),
    Index("ix_subscription_name_correlation", "name", "correlation"),
)
incident = Table(
    "incident",
    metadata,
    key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    Column("token", String(100), nullable=False),
    Column("step", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cause", Text, nullable=False),
    Column("cause_en", Text, nullable=False),
    Column("input", Json, nullable=False),
    Column("deadline_key", BigInteger),
    Column("timer_key", BigInteger),
    Column("message_key", BigInteger),
    Column("acting_key", BigInteger),
    Column("acting_name", String(60)),
    Column("state", String(20), nullable=False),  # open, resolved, skipped, cancelled or closed
    Column("raised_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),  # after the first
    Column("tried_at", Instant),
    Column("tried_by", BigInteger),
    Column("next_try_at", Instant),
    Column("ended_at", Instant),
    Column("ended_by", BigInteger),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),  # of a try that could not even be made
    Column("last_error", Text),
    Column("retry_at", Instant),  # by the machine's clock: until then it is left alone
    Index("ix_incident_state_key", "state", "key"),
    Index("ix_incident_next_try_at", "next_try_at"),
)
