"""PINs: asked for where the contract asks, checked for one name, and never guessed in a row."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest_asyncio

from tests.contract import refused
from tests.world import World, open_world


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncGenerator[World]:
    """The demo site, where Sam and Alex have a PIN as well, with an alert."""
    pins = {"sam": "2222", "alex": "3333"}

    def change(text: str) -> str:
        for person, pin in pins.items():
            text = text.replace(f'id = "{person}"', f'id = "{person}"\npin = "{pin}"')
        return text

    async with open_world(tmp_path, change=change) as opened:
        await opened.press(3)
        yield opened


async def test_who_needs_a_pin_to_stand_down(world: World) -> None:
    """A PIN, unless somebody was at the booth."""
    await world.press(3)
    answer = await world.act("stand_down", "jo", reason="false_press")
    refused(answer, 403, "pin_needed", "body.pin")
    answer = await world.act("stand_down", "jo", reason="false_press", pin="")
    refused(answer, 403, "pin_needed", "body.pin")
    answer = await world.act("stand_down", "jo", reason="false_press", pin="1234")
    refused(answer, 403, "wrong_pin", "body.pin")
    assert (await world.alert())["state"] == "unanswered"
    answer = await world.act("stand_down", "jo", reason="false_press", pin="8080")
    alert = answer.json()["alert"]
    assert (alert["state"], alert["outcome"], alert["ended_by"]) == ("closed", "false_press", "jo")


async def test_after_somebody_was_there_no_pin_is_needed_to_stand_down(world: World) -> None:
    """Also when that person has left again."""
    await world.press(3)
    await world.act("at_booth", "sam")
    await world.act("cannot_go", "sam")
    answer = await world.act("stand_down", "kim", reason="nothing_wrong")
    assert answer.json()["alert"]["ended_by"] == "kim"


async def test_closing_takes_a_pin_that_one_has(world: World) -> None:
    """A person without a PIN cannot do it, whatever they type."""
    await world.press(3)
    await world.act("at_booth", "sam")
    refused(await world.act("close", "sam", outcome="oxygen", pin="8080"), 403, "pin_needed")
    refused(await world.act("close", "guest", outcome="oxygen", pin="8080"), 403, "not_allowed")
    refused(await world.act("close", "jo", outcome="oxygen"), 403, "pin_needed", "body.pin")
    answer = await world.act("close", "jo", outcome="oxygen", pin="8080")
    assert answer.json()["alert"]["outcome"] == "oxygen"


async def test_every_outcome_and_reason(world: World) -> None:
    """The words of the contract end an alert, with that outcome."""
    outcomes = (
        "monitored oxygen naloxone stimulant_care ems_stayed ems_transported other_medical"
        " not_medical"
    )
    for outcome in outcomes.split():
        await world.press(3)
        answer = await world.act("close", "jo", outcome=outcome, pin="8080")
        assert answer.json()["alert"]["outcome"] == outcome
    for reason in ("false_press", "nothing_wrong", "duplicate"):
        await world.press(3)
        answer = await world.act("stand_down", "jo", reason=reason, pin="8080")
        assert answer.json()["alert"]["outcome"] == reason


async def test_a_409_is_found_before_the_pin(world: World) -> None:
    """What makes no sense now says so, and counts as no wrong PIN."""
    await world.press(3)
    await world.act("close", "jo", outcome="oxygen", pin="8080")
    for _ in range(7):
        answer = await world.act("close", "jo", outcome="oxygen", pin="0000")
        refused(answer, 409, "closed")


async def test_five_wrong_ones_make_that_name_wait(house: World) -> None:
    """Thirty seconds for that name, even with the right PIN; nobody else waits."""
    world = house
    for _ in range(5):
        refused(await close(world, "jo", "0000"), 403, "wrong_pin", "body.pin")
    answer = await close(world, "jo", "8080")
    refused(answer, 429, "pin_wait")
    assert answer.headers["retry-after"] == "30"
    refused(await close(world, "sam", "0000"), 403, "wrong_pin")
    world.clock.move(29.9)
    refused(await close(world, "jo", "8080"), 429, "pin_wait")
    world.clock.move(0.2)
    refused(await close(world, "jo", "0000"), 403, "wrong_pin")
    assert (await close(world, "jo", "8080")).status_code == 200


async def test_a_right_pin_makes_the_wrong_ones_forgotten(world: World) -> None:
    """Four wrong, one right, four wrong: nobody waits."""
    for _ in range(2):
        await world.press(3)
        for _ in range(4):
            refused(await close(world, "jo", "0000"), 403, "wrong_pin")
        assert (await close(world, "jo", "8080")).status_code == 200


async def test_many_guesses_at_once_are_not_all_the_first(world: World) -> None:
    """Twenty at the same moment: five are looked at."""
    await world.press(3)
    token, path = world.tablet(), f"/v1/alerts/{world.newest()}/actions"
    answers = await asyncio.gather(
        *(
            world.request(
                "POST",
                path,
                token,
                {
                    "action_id": f"guess-{i}",
                    "action": "close",
                    "person": "jo",
                    "outcome": "oxygen",
                    "pin": f"{i:04}",
                },
            )
            for i in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 15


async def test_a_death_takes_two_people(house: World) -> None:
    """Both with their PIN, one of them a coordinator; nothing less closes it."""
    world = house
    wrong: list[tuple[dict[str, str], int, str]] = [
        ({"second_person": "jo", "second_pin": "8080"}, 403, "not_allowed"),
        ({"second_person": "sam"}, 403, "pin_needed"),
        ({"second_person": "sam", "second_pin": "0000"}, 403, "wrong_pin"),
        ({"second_person": "kim", "second_pin": "0000"}, 403, "pin_needed"),
        ({"second_person": "guest", "second_pin": "0000"}, 403, "pin_needed"),
    ]
    for fields, status, name in wrong:
        answer = await world.act("close", "jo", outcome="death", pin="8080", **fields)
        refused(answer, status, name)
    answer = await world.act(
        "close", "sam", outcome="death", pin="2222", second_person="alex", second_pin="3333"
    )
    refused(answer, 403, "not_allowed")
    assert (await world.alert())["state"] == "unanswered"
    answer = await world.act(
        "close", "sam", outcome="death", pin="2222", second_person="jo", second_pin="8080"
    )
    assert answer.json()["alert"]["outcome"] == "death"


async def test_reopening(world: World) -> None:
    """Anybody within thirty seconds, later with a PIN; back to where it was needed."""
    await world.press(3)
    await world.act("at_booth", "sam")
    await world.act("stand_down", "sam", reason="duplicate")
    world.clock.move(29.9)
    assert (await world.act("reopen", "kim")).json()["alert"]["state"] == "at_booth"
    await world.act("stand_down", "sam", reason="duplicate")
    world.clock.move(30.1)
    refused(await world.act("reopen", "kim"), 403, "pin_needed")
    answer = await world.act("reopen", "jo", pin="8080")
    assert answer.json()["alert"]["state"] == "at_booth"


async def test_reopening_what_nobody_came_to_runs_the_ladder_again(world: World) -> None:
    """From rung 0; unless the booth has another alert by now."""
    await world.press(3)
    first = world.newest()
    await world.act("stand_down", "jo", reason="false_press", pin="8080")
    alert = (await world.act("reopen", "guest")).json()["alert"]
    assert (alert["state"], alert["ladder"], alert["outcome"]) == ("unanswered", "running", None)
    await world.act("stand_down", "jo", reason="false_press", pin="8080", alert=first)
    await world.press(3)
    refused(await world.act("reopen", "sam", alert=first), 409, "booth_busy")


async def close(world: World, person: str, pin: str) -> httpx2.Response:
    """Close the newest alert with this PIN."""
    return await world.act("close", person, outcome="oxygen", pin=pin)
