"""An ambulance that was accepted by another call: it ends the search, not the call that rings.

Staff rang the emergency number by hand, and somebody taps what they were told (`DECISIONS` 32).
"""

import pytest

from tests.line_site import FIRST, LINE_PHONE, SECOND, line, opened, phone, rung
from tests.record import times
from tests.stories.test_line_sides import act, answered
from tests.world import World

TOLD = ["accepted", "on_the_way", "arrived", "left"]


async def not_reached(world: World) -> None:
    """Both numbers are busy in both rounds, and the full screen says so."""
    for number in (FIRST, SECOND):
        await phone(world, number).habit(busy=True)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(15)
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("not_reached", True)


async def test_accepted_elsewhere_nobody_else_is_rung_and_nobody_told_to_call(
    world: World,
) -> None:
    """Staff rang 112 by hand while the first number rang: that call may still be taken."""
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await act(world, "ems", ems="accepted")
    await world.advance(15)
    assert (await phone(world, FIRST).calls())[-1]["status"] == "ringing"
    await world.advance(60)
    assert await rung(world, SECOND) == []
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("ended", False)
    [ended] = await world.events("line_ended")
    assert ended["data"]["reason"] == "accepted"
    assert not any("LIJN NIET" in text["body"] for text in await world.phone("sam").texts())
    # Whoever opens the line after that wants to speak to them, and every number is rung.
    await world.advance(1)
    await act(world, "open_line")
    await world.advance(60)
    assert await rung(world, SECOND) != []


async def test_accepted_elsewhere_puts_the_full_screen_away(world: World) -> None:
    await answered(world)
    await world.advance(44)
    assert (await line(world))["state"] == "ringing"
    assert (await line(world))["by_hand"] is True
    await act(world, "ems", ems="on_the_way", minutes=6)
    assert (await line(world))["by_hand"] is False


@pytest.mark.parametrize("ems", TOLD)
async def test_accepted_after_the_line_gave_up_puts_the_full_screen_away_for_good(
    world: World, ems: str
) -> None:
    """Nobody was reached, and that stays true; but nobody has to call any more."""
    await not_reached(world)
    await act(world, "ems", ems=ems)
    now = await line(world)
    assert (now["state"], now["by_hand"], now["reached_at"]) == ("not_reached", False, None)
    await world.restart(down=2)
    await world.advance(200)
    assert (await line(world))["by_hand"] is False
    assert len(await times(world, "line_by_hand")) == 1


async def test_a_line_opened_after_the_ambulance_was_accepted_searches_anew(world: World) -> None:
    """What was accepted ends the search of its own opening, and no later one."""
    await not_reached(world)
    await act(world, "ems", ems="accepted")
    await world.advance(1)
    await act(world, "open_line")
    await world.advance(30)
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("not_reached", True)
    assert len(await rung(world, FIRST)) == len(await rung(world, SECOND)) == 4


@pytest.mark.parametrize("ems", TOLD)
async def test_accepted_while_our_own_phones_ring_ends_the_line_and_dials_nobody(
    world: World, ems: str
) -> None:
    await opened(world)
    await act(world, "ems", ems=ems)
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("ended", False)
    [ended] = await world.events("line_ended")
    assert ended["data"]["reason"] == "accepted"
    await world.advance(2)
    for number in (LINE_PHONE, world.phone("sam").number, world.phone("jo").number):
        assert (await phone(world, number).calls())[-1]["status"] == "canceled"
    await world.advance(120)
    assert await rung(world, FIRST) == []
    assert await rung(world, SECOND) == []
    assert await times(world, "line_by_hand") == []
    assert not any("LIJN NIET" in text["body"] for text in await world.phone("sam").texts())


async def test_whoever_picks_up_after_it_was_accepted_has_nobody_dialled(world: World) -> None:
    """Sam takes his phone in the very moment in which Kim says that they come."""
    await opened(world)
    call = await world.phone("sam").ringing()
    assert call
    # The word that ends his call is lost at first, so he hears that it is over.
    await world.fault(on="calls", to=call["to"], do="status", status=500, times=1)
    alert, token = world.newest(), world.tablet()
    told = {"action_id": "e", "action": "ems", "person": "kim", "ems": "on_the_way", "minutes": 4}
    await world.request("POST", f"/v1/alerts/{alert}/actions", token, told)
    await world.sim.post(f"/sim/calls/{call['sid']}", json={"do": "answer"})
    await world.advance(30)
    assert await rung(world, FIRST) == []
    assert (await line(world))["state"] == "ended"
    calls = await world.phone("sam").calls()
    ended = next(one for one in calls if one["sid"] == call["sid"])
    assert (ended["status"], ended["said"]) == ("completed", ["Dit gesprek is klaar. Dank u."])
