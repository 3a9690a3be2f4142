"""A drill: an alert of exercise. It climbs the same ladder by the same machine as a real one.

What is different is here: what its plan leaves out, how it ends, and how it is scored. That it can
never dial the direct line follows from its plan, in which no line stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alerts import says
from alerts.alert import Alert, Ladder, Plan, State
from alerts.draft import CALL, TEXT, Draft
from alerts.events import Acted, Birth, By, DrillStopped, Pressed
from alerts.orders import Decision, Entry, HangUp
from alerts.site import NO_DIRECT_LINE, Do, Repeat, Rung, Site
from alerts.words import Text

FULL, BOOTH = "full", "booth"
OUTCOME = "drill"
STOPPED, REAL_ALERT, MADE_REAL, CLOSED, FAILED = (
    "stopped",
    "real_alert",
    "made_real",
    "closed",
    "failed",
)
"""Why a drill ended, as `drill_ended` says it."""
SCREENS_ONLY = (Rung(0, (Do.SCREENS,)),)
"""The ladder of a drill of one booth: its screens, again and again."""

_COMING = frozenset({"on_my_way", "at_booth"})
_HEARD = _COMING | {"cannot_go", "more_people", "safe", "not_understood"}
_GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Score:
    """How a drill went: seconds from its start, None for what has not come, and who missed it.

    `wrong_booth_visits` is what somebody counted; None when nobody said.
    """

    sounding_s: float | None
    first_answer_s: float | None
    at_booth_s: float | None
    not_reached: tuple[str, ...]
    wrong_booth_visits: int | None = None


def plan_of(site: Site, birth: Birth) -> Plan:
    """The plan of a drill: nothing in it can dial the line, nor, for a booth, any phone at all."""
    assert birth.drill is not None
    full = birth.drill.type == FULL
    return Plan(
        rungs=site.ladder if full else SCREENS_ONLY,
        repeat=site.repeat if full else Repeat(0, site.repeat.every),
        clocks=site.clocks,
        sender=birth.sender,
        time_scale=birth.time_scale,
        phones=full,
        line=NO_DIRECT_LINE,
    )


def note_start(draft: Draft) -> None:
    """If this press begins a drill, the log says so first."""
    fact = draft.fact
    assert isinstance(fact, Pressed)
    assert fact.birth is not None
    begun = fact.birth.drill
    if begun is not None:
        by = By("person", begun.person)
        draft.note("drill_started", by, type=begun.type, person=begun.person, told=begun.told)


def note_close(draft: Draft, person: str) -> None:
    """If this is a drill, it ends with its alert: somebody closed that as if it were real."""
    if draft.alert.drill:
        draft.note("drill_ended", reason=CLOSED, person=person)


def stop(draft: Draft) -> None:
    """The drill is stopped: by whoever is at a tablet, or because a real alert rises."""
    fact = draft.fact
    assert isinstance(fact, DrillStopped)
    if not draft.alert.drill:
        draft.refused = "drill"
        return
    if fact.reason == STOPPED:
        end(draft, STOPPED, says.stood_down(draft.alert, draft.scene, None, draft.now))
    else:
        _give_way(draft, fact.reason, fact.booth)


def make_real(draft: Draft) -> None:
    """Somebody says that it is real: the drill ends, and the desk presses at its booth."""
    fact = draft.fact
    assert isinstance(fact, Acted)
    if not draft.alert.drill:
        draft.refused = "drill"
        return
    _give_way(draft, MADE_REAL, draft.alert.booth)


def wrong_booth(draft: Draft) -> None:
    """Somebody who watched a drill says how often people went to another booth than its own.

    No machine sees that. What was said last counts, also after the drill.
    """
    fact = draft.fact
    assert isinstance(fact, Acted)
    if not draft.alert.drill:
        draft.refused = "drill"
        return
    draft.note("wrong_booth", person=fact.person, **fact.details)


def _give_way(draft: Draft, reason: str, booth: int | None) -> None:
    """A real alert goes before everything: no phone is kept busy by the drill any more."""
    for attempt in draft.scene.attempts:
        if attempt.channel == CALL and attempt.stage == "answered":
            draft.orders.append(HangUp(attempt.number))
    end(draft, reason, says.drill_stopped(draft.scene, booth))


def end(draft: Draft, reason: str, text: Text) -> None:
    """Close the drill: nothing of it is sent any more, but that it is over to all it asked."""
    person = getattr(draft.fact, "person", None)
    draft.note("drill_ended", reason=reason, person=person)
    draft.stop()
    draft.change(
        state=State.CLOSED, outcome=OUTCOME, ended_by=person, closed_at=draft.now, timers={}
    )
    for one in draft.people(draft.alert.asked):
        draft.send(TEXT, one, text)


def merely_closed(alert: Alert, fact: DrillStopped, now: datetime) -> Decision:
    """Of a drill that could not even be ended plainly: closed, for the press that ends it."""
    over = replace(
        alert,
        state=State.CLOSED,
        ladder=Ladder.STOPPED,
        outcome=OUTCOME,
        closed_at=now,
        timers={},
    )
    entry = Entry("drill_ended", fact.by, {"reason": fact.reason, "person": None})
    return Decision(over, (entry,))


def score(alert: Alert, timeline: Iterable[tuple[str, datetime, dict[str, Any]]]) -> Score:
    """The score of a drill from its timeline: the name, time and data of each of its events.

    `not_reached` are those who were asked, to whom no text was delivered and who did not answer.
    """
    firsts: dict[str, float] = {}
    reached: set[str] = set()
    visits: int | None = None
    for name, at, data in timeline:
        seconds = round((at - alert.raised_at).total_seconds(), 3)
        person = str(data.get("person"))
        if name == "sounding" and data["count"]:
            firsts.setdefault("sounding", seconds)
        if name in _COMING and person != _GUEST:
            firsts.setdefault("answer", seconds)
        if name == "at_booth" and person != _GUEST:
            firsts.setdefault("at_booth", seconds)
        if name == "text_delivered" or name in _HEARD:
            reached.add(person)
        if name == "wrong_booth":
            visits = int(data["visits"])
    return Score(
        sounding_s=firsts.get("sounding"),
        first_answer_s=firsts.get("answer"),
        at_booth_s=firsts.get("at_booth"),
        not_reached=tuple(person for person in alert.asked if person not in reached),
        wrong_booth_visits=visits,
    )
