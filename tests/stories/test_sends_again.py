"""What was on its way when the service ended, and what was never to be sent at all.

Times are of the moved clock, in seconds since the press.
"""

import asyncio

import pytest

from dispatch.desk import Press
from dispatch.store import Store
from dispatch.writer import Item
from tests.record import metric, requests, sent
from tests.world import Json, World

SAM = "+31612345601"


async def test_what_was_undone_is_not_sent(world: World) -> None:
    """A change that fails half-way leaves no alert behind, and no text of one goes out."""

    def fails(store: Store) -> None:
        press = Press("AMC4", "p-1", "device", "bridge", 3)
        world.service.desk.press(press).carry_out(store)
        raise LookupError

    with pytest.raises(LookupError):
        world.carry_out(Item(fails, ("AMC4",)))
    await world.advance(20)
    assert world.connection.execute("SELECT count(*) FROM alerts")[0][0] == 0
    assert await requests(world, "message", accepted=None) == []


def tokens(entries: list[Json]) -> set[str]:
    """The attempts these entries are about."""
    return {one["token"] for one in entries}


async def test_a_restart_while_sending_sends_again_and_says_so(world: World) -> None:
    """Killed with a text on its way: sent again soon after the start, counted as a repeat."""
    await world.fault(on="messages", do="accept_then_hang", to=SAM, times=1)
    await world.fault(on="callbacks", do="drop", to=SAM, times=2)
    await world.press(3)
    await world.advance(0.2)
    await world.restart(down=0.5)
    await world.advance(3)
    assert await sent(world, "message", "sam") == [0.0, 2.7]
    assert len(tokens(await requests(world, "message", "sam"))) == 1
    assert await metric(world, "directline_sends_duplicate_total") == 1
    assert await sent(world, "message", "kim") == [0.0]


async def test_a_deploy_while_sending_waits_for_the_answer(world: World) -> None:
    """SIGTERM with a text on its way: its answer is heard and stored, so it goes out once."""
    await world.fault(on="messages", do="slow", seconds=0.5, to=SAM, times=1)
    await world.fault(on="callbacks", do="drop", to=SAM, times=2)
    await world.press(3)
    stopping = asyncio.create_task(world.service.stop())
    world.clock.move(0.6)
    await world.network.settle()
    await stopping
    await world.restart(down=0.5)
    await world.advance(10)
    assert await sent(world, "message", "sam") == [0.0]
    assert await metric(world, "directline_sends_duplicate_total") == 0
    assert [one["data"]["person"] for one in await world.events("text_sent")] == ["kim", "sam"]
