"""Device health: what is known of screens, strangers' texts and the phone network, as it is asked.

The story begins at 14:03:27 on a Tuesday; times are of the moved clock.
"""

from pathlib import Path
from typing import Any

from tests.live import Screen, served
from tests.world import World, open_world

Json = dict[str, Any]


async def health(world: World, kind: str = "tablet") -> Json:
    """What the page of device health is told."""
    token = world.tablet() if kind == "tablet" else world.device(kind)
    answer = await world.request("GET", "/v1/devices/health", token)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_how_long_ago_a_screen_was_heard_is_told(world: World) -> None:
    """It grows while a screen says nothing, and is gone with its socket."""
    await world.settle()
    (screen,) = (await health(world))["screens"]
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    assert screen == {"device_id": site["screens"][0]["device_id"], "heard_s": 0.0}
    world.clock.move(2.5)
    assert [one["heard_s"] for one in (await health(world, "monitor"))["screens"]] == [2.5]
    world.disarm()
    assert (await health(world))["screens"] == []


async def test_a_screen_that_may_go_dark_is_told_to_the_others_at_once(tmp_path: Path) -> None:
    """It can alarm as before, so it is no fault: whoever follows hears of it with the site."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        await world.service.beat()
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("screen", None, "TV-9"))
        await wall.prove()
        frame = await other.hears("device_back")
        assert frame["event"]["data"]["screen"]["awake"] is True
        await wall.prove(awake=False)
        await other.until(lambda one: _changes(one)[-1:] == ["TV-9: may go dark"])
        (screen,) = other.frames[-1]["event"]["data"]["site"]["screens"]
        assert (screen["able"], screen["awake"]) == (True, False)
        await wall.prove(awake="yes")
        await wall.prove()
        await other.until(lambda one: _changes(one)[-1:] == ["TV-9: screen on"])
        assert other.names().count("device_back") == 1


def _changes(screen: Screen) -> list[str]:
    """All that was told of the site so far."""
    told = (frame["event"]["data"] for frame in screen.frames if frame["type"] == "event")
    return [change for data in told for change in data.get("changes", ())]
