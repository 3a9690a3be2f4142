"""The ladder, exactly: a story for each row of its table, on the machine alone; here the presses
and the answers. The other rows are in test_ladder_seeking and test_ladder_ends."""

from dataclasses import replace

import pytest

from alerts.alert import State, Timer
from alerts.events import What
from alerts.site import Do, Repeat, Rung
from tests.scene import (
    EVERYONE,
    SITE,
    in_state,
    people,
    pressed,
    with_ladder,
)

ALL = ["sam", "kim", "noor", "jo", "alex"]


def test_a_press_is_unanswered_and_rung_0_goes_now() -> None:
    story = pressed()
    assert story.state == ("unanswered", "running")
    assert [entry.name for _, entry in story.log] == [
        "pressed",
        "rung_reached",
        "text_queued",
        "text_queued",
    ]
    assert story.events("pressed") == [
        {"press_id": "press", "kind": "unclear", "device": "dev-1", "delayed_s": 0.0}
    ]
    assert story.events("rung_reached") == [
        {"rung": 0, "do": ["screens", "text"], "who": ["responder"], "late_s": 0.0}
    ]
    assert story.events("text_queued") == [
        {"person": "sam", "channel": "text", "attempt": 1, "rung": 0},
        {"person": "kim", "channel": "text", "attempt": 2, "rung": 0},
    ]
    assert story.said("text") == [("sam", "S1"), ("kim", "S1")]


def test_every_rung_comes_at_its_seconds_from_the_press_and_then_again() -> None:
    story = pressed()
    story.advance(240)
    assert story.rungs() == [
        *((0, 0), (15, 1), (30, 2), (60, 3)),
        *((120, 2), (150, 3), (210, 2), (240, 3)),
    ]
    assert {data["late_s"] for data in story.events("rung_reached")} == {0.0}
    assert story.said("text", since=15)[:5] == [(person, "S3") for person in ALL]
    assert story.called()[:6] == [*ALL, "jo"]
    assert story.told("S4n") == ["jo"] * 3


def test_texts_say_the_seconds_of_the_site_file_rounded_up() -> None:
    site = with_ladder(
        SITE.ladder[0],
        Rung(7.2, (Do.TEXT, Do.CALL), EVERYONE),
        repeat=Repeat(1, 30),
    )
    story = pressed(site=site, time_scale=10)
    story.advance(4)
    assert [round(at, 3) for at, _ in story.rungs()] == [0, 0.72, 3.72]
    assert [text.slots["seconds"] for _, _, text in story.sent("S3")][::5] == [8, 38]


def test_after_a_whole_loop_without_any_act_nobody_was_reached() -> None:
    story = pressed()
    story.advance(215)
    assert story.times("nobody_reached") == [120, 210]
    assert story.events("nobody_reached") == [{"loop": 1}, {"loop": 2}]


def test_loops_are_counted_from_when_the_ladder_last_began_to_run() -> None:
    story = pressed()
    story.advance(130)
    story.answered("sam")
    story.advance(130)
    assert story.times("not_arrived") == [160]
    assert story.times("nobody_reached") == [120, 250]
    assert story.events("nobody_reached") == [{"loop": 1}, {"loop": 1}]


def test_an_act_in_the_loop_means_somebody_was_reached() -> None:
    story = pressed()
    story.advance(90)
    story.act(What.TAKE_JOB, "jo")
    story.advance(125)
    assert story.times("nobody_reached") == [210]


@pytest.mark.parametrize(
    ("what", "person"),
    [(What.CANNOT_GO, "sam"), (What.NOT_UNDERSTOOD, "sam"), (What.ON_MY_WAY, "guest")],
)
def test_a_no_and_an_unread_word_and_a_guest_are_nobody(what: What, person: str) -> None:
    story = pressed()
    story.advance(90)
    story.act(what, person)
    story.advance(125)
    assert story.state == ("unanswered", "running")
    assert story.times("nobody_reached") == [120, 210]


def test_a_press_again_leaves_a_running_ladder_as_it_is() -> None:
    story = pressed()
    story.advance(10)
    story.press(press_id="again")
    assert story.alert.presses == 2
    assert story.events("pressed_again") == [
        {"press_id": "again", "kind": "unclear", "device": "dev-1", "delayed_s": 0.0}
    ]
    assert story.told("S5") == ["sam", "kim"]
    story.advance(60)
    assert story.rungs() == [(0, 0), (15, 1), (30, 2), (60, 3)]


@pytest.mark.parametrize("state", [State.ON_THE_WAY, State.AT_BOOTH])
def test_a_press_again_sets_a_stopped_ladder_running_again(state: State) -> None:
    story = in_state(state)
    story.advance(5)
    at = story.elapsed
    story.press()
    assert story.state == (str(state), "running")
    story.advance(20)
    assert story.rungs(since=at) == [(at, 2)]
    assert story.told("S5") == ALL


def test_s5_goes_at_most_once_in_30_seconds() -> None:
    story = pressed()
    for _ in range(7):
        story.advance(9)
        story.press()
    # Presses at 9, 18, 27, 36, 45, 54 and 63; S5 at 9, at 45 and not before.
    assert sorted({at for at, _, _ in story.sent("S5")}) == [9, 45]
    assert story.alert.presses == 8


def test_s5_asks_so_an_answer_drops_those_that_still_wait() -> None:
    story = in_state(State.ON_THE_WAY, takes=False)
    story.press()
    waiting = [send.attempt for _, send, _ in story.sent("S5")]
    assert waiting != []
    story.answered("kim")
    assert set(waiting) <= set(story.dropped)


def test_whom_the_ladder_texts_at_that_moment_gets_no_s5_as_well() -> None:
    site = with_ladder(SITE.ladder[0], SITE.ladder[2], repeat=Repeat(0, 30))
    story = pressed(site=site).answered("noor")
    story.advance(5)
    story.press()
    assert story.said("text", since=5) == [
        *(("sam", "S9"), ("kim", "S9"), ("noor", "S9")),
    ]


def test_a_press_in_a_booth_that_is_recovering_is_a_new_alert() -> None:
    story = in_state(State.RECOVERING)
    before = story.alert
    decision = story.press()
    # The machine leaves the old one in peace; the desk raises another.
    assert (decision.alert, decision.entries, decision.orders) == (before, (), ())


def test_on_my_way_stops_the_ladder_and_drops_and_ends_what_still_asks() -> None:
    story = pressed()
    story.advance(31)
    calls = [n for n, a in story.attempts.items() if a.channel == "call"]
    jo, alex = calls[3:]
    story.attempts[jo] = replace(story.attempts[jo], stage="waiting")
    story.report(What.PICKED_UP, alex, stage="answered")
    story.act(What.ON_MY_WAY, "kim", attempt=calls[1])
    assert story.state == ("on_the_way", "stopped")
    assert story.events("on_my_way") == [{"person": "kim", "by": "tablet"}]
    assert story.dropped == [jo]
    # Kim hears our thanks, and Alex, who listens, may still come as well.
    assert story.hung_up == [calls[0], calls[2]]
    assert story.alert.timers == {Timer.ARRIVAL: story.alert.raised_at.replace(minute=4, second=28)}
    story.advance(29)
    assert story.rungs(since=31) == []


def test_on_my_way_of_a_guest_is_shown_and_kept_and_moves_nothing() -> None:
    story = pressed()
    story.advance(3)
    decision = story.act(What.ON_MY_WAY, "guest")
    assert (decision.answer, story.state) == (None, ("unanswered", "running"))
    assert [(a.person, a.counted) for a in story.alert.answers] == [("guest", False)]
    story.act(What.AT_BOOTH, "guest")
    story.act(What.CANNOT_GO, "guest")
    assert story.state == ("unanswered", "running")
    assert [a.answer for a in story.alert.answers] == ["cannot_go"]
    story.advance(60)
    assert [at for at, _ in story.rungs()] == [0, 15, 30, 60]


def test_on_my_way_of_somebody_at_another_booth_does_not_stop_this_ladder() -> None:
    story = pressed(busy=people("sam"))
    story.act(What.ON_MY_WAY, "sam")
    assert story.state == ("unanswered", "running")
    assert [a.answer for a in story.alert.answers] == ["on_my_way"]
    story.act(What.ON_MY_WAY, "kim")
    assert story.state == ("on_the_way", "stopped")


def test_the_arrival_clock_runs_from_the_first_person_still_coming() -> None:
    story = pressed()
    story.answered("sam")
    story.advance(10)
    story.answered("kim")
    story.advance(5)
    story.act(What.CANNOT_GO, "sam")
    assert story.state == ("on_the_way", "stopped")
    story.advance(24)
    assert story.events("not_arrived") == []
    story.advance(1)
    assert story.times("not_arrived") == [40]
    assert story.events("not_arrived") == [{"people": ["kim"]}]


def test_saying_it_again_does_not_put_the_arrival_clock_off() -> None:
    story = pressed().answered("sam")
    story.advance(20)
    story.answered("sam", "kim")
    assert [one.person for one in story.alert.coming] == ["sam", "kim"]
    story.advance(10)
    assert story.events("not_arrived") == [{"people": ["kim", "sam"]}]


def test_from_the_second_not_arrived_on_the_word_alone_stops_nothing() -> None:
    story = pressed().answered("sam")
    story.advance(30)
    story.answered("sam")
    assert story.state == ("on_the_way", "stopped")
    story.advance(30)
    assert story.times("not_arrived") == [30, 60]
    story.answered("kim")
    assert story.state == ("on_the_way", "running")
    story.advance(30)
    # The clock of those coming runs all the same; rung 2 is fired anew and rung 3 is not put off.
    assert story.times("not_arrived") == [30, 60, 90]
    assert story.rungs(since=60) == [(60, 2), (90, 2), (90, 3)]
    story.act(What.AT_BOOTH, "kim")
    assert story.state == ("at_booth", "stopped")


def test_at_the_booth_stops_the_ladder_and_starts_the_quiet_clock() -> None:
    story = pressed()
    story.advance(20)
    story.act(What.AT_BOOTH, "noor")
    assert story.state == ("at_booth", "stopped")
    assert story.events("at_booth") == [{"person": "noor", "by": "tablet"}]
    arrived = story.now
    assert story.alert.arrived_at == arrived
    assert set(story.alert.timers) == {Timer.QUIET}
    story.advance(180)
    assert story.times("ems_prompted") == [200]
    story.act(What.AT_BOOTH, "kim")
    assert story.alert.arrived_at == arrived


def test_at_the_booth_ends_the_arrival_clock_of_everybody() -> None:
    story = pressed().answered("sam", "kim")
    story.act(What.AT_BOOTH, "kim")
    story.advance(60)
    assert story.events("not_arrived") == []
    assert [one.person for one in story.alert.coming] == ["sam"]
