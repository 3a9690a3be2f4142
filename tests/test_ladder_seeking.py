"""The ladder, exactly: the rows in which people are sought again, each as a story."""

from dataclasses import replace

import pytest

from alerts.alert import State, Timer
from alerts.events import What
from alerts.site import Do, Repeat, Rung
from tests.scene import (
    EVERYONE,
    SITE,
    in_state,
    pressed,
    with_ladder,
)

ALL = ["sam", "kim", "noor", "jo", "alex"]
RUNNING = {
    state: (str(state), "running") for state in (State.UNANSWERED, State.ON_THE_WAY, State.AT_BOOTH)
}


def test_when_the_arrival_clock_ends_the_alarm_sounds_again() -> None:
    story = pressed().answered("sam", "kim")
    story.advance(30)
    assert story.state == ("unanswered", "running")
    assert story.events("not_arrived") == [{"people": ["kim", "sam"]}]
    assert story.rungs() == [(0, 0), (30, 2)]
    assert story.told("S6") == ["sam", "kim"]
    assert {send.asking for _, send, _ in story.sent("S6")} == {True}
    assert story.called() == ALL
    story.advance(30)
    assert story.rungs(since=31) == [(60, 3)]


@pytest.mark.parametrize("state", [State.ON_THE_WAY, State.AT_BOOTH])
def test_cannot_go_of_the_last_one_sounds_the_alarm_again(state: State) -> None:
    story = in_state(state)
    at = story.elapsed
    decision = story.act(What.CANNOT_GO)
    assert decision.answer is not None
    assert decision.answer.code == "A9"
    assert story.events("cannot_go") == [{"person": "sam", "by": "tablet"}]
    assert story.state == ("unanswered", "running")
    assert story.rungs(since=at) == [(at, 2)]
    assert set(story.alert.timers) == {Timer.RUNG}


def test_cannot_go_of_one_of_two_at_the_booth_changes_nothing() -> None:
    story = in_state(State.AT_BOOTH)
    story.act(What.AT_BOOTH, "kim")
    decision = story.act(What.CANNOT_GO, "sam")
    assert decision.answer is not None
    assert decision.answer.code == "A8"
    assert (story.state, story.alert.there) == (("at_booth", "stopped"), ("kim",))


def test_cannot_go_of_the_last_at_the_booth_leaves_it_to_those_still_coming() -> None:
    story = in_state(State.AT_BOOTH)
    story.answered("kim")
    story.advance(100)
    story.act(What.CANNOT_GO, "sam")
    assert story.state == ("on_the_way", "stopped")
    # Kim has been coming for much longer than the arrival clock allows.
    story.advance(0)
    assert story.state == ("unanswered", "running")
    assert story.events("not_arrived") == [{"people": ["kim"]}]


def test_cannot_go_of_everybody_asked_so_far_brings_the_next_rung_now() -> None:
    story = pressed()
    story.advance(2)
    assert story.act(What.CANNOT_GO, "sam").answer == story.act(What.CANNOT_GO, "sam").answer
    assert story.rungs() == [(0, 0)]
    story.advance(3)
    decision = story.act(What.CANNOT_GO, "kim")
    assert decision.answer is not None
    assert decision.answer.code == "A8n"
    assert story.state == ("unanswered", "running")
    story.advance(45)
    # Rung 1 came 10 s early and the later ones keep their distances.
    assert story.rungs() == [(0, 0), (5, 1), (20, 2), (50, 3)]


def test_saying_no_again_does_not_spin_the_ladder() -> None:
    story = pressed()
    story.advance(15)
    for person in [*ALL, *ALL, *ALL]:
        story.act(What.CANNOT_GO, person)
    assert story.rungs() == [(0, 0), (15, 1), (15, 2)]


@pytest.mark.parametrize("state", [State.UNANSWERED, State.ON_THE_WAY, State.AT_BOOTH])
def test_more_people_runs_from_where_the_ladder_repeats(state: State) -> None:
    story = in_state(state)
    at = story.elapsed
    answer = story.act(What.MORE_PEOPLE).answer
    assert answer is not None
    assert answer.code == "A4"
    assert story.events("more_people") == [{"person": "sam", "by": "tablet"}]
    assert story.state == RUNNING[state]
    assert story.rungs(since=at)[-1] == (at, 2)
    expected = ALL if state is State.UNANSWERED else ALL[1:]
    assert story.called(since=at) == expected


def test_more_people_stops_at_the_next_answer_of_somebody_new() -> None:
    story = in_state(State.AT_BOOTH)
    story.answered("kim")
    story.act(What.MORE_PEOPLE)
    story.answered("kim")
    story.act(What.AT_BOOTH, "sam")
    story.act(What.CANNOT_GO, "noor")
    story.act(What.OXYGEN, "sam")
    assert story.state == ("at_booth", "running")
    story.answered("noor")
    assert story.state == ("at_booth", "stopped")


def test_more_people_wants_somebody_new_also_where_the_ladder_ran_already() -> None:
    story = in_state(State.AT_BOOTH)
    story.press()
    story.advance(5)
    story.act(What.MORE_PEOPLE)
    story.act(What.AT_BOOTH, "sam")
    assert story.state == ("at_booth", "running")
    story.answered("kim")
    assert story.state == ("at_booth", "stopped")


def test_more_people_again_and_again_never_puts_a_rung_off() -> None:
    story = in_state(State.AT_BOOTH)
    at = story.elapsed
    for _ in range(5):
        story.act(What.MORE_PEOPLE)
        story.advance(8)
    assert [(when - at, rung) for when, rung in story.rungs(since=at)] == [
        *((0, 2), (8, 2), (16, 2), (24, 2), (30, 3)),
        (32, 2),
    ]


def test_a_long_ladder_fires_again_what_it_fired_since_where_it_repeats() -> None:
    site = with_ladder(*SITE.ladder, Rung(90, (Do.CALL,), EVERYONE), repeat=Repeat(1, 60))
    story = pressed(site=site)
    story.advance(70)
    story.act(What.MORE_PEOPLE, "jo")
    story.advance(20)
    assert story.rungs(since=61) == [(70, 1), (70, 2), (70, 3), (90, 4)]


def test_without_a_screen_the_first_rung_that_calls_is_due_at_once() -> None:
    story = pressed()
    story.advance(2)
    story.lose_screens()
    assert story.rungs() == [(0, 0), (2, 1), (2, 2)]
    assert [data["late_s"] for data in story.events("rung_reached")] == [0, 0, 0]
    assert story.called() == ALL
    assert story.said("text", since=1) == [(person, "S3") for person in ALL]
    # Once a loop, and later rungs keep their distances.
    story.lose_screens()
    story.advance(30)
    assert story.rungs(since=3) == [(32, 3)]
    # The pause between two loops is cut short only once, until a screen has sounded it again.
    story.lose_screens()
    assert story.rungs(since=32) == [(32, 3)]
    story.sound("TV-1")
    story.sound()
    story.lose_screens()
    story.lose_screens()
    assert story.rungs(since=32) == [(32, 3), (32, 2)]


def test_want_of_a_screen_moves_nothing_that_has_called_already() -> None:
    story = pressed()
    story.advance(31)
    before = story.alert
    decision = story.lose_screens()
    assert (decision.alert, decision.entries) == (before, ())
    assert decision.alert is before


@pytest.mark.parametrize(
    "state", [State.ON_THE_WAY, State.AT_BOOTH, State.RECOVERING, State.CLOSED]
)
def test_want_of_a_screen_counts_only_while_nobody_has_answered(state: State) -> None:
    story = in_state(state)
    before = story.alert
    assert story.lose_screens().alert is before


def test_in_its_loops_the_first_rung_that_calls_is_the_first_of_the_loop() -> None:
    site = with_ladder(SITE.ladder[0], SITE.ladder[2], *SITE.ladder[1:], repeat=Repeat(2, 60))
    site = replace(site, ladder=tuple(replace(r, after=i * 15) for i, r in enumerate(site.ladder)))
    assert [Do.CALL in rung.do for rung in site.ladder] == [False, True, False, True, True]
    story = pressed(site=site)
    story.advance(61)
    story.lose_screens()
    assert story.rungs(since=60) == [(60, 4), (61, 2), (61, 3)]


def test_rungs_that_were_late_already_say_so_when_they_are_moved() -> None:
    story = pressed()
    story.sleep(25)
    story.lose_screens()
    assert [data["late_s"] for data in story.events("rung_reached")] == [0, 10, 0]
    assert story.alert.late
    story.sleep(15)
    story.advance(15)
    # Rung 3 keeps its distance to rung 2.
    assert story.rungs() == [(0, 0), (25, 1), (25, 2), (55, 3)]


def test_want_of_a_screen_puts_off_nothing_that_comes_after_what_is_overdue() -> None:
    story = pressed()
    story.sleep(40)
    story.lose_screens()
    story.advance(20)
    assert story.rungs() == [(0, 0), (40, 1), (40, 2), (60, 3)]


def test_what_is_overdue_is_not_put_off_by_seeking_people() -> None:
    story = pressed()
    story.sleep(33)
    story.act(What.MORE_PEOPLE)
    story.advance(27)
    assert story.rungs()[-1] == (60, 3)
    hurried = pressed()
    hurried.sleep(17)
    hurried.act(What.CANNOT_GO, "sam")
    hurried.act(What.CANNOT_GO, "kim")
    hurried.advance(13)
    assert hurried.rungs() == [(0, 0), (17, 1), (30, 2)]
    assert [data["late_s"] for data in hurried.events("rung_reached")] == [0, 2, 0]


def test_a_ladder_that_repeats_without_calls_is_not_moved_in_its_loops() -> None:
    site = with_ladder(SITE.ladder[0], SITE.ladder[2], SITE.ladder[1], repeat=Repeat(2, 30))
    story = pressed(site=site)
    story.advance(30)
    story.advance(15)
    fired = story.rungs()
    story.lose_screens()
    assert story.rungs() == fired


def test_quiet_at_the_booth_asks_for_ems_and_then_for_people_again_and_again() -> None:
    story = in_state(State.AT_BOOTH)
    start = story.elapsed
    story.advance(60)
    story.act(What.TAKE_JOB, "guest")
    story.advance(179)
    assert story.events("ems_prompted") == []
    story.advance(1)
    assert story.times("ems_prompted") == [start + 240]
    story.advance(60)
    assert story.state == ("at_booth", "running")
    # From the first rung that offers the line, and whoever is at the booth is asked as well.
    assert story.rungs(since=start) == [(start + 300, 3)]
    story.advance(60)
    assert story.rungs(since=start)[1:] == [(start + 360, 2)]
    assert "sam" in story.called(since=start + 360)
    assert story.events("nobody_reached") == []
    story.act(What.BREATHING)
    assert story.state == ("at_booth", "stopped")
    story.advance(240)
    assert story.times("ems_prompted") == [start + 240, start + 540]
    assert story.rungs(since=start + 361) == [(start + 600, 3)]


def test_a_no_does_not_end_the_search_that_the_quiet_clock_began() -> None:
    story = in_state(State.AT_BOOTH)
    story.advance(241)
    story.act(What.CANNOT_GO, "jo")
    story.act(What.NOT_UNDERSTOOD, "noor")
    story.act(What.CORRECT, "jo")
    story.act(What.MISTAKE, "dev-1")
    story.act(What.ON_MY_WAY, "guest")
    story.act(What.AT_BOOTH, "guest")
    assert story.state == ("at_booth", "running")
    story.answered("noor")
    assert story.state == ("at_booth", "stopped")


def test_an_act_after_the_question_for_ems_puts_the_search_off_for_the_whole_clock() -> None:
    story = in_state(State.AT_BOOTH)
    at = story.elapsed
    story.advance(181)
    assert story.times("ems_prompted") == [at + 180]
    story.act(What.OXYGEN)
    story.advance(179)
    assert (story.state, story.rungs(since=at)) == (("at_booth", "stopped"), [])
    story.advance(61)
    assert story.rungs(since=at) == [(at + 421, 3)]


def test_the_quiet_clock_uses_the_repeat_where_no_rung_offers_the_line() -> None:
    story = in_state(State.AT_BOOTH, site=with_ladder(*SITE.ladder[:3], repeat=Repeat(1, 60)))
    at = story.elapsed
    story.advance(240)
    assert story.rungs(since=at) == [(at + 240, 1)]


def test_a_press_while_the_quiet_clock_seeks_people_takes_an_answer_to_stop() -> None:
    story = in_state(State.AT_BOOTH)
    story.advance(241)
    fired = story.rungs()
    story.press()
    assert story.rungs() == fired
    story.act(What.OXYGEN)
    assert story.state == ("at_booth", "running")
    story.act(What.AT_BOOTH)
    assert story.state == ("at_booth", "stopped")


def test_the_quiet_clock_goes_on_asking_while_the_ladder_runs_for_another_reason() -> None:
    story = in_state(State.AT_BOOTH)
    at = story.elapsed
    story.act(What.MORE_PEOPLE)
    story.advance(300)
    assert story.times("ems_prompted") == [at + 180, at + 240, at + 300]
    assert story.state == ("at_booth", "running")
    story.act(What.OXYGEN)
    assert story.state == ("at_booth", "running")
