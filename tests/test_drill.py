"""Drills on the pure machine: what their plan leaves out, how they end and how they are scored."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts import drill, plain
from alerts.alert import State
from alerts.drill import Score
from alerts.events import Birth, By, Drill, Pressed, What
from alerts.site import Do
from dispatch.codec import alert_from_text, alert_to_text
from tests.scene import SITE, Story, in_state, pressed

FULL, BOOTH = Drill("full", "jo"), Drill("booth", "jo")
OPEN = [state for state in State if state is not State.CLOSED]


def test_a_full_drill_has_the_ladder_of_the_site_and_a_booth_drill_its_screens() -> None:
    full, booth = pressed(drill=FULL).alert.plan, pressed(drill=BOOTH).alert.plan
    real = pressed().alert.plan
    assert (full.rungs, full.repeat, full.clocks) == (real.rungs, real.repeat, real.clocks)
    assert [rung.do for rung in booth.rungs] == [(Do.SCREENS,)]
    assert (real.phones, full.phones, booth.phones) == (True, True, False)
    for story in (pressed(drill=FULL), pressed(drill=BOOTH), pressed()):
        assert alert_from_text(alert_to_text(story.alert)) == story.alert


@pytest.mark.parametrize("state", OPEN)
def test_a_booth_drill_reaches_no_phone_whatever_happens(state: State) -> None:
    story = in_state(state, drill=BOOTH)
    story.advance(8000)
    if state is not State.RECOVERING:
        story.press()
        story.act(What.MORE_PEOPLE)
    story.act(What.STAND_DOWN)
    assert story.sends == []


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize(("reason", "text"), [("stopped", "S7"), ("real_alert", "D2")])
def test_a_drill_ends_in_every_state_and_tells_those_it_asked(
    state: State, reason: str, text: str
) -> None:
    story = in_state(state, drill=FULL)
    asked = story.alert.asked
    story.stop_drill(reason, 7)
    assert (story.alert.state, story.alert.outcome) == (State.CLOSED, "drill")
    assert story.alert.timers == {}
    assert tuple(story.told(text)) == asked
    assert story.events("drill_ended") == [{"reason": reason, "person": None}]
    before = story.alert
    assert story.stop_drill("real_alert", 7).alert is before


def test_what_waits_is_dropped_and_what_rings_is_ended() -> None:
    waits = pressed(drill=FULL, takes=False)
    waits.stop_drill()
    assert waits.dropped == [1, 2]
    rings = pressed(drill=FULL)
    rings.advance(30)
    calls = [number for number, one in rings.attempts.items() if one.channel == "call"]
    rings.report(What.PICKED_UP, calls[0], stage="answered")
    stopped = replace(rings, attempts=dict(rings.attempts), hung_up=[])
    stopped.stop_drill()
    # Whoever listens may hear it out, unless the phone is wanted for a real alert.
    assert sorted(stopped.hung_up) == calls[1:]
    rings.stop_drill("real_alert", 7)
    assert sorted(rings.hung_up) == calls


@pytest.mark.parametrize("state", OPEN)
def test_a_real_alert_is_never_stopped_or_made_real(state: State) -> None:
    story = in_state(state)
    before = story.alert
    assert story.stop_drill("real_alert").refused == "drill"
    assert story.act(What.MAKE_REAL).refused == "drill"
    assert story.alert is before


@pytest.mark.parametrize("state", State)
def test_who_went_to_a_wrong_booth_is_noted_of_a_drill_and_moves_nothing(state: State) -> None:
    story = in_state(state, drill=FULL)
    before = story.alert
    assert story.act(What.WRONG_BOOTH, "jo", visits=2).refused is None
    assert story.events("wrong_booth") == [{"person": "jo", "visits": 2}]
    now = story.alert
    assert now == replace(before, seq=now.seq, version=now.version)
    real = in_state(state)
    assert real.act(What.WRONG_BOOTH, "jo", visits=2).refused == "drill"
    assert real.events("wrong_booth") == []


def test_a_drill_that_was_closed_is_never_opened_again() -> None:
    story = in_state(State.CLOSED, drill=FULL)
    assert story.events("drill_ended") == [{"reason": "closed", "person": "sam"}]
    assert story.act(What.REOPEN).refused == "drill"


def test_a_drill_that_cannot_be_decided_ends_and_one_that_begins_so_does_not() -> None:
    story = pressed(drill=FULL)
    fact = story.fact
    assert isinstance(fact, Pressed)
    decision = plain.without_machine(story.alert, fact, story.now)
    assert decision.alert.state is State.CLOSED
    assert decision.entries[0].data["reason"] == "failed"
    birth = Birth("alert", 47, drill=FULL)
    fact = Pressed(story.scene(), By("device", "tab"), "d", "tablet", 12, birth=birth)
    with pytest.raises(AssertionError, match="not begun"):
        plain.without_machine(None, fact, story.now)


SCORES: list[tuple[list[tuple[float, str, dict[str, Any]]], Score]] = [
    ([], Score(None, None, None, ("sam", "kim"))),
    ([(0.4, "sounding", {"count": 0}), (1.2346, "sounding", {"count": 2})], Score(
        1.235, None, None, ("sam", "kim")
    )),
    (
        [
            (3, "text_delivered", {"person": "kim"}),
            (4, "text_failed", {"person": "sam"}),
            (5, "call_answered", {"person": "sam"}),
            (6, "on_my_way", {"person": "guest"}),
            (7, "at_booth", {"person": "guest"}),
        ],
        Score(None, None, None, ("sam",)),
    ),
    (
        [
            (8, "cannot_go", {"person": "sam"}),
            (9, "on_my_way", {"person": "kim"}),
            (20, "at_booth", {"person": "kim"}),
            (30, "at_booth", {"person": "sam"}),
        ],
        Score(None, 9, 20, ()),
    ),
    ([(5, "at_booth", {"person": "noor"})], Score(None, 5, 5, ("sam", "kim"))),
    # What was counted last counts.
    ([(5, "wrong_booth", {"visits": 3}), (6, "wrong_booth", {"visits": 0})], Score(
        None, None, None, ("sam", "kim"), 0
    )),
]  # fmt: skip


@pytest.mark.parametrize(("told", "score"), SCORES)
def test_the_score(told: list[tuple[float, str, dict[str, Any]]], score: Score) -> None:
    alert = Story(site=SITE, drill=FULL).press().alert
    assert alert.asked == ("sam", "kim")
    lines = [(name, alert.raised_at + timedelta(seconds=at), data) for at, name, data in told]
    assert drill.score(alert, lines) == score
