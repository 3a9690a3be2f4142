"""The demo site with a direct line, and the phones at its two ends, for stories of the line."""

from collections.abc import Mapping

from tests.record import requests, seconds
from tests.world import Json, Phone, World, demo_site

LINE_PHONE = "+31201234568"
FIRST, SECOND = "+31205550001", "+31205550002"
TEST_NUMBER = "+31205550009"
DIRECT_LINE = f"""
[direct_line]
numbers = ["{FIRST}", "{SECOND}"]
language = "en"
agreement = "2026-05-01 Control room Amsterdam, letter 12"
line_phone = "{LINE_PHONE}"
test_numbers = ["{TEST_NUMBER}"]
"""
OPENS_ITSELF = """
[[ladder]]
after = 90
do = ["open_line"]
"""


def line_site(changes: Mapping[str, str] | None = None, *, opens_itself: bool = False) -> str:
    """The site file: the demo's, with a line. `changes` replace text of the line's table."""
    text = demo_site().partition("[direct_line]")[0]
    line = DIRECT_LINE
    for old, new in (changes or {}).items():
        line = line.replace(old, new)
    ladder, repeat, rest = text.partition("[ladder_repeat]")
    return ladder + (OPENS_ITSELF if opens_itself else "") + repeat + rest + line


def phone(world: World, number: str) -> Phone:
    """The phone of this number, which belongs to nobody of the site."""
    return Phone(world, number)


async def rung(world: World, number: str) -> list[float]:
    """The seconds at which the network accepted a call to this number."""
    calls = [one for one in await requests(world, "call") if one["phone"] == number]
    return [seconds(one["at"]) for one in calls]


async def line(world: World) -> Json:
    """The line of the newest alert, as a tablet sees it."""
    return (await world.alert())["line"]


async def opened(world: World) -> None:
    """A press, and Sam, who comes, opens the line from a tablet."""
    world.load(line_site())
    await world.press(3)
    await world.act("on_my_way", "sam")
    answer = await world.act("open_line", "sam")
    assert answer.status_code == 200, answer.text
    # The phones need a moment to ring.
    await world.advance(1)


async def hears(world: World, number: str) -> list[str]:
    """What was said in the newest call to this number."""
    return (await phone(world, number).calls())[-1]["said"]


async def bridged(world: World) -> None:
    """Sam's phone is on, and the first number of the control room has pressed 1."""
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(2)
    await phone(world, FIRST).does("press", "1")
    await world.advance(4)
    assert (await line(world))["state"] == "bridged"


async def state(world: World) -> str:
    """Where the line of the newest alert stands."""
    return (await line(world))["state"]


async def to_bridged(world: World) -> None:
    """Sam's phone and the first number are answered, and 1 is pressed; with slow words."""
    await world.phone("sam").does("answer")
    await world.advance(5)
    await phone(world, FIRST).does("answer")
    await world.advance(4)
    await phone(world, FIRST).does("press", "1")
    await world.advance(8)
