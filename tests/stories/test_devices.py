"""Device health: what is known of screens, strangers' texts and the phone network, as it is asked.

The story begins at 14:03:27 on a Tuesday; times are of the moved clock.
"""

from pathlib import Path
from typing import Any

from dispatch.answers import Heard
from tests.live import Screen, served
from tests.world import World, open_world

Json = dict[str, Any]
OURS = "+3197010200001"


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


async def test_a_button_that_is_pressed_by_mistake_four_times_a_week_is_told(world: World) -> None:
    async def mistaken(booth: int) -> None:
        await world.press(booth)
        said = await world.act("stand_down", "jo", reason="false_press", pin="8080")
        assert said.status_code == 200

    for booth in (3, 4, 3, 4, 3, 4):
        await mistaken(booth)
        world.clock.move(3600)
    await world.press(3)
    closed = await world.act("stand_down", "jo", reason="nothing_wrong", pin="8080")
    assert closed.status_code == 200
    assert (await health(world))["false_presses"] == []
    await mistaken(3)
    assert (await health(world))["false_presses"] == [{"booth": 3, "alerts": 4}]
    world.clock.move(7 * 86400 - 5 * 3600)
    assert (await health(world))["false_presses"] == []


async def test_the_last_delivered_text_is_told_with_how_long_it_took(world: World) -> None:
    """Of alerts and of notices; one that does not arrive changes nothing."""
    assert (await health(world))["delivered"] is None
    await world.press(3)
    await world.advance(2)
    first = (await health(world))["delivered"]
    assert first["at"].startswith("2026-11-24T13:03:")
    assert 0 < first["seconds"] <= 2
    answer = await world.act("stand_down", "jo", reason="false_press", pin="8080")
    assert answer.status_code == 200
    await world.advance(600)
    before = (await health(world))["delivered"]
    assert before["at"] > first["at"]
    kim = world.phone("kim")
    await kim.habit(off=True)
    await world.request("POST", "/v1/shift/confirm", world.tablet(), {"person": "kim"})
    await world.advance(150)
    assert (await kim.texts())[-1]["status"] == "undelivered"
    assert (await health(world))["delivered"] == before
    await kim.habit(off=False)
    await world.request("POST", "/v1/shift/confirm", world.tablet(), {"person": "kim"})
    await world.advance(2)
    assert (await health(world))["delivered"]["at"] > before["at"]


async def text_from(world: World, phone: str, body: str = "hello") -> None:
    """A text to the site's first number; nobody there has this phone."""
    said = {"from": phone, "to": OURS, "body": body}
    answer = (await world.sim.post("/sim/texts", json=said)).json()
    assert (answer["status"], answer["answer"]) == (200, None)


async def test_unknown_phones_are_shown_by_the_end_of_their_numbers(world: World) -> None:
    """How many texts, and when the last came; for twelve hours; never a number."""
    assert (await health(world))["unknown_phones"] == {"phones": [], "more": 0}
    await text_from(world, "+31699999942")
    world.clock.move(60)
    for body in ("1", "99"):
        await text_from(world, "+31688888842", body)
    assert await world.phone("kim").reply("7", to=OURS) is not None
    said = await health(world)
    assert said["unknown_phones"] == {
        "phones": [
            {"ends_with": "42", "texts": 2, "last_at": "2026-11-24T13:04:27.000Z"},
            {"ends_with": "42", "texts": 1, "last_at": "2026-11-24T13:03:27.000Z"},
        ],
        "more": 0,
    }
    for digits in ("99999", "88888"):
        assert digits not in str(said)
    world.clock.move(12 * 3600 - 60)
    assert len((await health(world))["unknown_phones"]["phones"]) == 1
    world.clock.move(60)
    assert (await health(world))["unknown_phones"]["phones"] == []


async def test_strangers_do_not_fill_the_page(world: World) -> None:
    """The newest ten, and how many there are besides."""
    for number in range(12):
        world.clock.move(1)
        await text_from(world, f"+316111111{number:02d}")
    said = (await health(world))["unknown_phones"]
    assert [one["ends_with"] for one in said["phones"]] == [f"{n:02d}" for n in range(11, 1, -1)]
    assert said["more"] == 2


async def test_a_sender_that_is_a_word_has_no_number_to_show(world: World) -> None:
    """Shops text in the name of a word."""
    heard = Heard("SM1", "POSTNL", OURS, "hello")
    world.carry_out(world.service.inbound.text("AMC4", heard))
    (said,) = (await health(world))["unknown_phones"]["phones"]
    assert (said["ends_with"], said["texts"]) == ("", 1)


def _changes(screen: Screen) -> list[str]:
    """All that was told of the site so far."""
    told = (frame["event"]["data"] for frame in screen.frames if frame["type"] == "event")
    return [change for data in told for change in data.get("changes", ())]
