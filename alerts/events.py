"""What can happen to an alert, as facts in the past tense, with the scene they happened in.

Every fact carries a `Scene`: all that deciding must know from outside (who is on duty, which
screens can alarm, which asks are still out), so that deciding needs no database and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from alerts.alert import Timer
from alerts.site import Person, Site


class What(StrEnum):
    """Every kind of thing that can happen to an alert: the columns of the table of moves."""

    PRESSED = "pressed"
    MISTAKE = "mistake"
    ON_MY_WAY = "on_my_way"
    AT_BOOTH = "at_booth"
    CANNOT_GO = "cannot_go"
    MORE_PEOPLE = "more_people"
    SAFE = "safe"
    TAKE_JOB = "take_job"
    CLASSIFY = "classify"
    OXYGEN = "oxygen"
    NALOXONE = "naloxone"
    BREATHING = "breathing"
    EMS = "ems"
    OPEN_LINE = "open_line"
    LINE_REACHED = "line_reached"
    LINE_TALK = "line_talk"
    LINE_MUTE = "line_mute"
    LINE_ADD = "line_add"
    END_LINE = "end_line"
    STAND_DOWN = "stand_down"
    CLOSE = "close"
    REOPEN = "reopen"
    CORRECT = "correct"
    MAKE_REAL = "make_real"
    WRONG_BOOTH = "wrong_booth"
    DRILL_STOPPED = "drill_stopped"
    NOT_UNDERSTOOD = "not_understood"
    SOUNDED = "sounded"
    SCREENS_LOST = "screens_lost"
    RUNG_DUE = "rung_due"
    ARRIVAL_DUE = "arrival_due"
    QUIET_DUE = "quiet_due"
    PROMPTED_DUE = "prompted_due"
    REASSESS_DUE = "reassess_due"
    RECOVERY_DUE = "recovery_due"
    BREATHING_DUE = "breathing_due"
    LINE_DUE = "line_due"
    BY_HAND_DUE = "by_hand_due"
    LEG_SENT = "leg_sent"
    LEG_RINGS = "leg_rings"
    LEG_UP = "leg_up"
    LEG_KEYED = "leg_keyed"
    LEG_IN = "leg_in"
    LEG_OUT = "leg_out"
    LEG_OVER = "leg_over"
    SENT = "sent"
    REFUSED = "refused"
    DELIVERED = "delivered"
    PICKED_UP = "picked_up"
    RANG_OUT = "rang_out"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class By:
    """Who or what did it: device, person, phone, timer or network, and its id."""

    kind: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One text or call about this alert that is not settled yet.

    `stage` is waiting (not handed to the phone network), sending (handed over, no answer yet),
    sent (accepted), answered (a call that somebody or something picked up) or dropped (no longer
    wanted, though it may have been on its way).
    """

    number: int
    person: str
    channel: str
    stage: str
    asking: bool
    rung: int | None


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings of a fact: the site as it is now, not as it was at the press.

    `busy` are the people at the booth of another asking alert; `others` counts the other asking
    alerts; `booth_taken` says that another alert is asking at this alert's booth; `attempts` are
    the unsettled texts and calls of this alert.
    """

    site: Site
    duty: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    others: int = 0
    booth_taken: bool = False
    phones: bool = True
    attempts: tuple[Attempt, ...] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Drill:
    """What makes a new alert a drill: its type, full or booth, who began it, and who was told of
    it before: all, nobody, or None when that was not said."""

    type: str
    person: str
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Birth:
    """What a new alert is given: its id, its number at the site, its sender number, the scale of
    time, whether the booth's last alert ended less than ten minutes ago, and if it is a drill."""

    id: str
    number: int
    sender: str = ""
    time_scale: float = 1.0
    again: bool = False
    drill: Drill | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed. The first press raises an alert; a later one joins it, louder."""

    scene: Scene
    by: By
    press_id: str
    device_kind: str
    booth: int | None
    booth_known: bool = True
    unknown_device: bool = False
    kind: str = "unclear"
    pressed_at: datetime | None = None
    birth: Birth | None = None
    what: What = What.PRESSED


UNKNOWN_PHONE = "unknown phone"
"""In place of a person's id, of which none has a space in it: a phone of nobody in the file."""


@dataclass(frozen=True, slots=True)
class Acted:
    """Somebody did or said something: `person` is their id, "guest" or UNKNOWN_PHONE.

    `via` is text, call, tablet or link. `details` holds the fields of the action in `wire.md`,
    already checked. `attempt` is the call or text it answers, if it is known.
    """

    scene: Scene
    by: By
    what: What
    person: str
    via: str = "tablet"
    at: datetime | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    attempt: int | None = None

    def member(self) -> Person | None:
        """The person of the site who acted; None for a guest."""
        return self.scene.site.person(self.person)


@dataclass(frozen=True, slots=True)
class TimerRang:
    """A timer of the alert came due. One whose `due` is no longer the alert's is void."""

    scene: Scene
    timer: Timer
    due: datetime
    by: By = By("timer")

    @property
    def what(self) -> What:
        """The kind of fact this timer makes."""
        return What(f"{self.timer}_due")


@dataclass(frozen=True, slots=True)
class Reported:
    """The phone network, or our own sending, said what became of an attempt.

    `what` is sent, refused, delivered, picked_up, rang_out or expired, or of a call of the line
    one that begins with `leg`; `reason` is a word (of leg_keyed the key, of leg_in the network's
    name for the room) and `code` the network's error code.
    """

    scene: Scene
    what: What
    attempt: Attempt
    reason: str | None = None
    code: int | None = None
    by: By = By("network")


@dataclass(frozen=True, slots=True)
class Sounded:
    """The set of screens that prove they sound this alert changed; names in order."""

    scene: Scene
    screens: tuple[str, ...]
    by: By = By("device")
    what: What = What.SOUNDED


@dataclass(frozen=True, slots=True)
class ScreensLost:
    """No screen of the site can alarm, on any node."""

    scene: Scene
    by: By = By("timer")
    what: What = What.SCREENS_LOST


@dataclass(frozen=True, slots=True)
class DrillStopped:
    """The drill is stopped. `booth` is the real alert's, if one is why."""

    scene: Scene
    by: By
    reason: str
    booth: int | None = None
    what: What = What.DRILL_STOPPED


Fact = Pressed | Acted | TimerRang | Reported | Sounded | ScreensLost | DrillStopped
