"""The direct line of an alert as it stands: its state and its calls.

Values only. What moves it is `alerts.line_acts` and `alerts.line_calls`, what is said on it
`alerts.line_says`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CONTROL = "control"
"""Whom a call to the control room is with; which of its numbers is told by its place alone."""
LINE_PHONE = "line_phone"
"""The phone at the site that is there for the line."""


class LineState(StrEnum):
    """Where the direct line stands (`wire.md`, `line.state`). Answered is never yet reached."""

    NONE = "none"
    JOINING = "joining"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    BRIDGED = "bridged"
    FAILED = "failed"
    ENDED = "ended"
    NOT_REACHED = "not_reached"


class LegState(StrEnum):
    """Where one call of the line stands. `KEPT`: answered, and no key through two plays."""

    CALLING = "calling"
    RINGING = "ringing"
    ON = "on"
    KEPT = "kept"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Leg:
    """One call of the line, named by its attempt.

    `who` is a person's id, `line_phone` or `control`; `number` is the place of a control room's
    number in the plan and `round` the round it was dialled in, None for our own side. `keyed` says
    that a human was heard of, `wants` that they asked to speak, `joined` that the call is in the
    room, `lost` that the other side left it. `ring_s` is how long it rang, in seconds.
    """

    attempt: int
    who: str
    since: datetime
    state: LegState = LegState.CALLING
    number: int | None = None
    round: int | None = None
    keyed: bool = False
    wants: bool = False
    joined: bool = False
    lost: bool = False
    muted: bool = False
    ring_s: float | None = None
    reason: str | None = None

    @property
    def live(self) -> bool:
        """Whether the call is not over."""
        return self.state is not LegState.ENDED

    @property
    def picked_up(self) -> bool:
        """Whether somebody or something has picked it up and not hung up."""
        return self.state in {LegState.ON, LegState.KEPT}


@dataclass(frozen=True, slots=True)
class Line:
    """The direct line of an alert: who opened it, its calls, and whether a human was reached.

    `opening` counts how often it was opened, and names its room; `room` is the network's name for
    that. `by_itself` says that the ladder has opened it, which it does at most once, and `by_text`
    that a text has. `number` and `round` are those of the call to the control room on which a
    human is, else of the newest one.
    """

    state: LineState = LineState.NONE
    since: datetime | None = None
    opening: int = 0
    opener: str | None = None
    opened_at: datetime | None = None
    number: int | None = None
    round: int | None = None
    legs: tuple[Leg, ...] = ()
    by_hand: bool = False
    reached_at: datetime | None = None
    by_itself: bool = False
    by_text: bool = False
    room: str = ""

    @property
    def live(self) -> bool:
        """Whether it is open."""
        return self.state not in {LineState.NONE, LineState.ENDED, LineState.NOT_REACHED}

    @property
    def ours(self) -> tuple[Leg, ...]:
        """The calls to our own side, oldest first."""
        return tuple(leg for leg in self.legs if leg.who != CONTROL)

    @property
    def control(self) -> tuple[Leg, ...]:
        """The calls to the control room, oldest first."""
        return tuple(leg for leg in self.legs if leg.who == CONTROL)

    def leg(self, attempt: int) -> Leg | None:
        """The call of this attempt."""
        return next((leg for leg in self.legs if leg.attempt == attempt), None)


NO_LINE = Line()
"""The line of an alert that never opened it."""
