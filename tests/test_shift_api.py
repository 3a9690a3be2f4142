"""Shifts by hand: a phone asked anew, a shift taken over, a button and the sound tested."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dispatch import setup
from tests.contract import refused
from tests.live import served
from tests.world import World, demo_site, open_world

Json = dict[str, Any]
CHECKS = {"naloxone": True, "oxygen": False}
BODIES: dict[str, Json] = {
    "/v1/shift/confirm": {"person": "kim"},
    "/v1/shift/takeover": {"takeover_id": "o-1", "person": "jo", "pin": "8080", "checks": CHECKS},
    "/v1/button-tests": {"test_id": "t-1", "booth": 3, "person": "sam"},
    "/v1/sound-tests": {"person": "sam"},
}


async def post(world: World, path: str, token: str | None = None, **more: Any) -> Any:
    """The usual body, but for what is said otherwise, from the tablet."""
    return await world.request("POST", path, token or world.tablet(), BODIES[path] | more)


async def site(world: World) -> Json:
    """The site as the tablet sees it."""
    return (await world.request("GET", "/v1/site", world.tablet())).json()


@pytest.mark.parametrize("path", BODIES)
async def test_only_a_tablet_may(world: World, path: str) -> None:
    refused(await world.request("POST", path, None, BODIES[path]), 401, "unauthenticated")
    for kind in ("screen", "monitor", "board", "bridge"):
        answer = await post(world, path, world.device(kind))
        refused(answer, 403, "not_allowed")
    refused(await post(world, path, world.device("booth", 4)), 403, "not_allowed")


@pytest.mark.parametrize("path", BODIES)
async def test_who_or_what_is_not_there_is_named(world: World, path: str) -> None:
    refused(await post(world, path, person="nobody"), 422, "invalid", "body.person")
    refused(await post(world, path, extra=1), 422, "invalid", "body.extra")
    empty = await world.request("POST", path, world.tablet(), {})
    assert "body.person" in {one["at"] for one in empty.json()["errors"]}


async def test_a_phone_is_asked_anew_and_not_every_second(world: World) -> None:
    assert (await post(world, "/v1/shift/confirm")).json() == {"sent": False}
    await world.advance(61)
    answer = await post(world, "/v1/shift/confirm")
    assert (answer.status_code, answer.json()) == (202, {"sent": True})
    await world.settle()
    await world.phone("kim").expect_text("Reply 7 now")
    assert (await post(world, "/v1/shift/confirm")).json() == {"sent": False}


async def test_a_shift_is_taken_over_with_a_pin(world: World) -> None:
    path = "/v1/shift/takeover"
    assert (await site(world))["shift"] is None
    refused(await post(world, path, pin=None), 403, "pin_needed")
    refused(await post(world, path, pin="0000"), 403, "wrong_pin")
    wrong = await post(world, path, checks={"naloxone": 1})
    assert wrong.status_code == 422
    at = {one["at"] for one in wrong.json()["errors"]}
    assert at == {"body.checks.naloxone", "body.checks.oxygen"}
    answer = await post(world, path)
    assert answer.status_code == 201
    taken = {"person": "jo", "at": "2026-11-24T13:03:27.000Z", **CHECKS}
    assert answer.json() == {"shift": taken}
    assert (await site(world))["shift"] == taken
    rows = world.connection.execute("SELECT data FROM log WHERE name = 'shift_taken'")
    assert [json.loads(row[0]) for row in rows] == [{"person": "jo", **CHECKS}]


async def taken(world: World) -> int:
    """How often the log says that the shift was taken over."""
    return len(world.connection.execute("SELECT 1 FROM log WHERE name = 'shift_taken'"))


async def test_a_second_try_is_the_same_takeover(world: World) -> None:
    """Whatever came in between: another takeover, or a name that has to wait for its PIN."""
    path = "/v1/shift/takeover"
    first = (await post(world, path)).json()
    world.clock.move(5)
    again = await post(world, path)
    assert (again.status_code, again.json()) == (201, first)
    other = (await post(world, path, takeover_id="o-2", checks=CHECKS | {"oxygen": True})).json()
    for _ in range(5):
        await post(world, path, takeover_id="o-3", pin="0000")
    world.clock.move(5)
    assert (await post(world, path)).json() == first
    assert (await site(world))["shift"] == other["shift"]
    assert await taken(world) == 2
    others: tuple[Json, ...] = ({"person": "sam"}, {"checks": CHECKS | {"naloxone": False}})
    for more in others:
        refused(await post(world, path, **more), 409, "id_reused")
    assert "body.takeover_id" in {
        one["at"] for one in (await post(world, path, takeover_id="")).json()["errors"]
    }


async def test_two_tries_at_once_are_one_takeover(world: World) -> None:
    both = await asyncio.gather(*(post(world, "/v1/shift/takeover") for _ in range(2)))
    assert both[0].json() == both[1].json()
    assert await taken(world) == 1


NOTE = "Oxygen bottle 2 is half full.\nThe door of 05 jams."


def keeping_notes(text: str) -> str:
    """The site file of a site that keeps notes."""
    return text.replace("[site]\n", "[site]\nnotes = true\n", 1)


@pytest_asyncio.fixture
async def noting(tmp_path: Path) -> AsyncGenerator[World]:
    """A site that keeps notes."""
    folder = tmp_path / "noting"
    folder.mkdir()
    async with open_world(folder, change=keeping_notes) as opened:
        yield opened


async def note(world: World) -> str | None:
    """What a tablet reads of the note for this shift."""
    answer = await world.request("GET", "/v1/shift", world.tablet())
    assert answer.status_code == 200
    return answer.json()["shift"]["note"]


async def test_a_note_is_there_until_the_next_takeover_for_tablets_alone(noting: World) -> None:
    path = "/v1/shift/takeover"
    empty = await noting.request("GET", "/v1/shift", noting.tablet())
    assert empty.json() == {"shift": None}
    async with served(noting) as live:
        kinds = ("tablet", "screen", "monitor", "board", "booth")
        booths = {"booth": 3}
        tokens = [noting.device(kind, booths.get(kind)) for kind in kinds]
        screens = [await live.follower(token) for token in tokens]
        assert (await post(noting, path, note=f" {NOTE} ")).status_code == 201
        assert await note(noting) == NOTE
        # A second try is the same takeover, of another note it is not.
        assert (await post(noting, path, note=NOTE)).status_code == 201
        refused(await post(noting, path, note="else"), 409, "id_reused")
        # An alert is what all of them are told of, the board too.
        await noting.press(3)
        for screen in screens:
            await screen.hears("pressed")
            assert "bottle" not in json.dumps(screen.frames)
        for kind, token in zip(kinds[1:], tokens[1:], strict=True):
            answer = await noting.request("GET", "/v1/shift", token)
            refused(answer, 403, "not_allowed")
            assert "bottle" not in (await noting.request("GET", "/v1/site", token)).text, kind
    assert await taken(noting) == 1
    rows = noting.connection.execute("SELECT data FROM log")
    assert [row for row in rows if "bottle" in row[0]] == []
    for person in ("sam", "kim", "noor", "jo"):
        assert "bottle" not in json.dumps(await noting.phone(person).texts())
    await post(noting, path, takeover_id="o-2", note=" ")
    assert await note(noting) is None
    assert noting.connection.execute("SELECT note FROM shift_notes") == []
    assert (await post(noting, path, note=NOTE)).status_code == 201
    assert await note(noting) is None


async def test_a_note_is_short_and_only_where_the_site_keeps_notes(
    world: World, noting: World
) -> None:
    path = "/v1/shift/takeover"
    for text in ("x", ""):
        refused(await post(world, path, note=text), 422, "invalid", "body.note")
    assert await taken(world) == 0
    refused(await post(noting, path, note="x" * 281), 422, "invalid", "body.note")
    assert (await post(noting, path, note="x" * 280)).status_code == 201
    assert await note(noting) == "x" * 280


async def test_a_note_is_shown_no_more_once_the_site_keeps_none(noting: World) -> None:
    await post(noting, "/v1/shift/takeover", note=NOTE)
    noting.load(demo_site())
    assert await note(noting) is None


async def test_five_wrong_pins_make_that_name_wait(world: World) -> None:
    for _ in range(5):
        await post(world, "/v1/shift/takeover", pin="0000")
    refused(await post(world, "/v1/shift/takeover"), 429, "pin_wait")


async def test_the_first_press_in_the_window_is_the_test_and_the_second_is_real(
    world: World,
) -> None:
    button = world.device("booth", 3, "Three")
    answer = await post(world, "/v1/button-tests")
    assert answer.status_code == 201
    assert answer.json()["test"] == {
        "test_id": "t-1",
        "booth": 3,
        "until": "2026-11-24T13:03:57.000Z",
        "heard_at": None,
        "seconds": None,
    }
    world.clock.move(10)
    said: Json = {"press_id": "p-1", "pressed_at": "2026-11-24T13:03:36.100Z"}
    body: Json = {}
    for _ in range(2):
        # A device that did not hear our answer sends the same press again.
        heard = await world.request("POST", "/v1/presses", button, said)
        assert heard.status_code == 200
        body = heard.json()
        assert (body["press_id"], body["alert"], body["joined"]) == ("p-1", None, False)
        assert body["test"]["seconds"] == 0.9
        assert body["test"]["heard_at"] == "2026-11-24T13:03:37.000Z"
    assert world.connection.execute("SELECT 1 FROM alerts") == []
    assert (await site(world))["button_tests"] == [body["test"]]
    real = await world.request("POST", "/v1/presses", button, {"press_id": "p-2"})
    assert real.status_code == 201
    assert real.json()["alert"]["state"] == "unanswered"
    # The test stays a test, also when it comes once more.
    again = await world.request("POST", "/v1/presses", button, said)
    assert again.json()["alert"] is None


@pytest.mark.parametrize(
    ("kind", "booth", "said"),
    [
        ("booth", 3, {"kind": "overdose"}),
        ("booth", 3, {"pressed_at": "2026-11-24T13:03:20Z"}),
        ("booth", 4, {}),
        ("tablet", None, {"booth": 3}),
        ("bridge", None, {"booth": 4}),
        ("bridge", None, {}),
    ],
)
async def test_whatever_may_be_real_is_real(
    world: World, kind: str, booth: int | None, said: Json
) -> None:
    """One that says more than that it was pressed, was kept from before, or is another button."""
    await post(world, "/v1/button-tests")
    answer = await world.request("POST", "/v1/presses", world.device(kind, booth), said)
    assert answer.status_code == 201
    assert answer.json()["alert"]["state"] == "unanswered"


async def test_after_the_window_a_press_is_real(world: World) -> None:
    await post(world, "/v1/button-tests")
    world.clock.move(30)
    answer = await world.request("POST", "/v1/presses", world.device("booth", 3), {})
    assert answer.status_code == 201


async def test_a_bridge_speaks_for_the_button_of_a_booth(world: World) -> None:
    await post(world, "/v1/button-tests")
    answer = await world.request("POST", "/v1/presses", world.device("bridge"), {"booth": 3})
    assert answer.json()["test"]["booth"] == 3


async def test_a_press_that_was_stored_before_the_window_stays_what_it_was(world: World) -> None:
    button = world.device("booth", 3)
    first = await world.press(None, token=button, press_id="early")
    await world.act("close", "jo", pin="8080", outcome="not_medical")
    await post(world, "/v1/button-tests")
    again = await world.request("POST", "/v1/presses", button, {"press_id": "early"})
    assert again.json()["alert"]["id"] == first["alert"]["id"]


async def test_no_test_while_help_is_asked_for_there(world: World) -> None:
    await world.press(3)
    refused(await post(world, "/v1/button-tests"), 409, "booth_busy")
    refused(await post(world, "/v1/button-tests", booth=99), 422, "invalid", "body.booth")
    # An alert that began while the window was open ends it: that press joins.
    await post(world, "/v1/button-tests", booth=4)
    await world.press(4, token=world.tablet())
    joined = await world.request("POST", "/v1/presses", world.device("booth", 4), {})
    assert joined.json()["joined"] is True


async def test_one_window_at_a_time_and_one_test_by_its_id(world: World) -> None:
    first = (await post(world, "/v1/button-tests")).json()
    world.clock.move(5)
    assert (await post(world, "/v1/button-tests")).json() == first
    refused(await post(world, "/v1/button-tests", booth=4), 409, "id_reused")
    await post(world, "/v1/button-tests", test_id="t-2", booth=4)
    answer = await world.request("POST", "/v1/presses", world.device("booth", 3), {})
    assert answer.status_code == 201


async def test_a_revoked_button_is_never_a_test(world: World) -> None:
    button = world.device("booth", 3)
    world.carry_out(setup.set_status(world.device_of(button), "revoked"))
    world.service.callers.forget()
    await post(world, "/v1/button-tests")
    answer = await world.request("POST", "/v1/presses", button, {})
    assert answer.json()["alert"]["unknown_device"] is True


async def test_every_screen_is_told_to_sound_once(world: World) -> None:
    answer = await post(world, "/v1/sound-tests")
    assert (answer.status_code, answer.json()) == (202, {"started": True})
    rows = world.connection.execute("SELECT by_id FROM log WHERE name = 'sound_test'")
    assert [row[0] for row in rows] == ["sam"]
