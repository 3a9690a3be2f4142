"""The direct line when the server is killed: the call goes on, and its state is right again.

What the phone network accepted (its truth) is what counts: nobody is dialled twice for one step.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.line_site import (
    FIRST,
    LINE_PHONE,
    SECOND,
    bridged,
    line,
    line_site,
    phone,
    rung,
    state,
)
from tests.record import times
from tests.world import World


async def as_opened(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    await world.act("on_my_way", "sam")
    await world.act("open_line", "sam")


async def our_side_rings(world: World) -> None:
    await as_opened(world)
    await world.advance(1)


async def control_rings(world: World) -> None:
    await our_side_rings(world)
    await world.phone("sam").does("answer")
    await world.advance(1)


async def answered(world: World) -> None:
    await control_rings(world)
    await phone(world, FIRST).does("answer")
    await world.advance(1)


async def after_key_1(world: World) -> None:
    await answered(world)
    await phone(world, FIRST).does("press", "1")
    await world.advance(0.5)


async def failing_over(world: World) -> None:
    await phone(world, FIRST).habit(busy=True)
    await our_side_rings(world)
    await world.phone("sam").does("answer")
    await world.advance(0.4)


async def kept(world: World) -> None:
    await answered(world)
    await world.act("at_booth", "sam")
    await world.advance(31)


async def dispatcher_lost(world: World) -> None:
    await bridged(world)
    await phone(world, FIRST).does("hang_up")
    await world.advance(0.5)


async def second_round(world: World) -> None:
    for number in (FIRST, SECOND):
        await phone(world, number).habit(busy=True)
    await our_side_rings(world)
    await world.phone("sam").does("answer")
    await world.advance(0.7)
    await phone(world, FIRST).habit(busy=False)
    await world.advance(0.7)


@dataclass(frozen=True, slots=True)
class Step:
    """Where the line is when the server dies, and then; which number goes on, and who was dialled
    how often in all: the control room's first and second number.
    """

    reach: Callable[[World], Awaitable[None]]
    state: str
    number: str = FIRST
    dialled: tuple[int, int] = (1, 0)


STEPS = {
    "opened": Step(as_opened, "joining"),
    "our side rings": Step(our_side_rings, "joining"),
    "the control room rings": Step(control_rings, "ringing"),
    "answered": Step(answered, "answered"),
    "key 1": Step(after_key_1, "bridged"),
    "bridged": Step(bridged, "bridged"),
    "failing over": Step(failing_over, "ringing", SECOND, (1, 1)),
    "kept, and the next one rings": Step(kept, "ringing", SECOND, (1, 1)),
    "the dispatcher was lost": Step(dispatcher_lost, "ringing", FIRST, (2, 0)),
    "second round": Step(second_round, "ringing", FIRST, (2, 1)),
}


@pytest.mark.parametrize("name", STEPS)
async def test_killed_at_every_step_the_call_goes_on_and_nobody_is_dialled_twice(
    world: World, name: str
) -> None:
    step = STEPS[name]
    await step.reach(world)
    opened_at = (await line(world))["opened_at"]
    await world.restart(down=2)
    await world.advance(3)
    now = await line(world)
    assert (now["state"], now["opened_at"]) == (step.state, opened_at)
    if now["state"] == "joining":
        await world.phone("sam").does("answer")
        await world.advance(2)
    if now["state"] != "bridged":
        if (await phone(world, step.number).calls())[-1]["status"] == "ringing":
            await phone(world, step.number).does("answer")
            await world.advance(2)
        await phone(world, step.number).does("press", "1")
        await world.advance(4)
    assert await state(world) == "bridged"
    sam = world.phone("sam").number
    assert (await phone(world, step.number).calls())[-1]["with"] == [sam]
    # Jo and the line phone never pick up; each phone was dialled for its step once.
    for one in (LINE_PHONE, sam, world.phone("jo").number):
        assert len(await rung(world, one)) == 1, one
    dialled = [len(await rung(world, number)) for number in (FIRST, SECOND)]
    assert tuple(dialled) == step.dialled
    assert await times(world, "line_ended") == []


async def test_killed_as_somebody_ends_the_line_every_call_of_it_is_ended_all_the_same(
    world: World,
) -> None:
    await bridged(world)
    body = {"action_id": "end", "action": "end_line", "person": "jo", "pin": "8080"}
    path = f"/v1/alerts/{world.newest()}/actions"
    answer = await world.request("POST", path, world.tablet(), body)
    assert answer.status_code == 200, answer.text
    await world.restart(down=1)
    await world.advance(3)
    assert await state(world) == "ended"
    for number in (FIRST, LINE_PHONE, world.phone("sam").number, world.phone("jo").number):
        assert (await phone(world, number).calls())[-1]["status"] in {"completed", "canceled"}
    await world.advance(60)
    assert len(await rung(world, FIRST)) == 1


async def test_killed_after_it_reached_nobody_that_stays_true_and_is_told_once(
    world: World,
) -> None:
    for number in (FIRST, SECOND):
        await phone(world, number).habit(busy=True)
    await our_side_rings(world)
    await world.phone("sam").does("answer")
    await world.advance(10)
    await world.restart(down=2)
    await world.advance(60)
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("not_reached", True)
    texts = await world.phone("sam").texts()
    assert sum("LIJN NIET BEREIKT" in text["body"] for text in texts) == 1
    assert len(await rung(world, FIRST)) == len(await rung(world, SECOND)) == 2


async def test_a_key_that_comes_while_the_server_is_down_brings_the_next_number(
    world: World,
) -> None:
    """The network finds nobody to ask and hangs up on the dispatcher; that is found out."""
    await answered(world)
    await phone(world, FIRST).does("press", "1")
    await world.restart(down=2)
    await world.advance(3)
    assert "application error" in (await phone(world, FIRST).calls())[-1]["said"][-1]
    assert (await line(world))["reached_at"] is None
    assert len(await rung(world, SECOND)) == 1
    assert await state(world) == "ringing"
