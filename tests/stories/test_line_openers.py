"""Who opens the direct line, by what, and two who do it at once: there is one line."""

import asyncio

from dispatch import setup
from tests.line_site import FIRST, LINE_PHONE, hears, line, line_site, phone, rung
from tests.record import seconds, times
from tests.world import World


async def link(world: World, person: str = "sam") -> str:
    """The path of this person's link."""
    text = (await world.phone(person).texts())[0]["body"]
    return "/r/" + text.rpartition("/r/")[2].split()[0]


async def by_link(world: World, path: str, action_id: str = "one") -> int:
    body = {"action": "open_line", "action_id": action_id}
    answer = await world.request("POST", path, None, body)
    await world.settle()
    return answer.status_code


async def test_two_tablets_at_once_open_one_line_and_both_are_told(world: World) -> None:
    world.load(line_site())
    alert = (await world.press(3))["alert"]["id"]
    token = world.tablet()
    bodies = [
        {"action_id": f"open-{person}", "action": "open_line", "person": person}
        for person in ("sam", "kim")
    ]
    answers = await asyncio.gather(
        *(world.request("POST", f"/v1/alerts/{alert}/actions", token, body) for body in bodies)
    )
    await world.settle()
    assert [one.status_code for one in answers] == [200, 200]
    lines = [one.json()["alert"]["line"] for one in answers]
    assert lines[0]["opened_by"] == lines[1]["opened_by"]
    assert lines[0]["opened_at"] == lines[1]["opened_at"]
    assert len(await times(world, "line_opened")) == 1
    await world.advance(11)
    assert len(await rung(world, FIRST)) == 1


async def test_a_tablet_and_99_at_once_open_one_line_and_both_are_told(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    opened = await world.act("open_line", "jo")
    assert opened.status_code == 200
    assert "AMBULANCELIJN wordt gebeld" in str(await world.phone("sam").reply("99"))
    assert len(await times(world, "line_opened")) == 1
    assert (await line(world))["opened_by"] == "jo"
    await world.advance(11)
    assert len(await rung(world, FIRST)) == 1


async def test_the_link_opens_it_and_the_same_act_again_opens_nothing(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    path = await link(world)
    assert await by_link(world, path) == 200
    assert await by_link(world, path) == 200
    assert await by_link(world, path, "two") == 200
    assert len(await times(world, "line_opened")) == 1
    assert (await line(world))["opened_by"] == "sam"
    await world.advance(1)
    assert await world.phone("sam").ringing() is not None


async def test_whoever_is_asked_in_a_call_joins_a_line_that_is_open_by_9_then_9_again(
    world: World,
) -> None:
    """The link and a call at once: one line, and the caller is on it in the very call."""
    world.load(line_site())
    await world.press(3)
    await world.advance(31)
    kim = world.phone("kim")
    await kim.does("answer")
    await world.advance(1)
    await kim.does("press", "9")
    await world.advance(1)
    assert await by_link(world, await link(world)) == 200
    await kim.does("press", "9")
    await world.advance(6)
    assert len(await times(world, "line_opened")) == 1
    assert (await line(world))["opened_by"] == "sam"
    legs = {one["who"]: one for one in (await line(world))["legs"]}
    assert (legs["kim"]["state"], legs["kim"]["in_room"]) == ("on", True)
    assert (await kim.calls())[-1]["status"] == "in-progress"
    assert "Please stay on the line." in (await hears(world, kim.number))[-1]
    assert len(await rung(world, FIRST)) == 1


async def test_9_twice_opens_it_within_a_minute_and_not_after(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    sam = world.phone("sam")
    assert "stuur 99" in str(await sam.reply("9"))
    await world.advance(61)
    assert "stuur 99" in str(await sam.reply("9"))
    assert await times(world, "line_opened") == []
    await world.advance(59)
    assert "AMBULANCELIJN wordt gebeld" in str(await sam.reply("9"))
    assert len(await times(world, "line_opened")) == 1


async def test_a_9_about_one_alert_and_a_9_about_another_open_nothing(world: World) -> None:
    world.load(line_site())
    first = (await world.press(3))["alert"]
    second = (await world.press(4))["alert"]
    sam = world.phone("sam")
    assert await sam.reply(f"{first['number']} 9") is not None
    assert await sam.reply(f"{second['number']} 9") is not None
    for alert in (first, second):
        assert await times(world, "line_opened", alert["id"]) == []


async def test_a_9_of_one_phone_and_a_9_of_another_open_nothing(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    assert await world.phone("sam").reply("9") is not None
    assert "send 99" in str(await world.phone("kim").reply("9"))
    assert await times(world, "line_opened") == []


async def test_99_opens_it_once_and_a_tablet_as_often_as_it_takes(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    kim = world.phone("kim")
    assert "AMBULANCE LINE is being called" in str(await kim.reply("99"))
    assert (await world.act("end_line", "jo", pin="8080")).status_code == 200
    assert "was opened before and has ended" in str(await kim.reply("99"))
    assert len(await times(world, "line_opened")) == 1
    assert (await world.act("open_line", "kim")).status_code == 200
    assert len(await times(world, "line_opened")) == 2


async def test_a_phone_that_was_not_asked_opens_nothing(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    stranger = phone(world, "+31687654321")
    sender = (await world.phone("sam").texts())[0]["from"]
    assert await stranger.reply("99", sender) is None
    assert await times(world, "line_opened") == []


async def test_a_coordinator_asked_in_a_call_is_rung_for_the_line_instead(world: World) -> None:
    """Her phone rings with an ask as the line opens: that ends, and the line rings her at once."""
    world.load(line_site())
    await world.press(3)
    await world.advance(31)
    jo = world.phone("jo")
    assert await jo.ringing() is not None
    await world.act("open_line", "sam")
    await world.advance(3)
    calls = await jo.calls()
    assert [call["status"] for call in calls] == ["canceled", "ringing"]
    await jo.does("answer")
    await world.advance(1)
    assert "Please stay on the line." in (await hears(world, jo.number))[-1]
    assert len(await rung(world, FIRST)) == 1


async def test_the_ladder_opens_it_at_most_once_by_itself_over_all_its_loops(world: World) -> None:
    for number in (FIRST, "+31205550002"):
        await phone(world, number).habit(busy=True)
    world.load(line_site(opens_itself=True))
    await world.press(3)
    await world.advance(130)
    assert await times(world, "line_opened") == [90.0]
    assert (await line(world))["state"] == "not_reached"
    # Nobody opened it, so the coordinators are told to call by hand.
    assert any("LINE NOT REACHED" in text["body"] for text in await world.phone("jo").texts())
    await world.advance(200)
    assert await times(world, "line_opened") == [90.0]
    assert (await world.act("open_line", "sam")).status_code == 200
    assert len(await times(world, "line_opened")) == 2


async def test_9_then_9_again_where_there_is_no_line_says_whom_to_call(world: World) -> None:
    world.load(line_site().replace("agreement =", "# agreement ="))
    await world.press(3)
    await world.advance(31)
    jo = world.phone("jo")
    await jo.does("answer")
    await world.advance(1)
    for _ in range(2):
        await jo.does("press", "9")
        await world.advance(1)
    assert (await hears(world, jo.number))[-1] == (
        "This site has no ambulance line. Call 1 1 2 yourself now."
    )
    assert await times(world, "line_opened") == []


async def test_what_rings_the_line_goes_before_any_text_of_the_same_step(world: World) -> None:
    """It is what people wait for in that very minute."""
    rung_of_both = 'do = ["text", "call", "open_line"]\nwho = ["everyone"]'
    site = line_site(opens_itself=True).replace('do = ["open_line"]', rung_of_both)
    world.load(site.replace("after = 90", "after = 75"))
    await world.press(3)
    await world.advance(76)
    sent = [one for one in await world.truth() if one["kind"] in {"call", "message"}]
    of_step = [one["phone"] for one in sent if seconds(one["at"]) >= 75]
    assert of_step[0] == LINE_PHONE
    assert len(of_step) > 4


async def test_an_alert_known_only_from_unknown_devices_never_opens_it_by_itself(
    world: World,
) -> None:
    world.load(line_site(opens_itself=True))
    token = world.device("booth", 3, "Old")
    world.carry_out(setup.set_status(world.device_of(token), "revoked"))
    world.service.callers.forget()
    pressed = await world.press(None, token=token)
    assert pressed["alert"]["unknown_device"] is True
    await world.advance(200)
    assert await times(world, "line_opened") == []
    # A known button joins it, and from then on it is an alert like any other.
    await world.press(3)
    await world.advance(160)
    assert len(await times(world, "line_opened")) == 1
