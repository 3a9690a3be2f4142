"""What a booth may truthfully say, as pure functions: four steps, each with proof of its own."""

from typing import Any

import pytest

from tests.script import run

Json = dict[str, Any]
SAYS = """
  const { boothState, steps } = await load('booth_page.js');
  return [boothState(facts), steps(facts).map(([, done, key]) => [done, key])];
"""
NOTHING: Json = {
    "alert": None,
    "waiting": False,
    "failing": False,
    "unpaired": False,
    "online": True,
    "cameBefore": False,
    "soundedBefore": False,
}
ASKING: Json = {"state": "unanswered", "sounding": []}
SOUNDING = ASKING | {"sounding": ["TV-1", "Desk"]}
COMING: Json = {"state": "on_the_way", "sounding": []}
THERE: Json = {"state": "at_booth", "sounding": []}


def says(**facts: Any) -> tuple[str, list[Any]]:
    """The state of the page, and each step: whether it is done, and by which words."""
    state, steps = run(SAYS, facts=NOTHING | facts)
    return state, steps


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "ready"),
        ({"online": None}, "checking"),
        ({"online": False}, "offline"),
        ({"waiting": True}, "sending"),
        ({"waiting": True, "failing": True}, "not_sent"),
        ({"alert": ASKING}, "sent"),
        ({"alert": ASKING, "online": False}, "sent"),
        ({"alert": SOUNDING}, "sounding"),
        ({"alert": COMING}, "coming"),
        ({"alert": THERE}, "there"),
        # A second press is on its way: what was proved of the first stays true.
        ({"alert": SOUNDING, "waiting": True}, "sounding"),
        ({"alert": COMING, "waiting": True}, "coming"),
        ({"alert": THERE, "waiting": True, "failing": True}, "not_sent"),
        ({"unpaired": True}, "unpaired"),
        ({"unpaired": True, "waiting": True, "failing": True}, "unpaired"),
    ],
)
def test_a_page_is_in_the_state_that_is_proved(facts: Json, state: str) -> None:
    assert says(**facts)[0] == state


@pytest.mark.parametrize(
    ("facts", "sent", "sounding", "coming"),
    [
        ({"waiting": True}, [False, "sending_word"], [False, "sounding_wait"], "coming_wait"),
        ({"alert": ASKING}, [True, "sent"], [False, "sounding_wait"], "coming_wait"),
        ({"alert": SOUNDING}, [True, "sent"], [True, "sounding_on"], "coming_wait"),
        # One more press is only sent when the server has said so.
        (
            {"alert": SOUNDING, "waiting": True},
            *([False, "sending_word"], [True, "sounding_on"], "coming_wait"),
        ),
        # No step follows from another: who comes may have come by a text, to a silent house.
        ({"alert": COMING}, [True, "sent"], [False, "sounding_wait"], "coming"),
        ({"alert": THERE}, [True, "sent"], [False, "sounding_wait"], "there"),
        # And each can go back.
        (
            {"alert": ASKING, "soundedBefore": True, "cameBefore": True},
            *([True, "sent"], [False, "sounding_gone"], "coming_still"),
        ),
        (
            {"alert": COMING, "soundedBefore": True},
            *([True, "sent"], [True, "sounded"], "coming"),
        ),
    ],
)
def test_each_step_needs_a_proof_of_its_own(
    facts: Json, sent: list[Any], sounding: list[Any], coming: str
) -> None:
    steps = says(**facts)[1]
    assert steps == [sent, sounding, [coming in ("coming", "there"), coming]]


def test_one_screen_is_not_called_screens() -> None:
    steps = says(alert=ASKING | {"sounding": ["TV-1"]})[1]
    assert steps[1] == [True, "sounding_on_1"]
