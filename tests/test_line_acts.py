"""The direct line on the machine alone: who may open it, and what its calls lead to in the end."""

from dataclasses import replace

import pytest

from alerts.alert import State, Timer
from alerts.events import Acted, By, Drill, What
from alerts.line import LegState, LineState
from alerts.orders import Decision
from alerts.site import DirectLine, Do, Rung
from tests.scene import EVERYONE, LINE_SITE, SITE, Story, in_state, pressed


def by_text(story: Story, what: What = What.OPEN_LINE, person: str = "sam") -> Decision:
    """This person texts it."""
    return story.take(Acted(story.scene(), By("phone", person), what, person, via="text"))


def said_back(decision: Decision) -> str | None:
    """The code of the sentence that goes back."""
    return decision.answer.code if decision.answer else None


def opened(line: DirectLine = LINE_SITE.line) -> Story:
    """Sam has opened the line at the booth, and the line phone is on."""
    story = in_state(State.AT_BOOTH, site=replace(LINE_SITE, line=line))
    story.act(What.OPEN_LINE)
    story.hears(What.LEG_UP, story.legs("line_phone")[0])
    return story


@pytest.mark.parametrize(
    ("fields", "problem", "code"),
    [
        ({"site": SITE}, "no_agreement", "A6n"),
        ({"site": replace(LINE_SITE, line=replace(LINE_SITE.line, agreement=""))},
         "no_agreement", "A6n"),
        ({"site": LINE_SITE, "phones": False}, "no_agreement", "A6n"),
        ({"site": LINE_SITE, "drill": Drill("full", "jo")}, "drill", "A6d"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_dialled_is_refused_with_the_number_to_call(
    fields: dict[str, object], problem: str, code: str
) -> None:
    story = pressed(**fields)
    before = story.alert
    decision = by_text(story)
    assert (decision.refused, said_back(decision)) == (problem, code)
    assert story.alert is before


def test_a_text_opens_the_line_once_and_people_as_often_as_they_want() -> None:
    story = pressed(site=LINE_SITE)
    assert said_back(by_text(story)) == "A6"
    assert said_back(by_text(story, person="kim")) == "A6"
    assert story.events("line_opened") == [{"opener": "sam", "number_index": None, "round": None}]
    story.act(What.END_LINE, "jo")
    decision = by_text(story)
    assert (decision.refused, said_back(decision)) == ("no_agreement", "A6e")
    assert len(story.events("line_opened")) == 1
    story.act(What.OPEN_LINE)
    assert [one["opener"] for one in story.events("line_opened")] == ["sam", "sam"]


def test_the_ladder_leaves_a_line_alone_that_somebody_has_opened() -> None:
    rungs = (*LINE_SITE.ladder, Rung(90, (Do.OPEN_LINE,)))
    story = pressed(site=replace(LINE_SITE, ladder=rungs))
    story.advance(85)
    story.act(What.OPEN_LINE)
    legs = story.alert.line.legs
    story.advance(5)
    assert story.rungs()[-1] == (90, 4)
    assert (len(story.events("line_opened")), story.alert.line.legs) == (1, legs)


def test_the_line_is_offered_to_coordinators_alone() -> None:
    rungs = (*LINE_SITE.ladder[:3], replace(LINE_SITE.ladder[3], who=EVERYONE))
    story = pressed(site=replace(LINE_SITE, ladder=rungs))
    story.advance(60)
    texts = dict(story.said("text", at=60))
    assert texts.pop("jo") == "S4"
    assert set(texts.values()) == {"S3"}
    calls = dict(story.said("call"))
    assert calls.pop("jo") == "call_question_line"
    assert set(calls.values()) == {"call_question"}


def test_one_more_phone_of_ours_is_rung_once() -> None:
    story = pressed(site=replace(LINE_SITE, line=replace(LINE_SITE.line, line_phone="")))
    story.act(What.OPEN_LINE)
    story.act(What.LINE_ADD, add="noor")
    story.act(What.LINE_ADD, add="noor")
    # The site has no phone for the line.
    story.act(What.LINE_ADD, add="line_phone")
    assert [leg.who for leg in story.alert.line.ours] == ["jo", "sam", "noor"]


def test_the_line_phone_is_rung_again_when_it_was_hung_up() -> None:
    story = opened()
    story.hears(What.LEG_OVER, story.legs("line_phone")[0])
    story.act(What.LINE_ADD, add="line_phone")
    assert len(story.legs("line_phone")) == 2


@pytest.mark.parametrize(
    ("picked_up", "word", "reason"),
    [
        (True, "completed", "dropped"),
        (False, "completed", "dropped"),
        (False, "busy", "busy"),
        (False, "no-answer", "no_answer"),
        (False, "canceled", "no_answer"),
        (False, "failed", "failed"),
        (False, "refused", "failed"),
    ],
)
def test_a_number_that_gives_no_human_says_why_and_the_next_is_dialled(
    picked_up: bool, word: str, reason: str
) -> None:
    story = opened()
    [call] = story.legs("control")
    if picked_up:
        story.hears(What.LEG_UP, call)
    story.hears(What.LEG_OVER, call, word)
    assert [one["reason"] for one in story.events("line_failed")] == [reason]
    assert [one["number_index"] for one in story.events("line_dialled")] == [0, 1]


def test_an_ambulance_that_was_accepted_ends_the_search_and_not_the_call_that_rings() -> None:
    story = opened()
    [call] = story.legs("control")
    story.advance(1)
    story.act(What.EMS, ems="accepted")
    assert Timer.BY_HAND not in story.alert.timers
    story.hears(What.LEG_RINGS, call)
    story.hears(What.LEG_UP, call)
    story.advance(60)
    # Nobody pressed a key through two plays: it is kept, and nobody else is dialled.
    assert [leg.state for leg in story.alert.line.control] == [LegState.KEPT]
    assert story.alert.line.live
    story.hears(What.LEG_OVER, call, "completed")
    assert story.alert.line.state is LineState.ENDED
    assert story.events("line_ended")[-1]["reason"] == "accepted"
    assert {Timer.LINE, Timer.BY_HAND}.isdisjoint(story.alert.timers)


def test_an_ambulance_accepted_while_only_our_own_phones_ring_ends_the_line() -> None:
    story = in_state(State.AT_BOOTH, site=LINE_SITE)
    story.act(What.OPEN_LINE)
    story.advance(1)
    story.act(What.EMS, ems="accepted")
    assert story.alert.line.state is LineState.ENDED
    assert story.events("line_ended")[-1]["reason"] == "accepted"
    assert not any(leg.live for leg in story.alert.line.legs)


def test_an_ambulance_of_the_very_moment_of_opening_ends_no_search() -> None:
    """What was first is not known then; that the line rings on is the lesser mistake."""
    story = opened()
    story.act(What.EMS, ems="accepted")
    assert story.alert.line.live
    assert Timer.BY_HAND in story.alert.timers
