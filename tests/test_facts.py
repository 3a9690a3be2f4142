"""What facts do to an alert: care, answers, presses, and every word of the phone network."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import says
from alerts.alert import State
from alerts.events import Acted, By, Drill, Reported, What
from alerts.site import Do, Repeat, Rung
from tests.scene import EVERYONE, LINE_SITE, SITE, Story, in_state, pressed, with_ladder

ACTS: dict[What, tuple[str, dict[str, object]]] = {
    What.TAKE_JOB: ("job_taken", {"job": "lead", "person": "sam"}),
    What.CLASSIFY: ("classified", {"kind": "overdose", "was": "unclear"}),
    What.OXYGEN: ("oxygen", {"on": True}),
    What.NALOXONE: ("naloxone", {"route": "nasal", "dose_mg": 1.8, "count": 1}),
    What.BREATHING: ("breathing", {"breathing": "slow", "awake": False}),
    What.EMS: ("ems", {"ems": "on_the_way", "minutes": 6}),
    What.CORRECT: ("corrected", {"of": 7, "field": "kind", "value": "overdose"}),
    What.MISTAKE: ("mistake_reported", {}),
    What.NOT_UNDERSTOOD: ("not_understood", {"person": "sam"}),
}


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
@pytest.mark.parametrize("what", ACTS)
def test_care_is_noted_in_every_open_state_and_stops_nothing(what: What, state: State) -> None:
    story = in_state(state)
    ladder = story.alert.ladder
    decision = story.act(what)
    name, data = ACTS[what]
    assert [(entry.name, entry.data) for entry in decision.entries] == [(name, data)]
    assert decision.entries[0].by == By("person", "sam")
    assert (decision.orders, story.state) == ((), (str(state), str(ladder)))


def test_what_was_done_is_shown_on_the_alert() -> None:
    story = in_state(State.AT_BOOTH)
    for what in (*ACTS, What.SAFE):
        story.act(what)
    alert = story.alert
    assert (alert.jobs, alert.kind, alert.ems) == ({"lead": "sam"}, "overdose", "on_the_way")
    assert (alert.care.oxygen, alert.care.naloxone) == (True, 1)
    assert (alert.care.breathing, alert.care.awake) == ("slow", False)
    assert alert.mistake
    story.sound("TV-1")
    assert story.events("sounding") == [{"screens": ["TV-1"], "count": 1}]
    assert story.alert.sounding == ("TV-1",)


def test_a_press_says_how_long_it_was_on_its_way() -> None:
    early = pressed()
    story = Story()
    story.press(pressed_at=story.now - timedelta(seconds=7.5), unknown_device=True)
    early.press(pressed_at=early.now + timedelta(hours=1))
    assert story.events("pressed")[0]["delayed_s"] == 7.5
    assert early.events("pressed_again")[0]["delayed_s"] == 0
    assert story.alert.unknown_device
    story.press()
    assert not story.alert.unknown_device


NETWORK = [
    ("text", What.SENT, "text_sent"),
    ("text", What.DELIVERED, "text_delivered"),
    ("text", What.EXPIRED, "text_failed"),
    ("call", What.SENT, "call_placed"),
    ("call", What.PICKED_UP, "call_answered"),
    ("call", What.RANG_OUT, "call_unanswered"),
    ("call", What.EXPIRED, "call_failed"),
]


@pytest.mark.parametrize(("channel", "what", "name"), NETWORK)
def test_a_word_of_the_network_is_kept_and_is_never_an_answer(
    channel: str, what: What, name: str
) -> None:
    story = pressed()
    story.advance(31)
    number = next(
        n
        for n, a in story.attempts.items()
        if (a.channel, a.rung) == (channel, 1 + (channel == "call"))
    )
    before = story.alert
    decision = story.report(what, number, code=30003)
    assert [entry.name for entry in decision.entries] == [name]
    assert decision.entries[0].data == {
        "person": "sam",
        "channel": channel,
        "attempt": number,
        "rung": 1 + (channel == "call"),
        "code": 30003,
    }
    assert decision.orders == ()
    assert replace(story.alert, seq=0, version=0) == replace(before, seq=0, version=0)


def test_a_refused_text_is_called_at_once_and_the_coordinator_is_told() -> None:
    story = pressed()
    story.advance(1)
    story.report(What.REFUSED, 1, code=21610)
    assert story.events("text_failed") == [
        {
            "person": "sam",
            "channel": "text",
            "attempt": 1,
            "rung": 0,
            "reason": "failed",
            "code": 21610,
        }
    ]
    assert story.called() == ["sam"]
    assert story.told("W4") == ["jo"]
    story.advance(14)
    text = next(n for n, a in story.attempts.items() if (a.person, a.rung) == ("sam", 1))
    story.report(What.REFUSED, text)
    # Sam is being called already, and the coordinator knows.
    assert (story.called(), story.told("W4")) == (["sam"], ["jo"])


def test_a_coordinator_is_not_texted_that_her_own_texts_are_refused() -> None:
    story = pressed()
    story.advance(15)
    text = next(n for n, a in story.attempts.items() if (a.person, a.rung) == ("jo", 1))
    story.report(What.REFUSED, text)
    assert (story.called(), story.told("W4")) == (["jo"], [])
    assert story.alert.unreachable == ("jo text",)


def test_a_refused_call_too_brings_the_next_rung_at_once() -> None:
    story = pressed()
    story.report(What.REFUSED, 1)
    call = max(n for n, a in story.attempts.items() if a.channel == "call")
    story.advance(2)
    story.report(What.REFUSED, call)
    assert story.rungs() == [(0, 0), (2, 1)]
    assert (story.told("W4"), story.told("W5")) == (["jo"], ["jo"])
    story.advance(15)
    assert story.rungs() == [(0, 0), (2, 1), (17, 2)]


def test_only_the_newest_rung_brings_the_next_one() -> None:
    site = with_ladder(*SITE.ladder, Rung(90, (Do.CALL,), EVERYONE), repeat=Repeat(2, 60))
    story = pressed(site=site)
    story.advance(31)
    for number in [n for n, a in story.attempts.items() if (a.channel, a.rung) == ("call", 2)]:
        story.report(What.REFUSED, number)
    assert story.rungs(since=30) == [(30, 2), (31, 3)]


def test_a_network_that_refuses_everything_climbs_at_once_but_never_spins() -> None:
    story = pressed()
    while story.attempts:
        story.report(What.REFUSED, min(story.attempts))
    assert story.rungs() == [(0, 0), (0, 1), (0, 2), (0, 3)]
    # The coordinator herself is not told that she is not reached; the screens are.
    assert {s.text.code for _, s in story.sends if s.person == "jo" and s.text} >= {
        "W4",
        "W5",
        "S4n",
    }
    assert set(story.alert.unreachable) == {f"{s.person} {s.channel}" for _, s in story.sends}
    story.advance(60)
    assert story.rungs()[4:] == [(60, 2)]


def test_a_refusal_for_somebody_who_left_the_site_brings_the_next_rung() -> None:
    story = pressed()
    story.site = replace(SITE, people=SITE.people[1:])
    story.report(What.REFUSED, 1)
    assert story.rungs() == [(0, 0), (0, 1)]


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNANSWERED])
def test_a_refusal_when_nobody_is_sought_is_only_kept(state: State) -> None:
    story = in_state(state)
    decision = story.report(What.REFUSED, 1)
    assert [entry.name for entry in decision.entries] == ["text_failed"]
    assert decision.orders == ()


def test_a_refused_confirmation_brings_nothing() -> None:
    story = pressed()
    story.act(What.STAND_DOWN)
    story.act(What.REOPEN)
    last = max(n for n, s in story.attempts.items() if not s.asking)
    assert story.report(What.REFUSED, last).orders == ()


def test_a_call_that_nobody_wants_any_more_is_ended_as_soon_as_it_exists() -> None:
    story = pressed(takes=False)
    story.advance(30)
    calls = [n for n, a in story.attempts.items() if a.channel == "call"]
    unwanted = replace(story.attempts[calls[0]], stage="dropped")
    story.take(Reported(story.scene(), What.SENT, unwanted))
    assert story.hung_up == calls[:1]
    story.report(What.SENT, calls[1], stage="sent")
    assert story.hung_up == calls[:1]
    late = story.attempts[calls[2]]
    story.answered("noor")
    story.take(Reported(story.scene(), What.SENT, late))
    assert story.hung_up == [calls[0], calls[1], calls[2]]


def test_the_second_person_is_told_who_is_first() -> None:
    story = pressed()
    first, second = (story.act(What.ON_MY_WAY, person).answer for person in ("sam", "kim"))
    assert first is not None
    assert second is not None
    assert (first.code, second.code) == ("A1", "A2")
    assert second.slots["first"] == "Sam"
    here = story.act(What.AT_BOOTH, "kim").answer
    assert here is not None
    assert here.code == "A3"


def test_every_answer_is_kept_each_persons_latest_in_the_order_of_their_first() -> None:
    story = pressed()
    for what, person in (
        (What.ON_MY_WAY, "sam"),
        (What.CANNOT_GO, "kim"),
        (What.AT_BOOTH, "sam"),
        (What.ON_MY_WAY, "kim"),
    ):
        story.act(what, person)
        story.advance(1)
    assert [(a.person, a.name, a.answer) for a in story.alert.answers] == [
        ("sam", "Sam", "at_booth"),
        ("kim", "Kim", "on_my_way"),
    ]
    assert story.alert.declined == ()
    assert story.alert.first_answer_at == story.alert.raised_at


def test_somebody_who_is_there_can_not_be_on_the_way_as_well() -> None:
    story = in_state(State.AT_BOOTH)
    story.act(What.ON_MY_WAY)
    assert (story.alert.there, story.alert.coming) == (("sam",), ())


def test_an_act_says_who_and_by_what() -> None:
    story = pressed()
    fact = Acted(story.scene(), By("phone", "sam"), What.ON_MY_WAY, "sam", "text")
    story.take(fact)
    assert story.log[-1][1].by == By("phone", "sam")
    assert story.events("on_my_way") == [{"person": "sam", "by": "text"}]
    assert fact.member() == SITE.people[0]


def test_an_act_says_when_it_was_done_if_somebody_said_so() -> None:
    story = pressed()
    at = story.now - timedelta(minutes=2)
    story.take(
        Acted(story.scene(), By("person", "sam"), What.OXYGEN, "sam", at=at, details={"on": True})
    )
    assert story.events("oxygen") == [{"on": True, "at": "2026-11-23T14:01:27.000Z"}]


def test_an_alert_is_due_at_the_seconds_of_its_own_rungs() -> None:
    story = pressed()
    story.site = replace(SITE, ladder=(Rung(0, ()), *(Rung(50, ()),) * 3))
    story.advance(60)
    assert [rung for _, rung in story.rungs()] == [0, 1, 2, 3]
    assert story.alert.due(2) == story.alert.raised_at + timedelta(seconds=120)
    assert (story.alert.asking, story.alert.open) == (True, True)
    story.act(What.CLOSE)
    assert (story.alert.asking, story.alert.open) == (False, False)


def test_what_is_said_back_to_texts_that_move_nothing() -> None:
    story = pressed()
    said = [
        says.not_understood(story.alert, story.scene()),
        says.line_refused(story.alert, story.scene()),
    ]
    story.act(What.CLOSE)
    over = says.over(story.alert, story.scene())
    assert [text.code for text in (*said, over)] == ["U1", "A6n", "U4"]
    assert over.slots["time"] == "14:03"


def test_a_single_nine_opens_nothing_and_says_how_or_whom_to_call() -> None:
    drill, without = pressed(site=LINE_SITE, drill=Drill("full", "jo")), pressed()
    story = pressed(site=LINE_SITE)
    said = [says.nine(one.alert, one.scene()).code for one in (story, without, drill)]
    assert said == ["A5", "A6n", "A6d"]
