"""How an alert ends, by whom, and how it begins again when it ended too soon.

Everything that ends help needs a name; an open line that has reached somebody is ended first.
"""

from datetime import timedelta

from alerts import drill, ladder, line_steps, says
from alerts.acts import acted
from alerts.alert import State, Why
from alerts.draft import TEXT, Draft

REOPEN_SECONDS = 30
"""So long after the end anybody may reopen; later it takes a PIN."""


def stand_down(draft: Draft) -> None:
    """Ended without an outcome of care: a name, and a PIN unless somebody was at the booth."""
    draft.pin = draft.alert.arrived_at is None
    reason = str(acted(draft).details["reason"])
    if _end(draft, reason, "stood_down"):
        text = says.stood_down(draft.alert, draft.scene, acted(draft).member(), draft.now)
        for person in draft.people(draft.alert.asked):
            draft.send(TEXT, person, text)


def close(draft: Draft) -> None:
    """Ended with an outcome: a name and a PIN."""
    draft.pin = True
    outcome = str(acted(draft).details["outcome"])
    if _end(draft, outcome, "closed"):
        text = says.closed(draft.alert, draft.scene, draft.now)
        answered = {answer.person for answer in draft.alert.answers if answer.counted}
        for person in draft.people(answered):
            draft.send(TEXT, person, text)


def _end(draft: Draft, outcome: str, name: str) -> bool:
    fact = acted(draft)
    if fact.member() is None:
        draft.refused = "not_allowed"
        return False
    if not line_steps.end_with_alert(draft):
        return False
    draft.note(name, outcome=outcome, person=fact.person)
    drill.note_close(draft, fact.person)
    draft.stop()
    draft.change(
        state=State.CLOSED, outcome=outcome, ended_by=fact.person, closed_at=draft.now, timers={}
    )
    return True


def reopen(draft: Draft) -> None:
    """Ended too soon: back to the booth if somebody had been there, else the whole ladder again."""
    alert = draft.alert
    assert alert.closed_at is not None
    draft.pin = draft.now - alert.closed_at > timedelta(seconds=REOPEN_SECONDS)
    if alert.drill or draft.scene.booth_taken:
        draft.refused = "drill" if alert.drill else "booth_busy"
        return
    draft.note("reopened", person=acted(draft).person)
    draft.change(closed_at=None, outcome=None, ended_by=None, recovering_at=None)
    if alert.arrived_at is not None:
        draft.change(state=State.AT_BOOTH)
        return
    draft.change(state=State.UNANSWERED, coming=())
    ladder.run(draft, Why.PRESSED, rung=0)
