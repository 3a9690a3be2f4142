"""Tests of the line: they ring the site's test numbers, say that they are one, and are kept."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import httpx2
import pytest

from service import doctor
from tests.clock import START
from tests.line_site import TEST_NUMBER, hears, line_site, phone, rung
from tests.record import seconds
from tests.world import Json, World

OTHER = "+31205550008"
TWO = {f'["{TEST_NUMBER}"]': f'["{TEST_NUMBER}", "{OTHER}"]'}
DRILL = (
    "This is a drill. Do not send anyone. Harbour House is testing this line."
    " Press 1 if you hear this clearly."
)
HOUR, DAY = 3600.0, 86400.0
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


async def ring_test(world: World, test_id: str = "one", person: str = "jo") -> httpx2.Response:
    body = {"test_id": test_id, "person": person}
    answer = await world.request("POST", "/v1/line-tests", world.tablet(), body)
    await world.settle()
    return answer


async def shown(world: World) -> Json:
    """What the site shows of its tests."""
    return (await world.request("GET", "/v1/site", world.tablet())).json()["line_test"]


def told_to_screens(world: World) -> int:
    """How often the feed has told every screen that something of the line is new."""
    rows = world.connection.execute("SELECT data FROM log WHERE name = 'site_changed'")
    return sum(json.loads(row[0]) == {"changes": ["line"]} for row in rows)


async def calls(world: World) -> list[str]:
    """The number of every call that was ever requested."""
    return [one["phone"] for one in await world.truth() if one["kind"] == "call"]


async def test_a_test_rings_the_test_number_and_nothing_else_and_key_1_ends_it(
    world: World,
) -> None:
    world.load(line_site())
    answer = await ring_test(world)
    assert (answer.status_code, answer.json()) == (202, {"test": "one", "numbers": 1})
    assert (await shown(world))["running"] is True
    assert (await shown(world))["ok"] is None
    assert told_to_screens(world) == 1
    await world.advance(2)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(10)
    assert set(await hears(world, TEST_NUMBER)) == {DRILL}
    await phone(world, TEST_NUMBER).does("press", "1")
    await world.advance(4)
    assert (await hears(world, TEST_NUMBER))[-1] == "Thank you. The test is done."
    assert (await phone(world, TEST_NUMBER).calls())[-1]["status"] == "completed"
    assert await calls(world) == [TEST_NUMBER]
    assert told_to_screens(world) == 2
    test = await shown(world)
    assert (test["ok"], test["overdue"], test["running"]) == (True, False, False)
    assert test["results"] == [{"number_index": 0, "result": "heard"}]
    assert seconds(test["last_at"]) == 0


async def test_a_test_speaks_the_language_of_the_line(world: World) -> None:
    world.load(line_site({'language = "en"': 'language = "nl"'}))
    await ring_test(world)
    await world.advance(2)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(4)
    await phone(world, TEST_NUMBER).does("press", "1")
    await world.advance(4)
    assert await hears(world, TEST_NUMBER) == [
        "Dit is een oefening. Stuur niemand. Harbour House test deze lijn."
        " Toets 1 als u dit goed hoort.",
        "Dank u. De test is klaar.",
    ]


@pytest.mark.parametrize(
    ("habit", "result"),
    [
        ({"busy": True}, "busy"),
        ({}, "no_answer"),
        ({"voicemail": True}, "no_key"),
        ({"pick_up": {"after": 2, "keys": "5", "hang_up_after": 4}}, "no_key"),
    ],
)
async def test_what_became_of_a_test_is_kept_and_is_a_fault(
    world: World, habit: Json, result: str
) -> None:
    await phone(world, TEST_NUMBER).habit(**habit)
    world.load(line_site())
    await ring_test(world)
    await world.advance(60)
    test = await shown(world)
    assert test["results"] == [{"number_index": 0, "result": result}]
    assert (test["ok"], test["overdue"], test["running"]) == (False, True, False)


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "status", "status": 400, "code": 21211},
        {"do": "code", "code": 13224},
        {"do": "status", "status": 500},
    ],
)
async def test_a_number_that_can_not_be_rung_has_failed(world: World, fault: Json) -> None:
    world.load(line_site())
    await world.fault(on="calls", **fault)
    await ring_test(world)
    await world.advance(140)
    test = await shown(world)
    assert test["results"] == [{"number_index": 0, "result": "failed"}]
    assert test["ok"] is False


async def test_a_test_of_which_nothing_more_is_heard_ends_as_failed(world: World) -> None:
    """Else it would run for ever, and no other would ever begin."""
    world.load(line_site())
    await ring_test(world)
    await world.fault(on="callbacks", do="drop")
    await world.advance(1)
    await world.fault(on="calls", do="status", status=500)
    await world.advance(230)
    test = await shown(world)
    assert (test["running"], test["results"][0]["result"]) == (False, "failed")
    await world.heal()
    assert (await ring_test(world, "two")).json()["test"] == "two"
    await world.advance(1)
    assert len(await rung(world, TEST_NUMBER)) == 2


async def test_each_test_number_has_a_result_of_its_own(world: World) -> None:
    await phone(world, OTHER).habit(busy=True)
    world.load(line_site(TWO))
    await ring_test(world)
    await world.advance(2)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(1)
    await phone(world, TEST_NUMBER).does("press", "1")
    await world.advance(4)
    test = await shown(world)
    assert [one["result"] for one in test["results"]] == ["heard", "busy"]
    assert test["ok"] is False


async def test_the_same_test_again_and_one_beside_a_running_one_ring_nothing(world: World) -> None:
    world.load(line_site())
    for test_id, person in (("one", "jo"), ("one", "jo"), ("one", "sam"), ("two", "sam")):
        answer = await ring_test(world, test_id, person)
        assert answer.status_code == 202
        assert answer.json()["test"] == "one"
    await world.advance(2)
    assert len(await rung(world, TEST_NUMBER)) == 1
    await phone(world, TEST_NUMBER).does("hang_up")
    await world.advance(1)
    assert (await ring_test(world, "one")).json()["test"] == "one"
    await world.advance(1)
    assert len(await rung(world, TEST_NUMBER)) == 1


@pytest.mark.parametrize("missing", ["agreement = ", "test_numbers = "])
async def test_without_an_agreement_or_a_test_number_nothing_is_rung(
    world: World, missing: str
) -> None:
    world.load(line_site({missing: f"# {missing}"}))
    answer = await ring_test(world)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:directline:no_agreement")
    await world.advance(30)
    assert await calls(world) == []
    test = await shown(world)
    assert (test["can_test"], test["overdue"], test["results"]) == (False, False, [])


async def test_whoever_is_not_of_the_site_tests_nothing(world: World) -> None:
    world.load(line_site())
    answer = await ring_test(world, person="nobody")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == "body.person"
    screen = world.device("screen", None, "TV-9")
    body = {"test_id": "one", "person": "jo"}
    assert (await world.request("POST", "/v1/line-tests", screen, body)).status_code == 403
    assert await calls(world) == []


async def test_by_itself_once_a_month_in_the_morning_of_the_site(world: World) -> None:
    """A month after the last one, at ten at the site; the first one on the first morning."""
    world.load(line_site())
    rang: list[datetime] = []
    for _ in range(20 * 24):
        # Hour by hour, but for the weeks in which it is not due; a look a day, each an hour
        # earlier than that of the day before, shows that.
        world.clock.move(HOUR if not rang or _old(world, rang) else 23 * HOUR)
        await world.service.line_tests.step()
        fresh = await calls(world)
        await world.settle()
        if len(await calls(world)) > len(fresh):
            rang.append(world.clock.now())
            await world.advance(2)
            await phone(world, TEST_NUMBER).does("answer")
            await world.advance(1)
            await phone(world, TEST_NUMBER).does("press", "1")
            await world.advance(4)
        if len(rang) == 3:
            break
    assert len(rang) == 3
    assert {one.astimezone(AMSTERDAM).hour for one in rang} == {10}
    assert (rang[0] - START).days == 0
    assert [(later - before).days for before, later in pairwise(rang)] == [
        30,
        30,
    ]
    assert (await shown(world))["ok"] is True


def _old(world: World, rang: list[datetime]) -> bool:
    """Whether the last test is nearly a month ago."""
    return world.clock.now() - rang[-1] > timedelta(days=28)


async def morning(world: World) -> None:
    """It is half past ten of the next day in Amsterdam."""
    local = world.clock.now().astimezone(AMSTERDAM)
    passed = local.hour * HOUR + local.minute * 60 + local.second
    world.clock.move(DAY - passed + 10.5 * HOUR)


async def test_by_itself_never_while_an_alert_is_asking(world: World) -> None:
    world.load(line_site())
    await morning(world)
    alert = (await world.press(3))["alert"]["id"]
    await world.act("at_booth", "sam")
    await world.advance(130)
    assert TEST_NUMBER not in await calls(world)
    await world.act("stand_down", "sam", reason="nothing_wrong", alert=alert)
    await world.advance(65)
    assert len(await rung(world, TEST_NUMBER)) == 1


async def test_a_line_that_was_not_heard_for_a_month_is_overdue(world: World) -> None:
    world.load(line_site())
    assert (await shown(world))["overdue"] is False
    world.clock.move(34 * DAY)
    assert (await shown(world))["overdue"] is True


async def test_an_overdue_test_is_a_fault_that_every_screen_hears_of_until_it_is_heard(
    world: World,
) -> None:
    def told() -> list[str]:
        rows = world.connection.execute("SELECT data FROM log WHERE name = 'site_changed'")
        every = [word for row in rows for word in json.loads(row[0])["changes"]]
        return [word for word in every if word.startswith("line_untested")]

    async def kinds() -> list[str]:
        site = (await world.request("GET", "/v1/site", world.tablet())).json()
        return [one["kind"] for one in site["faults"]]

    world.load(line_site())
    await world.advance(61)
    assert "line_untested" not in await kinds()
    world.clock.move(34 * DAY)
    await world.advance(61)
    assert (told(), "line_untested" in await kinds()) == (["line_untested"], True)
    await ring_test(world)
    await world.advance(2)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(1)
    await phone(world, TEST_NUMBER).does("press", "1")
    await world.advance(4)
    assert told() == ["line_untested", "line_untested mended"]
    assert "line_untested" not in await kinds()


async def test_the_doctor_says_how_the_line_stands(world: World) -> None:
    async def said() -> tuple[bool, str]:
        site = await world.service.views.site_of("AMC4")
        one = doctor.direct_line(world.connection, site, world.clock.now())
        assert one.what == "AMC4 line"
        return one.well, one.why

    world.load(line_site({"agreement = ": "# agreement = "}))
    assert await said() == (False, "no agreement in the site file: nothing is dialled")
    world.load(line_site({"test_numbers = ": "# test_numbers = "}))
    assert await said() == (False, "no test_numbers in the site file: it cannot be tested")
    world.load(line_site())
    assert await said() == (True, "2 numbers; not tested yet")
    await phone(world, TEST_NUMBER).habit(busy=True)
    await ring_test(world)
    await world.advance(5)
    well, why = await said()
    assert (well, why) == (False, "2 numbers; the test of 2026-11-24 was not heard: number 0 busy")
    assert TEST_NUMBER not in why
    await phone(world, TEST_NUMBER).habit(busy=False)
    await ring_test(world, "two")
    await world.advance(2)
    await phone(world, TEST_NUMBER).does("answer")
    await world.advance(1)
    await phone(world, TEST_NUMBER).does("press", "1")
    await world.advance(4)
    assert await said() == (True, "2 numbers; heard on 2026-11-24")
    world.clock.move(40 * DAY)
    assert await said() == (False, "2 numbers; heard on 2026-11-24; the next test is overdue")
