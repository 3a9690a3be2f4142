"""The direct line: staff first, then number after number, until a human is reached.

Times are of the moved clock, in seconds since the press (`screens.md` 2.6, `promises.md` 16).
"""

from tests.line_site import (
    FIRST,
    LINE_PHONE,
    SECOND,
    bridged,
    hears,
    line,
    line_site,
    opened,
    phone,
    rung,
)
from tests.record import times
from tests.world import World

BRIEF = (
    "This is an automated call. Medical emergency at Harbour House, Damrak 12, Amsterdam."
    " Possible overdose. Staff are on their way. Press 1 to speak to them."
)


async def test_our_side_is_rung_together_and_the_control_room_when_one_is_on(world: World) -> None:
    await opened(world)
    assert await rung(world, LINE_PHONE) == [0.0]
    assert await rung(world, world.phone("jo").number) == [0.0]
    assert await rung(world, world.phone("sam").number) == [0.0]
    assert await rung(world, FIRST) == []
    assert (await line(world))["state"] == "joining"
    await world.advance(4)
    await world.phone("sam").does("answer")
    await world.advance(1)
    [at] = await rung(world, FIRST)
    assert 5 <= at <= 6
    now = await line(world)
    assert (now["state"], now["number_index"], now["round"]) == ("ringing", 0, 1)
    assert now["by_hand"] is False


async def test_a_phone_of_ours_rings_for_twenty_seconds_and_not_again(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(18)
    assert await world.phone("jo").ringing() is not None
    await world.advance(3)
    assert await world.phone("jo").ringing() is None
    await world.advance(60)
    assert len(await times(world, "line_leg", who="jo", state="calling")) == 1


async def test_nobody_of_us_is_on_and_the_control_room_is_dialled_after_ten_seconds(
    world: World,
) -> None:
    await opened(world)
    await world.advance(8.5)
    assert await rung(world, FIRST) == []
    await world.advance(1)
    assert await rung(world, FIRST) == [10.0]


async def test_a_dispatcher_hears_the_brief_presses_1_and_speaks_to_sam(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    assert await hears(world, FIRST) == [BRIEF]
    assert (await line(world))["state"] == "answered"
    assert (await line(world))["reached_at"] is None
    await phone(world, FIRST).does("press", "1")
    await world.advance(3)
    now = await line(world)
    assert now["state"] == "bridged"
    assert now["reached_at"] is not None
    assert await hears(world, FIRST) == [BRIEF, "Connecting you now."]
    call = (await phone(world, FIRST).calls())[-1]
    assert call["with"] == [world.phone("sam").number]
    names = [one["name"] for one in await world.events() if one["name"].startswith("line")]
    assert names.index("line_opened") < names.index("line_ringing") < names.index("line_answered")
    assert names.index("line_answered") < names.index("line_confirmed")
    assert names.index("line_confirmed") < names.index("line_bridged")


async def test_busy_is_followed_by_the_next_number_within_three_seconds(world: World) -> None:
    await phone(world, FIRST).habit(busy=True)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(5)
    [first], [second] = await rung(world, FIRST), await rung(world, SECOND)
    assert second - first <= 3
    [failed] = await world.events("line_failed")
    assert (failed["data"]["number_index"], failed["data"]["reason"]) == (0, "busy")
    assert (await line(world))["number_index"] == 1


async def test_a_voicemail_is_kept_and_the_next_number_dialled(world: World) -> None:
    """Answered is never reached: without a key through two plays the next one is dialled."""
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(29)
    assert await rung(world, SECOND) == []
    await world.advance(2)
    assert len(await rung(world, SECOND)) == 1
    first = (await phone(world, FIRST).calls())[-1]
    assert first["status"] == "in-progress"
    now = await line(world)
    assert (now["state"], now["number_index"]) == ("ringing", 1)
    assert [leg["state"] for leg in now["legs"] if leg["who"] == "control"] == ["kept", "ringing"]


async def test_a_kept_call_that_ends_when_all_others_have_failed_ends_the_search(
    world: World,
) -> None:
    """Nobody can be dialled behind it any more, and nothing else would say so."""
    await phone(world, SECOND).habit(busy=True)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(40)
    assert len(await rung(world, SECOND)) == 2
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("answered", True)
    await phone(world, FIRST).does("hang_up")
    await world.advance(1)
    assert (await line(world))["state"] == "not_reached"


async def test_a_kept_call_that_ends_while_the_next_one_rings_dials_nobody_else(
    world: World,
) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(32)
    assert (await line(world))["state"] == "ringing"
    await phone(world, FIRST).does("hang_up")
    await world.advance(5)
    assert (len(await rung(world, FIRST)), len(await rung(world, SECOND))) == (1, 1)
    assert (await line(world))["state"] == "ringing"


async def test_after_one_round_the_number_to_call_by_hand_and_at_the_end_a_text(
    world: World,
) -> None:
    for number in (FIRST, SECOND):
        await phone(world, number).habit(busy=True)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(10)
    now = await line(world)
    assert (now["state"], now["by_hand"]) == ("not_reached", True)
    assert len(await rung(world, FIRST)) == 2
    assert len(await rung(world, SECOND)) == 2
    assert len(await times(world, "line_not_reached")) == 1
    # The full screen comes as the second round begins, and that goes on behind it.
    [by_hand] = await times(world, "line_by_hand")
    [second_round] = await times(world, "line_dialled", number_index=0, round=2)
    assert by_hand == second_round
    # Who is on hears it; a phone of ours that still rings has nothing more to say.
    for number in (LINE_PHONE, world.phone("jo").number):
        assert (await phone(world, number).calls())[-1]["status"] == "canceled"
    assert any("LIJN NIET BEREIKT" in text["body"] for text in await world.phone("sam").texts())
    assert (await hears(world, world.phone("sam").number))[-1] == (
        "De lijn is niet bereikt. Bel nu zelf 1 1 2."
    )


async def test_forty_five_seconds_without_a_human_and_the_number_to_call_is_shown(
    world: World,
) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(42)
    assert (await line(world))["by_hand"] is False
    await world.advance(2)
    assert (await line(world))["by_hand"] is True
    assert len(await times(world, "line_by_hand")) == 1


async def test_key_9_accepts_and_is_kept_as_what_the_network_said(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("press", "9")
    await world.advance(1)
    alert = await world.alert()
    assert (alert["line"]["state"], alert["ems"]) == ("confirmed", "accepted")
    [ems] = await world.events("ems")
    assert ems["by"]["kind"] == "network"
    assert "Thank you. The call is accepted." in (await hears(world, FIRST))[-1]


async def test_ending_the_line_takes_a_pin_and_the_alert_waits_for_it(world: World) -> None:
    await bridged(world)
    close = await world.act("close", "jo", pin="8080", outcome="ems_stayed")
    assert (close.status_code, close.json()["type"]) == (409, "urn:directline:line_open")
    assert (await world.act("end_line", "jo")).json()["type"] == "urn:directline:pin_needed"
    ended = await world.act("end_line", "jo", pin="8080")
    assert ended.status_code == 200
    legs = ended.json()["alert"]["line"]["legs"]
    assert {(leg["state"], leg["in_room"]) for leg in legs} == {("ended", False)}
    await world.advance(2)
    assert (await line(world))["state"] == "ended"
    for number in (FIRST, world.phone("sam").number):
        assert (await phone(world, number).calls())[-1]["status"] == "completed"
    closed = await world.act("close", "jo", pin="8080", outcome="ems_stayed")
    assert closed.status_code == 200


async def test_standing_down_ends_a_line_that_rings(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(3)
    answer = await world.act("stand_down", "jo", pin="8080", reason="false_press")
    assert answer.status_code == 200
    await world.advance(2)
    assert (await phone(world, FIRST).calls())[-1]["status"] == "canceled"
    assert (await line(world))["state"] == "ended"


async def test_without_an_agreement_nothing_is_dialled(world: World) -> None:
    world.load()
    world.load(line_site().replace("agreement =", "# agreement ="))
    await world.press(3)
    answer = await world.act("open_line", "sam")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:no_agreement")
    assert "GEEN ambulancelijn" in str(await world.phone("sam").reply("99"))
    await world.advance(20)
    assert await rung(world, FIRST) == []


async def test_99_opens_it_once_and_9_twice_as_well(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    sam = world.phone("sam")
    assert "stuur 99" in str(await sam.reply("9"))
    assert await times(world, "line_opened") == []
    await world.advance(30)
    assert "AMBULANCELIJN wordt gebeld" in str(await sam.reply("9"))
    assert len(await times(world, "line_opened")) == 1
    assert "AMBULANCELIJN wordt gebeld" in str(await sam.reply("99"))
    assert len(await times(world, "line_opened")) == 1
    await world.act("end_line", "jo", pin="8080")
    assert "al geopend" in str(await sam.reply("99"))
    assert len(await times(world, "line_opened")) == 1


async def test_9_then_9_again_in_a_call_puts_the_coordinator_on_the_line(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    await world.advance(31)
    jo = world.phone("jo")
    await jo.does("answer")
    await world.advance(1)
    assert "Press 9, then 9 again" in (await hears(world, jo.number))[0]
    await jo.does("press", "9")
    await world.advance(1)
    assert await rung(world, FIRST) == []
    await jo.does("press", "9")
    await world.advance(1)
    assert len(await rung(world, FIRST)) == 1
    assert len(await rung(world, jo.number)) == 1
    assert (await line(world))["opened_by"] == "jo"
    await world.advance(3)
    assert (await jo.calls())[-1]["room"] is not None


async def test_the_ladder_opens_it_by_itself_once(world: World) -> None:
    world.load(line_site(opens_itself=True))
    await world.press(3)
    await world.advance(89)
    assert await times(world, "line_opened") == []
    await world.advance(2)
    assert await times(world, "line_opened") == [90.0]
    assert (await line(world))["opened_by"] is None
    await world.act("end_line", "jo", pin="8080")
    await world.advance(200)
    assert len(await times(world, "line_opened")) == 1


async def test_a_lost_dispatcher_is_dialled_again_and_staff_hear_it(world: World) -> None:
    await bridged(world)
    await phone(world, FIRST).does("hang_up")
    await world.advance(3)
    assert len(await rung(world, FIRST)) == 2
    assert "verbroken" in (await hears(world, world.phone("sam").number))[-1]


async def test_a_dispatcher_who_took_it_may_ring_off(world: World) -> None:
    await bridged(world)
    await world.act("ems", "sam", ems="on_the_way", minutes=6)
    await phone(world, FIRST).does("hang_up")
    await world.advance(3)
    assert len(await rung(world, FIRST)) == 1
    assert (await line(world))["state"] == "ended"


async def test_when_all_of_us_are_lost_the_dispatcher_hears_where_to_call_back(
    world: World,
) -> None:
    await bridged(world)
    await world.phone("sam").does("hang_up")
    await world.advance(3)
    assert (await hears(world, FIRST))[-1] == (
        "The line to the site was lost. Call back: 0 2 0, 1 2 3, 4 5, 6 7."
    )
    assert len(await rung(world, world.phone("sam").number)) == 2
    await world.phone("sam").does("answer")
    await world.advance(8)
    assert (await line(world))["state"] == "bridged"
