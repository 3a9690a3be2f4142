"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "actions",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("site", "action_id", name=op.f("pk_actions")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booth", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("whole", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("site", "number", name=op.f("uq_alerts_site_number")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alerts_open",
            ["site", "number"],
            unique=False,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.create_index(
            batch_op.f("ix_alerts_site_booth_closed_at"),
            ["site", "booth", "closed_at"],
            unique=False,
        )
        batch_op.create_index(
            "ix_alerts_unanswered",
            ["site"],
            unique=False,
            sqlite_where=sa.text("state = 'unanswered'"),
            postgresql_where=sa.text("state = 'unanswered'"),
        )
        batch_op.create_index(
            "uq_alerts_asking_booth",
            ["site", "booth"],
            unique=True,
            sqlite_where=sa.text(
                "booth IS NOT NULL AND state IN ('unanswered', 'on_the_way', 'at_booth')"
            ),
            postgresql_where=sa.text(
                "booth IS NOT NULL AND state IN ('unanswered', 'on_the_way', 'at_booth')"
            ),
        )

    op.create_table(
        "codes",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_codes")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("booth", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sites", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_table(
        "links",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_links")),
    )
    op.create_table(
        "log",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("alert", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("by_kind", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "seq", name=op.f("pk_log")),
    )
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_alert_seq"), ["alert", "seq"], unique=False)

    op.create_table(
        "log_heads",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("beat_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
    )
    op.create_table(
        "numbers",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_numbers")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("asking", sa.Boolean(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("claim", sa.String(), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("keyed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("alert", "attempt", name=op.f("uq_outbox_alert_attempt")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_calls",
            ["phone"],
            unique=False,
            sqlite_where=sa.text("channel = 'call' AND state IN ('waiting', 'sending', 'sent')"),
            postgresql_where=sa.text(
                "channel = 'call' AND state IN ('waiting', 'sending', 'sent')"
            ),
        )
        batch_op.create_index(
            "ix_outbox_due",
            ["due"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_unheard",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("state = 'sent'"),
            postgresql_where=sa.text("state = 'sent'"),
        )

    op.create_table(
        "pins",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "person", name=op.f("pk_pins")),
    )
    op.create_table(
        "presses",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("press_id", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("site", "press_id", name=op.f("pk_presses")),
    )
    op.create_table(
        "reach",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reach", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "person", name=op.f("pk_reach")),
    )
    op.create_table(
        "replies",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=True),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_replies")),
    )
    op.create_table(
        "screens",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("able", sa.Integer(), nullable=False),
        sa.Column("screens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node", "site", name=op.f("pk_screens")),
    )
    op.create_table(
        "senders",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=False),
        sa.Column("freed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("number", "site", name=op.f("pk_senders")),
    )
    op.create_table(
        "sightings",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("period_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_sightings")),
    )
    op.create_table(
        "sites",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sites")),
    )
    op.create_table(
        "timers",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("timer", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "timer", name=op.f("pk_timers")),
    )
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timers_due"), ["due"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tokens")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_device"), ["device"], unique=False)


def downgrade() -> None:
    """Back to the version before."""
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_device"))

    op.drop_table("tokens")
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timers_due"))

    op.drop_table("timers")
    op.drop_table("sites")
    op.drop_table("sightings")
    op.drop_table("senders")
    op.drop_table("screens")
    op.drop_table("replies")
    op.drop_table("reach")
    op.drop_table("presses")
    op.drop_table("pins")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_unheard",
            sqlite_where=sa.text("state = 'sent'"),
            postgresql_where=sa.text("state = 'sent'"),
        )
        batch_op.drop_index(
            "ix_outbox_due",
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )
        batch_op.drop_index(
            "ix_outbox_calls",
            sqlite_where=sa.text("channel = 'call' AND state IN ('waiting', 'sending', 'sent')"),
            postgresql_where=sa.text(
                "channel = 'call' AND state IN ('waiting', 'sending', 'sent')"
            ),
        )

    op.drop_table("outbox")
    op.drop_table("numbers")
    op.drop_table("nodes")
    op.drop_table("meta")
    op.drop_table("log_heads")
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_log_alert_seq"))

    op.drop_table("log")
    op.drop_table("links")
    op.drop_table("devices")
    op.drop_table("codes")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alerts_asking_booth",
            sqlite_where=sa.text(
                "booth IS NOT NULL AND state IN ('unanswered', 'on_the_way', 'at_booth')"
            ),
            postgresql_where=sa.text(
                "booth IS NOT NULL AND state IN ('unanswered', 'on_the_way', 'at_booth')"
            ),
        )
        batch_op.drop_index(
            "ix_alerts_unanswered",
            sqlite_where=sa.text("state = 'unanswered'"),
            postgresql_where=sa.text("state = 'unanswered'"),
        )
        batch_op.drop_index(batch_op.f("ix_alerts_site_booth_closed_at"))
        batch_op.drop_index(
            "ix_alerts_open",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    op.drop_table("alerts")
    op.drop_table("actions")
