"""The tables of supervision: duty, faults and what was told of them, tests and handovers.

They are declared as those of `dispatch.tables` are, and belong to the same schema.
"""

# pyright: reportAssignmentType=false
# SQLModel declares __tablename__ as what SQLAlchemy makes of it; a plain name is what it takes.

from sqlmodel import Field, SQLModel

from dispatch.tables import a_time


class DutyRow(SQLModel, table=True):
    """Whether a person was last seen on duty, and whether they have shown that texts arrive.

    `asked_at` is when this shift's question went out; None while it is still owed. `confirmed_at`
    is None of what was shown before it was kept.
    """

    __tablename__ = "duties"
    site: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    on_duty: bool
    confirmed: bool
    asked_at: float | None = a_time(default=None)
    confirmed_at: float | None = a_time(default=None)


class FaultRow(SQLModel, table=True):
    """What is wrong at a site now. `shown` once screens were told, `told` once people were."""

    __tablename__ = "faults"
    site: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    device: str | None = None
    booth: int | None = None
    what: str
    since: float = a_time()
    shown: bool
    told: bool


class NoticeRow(SQLModel, table=True):
    """When the coordinators were last texted about faults of a kind, and how often by now."""

    __tablename__ = "notices"
    site: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: float = a_time()
    count: int


class ButtonTestRow(SQLModel, table=True):
    """The newest test of a booth's button; `press_id` is the press that was the test."""

    __tablename__ = "button_tests"
    site: str = Field(primary_key=True)
    booth: int = Field(primary_key=True)
    test_id: str
    person: str
    opened_at: float = a_time()
    until: float = a_time()
    press_id: str | None = None
    heard_at: float | None = a_time(default=None)
    seconds: float | None = a_time(default=None)


class HandoverRow(SQLModel, table=True):
    """Who took over the shift, and what they had counted.

    `takeover_id` tells a second try from a second takeover; `ended_at` is None of the last one.
    """

    __tablename__ = "handovers"
    site: str = Field(primary_key=True)
    takeover_id: str = Field(primary_key=True)
    person: str
    at: float = a_time()
    ended_at: float | None = a_time(default=None)
    naloxone: bool
    oxygen: bool


class ShiftNoteRow(SQLModel, table=True):
    """What was left for the next shift at the last takeover, where the site keeps notes.

    Apart from the handovers, which stay: the next takeover takes it away.
    """

    __tablename__ = "shift_notes"
    site: str = Field(primary_key=True)
    note: str
