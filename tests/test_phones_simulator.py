"""The simulator itself: its truth, its time, its doors, its page and its process."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from clients.phones.app import PAGE, build_app
from tests.phones_world import (
    ACCOUNT,
    AUTH,
    DISPATCH,
    JO,
    OURS,
    SAM,
    World,
    client,
    open_phones,
    process,
    until,
)


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    async with open_phones() as made:
        yield made


async def test_the_truth_is_in_order_and_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    async with open_phones(path) as world:
        call = await world.call()
        await world.after(1)
        await world.do(call, "answer")
        await world.after(1)
        await world.do(call, "press", keys="1")
        await world.after(1)
        rows = await world.truth()
        assert [json.loads(line) for line in path.read_text().splitlines()] == rows
        assert (await world.sim("GET", f"/truth?after={len(rows)}"))["truth"] == []
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    kinds = [row["kind"] for row in rows if row["kind"] != "callback"]
    assert kinds == ["call", "act", "voice", "key", "voice"]


async def test_a_reset_forgets_everything_but_names_and_begins_to_count_anew(
    world: World,
) -> None:
    await world.sim("PUT", "/names", {SAM: "Sam"})
    await world.call(to=JO)
    await world.fault(on="all", do="status")
    await world.after(1)
    await world.sim("POST", "/reset", status=204)
    assert await world.truth() == []
    assert (await world.sim("GET", "/calls"))["calls"] == []
    assert (await world.sim("GET", "/faults"))["faults"] == []
    (left,) = (await world.sim("GET", "/handsets"))["handsets"]
    assert (left["number"], left["name"]) == (SAM, "Sam")
    await world.after(60)
    assert (await world.text()).status == "queued"
    assert [row["n"] for row in await world.truth()] == [1]


async def test_what_follows_happens_at_its_own_second_of_a_long_jump(world: World) -> None:
    await world.habit(reply={"text": "1", "after": 5})
    await world.text()
    await world.after(3600)
    replied = (await world.truth("inbound_text"))[0]
    assert replied["at"] == "2026-11-24T13:03:32.300Z"


async def test_the_same_seed_gives_the_same_sids(world: World) -> None:
    async with open_phones() as other:
        assert (await world.text()).sid == (await other.text()).sid


async def test_waiting_ends_with_the_text_or_with_the_time(world: World) -> None:
    waiting = asyncio.create_task(world.sim("GET", f"/wait?texts_to={SAM}&count=2&seconds=30"))
    await until(lambda: world.network.next_due() is not None)
    await world.text()
    await world.text()
    found = await waiting
    assert (len(found["texts"]), found["enough"]) == (2, True)
    waiting = asyncio.create_task(world.sim("GET", f"/wait?texts_to={JO}&seconds=30"))
    await until(lambda: world.network.next_due() is not None)
    while not waiting.done():
        await world.after(10)
        await asyncio.wait({waiting}, timeout=0.01)
    assert (await waiting)["enough"] is False


async def test_the_page_is_told_what_changed_and_by_what_name(world: World) -> None:
    first = await world.sim("GET", "/live?after=0&seconds=0")
    await world.sim("PUT", "/names", {SAM: "Sam (responder)"})
    second = await world.sim("GET", f"/live?after={first['version']}&seconds=1")
    assert [(one["number"], one["name"]) for one in second["handsets"]] == [
        (SAM, "Sam (responder)")
    ]
    assert second["handsets"][0]["kind"] == "person"
    label = {"name": "Control room A", "kind": "control_room"}
    await world.sim("PUT", "/names", {DISPATCH: label})
    handsets = (await world.sim("GET", "/handsets"))["handsets"]
    assert label.items() <= next(one for one in handsets if one["number"] == DISPATCH).items()
    second = await world.sim("GET", f"/live?after={second['version']}&seconds=1")
    await world.text(to=JO)
    third = await world.sim("GET", f"/live?after={second['version']}&seconds=1")
    (jo,) = third["handsets"]
    assert (jo["number"], jo["texts"][0]["body"]) == (JO, "HELP NOW #47")


async def test_a_page_that_knew_another_start_is_told_everything_at_once(world: World) -> None:
    await world.text()
    told = await world.sim("GET", "/live?after=99999&started=before&seconds=60")
    assert [one["number"] for one in told["handsets"]] == [SAM]
    await world.sim("POST", "/reset", status=204)
    after = await world.sim("GET", f"/live?after={told['version']}&started={told['started']}")
    assert after["started"] != told["started"]
    assert after["handsets"] == []


async def test_a_reset_lets_go_of_whoever_waits(world: World) -> None:
    await world.fault(on="messages", do="slow", seconds=60)
    asking = asyncio.create_task(world.text())
    waiting = asyncio.create_task(world.sim("GET", f"/wait?texts_to={JO}&seconds=60"))
    await until(lambda: bool(world.network.texts.all))
    await world.sim("POST", "/reset", status=204)
    async with asyncio.timeout(5):
        assert (await asking).status == "queued"
        assert (await waiting)["enough"] is False


async def test_only_this_machine_and_its_own_page_may_use_the_simulator(world: World) -> None:
    app = build_app(world.network)
    far = httpx2.ASGITransport(app=app, client=("192.0.2.7", 5))
    async with httpx2.AsyncClient(transport=far, base_url="http://phones.test") as http:
        assert (await http.get("/sim/truth")).status_code == 403
    foreign = {"Origin": "http://evil.test"}
    assert (await world.http.post("/sim/reset", headers=foreign)).status_code == 403
    own = {"Origin": "http://phones.test"}
    assert (await world.http.post("/sim/reset", headers=own)).status_code == 204


async def test_the_page_has_a_strict_policy_and_needs_nothing_from_elsewhere(
    world: World,
) -> None:
    for path in PAGE:
        answer = await world.http.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "//cdn" not in answer.text
    assert "style=" not in (await world.http.get("/")).text
    assert (await world.http.get("/elsewhere")).json()["code"] == 20404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/handsets/112", {}),
        ("PUT", f"/handsets/{SAM}", {"asleep": True}),
        ("PUT", f"/handsets/{SAM}", {"reply": {"after": 1}}),
        ("PUT", f"/handsets/{SAM}", {"pick_up": {"keys": "abc"}}),
        ("PUT", f"/handsets/{SAM}", {"greeting": {"text": 1}}),
        ("PUT", f"/handsets/{SAM}", {"greeting": {"stays": "long"}}),
        ("PUT", "/names", {"112": "x"}),
        ("PUT", "/names", {SAM: {"name": "x", "kind": "robot"}}),
        ("PUT", "/names", {SAM: {"kind": "person"}}),
        ("POST", "/texts", {"from": SAM, "to": OURS}),
        ("POST", "/texts", [1]),
        ("POST", "/texts", {"from": SAM, "to": OURS, "body": "\ud800"}),
        ("POST", "/calls", {"from": "Sam", "to": OURS}),
        ("GET", "/wait?count=x", None),
        ("GET", "/texts?after=-1", None),
    ],
)
async def test_a_wrong_order_is_refused_in_words(
    world: World, method: str, path: str, body: Any
) -> None:
    assert (await world.sim(method, path, body, 422))["detail"]


async def test_an_act_that_does_not_fit_the_call_is_refused(world: World) -> None:
    call = await world.call()
    assert (
        "queued" in (await world.sim("POST", f"/calls/{call.sid}", {"do": "answer"}, 409))["detail"]
    )
    await world.after(1)
    await world.sim("POST", f"/calls/{call.sid}", {"do": "press", "keys": "1"}, 409)
    await world.sim("POST", f"/calls/{call.sid}", {"do": "sing"}, 422)
    await world.do(call, "hang_up")
    assert (await world.look(call))["status"] == "busy"
    await world.sim("POST", f"/calls/{call.sid}", {"do": "hang_up"}, 409)
    await world.sim("POST", "/calls/CA0", {"do": "hang_up"}, 404)


async def test_the_process_answers_the_real_client_hangs_resets_and_ends_clean(
    tmp_path: Path,
) -> None:
    options = ("--account", ACCOUNT, "--auth", AUTH, "--truth", str(tmp_path / "truth"))
    async with process(*options) as (started, address):
        async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
            twilio = client(http)
            message = await twilio.messages.create_async(to=SAM, from_=OURS, body="HELP")
            waited = await http.get(f"/sim/wait?texts_to={SAM}&count=1&seconds=5")
            assert waited.json()["texts"][0]["sid"] == message.sid
            await http.put("/sim/faults", json=[{"on": "messages", "do": "reset", "times": 1}])
            with pytest.raises(httpx2.TransportError):
                await twilio.messages.create_async(to=SAM, from_=OURS, body="HELP")
            await http.put("/sim/faults", json=[{"on": "messages", "do": "hang", "times": 2}])
            with pytest.raises(TimeoutError):
                await client(http, 0.1).messages.create_async(to=SAM, from_=OURS, body="HELP")
            hanging = asyncio.create_task(
                client(http, 20).messages.create_async(to=SAM, from_=OURS, body="HELP")
            )
            await until(lambda: len((tmp_path / "truth").read_text().splitlines()) == 6)
            started.send_signal(signal.SIGTERM)
            with pytest.raises(httpx2.TransportError):
                await hanging
            output, errors = await asyncio.to_thread(started.communicate)
        assert (started.returncode, output, errors) == (0, "", "")
