"""What follows from what the phone network says of a text or a call (`promises.md` 13 and 14).

A delivered text and a call that was picked up are never an answer. A refusal fails over at once.
"""

from alerts import ladder, says
from alerts.alert import Ladder
from alerts.clocks import coordinators
from alerts.draft import CALL, TEXT, Draft
from alerts.events import Reported
from alerts.orders import HangUp


def sent(draft: Draft) -> None:
    """The network took it. A call that nobody wants any more is ended as soon as it exists."""
    attempt = _fact(draft).attempt
    _note(draft, "text_sent" if attempt.channel == TEXT else "call_placed")
    unwanted = draft.alert.ladder is Ladder.STOPPED or attempt.stage == "dropped"
    if attempt.channel == CALL and attempt.asking and unwanted:
        draft.orders.append(HangUp(attempt.number))


def delivered(draft: Draft) -> None:
    """The text reached the phone, which is not the same as a person."""
    _note(draft, "text_delivered")


def picked_up(draft: Draft) -> None:
    """Somebody, or a voicemail, picked up."""
    _note(draft, "call_answered")


def rang_out(draft: Draft) -> None:
    """The call ended without a key: busy, no answer or nobody pressed. Not a refusal."""
    _note(draft, "call_unanswered")


def expired(draft: Draft) -> None:
    """It could not be handed over in time; the ladder keeps its own time."""
    _note(draft, _failed(draft))


def refused_quietly(draft: Draft) -> None:
    """A refusal when nobody is sought any more: kept in the log."""
    _note(draft, _failed(draft))


def refused(draft: Draft) -> None:
    """The network will not reach this person so: call them, or else fire the next rung, now."""
    fact = _fact(draft)
    _note(draft, _failed(draft))
    attempt = fact.attempt
    if not attempt.asking or draft.alert.ladder is Ladder.STOPPED:
        return
    _tell_coordinators(draft)
    person = draft.scene.site.person(attempt.person)
    if attempt.channel == TEXT and person is not None:
        if not _is_called(draft, person.id):
            ladder.call(draft, person, attempt.rung)
        return
    # Only the newest rung hurries the next one, and never past the end of a loop: a network that
    # refuses everything must not spin the ladder.
    if attempt.rung == draft.alert.last_rung and not ladder.at_loop_end(draft):
        ladder.hurry(draft)


def _is_called(draft: Draft, person: str) -> bool:
    return any(
        attempt.channel == CALL and attempt.person == person and attempt.stage != "dropped"
        for attempt in draft.scene.attempts
    )


def _tell_coordinators(draft: Draft) -> None:
    attempt = _fact(draft).attempt
    known = f"{attempt.person} {attempt.channel}"
    if known in draft.alert.unreachable:
        return
    draft.change(unreachable=(*draft.alert.unreachable, known))
    name = next((p.name for p in draft.scene.site.people if p.id == attempt.person), "")
    text = says.unreachable(draft.scene, name, by_call=attempt.channel == CALL)
    for person in coordinators(draft):
        if person.id != attempt.person:
            draft.send(TEXT, person, text)


def _failed(draft: Draft) -> str:
    return "text_failed" if _fact(draft).attempt.channel == TEXT else "call_failed"


def _fact(draft: Draft) -> Reported:
    fact = draft.fact
    assert isinstance(fact, Reported)
    return fact


def _note(draft: Draft, name: str) -> None:
    fact = _fact(draft)
    attempt = fact.attempt
    why: dict[str, object] = {}
    if fact.reason is not None:
        why["reason"] = fact.reason
    if fact.code is not None:
        why["code"] = fact.code
    draft.note(
        name,
        person=attempt.person,
        channel=attempt.channel,
        attempt=attempt.number,
        rung=attempt.rung,
        **why,
    )
