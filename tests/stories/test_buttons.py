"""Buttons that fall silent are told of, and a bridge's buttons are each seen (`promises.md` 8)."""

from typing import Any

from dispatch import setup
from tests.live import Live, Screen, served
from tests.world import World

Json = dict[str, Any]


async def beat(world: World, token: str, **said: Any) -> None:
    """One heartbeat of this device, saying this."""
    answer = await world.request("POST", "/v1/heartbeats", token, said)
    assert answer.status_code == 200, answer.text


async def buttons(world: World) -> dict[tuple[str, int | None], str]:
    """The state of every button of the site, by name and booth, as it is read anew."""
    answer = await world.request("GET", "/v1/site", world.tablet())
    return {(one["name"], one["booth"]): one["state"] for one in answer.json()["buttons"]}


def shown(screen: Screen) -> dict[tuple[str, int | None], Json]:
    """The same as a screen has it that was told of the changes."""
    assert screen.state.site is not None
    return {(one["name"], one["booth"]): one for one in screen.state.site["buttons"]}


def told_back(screen: Screen) -> int:
    """How often a button was said to be heard again."""
    events = [frame["event"] for frame in screen.frames if frame["type"] == "event"]
    return sum(one["name"] == "device_back" and "button" in one["data"] for one in events)


async def same(world: World, live: Live, screen: Screen) -> None:
    """What the screen was told equals what is read anew."""
    await screen.reaches(live.head())
    told = {button: one["state"] for button, one in shown(screen).items()}
    assert told == await buttons(world)


async def test_a_button_that_falls_silent_is_told_within_90_seconds(world: World) -> None:
    token = world.device("booth", 3, "Three")
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        assert shown(screen)["Three", 3]["state"] == "never"
        await beat(world, token, battery=80)
        await world.advance(1)
        await same(world, live, screen)
        assert shown(screen)["Three", 3]["state"] == "ok"
        assert shown(screen)["Three", 3]["battery"] == 80
        for _ in range(3):
            await world.advance(30)
            await beat(world, token, battery=79)
        await world.advance(1)
        assert told_back(screen) == 1
        await world.advance(88)
        assert "device_silent" not in screen.names()
        # The look comes once a second.
        world.clock.move(2)
        await world.settle()
        said = (await screen.hears("device_silent"))["event"]
        assert said["by"] == {"kind": "device", "id": world.device_of(token).id}
        assert said["data"].items() >= {"kind": "booth", "booth": 3, "why": ["silent"]}.items()
        await same(world, live, screen)
        assert shown(screen)["Three", 3]["battery"] == 79
        await beat(world, token)
        await world.advance(1)
        await same(world, live, screen)
        assert shown(screen)["Three", 3]["state"] == "ok"
        assert screen.names().count("device_silent") == 1


async def test_a_battery_button_keeps_its_own_period(world: World) -> None:
    token = world.device("booth", 3, "Three")
    await beat(world, token, period_s=600)
    await world.advance(1490)
    assert await buttons(world) == {("Three", 3): "ok"}
    await world.advance(70)
    assert await buttons(world) == {("Three", 3): "silent"}
    rows = world.connection.execute("SELECT name FROM log WHERE name LIKE 'device_%' ORDER BY seq")
    assert [str(row[0]) for row in rows][-2:] == ["device_back", "device_silent"]


async def test_the_period_of_a_button_is_told_with_its_state(world: World) -> None:
    """What is heard once in hours is known to be alive no more than what is silent."""
    token = world.device("booth", 3, "Three")
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        assert shown(screen)["Three", 3]["period_s"] is None
        await beat(world, token, period_s=7200)
        await world.advance(1)
        await same(world, live, screen)
        assert shown(screen)["Three", 3]["period_s"] == 7200


async def test_each_button_of_a_bridge_is_seen_by_itself(world: World) -> None:
    token = world.device("bridge", None, "Bridge")
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        for booth in (2, 5):
            await beat(world, token, booth=booth)
        await beat(world, token)
        await world.advance(1)
        expected = {("Bridge", None): "ok", ("Bridge", 2): "ok", ("Bridge", 5): "ok"}
        assert await buttons(world) == expected
        await same(world, live, screen)
        answer = await world.request("GET", "/v1/site", world.tablet())
        booths = {one["number"]: one["covered"] for one in answer.json()["booths"]}
        assert [number for number, covered in booths.items() if covered] == [2, 5]
        for _ in range(3):
            await world.advance(30)
            await beat(world, token)
            await beat(world, token, booth=5)
        await world.advance(2)
        # One battery is empty; the bridge itself and its other button are well.
        assert await buttons(world) == expected | {("Bridge", 2): "silent"}
        await same(world, live, screen)
        said = (await screen.hears("device_silent"))["event"]["data"]
        assert (said["kind"], said["booth"]) == ("bridge", 2)


async def test_a_booth_speaks_for_itself_alone_and_a_revoked_one_is_not_missed(
    world: World,
) -> None:
    token = world.device("booth", 3, "Three")
    await beat(world, token, booth=7)
    assert await buttons(world) == {("Three", 3): "ok"}
    await world.advance(1)
    world.carry_out(setup.set_status(world.device_of(token), "revoked"))
    await world.advance(200)
    rows = world.connection.execute("SELECT 1 FROM log WHERE name = 'device_silent'")
    assert rows == []
