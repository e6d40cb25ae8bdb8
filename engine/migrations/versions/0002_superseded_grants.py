"""Grants that another grant takes the place of (R12-03)."""

import sqlalchemy as sa
from alembic import op

from engine.storage.tables import Day

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when a grant ended early, and by which one."""
    with op.batch_alter_table("grant_record") as batch_op:
        batch_op.add_column(sa.Column("ended_on", Day(), nullable=True))
        batch_op.add_column(sa.Column("superseded_by", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the columns away."""
    with op.batch_alter_table("grant_record") as batch_op:
        batch_op.drop_column("superseded_by")
        batch_op.drop_column("ended_on")
