"""A sighting for each button that a bridge watches, and what the log says of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = "device, at, battery, period_s"


def upgrade() -> None:
    """To this version."""
    op.execute(f"CREATE TABLE sightings_kept AS SELECT {KEPT} FROM sightings")
    op.drop_table("sightings")
    op.create_table(
        "sightings",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("booth", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("period_s", sa.Double(), nullable=True),
        sa.Column("told", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("device", "booth", name=op.f("pk_sightings")),
    )
    op.execute(
        f"INSERT INTO sightings ({KEPT}, booth, told) SELECT {KEPT}, -1, 'never'"
        " FROM sightings_kept"
    )
    op.drop_table("sightings_kept")


def downgrade() -> None:
    """To the version before."""
    op.execute(f"CREATE TABLE sightings_kept AS SELECT {KEPT} FROM sightings WHERE booth = -1")
    op.drop_table("sightings")
    op.create_table(
        "sightings",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("period_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_sightings")),
    )
    op.execute(f"INSERT INTO sightings ({KEPT}) SELECT {KEPT} FROM sightings_kept")
    op.drop_table("sightings_kept")
