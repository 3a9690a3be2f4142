"""What follows when a timer of the alert comes due (`wire.md`, the ladder, exactly).

A timer that was replaced or ended since it was set is void: `alerts.machine` checks that first.
"""

from alerts import ladder, says
from alerts.alert import Ladder, State, Timer, Why
from alerts.draft import TEXT, Draft
from alerts.events import TimerRang

PROMPTED_SECONDS = 60
"""So long after the question "EMS?" the ladder runs again."""
BREATHING_SECONDS = 120
"""So long a recovery check waits for a note before the coordinator is told."""


def rung_due(draft: Draft) -> None:
    """The next rung fires, late or not."""
    ladder.fire(draft)


def arrival_due(draft: Draft) -> None:
    """Nobody who was on the way has arrived: the alarm sounds again."""
    late = {coming.person for coming in draft.alert.coming}
    draft.note("not_arrived", people=sorted(late))
    draft.end_timers(Timer.ARRIVAL)
    draft.change(state=State.UNANSWERED, coming=(), not_arrived=draft.alert.not_arrived + 1)
    ladder.seek(draft, Why.NOT_ARRIVED)
    for person in draft.people(late):
        draft.send(TEXT, person, says.not_arrived(draft.alert, draft.scene), asking=True)


def quiet_due(draft: Draft) -> None:
    """Nobody at the booth has done anything for a while: the page asks for EMS."""
    draft.note("ems_prompted")
    draft.end_timers(Timer.QUIET)
    draft.set_after(Timer.PROMPTED, PROMPTED_SECONDS)


def prompted_due(draft: Draft) -> None:
    """Still nothing: the ladder runs until somebody acts, whoever is at the booth."""
    if draft.alert.ladder is Ladder.RUNNING:
        # It runs already, for another reason; the page goes on asking.
        quiet_due(draft)
        return
    draft.end_timers(Timer.PROMPTED)
    ladder.run(draft, Why.QUIET, ladder.offer_rung(draft.alert.plan))


def reassess_due(draft: Draft) -> None:
    """Time to look again after naloxone."""
    draft.note("reassess_due")
    draft.end_timers(Timer.REASSESS)


def recovery_due(draft: Draft) -> None:
    """A check of somebody who recovers; from the end of recovery on it asks for the outcome."""
    alert = draft.alert
    clocks = alert.plan.clocks
    assert alert.recovering_at is not None
    over = draft.now >= alert.recovering_at + alert.plan.delay(clocks.recovery)
    draft.note("recovery_due", outcome=over)
    draft.set_timer(
        Timer.RECOVERY, alert.timers[Timer.RECOVERY] + alert.plan.delay(clocks.recovery_check)
    )
    if Timer.BREATHING not in alert.timers:
        draft.set_after(Timer.BREATHING, BREATHING_SECONDS)
    if over and not alert.outcome_asked:
        draft.change(outcome_asked=True)
        for person in draft.coordinators():
            draft.send(TEXT, person, says.outcome_wanted(draft.alert, draft.scene), link=True)


def breathing_due(draft: Draft) -> None:
    """The check got no note: the coordinator is told."""
    fact = draft.fact
    assert isinstance(fact, TimerRang)
    draft.end_timers(Timer.BREATHING)
    checked = fact.due - draft.alert.plan.delay(BREATHING_SECONDS)
    draft.note("recovery_missed")
    for person in draft.coordinators():
        draft.send(TEXT, person, says.check_missed(draft.alert, draft.scene, checked))
