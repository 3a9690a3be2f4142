"""The steps of the direct line that its acts and calls share: ring, dial on, reach, end.

The numbers are those the alert copied at its press, and a drill has none: nothing here asks
whether it is one. Source: `wire.md`, the line; `screens.md` 2.6; `promises.md` 16.
"""

from dataclasses import replace
from typing import Any

from alerts import says
from alerts.alert import Alert, Timer
from alerts.draft import CALL, CONTROL_CALL, LEG, TEXT, Draft
from alerts.line import CONTROL, LINE_PHONE, Leg, LegState, Line, LineState
from alerts.site import Person

BY_HAND_SECONDS = 45
"""So long after opening without a human, the number to call by hand fills the screens."""
RING_SLACK_SECONDS = 6
"""The network rings a little longer than asked; past this its word is not waited for."""
OWN_RING_SECONDS = 20
TAKEN = frozenset({"accepted", "on_the_way", "arrived", "left"})
"""What the emergency medical service says once it has taken the alert."""
HELD = frozenset({LineState.ANSWERED, LineState.CONFIRMED, LineState.BRIDGED})
"""An alert may not end while its line stands so."""


def can_dial(alert: Alert) -> bool:
    """Whether there is an agreement, and a number that it is about."""
    return bool(alert.plan.line.agreement and alert.plan.line.numbers)


def begin(
    draft: Draft, opener: Person | None, opener_id: str | None, on_by: int | None = None
) -> None:
    """Ring our side together. `on_by` is the call in which the opener is on already."""
    opening = draft.alert.line.opening + 1
    kept = draft.alert.line
    draft.change(
        line=Line(
            state=LineState.JOINING,
            since=draft.now,
            opening=opening,
            opener=opener_id,
            opened_at=draft.now,
            by_itself=kept.by_itself,
            by_text=kept.by_text,
        )
    )
    draft.note("line_opened", opener=opener_id, number_index=None, round=None)
    if on_by is not None and opener is not None:
        put(draft, Leg(on_by, opener.id, draft.now, LegState.ON))
        draft.note("line_joined", leg=on_by, who=opener.id)
    ring_our_side(draft, opener)
    draft.set_after(Timer.BY_HAND, BY_HAND_SECONDS)
    if on_by is not None:
        dial(draft, 0, 1)
    else:
        draft.set_after(Timer.LINE, draft.alert.plan.line.join)


def ring_our_side(draft: Draft, opener: Person | None) -> None:
    """The line phone, the coordinators and whoever opened it, each phone once."""
    phone = draft.alert.plan.line.line_phone
    wanted = [(LINE_PHONE, phone, draft.scene.site.language)] if phone else []
    wanted += [(one.id, one.phone, one.language) for one in draft.coordinators()]
    if opener is not None:
        wanted.append((opener.id, opener.phone, opener.language))
    on = {leg.who for leg in draft.alert.line.ours if leg.live}
    rung: set[str] = set()
    for who, to, language in wanted:
        if who not in on and to not in rung:
            rung.add(to)
            ring(draft, who, to, language)


def ring(draft: Draft, who: str, to: str, language: str) -> None:
    """Ring one of us. A call that asks them to come would keep their phone busy: it ends."""
    draft.supersede(CALL, who)
    for attempt in draft.scene.attempts:
        if attempt.person == who and attempt.channel == CALL and attempt.asking:
            draft.give_up(attempt.number, attempt.stage)
    number = draft.ring(LEG, who, to, language, OWN_RING_SECONDS)
    put(draft, Leg(number, who, draft.now))
    draft.note("line_leg", leg=number, who=who, state=str(LegState.CALLING))


def dial(draft: Draft, number: int, round_: int) -> None:
    """Dial this number of the control room."""
    plan = draft.alert.plan.line
    language = plan.language or draft.scene.site.language
    attempt = draft.ring(CONTROL_CALL, CONTROL, plan.numbers[number], language, plan.ring)
    put(draft, Leg(attempt, CONTROL, draft.now, number=number, round=round_))
    change(draft, number=number, round=round_)
    draft.note("line_dialled", leg=attempt, number_index=number, round=round_)
    draft.set_after(Timer.LINE, plan.ring + RING_SLACK_SECONDS)
    restate(draft)


def dial_next(draft: Draft) -> None:
    """Dial the number after the newest one; nobody does so while a human is on the line."""
    draft.end_timers(Timer.LINE)
    assert not human(draft)
    if taken(draft):
        # A call that was picked up is kept; nobody else is rung for what was accepted already.
        if not any(leg.live for leg in draft.alert.line.control):
            end(draft, "accepted")
        return
    following = next_number(draft.alert)
    before = draft.alert.line.round or 1
    if following is None or following[1] > before:
        by_hand(draft)
    if following is not None:
        dial(draft, *following)
    elif not any(leg.live for leg in draft.alert.line.control):
        not_reached(draft)


def next_number(alert: Alert) -> tuple[int, int] | None:
    """The place of the number to dial after the newest one, and its round; None after the last.

    A number that still has a call of this alert is passed over.
    """
    line, plan = alert.line, alert.plan.line
    taken = {leg.number for leg in line.control if leg.live}
    count = len(plan.numbers)
    done = 0 if line.number is None else ((line.round or 1) - 1) * count + line.number + 1
    for place in range(done, count * plan.rounds):
        if place % count not in taken:
            return place % count, place // count + 1
    return None


def not_reached(draft: Draft) -> None:
    """Every number, every round, and no human: whoever opened it is told to call by hand."""
    line = draft.alert.line
    draft.note("line_not_reached", number_index=line.number, round=line.round)
    change(draft, state=LineState.NOT_REACHED, since=draft.now)
    for leg in line.ours:
        # Who is on hears it; a call that still rings has nothing more to say.
        if leg.picked_up:
            draft.turn(leg.attempt)
        elif leg.live:
            end_leg(draft, leg, "not_reached")
    people = draft.people({line.opener} if line.opener else ()) or draft.coordinators()
    for person in people:
        draft.send(TEXT, person, says.line_not_reached(draft.alert, draft.scene))


def by_hand(draft: Draft) -> None:
    """From now on the number to call by hand fills the screens, until a human is reached."""
    line = draft.alert.line
    draft.end_timers(Timer.BY_HAND)
    if not line.by_hand and not taken(draft):
        draft.note("line_by_hand")
        change(draft, by_hand=True)


def end_with_alert(draft: Draft) -> bool:
    """The alert ends, and a line that has reached nobody with it; False when it may not."""
    line = draft.alert.line
    if line.live and line.state in HELD:
        draft.refused = "line_open"
        return False
    if line.live:
        end(draft, "alert_ended")
    return True


def end(draft: Draft, reason: str) -> None:
    """End an open line and every call of it."""
    line = draft.alert.line
    draft.note("line_ended", number_index=line.number, round=line.round, reason=reason)
    for leg in line.legs:
        if leg.live:
            end_leg(draft, leg, reason)
    draft.end_timers(Timer.LINE, Timer.BY_HAND)
    change(draft, state=LineState.ENDED, since=draft.now, by_hand=False)


def end_leg(draft: Draft, leg: Leg, reason: str) -> None:
    """This call is not wanted any more, wherever it is."""
    stage = next((a.stage for a in draft.scene.attempts if a.number == leg.attempt), "sent")
    draft.give_up(leg.attempt, stage)
    ended = replace(leg, state=LegState.ENDED, joined=False, since=draft.now, reason=reason)
    put(draft, ended)


def reach(draft: Draft, attempt: int, **how: Any) -> None:
    """A human is on this call: nobody else is wanted, and nobody needs to call by hand."""
    line = draft.alert.line
    leg = line.leg(attempt)
    assert leg is not None
    if not leg.keyed:
        put(draft, replace(leg, keyed=True))
        draft.note("line_confirmed", number_index=leg.number, round=leg.round, **how)
    # The line is with this number now, also where a later one is being rung.
    change(draft, number=leg.number, round=leg.round)
    change(draft, reached_at=draft.alert.line.reached_at or draft.now, by_hand=False)
    draft.end_timers(Timer.LINE, Timer.BY_HAND)
    for other in line.control:
        if other.attempt != attempt and other.live and not other.keyed:
            end_leg(draft, other, "not_needed")


def human(draft: Draft) -> bool:
    """Whether a human at the control room is on the line."""
    return any(leg.live and leg.keyed for leg in draft.alert.line.control)


def taken(draft: Draft) -> bool:
    """Whether the ambulance was accepted since the line was opened, on it or by another call."""
    alert = draft.alert
    since = alert.line.opened_at
    if alert.ems not in TAKEN or alert.ems_at is None or since is None:
        return False
    return alert.ems_at > since


def say_to_us(draft: Draft) -> None:
    """Everybody of ours who is in the room hears where the line stands."""
    for leg in draft.alert.line.ours:
        if leg.joined:
            draft.in_room(leg.attempt)


def note_failed(draft: Draft, leg: Leg, reason: str) -> None:
    """This number of the control room gave no human, why, and how long it rang."""
    rings = leg.state is LegState.RINGING
    draft.note(
        "line_failed",
        number_index=leg.number,
        round=leg.round,
        reason=reason,
        ring_s=draft.late_by(leg.since) if rings else leg.ring_s or 0.0,
    )


def restate(draft: Draft) -> None:
    """The state of an open line, from its calls; the moment it changed is kept."""
    line = draft.alert.line
    state = standing(line) if line.live else line.state
    if state is line.state:
        return
    change(draft, state=state, since=draft.now)
    if state is LineState.BRIDGED:
        draft.note("line_bridged", number_index=line.number, round=line.round)


def standing(line: Line) -> LineState:
    """Where an open line stands, from its calls alone. Only a human makes it reached."""
    control = line.control
    live = [leg for leg in control if leg.live]
    if any(leg.keyed for leg in live):
        together = any(leg.keyed and leg.joined for leg in live)
        ours = any(leg.joined for leg in line.ours)
        return LineState.BRIDGED if together and ours else LineState.CONFIRMED
    if control and control[-1].state is LegState.RINGING:
        return LineState.RINGING
    if any(leg.picked_up for leg in live):
        return LineState.ANSWERED
    # Being dialled is nothing yet: the first number's stands as joining, the next one's as failed.
    return (
        LineState.JOINING if len(control) <= 1 and len(live) == len(control) else LineState.FAILED
    )


def put(draft: Draft, leg: Leg) -> None:
    """Keep this call as it is now, in its place or as the newest."""
    legs = {one.attempt: one for one in draft.alert.line.legs}
    legs[leg.attempt] = leg
    change(draft, legs=tuple(legs.values()))


def change(draft: Draft, **fields: Any) -> None:
    """Change fields of the line."""
    draft.change(line=replace(draft.alert.line, **fields))
