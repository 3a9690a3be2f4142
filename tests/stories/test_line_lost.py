"""The direct line when words are lost: callbacks, answers, the network, and the server itself.

What the phone network accepted (its truth) is what counts: nobody is dialled twice for one step.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.line_site import FIRST, LINE_PHONE, SECOND, bridged, line, line_site, opened, phone, rung
from tests.record import times
from tests.world import Json, World

CALLBACKS = {"on": "callbacks", "do": "drop"}


async def state(world: World) -> str:
    return (await line(world))["state"]


async def to_bridged(world: World) -> None:
    """Sam's phone and the first number are answered, and 1 is pressed; with slow words."""
    await world.phone("sam").does("answer")
    await world.advance(5)
    await phone(world, FIRST).does("answer")
    await world.advance(4)
    await phone(world, FIRST).does("press", "1")
    await world.advance(8)


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
