"""From a press to somebody at the booth: the thin whole, told as a story."""

from tests.world import World


async def test_a_press_is_texted_answered_and_somebody_comes(world: World) -> None:
    """Sam reads the text, replies 1, and everybody knows who is coming."""
    pressed = await world.press(3)
    assert pressed["alert"]["state"] == "unanswered"
    sam = world.phone("sam")
    text = await sam.expect_text("AMC4 ")
    assert f"#{pressed['alert']['number']} 14:03:27" in text["body"]
    answer = await sam.reply("1")
    assert answer is not None
    assert answer.startswith(f"OK #{pressed['alert']['number']}: ")
    alert = await world.alert()
    assert (alert["state"], alert["ladder"]) == ("on_the_way", "stopped")
    assert [one["name"] for one in alert["answers"]] == ["Sam"]
    assert alert["answers"][0]["by"] == "text"


async def test_nobody_answers_and_the_ladder_climbs_to_phone_calls(world: World) -> None:
    """Text, louder text, calls to everybody, and the coordinator; and then again."""
    await world.press(3)
    await world.advance(15)
    noor = world.phone("noor")
    await noor.expect_text("15 s")
    await world.advance(16)
    assert await noor.ringing() is not None
    await world.advance(80)
    assert (await world.alert())["nobody_reached"] is False
    await world.advance(14)
    assert (await world.alert())["nobody_reached"] is True
    rungs = [one["data"]["rung"] for one in await world.events("rung_reached")]
    assert rungs == [0, 1, 2, 3, 2]
    assert [one["data"]["loop"] for one in await world.events("nobody_reached")] == [1]


async def test_a_key_in_a_call_is_an_answer(world: World) -> None:
    """Kim's phone rings; she presses 1; the other phones stop ringing."""
    await world.press(3)
    await world.advance(31)
    kim, noor = world.phone("kim"), world.phone("noor")
    assert await noor.ringing() is not None
    await kim.does("answer")
    await world.advance(3)
    await kim.does("press", "1")
    await world.advance(2)
    alert = await world.alert()
    assert alert["answers"][0]["by"] == "call"
    assert alert["state"] == "on_the_way"
    assert await noor.ringing() is None


async def test_a_restart_loses_nothing(world: World) -> None:
    """The service is killed in the middle; the next rung still comes at its time."""
    await world.press(3)
    await world.advance(5)
    await world.restart(down=4)
    await world.advance(6)
    rungs = await world.events("rung_reached")
    assert [one["data"]["rung"] for one in rungs] == [0, 1]
    assert rungs[1]["data"]["late_s"] == 0
