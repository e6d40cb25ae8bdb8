"""Catalogue entries that were withdrawn (domain C.3.7)."""

import sqlalchemy as sa
from alembic import op

from engine.storage.tables import Day

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day on which an entry left the catalogue."""
    with op.batch_alter_table("catalogue_entry") as batch_op:
        batch_op.add_column(sa.Column("withdrawn_on", Day(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("catalogue_entry") as batch_op:
        batch_op.drop_column("withdrawn_on")
