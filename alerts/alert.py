"""The alert: one emergency at one place, from the press to the outcome.

Values only. What may happen to an alert and what follows from it is `alerts.machine`; how it is
remembered is `dispatch`; how it is shown is `service.wire`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from alerts.line import NO_LINE, Line
from alerts.site import NO_DIRECT_LINE, Clocks, DirectLine, Repeat, Rung


class State(StrEnum):
    """Where an alert stands. The first three are asking: people are still wanted."""

    UNANSWERED = "unanswered"
    ON_THE_WAY = "on_the_way"
    AT_BOOTH = "at_booth"
    RECOVERING = "recovering"
    CLOSED = "closed"


ASKING = frozenset({State.UNANSWERED, State.ON_THE_WAY, State.AT_BOOTH})


class Ladder(StrEnum):
    """Whether rungs go on coming. It is apart from the state."""

    RUNNING = "running"
    STOPPED = "stopped"


class Why(StrEnum):
    """Why the ladder runs, which says what stops it."""

    PRESSED = "pressed"
    NOT_ARRIVED = "not_arrived"
    PRESSED_AGAIN = "pressed_again"
    MORE_PEOPLE = "more_people"
    QUIET = "quiet"


class Timer(StrEnum):
    """The timers an alert can have; at most one of each kind runs at a time."""

    RUNG = "rung"
    ARRIVAL = "arrival"
    QUIET = "quiet"
    PROMPTED = "prompted"
    REASSESS = "reassess"
    RECOVERY = "recovery"
    BREATHING = "breathing"
    LINE = "line"
    BY_HAND = "by_hand"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Plan:
    """The site's rules as they stood at the press. Editing the site never changes them.

    `time_scale` divides every delay in seconds; the words said to people use the unscaled ones.
    Without `phones` nobody is texted or called: a drill of the screens alone.
    `line` has no numbers where the line can not be dialled: for a drill it never has any.
    """

    rungs: tuple[Rung, ...]
    repeat: Repeat
    clocks: Clocks
    sender: str = ""
    time_scale: float = 1.0
    phones: bool = True
    line: DirectLine = NO_DIRECT_LINE

    def delay(self, seconds: float) -> timedelta:
        """How long these seconds of the site file take at this time scale."""
        return timedelta(seconds=seconds / self.time_scale)


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest answer of one person. One that is not `counted` moved nothing: a guest's."""

    person: str
    name: str
    answer: str
    at: datetime
    by: str
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who said they are on the way, and since when."""

    person: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Care:
    """What has been done for the person; every field stays unknown until somebody says so."""

    oxygen: bool | None = None
    naloxone: int = 0
    reassess_at: datetime | None = None
    breathing: str | None = None
    awake: bool | None = None
    oxygen_at: datetime | None = None
    naloxone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, whole.

    `rung` is the rung that comes next and `origin` the moment its seconds are counted from: rung i
    is due at `origin + plan.delay(rungs[i].after)`. `loop` counts the loops since the ladder last
    began to run, `acted` says whether anybody did anything in this one, `moved` that it was moved
    forward for want of a screen since one last sounded. `timers` are the due times, mirrored as
    rows.
    """

    id: str
    site: str
    number: int
    booth: int | None
    plan: Plan
    raised_at: datetime
    origin: datetime
    state: State = State.UNANSWERED
    ladder: Ladder = Ladder.RUNNING
    why: Why = Why.PRESSED
    rung: int = 0
    last_rung: int = -1
    loop: int = 0
    acted: bool = False
    moved: bool = False
    late: bool = False
    not_arrived: int = 0
    timers: Mapping[Timer, datetime] = field(default_factory=dict[Timer, datetime])
    booth_known: bool = True
    device: str = ""
    unknown_device: bool = False
    kind: str = "unclear"
    drill: bool = False
    again: bool = False
    plain: bool = False
    presses: int = 1
    pressed_at: datetime | None = None
    pressed_again_at: datetime | None = None
    mistake: bool = False
    asked: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    coming: tuple[Coming, ...] = ()
    there: tuple[str, ...] = ()
    before_more: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    jobs: Mapping[str, str] = field(default_factory=dict[str, str])
    care: Care = Care()
    line: Line = NO_LINE
    ems: str | None = None
    ems_minutes: int | None = None
    ems_at: datetime | None = None
    sounding: tuple[str, ...] = ()
    attempts: int = 0
    first_answer_at: datetime | None = None
    arrived_at: datetime | None = None
    recovering_at: datetime | None = None
    outcome_asked: bool = False
    closed_at: datetime | None = None
    outcome: str | None = None
    ended_by: str | None = None
    seq: int = 0
    version: int = 0

    @property
    def asking(self) -> bool:
        """Whether people are still wanted."""
        return self.state in ASKING

    @property
    def open(self) -> bool:
        """Whether it has not been ended."""
        return self.state is not State.CLOSED

    @property
    def room(self) -> str:
        """The name of the line's room: unique, and without a meaning to anybody else."""
        return f"{self.id}-{self.line.opening}"

    def due(self, rung: int) -> datetime:
        """When this rung of the present loop is due."""
        return self.origin + self.plan.delay(self.plan.rungs[rung].after)


_values = attrgetter(*Alert.__dataclass_fields__)
_slots = [Alert.__dict__[name].__set__ for name in Alert.__dataclass_fields__]


def copied(alert: Alert) -> Alert:
    """A copy that is nobody else's yet; `dataclasses.replace` takes five times as long."""
    made = object.__new__(Alert)
    for write, value in zip(_slots, _values(alert), strict=True):
        write(made, value)
    return made
