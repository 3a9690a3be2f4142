"""The direct line as the pure floor has it: words of the network that come late or out of order."""

import pytest

from alerts.alert import State
from alerts.events import What
from alerts.line import Line, LineState
from tests.scene import LINE_SITE, Story, in_state


@pytest.fixture
def bridged() -> Story:
    """Sam, the opener, and the first number are in the room; the number pressed 1."""
    story = in_state(State.AT_BOOTH, site=LINE_SITE)
    story.act(What.OPEN_LINE)
    [sam] = story.legs("sam")
    for what in (What.LEG_UP, What.LEG_IN):
        story.hears(what, sam)
    [control] = story.legs("control")
    story.hears(What.LEG_RINGS, control)
    story.hears(What.LEG_UP, control)
    story.hears(What.LEG_KEYED, control, "1")
    story.hears(What.LEG_IN, control)
    assert line_of(story).state is LineState.BRIDGED
    return story


def line_of(story: Story) -> Line:
    return story.alert.line


@pytest.mark.parametrize("what", [What.LEG_RINGS, What.LEG_UP, What.LEG_IN])
@pytest.mark.parametrize("who", ["sam", "control"])
def test_a_word_that_comes_late_takes_nothing_back(bridged: Story, what: What, who: str) -> None:
    before = bridged.alert
    [leg] = bridged.legs(who)
    bridged.hears(what, leg)
    assert line_of(bridged) == before.line
    assert bridged.alert.version == before.version


@pytest.mark.parametrize("who", ["sam", "control"])
def test_a_call_that_is_over_stays_over(bridged: Story, who: str) -> None:
    [leg] = bridged.legs(who)
    bridged.gone[leg] = bridged.attempts[leg]
    bridged.hears(What.LEG_OVER, leg, "completed")
    after = line_of(bridged)
    for what in (What.LEG_RINGS, What.LEG_UP, What.LEG_IN, What.LEG_OUT, What.LEG_OVER):
        bridged.hears(what, leg)
    bridged.hears(What.LEG_KEYED, leg, "1")
    assert line_of(bridged) == after


def test_whoever_is_being_rung_for_the_line_is_on_it_once() -> None:
    """Jo presses 9, then 9 again, in the call that asked her, in the moment when she is rung."""
    story = in_state(State.UNANSWERED, site=LINE_SITE)
    story.act(What.OPEN_LINE, "sam")
    [leg] = story.legs("jo")
    story.act(What.OPEN_LINE, "jo", attempt=leg + 50)
    assert story.legs("jo") == [leg]
