"""What the phone network says of the calls of the direct line. A pick-up is not yet a human.

Our own side is rung first, and the control room's first number dialled as soon as one of us is on.
"""

from dataclasses import replace

from alerts import line_steps
from alerts.alert import Timer
from alerts.draft import Draft
from alerts.events import Reported
from alerts.line import CONTROL, Leg, LegState, LineState
from alerts.line_steps import BY_HAND_SECONDS
from alerts.orders import HangUp

TWO_PLAYS_SECONDS = 30
"""An answer without a key through two plays: it is kept, and the next number is dialled."""


def sent(draft: Draft) -> None:
    """The network took the call; one that nobody wants any more is ended as soon as it exists."""
    fact, leg = _reported(draft)
    attempt = fact.attempt
    who = leg.who if leg else attempt.person
    draft.note("call_placed", person=who, channel=attempt.channel, attempt=attempt.number)
    if leg is None or not leg.live or not draft.alert.line.live:
        draft.orders.append(HangUp(attempt.number))


def rings(draft: Draft) -> None:
    """The phone at the other end rings."""
    _, leg = _reported(draft)
    if leg is None or leg.state is not LegState.CALLING:
        return
    line_steps.put(draft, replace(leg, state=LegState.RINGING, since=draft.now))
    if leg.who == CONTROL:
        draft.note("line_ringing", number_index=leg.number, round=leg.round)
    else:
        draft.note("line_leg", leg=leg.attempt, who=leg.who, state=str(LegState.RINGING))
    line_steps.restate(draft)


def up(draft: Draft) -> None:
    """Somebody or something picked up. That is not yet a human."""
    _, leg = _reported(draft)
    if leg is None or leg.state not in {LegState.CALLING, LegState.RINGING}:
        return
    rang = draft.late_by(leg.since)
    line_steps.put(draft, replace(leg, state=LegState.ON, since=draft.now, ring_s=rang))
    if leg.who == CONTROL:
        draft.note("line_answered", number_index=leg.number, round=leg.round, ring_s=rang)
        draft.set_after(Timer.LINE, TWO_PLAYS_SECONDS)
    else:
        _one_is_on(draft, leg)
    line_steps.restate(draft)


def take_on(draft: Draft, who: str, attempt: int) -> None:
    """In a call that asked them to come somebody wants onto the line that is open already.

    Whoever is being rung for it anyway is on it as soon as they answer that.
    """
    if not any(leg.who == who and leg.live for leg in draft.alert.line.ours):
        leg = Leg(attempt, who, draft.now, LegState.ON)
        line_steps.put(draft, leg)
        _one_is_on(draft, leg)
        line_steps.restate(draft)


def _one_is_on(draft: Draft, leg: Leg) -> None:
    """One of us is on: the control room is dialled, and whoever waits for us there is let in."""
    draft.note("line_joined", leg=leg.attempt, who=leg.who)
    if not draft.alert.line.control:
        line_steps.dial(draft, 0, 1)
    for waiting in draft.alert.line.control:
        if waiting.picked_up and waiting.wants and not waiting.joined:
            draft.turn(waiting.attempt)


def keyed(draft: Draft) -> None:
    """A human at the control room pressed 1 (to speak), 2 (what is done) or 9 (accepted)."""
    fact, leg = _reported(draft)
    if leg is None or not leg.picked_up:
        return
    key = str(fact.reason)
    if leg.keyed:
        draft.note("line_key", number_index=leg.number, round=leg.round, key=key)
    line_steps.put(draft, replace(leg, wants=leg.wants or key == "1"))
    line_steps.reach(draft, leg.attempt, key=key)
    if not leg.keyed and not any(one.live for one in draft.alert.line.ours):
        _ring_again(draft)
    if key == "9" and draft.alert.ems is None:
        draft.note("ems", ems="accepted", minutes=None)
        draft.change(ems="accepted", ems_at=draft.now)
    line_steps.restate(draft)


def in_room(draft: Draft) -> None:
    """The call is in the room; `reason` is what the network calls it."""
    fact, leg = _reported(draft)
    if leg is None or not leg.live or leg.joined:
        return
    # Who is in the room has picked up, should the word of that be late.
    up(draft)
    line_steps.change(draft, room=fact.reason or draft.alert.line.room)
    leg = draft.alert.line.leg(leg.attempt) or leg
    line_steps.put(draft, replace(leg, joined=True))
    draft.note("line_in_room", leg=leg.attempt, who=leg.who)
    if leg.who == CONTROL and not any(one.picked_up for one in draft.alert.line.ours):
        # Whoever was on went while they came in: nobody may wait in an empty room unaware.
        _tell_site_lost(draft, leg.attempt)
    line_steps.restate(draft)
    if draft.alert.line.state is LineState.BRIDGED:
        for one in draft.alert.line.legs:
            if one.lost:
                line_steps.put(draft, replace(one, lost=False))
        if leg.who == CONTROL:
            line_steps.say_to_us(draft)
        else:
            # Who joins a dispatcher that is in the room already is told so too.
            draft.in_room(leg.attempt)


def out_of_room(draft: Draft) -> None:
    """The call left the room; whether it is over, the network says apart."""
    _, leg = _reported(draft)
    if leg is None or not leg.joined:
        return
    line_steps.put(draft, replace(leg, joined=False))
    draft.note("line_out_of_room", leg=leg.attempt, who=leg.who)
    line_steps.restate(draft)


def over(draft: Draft) -> None:
    """The call has ended, or never came to be."""
    fact, leg = _reported(draft)
    if leg is None or not leg.live:
        return
    reason = fact.reason or "completed"
    line_steps.put(
        draft, replace(leg, state=LegState.ENDED, joined=False, since=draft.now, reason=reason)
    )
    if not draft.alert.line.live:
        draft.note("line_left", leg=leg.attempt, who=leg.who, reason=reason)
    elif leg.who == CONTROL:
        _control_over(draft, leg, reason)
    else:
        _ours_over(draft, leg, reason)
    line_steps.restate(draft)


def _control_over(draft: Draft, leg: Leg, reason: str) -> None:
    if not leg.keyed:
        line_steps.note_failed(draft, leg, _failure(leg, reason))
        newest = draft.alert.line.control[-1].attempt == leg.attempt
        if newest or not any(one.live for one in draft.alert.line.control):
            line_steps.dial_next(draft)
        return
    if draft.alert.ems in line_steps.TAKEN:
        # They took it and rang off: that is an end, not a loss.
        line_steps.end(draft, "control_left")
        return
    line_steps.note_failed(draft, leg, "lost")
    line_steps.change(draft, reached_at=None)
    for one in draft.alert.line.ours:
        line_steps.put(draft, replace(one, lost=one.live))
    line_steps.say_to_us(draft)
    assert leg.number is not None
    assert leg.round is not None
    line_steps.dial(draft, leg.number, leg.round)
    draft.set_after(Timer.BY_HAND, BY_HAND_SECONDS)


def _ours_over(draft: Draft, leg: Leg, reason: str) -> None:
    draft.note("line_left", leg=leg.attempt, who=leg.who, reason=reason)
    line = draft.alert.line
    if not line.control and not any(one.live for one in line.ours):
        line_steps.dial(draft, 0, 1)
    # A phone of ours that never picked up is not rung over and over.
    if not leg.picked_up or any(one.picked_up for one in line.ours):
        return
    humans = [one for one in line.control if one.live and one.keyed]
    for one in humans:
        if one.joined:
            _tell_site_lost(draft, one.attempt)
    if humans:
        _ring_again(draft)


def _ring_again(draft: Draft) -> None:
    """A human waits and none of us is on: whoever is not being rung is rung, once."""
    line_steps.ring_our_side(draft, draft.scene.site.person(draft.alert.line.opener or ""))


def _tell_site_lost(draft: Draft, attempt: int) -> None:
    """They hear, once, that the site was lost and where to call back."""
    leg = draft.alert.line.leg(attempt)
    if leg is not None and not leg.lost:
        line_steps.put(draft, replace(leg, lost=True))
        draft.turn(attempt)


def _failure(leg: Leg, reason: str) -> str:
    """Why a call to the control room failed, in the words of the panel."""
    if leg.picked_up or reason == "completed":
        return "dropped"
    return {"no-answer": "no_answer", "busy": "busy", "canceled": "no_answer"}.get(reason, "failed")


def _reported(draft: Draft) -> tuple[Reported, Leg | None]:
    fact = draft.fact
    assert isinstance(fact, Reported)
    return fact, draft.alert.line.leg(fact.attempt.number)
