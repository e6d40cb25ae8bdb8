"""First tables; the event log takes no UPDATE and no DELETE."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_seal")),
        sa.UniqueConstraint("day", name=op.f("uq_access_seal_day")),
    )
    op.create_table(
        "act",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("actor_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=True),
        sa.Column("roles", sa.SmallInteger(), nullable=False),
        sa.Column("process", sa.BigInteger(), nullable=True),
        sa.Column("element", sa.BigInteger(), nullable=True),
        sa.Column("principal", sa.String(length=60), nullable=True),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("off_hours", sa.Boolean(), nullable=False),
        sa.Column("after_period", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_act")),
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index("ix_act_actor_key", ["actor_key", "at", "position"], unique=False)
        batch_op.create_index(
            "ix_act_after_period",
            ["at", "position"],
            unique=False,
            sqlite_where=sa.text("after_period = 1"),
            postgresql_where=sa.text("after_period"),
        )
        batch_op.create_index("ix_act_at", ["at", "position"], unique=False)
        batch_op.create_index("ix_act_kind", ["kind", "at", "position"], unique=False)
        batch_op.create_index(
            "ix_act_late",
            ["at", "position"],
            unique=False,
            sqlite_where=sa.text("late = 1"),
            postgresql_where=sa.text("late"),
        )
        batch_op.create_index(
            "ix_act_off_hours",
            ["at", "position"],
            unique=False,
            sqlite_where=sa.text("off_hours = 1"),
            postgresql_where=sa.text("off_hours"),
        )
        batch_op.create_index(
            "ix_act_on_behalf",
            ["at", "position"],
            unique=False,
            sqlite_where=sa.text("on_behalf = 1"),
            postgresql_where=sa.text("on_behalf"),
        )
        batch_op.create_index("ix_act_organisation_key", ["organisation_key", "at", "position"], unique=False)
        batch_op.create_index("ix_act_process", ["process", "at", "position"], unique=False)
        batch_op.create_index("ix_act_recorded", ["recorded"], unique=False)
        batch_op.create_index("ix_act_stream", ["stream", "at", "position"], unique=False)

    op.create_table(
        "act_progress",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_progress")),
    )
    op.create_table(
        "area",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("parent", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_area")),
    )
    op.create_table(
        "attachment",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "audit_check",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.Column("retired_by", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_audit_check")),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "calendar_notice",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.String(length=60), nullable=False),
        sa.Column("layer", sa.String(length=20), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("known_at", sa.String(length=27), nullable=True),
        sa.Column("known_until", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calendar_notice")),
    )
    with op.batch_alter_table("calendar_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_notice_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "case_access",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("subject_key", sa.BigInteger(), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_access")),
    )
    with op.batch_alter_table("case_access", schema=None) as batch_op:
        batch_op.create_index("ix_case_access_at", ["at"], unique=False)
        batch_op.create_index("ix_case_access_instance_key", ["instance_key", "key"], unique=False)
        batch_op.create_index(
            "ix_case_access_sensitive",
            ["key"],
            unique=False,
            sqlite_where=sa.text("sensitive = 1"),
            postgresql_where=sa.text("sensitive"),
        )
        batch_op.create_index("ix_case_access_user_key", ["user_key", "key"], unique=False)

    op.create_table(
        "case_copy",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_copy")),
    )
    with op.batch_alter_table("case_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_copy_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_case_copy_user_key_sent_at", ["user_key", "sent_at"], unique=False)

    op.create_table(
        "case_fact",
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("path_key", sa.BigInteger(), nullable=False),
        sa.Column("department_key", sa.BigInteger(), nullable=True),
        sa.Column("using_key", sa.BigInteger(), nullable=True),
        sa.Column("providing_key", sa.BigInteger(), nullable=True),
        sa.Column("managing_key", sa.BigInteger(), nullable=True),
        sa.Column("withheld_key", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("result", sa.String(length=30), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=False),
        sa.Column("from_receipt", sa.SmallInteger(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.SmallInteger(), nullable=False),
        sa.Column("valid", sa.SmallInteger(), nullable=False),
        sa.Column("voided", sa.SmallInteger(), nullable=False),
        sa.Column("withdrawn", sa.SmallInteger(), nullable=False),
        sa.Column("limited", sa.SmallInteger(), nullable=False),
        sa.Column("decided", sa.SmallInteger(), nullable=False),
        sa.Column("on_time", sa.SmallInteger(), nullable=False),
        sa.Column("overdue", sa.SmallInteger(), nullable=False),
        sa.Column("extendable", sa.SmallInteger(), nullable=False),
        sa.Column("extended", sa.SmallInteger(), nullable=False),
        sa.Column("answered", sa.SmallInteger(), nullable=False),
        sa.Column("refused", sa.SmallInteger(), nullable=False),
        sa.Column("disputable", sa.SmallInteger(), nullable=False),
        sa.Column("disputed", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_case_fact")),
    )
    with op.batch_alter_table("case_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_fact_ended_at_instance_key", ["ended_at", "instance_key"], unique=False
        )
        batch_op.create_index("ix_case_fact_path_key", ["path_key"], unique=False)

    op.create_table(
        "case_gram",
        sa.Column("gram", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("gram", "instance_key", name=op.f("pk_case_gram")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_path",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("flows", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_path")),
    )
    with op.batch_alter_table("case_path", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_path_variant"), ["variant"], unique=False)

    op.create_table(
        "catalogue_deletion",
        sa.Column("entry_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deletes_on", sa.String(length=10), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("doc_no", sa.String(length=100), nullable=False),
        sa.Column("announced_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_catalogue_deletion")),
    )
    op.create_table(
        "catalogue_entry",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("provider_key", sa.BigInteger(), nullable=False),
        sa.Column("sharing_type", sa.String(length=20), nullable=False),
        sa.Column("update_cycle", sa.String(length=20), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_catalogue_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_catalogue_entry_code")),
    )
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalogue_entry_provider_key"), ["provider_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalogue_entry_sharing_type"), ["sharing_type"], unique=False)

    op.create_table(
        "catalogue_version",
        sa.Column("entry_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.String(length=10), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("entry_key", "version", name=op.f("pk_catalogue_version")),
    )
    with op.batch_alter_table("catalogue_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalogue_version_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "check_run",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("covered", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("check_code", sa.String(length=40), nullable=True),
        sa.Column("after", sa.BigInteger(), nullable=True),
        sa.Column("ran_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_check_run")),
    )
    with op.batch_alter_table("check_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_run_day"), ["day"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "command",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_table(
        "comment",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("task_key", sa.BigInteger(), nullable=True),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mentioned", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "contact",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_contact")),
    )
    op.create_table(
        "contact_change",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_contact_change")),
    )
    op.create_table(
        "credential",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("argon2", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_credential")),
    )
    op.create_table(
        "deadline",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("attached_to", sa.String(length=100), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("setting", sa.String(length=60), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("extended_by", sa.Integer(), nullable=False),
        sa.Column("event_on", sa.String(length=10), nullable=False),
        sa.Column("original_due_on", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("calendar_as_of", sa.String(length=27), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("on_expiry", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("expired_at", sa.String(length=27), nullable=True),
        sa.Column("noticed_at", sa.String(length=27), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("late_wd", sa.Integer(), nullable=True),
        sa.Column("late_cd", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deadline")),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadline_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_deadline_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_deadline_open", ["state", "instance_key"], unique=False)

    op.create_table(
        "deadline_move",
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("deadline_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("due_before", sa.String(length=10), nullable=False),
        sa.Column("due_after", sa.String(length=10), nullable=False),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("status_after", sa.String(length=20), nullable=False),
        sa.Column("calendar_notice_key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("instance_key", "seq", name=op.f("pk_deadline_move")),
    )
    with op.batch_alter_table("deadline_move", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deadline_move_calendar_notice_key"), ["calendar_notice_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_deadline_move_deadline_key"), ["deadline_key"], unique=False)

    op.create_table(
        "deputy",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("principal_key", sa.BigInteger(), nullable=False),
        sa.Column("deputy_key", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("valid_until", sa.String(length=10), nullable=False),
        sa.Column("doc_no", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("processes", sa.Text(), nullable=False),
        sa.Column("resource_key", sa.BigInteger(), nullable=True),
        sa.Column("other_key", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("end", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deputy")),
    )
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_deputy_key"), ["deputy_key"], unique=False)
        batch_op.create_index("ix_deputy_ended_at_valid_until", ["ended_at", "valid_until"], unique=False)
        batch_op.create_index(
            "ix_deputy_organisation_key_ended_at", ["organisation_key", "ended_at"], unique=False
        )
        batch_op.create_index("ix_deputy_principal_key", ["principal_key"], unique=False)

    op.create_table(
        "digest_mark",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_digest_mark")),
    )
    op.create_table(
        "document",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.String(length=27), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=True),
        sa.Column("addressee_key", sa.BigInteger(), nullable=True),
        sa.Column("verification", sa.String(length=30), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document")),
        sa.UniqueConstraint("organisation_key", "number", name=op.f("uq_document_organisation_key_number")),
        sa.UniqueConstraint("verification", name=op.f("uq_document_verification")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "draft",
        sa.Column("user_task_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("form_values", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("user_task_key", name=op.f("pk_draft")),
    )
    op.create_table(
        "event",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stream", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_event_stream_seq")),
    )
    op.create_table(
        "feed_token",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_feed_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_feed_token_digest")),
    )
    op.create_table(
        "finding",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("check_code", sa.String(length=40), nullable=False),
        sa.Column("check_name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("raised_at", sa.String(length=27), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "check_code", "instance_key", "subject", name=op.f("uq_finding_check_code_instance_key_subject")
        ),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index("ix_finding_instance_key", ["instance_key"], unique=False)
        batch_op.create_index("ix_finding_state_key", ["state", "key"], unique=False)

    op.create_table(
        "grant_record",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("using_key", sa.BigInteger(), nullable=False),
        sa.Column("providing_key", sa.BigInteger(), nullable=False),
        sa.Column("resource_key", sa.BigInteger(), nullable=False),
        sa.Column("data_items", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=True),
        sa.Column("valid_until", sa.String(length=10), nullable=True),
        sa.Column("ended_on", sa.String(length=10), nullable=True),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column("suspended_by", sa.BigInteger(), nullable=True),
        sa.Column("suspended_at", sa.String(length=27), nullable=True),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.Column("end_cause", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_grant_record")),
    )
    with op.batch_alter_table("grant_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_record_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_grant_record_suspended_by"), ["suspended_by"], unique=False)
        batch_op.create_index(
            "ix_grant_record_using_key_resource_key", ["using_key", "resource_key"], unique=False
        )

    op.create_table(
        "grant_suspension",
        sa.Column("grant_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("suspended_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("grant_key", "instance_key", name=op.f("pk_grant_suspension")),
    )
    with op.batch_alter_table("grant_suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grant_suspension_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "guard",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_guard")),
    )
    op.create_table(
        "history_algorithm",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_algorithm")),
    )
    op.create_table(
        "incident",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_en", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("deadline_key", sa.BigInteger(), nullable=True),
        sa.Column("timer_key", sa.BigInteger(), nullable=True),
        sa.Column("message_key", sa.BigInteger(), nullable=True),
        sa.Column("acting_key", sa.BigInteger(), nullable=True),
        sa.Column("acting_name", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("raised_at", sa.String(length=27), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.String(length=27), nullable=True),
        sa.Column("tried_by", sa.BigInteger(), nullable=True),
        sa.Column("next_try_at", sa.String(length=27), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("retry_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_incident_next_try_at", ["next_try_at"], unique=False)
        batch_op.create_index("ix_incident_state_key", ["state", "key"], unique=False)

    op.create_table(
        "leaving",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("successors", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("begun_by", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.String(length=27), nullable=False),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_leaving")),
    )
    with op.batch_alter_table("leaving", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leaving_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_leaving_user_key"), ["user_key"], unique=False)

    op.create_table(
        "leaving_item",
        sa.Column("leaving_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("to_name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("leaving_key", "kind", "subject_key", name=op.f("pk_leaving_item")),
    )
    op.create_table(
        "message",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=False),
        sa.Column("correlation", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("caught_by", sa.BigInteger(), nullable=True),
        sa.Column("thrown_at", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("retry_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_caught_by"), ["caught_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_message_target_state", ["target", "state"], unique=False)

    op.create_table(
        "migration",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_migration")),
    )
    with op.batch_alter_table("migration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_migration_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_migration_state_key", ["state", "key"], unique=False)

    op.create_table(
        "migration_consent",
        sa.Column("migration_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("consents", sa.Boolean(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("migration_key", "organisation_key", name=op.f("pk_migration_consent")),
    )
    with op.batch_alter_table("migration_consent", schema=None) as batch_op:
        batch_op.create_index(
            "ix_migration_consent_organisation_key_consents", ["organisation_key", "consents"], unique=False
        )

    op.create_table(
        "model",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("origin_key", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.String(length=27), nullable=True),
        sa.Column("effective_from", sa.String(length=10), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.Column("returned", sa.Text(), nullable=True),
        sa.Column("definition_key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_model")),
    )
    with op.batch_alter_table("model", schema=None) as batch_op:
        batch_op.create_index("ix_model_state_saved_at", ["state", "saved_at"], unique=False)

    op.create_table(
        "model_revision",
        sa.Column("model_key", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("model_key", "revision", name=op.f("pk_model_revision")),
    )
    op.create_table(
        "node",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("beat_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_table(
        "notice",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_notice_user_key_sent_at", ["user_key", "sent_at"], unique=False)

    op.create_table(
        "notice_preference",
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("mail", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "kind", name=op.f("pk_notice_preference")),
    )
    with op.batch_alter_table("notice_preference", schema=None) as batch_op:
        batch_op.create_index("ix_notice_preference_kind_mail", ["kind", "mail"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("managing", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("successor_key", sa.BigInteger(), nullable=True),
        sa.Column("abolished_on", sa.String(length=10), nullable=True),
        sa.Column("succession", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "organisation_name",
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("doc_no", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("organisation_key", "valid_from", name=op.f("pk_organisation_name")),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("not_before", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_target_sent_at", ["target", "sent_at"], unique=False)
        batch_op.create_index("ix_outbox_waiting", ["sent_at", "not_before"], unique=False)

    op.create_table(
        "process_definition",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.String(length=27), nullable=False),
        sa.Column("effective_from", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=20), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("state_since", sa.String(length=27), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_process_definition_process_id_version")),
    )
    op.create_table(
        "process_instance",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("business_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("result", sa.String(length=30), nullable=True),
        sa.Column("using_key", sa.BigInteger(), nullable=True),
        sa.Column("providing_key", sa.BigInteger(), nullable=True),
        sa.Column("managing_key", sa.BigInteger(), nullable=True),
        sa.Column("resource_key", sa.BigInteger(), nullable=True),
        sa.Column("started_by", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=True),
        sa.Column("origin_key", sa.BigInteger(), nullable=True),
        sa.Column("withheld_key", sa.BigInteger(), nullable=True),
        sa.Column("awaits_receipt", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("variables", sa.LargeBinary(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_instance")),
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_instance_business_id"), ["business_id"], unique=False)
        batch_op.create_index(
            "ix_process_instance_definition_key_ended_at", ["definition_key", "ended_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_process_instance_managing_key"), ["managing_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_instance_origin_key"), ["origin_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_process_instance_providing_key"), ["providing_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_process_instance_resource_key"), ["resource_key"], unique=False)
        batch_op.create_index("ix_process_instance_started_by", ["started_by", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_instance_using_key"), ["using_key"], unique=False)

    op.create_table(
        "recount",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calendar_notice_key", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recount")),
    )
    op.create_table(
        "recount_failure",
        sa.Column("recount_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recount_key", "instance_key", name=op.f("pk_recount_failure")),
    )
    op.create_table(
        "recount_progress",
        sa.Column("recount_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recount_key", name=op.f("pk_recount_progress")),
    )
    op.create_table(
        "resource_flag",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("resource_key", sa.BigInteger(), nullable=False),
        sa.Column("data_items", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resource_flag")),
    )
    with op.batch_alter_table("resource_flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_flag_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_flag_resource_key"), ["resource_key"], unique=False)

    op.create_table(
        "robot",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_robot")),
        sa.UniqueConstraint("url", name=op.f("uq_robot_url")),
    )
    with op.batch_alter_table("robot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_organisation_key"), ["organisation_key"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("box", sa.String(length=20), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_saved_view")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_view_organisation_key"), ["organisation_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_saved_view_owner_key"), ["owner_key"], unique=False)

    op.create_table(
        "seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("streams", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
        sa.UniqueConstraint("day", name=op.f("uq_seal_day")),
    )
    op.create_table(
        "sealed_chunk",
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chunk", "seal", name=op.f("pk_sealed_chunk")),
    )
    op.create_table(
        "sealed_leaf",
        sa.Column("leaf", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("leaf", "seal", name=op.f("pk_sealed_leaf")),
    )
    op.create_table(
        "sealed_stream",
        sa.Column("stream", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_sealed_stream")),
        sa.UniqueConstraint("leaf", name=op.f("uq_sealed_stream_leaf")),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failure_subject"), ["subject"], unique=False)

    op.create_table(
        "snapshot",
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "snapshot_before",
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_task_key", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", name=op.f("pk_snapshot_before")),
    )
    op.create_table(
        "start_trigger",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("signal", sa.String(length=200), nullable=False),
        sa.Column("planned_at", sa.String(length=27), nullable=True),
        sa.Column("last_at", sa.String(length=27), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("retry_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_start_trigger")),
    )
    with op.batch_alter_table("start_trigger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_start_trigger_planned_at"), ["planned_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_start_trigger_signal"), ["signal"], unique=False)

    op.create_table(
        "start_view",
        sa.Column("user_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("saved_view_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name=op.f("pk_start_view")),
    )
    with op.batch_alter_table("start_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_start_view_saved_view_key"), ["saved_view_key"], unique=False)

    op.create_table(
        "statistics_progress",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_progress")),
    )
    op.create_table(
        "stream_head",
        sa.Column("stream", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_stream_head")),
    )
    op.create_table(
        "subscription",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("correlation", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index("ix_subscription_name_correlation", ["name", "correlation"], unique=False)

    op.create_table(
        "succession_progress",
        sa.Column("organisation_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_key", name=op.f("pk_succession_progress")),
    )
    op.create_table(
        "supervision",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_key", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_supervision")),
    )
    with op.batch_alter_table("supervision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_supervision_organisation_key"), ["organisation_key"], unique=False
        )

    op.create_table(
        "task_inbox",
        sa.Column("holder", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("task_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deadline_key", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.String(length=20), nullable=True),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("case_state", sa.String(length=30), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("using_key", sa.BigInteger(), nullable=True),
        sa.Column("providing_key", sa.BigInteger(), nullable=True),
        sa.Column("resource_key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("holder", "due_at", "task_key", name=op.f("pk_task_inbox")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("task_inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_inbox_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "task_part",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("task_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("answer_sha256", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_task_part")),
    )
    with op.batch_alter_table("task_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_part_instance_key"), ["instance_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_part_task_key"), ["task_key"], unique=False)
        batch_op.create_index("ix_task_part_user_key_state", ["user_key", "state"], unique=False)

    op.create_table(
        "timer",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("token", sa.String(length=110), nullable=False),
        sa.Column("deadline_key", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fires_at", sa.String(length=27), nullable=False),
        sa.Column("not_before", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("retry_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timer")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index("ix_timer_due", ["not_before", "key"], unique=False)
        batch_op.create_index(batch_op.f("ix_timer_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "user",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_organisation_key"), ["organisation_key"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "organisation_key", "role", name=op.f("pk_user_role")),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(
            "ix_user_role_organisation_key_role", ["organisation_key", "role"], unique=False
        )

    op.create_table(
        "user_task",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation_key", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("lane", sa.String(length=40), nullable=False),
        sa.Column("assignee", sa.BigInteger(), nullable=True),
        sa.Column("stands_for", sa.BigInteger(), nullable=True),
        sa.Column("deputy_key", sa.BigInteger(), nullable=True),
        sa.Column("returns_to", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_task")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_task_deputy_key"), ["deputy_key"], unique=False)
        batch_op.create_index("ix_user_task_ended_by", ["ended_by", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_task_instance_key"), ["instance_key"], unique=False)

    op.create_table(
        "visit_fact",
        sa.Column("instance_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("element_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("instance_key", "element_id", "number", name=op.f("pk_visit_fact")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhook")),
        sa.UniqueConstraint("url", name=op.f("uq_webhook_url")),
    )

    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            "CREATE FUNCTION history_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table in ("event", "history_algorithm", "case_access"):
        for act in ("UPDATE", "DELETE") if sqlite else ("UPDATE", "DELETE", "TRUNCATE"):
            refuse = (
                "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
                if sqlite
                else "FOR EACH STATEMENT EXECUTE FUNCTION history_refuses()"
            )
            op.execute(f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} {refuse}")


def downgrade() -> None:
    op.drop_table("webhook")
    op.drop_table("visit_fact")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_task_instance_key"))
        batch_op.drop_index("ix_user_task_ended_by")
        batch_op.drop_index(batch_op.f("ix_user_task_deputy_key"))

    op.drop_table("user_task")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index("ix_user_role_organisation_key_role")

    op.drop_table("user_role")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_organisation_key"))

    op.drop_table("user")
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timer_instance_key"))
        batch_op.drop_index("ix_timer_due")

    op.drop_table("timer")
    with op.batch_alter_table("task_part", schema=None) as batch_op:
        batch_op.drop_index("ix_task_part_user_key_state")
        batch_op.drop_index(batch_op.f("ix_task_part_task_key"))
        batch_op.drop_index(batch_op.f("ix_task_part_instance_key"))

    op.drop_table("task_part")
    with op.batch_alter_table("task_inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_inbox_instance_key"))

    op.drop_table("task_inbox")
    with op.batch_alter_table("supervision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_organisation_key"))
        batch_op.drop_index(batch_op.f("ix_supervision_instance_key"))

    op.drop_table("supervision")
    op.drop_table("succession_progress")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_name_correlation")
        batch_op.drop_index(batch_op.f("ix_subscription_instance_key"))

    op.drop_table("subscription")
    op.drop_table("stream_head")
    op.drop_table("statistics_progress")
    with op.batch_alter_table("start_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_start_view_saved_view_key"))

    op.drop_table("start_view")
    with op.batch_alter_table("start_trigger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_start_trigger_signal"))
        batch_op.drop_index(batch_op.f("ix_start_trigger_planned_at"))

    op.drop_table("start_trigger")
    op.drop_table("snapshot_before")
    op.drop_table("snapshot")
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_failure_subject"))

    op.drop_table("sign_in_failure")
    op.drop_table("session")
    op.drop_table("sealed_stream")
    op.drop_table("sealed_leaf")
    op.drop_table("sealed_chunk")
    op.drop_table("seal")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_owner_key"))
        batch_op.drop_index(batch_op.f("ix_saved_view_organisation_key"))

    op.drop_table("saved_view")
    with op.batch_alter_table("robot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_robot_organisation_key"))

    op.drop_table("robot")
    with op.batch_alter_table("resource_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_flag_resource_key"))
        batch_op.drop_index(batch_op.f("ix_resource_flag_instance_key"))

    op.drop_table("resource_flag")
    op.drop_table("recount_progress")
    op.drop_table("recount_failure")
    op.drop_table("recount")
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_instance_using_key"))
        batch_op.drop_index("ix_process_instance_started_by")
        batch_op.drop_index(batch_op.f("ix_process_instance_resource_key"))
        batch_op.drop_index(batch_op.f("ix_process_instance_providing_key"))
        batch_op.drop_index(batch_op.f("ix_process_instance_origin_key"))
        batch_op.drop_index(batch_op.f("ix_process_instance_managing_key"))
        batch_op.drop_index("ix_process_instance_definition_key_ended_at")
        batch_op.drop_index(batch_op.f("ix_process_instance_business_id"))

    op.drop_table("process_instance")
    op.drop_table("process_definition")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_waiting")
        batch_op.drop_index("ix_outbox_target_sent_at")

    op.drop_table("outbox")
    op.drop_table("organisation_name")
    op.drop_table("organisation")
    with op.batch_alter_table("notice_preference", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_preference_kind_mail")

    op.drop_table("notice_preference")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_user_key_sent_at")
        batch_op.drop_index(batch_op.f("ix_notice_instance_key"))

    op.drop_table("notice")
    op.drop_table("node")
    op.drop_table("model_revision")
    with op.batch_alter_table("model", schema=None) as batch_op:
        batch_op.drop_index("ix_model_state_saved_at")

    op.drop_table("model")
    with op.batch_alter_table("migration_consent", schema=None) as batch_op:
        batch_op.drop_index("ix_migration_consent_organisation_key_consents")

    op.drop_table("migration_consent")
    with op.batch_alter_table("migration", schema=None) as batch_op:
        batch_op.drop_index("ix_migration_state_key")
        batch_op.drop_index(batch_op.f("ix_migration_instance_key"))

    op.drop_table("migration")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_target_state")
        batch_op.drop_index(batch_op.f("ix_message_instance_key"))
        batch_op.drop_index(batch_op.f("ix_message_caught_by"))

    op.drop_table("message")
    op.drop_table("leaving_item")
    with op.batch_alter_table("leaving", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leaving_user_key"))
        batch_op.drop_index(batch_op.f("ix_leaving_state"))

    op.drop_table("leaving")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_state_key")
        batch_op.drop_index("ix_incident_next_try_at")
        batch_op.drop_index(batch_op.f("ix_incident_instance_key"))

    op.drop_table("incident")
    op.drop_table("history_algorithm")
    op.drop_table("guard")
    with op.batch_alter_table("grant_suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grant_suspension_instance_key"))

    op.drop_table("grant_suspension")
    with op.batch_alter_table("grant_record", schema=None) as batch_op:
        batch_op.drop_index("ix_grant_record_using_key_resource_key")
        batch_op.drop_index(batch_op.f("ix_grant_record_suspended_by"))
        batch_op.drop_index(batch_op.f("ix_grant_record_instance_key"))

    op.drop_table("grant_record")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index("ix_finding_state_key")
        batch_op.drop_index("ix_finding_instance_key")

    op.drop_table("finding")
    op.drop_table("feed_token")
    op.drop_table("event")
    op.drop_table("draft")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_instance_key"))

    op.drop_table("document")
    op.drop_table("digest_mark")
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.drop_index("ix_deputy_principal_key")
        batch_op.drop_index("ix_deputy_organisation_key_ended_at")
        batch_op.drop_index("ix_deputy_ended_at_valid_until")
        batch_op.drop_index(batch_op.f("ix_deputy_deputy_key"))

    op.drop_table("deputy")
    with op.batch_alter_table("deadline_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deadline_move_deadline_key"))
        batch_op.drop_index(batch_op.f("ix_deadline_move_calendar_notice_key"))

    op.drop_table("deadline_move")
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_index("ix_deadline_open")
        batch_op.drop_index(batch_op.f("ix_deadline_instance_key"))
        batch_op.drop_index(batch_op.f("ix_deadline_due_at"))

    op.drop_table("deadline")
    op.drop_table("credential")
    op.drop_table("contact_change")
    op.drop_table("contact")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_instance_key"))

    op.drop_table("comment")
    op.drop_table("command")
    op.drop_table("clock")
    with op.batch_alter_table("check_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_run_day"))

    op.drop_table("check_run")
    with op.batch_alter_table("catalogue_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalogue_version_instance_key"))

    op.drop_table("catalogue_version")
    with op.batch_alter_table("catalogue_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalogue_entry_sharing_type"))
        batch_op.drop_index(batch_op.f("ix_catalogue_entry_provider_key"))

    op.drop_table("catalogue_entry")
    op.drop_table("catalogue_deletion")
    with op.batch_alter_table("case_path", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_path_variant"))

    op.drop_table("case_path")
    op.drop_table("case_gram")
    with op.batch_alter_table("case_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_case_fact_path_key")
        batch_op.drop_index("ix_case_fact_ended_at_instance_key")

    op.drop_table("case_fact")
    with op.batch_alter_table("case_copy", schema=None) as batch_op:
        batch_op.drop_index("ix_case_copy_user_key_sent_at")
        batch_op.drop_index(batch_op.f("ix_case_copy_instance_key"))

    op.drop_table("case_copy")
    with op.batch_alter_table("case_access", schema=None) as batch_op:
        batch_op.drop_index("ix_case_access_user_key")
        batch_op.drop_index(
            "ix_case_access_sensitive",
            sqlite_where=sa.text("sensitive = 1"),
            postgresql_where=sa.text("sensitive"),
        )
        batch_op.drop_index("ix_case_access_instance_key")
        batch_op.drop_index("ix_case_access_at")

    op.drop_table("case_access")
    with op.batch_alter_table("calendar_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_notice_notice_id"))

    op.drop_table("calendar_notice")
    op.drop_table("blob")
    op.drop_table("audit_check")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_instance_key"))

    op.drop_table("attachment")
    op.drop_table("area")
    op.drop_table("act_progress")
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.drop_index("ix_act_stream")
        batch_op.drop_index("ix_act_recorded")
        batch_op.drop_index("ix_act_process")
        batch_op.drop_index("ix_act_organisation_key")
        batch_op.drop_index(
            "ix_act_on_behalf", sqlite_where=sa.text("on_behalf = 1"), postgresql_where=sa.text("on_behalf")
        )
        batch_op.drop_index(
            "ix_act_off_hours", sqlite_where=sa.text("off_hours = 1"), postgresql_where=sa.text("off_hours")
        )
        batch_op.drop_index("ix_act_late", sqlite_where=sa.text("late = 1"), postgresql_where=sa.text("late"))
        batch_op.drop_index("ix_act_kind")
        batch_op.drop_index("ix_act_at")
        batch_op.drop_index(
            "ix_act_after_period",
            sqlite_where=sa.text("after_period = 1"),
            postgresql_where=sa.text("after_period"),
        )
        batch_op.drop_index("ix_act_actor_key")

    op.drop_table("act")
    op.drop_table("access_seal")
