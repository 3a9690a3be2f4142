"""The path that needs no machine: asking everybody, again and again, until a person ends it.

Used only when deciding itself failed (`architecture.md`, rule 10). It is as plain as it can be,
so that it cannot fail in the same way: it knows no rungs and no states but open and closed, and
whatever people answer is kept and shown, and stops nothing. Should even that fail, a press is
merely stored, and its timer tries again.
"""

from dataclasses import replace
from datetime import datetime

from alerts import acts, drill, line_steps, network, says
from alerts.alert import Alert, Ladder, State, Timer
from alerts.draft import CALL, TEXT, Draft
from alerts.events import Acted, DrillStopped, Fact, Pressed, Reported, Sounded, TimerRang, What
from alerts.ladder import LATE_SECONDS
from alerts.orders import Decision, Entry

EVERY_SECONDS = 60
"""So often everybody on duty is asked again."""
NAMES = {
    What.TAKE_JOB: "job_taken",
    What.CLASSIFY: "classified",
    What.STAND_DOWN: "stood_down",
    What.CLOSE: "closed",
    What.CORRECT: "corrected",
    What.MISTAKE: "mistake_reported",
}
"""What an act is called in the log, where that is not its own name."""
LEGS = frozenset(what for what in What if what.startswith("leg_"))
ANSWERS = frozenset({What.ON_MY_WAY, What.AT_BOOTH, What.CANNOT_GO, What.SAFE})


def without_machine(alert: Alert | None, fact: Fact, now: datetime) -> Decision:
    """The first round: an open alert leaves the machine, or is raised outside it."""
    if alert is None:
        assert isinstance(fact, Pressed)
        assert fact.birth is not None
        assert fact.birth.drill is None, "a drill that cannot be decided is not begun"
        draft = Draft(replace(acts.born(fact, fact.birth, now), plain=True), fact, now)
        _note_press(draft, fact, "pressed")
        _ask_everybody(draft, now)
        return draft.decided()
    if not alert.open:
        return decide_plainly(alert, fact, now)
    if alert.drill:
        # Nobody is in need: a drill that cannot be decided ends, and those it asked are told.
        draft = Draft(alert, fact, now)
        drill.end(draft, drill.FAILED, says.stood_down(alert, draft.scene, None, now))
        return draft.decided()
    # What it had dialled rings on; nothing dials on by itself now, so people must.
    line = replace(alert.line, by_hand=True) if alert.line.live else alert.line
    left = replace(alert, plain=True, ladder=Ladder.RUNNING, timers={}, line=line)
    draft = Draft(left, fact, now)
    _take(draft)
    if draft.refused is None and draft.alert.open:
        _ask_everybody(draft, now)
    return draft.decided()


def merely_stored(alert: Alert | None, fact: Fact, now: datetime) -> Decision:
    """Of a press that could not even be decided plainly: kept, with a timer that is due now.

    A drill that is in its way is merely closed.
    """
    if isinstance(fact, DrillStopped):
        assert alert is not None
        return drill.merely_closed(alert, fact, now)
    assert isinstance(fact, Pressed)
    if alert is None:
        assert fact.birth is not None
        alert = acts.born(fact, fact.birth, now)
        name, presses = "pressed", alert.presses
    else:
        name, presses = "pressed_again", alert.presses + 1
    kept = replace(
        alert, plain=True, ladder=Ladder.RUNNING, presses=presses, timers={Timer.PLAIN: now}
    )
    said = {"press_id": fact.press_id, "kind": fact.kind, "device": fact.by.id, "delayed_s": 0.0}
    return Decision(kept, (Entry(name, fact.by, said),))


def decide_plainly(alert: Alert, fact: Fact, now: datetime) -> Decision:
    """What follows for an alert that has left the machine, or had ended when deciding failed."""
    draft = Draft(alert, fact, now)
    _take(draft)
    if isinstance(fact, TimerRang) and fact.timer is Timer.PLAIN and alert.open:
        _ask_everybody(draft, fact.due)
    return draft.decided()


def _take(draft: Draft) -> None:
    """Keep what happened; only an end has a consequence."""
    match draft.fact:
        case Pressed() as fact:
            draft.change(presses=draft.alert.presses + 1)
            _note_press(draft, fact, "pressed_again")
        case Acted() as fact:
            _acted(draft, fact)
        case Reported(what=what) if what in LEGS:
            # The calls of the line that were out go on; nothing follows from them here.
            draft.note("line_leg", leg=draft.fact.attempt.number, state=str(what))
        case Reported(what=What.SENT):
            network.sent(draft)
        case Reported():
            network.heard(draft)
        case Sounded():
            acts.sounded(draft)
        case _:
            pass


def _note_press(draft: Draft, fact: Pressed, name: str) -> None:
    draft.note(name, press_id=fact.press_id, kind=fact.kind, device=fact.by.id, delayed_s=0.0)


def _acted(draft: Draft, fact: Acted) -> None:
    ends = fact.what in {What.STAND_DOWN, What.CLOSE}
    if not draft.alert.open and fact.what is not What.CORRECT:
        draft.refused = "closed"
    elif ends and fact.member() is None:
        draft.refused = "not_allowed"
    elif ends:
        _end(draft, fact)
    elif fact.what is What.OPEN_LINE:
        draft.refused = "no_agreement"
        draft.answer = says.line_refused(draft.alert, draft.scene)
    elif fact.what in ANSWERS:
        acts.answered(draft, str(fact.what))
    elif fact.what is not What.REOPEN:
        name = NAMES.get(fact.what, str(fact.what))
        draft.note(name, person=fact.person, by=fact.via, **fact.details)


def _end(draft: Draft, fact: Acted) -> None:
    outcome = str(fact.details.get("outcome") or fact.details.get("reason"))
    draft.note(NAMES[fact.what], outcome=outcome, person=fact.person)
    draft.pin = True
    if draft.alert.line.live:
        line_steps.end(draft, "alert_ended")
    draft.stop()
    draft.change(
        state=State.CLOSED, closed_at=draft.now, outcome=outcome, ended_by=fact.person, timers={}
    )
    # Everybody was called every minute, so everybody is told.
    for person in draft.people(draft.alert.asked):
        text = says.stood_down(draft.alert, draft.scene, fact.member(), draft.now)
        if fact.what is What.CLOSE:
            text = says.closed(draft.alert, draft.scene, draft.now)
        draft.send(TEXT, person, text)


def _ask_everybody(draft: Draft, due: datetime) -> None:
    """Everybody on duty, or everybody if nobody is, by text and call; and again in a while."""
    late_s = draft.late_by(due)
    draft.change(late=draft.alert.late or late_s > LATE_SECONDS)
    do, who = ["screens", "text", "call"], ["everyone"]
    draft.note("rung_reached", rung=0, do=do, who=who, late_s=late_s, plain=True)
    people = draft.people(draft.scene.duty) or draft.scene.site.people
    for person in people:
        draft.send(TEXT, person, says.plainly(draft.alert, draft.scene), asking=True, link=True)
        asked = says.call_question(draft.alert, draft.scene, person)
        draft.send(CALL, person, asked, asking=True)
    new = [person.id for person in people if person.id not in draft.alert.asked]
    draft.change(asked=(*draft.alert.asked, *new))
    every = draft.alert.plan.delay(EVERY_SECONDS)
    # Rounds that were missed are not made up for: one is like another.
    following = due + every if due + every > draft.now else draft.now + every
    draft.set_timer(Timer.PLAIN, following)
