"""The ladder, exactly: care, recovery and the end, the fine print, and whom a rung asks."""

from dataclasses import replace

import pytest

from alerts.alert import State, Timer
from alerts.events import What
from alerts.site import Do, Repeat, Role, Rung
from tests.scene import (
    EVERYBODY,
    EVERYONE,
    SITE,
    Story,
    in_state,
    people,
    pressed,
    with_ladder,
)

ALL = ["sam", "kim", "noor", "jo", "alex"]


def test_naloxone_is_reassessed_after_each_dose() -> None:
    story = in_state(State.AT_BOOTH)
    at = story.elapsed
    story.act(What.NALOXONE)
    story.advance(100)
    story.act(What.NALOXONE, route="intramuscular")
    assert story.events("naloxone") == [
        {"route": "nasal", "dose_mg": 1.8, "count": 1},
        {"route": "intramuscular", "dose_mg": None, "count": 2},
    ]
    story.advance(149)
    assert story.events("reassess_due") == []
    story.advance(1)
    assert story.times("reassess_due") == [at + 250]
    assert story.alert.care.naloxone == 2


def test_safe_stops_everything_but_the_checks_of_the_recovery() -> None:
    story = in_state(State.AT_BOOTH)
    story.answered("kim")
    decision = story.act(What.SAFE)
    assert decision.answer is not None
    assert decision.answer.code == "A7"
    assert story.events("safe") == [{"person": "sam", "by": "tablet"}]
    assert story.state == ("recovering", "stopped")
    assert set(story.alert.timers) == {Timer.RECOVERY}


def test_safe_stops_a_ladder_that_runs_and_all_that_still_asks() -> None:
    story = in_state(State.AT_BOOTH, takes=False)
    story.press()
    waiting = list(story.attempts)
    assert waiting != []
    story.act(What.SAFE)
    assert story.state == ("recovering", "stopped")
    assert set(story.dropped) >= set(waiting)
    assert set(story.alert.timers) == {Timer.RECOVERY}


def test_safe_from_elsewhere_is_refused() -> None:
    for state in (State.UNANSWERED, State.ON_THE_WAY, State.AT_BOOTH, State.RECOVERING):
        decision = in_state(state).act(What.SAFE, "kim")
        assert decision.refused == "not_at_booth"
        assert decision.answer is not None
        assert decision.answer.code == "A10"


def test_safe_said_by_another_at_the_booth_is_kept_and_changes_no_check() -> None:
    story = in_state(State.AT_BOOTH)
    story.act(What.AT_BOOTH, "kim")
    story.act(What.SAFE)
    timers = story.alert.timers
    story.advance(100)
    story.act(What.SAFE, "kim")
    assert story.alert.timers == timers
    assert story.events("safe") == [
        {"person": "sam", "by": "tablet"},
        {"person": "kim", "by": "tablet"},
    ]


def test_recovery_is_checked_and_a_missed_check_tells_the_coordinator() -> None:
    story = in_state(State.RECOVERING)
    at = story.elapsed
    story.advance(900)
    assert story.events("recovery_due") == [{"outcome": False}]
    story.act(What.BREATHING)
    story.advance(900)
    assert story.told("R1") == []
    story.advance(120)
    assert story.told("R1") == ["jo"]
    assert story.times("recovery_due", "recovery_missed") == [at + 900, at + 1800, at + 1920]


def test_a_late_check_does_not_put_the_next_one_off() -> None:
    story = in_state(State.RECOVERING)
    at = story.elapsed
    story.sleep(950)
    story.advance(850)
    assert story.times("recovery_due") == [at + 950, at + 1800]


def test_after_the_recovery_it_asks_for_the_outcome_and_never_closes_itself() -> None:
    story = in_state(State.RECOVERING, duty=people("sam"))
    at = story.elapsed
    story.advance(7199)
    assert story.told("R2") == []
    story.advance(20_000)
    assert story.told("R2") == ["jo"]
    assert next(s for s in story.events("recovery_due") if s["outcome"]) == {"outcome": True}
    assert story.times("recovery_due")[7] == at + 7200
    assert story.state == ("recovering", "stopped")
    assert set(story.alert.timers) >= {Timer.RECOVERY}


def test_a_check_that_waits_for_its_note_is_not_put_off_by_the_next() -> None:
    quick = replace(SITE, clocks=replace(SITE.clocks, recovery_check=100))
    story = in_state(State.RECOVERING, site=quick)
    at = story.elapsed
    story.advance(230)
    assert story.times("recovery_due") == [at + 100, at + 200]
    assert story.times("recovery_missed") == [at + 220]


def test_answers_in_recovery_are_kept_and_move_nothing() -> None:
    story = in_state(State.RECOVERING)
    for what in (What.ON_MY_WAY, What.AT_BOOTH, What.CANNOT_GO):
        story.act(what, "kim")
        assert story.state == ("recovering", "stopped")
        assert {a.person: a.answer for a in story.alert.answers}["kim"] == str(what)
    story.act(What.CANNOT_GO, "sam")
    assert (story.state, story.alert.there) == (("recovering", "stopped"), ())


def test_more_people_in_recovery_means_that_it_is_none() -> None:
    story = in_state(State.RECOVERING)
    at = story.elapsed
    story.act(What.MORE_PEOPLE)
    assert story.state == ("at_booth", "running")
    assert story.rungs(since=at) == [(at, 2)]
    assert Timer.RECOVERY not in story.alert.timers
    story.answered("kim")
    assert set(story.alert.timers) == {Timer.QUIET}


def test_more_people_in_recovery_is_refused_while_another_alert_asks_there() -> None:
    story = in_state(State.RECOVERING, booth_taken=True)
    assert story.act(What.MORE_PEOPLE).refused == "booth_busy"
    assert story.state == ("recovering", "stopped")


def _all_asked_and_ringing() -> Story:
    story = pressed()
    story.advance(5)
    story.act(What.CANNOT_GO, "sam")
    story.advance(26)
    last = max(story.attempts)
    story.attempts[last] = replace(story.attempts[last], stage="sending")
    return story


@pytest.mark.parametrize(
    ("what", "name", "code", "told", "outcome"),
    [
        (What.STAND_DOWN, "stood_down", "S7", ALL, "false_press"),
        (What.CLOSE, "closed", "S8", ["sam"], "oxygen"),
    ],
)
def test_an_end_ends_everything(
    what: What, name: str, code: str, told: list[str], outcome: str
) -> None:
    story = _all_asked_and_ringing()
    story.act(What.NALOXONE, "jo")
    calls = [n for n, a in story.attempts.items() if a.channel == "call"]
    decision = story.act(what, "jo")
    assert decision.pin
    assert story.state == ("closed", "stopped")
    assert story.events(name) == [{"outcome": outcome, "person": "jo"}]
    assert story.alert.timers == {}
    assert story.dropped == calls[-1:]
    assert story.hung_up == calls[:-1]
    assert story.told(code) == told
    assert (story.alert.ended_by, story.alert.closed_at) == ("jo", story.now)
    before = len(story.log)
    story.advance(10_000)
    assert len(story.log) == before


def test_standing_down_takes_a_pin_unless_somebody_was_at_the_booth() -> None:
    assert pressed().act(What.STAND_DOWN).pin
    assert not in_state(State.AT_BOOTH).act(What.STAND_DOWN, "kim").pin
    assert in_state(State.RECOVERING).act(What.CLOSE).pin


@pytest.mark.parametrize("what", [What.STAND_DOWN, What.CLOSE])
def test_a_guest_ends_nothing(what: What) -> None:
    story = pressed()
    assert story.act(what, "guest").refused == "not_allowed"
    assert story.state == ("unanswered", "running")


def test_a_reopened_alert_starts_anew_where_nobody_had_been() -> None:
    story = pressed()
    story.advance(130)
    story.answered("sam")
    story.act(What.STAND_DOWN)
    story.advance(30)
    at = story.elapsed
    assert not story.act(What.REOPEN, "guest").pin
    assert story.events("reopened") == [{"person": "guest"}]
    assert story.state == ("unanswered", "running")
    assert (story.alert.outcome, story.alert.closed_at, story.alert.coming) == (None, None, ())
    story.advance(60)
    assert [(when - at, rung) for when, rung in story.rungs(since=at)] == [
        *((0, 0), (15, 1), (30, 2), (60, 3))
    ]


def test_a_reopened_alert_is_at_the_booth_where_somebody_had_been() -> None:
    story = in_state(State.CLOSED)
    story.advance(31)
    assert story.act(What.REOPEN).pin
    assert story.state == ("at_booth", "stopped")
    assert set(story.alert.timers) == {Timer.QUIET}


def test_a_booth_has_at_most_one_asking_alert() -> None:
    story = in_state(State.CLOSED, booth_taken=True)
    assert story.act(What.REOPEN).refused == "booth_busy"
    assert story.state == ("closed", "stopped")


def test_the_time_scale_divides_every_delay() -> None:
    story = pressed(time_scale=10)
    story.advance(12)
    assert story.rungs() == [(0, 0), (1.5, 1), (3, 2), (6, 3), (12, 2)]
    story.press()
    story.advance(2.9)
    story.press()
    assert {at for at, _, _ in story.sent("S5")} == {12}
    story.answered("sam")
    story.advance(3)
    assert story.times("not_arrived") == [17.9]
    story.act(What.AT_BOOTH)
    story.advance(24)
    assert story.times("ems_prompted") == [pytest.approx(35.9)]
    assert story.rungs(since=41) == [(pytest.approx(41.9), 3)]
    story.act(What.NALOXONE)
    story.advance(15)
    assert story.times("reassess_due") == [pytest.approx(56.9)]
    story.act(What.SAFE)
    story.advance(102)
    assert story.times("recovery_due", "recovery_missed") == [
        pytest.approx(146.9),
        pytest.approx(158.9),
    ]


def test_a_late_rung_fires_is_recorded_and_marks_the_alert() -> None:
    story = pressed()
    story.sleep(15.9)
    story.advance(0)
    assert (story.events("rung_reached")[-1]["late_s"], story.alert.late) == (0.9, False)
    story.sleep(50)
    story.advance(0)
    # When behind, it catches up one rung at a time, and the next comes at its own time.
    assert [d["late_s"] for d in story.events("rung_reached")] == [0, 0.9, 35.9, 5.9]
    assert story.alert.late
    story.advance(120 - 65.9)
    assert story.rungs()[-1] == (pytest.approx(120), 2)
    assert story.events("rung_reached")[-1]["late_s"] == 0


@pytest.mark.parametrize(("late_s", "late"), [(0.9, False), (1.0, False), (1.1, True)])
def test_more_than_a_second_is_late(late_s: float, late: bool) -> None:
    story = pressed()
    story.sleep(15 + late_s)
    story.advance(0)
    assert (story.events("rung_reached")[-1]["late_s"], story.alert.late) == (late_s, late)


def test_whom_a_rung_asks_is_looked_up_when_it_fires() -> None:
    story = pressed(duty=people("noor", "jo"))
    # Nobody on duty is a responder, so everybody on duty is asked.
    assert story.said("text") == [("noor", "S1"), ("jo", "S1")]
    story.duty = people("sam")
    story.act(What.MISTAKE, "guest")
    story.advance(15)
    assert story.said("text", since=1) == [("sam", "S3")]
    story.duty = frozenset()
    story.advance(15)
    assert story.called() == ALL
    assert story.alert.asked == ("noor", "jo", "sam", "kim", "alex")


def test_whoever_has_answered_is_asked_as_well_but_not_who_is_there() -> None:
    story = pressed(duty=people("kim", "noor", "jo"))
    story.act(What.ON_MY_WAY, "alex")
    story.act(What.CANNOT_GO, "sam")
    story.advance(30)
    assert story.called() == ["kim", "noor", "jo", "alex"]
    story.act(What.AT_BOOTH, "kim")
    story.advance(10)
    story.press()
    assert story.called(since=40) == ["noor", "jo", "alex"]


def test_somebody_alone_is_asked_even_at_the_booth() -> None:
    story = in_state(State.AT_BOOTH, duty=people("sam"))
    at = story.elapsed
    story.act(What.MORE_PEOPLE)
    assert story.called(since=at) == ["sam"]


def test_of_asks_not_yet_sent_the_newest_waits() -> None:
    story = pressed(takes=False)
    first = list(story.attempts)
    story.advance(15)
    assert story.dropped == first
    assert story.events("text_superseded") == [
        {"person": "sam", "channel": "text", "attempt": 1, "rung": 0},
        {"person": "kim", "channel": "text", "attempt": 2, "rung": 0},
    ]
    assert len(story.rungs()) == 2
    waiting = {(a.person, a.channel) for a in story.attempts.values()}
    assert len(waiting) == len(story.attempts) == 5


def test_what_is_on_its_way_already_is_not_superseded() -> None:
    story = pressed(takes=False)
    for number, attempt in story.attempts.items():
        story.attempts[number] = replace(attempt, stage="sending")
    story.advance(15)
    assert (story.dropped, story.events("text_superseded")) == ([], [])


def test_an_answer_drops_what_asks_and_no_news_that_still_waits() -> None:
    story = pressed(takes=False)
    story.report(What.REFUSED, 1)
    [news] = [send.attempt for _, send, _ in story.sent("W4")]
    story.answered("kim")
    assert story.dropped != []
    assert news not in story.dropped


def test_two_rungs_at_once_leave_one_text_and_one_call_for_each() -> None:
    site = with_ladder(
        SITE.ladder[0],
        SITE.ladder[1],
        Rung(30, (Do.TEXT, Do.CALL), EVERYONE),
        repeat=Repeat(2, 60),
    )
    story = pressed(site=site, takes=False)
    story.lose_screens()
    waiting = [(a.person, a.channel, a.rung) for a in story.attempts.values()]
    assert sorted(waiting) == sorted((p, c, 2) for p in ALL for c in ("text", "call"))
    assert len(story.events("text_superseded")) == 2 + 5


def test_without_phones_the_ladder_is_climbed_on_the_screens() -> None:
    story = pressed(phones=False)
    story.advance(60)
    story.press()
    assert [rung for _, rung in story.rungs()] == [0, 1, 2, 3]
    assert story.sends == []
    assert story.alert.asked == ("sam", "kim", "noor", "jo", "alex")


def test_a_coordinator_who_is_off_duty_is_asked_when_nobody_is_on() -> None:
    story = pressed(duty=EVERYBODY - {"jo"})
    story.advance(60)
    # Nobody on duty coordinates: everybody on duty is called instead.
    assert story.called(since=60) == ["sam", "kim", "noor", "alex"]
    assert Role.COORDINATOR in SITE.people[3].roles


def test_a_rung_that_names_nobody_asks_nobody() -> None:
    site = with_ladder(*SITE.ladder, Rung(90, (Do.OPEN_LINE,)), repeat=Repeat(2, 60))
    story = pressed(site=site)
    story.advance(90)
    assert story.events("rung_reached")[-1] == {
        "rung": 4,
        "do": ["open_line"],
        "who": [],
        "late_s": 0.0,
    }
    assert [send for at, send in story.sends if at == 90] == []
