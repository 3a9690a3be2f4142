"""The live feed: every screen sees every event of its site once, in order, without a gap."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from clients.state import State, apply
from dispatch.desk import Press
from tests.live import Live, Screen, served
from tests.world import World, open_world

Json = dict[str, Any]


async def _fresh(live: Live, token: str) -> State:
    """What a screen that connects now begins with."""
    screen = await live.follower(token)
    state = apply(State(), screen.frames[0])
    await screen.leave()
    return state


def _comparable(state: State) -> Json:
    """What must be equal; the moment a button was last heard of changes without an event."""
    site: Json = json.loads(json.dumps(state.site))
    for button in site["buttons"]:
        button.pop("last_seen_at")
    screens: list[Json] = site["screens"]
    screens.sort(key=lambda one: str(one["device_id"]))
    return {**site, "alerts": dict(state.alerts), "seq": state.seq}


async def test_a_screen_that_followed_a_whole_story_equals_a_fresh_one(world: World) -> None:
    """apply(old snapshot, events) == fresh snapshot, after a story with every kind of event."""
    token = world.device("monitor")
    async with served(world) as live:
        screen = await live.follower(token)
        assert screen.frames[0]["type"] == "snapshot"
        await world.press(3)
        await world.press(3)
        await world.advance(31)
        await world.phone("sam").reply("hello?")
        await world.phone("sam").reply("1")
        await world.advance(31)
        await world.phone("kim").reply("1")
        await world.act("at_booth", "kim")
        await world.act("take_job", "kim", job="lead")
        await world.act("classify", "kim", kind="overdose")
        await world.act("oxygen", "kim", on=True)
        await world.act("naloxone", "kim", route="nasal", dose_mg=4)
        await world.act("breathing", "kim", breathing="slow", awake=False)
        await world.advance(151)
        await world.act("more_people", "kim")
        world.arm("TV-2")
        await world.settle()
        await screen.until(lambda one: "TV-2" in _screens(one))
        await world.act("ems", "kim", ems="arrived")
        world.disarm("TV-2")
        await screen.hears("device_silent")
        await world.act("safe", "kim")
        await world.press(7)
        world.load(_renamed())
        await world.settle()
        await world.act("stand_down", "jo", reason="false_press", pin="8080")
        await screen.reaches(live.head())
        fresh = await _fresh(live, token)
        assert _comparable(screen.state) == _comparable(fresh)
        assert {"device_back", "device_silent", "site_changed", "sounding"} <= set(screen.names())


def _renamed() -> str:
    text = Path("service/demo_site.toml").read_text("utf-8")
    return text.replace('name = "Harbour House"', 'name = "Harbour House East"')


async def test_events_come_once_in_order_and_chained(world: World) -> None:
    """Numbers rise by one for staff; every frame names the one before it."""
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        begin = screen.frames[0]["seq"]
        await world.press(3)
        await world.advance(31)
        await screen.reaches(live.head())
        events = [frame for frame in screen.frames if frame["type"] == "event"]
        assert [frame["seq"] for frame in events] == list(range(begin + 1, live.head() + 1))
        assert [frame["prev"] for frame in events] == list(range(begin, live.head()))


async def test_a_screen_comes_back_and_misses_nothing(world: World) -> None:
    """It says what it had; it is told what it missed, over a restart of the service too."""
    token = world.device("monitor")
    async with served(world) as live:
        screen = await live.follower(token)
        epoch = screen.frames[0]["epoch"]
        await world.press(3)
        await screen.reaches(live.head())
        had = screen.state
        await screen.leave()
    await world.advance(16)
    await world.restart(down=2)
    await world.advance(20)
    async with served(world) as live:
        back = await live.follower(token, f"?after={had.seq}&epoch={epoch}")
        assert back.frames[0]["type"] == "resumed"
        await back.until(lambda one: _last(one) >= live.head())
        state = had
        for frame in back.frames:
            state = apply(state, frame)
        assert _comparable(state) == _comparable(await _fresh(live, token))


def _press_often(world: World, times: int) -> None:
    """One booth is pressed again and again; each press is an event."""
    for _ in range(times):
        press = Press("AMC4", f"often-{next(world.ids)}", "device", "bridge", 3)
        world.carry_out(world.service.desk.press(press))


def _last(screen: Screen) -> int:
    return max((frame["seq"] for frame in screen.frames if frame["type"] == "event"), default=0)


@pytest.mark.parametrize(
    "query",
    [
        "?after=1&epoch=other",
        "?after=x&epoch=E",
        "?after=99999999&epoch=E",
        "?after=1",
        "?after=-1&epoch=E",
        "?epoch=E",
    ],
)
async def test_whoever_can_not_resume_gets_a_snapshot(world: World, query: str) -> None:
    """Another epoch, no number, a number from the future."""
    async with served(world) as live:
        first = await live.follower(world.device("monitor"))
        epoch = first.frames[0]["epoch"]
        screen = await live.follower(world.device("monitor"), query.replace("=E", f"={epoch}"))
        assert screen.frames[0]["type"] == "snapshot"


async def test_whoever_is_too_far_behind_gets_a_snapshot(world: World) -> None:
    """More than two hundred events missed are not replayed one by one."""
    token = world.device("monitor")
    async with served(world) as live:
        first = await live.follower(token)
        epoch = first.frames[0]["epoch"]
        await world.press(3)
        await first.hears("sounding")
        _press_often(world, 300)
        behind = live.head() - 201
        assert behind > 0
        screen = await live.follower(token, f"?after={behind}&epoch={epoch}")
        assert screen.frames[0]["type"] == "snapshot"
        near = await live.follower(token, f"?after={behind + 1}&epoch={epoch}")
        assert near.frames[0]["type"] == "resumed"


async def test_a_screen_that_does_not_read_delays_nobody(world: World) -> None:
    """It is let go of; the others get everything, and memory does not grow for it."""
    async with served(world) as live:
        slow = await live.deaf(world.device("monitor"))
        good = await live.follower(world.device("monitor"))
        for _ in range(30):
            # As fast as they can be read, so that the good screen is never behind.
            _press_often(world, 100)
            await good.reaches(live.head())
        assert good.closed_with is None
        metrics = await world.request("GET", "/metrics")
        assert "directline_live_evicted_total 1.0" in metrics.text
        slow.transport.abort()


async def test_beats_come_every_four_seconds(world: World) -> None:
    """A screen knows by the beat that the feed is alive."""
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        for count in (1, 2):
            world.clock.move(4)
            world.service.hub.bell.ring()
            await screen.until(lambda one, count=count: _beats(one) >= count)
        beat = next(frame for frame in screen.frames if frame["type"] == "beat")
        assert set(beat) == {"type", "seq", "server_time"}


def _beats(screen: Screen) -> int:
    return sum(frame["type"] == "beat" for frame in screen.frames)


async def test_a_silent_screen_is_let_go_of_within_ten_seconds(tmp_path: Path) -> None:
    """Ten seconds without a proof is dead, on both ends, and the other screens are told."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("screen", None, "TV-9"))
        await wall.prove()
        await other.hears("device_back")
        shown = _screens(other)
        assert shown["TV-9"]["able"] is True
        world.clock.move(11)
        world.service.hub.bell.ring()
        assert await wall.is_closed() == 4408
        await world.settle()
        await other.hears("device_silent")
        await other.reaches(live.head())
        assert _screens(other)["TV-9"]["able"] is False


def _screens(screen: Screen) -> dict[str, Json]:
    assert screen.state.site is not None
    return {one["name"]: one for one in screen.state.site["screens"]}


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ({"armed": False}, "not_armed"),
        ({"sound": "suspended"}, "no_sound"),
        ({"sound": "frozen"}, "no_sound"),
        ({"volume_ok": False}, "no_sound"),
        ({"visible": False}, "hidden"),
    ],
)
async def test_a_screen_that_can_not_alarm_says_why(tmp_path: Path, proof: Json, why: str) -> None:
    """Every other screen learns that it can not, and for what reason."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("screen", None, "TV-9"))
        await wall.prove(**proof)
        await world.service.screens.step()
        await other.until(
            lambda one: "TV-9" in _screens(one) and _screens(one)["TV-9"]["why"] == [why]
        )
        await wall.prove()
        await other.until(lambda one: _screens(one)["TV-9"]["able"] is True)


async def test_what_sounds_is_proved_by_the_screens(tmp_path: Path) -> None:
    """An alert names the screens that prove they sound it, and forgets one that goes dark."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("tablet", None, "Tab-1"))
        await wall.prove()
        pressed = await world.press(3)
        await wall.prove(sounding=[pressed["alert"]["id"]])
        frame = await other.hears("sounding")
        assert frame["event"]["data"] == {"screens": ["Tab-1"], "count": 1}
        assert frame["alert"]["sounding"] == ["Tab-1"]
        await wall.leave()
        await world.service.screens.step()
        await other.until(lambda one: one.state.alerts[pressed["alert"]["id"]]["sounding"] == [])


async def test_a_silenced_screen_is_shown_to_the_others(tmp_path: Path) -> None:
    """Who silenced it and until when."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        other = await live.follower(world.device("monitor"))
        wall = await live.follower(world.device("screen", None, "TV-9"))
        await wall.prove()
        await other.hears("device_back")
        until = "2026-11-24T13:05:00.000Z"
        await wall.prove(silenced_until=until, silenced_by="kim")
        frame = await other.hears("screen_silenced")
        assert frame["event"]["data"]["until"] == until
        assert _screens(other)["TV-9"]["silenced_by"] == "kim"


async def test_a_booth_follows_its_own_alert_and_no_name(world: World) -> None:
    """Counts stand in the place of answers; another booth's alert never comes."""
    token = world.device("booth", 3)
    async with served(world) as live:
        booth = await live.follower(token)
        await world.press(7)
        pressed = await world.press(3, token=token)
        await world.phone("kim").reply("#" + str(pressed["alert"]["number"]) + " 1")
        await booth.hears("on_my_way")
        said = json.dumps(booth.frames)
        for secret in ("Sam", "Kim", "sam", "kim", "+316", "care", "Damrak"):
            assert secret not in said, secret
        alert = booth.state.alerts[pressed["alert"]["id"]]
        assert (alert["answers"], alert["jobs"], alert["state"]) == (1, 0, "on_the_way")
        assert {frame["alert"]["booth"] for frame in booth.frames if frame.get("alert")} == {3}


async def test_a_board_sees_states_and_nothing_else(world: World) -> None:
    """A city board: number, site, state, when, drill."""
    token = world.device("board")
    async with served(world) as live:
        board = await live.follower(token)
        await world.press(3)
        frame = await board.hears("pressed")
        assert set(frame["alert"]) == {
            "id",
            "number",
            "site",
            "state",
            "raised_at",
            "drill",
            "seq",
            "version",
        }
        assert "Sam" not in json.dumps(board.frames)


@pytest.mark.parametrize(("kind", "code"), [("bridge", 4403), (None, 4401)])
async def test_whoever_may_not_follow_is_told_by_the_close_code(
    world: World, kind: str | None, code: int
) -> None:
    """Accepted first, so that a browser can read the reason."""
    token = world.device(kind) if kind else "never-issued"
    async with served(world) as live:
        screen = await live.screen(token)
        assert await screen.is_closed() == code


async def test_a_foreign_page_is_refused_before_it_is_accepted(world: World) -> None:
    """A cookie counts only from our own origin."""
    token = world.device("tablet")
    async with served(world) as live:
        headers = {"Cookie": f"__Host-directline-tablet={token}", "Origin": "https://evil.example"}
        with pytest.raises(InvalidStatus) as refused:
            await live.screen(None, headers=headers)
        assert refused.value.response.status_code == 403
        headers["Origin"] = "http://localhost:8080"
        screen = await live.screen(None, headers=headers)
        await screen.until(lambda one: bool(one.frames))


@pytest.mark.parametrize(
    "sent",
    [b"binary", "not json", '{"type": "press"}', "[]", '{"type":"proof","x":"' + "y" * 4096 + '"}'],
)
async def test_what_is_not_ours_closes_the_socket(world: World, sent: str | bytes) -> None:
    """Binary, nonsense, another type, or over 4 KB."""
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        await screen.socket.send(sent)
        assert await screen.is_closed() == 1008


async def test_the_ninth_socket_of_a_device_closes_its_oldest(world: World) -> None:
    """Eight is plenty for one device."""
    token = world.device("monitor")
    async with served(world) as live:
        screens = [await live.follower(token) for _ in range(9)]
        assert await screens[0].is_closed() == 4409
        assert all(screen.closed_with is None for screen in screens[1:])


async def test_a_revoked_device_is_let_go_of(world: World) -> None:
    """Within five seconds, on whatever node."""
    from dispatch import setup

    token = world.device("monitor")
    async with served(world) as live:
        screen = await live.follower(token)
        await world.service.look()
        world.carry_out(setup.set_status(world.device_of(token), "revoked"))
        await world.service.look()
        assert await screen.is_closed() == 4401


async def test_a_stop_tells_every_screen_to_come_back(world: World) -> None:
    """1012: come back, perhaps to another node."""
    async with served(world) as live:
        screen = await live.follower(world.device("monitor"))
        await asyncio.gather(world.service.hub.stop(), screen.is_closed())
        assert screen.closed_with == 1012


async def test_the_feed_works_without_a_subprotocol(world: World) -> None:
    """A missing subprotocol is accepted."""
    async with served(world) as live:
        screen = await live.screen(world.device("monitor"), subprotocols=None)
        await screen.until(lambda one: bool(one.frames))
