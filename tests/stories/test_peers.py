"""What the nearest peer was measured to get wrong, each as a story that goes well here.

The rows are those of the fault table in part A, section 4, and of section 10 of the study of
peers. Times are of the moved clock, in seconds since the press.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from dispatch.database import Database, DatabaseAway
from dispatch.writer import Writer
from service import app
from tests.postgres import Postgres, PostgresServer
from tests.record import DEMO_RUNGS, metric, requests, rungs, sent, times
from tests.world import PUBLIC_URL, Json, World, open_world

SAM = "+31612345601"
ALL = ("sam", "kim", "noor", "jo", "alex")
ASKS = {"sam": [0.0, 15.0], "kim": [0.0, 15.0], "noor": [15.0], "jo": [15.0, 60.0], "alex": [15.0]}
"""When each person is texted in the first loop of the demo site's ladder."""


async def asked(world: World) -> dict[str, list[float]]:
    """When each person was texted."""
    return {person: await sent(world, "message", person) for person in ALL}


async def stop_gently(world: World, down: float) -> None:
    """An ordinary deploy: SIGTERM, and the next version starts `down` seconds later."""
    await world.service.stop()
    await world.restart(down=down)


# --- The fault table --------------------------------------------------------------------------


async def test_killed_a_second_after_the_press(world: World) -> None:
    """Row "kill -9 one second after the press": reminder, calls and fallback all come on time."""
    await world.press(3)
    await world.advance(1)
    await world.restart(down=0.5)
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert await asked(world) == ASKS
    assert len(await sent(world, "call")) == 6


async def test_an_ordinary_deploy_after_the_press(world: World) -> None:
    """Row "SIGTERM 0.5 s after the press": nothing is lost and nothing is sent twice."""
    await world.press(3)
    await world.advance(0.5)
    await stop_gently(world, 0.5)
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert await asked(world) == ASKS
    assert await metric(world, "directline_sends_duplicate_total") == 0


async def test_pressing_again_after_that_restart(world: World) -> None:
    """Row "pressing again after that restart": it joins, is told, and every rung still comes."""
    await world.press(3)
    await world.advance(1)
    await world.restart(down=0.5)
    for press in range(2, 5):
        again = await world.press(3)
        assert (again["joined"], again["alert"]["presses"]) == (True, press)
    assert [text["body"] for text in await world.phone("kim").texts()][1:] == [
        "AMC4 BOOTH 03 - PRESSED AGAIN (2x). Reply 1 = on my way. #10"
    ]
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]


async def test_the_first_text_meets_an_error(world: World) -> None:
    """Row "provider answers 500 to the first SMS": it goes again after 2 s, not after 120."""
    await world.fault(on="messages", do="status", status=500, to=SAM, times=1)
    await world.press(3)
    await world.advance(60)
    assert (await asked(world))["sam"] == [2.0, 15.0]
    assert await rungs(world) == DEMO_RUNGS[:4]


async def test_the_reminder_meets_an_error(world: World) -> None:
    """Row "provider answers 500 to the reminder": the fallback never waits for it."""
    await world.press(3)
    await world.advance(14)
    await world.fault(on="messages", do="status", status=500)
    await world.advance(106)
    assert await rungs(world) == DEMO_RUNGS[:5]
    assert {one["to"] for one in await requests(world, "call")} == {
        world.phone(person).number for person in ALL
    }
    assert (await sent(world, "call"))[:5] == [30.0] * 5


async def test_the_first_text_is_taken_and_the_answer_hangs(world: World) -> None:
    """Row "provider accepts and hangs on the first SMS": the reminder is not 30 s late."""
    await world.fault(on="messages", do="accept_then_hang")
    await world.press(3)
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert await asked(world) == ASKS


@asynccontextmanager
async def threaded(world: World) -> AsyncGenerator[httpx2.AsyncClient]:
    """A node with a writer of its own on the world's database, for what happens at once."""
    node = app.Service(world.settings, 8080, clock=world.clock, phone_transport=world.line)
    assert isinstance(node.writer, Writer)
    node.writer.start()
    transport = httpx2.ASGITransport(app.outermost(node))
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        try:
            yield client
        finally:
            await send_all(world, node)
            await node.stop()


async def send_all(world: World, node: app.Service) -> None:
    """Let this node send what it has; the database may have been away."""
    assert node.outbox is not None
    for _ in range(20):
        try:
            while await node.outbox.step() or await world.line.rest(node.outbox):
                pass
        except DatabaseAway:
            continue
        return


async def post_press(client: httpx2.AsyncClient, token: str, body: Json) -> httpx2.Response:
    """One press over HTTP."""
    headers = {"Authorization": f"Bearer {token}"}
    return await client.post("/v1/presses", headers=headers, json=body)


async def test_the_database_is_away_at_the_press(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """Row "Postgres down at the press": a retryable 503 within 5 s; the retry is stored once."""
    url = postgres_server.create_database()
    async with open_world(tmp_path, database_url=url) as world, threaded(world) as node:
        bridge = world.device("bridge")
        body = {"booth": 3, "press_id": "p-1"}
        assert (await post_press(node, bridge, {"booth": 1})).status_code == 201
        postgres_server.crash()
        began = time.monotonic()
        answer = await post_press(node, bridge, body)
        assert time.monotonic() - began < 5
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["type"] == "urn:directline:not_stored"
        postgres_server.restart()
        deadline = time.monotonic() + 20
        while (answer := await post_press(node, bridge, body)).status_code == 503:
            assert time.monotonic() < deadline
        assert answer.status_code in {200, 201}
        assert (await post_press(node, bridge, body)).json()["alert"] == answer.json()["alert"]
        fresh = Database(url).open()
        presses = "SELECT count(*) FROM presses WHERE press_id = 'p-1'"
        assert fresh.execute(presses)[0][0] == 1
        assert fresh.execute("SELECT count(*) FROM alerts WHERE booth = 3")[0][0] == 1
        fresh.close()


async def test_somebody_reads_for_a_long_time_in_the_embedded_database(world: World) -> None:
    """Row "6 s read-only transaction": a long report holds no press and no text up (SQLite)."""
    await holds_nothing_up(world)


async def test_somebody_reads_for_a_long_time_in_postgres(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Row "6 s read-only transaction": the same with PostgreSQL."""
    async with open_world(tmp_path, database_url=postgres.create_database()) as world:
        await holds_nothing_up(world)


async def holds_nothing_up(world: World) -> None:
    """A press, its texts and the next rung, while a reader keeps every table open."""
    reader = Database(world.settings.database_url).open(read_only=True)
    reader.begin_reading()
    for table in ("sites", "alerts", "log", "log_heads", "timers", "outbox", "presses"):
        reader.execute(f"SELECT count(*) FROM {table}")
    began = time.monotonic()
    await world.press(3)
    assert (await asked(world))["sam"] == [0.0]
    await world.advance(15)
    assert (await asked(world))["jo"] == [15.0]
    assert time.monotonic() - began < 5
    assert reader.execute("SELECT count(*) FROM alerts")[0][0] == 0
    reader.rollback()
    reader.close()


async def test_the_same_press_twice_at_once(world: World) -> None:
    """Row "same press delivered twice at once (20 trials)": 20 alerts, each press counted once."""
    async with threaded(world) as node:
        for trial in range(20):
            body: Json = {"press_id": f"twice-{trial}"}
            token = world.device("tablet", None, f"T{trial}")
            answers = await asyncio.gather(*(post_press(node, token, body) for _ in range(2)))
            assert sorted(answer.status_code for answer in answers) == [200, 201]
            alerts = [answer.json()["alert"] for answer in answers]
            assert alerts[0]["id"] == alerts[1]["id"]
            assert [alert["presses"] for alert in alerts] == [1, 1]
    assert len(await sent(world, "message", "sam")) == 20
    assert len({text["body"] for text in await world.phone("sam").texts()}) == 20


async def test_twenty_presses_on_one_alert(world: World) -> None:
    """Row "20 repeats of an alert in one session": one alert; "pressed again" once in 30 s."""
    await world.press(3)
    for _ in range(20):
        await world.advance(2)
        assert (await world.press(3))["joined"]
    again = [t for t in await world.phone("kim").texts() if "PRESSED AGAIN" in t["body"]]
    assert len(again) == 2
    assert (await world.alert())["presses"] == 21
    assert await rungs(world) == DEMO_RUNGS[:3]


async def test_no_wrong_number_is_no_answer(world: World) -> None:
    """Row "responder texts 'no, wrong number'": not understood, shown, and every rung comes."""
    await world.press(3)
    answer = await world.phone("kim").reply("no, wrong number")
    assert answer is not None
    assert answer.startswith("NOT COUNTED. #10 BOOTH 03 is OPEN.")
    await world.advance(60)
    assert await rungs(world) == DEMO_RUNGS[:4]
    assert (await world.alert())["answers"] == []


async def test_the_network_hands_an_answer_over_twice(world: World) -> None:
    """Row "provider redelivers that webhook": it acts once and no further text goes out."""
    await world.fault(on="texts", do="twice", times=1)
    await world.press(3)
    kim = world.phone("kim")
    assert (await kim.reply("1") or "").startswith("OK #10: you are on the way")
    assert await times(world, "on_my_way", person="kim") == [0.0]
    bodies = [text["body"] for text in await kim.texts()]
    assert len(bodies) == 2
    assert await times(world, "not_understood") == []


async def test_the_second_responder_is_told_who_is_first(world: World) -> None:
    """Row "second responder texts 'I am going' after ack": answered, and told who is first."""
    await world.press(3)
    await world.phone("sam").reply("1")
    kim = world.phone("kim")
    assert (await kim.reply("I am going") or "").startswith("NOT COUNTED. #10")
    assert (await kim.reply("on my way") or "").startswith("OK #10: you are going too. Sam is")
    assert [one["person"] for one in (await world.alert())["answers"]] == ["sam", "kim"]


# --- Section 10 -------------------------------------------------------------------------------


@pytest.mark.parametrize("gently", [False, True], ids=["killed", "deployed"])
async def test_stopped_at_any_moment_every_step_comes_once(tmp_path: Path, gently: bool) -> None:
    """Line 1: kill -9 or SIGTERM at any moment: every step on time (or at the start), once."""
    for place, moment in enumerate((0.0, 0.04, 0.2, 14.8, 15.0, 29.9, 30.1, 59.5)):
        folder = tmp_path / str(place)
        folder.mkdir()
        async with open_world(folder) as world:
            await world.press(3)
            await world.advance(moment)
            await (stop_gently(world, 1.0) if gently else world.restart(down=1.0))
            back = moment + 1.0
            await world.advance(61 - back)
            fired = await rungs(world)
            due = [back if moment < at < back else at for _, at in DEMO_RUNGS[:4]]
            assert [at for _, at in fired] == due, moment
            texts = {person: len(times) for person, times in (await asked(world)).items()}
            assert texts == {person: len(times) for person, times in ASKS.items()}, moment
            late = {one["data"]["late_s"] for one in await world.events("rung_reached")}
            assert late == {round(a - b, 3) for a, (_, b) in zip(due, DEMO_RUNGS, strict=False)}


@pytest.mark.parametrize("trouble", ["status", "hang", "accept_then_hang", "reset"])
async def test_trouble_with_any_one_step_shifts_none(tmp_path: Path, trouble: str) -> None:
    """Line 2: error, hang or cut at any one step: the next is not later than its own time."""
    for step, (_, at) in enumerate(DEMO_RUNGS[:4]):
        folder = tmp_path / str(step)
        folder.mkdir()
        async with open_world(folder) as world:
            if at:
                await world.press(3)
                await world.advance(at - 0.5)
                await world.fault(on="all", do=trouble, **{"for": 10})
                await world.advance(61 - at + 0.5)
            else:
                await world.fault(on="all", do=trouble, **{"for": 10})
                await world.press(3)
                await world.advance(61)
            assert await rungs(world) == DEMO_RUNGS[:4]
            called = {one["to"] for one in await requests(world, "call")}
            assert called == {world.phone(person).number for person in ALL}


async def test_a_refusal_at_any_step_hurries_and_never_delays(tmp_path: Path) -> None:
    """Line 2, refused: the rung after it comes early or on time."""
    for step, (_, at) in enumerate(DEMO_RUNGS[:4]):
        folder = tmp_path / str(step)
        folder.mkdir()
        async with open_world(folder) as world:
            await world.press(3)
            await world.advance(max(0.0, at - 0.5))
            await world.fault(on="all", do="status", status=400, code=21211, **{"for": 10})
            await world.advance(61)
            fired = (await rungs(world))[:4]
            assert [rung for rung, _ in fired] == [0, 1, 2, 3]
            assert all(when <= due for (_, when), (_, due) in zip(fired, DEMO_RUNGS, strict=False))


def hundred_booths(text: str) -> str:
    """The demo site with a hundred booths."""
    more = "".join(f"[[booths]]\nnumber = {number}\n" for number in range(9, 101))
    return text.replace("[[people]]", f"{more}[[people]]", 1)


async def test_a_hundred_booths_at_once(tmp_path: Path) -> None:
    """Line 3: nothing stands between a press's own commit and the call to the network.

    When a press is answered its texts are claimed already, so no second commit comes before they
    go; and every alert's first ask goes out before the second ask of any. The milliseconds are of
    a machine: `make bench` measures them, one at a time and a hundred at once.
    """
    async with open_world(tmp_path, change=hundred_booths) as world:
        bridge = world.device("bridge")
        for booth in range(1, 101):
            answer = await world.request("POST", "/v1/presses", bridge, {"booth": booth})
            assert answer.status_code == 201
        stages = "SELECT state, tries, count(*) FROM outbox GROUP BY state, tries"
        assert [tuple(row) for row in world.connection.execute(stages)] == [("sending", 1, 200)]
        changes = world.connection.execute("SELECT total_changes()")
        outbox = world.service.outbox
        assert outbox is not None
        while await outbox.step():
            pass
        assert outbox.flying > 0
        assert world.connection.execute("SELECT total_changes()") == changes
        await world.settle()
        people = [one["to"] for one in await requests(world, "message")]
        assert len(people) == 200
        assert people[:100] == [SAM] * 100
        bodies = {one["body"].partition(" NU HULP")[0] for one in await requests(world, "message")}
        assert len(bodies) >= 100


async def test_a_press_that_could_not_be_stored_is_never_called_stored(world: World) -> None:
    """Line 4: with the database locked the device is told to retry; the retry is one alert."""
    bridge = world.device("bridge")
    other = Database(world.settings.database_url).open()
    other.begin()
    try:
        body = {"booth": 3, "press_id": "p-1"}
        answer = await world.request("POST", "/v1/presses", bridge, body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    finally:
        other.rollback()
        other.close()
    first = await world.request("POST", "/v1/presses", bridge, body)
    second = await world.request("POST", "/v1/presses", bridge, body)
    assert (first.status_code, second.status_code) == (201, 200)
    await world.settle()
    assert (await asked(world))["sam"] == [0.0]


async def test_the_same_press_twice_texts_nobody_twice(world: World) -> None:
    """Line 5: one alert and one text a responder."""
    await world.press(3, press_id="p-1")
    assert (await world.press(3, press_id="p-1"))["alert"]["presses"] == 1
    assert {person: len(at) for person, at in (await asked(world)).items()} == {
        "sam": 1,
        "kim": 1,
        "noor": 0,
        "jo": 0,
        "alex": 0,
    }


async def test_no_is_no_ack_and_the_fallback_contacts_ok_is(world: World) -> None:
    """Line 6: Kim's "no" stops nothing; Alex, who is only asked later, says "ok" and does."""
    await world.press(3)
    assert (await world.phone("kim").reply("no") or "").startswith("OK #10: noted, you can't go")
    assert (await world.alert())["ladder"] == "running"
    await world.advance(16)
    assert (await world.phone("alex").reply("ok") or "").startswith("OK #10: you are on the way")
    alert = await world.alert()
    assert (alert["state"], alert["ladder"]) == ("on_the_way", "stopped")
