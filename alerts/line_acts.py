"""What people, the ladder and its timers do to the direct line (`wire.md`, actions)."""

from dataclasses import replace

from alerts import line_calls, line_steps, says
from alerts.alert import Timer
from alerts.draft import Draft
from alerts.events import Acted
from alerts.line import LINE_PHONE, LegState


def open_line(draft: Draft) -> None:
    """Somebody opens the line; one that is open stays as it is."""
    fact = _acted(draft)
    alert = draft.alert
    if not line_steps.can_dial(alert) or not draft.scene.phones:
        draft.refused = "drill" if alert.drill else "no_agreement"
        draft.answer = says.line_refused(alert, draft.scene)
        return
    if fact.via == "text" and alert.line.by_text and not alert.line.live:
        draft.refused = "no_agreement"
        draft.answer = says.line_was_open(alert, draft.scene)
        return
    draft.answer = says.line_opening(alert, draft.scene)
    if alert.line.live:
        if fact.attempt is not None and (member := fact.member()) is not None:
            line_calls.take_on(draft, member.id, fact.attempt)
        return
    if fact.via == "text":
        line_steps.change(draft, by_text=True)
    line_steps.begin(draft, fact.member(), fact.person, on_by=fact.attempt)


def open_by_itself(draft: Draft) -> None:
    """The ladder opens the line: once per alert, and never for unknown devices alone."""
    alert = draft.alert
    never = alert.unknown_device or alert.line.by_itself or alert.line.live
    if not never and line_steps.can_dial(alert) and draft.scene.phones:
        line_steps.change(draft, by_itself=True)
        line_steps.begin(draft, None, None)


def due(draft: Draft) -> None:
    """The newest number has had its time, or nobody of us came on in time: dial on."""
    line = draft.alert.line
    draft.end_timers(Timer.LINE)
    newest = line.control[-1] if line.control else None
    if newest is None:
        line_steps.dial(draft, 0, 1)
    elif newest.state is LegState.ON:
        line_steps.put(
            draft, replace(newest, state=LegState.KEPT, since=draft.now, reason="no_key")
        )
        line_steps.note_failed(draft, newest, "no_key")
        line_steps.dial_next(draft)
    else:
        line_steps.end_leg(draft, newest, "no_answer")
        line_steps.note_failed(draft, newest, "no_answer")
        line_steps.dial_next(draft)
    line_steps.restate(draft)


def by_hand_due(draft: Draft) -> None:
    """So long without a human: the number to call by hand fills the screens."""
    line_steps.by_hand(draft)


def reached(draft: Draft) -> None:
    """Staff say that a human talks at the other end: of a call that was picked up, never another.

    Whoever is in the room is the one they hear; the newest call may be of a number that still
    rings.
    """
    talking = [leg for leg in draft.alert.line.control if leg.picked_up]
    if not _is_open(draft) or not talking:
        return
    heard = max(talking, key=lambda leg: (leg.joined, leg.attempt))
    line_steps.reach(draft, heard.attempt, person=_acted(draft).person)
    line_steps.restate(draft)


def accepted(draft: Draft) -> None:
    """The ambulance has taken it, on the line or by another call: nobody needs to call any more.

    Accepted is a human, whoever heard it. A call to the control room that is there already goes
    on; while none is, there is nothing left to ring anybody for.
    """
    if not line_steps.taken(draft):
        return
    line_steps.change(draft, by_hand=False)
    draft.end_timers(Timer.BY_HAND)
    line = draft.alert.line
    if line.live and line.control:
        reached(draft)
    elif line.live:
        line_steps.end(draft, "accepted")


def talk(draft: Draft) -> None:
    """Cut the recording: the control room joins the room now, whoever or whatever picked up."""
    talking = [leg for leg in draft.alert.line.control if leg.picked_up and not leg.joined]
    if not _is_open(draft) or not talking:
        return
    line_steps.put(draft, replace(talking[-1], wants=True))
    draft.note("line_talk", leg=talking[-1].attempt, person=_acted(draft).person)
    draft.turn(talking[-1].attempt)


def mute(draft: Draft) -> None:
    """Mute the phone of whoever acts, or let it speak again."""
    fact = _acted(draft)
    muted = bool(fact.details["muted"])
    if not _is_open(draft):
        return
    for leg in draft.alert.line.ours:
        if leg.who == fact.person and leg.picked_up and leg.muted != muted:
            line_steps.put(draft, replace(leg, muted=muted))
            draft.note("line_muted", leg=leg.attempt, who=leg.who, muted=muted)
            draft.in_room(leg.attempt, muted=muted)


def add(draft: Draft) -> None:
    """Ring one more phone of ours: a person's, or the line phone."""
    who = str(_acted(draft).details["add"])
    line = draft.alert.line
    if not _is_open(draft) or any(leg.who == who and leg.live for leg in line.ours):
        return
    person = draft.scene.site.person(who)
    phone = draft.alert.plan.line.line_phone
    if person is not None:
        line_steps.ring(draft, who, person.phone, person.language)
    elif who == LINE_PHONE and phone:
        line_steps.ring(draft, who, phone, draft.scene.site.language)


def end_line(draft: Draft) -> None:
    """Somebody ends the line: a name and a PIN."""
    if not _is_open(draft):
        return
    draft.pin = True
    if _acted(draft).member() is None:
        draft.refused = "not_allowed"
        return
    line_steps.end(draft, "ended")


def _is_open(draft: Draft) -> bool:
    """Whether the line is open; an act on one that can not be is refused, on an ended one void."""
    if not line_steps.can_dial(draft.alert):
        draft.refused = "drill" if draft.alert.drill else "no_agreement"
    return draft.alert.line.live


def _acted(draft: Draft) -> Acted:
    fact = draft.fact
    assert isinstance(fact, Acted)
    return fact
