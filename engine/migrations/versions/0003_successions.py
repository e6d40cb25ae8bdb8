"""Departments that were merged or abolished, and how far their cases have moved (domain C.3.7)."""

import sqlalchemy as sa
from alembic import op

from engine.storage.tables import Day

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the successor of a department and the progress of its succession."""
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.add_column(sa.Column("successor_key", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("abolished_on", Day(), nullable=True))
        batch_op.add_column(sa.Column("succession", sa.String(length=20), nullable=True))
    op.create_table(
        "succession_progress",
        sa.Column("organisation_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_key", name=op.f("pk_succession_progress")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("succession_progress")
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.drop_column("succession")
        batch_op.drop_column("abolished_on")
        batch_op.drop_column("successor_key")
