"""What follows from what the phone network says of a text or a call (`promises.md` 13 and 14).

A delivered text and a call that was picked up are never an answer. A refusal fails over at once.
"""

from collections.abc import Mapping

from alerts import ladder, says
from alerts.alert import Ladder
from alerts.draft import CALL, TEXT, Draft
from alerts.events import Reported, What
from alerts.orders import HangUp

NAMES: Mapping[tuple[str, What], str] = {
    (TEXT, What.SENT): "text_sent",
    (TEXT, What.DELIVERED): "text_delivered",
    (TEXT, What.REFUSED): "text_failed",
    (TEXT, What.EXPIRED): "text_failed",
    (CALL, What.SENT): "call_placed",
    (CALL, What.PICKED_UP): "call_answered",
    (CALL, What.RANG_OUT): "call_unanswered",
    (CALL, What.REFUSED): "call_failed",
    (CALL, What.EXPIRED): "call_failed",
}
"""What each word of the network is called in the log."""


def heard(draft: Draft) -> None:
    """The network's word is kept, and nothing follows. Not even a pick-up is an answer.

    A call that rings out is no refusal: the ladder keeps its own time.
    """
    fact = _fact(draft)
    attempt = fact.attempt
    known = {"reason": fact.reason, "code": fact.code}
    draft.note(
        NAMES[attempt.channel, fact.what],
        person=attempt.person,
        channel=attempt.channel,
        attempt=attempt.number,
        rung=attempt.rung,
        **{name: value for name, value in known.items() if value is not None},
    )


def sent(draft: Draft) -> None:
    """The network took it. A call that nobody wants any more is ended as soon as it exists."""
    heard(draft)
    attempt = _fact(draft).attempt
    unwanted = draft.alert.ladder is Ladder.STOPPED or attempt.stage == "dropped"
    if attempt.channel == CALL and attempt.asking and unwanted:
        draft.orders.append(HangUp(attempt.number))


def refused(draft: Draft) -> None:
    """The network will not reach this person so: call them, or else fire the next rung, now."""
    fact = _fact(draft)
    heard(draft)
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
    text = says.unreachable(draft.alert, draft.scene, name, by_call=attempt.channel == CALL)
    for person in draft.coordinators():
        if person.id != attempt.person:
            draft.send(TEXT, person, text)


def _fact(draft: Draft) -> Reported:
    fact = draft.fact
    assert isinstance(fact, Reported)
    return fact
