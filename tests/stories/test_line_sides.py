"""Both sides of the direct line: who hears whom, who is lost, and what is done about it."""

from typing import Any

import httpx2
import pytest

from tests.line_site import (
    FIRST,
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
from tests.world import Json, World

LOST = "The line to the site was lost. Call back: 0 2 0, 1 2 3, 4 5, 6 7."
NOBODY = "No staff member is on this line yet. Press 9 to accept the call."


async def act(world: World, action: str, person: str = "sam", **more: Any) -> httpx2.Response:
    answer = await world.act(action, person, **more)
    assert answer.status_code == 200, answer.text
    return answer


async def leg(world: World, who: str) -> Json:
    """The newest call of the line with this one."""
    return [one for one in (await line(world))["legs"] if one["who"] == who][-1]


async def heard_by(world: World, number: str) -> list[str]:
    """The phones that hear what is said into this one."""
    calls = (await world.sim.get("/sim/calls?after=0")).json()["calls"]
    return sorted(one["to"] for one in calls if number in one["hears"])


async def answered(world: World) -> None:
    """Sam is on, and somebody or something has picked up at the first number."""
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)


async def test_a_dispatcher_lost_twice_is_dialled_again_each_time(world: World) -> None:
    await bridged(world)
    for times_lost in (1, 2):
        [*_, before] = await rung(world, FIRST)
        await phone(world, FIRST).does("hang_up")
        await world.advance(3)
        assert len(await rung(world, FIRST)) == times_lost + 1
        assert (await line(world))["state"] == "ringing"
        assert (await line(world))["reached_at"] is None
        assert (await rung(world, FIRST))[-1] > before
        await phone(world, FIRST).does("answer")
        await world.advance(1)
        await phone(world, FIRST).does("press", "1")
        await world.advance(4)
        assert (await line(world))["state"] == "bridged"
    assert len(await times(world, "line_failed", reason="lost")) == 2


async def test_a_lost_dispatcher_who_is_busy_then_is_followed_by_the_next_number(
    world: World,
) -> None:
    await bridged(world)
    await phone(world, FIRST).habit(busy=True)
    await phone(world, FIRST).does("hang_up")
    await world.advance(4)
    assert len(await rung(world, SECOND)) == 1
    await world.advance(50)
    # Nobody for 45 seconds since they were lost: the number to call fills the screens again.
    assert (await line(world))["by_hand"] is True


async def test_our_side_lost_for_good_leaves_the_dispatcher_told_and_rings_no_end(
    world: World,
) -> None:
    await bridged(world)
    await world.phone("sam").does("hang_up")
    await world.advance(60)
    assert (await hears(world, FIRST)).count(LOST) == 1
    assert (await line(world))["state"] == "confirmed"
    assert (await phone(world, FIRST).calls())[-1]["status"] == "in-progress"
    for who in ("line_phone", "sam", "jo"):
        assert len(await times(world, "line_leg", who=who, state="calling")) <= 2, who


async def test_our_side_lost_twice_is_rung_twice_and_joins_again(world: World) -> None:
    await bridged(world)
    for lost in (1, 2):
        # The line phone and Jo's may still ring: that is nobody to speak to.
        await world.phone("sam").does("hang_up")
        await world.advance(1)
        assert (await hears(world, FIRST))[-1] == LOST
        await world.advance(2)
        assert len(await rung(world, world.phone("sam").number)) == lost + 1
        await world.phone("sam").does("answer")
        await world.advance(9)
        assert (await line(world))["state"] == "bridged"
        assert await heard_by(world, FIRST) == [world.phone("sam").number]
    assert (await hears(world, FIRST)).count(LOST) == 2


async def test_one_of_two_of_us_leaves_and_nothing_else_happens(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.phone("jo").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("press", "1")
    await world.advance(4)
    both = sorted([world.phone("sam").number, world.phone("jo").number])
    assert await heard_by(world, FIRST) == both
    await world.phone("sam").does("hang_up")
    await world.advance(5)
    assert (await line(world))["state"] == "bridged"
    assert await heard_by(world, FIRST) == [world.phone("jo").number]
    assert len(await rung(world, world.phone("sam").number)) == 1
    assert LOST not in await hears(world, FIRST)


async def test_a_dispatcher_who_comes_into_an_empty_room_is_told(world: World) -> None:
    """They press 1 while Sam is on; he is gone when they are in the room."""
    await answered(world)
    await phone(world, FIRST).does("press", "1")
    await world.advance(0.3)
    assert (await hears(world, FIRST))[-1] == "Connecting you now."
    await world.phone("sam").does("hang_up")
    await world.advance(12)
    assert LOST in await hears(world, FIRST)
    assert (await line(world))["state"] == "confirmed"
    assert len(await rung(world, world.phone("sam").number)) == 2


async def test_key_2_says_what_has_been_done_letter_by_letter(world: World) -> None:
    world.load(line_site())
    await world.press(3)
    await act(world, "at_booth")
    await act(world, "oxygen", on=True)
    await world.advance(120)
    await act(world, "naloxone", route="nasal")
    await act(world, "breathing", breathing="slow", awake=False)
    await act(world, "open_line")
    await world.advance(1)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(118)
    assert (await hears(world, FIRST))[0] == (
        "This is an automated call. Medical emergency at Harbour House, Damrak 12, Amsterdam."
        " Possible overdose. Staff are with the person. Press 1 to speak to them."
    )
    await phone(world, FIRST).does("press", "2")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == (
        "Breathing: slow. Awake: no. Oxygen: on, 4 minutes. Naloxone: 1 dose, 2 minutes ago."
        " Press 1 to speak to staff."
    )
    assert (await line(world))["state"] == "confirmed"


async def test_9_then_1_accepts_and_then_speaks(world: World) -> None:
    await answered(world)
    await phone(world, FIRST).does("press", "9")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == (
        "Thank you. The call is accepted. Press 1 to speak to staff."
    )
    reached_at = (await line(world))["reached_at"]
    await phone(world, FIRST).does("press", "1")
    await world.advance(4)
    now = await world.alert()
    assert now["line"]["reached_at"] == reached_at
    assert (now["line"]["state"], now["ems"]) == ("bridged", "accepted")
    keys = [one["data"]["key"] for one in await world.events("line_confirmed", "line_key")]
    assert keys == ["9", "1"]


async def test_1_before_anybody_of_us_is_on_and_joined_when_somebody_comes(world: World) -> None:
    await opened(world)
    await world.advance(10)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    assert NOBODY in (await hears(world, FIRST))[0]
    await phone(world, FIRST).does("press", "1")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == NOBODY
    assert (await line(world))["state"] == "confirmed"
    await world.phone("jo").does("answer")
    await world.advance(9)
    assert (await hears(world, FIRST))[-1] == "Connecting you now."
    assert (await line(world))["state"] == "bridged"
    assert await heard_by(world, FIRST) == [world.phone("jo").number]
    jo = await hears(world, world.phone("jo").number)
    assert jo[0] == "Direct line, booth 3. Please stay on the line."
    assert jo[-1] == "Dispatcher on the line. Booth 3, less than a minute."


async def test_wrong_keys_reach_nobody_and_the_words_begin_again(world: World) -> None:
    await answered(world)
    for key in ("5", "*", "0"):
        await phone(world, FIRST).does("press", key)
        await world.advance(1)
        assert "This is an automated call." in (await hears(world, FIRST))[-1]
    now = await line(world)
    assert (now["state"], now["reached_at"]) == ("answered", None)
    assert (await world.alert())["ems"] is None


async def test_talk_now_cuts_the_recording_and_is_not_yet_a_human(world: World) -> None:
    await answered(world)
    await act(world, "line_talk")
    await world.advance(2)
    assert (await hears(world, FIRST))[-1] == "Connecting you now."
    assert await heard_by(world, world.phone("sam").number) == [FIRST]
    now = await line(world)
    assert (now["state"], now["reached_at"]) == ("answered", None)
    await act(world, "line_reached")
    now = await line(world)
    assert now["state"] == "bridged"
    assert now["reached_at"] is not None
    await world.advance(60)
    assert await rung(world, SECOND) == []


async def test_staff_hear_somebody_on_a_kept_call_while_the_next_number_rings(
    world: World,
) -> None:
    """What they say of the call they hear is never put down to the one that rings."""
    await answered(world)
    await act(world, "line_talk")
    await world.advance(31)
    assert await world.phone("sam").ringing() is None
    assert len(await rung(world, SECOND)) == 1
    await act(world, "line_reached")
    await world.advance(2)
    first, second = [one for one in (await line(world))["legs"] if one["who"] == "control"]
    assert (first["human"], first["in_room"]) == (True, True)
    assert (second["human"], second["state"]) == (False, "ended")
    assert (await phone(world, SECOND).calls())[-1]["status"] == "canceled"
    assert (await phone(world, FIRST).calls())[-1]["status"] == "in-progress"
    now = await line(world)
    assert (now["state"], now["number_index"]) == ("bridged", 0)
    assert [one["data"]["number_index"] for one in await world.events("line_bridged")] == [0]
    await act(world, "end_line", "jo", pin="8080")
    assert [one["data"]["number_index"] for one in await world.events("line_ended")] == [0]


async def test_of_two_that_picked_up_the_one_in_the_room_is_whom_staff_hear(world: World) -> None:
    await answered(world)
    await act(world, "line_talk")
    await world.advance(31)
    await phone(world, SECOND).does("answer")
    await world.advance(1)
    await act(world, "line_reached")
    first, second = [one for one in (await line(world))["legs"] if one["who"] == "control"]
    assert (first["human"], second["human"], second["state"]) == (True, False, "ended")


async def test_a_key_on_a_kept_call_is_of_its_own_number_whichever_rings(world: World) -> None:
    """The first number's voicemail was a person after all; lost, they are dialled again first."""
    await answered(world)
    await world.advance(31)
    assert (await line(world))["number_index"] == 1
    await phone(world, FIRST).does("press", "1")
    await world.advance(4)
    now = await line(world)
    assert (now["state"], now["number_index"], now["round"]) == ("bridged", 0, 1)
    assert [one["data"]["number_index"] for one in await world.events("line_bridged")] == [0]
    await phone(world, FIRST).does("hang_up")
    await world.advance(2)
    assert len(await rung(world, FIRST)) == 2
    await phone(world, FIRST).does("busy")
    await world.advance(3)
    assert len(await rung(world, SECOND)) == 2


@pytest.mark.parametrize("action", ["line_reached", "ems"])
async def test_nobody_is_reached_on_a_call_that_still_rings(world: World, action: str) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await act(world, action, **({"ems": "accepted"} if action == "ems" else {}))
    now = await line(world)
    assert (now["state"], now["reached_at"]) == ("ringing", None)
    assert (await phone(world, FIRST).calls())[-1]["status"] == "ringing"


async def test_reached_by_staff_on_an_answered_call_ends_the_search(world: World) -> None:
    await answered(world)
    await act(world, "line_reached", "jo")
    now = await line(world)
    assert now["state"] == "confirmed"
    await world.advance(60)
    assert await rung(world, SECOND) == []
    assert (await line(world))["by_hand"] is False


async def test_mute_and_unmute_decide_who_is_heard(world: World) -> None:
    await bridged(world)
    sam = world.phone("sam").number
    assert await heard_by(world, sam) == [FIRST]
    await act(world, "line_mute", muted=True)
    await world.advance(1)
    assert await heard_by(world, sam) == []
    assert await heard_by(world, FIRST) == [sam]
    assert (await leg(world, "sam"))["muted"] is True
    await act(world, "line_mute", muted=False)
    await world.advance(1)
    assert await heard_by(world, sam) == [FIRST]


async def test_a_phone_is_added_and_a_second_coordinator_joins_late(world: World) -> None:
    await bridged(world)
    await act(world, "line_add", "jo", add="alex")
    await act(world, "line_add", "jo", add="alex")
    await world.advance(1)
    assert len(await rung(world, world.phone("alex").number)) == 1
    await world.phone("alex").does("answer")
    await world.advance(4)
    both = sorted([world.phone("sam").number, world.phone("alex").number])
    assert await heard_by(world, FIRST) == both
    assert (await line(world))["state"] == "bridged"
    # Whoever comes late takes nobody out of the room.
    assert (await hears(world, FIRST)).count("Connecting you now.") == 1
    assert await times(world, "line_out_of_room") == []


@pytest.mark.parametrize("ems", ["accepted", "on_the_way", "arrived", "left"])
async def test_a_dispatcher_who_took_it_may_ring_off(world: World, ems: str) -> None:
    await bridged(world)
    await act(world, "ems", ems=ems)
    await phone(world, FIRST).does("hang_up")
    await world.advance(3)
    assert (await line(world))["state"] == "ended"
    assert len(await rung(world, FIRST)) == 1
    assert (await world.phone("sam").calls())[-1]["status"] == "completed"


async def test_a_human_who_finds_none_of_us_on_has_us_rung_again(world: World) -> None:
    """Sam was on and went, the others never came; then the control room presses 1."""
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    await world.phone("sam").does("hang_up")
    await world.advance(19)
    await phone(world, FIRST).does("answer")
    await world.advance(3)
    assert len(await times(world, "line_leg", who="sam", state="calling")) == 1
    await phone(world, FIRST).does("press", "1")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == NOBODY
    assert len(await times(world, "line_leg", who="sam", state="calling")) == 2
    await world.phone("sam").does("answer")
    await world.advance(8)
    assert (await line(world))["state"] == "bridged"


async def test_a_human_who_presses_key_after_key_has_us_rung_again_once(world: World) -> None:
    await opened(world)
    await world.advance(22)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    for key in ("2", "1", "2"):
        await phone(world, FIRST).does("press", key)
        await world.advance(22)
    for who in ("sam", "jo", "line_phone"):
        assert len(await times(world, "line_leg", who=who, state="calling")) == 2, who


async def test_key_9_never_lowers_what_staff_were_told_of_the_ambulance(world: World) -> None:
    await answered(world)
    await act(world, "ems", ems="on_the_way", minutes=6)
    await phone(world, FIRST).does("press", "9")
    await world.advance(1)
    alert = await world.alert()
    assert (alert["ems"], alert["ems_minutes"]) == ("on_the_way", 6)
    assert len(await times(world, "ems")) == 1
