"""When a phone was confirmed, and when it was lost."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUTIES = "site, person, on_duty, confirmed, asked_at"
REACH = "site, person, reach"


def upgrade() -> None:
    """To this version."""
    _make_anew("duties", DUTIES, *_duties(), sa.Column("confirmed_at", sa.Double(), nullable=True))
    _make_anew("reach", REACH, *_reach(), sa.Column("at", sa.Double(), nullable=True))


def downgrade() -> None:
    """To the version before."""
    _make_anew("duties", DUTIES, *_duties())
    _make_anew("reach", REACH, *_reach())


def _make_anew(table: str, kept: str, *columns: sa.Column) -> None:
    """With these columns and what is kept of the old ones: SQLite alters no table as we want it."""
    op.execute(f"CREATE TABLE {table}_kept AS SELECT {kept} FROM {table}")
    op.drop_table(table)
    key = sa.PrimaryKeyConstraint("site", "person", name=op.f(f"pk_{table}"))
    op.create_table(table, *columns, key)
    op.execute(f"INSERT INTO {table} ({kept}) SELECT {kept} FROM {table}_kept")
    op.drop_table(f"{table}_kept")


def _duties() -> list[sa.Column]:
    return [
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=True),
    ]


def _reach() -> list[sa.Column]:
    return [
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reach", sa.String(), nullable=False),
    ]
