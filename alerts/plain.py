"""The path that needs no machine: asking everybody, again and again, until a person ends it.

Used only when deciding itself failed (`architecture.md`, rule 10). It is as plain as it can be,
so that it cannot fail in the same way.
"""

import copy
from dataclasses import replace
from datetime import datetime

from alerts import acts, says
from alerts.alert import Alert, State, Timer
from alerts.draft import CALL, TEXT, Draft
from alerts.events import Acted, Fact, Pressed, TimerRang, What
from alerts.orders import Decision, Drop

EVERY_SECONDS = 60
"""So often everybody on duty is asked again."""


def without_machine(alert: Alert | None, fact: Fact, now: datetime) -> Decision:
    """The first round: the alert leaves the machine, or is raised outside it."""
    if alert is None:
        assert isinstance(fact, Pressed)
        assert fact.birth is not None
        alert = acts.born(fact, fact.birth, now)
    draft = Draft(replace(alert, plain=True, timers={}), fact, now)
    if isinstance(fact, Pressed):
        draft.note(
            "pressed", press_id=fact.press_id, kind=fact.kind, device=fact.by.id, delayed_s=0
        )
    return _round(draft)


def decide_plainly(alert: Alert, fact: Fact, now: datetime) -> Decision:
    """What follows for an alert that has left the machine."""
    draft = Draft(copy.copy(alert), fact, now)
    if isinstance(fact, TimerRang):
        return _round(draft) if fact.timer is Timer.PLAIN else Decision(alert)
    if isinstance(fact, Pressed):
        draft.change(presses=alert.presses + 1)
        draft.note(
            "pressed_again", press_id=fact.press_id, kind=fact.kind, device=fact.by.id, delayed_s=0
        )
    if isinstance(fact, Acted):
        return _acted(draft, fact)
    return draft.decided()


def _acted(draft: Draft, fact: Acted) -> Decision:
    if not draft.alert.open:
        return Decision(draft.alert, refused="closed")
    ending = fact.what in {What.STAND_DOWN, What.CLOSE}
    if ending and fact.member() is None:
        return Decision(draft.alert, refused="not_allowed")
    if not ending:
        draft.note(str(fact.what), person=fact.person, by=fact.via)
        return draft.decided()
    outcome = str(fact.details.get("outcome") or fact.details.get("reason"))
    draft.note("closed", outcome=outcome, person=fact.person)
    draft.change(
        state=State.CLOSED, closed_at=draft.now, outcome=outcome, ended_by=fact.person, timers={}
    )
    draft.pin = True
    draft.stop()
    return draft.decided()


def _round(draft: Draft) -> Decision:
    """Everybody on duty, or everybody if nobody is, by text and call."""
    draft.note(
        "rung_reached",
        rung=0,
        do=["screens", "text", "call"],
        who=["everyone"],
        late_s=0.0,
        plain=True,
    )
    people = draft.people(draft.scene.duty) or list(draft.scene.site.people)
    for attempt in draft.scene.attempts:
        if attempt.stage == "waiting":
            draft.orders.append(Drop(attempt.number))
    for person in people:
        text = says.ask(draft.alert, draft.scene, person, 0, 0)
        draft.send(TEXT, person, text, asking=True, link=True)
        draft.send(CALL, person, says.call_question(draft.alert, draft.scene), asking=True)
    asked = {*draft.alert.asked, *(person.id for person in people)}
    draft.change(asked=tuple(sorted(asked)))
    draft.set_after(Timer.PLAIN, EVERY_SECONDS)
    return draft.decided()
