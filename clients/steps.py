"""What became of every step that the server announced: it came, was changed, or was lost.

Pure arithmetic over the announcements seen on the live feed and the timelines read afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clients.wire import Json, part

# The server's own promise: a step starts this soon after its time, whatever happens.
GRACE = timedelta(seconds=3.5)
MARKED_LATE_SECONDS = 1.0

# Events after which another step than the announced one may be right.
_CHANGING = frozenset(
    {
        "pressed_again",
        "on_my_way",
        "at_booth",
        "safe",
        "cannot_go",
        "more_people",
        "not_arrived",
        "ems_prompted",
        "stood_down",
        "closed",
        "reopened",
    }
)


class Fate(StrEnum):
    """What became of a promise.

    `overdue` is one that an act made needless when the server was too late with it already, `lost`
    one that never came though nothing changed it, and `due` one whose time has not come.
    """

    KEPT = "kept"
    CHANGED = "changed"
    OVERDUE = "overdue"
    LOST = "lost"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Promise:
    """The alert said, at `seq`, that its rung would come at `at`."""

    alert: str
    rung: int
    at: datetime
    seq: int


def promised(alert: Json, seq: int) -> Promise | None:
    """The promise an alert carries in `next`, if that is a rung."""
    step = part(alert, "next")
    if step.get("what") != "rung" or step.get("rung") is None:
        return None
    return Promise(alert["id"], step["rung"], datetime.fromisoformat(step["at"]), seq)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a promise; `late_unmarked`: it came late and its event does not say so."""

    fate: Fate
    late_unmarked: bool = False


def outcome(promise: Promise, timeline: Iterable[Json], away: timedelta, now: datetime) -> Outcome:
    """What became of it. `away` is how long the server could not be heard after its time."""
    limit = promise.at + GRACE + away
    for event in timeline:
        if event["seq"] <= promise.seq:
            continue
        at = datetime.fromisoformat(event["at"])
        if event["name"] == "rung_reached" and event["data"].get("rung") == promise.rung:
            late = (at - promise.at).total_seconds() > MARKED_LATE_SECONDS
            return Outcome(Fate.KEPT, late and not event["data"].get("late_s"))
        if event["name"] in _CHANGING:
            return Outcome(Fate.CHANGED if at <= limit else Fate.OVERDUE)
    return Outcome(Fate.LOST if now > limit else Fate.DUE)


def silent_after(
    moment: datetime, outages: Iterable[tuple[datetime, datetime | None]], now: datetime
) -> timedelta:
    """How long, from `moment` on, the server could not be heard."""
    total = timedelta()
    for since, until in outages:
        total += max(timedelta(), (until or now) - max(since, moment))
    return total
