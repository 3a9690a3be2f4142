"""A drill tries every way there is to dial the control room: nothing is ever requested for it."""

from tests.drilling import begin, bodies
from tests.line_site import FIRST, SECOND, hears, line, line_site
from tests.record import requests, times
from tests.world import World

NEVER = {FIRST, SECOND}


async def test_a_drill_tries_every_way_to_dial(world: World) -> None:
    world.load(line_site(opens_itself=True))
    drill = (await begin(world))["id"]
    for action in ("open_line", "line_talk", "line_reached", "end_line"):
        answer = await world.act(action, "jo", pin="8080", alert=drill)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:drill")
    for action, more in (("line_mute", {"muted": True}), ("line_add", {"add": "kim"})):
        answer = await world.act(action, "jo", alert=drill, **more)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:drill")
    answer = await world.request(
        "POST",
        (await bodies(world, "sam"))[0].partition("http://127.0.0.1:8080")[2].split()[0],
        None,
        {"action": "open_line", "action_id": "one"},
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:drill")
    sam = world.phone("sam")
    for text in ("99", "9", "9", "ambulance"):
        said = str(await sam.reply(text))
        assert "is een OEFENING: er wordt niets gebeld" in said, (text, said)
    # In a call that asks them: 9, then 9 again.
    await world.advance(31)
    jo = world.phone("jo")
    await jo.does("answer")
    await world.advance(1)
    await jo.does("press", "9")
    await world.advance(1)
    await jo.does("press", "9")
    await world.advance(1)
    assert (await hears(world, jo.number))[-1].startswith("This is a drill.")
    # The rung that opens it by itself, in two loops of the ladder.
    await world.advance(260)
    assert 4 in [one["data"]["rung"] for one in await world.events("rung_reached", alert=drill)]
    assert await times(world, "line_opened", drill) == []
    # What the emergency service says is no line either.
    await world.act("ems", "jo", ems="accepted", alert=drill)
    await world.act("at_booth", "sam", alert=drill)
    made = await world.act("make_real", "jo", alert=drill)
    assert made.status_code == 200
    await world.advance(20)
    assert {one["phone"] for one in await requests(world, "call", accepted=None)} & NEVER == set()
    # The real alert that rose is as any other: nothing dials until somebody or its rung does.
    assert (await world.alert())["drill"] is False
    assert (await line(world))["state"] == "none"
    assert (await world.act("open_line", "jo")).status_code == 200
    await world.advance(11)
    assert {one["phone"] for one in await requests(world, "call")} & NEVER == {FIRST}
    assert await times(world, "line_opened", drill) == []


async def test_a_drill_of_one_booth_dials_nothing_either(world: World) -> None:
    world.load(line_site(opens_itself=True))
    drill = (await begin(world, type="booth"))["id"]
    assert (await world.act("open_line", "jo", alert=drill)).status_code == 409
    await world.advance(200)
    assert await requests(world, "call", accepted=None) == []
    assert await requests(world, "message", accepted=None) == []
