"""What a screen that comes back knows is what a fresh one is told, also of what has no event."""

from clients.state import State, apply
from tests.line_site import TEST_NUMBER, line_site, phone
from tests.live import Live, served
from tests.record import phones
from tests.world import Json, World


async def fresh(live: Live, token: str) -> Json:
    """The site as a screen that connects now is told it."""
    screen = await live.follower(token)
    await screen.leave()
    return screen.frames[0]["site"]


async def back(live: Live, token: str, had: State, epoch: str) -> State:
    """What a screen knows that comes back with what it had."""
    screen = await live.follower(token, f"?after={had.seq}&epoch={epoch}")
    assert screen.frames[0]["type"] == "resumed"
    await screen.until(lambda one: one.frames[-1]["seq"] >= live.head())
    state = had
    for frame in screen.frames:
        state = apply(state, frame)
    await screen.leave()
    return state


async def test_phones_that_failed_while_nobody_followed_are_shown_to_who_comes_back(
    world: World,
) -> None:
    """And that they are well again, after a restart that forgot that they failed."""
    token = world.device("monitor")
    async with served(world) as live:
        screen = await live.follower(token)
        had, epoch = screen.state, screen.frames[0]["epoch"]
        await screen.leave()
        await world.fault(on="all", do="status", status=500)
        await world.press(3)
        await world.advance(4)
        assert await phones(world) == ("failing", True)
        failing = await back(live, token, had, epoch)
        assert failing.site is not None
        assert failing.site["phones"] == "failing"
    await world.heal()
    await world.restart(down=1)
    async with served(world) as live:
        well = await back(live, token, failing, epoch)
        assert well.site is not None
        assert well.site["phones"] == (await fresh(live, token))["phones"] == "ok"


async def test_a_test_of_the_line_is_followed_from_its_start_to_its_result(world: World) -> None:
    """Each step of it is told with what the site shows of it."""
    world.load(line_site())
    token = world.device("monitor")
    async with served(world) as live:
        screen = await live.follower(token)
        body: Json = {"test_id": "one", "person": "jo"}
        answer = await world.request("POST", "/v1/line-tests", world.tablet(), body)
        assert answer.status_code == 202
        await world.settle()
        seen: list[bool] = []
        for step in (None, "answer", "press"):
            if step is not None:
                await phone(world, TEST_NUMBER).does(step, *(["1"] if step == "press" else []))
            await world.advance(3)
            await screen.reaches(live.head())
            assert screen.state.site is not None
            shown = screen.state.site["line_test"]
            assert shown == (await fresh(live, token))["line_test"]
            seen.append(shown["running"])
        assert seen == [True, True, False]
