"""From which day on a version of a process may be used (R-V1)."""

import sqlalchemy as sa
from alembic import op

from engine.storage.tables import Day

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day; versions deployed before are in force."""
    with op.batch_alter_table("process_definition") as batch_op:
        batch_op.add_column(sa.Column("effective_from", Day(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("process_definition") as batch_op:
        batch_op.drop_column("effective_from")
