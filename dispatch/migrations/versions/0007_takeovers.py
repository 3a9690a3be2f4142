"""Every takeover by the id it was given, and which of them is the shift that runs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEPT = "site, person, at, naloxone, oxygen"


def upgrade() -> None:
    """To this version. Who had the shift has it still, by an id that no page can give."""
    op.execute(f"CREATE TABLE handovers_kept AS SELECT {KEPT} FROM handovers")
    op.drop_table("handovers")
    op.create_table(
        "handovers",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("takeover_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("naloxone", sa.Boolean(), nullable=False),
        sa.Column("oxygen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("site", "takeover_id", name=op.f("pk_handovers")),
    )
    op.execute(f"INSERT INTO handovers ({KEPT}, takeover_id) SELECT {KEPT}, '' FROM handovers_kept")
    op.drop_table("handovers_kept")


def downgrade() -> None:
    """To the version before."""
    running = f"SELECT {KEPT} FROM handovers WHERE ended_at IS NULL"
    op.execute(f"CREATE TABLE handovers_kept AS {running}")
    op.drop_table("handovers")
    op.create_table(
        "handovers",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("naloxone", sa.Boolean(), nullable=False),
        sa.Column("oxygen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_handovers")),
    )
    op.execute(f"INSERT INTO handovers ({KEPT}) SELECT {KEPT} FROM handovers_kept")
    op.drop_table("handovers_kept")
