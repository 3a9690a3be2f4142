"""The direct line: its calls keep a phone busy like any other; tests of the line are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNSETTLED = "state IN ('waiting', 'sending', 'sent')"


def upgrade() -> None:
    """To this version."""
    op.drop_index("ix_outbox_calls", table_name="outbox")
    where = sa.text(f"channel IN ('call', 'leg') AND {UNSETTLED}")
    op.create_index(
        "ix_outbox_calls", "outbox", ["phone"], sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "line_tests",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("test_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("site", "test_id", "number", name=op.f("pk_line_tests")),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("line_tests")
    op.drop_index("ix_outbox_calls", table_name="outbox")
    where = sa.text(f"channel = 'call' AND {UNSETTLED}")
    op.create_index(
        "ix_outbox_calls", "outbox", ["phone"], sqlite_where=where, postgresql_where=where
    )
