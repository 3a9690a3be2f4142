"""What people do to an alert: press, answer, care, end it (`wire.md`, the ladder and actions).

One function per kind of act, each carrying it out on a draft. Which act is possible in which
state is the table in `alerts.machine`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts import drill, ladder, line_acts, line_steps, says
from alerts.alert import Alert, Answer, Coming, Ladder, Plan, State, Timer, Why
from alerts.draft import TEXT, Draft
from alerts.events import Acted, Birth, Pressed, Sounded
from alerts.orders import Send

PRESSED_AGAIN_SECONDS = 30
"""Text S5 goes at most once in this many seconds of the site file."""
NOT_ARRIVED_TRUSTED = 2
"""From this many missed arrivals on, "on my way" no longer stops the ladder."""


def born(fact: Pressed, birth: Birth, now: datetime) -> Alert:
    """The alert this press raises, before its first rung."""
    site = fact.scene.site
    plan = (
        drill.plan_of(site, birth)
        if birth.drill
        else Plan(
            site.ladder, site.repeat, site.clocks, birth.sender, birth.time_scale, line=site.line
        )
    )
    return Alert(
        id=birth.id,
        site=site.code,
        number=birth.number,
        booth=fact.booth,
        plan=plan,
        raised_at=now,
        origin=now,
        booth_known=fact.booth_known,
        device=fact.by.id or "",
        unknown_device=fact.unknown_device,
        kind=fact.kind,
        drill=birth.drill is not None,
        again=birth.again,
        pressed_at=fact.pressed_at,
    )


def raise_alert(draft: Draft) -> None:
    """The first press: the alert is there and rung 0 goes now."""
    drill.note_start(draft)
    _note_press(draft, "pressed")
    ladder.fire(draft)


def press_again(draft: Draft) -> None:
    """A press while people are still wanted: louder, never later, and a stopped ladder runs."""
    fact = draft.fact
    assert isinstance(fact, Pressed)
    draft.change(
        presses=draft.alert.presses + 1,
        unknown_device=draft.alert.unknown_device and fact.unknown_device,
    )
    _note_press(draft, "pressed_again")
    if draft.alert.ladder is Ladder.STOPPED:
        ladder.run(draft, Why.PRESSED_AGAIN)
    elif draft.alert.why is Why.QUIET:
        # Somebody is wanted now: it takes an answer to stop it, and no longer just any act.
        draft.change(why=Why.PRESSED_AGAIN)
    last = draft.alert.pressed_again_at
    if last is not None and draft.now - last < draft.alert.plan.delay(PRESSED_AGAIN_SECONDS):
        return
    draft.change(pressed_again_at=draft.now)
    texted = {o.person for o in draft.orders if isinstance(o, Send) and o.channel == TEXT}
    for person in draft.people(draft.alert.asked):
        if person.id not in texted:
            text = says.pressed_again(draft.alert, draft.scene)
            draft.send(TEXT, person, text, asking=True)


def _note_press(draft: Draft, name: str) -> None:
    fact = draft.fact
    assert isinstance(fact, Pressed)
    delayed = draft.late_by(fact.pressed_at) if fact.pressed_at else 0.0
    draft.note(name, press_id=fact.press_id, kind=fact.kind, device=fact.by.id, delayed_s=delayed)


def on_my_way(draft: Draft) -> None:
    """A named person comes: the ladder stops and the arrival clock runs, with two exceptions.

    Somebody at another alert's booth stops nothing, and after two missed arrivals the word alone
    is no longer enough.
    """
    fact = answered(draft, "on_my_way")
    person = fact.member()
    if person is None:
        return
    draft.answer = says.going(draft.alert, draft.scene, person)
    alert = draft.alert
    if person.id in draft.scene.busy or person.id in alert.there:
        return
    if all(coming.person != person.id for coming in alert.coming):
        draft.change(coming=(*alert.coming, Coming(person.id, draft.now)))
    _first_answer(draft)
    if alert.state is State.UNANSWERED:
        draft.change(state=State.ON_THE_WAY)
    if alert.not_arrived < NOT_ARRIVED_TRUSTED:
        _stop_for(draft, person.id)
    if draft.alert.state is State.ON_THE_WAY:
        _start_arrival(draft)


def at_booth(draft: Draft) -> None:
    """A named person is at the booth: the ladder stops, the quiet clock starts."""
    fact = answered(draft, "at_booth")
    person = fact.member()
    if person is None:
        return
    draft.answer = says.at_booth(draft.alert, draft.scene, draft.now)
    alert = draft.alert
    if person.id not in alert.there:
        draft.change(there=(*alert.there, person.id))
    draft.change(
        coming=draft.keep_coming({person.id}),
        arrived_at=alert.arrived_at or draft.now,
        state=State.AT_BOOTH,
    )
    _first_answer(draft)
    draft.end_timers(Timer.ARRIVAL)
    _stop_for(draft, person.id)


def note_answer(draft: Draft) -> None:
    """An answer that is kept and shown and moves nothing: the person is safe already."""
    fact = draft.fact
    assert isinstance(fact, Acted)
    answered(draft, str(fact.what))
    draft.answer = says.safe(draft.alert, draft.scene, draft.alert.recovering_at or draft.now)


def cannot_go(draft: Draft) -> None:
    """Somebody can not go, or leaves. When nobody is left, others are sought at once."""
    alert = draft.alert
    held = {coming.person for coming in alert.coming} | set(alert.there)
    fact = answered(draft, "cannot_go")
    person = fact.member()
    if person is None:
        return
    draft.answer = says.cannot_go(alert, draft.scene)
    again = person.id in alert.declined
    if not again:
        draft.change(declined=(*draft.alert.declined, person.id))
    if person.id in held:
        _leave(draft, person.id)
    elif alert.asking and not again:
        _decline(draft)


def _leave(draft: Draft, person: str) -> None:
    alert = draft.alert
    there = tuple(one for one in alert.there if one != person)
    draft.change(coming=draft.keep_coming({person}), there=there)
    if alert.state is State.RECOVERING or there:
        return
    draft.end_timers(Timer.QUIET, Timer.PROMPTED)
    if draft.alert.coming:
        draft.change(state=State.ON_THE_WAY)
        _start_arrival(draft)
        return
    draft.end_timers(Timer.ARRIVAL)
    draft.change(state=State.UNANSWERED)
    draft.answer = says.was_alone(alert, draft.scene)
    ladder.seek(draft, Why.NOT_ARRIVED)


def _decline(draft: Draft) -> None:
    alert = draft.alert
    nobody_left = bool(alert.asked) and set(alert.asked) <= set(alert.declined)
    if nobody_left and alert.ladder is Ladder.RUNNING:
        draft.answer = says.cannot_go(alert, draft.scene, nobody_left=True)
        ladder.hurry(draft)


def more_people(draft: Draft) -> None:
    """Somebody asks for more people: the ladder runs until somebody new answers."""
    fact = acted(draft)
    draft.note("more_people", person=fact.person, by=fact.via)
    if draft.alert.state is State.RECOVERING:
        # Wanting more people means it is no longer a recovery; fail towards noise.
        if draft.scene.booth_taken:
            draft.refused = "booth_busy"
            return
        draft.end_timers(Timer.RECOVERY, Timer.BREATHING)
        draft.change(state=State.AT_BOOTH)
    draft.answer = says.more_people(draft.alert, draft.scene)
    alert = draft.alert
    draft.change(before_more=(*(c.person for c in alert.coming), *alert.there))
    ladder.seek(draft, Why.MORE_PEOPLE)


def safe(draft: Draft) -> None:
    """Somebody at the booth says the person is safe: people are no longer wanted."""
    fact = acted(draft)
    if fact.person not in draft.alert.there:
        draft.refused = "not_at_booth"
        draft.answer = says.not_counted(draft.alert, draft.scene)
        return
    draft.answer = says.safe(draft.alert, draft.scene, draft.now)
    answered(draft, "safe")
    if draft.alert.state is State.RECOVERING:
        return
    draft.stop()
    draft.end_timers(Timer.QUIET, Timer.PROMPTED, Timer.ARRIVAL)
    draft.change(state=State.RECOVERING, recovering_at=draft.now)
    draft.set_after(Timer.RECOVERY, draft.alert.plan.clocks.recovery_check)


def take_job(draft: Draft) -> None:
    """Somebody takes a job; the last to take it has it."""
    fact = acted(draft)
    job = str(fact.details["job"])
    draft.note("job_taken", job=job, person=fact.person)
    draft.change(jobs={**draft.alert.jobs, job: fact.person})


def classify(draft: Draft) -> None:
    """Somebody says what kind it is. It changes words, never the alarm."""
    kind = str(acted(draft).details["kind"])
    draft.note("classified", kind=kind, was=draft.alert.kind)
    draft.change(kind=kind)


def oxygen(draft: Draft) -> None:
    """Oxygen was put on or taken off."""
    on = bool(acted(draft).details["on"])
    draft.note("oxygen", on=on)
    since = draft.alert.care.oxygen_at if on and draft.alert.care.oxygen else draft.now
    _care(draft, oxygen=on, oxygen_at=since if on else None)


def naloxone(draft: Draft) -> None:
    """A dose was given: counted, and its reassess clock runs."""
    details = acted(draft).details
    count = draft.alert.care.naloxone + 1
    draft.note("naloxone", route=details.get("route"), dose_mg=details.get("dose_mg"), count=count)
    draft.set_after(Timer.REASSESS, draft.alert.plan.clocks.reassess)
    due = draft.alert.timers[Timer.REASSESS]
    _care(draft, naloxone=count, naloxone_at=draft.now, reassess_at=due)


def breathing(draft: Draft) -> None:
    """How the person breathes; in recovery it answers the check."""
    details = acted(draft).details
    draft.note("breathing", breathing=details["breathing"], awake=details["awake"])
    draft.end_timers(Timer.BREATHING)
    _care(draft, breathing=details["breathing"], awake=details["awake"])


def ems(draft: Draft) -> None:
    """What the emergency medical service said or did."""
    details = acted(draft).details
    draft.note("ems", ems=details["ems"], minutes=details.get("minutes"))
    draft.change(ems=str(details["ems"]), ems_minutes=details.get("minutes"), ems_at=draft.now)
    if draft.alert.line.live and line_steps.taken(draft):
        # Accepted is a human, whoever heard it: nobody needs to call by hand any more.
        line_steps.change(draft, by_hand=False)
        draft.end_timers(Timer.BY_HAND)
        line_acts.reached(draft)


def correct(draft: Draft) -> None:
    """A line that corrects an earlier one; nothing is overwritten."""
    draft.note("corrected", **acted(draft).details)


def mistake(draft: Draft) -> None:
    """The booth says it was a mistake: shown on screens, stops nothing."""
    draft.note("mistake_reported")
    draft.change(mistake=True)


def not_understood(draft: Draft) -> None:
    """A text we could not read. It is shown, and it is never an answer."""
    draft.note("not_understood", person=acted(draft).person)


def sounded(draft: Draft) -> None:
    """Other screens than before prove that they sound this alert."""
    fact = draft.fact
    assert isinstance(fact, Sounded)
    draft.note("sounding", screens=list(fact.screens), count=len(fact.screens))
    draft.change(sounding=fact.screens, moved=draft.alert.moved and not fact.screens)


def after_any_act(draft: Draft) -> None:
    """Any act by anybody shows that somebody is there: the quiet clock begins anew."""
    draft.change(acted=True)
    if draft.alert.state is not State.AT_BOOTH:
        return
    if draft.alert.ladder is Ladder.RUNNING and draft.alert.why is Why.QUIET:
        draft.stop()
    draft.end_timers(Timer.PROMPTED)
    draft.set_after(Timer.QUIET, draft.alert.plan.clocks.ems_prompt)


def acted(draft: Draft) -> Acted:
    """What somebody did."""
    fact = draft.fact
    assert isinstance(fact, Acted)
    return fact


def answered(draft: Draft, word: str) -> Acted:
    """Keep the answer: every person's latest, in the order of their first."""
    fact = acted(draft)
    person = fact.member()
    draft.note(word, person=fact.person, by=fact.via)
    answer = Answer(
        person=fact.person,
        name=person.name if person else fact.person.capitalize(),
        answer=word,
        at=draft.now,
        by=fact.via,
        counted=person is not None,
    )
    kept = {one.person: one for one in draft.alert.answers}
    kept[fact.person] = answer
    declined = draft.alert.declined
    if word != "cannot_go":
        declined = tuple(one for one in declined if one != fact.person)
    draft.change(answers=tuple(kept.values()), declined=declined)
    return fact


def _first_answer(draft: Draft) -> None:
    draft.change(first_answer_at=draft.alert.first_answer_at or draft.now)


def _stop_for(draft: Draft, person: str) -> None:
    """Stop a running ladder for this answer, unless somebody new is what it runs for."""
    alert = draft.alert
    wants_new = alert.why is Why.MORE_PEOPLE and person in alert.before_more
    if alert.ladder is Ladder.RUNNING and not wants_new:
        draft.stop()


def _start_arrival(draft: Draft) -> None:
    first = draft.alert.coming[0].since
    due = first + draft.alert.plan.delay(draft.alert.plan.clocks.arrival)
    draft.set_timer(Timer.ARRIVAL, due)


def _care(draft: Draft, **fields: Any) -> None:
    draft.change(care=replace(draft.alert.care, **fields))
