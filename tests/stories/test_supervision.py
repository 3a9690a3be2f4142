"""Supervision: what is wrong without a press is noticed, shown once, and owned by somebody.

The story begins at 14:03:27 on a Tuesday; times are of the moved clock (`promises.md` 8).
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dispatch.database import Database
from service import app
from tests.live import served
from tests.postgres import Postgres
from tests.stories.test_buttons import beat
from tests.world import World, demo_site, open_world

Json = dict[str, Any]
W1 = "AMC4: you are on duty at all times. Reply 7 now to show that alerts reach this phone."
W2 = "AMC4: NOBODY on duty has a confirmed phone. Open the rota: http://127.0.0.1:8080/shift"
NO_SCREEN = "AMC4: NO SCREEN can sound an alarm. Arm one now: http://127.0.0.1:8080/wall"
PEOPLE = ("sam", "kim", "noor", "jo")
SENDER = "+3197010200001"


@pytest_asyncio.fixture
async def fresh(tmp_path: Path) -> AsyncGenerator[World]:
    """A site that was just loaded: nobody has been asked, one screen is armed."""
    async with open_world(tmp_path, confirmed=False) as opened:
        yield opened


async def site(world: World) -> Json:
    """The site as a tablet sees it."""
    return (await world.request("GET", "/v1/site", world.tablet())).json()


def told(world: World, *names: str) -> list[str]:
    """The events of these names, with why, as the log has them."""
    rows = world.connection.execute("SELECT name, data FROM log WHERE alert IS NULL ORDER BY seq")
    return [f"{name} {' '.join(json.loads(data)['why'])}" for name, data in rows if name in names]


async def bodies(world: World, person: str) -> list[str]:
    """Everything texted to this person."""
    return [text["body"] for text in await world.phone(person).texts()]


async def test_whoever_comes_on_duty_is_asked_to_answer_7(fresh: World) -> None:
    await fresh.advance(12)
    for person in ("kim", "jo"):
        assert await bodies(fresh, person) == [W1]
    # A delivered text is no answer: nobody's phone is confirmed by it.
    await fresh.advance(60)
    people = {one["id"]: one for one in (await site(fresh))["people"]}
    assert {people[one]["reach"] for one in PEOPLE} == {"unconfirmed"}
    # Five minutes are given to answer; nobody does.
    assert (await site(fresh))["cover"]["ok"] is True
    await fresh.advance(241)
    cover = (await site(fresh))["cover"]
    assert (cover["ok"], cover["why"]) == (False, ["no_phone"])
    assert cover["since"] is not None
    assert (await bodies(fresh, "jo"))[1:] == [W2]
    assert await bodies(fresh, "kim") == [W1]
    await fresh.phone("kim").reply("7")
    await fresh.advance(1)
    assert (await site(fresh))["cover"] == {"ok": True, "why": [], "since": None}
    assert told(fresh, "cover_lost", "cover_back") == ["cover_lost no_phone", "cover_back no_phone"]


async def test_an_answer_to_an_alert_confirms_the_phone_as_well(fresh: World) -> None:
    await fresh.press(3)
    await fresh.phone("kim").reply("1")
    people = {one["id"]: one["reach"] for one in (await site(fresh))["people"]}
    assert (people["kim"], people["sam"]) == ("ok", "unconfirmed")


async def test_when_a_phone_was_confirmed_and_when_it_was_lost_is_told(fresh: World) -> None:
    def kim(shown: Json | None) -> tuple[str, str | None]:
        people = {one["id"]: one for one in (shown or {})["people"]}
        return people["kim"]["reach"], people["kim"]["reach_at"]

    async with served(fresh) as live:
        screen = await live.follower(fresh.device("monitor"))

        async def told_as(reach: str, at: str | None) -> None:
            """The feed says this of Kim, and so does the site."""
            await screen.until(lambda one: kim(one.state.site) == (reach, at))
            assert kim(await site(fresh)) == (reach, at)

        await fresh.advance(12)
        await told_as("unconfirmed", None)
        await fresh.phone("kim").reply("7")
        await told_as("ok", "2026-11-24T13:03:39.000Z")
        # A second answer changes nothing: the phone was confirmed by the first.
        await fresh.advance(60)
        await fresh.phone("kim").reply("7")
        await told_as("ok", "2026-11-24T13:03:39.000Z")
        await fresh.phone("kim").reply("STOP")
        await told_as("stopped", "2026-11-24T13:04:39.000Z")
        await fresh.advance(60)
        await fresh.phone("kim").reply("START")
        await told_as("ok", "2026-11-24T13:05:39.000Z")


def shift(text: str) -> str:
    """Kim comes at 15:00 and goes at 17:00."""
    kim = text.index('id = "kim"')
    return text[:kim] + text[kim:].replace('"always"', '["Mo-Su 15:00-17:00"]', 1)


async def later(world: World, seconds: float) -> None:
    """So long later, with nothing in between that anybody would wait for."""
    world.clock.move(seconds)
    await world.advance(1)


async def test_a_confirmed_phone_counts_until_the_shift_ends(tmp_path: Path) -> None:
    async with open_world(tmp_path, change=shift) as world:
        kim = world.phone("kim")
        await world.advance(60)
        await later(world, 55 * 60)
        assert await kim.texts() == []
        await later(world, 2 * 60)
        asked = "AMC4: you are on duty 15:00-17:00. Reply 7 now to show that alerts reach"
        assert asked in (await bodies(world, "kim"))[0]
        await kim.reply("7")
        await later(world, 60 * 60)
        assert reach(await site(world), "kim") == ("ok", True)
        assert (await hours(world))["kim"] == "15:00-17:00"
        await later(world, 62 * 60)
        assert reach(await site(world), "kim") == ("unconfirmed", False)
        assert set((await hours(world)).values()) == {None}
        await later(world, 22 * 3600)
        assert reach(await site(world), "kim") == ("unconfirmed", True)
        assert len([one for one in await bodies(world, "kim") if asked in one]) == 2


async def hours(world: World) -> dict[str, str | None]:
    """The hours of the shift that each of them is on; None of whoever is not, or always is."""
    return {one["id"]: one["hours"] for one in (await site(world))["people"]}


def reach(shown: Json, person: str) -> tuple[str, bool]:
    """Whether texts reach them, and whether they are on duty."""
    one = next(one for one in shown["people"] if one["id"] == person)
    return one["reach"], one["on_duty"]


async def test_always_on_duty_is_asked_once_a_week_at_nine(world: World) -> None:
    await later(world, 6 * 86400)
    assert await bodies(world, "kim") == []
    # The seventh day, 08:50 in Amsterdam.
    await later(world, 18 * 3600 + 47 * 60)
    assert await bodies(world, "kim") == []
    await later(world, 15 * 60)
    assert await bodies(world, "kim") == [W1]
    assert reach(await site(world), "kim") == ("unconfirmed", True)


async def test_no_screen_is_cover_lost_and_told_once_every_quarter_of_an_hour(
    world: World,
) -> None:
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        await world.advance(15)
        world.disarm()
        await world.advance(9)
        assert told(world, "cover_lost") == []
        await world.advance(2)
        assert told(world, "cover_lost") == ["cover_lost no_screen"]
        await screen.reaches(live.head())
        assert screen.state.site is not None
        assert screen.state.site["cover"] == (await site(world))["cover"]
        assert screen.state.site["faults"] == (await site(world))["faults"]
        # The screen that went dark is a fault of its own, and so is told of.
        assert [one["kind"] for one in (await site(world))["faults"]] == ["screen_off"]
        await world.advance(100)
        assert await bodies(world, "jo") == []
        await world.advance(10)
        assert await bodies(world, "jo") == [
            NO_SCREEN,
            "AMC4: screens that can not sound an alarm: TV-1. Go there and arm them.",
        ]
        await world.advance(14 * 60)
        assert len(await bodies(world, "jo")) == 2
        await world.advance(2 * 60)
        assert len(await bodies(world, "jo")) == 4
        # What lasts is repeated after twice as long.
        await world.advance(27 * 60)
        assert len(await bodies(world, "jo")) == 4
        await world.advance(3 * 60)
        assert len(await bodies(world, "jo")) == 6
        assert told(world, "cover_lost", "cover_back") == ["cover_lost no_screen"]
        world.arm("TV-2")
        await world.advance(1)
        assert told(world, "cover_back") == ["cover_back no_screen"]
        await screen.reaches(live.head())
        assert screen.state.site["cover"] == (await site(world))["cover"]


async def test_what_lasts_is_repeated_every_four_hours_in_the_end(world: World) -> None:
    await world.advance(15)
    world.disarm()
    await world.advance(135)
    minutes = 15
    for count in range(1, 7):
        assert (await bodies(world, "jo")).count(NO_SCREEN) == count
        await later(world, minutes * 60)
        minutes = min(minutes * 2, 240)
    assert minutes == 240
    assert (await bodies(world, "jo")).count(NO_SCREEN) == 7


async def test_who_is_on_duty_is_looked_at_every_minute(tmp_path: Path) -> None:
    """The shift of the only coordinator ends at 14:06, two minutes and a half from the start."""

    def change(text: str) -> str:
        jo = text.index('id = "jo"')
        return text[:jo] + text[jo:].replace('"always"', '["Mo-Su 09:00-14:06"]', 1)

    async with open_world(tmp_path, change=change) as world:
        await world.advance(150)
        assert (await site(world))["cover"]["ok"] is True
        await world.advance(65)
        assert (await site(world))["cover"]["why"] == ["no_coordinator"]


async def test_nobody_is_asked_for_an_answer_twice_within_a_minute(world: World) -> None:
    async def sent() -> bool:
        answer = await world.request("POST", "/v1/shift/confirm", world.tablet(), {"person": "kim"})
        return answer.json()["sent"]

    await world.advance(61)
    assert await sent()
    await world.advance(58)
    assert not await sent()
    await world.advance(3)
    assert await sent()
    await world.advance(1)
    assert await bodies(world, "kim") == [W1, W1]


async def test_a_screen_that_comes_and_goes_does_not_text_more_often(world: World) -> None:
    for _ in range(4):
        world.disarm()
        await world.advance(140)
        world.arm()
        await world.advance(20)
    assert (await bodies(world, "jo")).count(NO_SCREEN) == 1
    assert len(told(world, "cover_lost")) == 4


async def test_nothing_is_told_while_an_alert_asks(world: World) -> None:
    await world.advance(15)
    await world.press(3)
    world.disarm()
    await world.act("at_booth")
    await world.advance(150)
    assert told(world, "cover_lost") == ["cover_lost no_screen"]
    assert NO_SCREEN not in await bodies(world, "jo")
    await world.act("close", "jo", pin="8080", outcome="not_medical")
    await world.advance(1)
    assert NO_SCREEN in await bodies(world, "jo")


async def test_no_coordinator_on_duty_tells_them_all(tmp_path: Path) -> None:
    def change(text: str) -> str:
        jo = text.index('id = "jo"')
        return text[:jo] + text[jo:].replace('"always"', '["Mo-Su 15:00-17:00"]', 1)

    async with open_world(tmp_path, change=change) as world:
        await world.advance(15)
        assert (await site(world))["cover"]["why"] == ["no_coordinator"]
        said = "AMC4: NO COORDINATOR is on duty. Open the rota: http://127.0.0.1:8080/shift"
        assert said in await bodies(world, "jo")
        await world.advance(3600)
        assert (await site(world))["cover"]["ok"] is True
        assert told(world, "cover_lost", "cover_back") == [
            "cover_lost no_coordinator",
            "cover_back no_coordinator",
        ]


async def test_silent_buttons_are_told_together(world: World) -> None:
    tokens = [world.device("booth", booth, f"B{booth}") for booth in (3, 7)]
    for token in tokens:
        await beat(world, token)
    await world.advance(30)
    await beat(world, tokens[1])
    await world.advance(62)
    assert await bodies(world, "jo") == [
        "AMC4: BOOTH 03 button silent since 14:03. Use voice or phone there until fixed."
    ]
    await world.advance(60)
    faults = (await site(world))["faults"]
    assert [(one["kind"], one["what"]) for one in faults] == [
        ("button_silent", "03"),
        ("button_silent", "07"),
    ]
    await world.advance(14 * 60)
    assert (await bodies(world, "jo"))[1:] == [
        "AMC4: buttons silent: 03, 07. Use voice or phone there until fixed."
    ]
    for token in tokens:
        await beat(world, token)
    await world.advance(2)
    assert (await site(world))["faults"] == []


@pytest.mark.parametrize(
    ("battery", "kind", "covered"),
    [(20, None, True), (19, "battery_low", True), (9, "battery_flat", False)],
)
async def test_a_weak_battery(world: World, battery: int, kind: str | None, covered: bool) -> None:
    token = world.device("booth", 3, "Three")
    await beat(world, token, battery=battery, period_s=600)
    await world.advance(61)
    shown = await site(world)
    assert [one["kind"] for one in shown["faults"]] == ([kind] if kind else [])
    assert next(one for one in shown["booths"] if one["number"] == 3)["covered"] is covered
    flat = "AMC4: battery nearly empty, does not count as cover: 03. Replace it now."
    assert (flat in await bodies(world, "jo")) is (kind == "battery_flat")


async def test_it_is_right_over_a_restart(world: World) -> None:
    await world.advance(15)
    world.disarm()
    await world.advance(130)
    since = (await site(world))["cover"]["since"]
    assert (await bodies(world, "jo")).count(NO_SCREEN) == 1
    await world.restart(down=60)
    await world.advance(120)
    assert told(world, "cover_lost", "cover_back") == ["cover_lost no_screen"]
    assert (await site(world))["cover"]["since"] == since
    assert (await bodies(world, "jo")).count(NO_SCREEN) == 1
    await world.advance(15 * 60)
    assert (await bodies(world, "jo")).count(NO_SCREEN) == 2


async def test_two_nodes_tell_it_once(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.create_database()
    async with open_world(tmp_path, database_url=url) as world:
        beside = Database(url).open()
        other = app.Service(
            world.settings, 8080, clock=world.clock, inline=beside, phone_transport=world.line
        )
        try:
            await world.advance(15)
            world.disarm()
            for seconds in (0, 11, 60, 60, 60):
                world.clock.move(seconds)
                await world.service.beat()
                await world.service.screens.step()
                both = world.service.supervision, other.supervision
                for _ in range(3):
                    await asyncio.gather(*(node.step() for node in both))
            assert told(world, "cover_lost", "cover_back") == ["cover_lost no_screen"]
            rows = world.connection.execute("SELECT kind, count FROM notices ORDER BY kind")
            assert [tuple(row) for row in rows] == [("no_screen", 1), ("screen_off", 1)]
        finally:
            other.reader.close()
            beside.close()


async def test_two_late_texts_are_a_failing_network(world: World) -> None:
    for person in (await site(world))["people"]:
        await world.phone(person["id"]).habit(off=True)
    await world.press(3)
    await world.advance(18)
    assert (await site(world))["phones"] == "ok"
    await world.advance(10)
    assert (await site(world))["phones"] == "failing"


async def test_one_phone_that_is_off_is_no_failing_network(world: World) -> None:
    await world.phone("sam").habit(off=True)
    await world.press(3)
    await world.advance(60)
    assert (await site(world))["phones"] == "ok"


async def test_a_site_without_phones_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path, phones=False, confirmed=False) as world:
        await world.advance(15)
        assert (await site(world))["cover"]["why"] == ["no_phone"]
        assert world.connection.execute("SELECT 1 FROM outbox") == []


def test_the_demo_site_is_what_these_stories_think() -> None:
    assert all(f'id = "{person}"' in demo_site() for person in PEOPLE)
