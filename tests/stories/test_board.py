"""A city board follows the sites named at its making, and sees no more of them than states."""

from pathlib import Path

import pytest

from clients.state import State, apply
from dispatch import registry, setup
from tests.live import served
from tests.world import World

OTHER = (
    Path("service/demo_site.toml")
    .read_text("utf-8")
    .replace('"AMC4"', '"UTR7"')
    .replace("+319701020000", "+319701020009")
    .replace("+31201230000", "+31201230009")
    .replace("+31201234568", "+31201000009")
)
CUT = {"id", "number", "site", "state", "raised_at", "drill", "seq", "version"}


def make_board(world: World, *sites: str) -> str:
    """The token of a board of these sites."""
    made = world.carry_out(setup.add_device(sites[0], "board", None, "City", sites=sites))
    world.service.callers.forget()
    return made.token


async def test_a_board_follows_several_sites_in_one_feed(world: World) -> None:
    """Every alert of each of them, cut to its state; every frame names the one before it."""
    world.load(OTHER)
    world.load(OTHER.replace("UTR7", "ROT1").replace("0009", "0008"))
    token = make_board(world, "AMC4", "UTR7")
    there, elsewhere = (world.device("bridge", None, "B", site) for site in ("UTR7", "ROT1"))
    first = await world.press(3)
    async with served(world) as live:
        board = await live.follower(token)
        began = board.frames[0]
        assert began["seq"] == live.head("AMC4") + live.head("UTR7")
        assert [one["code"] for one in began["sites"]] == ["AMC4", "UTR7"]
        assert [one["id"] for one in began["alerts"]] == [first["alert"]["id"]]
        second = await world.press(4, token=there)
        await world.press(4, token=elsewhere)
        await world.advance(16)
        await world.act(
            "stand_down", "jo", alert=first["alert"]["id"], reason="duplicate", pin="8080"
        )
        await board.hears("stood_down")
        await board.until(lambda one: set(one.state.alerts) == {second["alert"]["id"]})
        events = [frame for frame in board.frames if frame["type"] == "event"]
        assert {frame["alert"]["site"] for frame in events} == {"AMC4", "UTR7"}
        assert all(set(frame["alert"]) == CUT and frame["event"]["alert"] for frame in events)
        numbers = [began["seq"], *(frame["seq"] for frame in events)]
        assert [frame["prev"] for frame in events] == numbers[:-1]
        assert numbers == sorted(set(numbers))
        fresh = await live.follower(token)
        assert apply(State(), fresh.frames[0]).alerts == board.state.alerts
        assert fresh.frames[0]["seq"] >= board.state.seq


async def test_a_board_that_comes_back_is_given_a_whole_snapshot(world: World) -> None:
    """One number cannot say how far it was with each of several sites."""
    world.load(OTHER)
    token = make_board(world, "AMC4", "UTR7")
    async with served(world) as live:
        began = (await live.follower(token)).frames[0]
        back = await live.follower(token, f"?after={began['seq']}&epoch={began['epoch']}")
        assert back.frames[0]["type"] == "snapshot"
        one = await live.follower(make_board(world, "UTR7"))
        began = one.frames[0]
        back = await live.follower(
            make_board(world, "UTR7"), f"?after={began['seq']}&epoch={began['epoch']}"
        )
        assert back.frames[0]["type"] == "resumed"


def test_a_board_of_a_site_that_is_not_there_is_not_made(world: World) -> None:
    before = len(registry.devices(world.connection))
    with pytest.raises(setup.NoSuchSite, match="NONE"):
        make_board(world, "AMC4", "NONE")
    assert len(registry.devices(world.connection)) == before
