"""The tables, in SQLModel: they make the schema and its history, and serve the slower reads.

The statements of the press path are written out in `dispatch.store`. Times are seconds since
1970 in UTC as double precision, on SQLite and PostgreSQL alike. No sequence and no foreign key
crosses sites: every table of an alert carries its site (`architecture.md`, scaled out).
"""

# pyright: reportAssignmentType=false
# SQLModel declares __tablename__ as what SQLAlchemy makes of it; a plain name is what it takes.

from sqlalchemy import Double, Index, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ASKING = "state IN ('unanswered', 'on_the_way', 'at_booth')"
UNSETTLED = "state IN ('waiting', 'sending', 'sent')"


def a_time(**options: object) -> float:
    """A column of seconds since 1970."""
    return Field(sa_type=Double, **options)  # pyright: ignore[reportUnknownVariableType, reportArgumentType, reportCallIssue]


class Meta(SQLModel, table=True):
    """Facts about the database itself: its epoch, the version of what was set up, and of each
    site the newest delivery (`dispatch.delivered`)."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class SiteRow(SQLModel, table=True):
    """One site: its checked site file as JSON, without PINs."""

    __tablename__ = "sites"
    code: str = Field(primary_key=True)
    file: str = Field(sa_type=Text)
    loaded_at: float = a_time()


class NumberRow(SQLModel, table=True):
    """Our own numbers: which site a text or call to one is for. No two sites share one."""

    __tablename__ = "numbers"
    number: str = Field(primary_key=True)
    site: str


class LogHead(SQLModel, table=True):
    """The head of each site's log. Its row is the lock under which anything of the site changes."""

    __tablename__ = "log_heads"
    site: str = Field(primary_key=True)
    seq: int = 0
    hash: str = ""
    number: int = 9


class LogRow(SQLModel, table=True):
    """The log: append-only, numbered and hash-chained per site. It is the audit."""

    __tablename__ = "log"
    __table_args__ = (Index(None, "alert", "seq"),)
    site: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: float = a_time()
    alert: str | None = None
    name: str
    by_kind: str
    by_id: str | None = None
    data: str = Field(sa_type=Text)
    hash: str


class AlertRow(SQLModel, table=True):
    """One alert: the whole of it as JSON, with the columns that questions are asked by."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("site", "number"),
        Index(None, "site", "booth", "closed_at"),
        Index(
            "uq_alerts_asking_booth",
            "site",
            "booth",
            unique=True,
            sqlite_where=text(f"booth IS NOT NULL AND {ASKING}"),
            postgresql_where=text(f"booth IS NOT NULL AND {ASKING}"),
        ),
        Index(
            "ix_alerts_open",
            "site",
            "number",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(
            "ix_alerts_unanswered",
            "site",
            sqlite_where=text("state = 'unanswered'"),
            postgresql_where=text("state = 'unanswered'"),
        ),
    )
    id: str = Field(primary_key=True)
    site: str
    number: int
    booth: int | None = None
    device: str = ""
    state: str
    sender: str = ""
    version: int
    raised_at: float = a_time()
    closed_at: float | None = a_time(default=None)
    whole: str = Field(sa_type=Text)


class PressRow(SQLModel, table=True):
    """Every press we answered, so that one `press_id` is one alert for ever."""

    __tablename__ = "presses"
    site: str = Field(primary_key=True)
    press_id: str = Field(primary_key=True)
    alert: str
    joined: bool
    at: float = a_time()


class ActionRow(SQLModel, table=True):
    """Every action we carried out, so that one `action_id` acts once."""

    __tablename__ = "actions"
    site: str = Field(primary_key=True)
    action_id: str = Field(primary_key=True)
    alert: str
    body: str
    at: float = a_time()


class DrillRow(SQLModel, table=True):
    """Every drill, so that one `drill_id` is one drill. It runs until `ended_at`, one at a time."""

    __tablename__ = "drills"
    __table_args__ = (
        Index(
            "uq_drills_running",
            "site",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    site: str = Field(primary_key=True)
    drill_id: str = Field(primary_key=True)
    body: str
    alert: str
    type: str
    person: str
    started_at: float = a_time()
    ended_at: float | None = a_time(default=None)


class TimerRow(SQLModel, table=True):
    """A timer of an alert: what is due and when, never code. Fired ones are gone."""

    __tablename__ = "timers"
    __table_args__ = (Index(None, "due"),)
    alert: str = Field(primary_key=True)
    timer: str = Field(primary_key=True)
    site: str
    due: float = a_time()


class OutboxRow(SQLModel, table=True):
    """One text or call, or what is to be done to a call, until it is known what became of it.

    `id` is the token in the paths the network calls back on. `state` goes waiting, sending, sent,
    then settled or dropped; `claim` and `lease_until` name who is sending it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("alert", "attempt"),
        Index(
            "ix_outbox_due",
            "due",
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index(
            "ix_outbox_unheard",
            "asked_at",
            sqlite_where=text("state = 'sent'"),
            postgresql_where=text("state = 'sent'"),
        ),
        Index(
            "ix_outbox_calls",
            "phone",
            sqlite_where=text(f"channel IN ('call', 'leg') AND {UNSETTLED}"),
            postgresql_where=text(f"channel IN ('call', 'leg') AND {UNSETTLED}"),
        ),
    )
    id: str = Field(primary_key=True)
    site: str
    alert: str
    attempt: int
    person: str
    phone: str
    sender: str
    channel: str
    asking: bool
    rung: int | None = None
    language: str
    body: str = Field(sa_type=Text)
    state: str
    due: float = a_time()
    made_at: float = a_time()
    claim: str | None = None
    lease_until: float | None = a_time(default=None)
    tries: int = 0
    sid: str | None = None
    rank: int = 0
    keyed: bool = False
    asked_at: float = a_time(default=0.0)


class LinkRow(SQLModel, table=True):
    """A responder's link, kept as a hash: one person, one alert."""

    __tablename__ = "links"
    hash: str = Field(primary_key=True)
    site: str
    alert: str
    person: str


class SenderRow(SQLModel, table=True):
    """When each of our numbers was last given to an alert, and when that alert ended."""

    __tablename__ = "senders"
    number: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    used_at: float = a_time()
    freed_at: float | None = a_time(default=None)


class ReplyRow(SQLModel, table=True):
    """Every text from a phone that we read, so that one read twice is answered the same."""

    __tablename__ = "replies"
    sid: str = Field(primary_key=True)
    site: str
    phone: str
    alert: str | None = None
    meaning: str
    answer: str | None = None
    at: float = a_time()


class DeviceRow(SQLModel, table=True):
    """A paired device. `sites` names the sites of a board, separated by spaces."""

    __tablename__ = "devices"
    id: str = Field(primary_key=True)
    site: str
    kind: str
    booth: int | None = None
    name: str = ""
    sites: str = ""
    status: str = "active"
    made_at: float = a_time()


class TokenRow(SQLModel, table=True):
    """A device's tokens, as hashes."""

    __tablename__ = "tokens"
    hash: str = Field(primary_key=True)
    device: str = Field(index=True)


class CodeRow(SQLModel, table=True):
    """A pairing code, as a hash: until when and how often it still works."""

    __tablename__ = "codes"
    hash: str = Field(primary_key=True)
    device: str
    expires_at: float = a_time()
    uses: int = 1


class SightingRow(SQLModel, table=True):
    """When a device, or a button that it watches, was last heard of, and what it said of itself.

    `booth` is -1 for the device itself; `told` is the state that the log says: never, ok or silent.
    """

    __tablename__ = "sightings"
    device: str = Field(primary_key=True)
    booth: int = Field(primary_key=True)
    at: float = a_time()
    battery: int | None = None
    period_s: float | None = a_time(default=None)
    told: str


class PinRow(SQLModel, table=True):
    """A person's PIN, as an argon2 hash."""

    __tablename__ = "pins"
    site: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    hash: str


class LineTestRow(SQLModel, table=True):
    """One number of a test of the line; `result` is None while it rings."""

    __tablename__ = "line_tests"
    site: str = Field(primary_key=True)
    test_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    person: str | None = None
    at: float = a_time()
    result: str | None = None


class ReachRow(SQLModel, table=True):
    """What is known of whether texts reach a person: stopped, failing or ok, and since when."""

    __tablename__ = "reach"
    site: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    reach: str
    at: float | None = a_time(default=None)


class NodeRow(SQLModel, table=True):
    """A running node and its last beat."""

    __tablename__ = "nodes"
    id: str = Field(primary_key=True)
    beat_at: float = a_time()
    started_at: float = a_time()


class ScreenRow(SQLModel, table=True):
    """What a node knows of a site's screens, as JSON; worth as much as the node's beat."""

    __tablename__ = "screens"
    node: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    able: int
    screens: str = Field(sa_type=Text)
