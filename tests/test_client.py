"""The Python client: a press is repeated until it is stored, and a feed has no gap."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from clients.client import DirectlineClient
from clients.errors import Refused, Unanswered
from clients.live import live_url, reconnect_delays
from clients.press import Press, send, sentence
from clients.state import State, apply, ordered
from tests.stub_served import TestClock, until
from tests.stub_site import StubSite

Json = dict[str, Any]


@pytest_asyncio.fixture
async def site() -> AsyncGenerator[StubSite]:
    async with StubSite() as served:
        yield served


def client_of(site: StubSite, clock: TestClock | None = None, **more: Any) -> DirectlineClient:
    token = more.pop("token", "bridge-token")
    return DirectlineClient(site.url, token, clock=clock or TestClock(jumps=3), **more)


async def test_a_press_is_stored(site: StubSite) -> None:
    async with client_of(site) as client:
        answer = await client.press(booth=2, kind="overdose")
    assert answer["alert"]["booth"] == 2
    assert site.tries == [{"press_id": answer["press_id"], "booth": 2, "kind": "overdose"}]


async def test_a_press_goes_on_with_one_press_id_and_the_delays_of_the_wire(site: StubSite) -> None:
    site.faults = [503, 429, 500, 404, 503]
    clock = TestClock(jumps=3)
    async with client_of(site, clock) as client:
        answer = await client.press(booth=1)
    assert clock.sleeps == [0.5, 1, 2, 2, 2]
    assert {body["press_id"] for body in site.tries} == {answer["press_id"]}
    assert len(site.alerts) == 1


async def test_a_press_whose_answer_was_lost_is_not_made_twice(site: StubSite) -> None:
    site.faults = ["stored, but the answer is lost"]
    async with client_of(site) as client:
        answer = await client.press(booth=1)
    assert len(site.tries) == 2
    assert list(site.alerts) == [answer["alert"]["id"]]


async def test_a_server_that_hangs_is_asked_again(site: StubSite) -> None:
    site.faults = ["hang"]
    async with client_of(site, try_seconds=0.1) as client:
        await client.press(booth=1)
    assert len(site.tries) == 2


@pytest.mark.parametrize("status", [401, 403, 413, 422])
async def test_some_answers_are_final(site: StubSite, status: int) -> None:
    site.faults = [status]
    async with client_of(site) as client:
        with pytest.raises(Refused) as refused:
            await client.press(booth=1)
    assert refused.value.problem["status"] == status
    assert len(site.tries) == 1


async def test_a_login_page_that_answers_200_is_not_taken_for_stored(site: StubSite) -> None:
    site.faults = [{"hotel": "please log in"}, {"press_id": "another", "alert": {}}]
    async with client_of(site) as client:
        await client.press(booth=1)
    assert len(site.tries) == 3


async def test_patience_ends(site: StubSite) -> None:
    site.faults = [503] * 50
    clock = TestClock(jumps=3)
    async with client_of(site, clock) as client:
        with pytest.raises(Unanswered) as nothing:
            await client.press(booth=1, patience=10)
    assert nothing.value.reached
    assert clock.monotonic() <= 10


async def test_a_server_that_is_away_is_tried_until_it_is_back() -> None:
    site = StubSite()
    await site.start()
    await site.stop()
    clock = TestClock()
    async with client_of(site, clock) as client:
        pressing = asyncio.create_task(client.press(booth=1))
        await until(lambda: clock.sleeps == [0.5])
        await site.start()
        clock.move(0.5)
        assert (await pressing)["alert"]["booth"] == 1
    await site.stop()


@pytest.mark.parametrize("press_id", ["", "x" * 65])
async def test_a_press_id_outside_the_contract_is_a_mistake(press_id: str) -> None:
    async with DirectlineClient("http://127.0.0.1:1", "t") as client:
        with pytest.raises(ValueError, match="1 to 64"):
            await client.press(press_id=press_id)


async def test_an_act_keeps_its_action_id_over_retries(site: StubSite) -> None:
    alert = site.raise_alert(1)
    site.faults = [503, 500]
    async with client_of(site, token="tablet-token") as client:
        after = await client.act(alert["id"], "on_my_way", "sam")
    assert after["state"] == "on_the_way"
    assert len({body["action_id"] for body in site.tries}) == 1


async def test_a_wrong_pin_is_final(site: StubSite) -> None:
    alert = site.raise_alert(1)
    async with client_of(site, token="tablet-token") as client:
        with pytest.raises(Refused, match="the PIN is wrong"):
            await client.act(alert["id"], "close", "jo", pin="1", outcome="monitored")
        closed = await client.act(alert["id"], "close", "jo", pin="8080", outcome="monitored")
    assert closed["state"] == "closed"


async def test_reading(site: StubSite) -> None:
    alert = site.raise_alert(3)
    async with client_of(site, token="screen-token") as client:
        assert (await client.alerts())["alerts"][0]["number"] == alert["number"]
        assert (await client.alert(alert["id"]))["timeline"][0]["name"] == "pressed"
        assert (await client.site())["code"] == "AMC4"
        assert (await client.whoami())["site"] == "AMC4"
        assert (await client.ready())["time_scale"] == 1
        with pytest.raises(Refused, match="404"):
            await client.alert("other")


async def test_a_feed_starts_with_a_snapshot_and_resumes_after_a_restart(site: StubSite) -> None:
    clock = TestClock(jumps=3)
    links: list[tuple[bool, str]] = []
    async with client_of(site, clock, token="screen-token") as client:
        feed = client.live(link=lambda connected, why: links.append((connected, why)))
        async with aclosing(feed) as frames:
            assert (await anext(frames))["type"] == "snapshot"
            site.raise_alert(1, "p1")
            assert (await anext(frames))["event"]["name"] == "pressed"
            for waiting in site.sockets.values():
                waiting.put_nowait(1012)
            site.raise_alert(2, "p2")
            assert (await anext(frames))["type"] in ("resumed", "event")
            await until(lambda: len(site.live_queries) == 2)
    assert site.live_queries == ["", "after=1&epoch=e1"]
    assert links == [(True, ""), (False, "the server restarts"), (True, "")]
    assert 0.4 <= min(clock.sleeps) <= 0.6


async def test_every_event_comes_once_and_in_order_over_many_reconnects(site: StubSite) -> None:
    seen: list[int] = []
    state = State()
    async with (
        client_of(site, token="screen-token") as client,
        aclosing(client.live()) as frames,
    ):
        async for frame in frames:
            state = apply(state, frame)
            if frame["type"] == "event":
                seen.append(frame["seq"])
            if len(seen) == 12:
                break
            if frame["type"] in ("snapshot", "event"):
                site.raise_alert(1 + len(seen), f"p{len(seen)}")
                if len(seen) % 3 == 2:
                    await until(lambda: site.sockets)
                    for waiting in site.sockets.values():
                        waiting.put_nowait(1012)
    assert seen == list(range(1, 13))
    assert len(state.alerts) == 12


async def test_a_missing_event_leads_to_a_fresh_snapshot(site: StubSite) -> None:
    async with (
        client_of(site, token="screen-token") as client,
        aclosing(client.live()) as frames,
    ):
        await anext(frames)
        alert = site.raise_alert(1)
        await anext(frames)
        for waiting in site.sockets.values():
            event = {**site.log[0], "seq": 9}
            waiting.put_nowait(
                {"type": "event", "seq": 9, "prev": 8, "event": event, "alert": alert}
            )
        assert (await anext(frames))["type"] == "snapshot"


async def test_a_token_that_is_not_known_ends_the_feed(site: StubSite) -> None:
    async with client_of(site, token="stolen") as client:
        with pytest.raises(Refused) as refused:
            await anext(client.live())
    assert refused.value.problem["status"] == 401


async def test_a_slow_screen_comes_back(site: StubSite) -> None:
    site.close_codes = [4408, 1012]
    async with (
        client_of(site, token="screen-token") as client,
        aclosing(client.live()) as frames,
    ):
        assert (await anext(frames))["type"] == "snapshot"
    assert len(site.live_queries) == 3


async def test_a_resume_that_the_server_cuts_off_becomes_a_snapshot(site: StubSite) -> None:
    async with (
        client_of(site, token="screen-token") as client,
        aclosing(client.live()) as frames,
    ):
        await anext(frames)
        site.close_codes = [4408]
        for waiting in site.sockets.values():
            waiting.put_nowait(1012)
        assert (await anext(frames))["type"] == "snapshot"
    assert site.live_queries == ["", "after=0&epoch=e1", ""]


async def test_a_program_can_be_a_screen(site: StubSite) -> None:
    clock = TestClock()
    state = State()

    def proof(seq: int) -> Json:
        return {"armed": True, "sounding": sorted(state.alerts), "clock": str(seq)}

    async with (
        client_of(site, clock, token="screen-token") as client,
        aclosing(client.live(proof=proof)) as frames,
    ):
        state = apply(state, await anext(frames))
        pending = asyncio.create_task(anext(frames))
        await until(lambda: len(site.proofs) >= 1)
        alert = site.raise_alert(1)
        state = apply(state, await pending)
        pending = asyncio.create_task(anext(frames))
        # At once when it starts to sound: the clock has not moved.
        await until(lambda: site.proofs[-1]["sounding"] == [alert["id"]])
        before = len(site.proofs)
        clock.move(4)
        await until(lambda: len(site.proofs) > before)
        pending.cancel()
        await asyncio.wait([pending])
    assert all(one["type"] == "proof" for one in site.proofs)
    assert site.proofs[-1]["seq"] == 1


def test_reconnects_are_spread_and_bounded() -> None:
    delays = reconnect_delays(random.Random(1))
    first = [next(delays) for _ in range(10)]
    for seconds, middle in zip(first, [0.5, 1, 2, 4, 5, 5, 5, 5, 5, 5], strict=True):
        assert 0.8 * middle <= seconds <= 1.2 * middle


def test_the_address_of_the_feed() -> None:
    assert live_url("https://h.example/x/", None, None) == "wss://h.example/x/v1/live"
    assert live_url("http://h:1", 5, "e") == "ws://h:1/v1/live?after=5&epoch=e"


async def test_applied_events_equal_a_fresh_snapshot(site: StubSite) -> None:
    async with client_of(site, token="screen-token") as client:
        async with aclosing(client.live()) as frames:
            state = apply(State(), await anext(frames))
            first, second = site.raise_alert(1, "p1"), site.raise_alert(2, "p2")
            site.answer(first, "sam", "on_my_way")
            site.answer(first, "sam", "at_booth")
            await client.act(second["id"], "close", "jo", pin="8080", outcome="monitored")
            site.site["screens"][0].update(silenced_until="later", silenced_by="sam")
            site.emit("screen_silenced", None, {"screen": "d1", "until": "later", "person": "sam"})
            site.site["buttons"][0].update(state="silent")
            site.emit("device_silent", None, {"device": "b1", "why": "silent"})
            site.site = {**site.site, "name": "New name"}
            site.emit("site_changed", None, {"site": site.site})
            while state.seq < len(site.log):
                state = apply(state, await anext(frames))
        async with aclosing(client.live()) as frames:
            fresh = apply(State(), await anext(frames))
    assert (state.site, state.alerts, state.seq) == (fresh.site, fresh.alerts, fresh.seq)


def test_a_wall_puts_the_unanswered_first_and_the_oldest_on_top() -> None:
    rows = [
        ("a", "recovering", "12:00"),
        ("b", "on_the_way", "12:01"),
        ("c", "unanswered", "12:03"),
        ("d", "unanswered", "12:02"),
        ("e", "at_booth", "12:00"),
    ]
    state = State(
        alerts={one: {"id": one, "state": state, "raised_at": at} for one, state, at in rows}
    )
    assert [alert["id"] for alert in ordered(state)] == ["d", "c", "b", "e", "a"]


async def pressed(site: StubSite, token: str, patience: float = 10) -> tuple[int, list[str]]:
    words: list[str] = []
    press = Press(site.url, token, 2, "overdose", patience)
    code = await send(press, words.append, words.append, TestClock(jumps=3))
    return code, words


async def test_the_command_says_stored_only_when_it_is(site: StubSite) -> None:
    assert await pressed(site, "bridge-token") == (0, ["Stored: alert 10 at AMC4, booth 2."])
    code, words = await pressed(site, "stolen")
    assert (code, words) == (1, ["NOT STORED: refused, 401 No such token."])
    site.faults = [503] * 9
    code, words = await pressed(site, "bridge-token")
    assert code == 1
    assert words[0].startswith("NOT STORED: the server answered 503: the database is away")
    await site.stop()
    code, words = await pressed(site, "bridge-token")
    assert code == 3
    assert "cannot be reached" in words[0]


def test_the_sentence_of_a_press_says_what_is_doubtful() -> None:
    alert = {"number": 47, "site": "AMC4", "booth": None, "presses": 3, "booth_known": False}
    words = sentence({"alert": {**alert, "unknown_device": True}, "joined": True, "ignored": ["x"]})
    assert words == (
        "Stored: joined alert 47 at AMC4, somewhere in the house, pressed 3 times (the site has no "
        "such booth; this device is not known any more; ignored x)."
    )
