"""What the page of a booth may say of a press, from what is known: pure, without a browser."""

from typing import Any

import pytest

from tests.frames import Json, alert
from tests.script import run

SAY = """
const { boothState, steps } = await load('booth_page.js');
return { state: boothState(facts), steps: steps(facts).map(([, done, key]) => [done, key]) };
"""
FACTS: Json = {
    "alert": None,
    "waiting": False,
    "failing": False,
    "unpaired": False,
    "online": True,
    "cameBefore": False,
    "soundedBefore": False,
}
SENT = [True, "sent"]
SENDING = [False, "sending_word"]
WAIT = [False, "sounding_wait"]
NOBODY = [False, "coming_wait"]


def say(state: str | None = None, screens: int = 0, **facts: Any) -> Json:
    """What is said of an alert in this state that so many screens sound, and of these facts."""
    sounding = [f"S{n}" for n in range(screens)]
    told = alert(3, state=state, sounding=sounding) if state else None
    return run(SAY, facts=FACTS | {"alert": told} | facts)


@pytest.mark.parametrize(
    ("online", "state"), [(True, "ready"), (False, "offline"), (None, "checking")]
)
def test_a_button_that_nobody_has_pressed_says_whether_it_would_be_heard(
    online: bool | None, state: str
) -> None:
    assert say(online=online)["state"] == state


@pytest.mark.parametrize(
    ("alert_state", "screens", "state"),
    [
        ("unanswered", 0, "sent"),
        ("unanswered", 1, "sounding"),
        ("on_the_way", 0, "coming"),
        ("on_the_way", 2, "coming"),
        ("at_booth", 1, "there"),
    ],
)
def test_what_has_come_of_a_press_is_the_furthest_that_is_proved(
    alert_state: str, screens: int, state: str
) -> None:
    assert say(alert_state, screens)["state"] == state
    assert say(alert_state, screens, online=False)["state"] == state


def test_a_press_on_its_way_is_not_sent() -> None:
    said = say(waiting=True)
    assert (said["state"], said["steps"]) == ("sending", [SENDING, WAIT, NOBODY])
    again = say("unanswered", 1, waiting=True)
    assert again["state"] == "sounding", "the press before it is still true"
    assert again["steps"][0] == SENDING


def test_what_keeps_a_press_from_being_heard_goes_before_everything() -> None:
    for state in (None, "unanswered", "on_the_way", "at_booth"):
        assert say(state, waiting=True, failing=True)["state"] == "not_sent"
        assert say(state, waiting=True, failing=True, unpaired=True)["state"] == "unpaired"
    assert say(unpaired=True, online=None)["state"] == "unpaired"


def test_each_step_needs_proof_of_its_own() -> None:
    assert say("unanswered")["steps"] == [SENT, WAIT, NOBODY]
    assert say("unanswered", 1)["steps"] == [SENT, [True, "sounding_on_1"], NOBODY]
    assert say("unanswered", 2)["steps"] == [SENT, [True, "sounding_on"], NOBODY]
    assert say("on_the_way", 0)["steps"] == [SENT, WAIT, [True, "coming"]]
    assert say("at_booth", 0)["steps"] == [SENT, WAIT, [True, "there"]]


def test_a_step_that_is_not_true_any_more_is_taken_back() -> None:
    gone = say("unanswered", soundedBefore=True)["steps"][1]
    assert gone == [False, "sounding_gone"]
    assert say("on_the_way", soundedBefore=True)["steps"][1] == [True, "sounded"]
    assert say("unanswered", 1, soundedBefore=True)["steps"][1] == [True, "sounding_on_1"]
    assert say("unanswered", cameBefore=True)["steps"][2] == [False, "coming_still"]
    assert say("on_the_way", cameBefore=True)["steps"][2] == [True, "coming"]
