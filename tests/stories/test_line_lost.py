"""The direct line when words are lost: callbacks, answers and the network.

What the phone network accepted (its truth) is what counts: nobody is dialled twice for one step.
"""

import pytest

from tests.line_site import (
    FIRST,
    SECOND,
    line,
    line_site,
    opened,
    phone,
    rung,
    state,
    to_bridged,
)
from tests.record import times
from tests.world import Json, World

CALLBACKS = {"on": "callbacks", "do": "drop"}


async def test_with_every_callback_lost_all_is_found_by_asking(world: World) -> None:
    """Statuses and the words of the room: none comes, and the line shows what is true."""
    await world.fault(**CALLBACKS)
    await opened(world)
    await to_bridged(world)
    now = await line(world)
    assert (now["state"], now["number_index"]) == ("bridged", 0)
    assert (await phone(world, FIRST).calls())[-1]["with"] == [world.phone("sam").number]
    assert len(await rung(world, FIRST)) == 1
    await phone(world, FIRST).does("hang_up")
    await world.advance(4)
    assert len(await rung(world, FIRST)) == 2


async def test_busy_is_found_by_asking_and_the_next_number_comes_within_three_seconds_of_it(
    world: World,
) -> None:
    await phone(world, FIRST).habit(busy=True)
    await world.fault(**CALLBACKS)
    await opened(world)
    await world.advance(16)
    [first], [second] = await rung(world, FIRST), await rung(world, SECOND)
    assert second - first <= 4.5
    [failed] = await times(world, "line_failed", number_index=0)
    assert second - failed <= 3


async def test_no_answer_is_noticed_by_our_own_clock_while_nothing_can_be_asked(
    world: World,
) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    [first] = await rung(world, FIRST)
    await world.fault(**CALLBACKS)
    await world.fault(on="calls", do="status", status=500, to=FIRST)
    await world.advance(30)
    [second] = await rung(world, SECOND)
    assert 20 <= second - first <= 29
    [failed] = (await world.events("line_failed"))[:1]
    assert (failed["data"]["number_index"], failed["data"]["reason"]) == (0, "no_answer")


@pytest.mark.parametrize("kind", ["twice", "reorder"])
async def test_callbacks_twice_or_in_the_wrong_order_change_nothing(
    world: World, kind: str
) -> None:
    await world.fault(on="callbacks", do=kind)
    await opened(world)
    await to_bridged(world)
    assert await state(world) == "bridged"
    names = [one["name"] for one in await world.events()]
    for name in ("line_opened", "line_answered", "line_confirmed", "line_bridged"):
        assert names.count(name) == 1, name
    assert len(await rung(world, FIRST)) == 1
    await world.act("end_line", "jo", pin="8080")
    await world.advance(5)
    assert await state(world) == "ended"
    assert [one["name"] for one in await world.events()].count("line_ended") == 1


async def test_forged_words_change_nothing(world: World) -> None:
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(1)
    before = await world.alert()
    token = world.connection.execute("SELECT id, sid FROM outbox WHERE channel = 'line'")[0]
    for path, form in (
        (f"/twilio/status/{token[0]}", {"CallSid": token[1], "CallStatus": "in-progress"}),
        (f"/twilio/keys/{token[0]}", {"CallSid": token[1], "Digits": "1"}),
        (f"/twilio/voice/{token[0]}", {"CallSid": token[1]}),
        (f"/twilio/say/{token[0]}", {"CallSid": token[1]}),
        (
            f"/twilio/room/{token[0]}",
            {"CallSid": token[1], "StatusCallbackEvent": "participant-join"},
        ),
    ):
        for signature in ({}, {"X-Twilio-Signature": "Zm9yZ2Vk"}):
            answer = await world.to_us.post(path, data=form, headers=signature)
            assert answer.status_code == 403, path
    await world.settle()
    after = await world.alert()
    assert (after["line"], after["version"]) == (before["line"], before["version"])


@pytest.mark.parametrize("lost_callbacks", [False, True])
async def test_a_call_whose_taking_was_never_heard_of_is_adopted(
    world: World, lost_callbacks: bool
) -> None:
    """The answer to the dialling request is lost, and the call is not made again."""
    await world.fault(on="calls", to=FIRST, do="accept_then_hang", times=1)
    if lost_callbacks:
        await world.fault(**CALLBACKS)
    await opened(world)
    await to_bridged(world)
    await world.advance(6)
    if await state(world) != "bridged":
        await phone(world, FIRST).does("press", "1")
        await world.advance(8)
    assert await state(world) == "bridged"
    assert len(await rung(world, FIRST)) == 1


@pytest.mark.parametrize("lost_callbacks", [False, True])
async def test_killed_while_the_dialling_request_is_on_its_way(
    world: World, lost_callbacks: bool
) -> None:
    await world.fault(on="calls", to=FIRST, do="accept_then_hang", times=1)
    if lost_callbacks:
        await world.fault(on="callbacks", to=FIRST, do="drop")
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(0.05)
    assert len(await rung(world, FIRST)) == 1
    await world.restart(down=1)
    await world.advance(3)
    assert await state(world) == "ringing"
    assert len(await rung(world, FIRST)) == 1
    await phone(world, FIRST).does("answer")
    await world.advance(2)
    await phone(world, FIRST).does("press", "1")
    await world.advance(5)
    assert await state(world) == "bridged"
    assert len(await rung(world, FIRST)) == 1


async def test_a_slow_search_and_a_slow_call_outlast_no_claim(world: World) -> None:
    """Looking for a lost call takes three seconds, and so does dialling: one call all the same."""
    await world.fault(on="calls", to=FIRST, do="hang", times=1)
    await world.fault(on="calls", to=FIRST, do="slow", seconds=3)
    await opened(world)
    await world.phone("sam").does("answer")
    await world.advance(20)
    assert len(await rung(world, FIRST)) == 1
    assert await state(world) == "ringing"


async def test_a_lost_call_is_never_taken_for_one_that_another_alert_made(world: World) -> None:
    """Two alerts dial the same control room; the call of the first is not the second's."""
    world.load(line_site())
    first = (await world.press(3))["alert"]["id"]
    await world.act("open_line", "sam", alert=first)
    await world.advance(11)
    assert len(await rung(world, FIRST)) == 1
    second = (await world.press(4))["alert"]["id"]
    await world.fault(on="calls", to=FIRST, do="hang", times=1)
    await world.act("open_line", "kim", alert=second)
    await world.advance(20)
    sids = world.connection.execute("SELECT sid FROM outbox WHERE channel = 'line' AND sid > ''")
    assert len({row[0] for row in sids}) == len(sids)


async def test_two_alerts_that_lost_a_call_at_once_never_adopt_the_same_one(world: World) -> None:
    """Both look for it in the same moment, and the network has taken only one."""
    world.load(line_site())
    await world.fault(on="calls", to=FIRST, do="accept_then_hang", times=1)
    await world.fault(on="calls", to=FIRST, do="hang", times=1)
    await world.fault(on="callbacks", to=FIRST, do="drop")
    for booth, person in ((3, "sam"), (4, "kim")):
        alert = (await world.press(booth))["alert"]["id"]
        await world.act("open_line", person, alert=alert)
    await world.advance(30)
    sids = world.connection.execute("SELECT sid FROM outbox WHERE channel = 'line' AND sid > ''")
    assert len({row[0] for row in sids}) == len(sids)
    assert len(sids) >= 2


@pytest.mark.parametrize(
    "fault", [{"do": "status", "status": 500}, {"do": "hang"}, {"do": "reset"}]
)
async def test_the_network_is_down_in_the_middle_and_dialling_goes_on_when_it_is_back(
    world: World, fault: Json
) -> None:
    await phone(world, FIRST).habit(pick_up={"after": 2, "hang_up_after": 1})
    await opened(world)
    await world.fault(on="calls", to=SECOND, **fault)
    await world.phone("sam").does("answer")
    await world.advance(5)
    for _ in range(15):
        await world.advance(1)
        now = await line(world)
        assert now["state"] in {"joining", "failed"}
        assert now["reached_at"] is None
    await world.heal()
    await world.advance(9)
    assert len(await rung(world, SECOND)) == 1
    assert await state(world) == "ringing"
    await phone(world, SECOND).does("answer")
    await world.advance(1)
    await phone(world, SECOND).does("press", "1")
    await world.advance(4)
    assert await state(world) == "bridged"


async def test_a_network_that_is_down_throughout_shows_the_number_to_call_at_45_seconds(
    world: World,
) -> None:
    world.load(line_site())
    await world.press(3)
    await world.fault(on="calls", do="status", status=500)
    await world.act("open_line", "sam")
    await world.advance(44)
    assert await state(world) in {"joining", "failed"}
    await world.advance(2)
    [at] = await times(world, "line_by_hand")
    assert at <= 45
    assert (await line(world))["by_hand"] is True
