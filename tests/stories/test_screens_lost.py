"""No screen can alarm while nobody answers: the phones ring sooner (`promises.md` 9).

Times are of the moved clock, in seconds since the press.
"""

from pathlib import Path

from tests.record import DEMO_RUNGS, rungs, sent, times
from tests.world import World, open_world

EVERYBODY = ("sam", "kim", "noor", "jo", "alex")


async def settled(world: World) -> None:
    """A service that has run for a while, so that screens have had time to come back."""
    await world.advance(20)


async def since_press(world: World) -> list[tuple[int, float]]:
    """Every rung that fired, in seconds since the press."""
    fired = await rungs(world)
    return [(rung, round(at - fired[0][1], 3)) for rung, at in fired]


async def test_the_last_screen_goes_and_the_phones_ring_within_two_seconds(world: World) -> None:
    """The rungs in between fire once, in order, then; later ones keep their distances."""
    await settled(world)
    await world.press(3)
    await world.advance(5)
    world.disarm()
    await world.advance(2)
    fired = await since_press(world)
    assert [rung for rung, _ in fired] == [0, 1, 2]
    moved_at = fired[1][1]
    assert 5 <= moved_at <= 7
    assert fired[2][1] == moved_at
    assert len(await sent(world, "call")) == len(EVERYBODY)
    assert len(await sent(world, "message", "noor")) == 1
    await world.advance(30)
    assert (await since_press(world))[3] == (3, moved_at + 30)
    late = {one["data"]["late_s"] for one in await world.events("rung_reached")}
    assert late == {0.0}
    assert not (await world.alert())["late"]


async def test_a_screen_that_falls_silent_counts_as_gone(world: World) -> None:
    """Its socket stays open and no proof comes: dead after 10 s; the phones ring within 2 s."""
    await settled(world)
    world.freeze()
    await world.press(3)
    await world.advance(9)
    assert [rung for rung, _ in await since_press(world)] == [0]
    await world.advance(3)
    assert [rung for rung, _ in await since_press(world)] == [0, 1, 2]


async def test_a_press_without_any_screen_rings_the_phones_at_once(tmp_path: Path) -> None:
    """Nobody armed a screen today."""
    async with open_world(tmp_path, armed=False) as world:
        await settled(world)
        await world.press(3)
        await world.advance(2)
        assert [rung for rung, _ in await since_press(world)] == [0, 1, 2]
        assert len(await sent(world, "call")) == len(EVERYBODY)


async def test_a_site_without_screens_keeps_the_pause_between_loops(tmp_path: Path) -> None:
    """It is moved forward once; then the ladder goes round at the pace of the site file."""
    async with open_world(tmp_path, armed=False) as world:
        await settled(world)
        await world.press(3)
        await world.advance(200)
        fired = await since_press(world)
        began = fired[1][1]
        assert began <= 2
        later = [(3, 30), (2, 90), (3, 120), (2, 180)]
        assert fired[1:] == [(1, began), (2, began), *((rung, began + at) for rung, at in later)]
        # A screen comes, and goes again: the phones ring at once.
        await world.advance(15)
        world.arm()
        await world.advance(1)
        world.disarm()
        await world.advance(2)
        assert [rung for rung, _ in (await since_press(world))[7:]] == [3, 2]


async def test_one_screen_of_two_is_enough(world: World) -> None:
    """As long as one can alarm the ladder keeps its own time."""
    await settled(world)
    world.arm("TV-2")
    await world.press(3)
    await world.advance(5)
    world.disarm("TV-1")
    await world.advance(57)
    assert await since_press(world) == DEMO_RUNGS[:4]


async def test_the_screen_of_another_site_is_no_screen_here(world: World) -> None:
    """Each site needs a screen of its own."""
    other = (
        Path("service/demo_site.toml")
        .read_text("utf-8")
        .replace('"AMC4"', '"ZUI1"')
        .replace("+319701020000", "+319701020009")
        .replace("+31201230000", "+31201230009")
        .replace("+31201234568", "+31201234569")
    )
    world.load(other)
    world.arm("TV-Z", "ZUI1")
    await settled(world)
    world.disarm("TV-1")
    await world.press(3)
    await world.advance(2)
    assert [rung for rung, _ in await since_press(world)] == [0, 1, 2]


async def test_it_moves_once_a_loop(world: World) -> None:
    """Screens that come and go in one loop move it once; the next loop may move again."""
    await settled(world)
    await world.press(3)
    await world.advance(3)
    for _ in range(3):
        world.disarm()
        await world.advance(2)
        world.arm()
        await world.advance(2)
    fired = await since_press(world)
    assert [rung for rung, _ in fired] == [0, 1, 2]
    await world.advance(30)
    fired = await since_press(world)
    assert [rung for rung, _ in fired] == [0, 1, 2, 3]
    last = fired[-1][1]
    world.disarm()
    await world.advance(2)
    fired = await since_press(world)
    assert [rung for rung, _ in fired] == [0, 1, 2, 3, 2]
    assert fired[-1][1] - last < 60
    assert await times(world, "nobody_reached") != []


async def test_after_a_start_screens_have_ten_seconds_to_come_back(world: World) -> None:
    """A restart is no reason to ring everybody; a wall that stays away is."""
    await settled(world)
    await world.press(3)
    world.freeze()
    await world.restart(down=0.5)
    await world.advance(9)
    assert [rung for rung, _ in await since_press(world)] == [0]
    await world.advance(3)
    fired = await since_press(world)
    assert [rung for rung, _ in fired] == [0, 1, 2]
    assert 10.5 <= fired[1][1] <= 12.5


async def test_a_screen_that_comes_back_in_time_changes_nothing(world: World) -> None:
    """The wall reconnects after the restart and the ladder keeps its own time."""
    await settled(world)
    await world.press(3)
    await world.restart(down=0.5)
    await world.advance(60)
    assert await since_press(world) == DEMO_RUNGS[:4]


async def test_while_somebody_is_coming_nothing_moves(world: World) -> None:
    """Sam is on the way: dark screens ring nobody, until he does not arrive."""
    await settled(world)
    await world.press(3)
    await world.phone("sam").reply("1")
    world.disarm()
    await world.advance(29)
    assert [rung for rung, _ in await since_press(world)] == [0]
    assert await sent(world, "call") == []
    await world.advance(3)
    assert len(await sent(world, "call")) > 0


async def test_watching_for_screens_writes_nothing_by_itself(world: World) -> None:
    """An alert that has been moved is left alone: its version stands still between rungs."""
    await settled(world)
    await world.press(3)
    world.disarm()
    await world.advance(15)
    before = (await world.alert())["version"]
    await world.advance(3)
    assert (await world.alert())["version"] == before
