"""Which of our numbers an alert texts from, and who is heard on them (`wire.md`, replies)."""

import pytest

from tests.stories.test_reply_stories import (
    SENDERS,
    UNTOUCHED,
    post_sms,
    reach,
    senders_used,
    stand_down,
    state,
)
from tests.world import World


@pytest.mark.parametrize(("seconds", "taken"), [(595, SENDERS[0]), (605, SENDERS[1])])
async def test_a_number_rests_for_ten_minutes_and_no_longer(
    world: World, seconds: float, taken: str
) -> None:
    """Of two that rest the one used longest ago is taken; one that has rested goes before both."""
    first, second = await world.press(1), await world.press(2)
    await world.act("at_booth", "kim", alert=first["alert"]["id"])
    await stand_down(world, second)
    await world.press(3)
    await world.act("at_booth", "sam")
    await world.advance(seconds)
    await stand_down(world, first)
    await world.press(4)
    assert await senders_used(world) == [*SENDERS, taken]


async def test_a_number_whose_alert_asks_is_taken_last_of_all(world: World) -> None:
    """Two that rest are better than one on which a reply could mean either alert."""
    await world.press(1)
    for booth in (2, 3):
        await world.advance(1)
        await stand_down(world, await world.press(booth))
    await world.press(4)
    assert await senders_used(world) == [*SENDERS, SENDERS[1]]


async def test_a_stranger_is_shown_where_the_number_tells_which_alert_is_meant(
    world: World,
) -> None:
    """A text to a number that no alert uses is about none."""
    await world.press(3)
    stranger = {"MessageSid": "SM9", "From": "+31699999999", "Body": "1"}
    for number, count in ((SENDERS[2], 0), (SENDERS[0], 1)):
        form = stranger | {"MessageSid": f"SM{count}", "To": number}
        assert (await world.to_us.send(post_sms(world, form))).status_code == 200
        assert len((await world.alert())["answers"]) == count


async def test_the_network_says_itself_that_a_phone_has_stopped_or_begun_again(
    world: World,
) -> None:
    """In a language whose word for it we do not know: `OptOutType` counts, whatever was written."""
    pressed = await world.press(3)
    kim = {"From": "+31612345603", "To": SENDERS[0], "Body": "arrêt"}
    for kind, sid, now in (("STOP", "SM1", "stopped"), ("START", "SM2", "ok")):
        form = kim | {"MessageSid": sid, "OptOutType": kind}
        assert (await world.to_us.send(post_sms(world, form))).status_code == 200
        assert await reach(world, "kim") == now
    assert await state(world, pressed["alert"]["id"]) == UNTOUCHED
