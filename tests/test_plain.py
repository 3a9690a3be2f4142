"""The path that needs no machine: whatever fails, all are asked until a person ends it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import pytest

from alerts import plain
from alerts.alert import Alert, State, Timer
from alerts.events import Acted, Fact, Pressed, TimerRang, What
from alerts.machine import BrokenInvariant, decide
from alerts.orders import Decision
from tests.drilling import begin, running
from tests.scene import EVERYBODY, SITE, Story, in_state, people, pressed
from tests.world import World, open_world

ALL = [person.id for person in SITE.people]


def outside(**fields: object) -> Story:
    """An alert that was raised outside the machine."""
    return pressed(decide=plain.without_machine, **fields)


def test_a_press_that_cannot_be_decided_asks_everybody_by_text_and_call() -> None:
    story = outside()
    assert story.alert.plain
    assert story.state == ("unanswered", "running")
    assert [entry.name for _, entry in story.log][:2] == ["pressed", "rung_reached"]
    assert story.events("rung_reached") == [
        {
            "rung": 0,
            "do": ["screens", "text", "call"],
            "who": ["everyone"],
            "late_s": 0.0,
            "plain": True,
        }
    ]
    assert story.said("text") == [(person, "S1") for person in ALL]
    assert story.said("call") == [(person, "call_question") for person in ALL]
    assert story.alert.asked == tuple(ALL)


def test_it_asks_again_every_60_seconds_whatever_people_answer() -> None:
    story = outside()
    story.act(What.ON_MY_WAY, "sam")
    story.act(What.AT_BOOTH, "sam")
    story.act(What.SAFE, "sam")
    story.act(What.CANNOT_GO, "kim")
    story.advance(200)
    assert story.times("rung_reached") == [0, 60, 120, 180]
    assert story.called(since=1) == ALL * 3
    assert [(a.person, a.answer) for a in story.alert.answers] == [
        ("sam", "safe"),
        ("kim", "cannot_go"),
    ]


def test_who_is_asked_is_looked_up_each_time() -> None:
    story = outside(duty=people("kim"))
    story.duty = frozenset()
    story.advance(60)
    story.duty = EVERYBODY
    assert story.called() == ["kim", *ALL]
    assert story.alert.asked == ("kim", "sam", "noor", "jo", "alex")


def test_a_late_round_says_so_and_missed_ones_are_not_made_up_for() -> None:
    story = outside()
    story.sleep(3600)
    story.advance(60)
    assert [data["late_s"] for data in story.events("rung_reached")] == [0, 3540, 0]
    assert story.alert.late
    assert story.times("rung_reached") == [0, 3600, 3660]


def test_a_round_that_is_a_little_late_does_not_put_the_next_one_off() -> None:
    story = outside()
    story.sleep(65)
    story.advance(60)
    assert story.times("rung_reached") == [0, 65, 120]


@pytest.mark.parametrize(
    ("what", "name", "code", "outcome"),
    [
        (What.STAND_DOWN, "stood_down", "S7", "false_press"),
        (What.CLOSE, "closed", "S8", "oxygen"),
    ],
)
def test_only_a_named_person_with_a_pin_ends_it(
    what: What, name: str, code: str, outcome: str
) -> None:
    story = outside()
    assert story.act(what, "guest").refused == "not_allowed"
    story.advance(5)
    calls = [n for n, a in story.attempts.items() if a.channel == "call"]
    assert story.act(what, "jo").pin
    assert story.state == ("closed", "stopped")
    assert story.events(name) == [{"outcome": outcome, "person": "jo"}]
    assert (story.alert.timers, story.alert.ended_by) == ({}, "jo")
    assert story.hung_up == calls
    assert story.told(code) == ALL
    told = len(story.log)
    story.advance(600)
    assert len(story.log) == told
    assert story.act(What.ON_MY_WAY).refused == "closed"
    assert story.act(What.REOPEN).refused == "closed"
    story.act(What.CORRECT)
    assert story.log[-1][1].name == "corrected"


def test_asks_that_still_wait_are_dropped_at_the_end_and_superseded_before() -> None:
    story = outside(takes=False)
    first = sorted(story.attempts)
    story.advance(60)
    second = sorted(story.attempts)
    assert sorted(story.dropped) == first
    assert len(story.events("text_superseded")) == len(first) == len(second) == 2 * len(ALL)
    story.act(What.CLOSE, "jo")
    assert sorted(story.dropped) == sorted([*first, *second])


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (What.TAKE_JOB, "job_taken"),
        (What.CLASSIFY, "classified"),
        (What.MISTAKE, "mistake_reported"),
        (What.NALOXONE, "naloxone"),
        (What.MORE_PEOPLE, "more_people"),
    ],
)
def test_what_people_do_is_kept_under_its_own_name(what: What, name: str) -> None:
    story = outside()
    story.act(what, "sam")
    data = story.events(name)[0]
    assert data["person"] == "sam"
    assert set(data) >= set(story.log[-1][1].data)


def test_presses_screens_and_the_network_are_still_heard() -> None:
    story = outside()
    story.press(press_id="again")
    assert story.events("pressed_again")[0]["press_id"] == "again"
    assert story.alert.presses == 2
    story.sound("TV-1")
    assert story.alert.sounding == ("TV-1",)
    story.report(What.SENT, 1, stage="sent")
    story.report(What.DELIVERED, 1)
    story.report(What.RANG_OUT, 2)
    assert [entry.name for _, entry in story.log[-3:]] == [
        "text_sent",
        "text_delivered",
        "call_unanswered",
    ]
    before = story.alert
    story.lose_screens()
    story.act(What.REOPEN)
    story.take(TimerRang(story.scene(), Timer.RUNG, story.now))
    assert story.alert is before
    assert story.times("rung_reached") == [0]


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_an_open_alert_leaves_the_machine_when_deciding_fails(state: State) -> None:
    story = in_state(state)
    at = story.elapsed
    story.decide = plain.without_machine
    story.act(What.OXYGEN, "sam")
    assert story.alert.plain
    assert story.state == (str(state), "running")
    assert story.events("oxygen") == [{"person": "sam", "by": "tablet", "on": True}]
    assert set(story.alert.timers) == {Timer.PLAIN}
    assert story.called(since=at) == ALL
    story.advance(60)
    assert story.times("rung_reached")[-2:] == [at, at + 60]


def test_an_end_that_cannot_be_decided_is_an_end_all_the_same() -> None:
    story = pressed()
    story.decide = plain.without_machine
    assert story.act(What.STAND_DOWN, "guest").refused == "not_allowed"
    assert not story.alert.plain
    story.act(What.CLOSE, "jo")
    assert story.state == ("closed", "stopped")
    assert story.called() == []


def test_a_press_joins_an_alert_that_leaves_the_machine() -> None:
    story = pressed()
    story.decide = plain.without_machine
    story.press()
    assert (story.alert.presses, story.alert.plain) == (2, True)
    assert len(story.events("pressed_again")) == 1


def test_what_ended_is_not_raised_from_the_dead() -> None:
    story = in_state(State.CLOSED)
    story.decide = plain.without_machine
    calls = [n for n, a in story.attempts.items() if a.channel == "text"]
    story.report(What.DELIVERED, calls[0])
    story.ring(Timer.PLAIN, story.now)
    assert story.act(What.REOPEN).refused == "closed"
    assert not story.alert.plain
    assert story.state == ("closed", "stopped")
    assert story.alert.timers == {}


def break_machine(world: World, broken: Callable[[Fact], bool] = lambda fact: True) -> None:
    """Let deciding on such facts fail from now on."""

    def failing(alert: Alert | None, fact: Fact, now: datetime) -> Decision:
        if broken(fact):
            raise BrokenInvariant("broken by the test")
        return decide(alert, fact, now)

    world.service.desk._decide = failing  # pyright: ignore[reportPrivateUsage]


async def test_a_press_is_stored_and_everybody_rung_until_jo_ends_it(world: World) -> None:
    break_machine(world)
    pressing = await world.press(3)
    assert pressing["alert"]["state"] == "unanswered"
    sam, noor = world.phone("sam"), world.phone("noor")
    await sam.expect_text("AMC4 ")
    await world.advance(1)
    assert await noor.ringing() is not None
    # Her answer is kept and shown, and the asking goes on.
    await sam.reply("1")
    assert [a["name"] for a in (await world.alert())["answers"]] == ["Sam"]
    await world.advance(180)
    rounds = [one["data"] for one in await world.events("rung_reached")]
    assert [(data["plain"], data["late_s"]) for data in rounds] == [(True, 0)] * 4
    for person in ALL:
        assert len(await world.phone(person).texts()) == 4
        assert len(await world.phone(person).calls()) == 4
    assert (await world.act("close", "jo", outcome="monitored")).status_code == 403
    answer = await world.act("close", "jo", outcome="monitored", pin="8080")
    assert answer.status_code == 200, answer.text
    assert (await world.alert())["state"] == "closed"
    await world.advance(2)
    assert await noor.ringing() is None
    texts, calls = len(await sam.texts()), len(await sam.calls())
    await world.advance(300)
    assert (len(await sam.texts()), len(await sam.calls())) == (texts, calls)


async def test_the_machine_breaks_on_a_rung_and_a_restart_comes_in_between(world: World) -> None:
    break_machine(world, lambda fact: isinstance(fact, TimerRang))
    await world.press(3)
    await world.advance(16)
    alert = await world.alert()
    assert (alert["plain"], alert["next"]["what"]) == (True, "rung")
    assert len(await world.phone("alex").calls()) == 1
    await world.restart(down=4)
    await world.advance(60)
    # It stays outside the machine, also where that is well again.
    assert [one["data"]["late_s"] for one in await world.events("rung_reached")] == [0, 0, 0]
    assert len(await world.phone("alex").calls()) == 2
    assert (await world.press(3))["joined"]
    again = await world.press(4)
    assert not again["alert"]["plain"]


async def test_an_action_that_cannot_be_decided_is_kept_and_escalates(world: World) -> None:
    await world.press(3)
    break_machine(world, lambda fact: isinstance(fact, Acted))
    answer = await world.act("on_my_way", "kim")
    assert answer.status_code == 200, answer.text
    alert = await world.alert()
    assert (alert["plain"], [a["name"] for a in alert["answers"]]) == (True, ["Kim"])
    await world.advance(1)
    assert await world.phone("alex").ringing() is not None


async def test_without_phones_and_screens_a_broken_press_is_still_stored(tmp_path: Path) -> None:
    async with open_world(tmp_path, phones=False, armed=False) as world:
        break_machine(world, lambda fact: isinstance(fact, Pressed))
        first = await world.press(3, press_id="same")
        again = await world.press(3, press_id="same")
        assert (again["alert"]["id"], again["joined"]) == (first["alert"]["id"], False)
        await world.advance(125)
        assert len(await world.events("rung_reached")) == 3


async def test_a_press_is_stored_when_the_path_without_machine_breaks_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_machine(world)

    def broken(*_: object) -> NoReturn:
        raise RuntimeError("broken by the test, too")

    with monkeypatch.context() as broken_plainly:
        for name in ("without_machine", "decide_plainly"):
            broken_plainly.setattr(plain, name, broken)
        answer = await world.request(
            "POST", "/v1/presses", world.tablet(), {"booth": 3, "press_id": "one"}
        )
        assert answer.status_code == 201, answer.text
        again = await world.request(
            "POST", "/v1/presses", world.tablet(), {"booth": 3, "press_id": "two"}
        )
        assert (again.status_code, again.json()["joined"]) == (201, True)
        await world.service.timers.step()
        alert = await world.alert()
        assert (alert["state"], alert["plain"], alert["presses"]) == ("unanswered", True, 2)
        assert [one["data"]["press_id"] for one in alert["timeline"] if "press" in one["name"]] == [
            "one",
            "two",
        ]
        # It alarms on every screen, and its step is due and has failed; it will be tried again.
        assert alert["next"]["what"] == "rung"
        assert await world.phone("sam").texts() == []
    world.clock.move(1)
    await world.advance(1)
    for person in ALL:
        assert len(await world.phone(person).texts()) == 1
        assert len(await world.phone(person).calls()) == 1
    answer = await world.act("close", "jo", outcome="monitored", pin="8080")
    assert answer.status_code == 200, answer.text


async def test_a_drill_that_cannot_be_ended_is_in_no_press_s_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the machine nor plainly: the press in its booth is stored all the same."""
    drill = await begin(world)
    break_machine(world)

    def broken(*_: object) -> NoReturn:
        raise RuntimeError("broken by the test, too")

    with monkeypatch.context() as broken_plainly:
        for name in ("without_machine", "decide_plainly"):
            broken_plainly.setattr(plain, name, broken)
        answer = await world.request("POST", "/v1/presses", world.tablet(), {"booth": 3})
    assert answer.status_code == 201, answer.text
    real = answer.json()["alert"]
    assert (real["drill"], real["state"]) == (False, "unanswered")
    ended = await world.alert(drill["id"])
    assert (ended["state"], ended["outcome"]) == ("closed", "drill")
    assert await running(world) is None
