"""Two alerts at one site are never confused, and nobody is at two booths (`promises.md` 15)."""

import pytest

from tests.contract import refused
from tests.record import rungs
from tests.world import World


async def stands(world: World, alert: str) -> tuple[str, str]:
    """Where it stands, and its ladder."""
    shown = await world.alert(alert)
    return shown["state"], shown["ladder"]


async def test_somebody_at_one_booth_does_not_stop_the_ladder_of_another(world: World) -> None:
    """Sam is busy; that he will come there too is kept and shown, and others are sought."""
    first = (await world.press(3))["alert"]["id"]
    assert (await world.act("at_booth", "sam", alert=first)).status_code == 200
    second = (await world.press(5))["alert"]["id"]
    assert (await world.phone("sam").reply("11 1") or "").startswith("OK #11")
    assert await stands(world, second) == ("unanswered", "running")
    answers = (await world.alert(second))["answers"]
    assert [(one["person"], one["answer"]) for one in answers] == [("sam", "on_my_way")]
    await world.advance(31)
    fired = await world.events("rung_reached", alert=second)
    assert [one["data"]["rung"] for one in fired] == [0, 1, 2]
    assert await stands(world, first) == ("at_booth", "stopped")


async def test_somebody_who_is_only_on_the_way_may_turn_to_another_alert(world: World) -> None:
    """Kim is at no booth yet: her word stops the ladder of either."""
    first, second = (await world.press(3))["alert"]["id"], (await world.press(5))["alert"]["id"]
    for code, alert in (("10 1", first), ("11 1", second)):
        await world.phone("kim").reply(code)
        assert await stands(world, alert) == ("on_the_way", "stopped")


async def test_a_booth_where_another_alert_asks_gets_no_second_one(world: World) -> None:
    """The old one recovers or has ended; a new press is a new alert, and that one is helped."""
    old = (await world.press(3))["alert"]["id"]
    for action in ("at_booth", "safe"):
        assert (await world.act(action, "sam", alert=old)).status_code == 200
    new = await world.press(3)
    assert (new["joined"], new["alert"]["number"]) == (False, 11)
    refused(await world.act("more_people", "sam", alert=old), 409, "booth_busy")
    ended = await world.act("close", "jo", alert=old, outcome="monitored", pin="8080")
    assert ended.status_code == 200
    refused(await world.act("reopen", "sam", alert=old), 409, "booth_busy")
    # Elsewhere it is nobody's business.
    assert (await world.act("close", "jo", outcome="monitored", pin="8080")).status_code == 200
    await world.press(5)
    assert (await world.act("reopen", "sam", alert=old)).status_code == 200


async def test_two_alerts_without_a_booth_are_not_at_one_place(world: World) -> None:
    """ "Somewhere else in the house" is no booth: each can be opened again beside the other."""
    first = (await world.press(None, token=world.tablet()))["alert"]["id"]
    ended = await world.act("stand_down", "jo", reason="false_press", pin="8080")
    assert ended.status_code == 200
    second = await world.press(None)
    assert second["alert"]["id"] != first
    assert (await world.act("reopen", "sam", alert=first)).status_code == 200
    assert await stands(world, first) == ("unanswered", "running")


@pytest.mark.parametrize("state", ["recovering", "closed"])
async def test_a_press_where_nobody_is_sought_any_more_raises_a_new_alert(
    world: World, state: str
) -> None:
    """With a ladder of its own from the first rung; the old alert is left as it is."""
    old = (await world.press(3))["alert"]["id"]
    for action in ("at_booth", "safe"):
        await world.act(action, "sam", alert=old)
    if state == "closed":
        await world.act("close", "jo", alert=old, outcome="monitored", pin="8080")
    await world.advance(5)
    before = await world.alert(old)
    new = await world.press(3)
    assert (new["joined"], new["alert"]["state"]) == (False, "unanswered")
    assert new["alert"]["again"] is (state == "closed")
    assert await rungs(world) == [(0, 5.0)]
    assert await world.alert(old) == before


async def test_of_two_that_have_ended_the_code_says_which_was_meant(world: World) -> None:
    """U4 tells of the alert whose code was sent, and without one of the last to end."""
    for booth in (3, 5):
        await world.press(booth)
        ended = await world.act("stand_down", "jo", reason="false_press", pin="8080")
        assert ended.status_code == 200
        world.clock.move(60)
    kim = world.phone("kim")
    sender = (await kim.texts())[0]["from"]
    for text, said in (("10 1", "#10 was"), ("11 1", "#11 was"), ("1", "#11 was")):
        assert (await kim.reply(text, to=sender) or "").startswith(f"{said} closed at 14:0"), text


async def test_somebody_who_was_not_asked_hears_nothing_of_an_alert_that_ended(
    world: World,
) -> None:
    """Alex would have been asked after 15 s: there is no open alert, and none is told of."""
    await world.press(3)
    await world.act("stand_down", "jo", reason="false_press", pin="8080")
    sender = (await world.phone("kim").texts())[0]["from"]
    said = await world.phone("alex").reply("1", to=sender)
    assert (said or "").startswith("AMC4: no open alert.")
