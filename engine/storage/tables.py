"""The tables. `event` is the truth; tables marked "read" are applied from it and can be rebuilt."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from engine.storage.packing import Packed, PackedJson


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant as RFC 3339 text of fixed width, which sorts as time does."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected an instant with a time zone, found {value.isoformat()}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A civil date in Asia/Shanghai as ISO text."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Any JSON value as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str = "key") -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


# The truth: append-only, hash-chained by stream

event = Table(
    "event",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("stream", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(60), nullable=False),
    Column("body", Packed("records"), nullable=False),  # the canonical JSON that was hashed
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("stream", "seq"),
)
stream_head = Table(
    "stream_head",
    metadata,
    _key("stream"),
    Column("seq", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
history_algorithm = Table(
    "history_algorithm",
    metadata,
    _key("id"),  # one row; like the events it takes no UPDATE and no DELETE
    Column("name", String(20), nullable=False),
)

# Kept beside the truth: the leaves of the sealed tree, so that a seal costs what changed, not what there is
# (`engine.history.tree`). A version is written by the seal with that number; the newest up to a seal counts.

sealed_stream = Table(
    "sealed_stream",
    metadata,
    _key("stream"),
    Column("leaf", BigInteger, nullable=False, unique=True),  # from 0, in the order of first sealing
    Column("seq", Integer, nullable=False),  # at the last seal
)
sealed_leaf = Table(
    "sealed_leaf",
    metadata,
    _key("leaf"),
    _key("seal"),
    Column("seq", Integer, nullable=False),
)
sealed_chunk = Table(
    "sealed_chunk",
    metadata,
    _key("chunk"),
    _key("seal"),
    Column("hash", LargeBinary(32), nullable=False),
)

# Kept beside the truth

command = Table(
    "command",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("actor", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", Json, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
guard = Table(
    "guard",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("value", Json),
)
snapshot = Table(
    "snapshot",
    metadata,
    _key("instance_key"),
    Column("data", LargeBinary, nullable=False),
)
snapshot_before = Table(
    "snapshot_before",
    metadata,
    _key("instance_key"),
    Column("user_task_key", BigInteger, nullable=False),  # the last one that was handed in
    Column("data", LargeBinary, nullable=False),  # where the tokens stood before, so that it can be recalled
)
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", Packed("documents"), nullable=False),
)
credential = Table(
    "credential",
    metadata,
    _key("user_key"),
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
    _key("user_key"),  # one address a person
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
contact = Table("contact", metadata, _key("user_key"), Column("email", String(254), nullable=False))
contact_change = Table(
    "contact_change",
    metadata,
    _key("user_key"),  # one unconfirmed address a person
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
    _key("user_key"),
    Column("day", Day, nullable=False),  # the last day whose digest was looked at, sent or empty
    Column("at", Instant, nullable=False),
)
robot = Table(
    "robot",
    metadata,
    _key(),
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
    _key(),
    Column("url", String(500), nullable=False, unique=True),
    Column("secret", String(200), nullable=False),
    Column("types", Json, nullable=False),  # names of events
)
outbox = Table(
    "outbox",
    metadata,
    _key(),
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
draft = Table(
    "draft",
    metadata,
    _key("user_task_key"),
    Column("form_values", Json, nullable=False),
    Column(
        "version", Integer, nullable=False
    ),  # counts the savings: of two open pages one saves over the other
    Column("saved_by", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
attachment = Table(
    "attachment",
    metadata,
    _key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("stored_by", BigInteger, nullable=False),
)
saved_view = Table(
    "saved_view",
    metadata,
    _key(),
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
    _key("user_key"),
    Column("saved_view_key", BigInteger, nullable=False, index=True),
)
recount_progress = Table(
    "recount_progress",
    metadata,
    _key("recount_key"),
    Column("cursor", BigInteger, nullable=False),  # every case up to this key was looked at
    Column("done", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
)
succession_progress = Table(
    "succession_progress",
    metadata,
    _key("organisation_key"),
    Column("cursor", BigInteger, nullable=False),  # every case up to this key was looked at
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)
node = Table(
    "node",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),  # by the machine's clock, even in a rehearsal
)
clock = Table("clock", metadata, _key("id"), Column("at", Instant, nullable=False))

# Read: people and organisations

organisation = Table(
    "organisation",
    metadata,
    _key(),
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
    _key(),
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
    _key(),
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
    _key(),
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

# Read: the working calendar

calendar_notice = Table(
    "calendar_notice",
    metadata,
    _key(),
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
    _key(),
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

# Read: catalogue and grants

catalogue_entry = Table(
    "catalogue_entry",
    metadata,
    _key(),
    Column("code", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("provider_key", BigInteger, nullable=False, index=True),
    Column("sharing_type", String(20), nullable=False, index=True),
    Column("update_cycle", String(20), nullable=False),
    Column("abstract", Text, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("withdrawn_on", Day),
)
grant = Table(
    "grant_record",
    metadata,
    _key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("using_key", BigInteger, nullable=False),
    Column("providing_key", BigInteger, nullable=False),
    Column("resource_key", BigInteger, nullable=False),
    Column("data_items", Json, nullable=False),
    Column("conditions", Text, nullable=False),
    Column("valid_from", Day),
    Column("valid_until", Day),
    Column("ended_on", Day),  # over from this day, whatever its term says
    Column("superseded_by", BigInteger),
    Column("suspended_by", BigInteger, index=True),  # the case that suspends it
    Column("suspended_at", Instant),
    Column("given_back", Boolean, nullable=False),
    Column("end_cause", String(20)),  # why it is over before its term: superseded, given_back, merged or set
    Index("ix_grant_record_using_key_resource_key", "using_key", "resource_key"),
)

# Read: definitions and cases

process_definition = Table(
    "process_definition",
    metadata,
    _key(),
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
    UniqueConstraint("process_id", "version"),
)
process_instance = Table(
    "process_instance",
    metadata,
    _key(),
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
user_task = Table(
    "user_task",
    metadata,
    _key(),
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
case_gram = Table(
    "case_gram",
    metadata,
    Column("gram", BigInteger, primary_key=True, autoincrement=False),  # see `engine.grams`
    Column("instance_key", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
deadline = Table(
    "deadline",
    metadata,
    _key(),
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
    _key(),
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
    _key(),
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
    _key(),
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
    _key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("element_id", String(100), nullable=False),
    Column("token", String(100), nullable=False),  # of the machine, or the id of an event sub-process
    Column("kind", String(10), nullable=False),  # message, signal, call or cancel
    Column("name", String(200), nullable=False),
    Column("correlation", String(200), nullable=False),
    Index("ix_subscription_name_correlation", "name", "correlation"),
)
notice = Table(
    "notice",
    metadata,
    _key(),
    Column("instance_key", BigInteger, index=True),
    Column("user_key", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("ix_notice_user_key_sent_at", "user_key", "sent_at"),
)

# Read: what begins cases by itself

start_trigger = Table(
    "start_trigger",
    metadata,
    _key(),
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

# Read: the sealed days

seal = Table(
    "seal",
    metadata,
    _key("number"),  # the event's place in the seals' stream
    Column("day", Day, nullable=False, unique=True),
    Column("algorithm", String(20), nullable=False),
    Column("root", String(64), nullable=False),
    Column("streams", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sealed_at", Instant, nullable=False),
)

# Read: proposals that a running case goes on under another version

migration = Table(
    "migration",
    metadata,
    _key(),
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

# Read: incidents

incident = Table(
    "incident",
    metadata,
    _key(),
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

# Read: what is being verified (R13-13)

resource_flag = Table(
    "resource_flag",
    metadata,
    _key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("resource_key", BigInteger, nullable=False, index=True),
    Column("data_items", Json, nullable=False),
    Column("records", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)

# Read: the versions of the catalogue

catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("entry_key", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("change", String(20), nullable=False),  # published, added or revised
    Column("fields", Json, nullable=False),  # of the entry in full, as it was published
    Column("effective_from", Day, nullable=False),
    Column("instance_key", BigInteger, index=True),  # the case that led to it
    Column("published_at", Instant, nullable=False),
)
catalogue_deletion = Table(
    "catalogue_deletion",
    metadata,
    _key("entry_key"),
    Column("deletes_on", Day, nullable=False),  # announced ahead while grants live: until then it is in force
    Column("instance_key", BigInteger),  # the case that decided it
    Column("reason", Text, nullable=False),
    Column("doc_no", String(100), nullable=False),
    Column("announced_at", Instant, nullable=False),
)

# Read: what others have to do with a task or a case

task_part = Table(
    "task_part",
    metadata,
    _key(),
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
comment = Table(
    "comment",
    metadata,
    _key(),
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
case_copy = Table(
    "case_copy",
    metadata,
    _key(),
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
    _key(),
    Column("instance_key", BigInteger, nullable=False, index=True),
    Column("organisation_key", BigInteger, nullable=False, index=True),  # the managing department
    Column("text", Text, nullable=False),
    Column("by_key", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
)

# Read: which cases suspend a grant; it may be used again when the last lets go

grant_suspension = Table(
    "grant_suspension",
    metadata,
    Column("grant_key", BigInteger, primary_key=True, autoincrement=False),
    Column("instance_key", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("suspended_at", Instant, nullable=False),
)

READ_TABLES = (
    organisation,
    organisation_name,
    area,
    user,
    user_role,
    deputy,
    leaving,
    leaving_item,
    calendar_notice,
    recount,
    recount_failure,
    catalogue_entry,
    grant,
    process_definition,
    process_instance,
    user_task,
    task_inbox,
    case_gram,
    deadline,
    deadline_move,
    timer,
    document,
    message,
    subscription,
    notice,
    seal,
    start_trigger,
    migration,
    migration_consent,
    incident,
    resource_flag,
    catalogue_version,
    catalogue_deletion,
    grant_suspension,
    task_part,
    comment,
    case_copy,
    supervision,
)
