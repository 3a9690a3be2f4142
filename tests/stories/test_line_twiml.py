"""What the phone network fetched for each call of the line: the rooms that it was told to make.

Nobody's leaving ends a room but our own word, nothing is recorded, nothing is played to whoever
waits, and what a room is called says nothing to anybody.
"""

import re
from xml.etree import ElementTree

from tests.line_site import FIRST, LINE_PHONE, SECOND, TEST_NUMBER, bridged, line, phone
from tests.stories.test_line_sides import act
from tests.world import Json, World

VERBS = {"Response", "Say", "Gather", "Redirect", "Dial", "Conference", "Hangup"}
"""Nothing that plays or records is among them."""
LOT = 22
"""So many characters, 128 bits, are drawn for an alert."""


async def through_every_leg(world: World) -> None:
    """Bridged, lost on both sides and joined again, muted, added to, ended, opened anew, tested."""
    await bridged(world)
    await act(world, "line_mute", muted=True)
    await act(world, "line_add", "jo", add="alex")
    await act(world, "line_add", "jo", add="line_phone")
    await world.advance(1)
    await world.phone("alex").does("answer")
    await phone(world, LINE_PHONE).does("answer")
    await world.advance(4)
    await phone(world, FIRST).habit(busy=True)
    await phone(world, FIRST).does("hang_up")
    await world.advance(3)
    await phone(world, SECOND).does("answer")
    await world.advance(1)
    await act(world, "line_talk")
    await world.advance(2)
    await act(world, "line_reached")
    for number in (world.phone("sam").number, world.phone("alex").number, LINE_PHONE):
        await phone(world, number).does("hang_up")
    await world.advance(3)
    await world.phone("sam").does("answer")
    await world.advance(8)
    assert (await line(world))["state"] == "bridged"
    await act(world, "end_line", "jo", pin="8080")
    await act(world, "open_line", "kim")
    await world.advance(1)
    await world.phone("kim").does("answer")
    await world.phone("jo").does("answer")
    await world.advance(3)
    test = {"test_id": "t", "person": "jo"}
    await world.request("POST", "/v1/line-tests", world.tablet(), test)
    await world.advance(3)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(3)


async def fetched(world: World) -> list[Json]:
    """Every document that the network was given for a call or for what is said in a room."""
    return [one for one in await world.truth() if one["kind"] in {"voice", "announce"}]


async def test_no_leg_of_any_call_ends_its_room_is_recorded_or_hears_music(world: World) -> None:
    await through_every_leg(world)
    documents = [
        (one["phone"], ElementTree.fromstring(one["twiml"])) for one in await fetched(world)
    ]
    people = [world.phone(one).number for one in ("sam", "jo", "kim", "alex")]
    inside: list[str] = []
    for number, document in documents:
        for node in document.iter():
            assert node.tag in VERBS
            assert not [name for name in node.attrib if "record" in name.lower()]
            if node.tag == "Conference":
                inside.append(number)
                assert node.get("endConferenceOnExit") == "false"
                assert node.get("startConferenceOnEnter") == "true"
                assert node.get("waitUrl") == ""
                assert node.get("beep") == "false"
    assert set(inside) == {*people, FIRST, SECOND, LINE_PHONE}
    assert TEST_NUMBER in {number for number, _ in documents}
    dialled = [one for one in await world.truth() if one["kind"] == "call"]
    assert {one["record"] for one in dialled} == {None}


async def test_the_name_of_a_room_says_nothing_to_anybody(world: World) -> None:
    """It is a number drawn by lot, and which opening this is: no two share a room."""
    await through_every_leg(world)
    names = {
        str(node.text)
        for one in await fetched(world)
        for node in ElementTree.fromstring(one["twiml"]).iter("Conference")
    }
    assert sorted(name[LOT:] for name in names) == ["-1", "-2"]
    assert all(re.fullmatch("[0-9A-Za-z_-]+", name[:LOT]) for name in names)
