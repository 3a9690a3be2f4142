"""The ladder: how its rungs fire, hurry, begin again and stop (`wire.md`, the ladder, exactly).

Each function carries one rule out on a draft. Which fact calls which rule is the table in
`alerts.machine`.
"""

from datetime import datetime
from math import ceil

from alerts import line_acts, says
from alerts.alert import Ladder, Plan, State, Timer, Why
from alerts.draft import CALL, TEXT, Draft
from alerts.roster import who_is_asked
from alerts.site import Do, Person, Role

LATE_SECONDS = 1.0
"""A rung more than this late marks its alert late."""


def fire(draft: Draft, late: float | None = None) -> None:
    """Fire the rung that comes next and set the timer of the one after it.

    `late` is the lateness, in seconds, of a rung that was moved forward with others.
    """
    alert = draft.alert
    index = alert.rung
    rung = alert.plan.rungs[index]
    due = alert.due(index)
    late_s = draft.late_by(due) if late is None else late
    _close_loop(draft, index)
    draft.note(
        "rung_reached",
        rung=index,
        do=[str(do) for do in rung.do],
        who=[str(role) for role in rung.who],
        late_s=late_s,
    )
    draft.change(last_rung=index, late=alert.late or late_s > LATE_SECONDS)
    people = _asked(draft, rung.who)
    if people and (Do.TEXT in rung.do or Do.CALL in rung.do):
        new = [person.id for person in people if person.id not in draft.alert.asked]
        draft.change(asked=(*draft.alert.asked, *new))
    if not draft.scene.phones:
        people = ()
    for person in people:
        if Do.TEXT in rung.do:
            text = says.ask(draft.alert, draft.scene, person, index, _seconds(draft, due))
            draft.send(TEXT, person, text, rung=index, asking=True, link=True)
    for person in people:
        if Do.CALL in rung.do:
            call(draft, person, index)
    if Do.OPEN_LINE in rung.do:
        line_acts.open_by_itself(draft)
    _advance(draft, due)


def call(draft: Draft, person: Person, rung: int | None) -> None:
    """Ring this person and ask."""
    spoken = says.call_question(draft.alert, draft.scene, person)
    draft.send(CALL, person, spoken, rung=rung, asking=True)


def _close_loop(draft: Draft, index: int) -> None:
    alert = draft.alert
    plan = alert.plan
    begins_again = index == plan.repeat.from_rung and alert.last_rung == len(plan.rungs) - 1
    if not begins_again:
        return
    if not alert.acted and alert.state is State.UNANSWERED:
        draft.note("nobody_reached", loop=alert.loop)
    draft.change(acted=False)


def _advance(draft: Draft, due: datetime) -> None:
    """Point at the next rung, or at the first of the next loop, from the due time of this one."""
    plan = draft.alert.plan
    index = draft.alert.rung
    if index + 1 < len(plan.rungs):
        draft.change(rung=index + 1)
    else:
        first = plan.rungs[plan.repeat.from_rung]
        draft.change(
            rung=plan.repeat.from_rung,
            loop=draft.alert.loop + 1,
            origin=due + plan.delay(plan.repeat.every) - plan.delay(first.after),
        )
    draft.set_timer(Timer.RUNG, draft.alert.due(draft.alert.rung))


def _asked(draft: Draft, who: tuple[Role, ...]) -> tuple[Person, ...]:
    """Whom this rung asks: looked up now, never at the press.

    People known to be at the booth or coming are left in peace while others are sought, but for
    the quiet clock, which doubts exactly them. If that leaves nobody, they are asked as well.
    """
    alert = draft.alert
    if not who:
        return ()
    answered = {answer.person for answer in alert.answers} - set(alert.declined)
    people = who_is_asked(draft.scene.site.people, draft.scene.duty, who, answered)
    spared: set[str] = set() if alert.why is Why.QUIET else set(alert.there)
    if alert.why is Why.MORE_PEOPLE:
        spared |= {coming.person for coming in alert.coming}
    return tuple(person for person in people if person.id not in spared) or people


def _seconds(draft: Draft, due: datetime) -> int:
    """Seconds since the press as the site file counts them, rounded up: what texts say."""
    alert = draft.alert
    elapsed = (due - alert.raised_at).total_seconds() * alert.plan.time_scale
    return max(0, ceil(round(elapsed, 3)))


def run(draft: Draft, why: Why, rung: int | None = None, origin: datetime | None = None) -> None:
    """Run the ladder from `rung` (default: where it repeats), now, or as if from `origin`."""
    plan = draft.alert.plan
    index = plan.repeat.from_rung if rung is None else rung
    draft.change(
        ladder=Ladder.RUNNING,
        why=why,
        rung=index,
        last_rung=-1,
        loop=0,
        acted=False,
        origin=origin or _as_if_due(draft, index),
    )
    fire(draft)


def seek(draft: Draft, why: Why) -> None:
    """Run from where the ladder repeats, now; of one that runs already no rung comes later.

    A ladder that is past that rung fires again what it fired since, in order; the rung that comes
    next keeps its time. Otherwise asking for more people, again and again, would put it off.
    """
    alert = draft.alert
    first, following, origin = alert.plan.repeat.from_rung, alert.rung, alert.origin
    if alert.ladder is Ladder.STOPPED:
        run(draft, why)
    elif following <= first:
        run(draft, why, first, min(origin, _as_if_due(draft, first)))
    else:
        draft.change(why=why, rung=first)
        for index in range(first, following):
            draft.change(origin=_as_if_due(draft, index))
            fire(draft)
        draft.change(origin=origin)
        draft.set_timer(Timer.RUNG, alert.due(following))


def hurry(draft: Draft) -> None:
    """Fire the next rung now; later ones keep their distances."""
    alert = draft.alert
    draft.change(origin=min(alert.origin, _as_if_due(draft, alert.rung)))
    fire(draft)


def _as_if_due(draft: Draft, rung: int) -> datetime:
    """The origin with which this rung is due now. An earlier one means that it is late already."""
    plan = draft.alert.plan
    return draft.now - plan.delay(plan.rungs[rung].after)


def at_loop_end(draft: Draft) -> bool:
    """Whether the rung that comes next begins a new loop."""
    return draft.alert.last_rung == len(draft.alert.plan.rungs) - 1


def move_to_call(draft: Draft) -> None:
    """Move forward so that the first rung that calls is due now: no screen can alarm.

    The rungs in between fire once, in order, at this moment. It happens at most once a loop, since
    after it the ladder is past that rung. The pause between two loops is cut short only once, until
    a screen has sounded the alert again: a site without screens would be rung without end.
    """
    alert = draft.alert
    rungs = alert.plan.rungs
    first = alert.plan.repeat.from_rung if alert.loop else 0
    target = next((i for i in range(first, len(rungs)) if Do.CALL in rungs[i].do), None)
    if target is None or alert.rung > target or (alert.moved and at_loop_end(draft)):
        return
    draft.change(moved=True)
    late = [draft.late_by(alert.due(index)) for index in range(alert.rung, target + 1)]
    draft.change(origin=min(alert.origin, _as_if_due(draft, target)))
    for late_s in late:
        fire(draft, late_s)


def offer_rung(plan: Plan) -> int:
    """The first rung that offers the line, else the one where the ladder repeats."""
    offers = (i for i, rung in enumerate(plan.rungs) if Do.OFFER_LINE in rung.do)
    return next(offers, plan.repeat.from_rung)
