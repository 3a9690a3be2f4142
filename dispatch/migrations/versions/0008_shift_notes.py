"""What was left for the next shift."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "shift_notes",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_shift_notes")),
    )


def downgrade() -> None:
    """To the version before."""
    op.drop_table("shift_notes")
