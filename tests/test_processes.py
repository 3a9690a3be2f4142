"""The service as a process: how it starts, ends, is killed, frozen and stalls, and what it says."""

import asyncio
import json
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from clients.client import DirectlineClient
from clients.errors import Refused
from dispatch.database import Database
from tests.postgres import Postgres
from tests.pressing import Presser, a_while, until
from tests.process import (
    HOST,
    Place,
    Program,
    Server,
    free_port,
    open_place,
)

END_SECONDS = 5.0
"""Promise 23: SIGTERM to exit, at most."""
STALL_SECONDS = 4.5
"""A scan is missed after 3 s, looked for twice a second; a loaded machine gets a second more."""
SOAK_SECONDS = (8, 12)  # Until everything has its size, and how long that is to stay.
STALLING = """
import asyncio, threading
from pathlib import Path
from service import app, running

class Stalling(app.Service):
    async def look(self):
        if Path("block").exists():
            threading.Event().wait()
        if Path("hang").exists():
            await asyncio.Event().wait()
        if Path("end").exists():
            raise ValueError("a fault of ours")
        return await super().look()

app.Service = Stalling
raise SystemExit(running.serve())
"""
PILING = """
import time
from pathlib import Path
from dispatch.writer import Item, Priority
from service import app, running

class Piling(app.Service):
    async def look(self):
        if Path("pile").exists():
            Path("pile").unlink()
            slow = Item(lambda store: time.sleep(0.001), (), Priority.PRESS)
            for _ in range(6000):
                self.writer.hand_over(slow, lambda _: None)
        return await super().look()

app.Service = Piling
raise SystemExit(running.serve())
"""
COUNTING = """
import asyncio, gc, os, signal, sys, threading
from service import app, running

class Counting(app.Service):
    def followers(self):
        def count():
            gc.collect()
            pages = int(open("/proc/self/statm").read().split()[1])
            files = len(os.listdir("/proc/self/fd"))
            tasks = len(asyncio.all_tasks())
            print("count", pages, files, tasks, threading.active_count(), flush=True)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, count)
        return super().followers()

app.Service = Counting
raise SystemExit(running.serve())
"""


async def directline(place: Place, *words: str) -> tuple[int, str]:
    """Run an operator's command beside the server; its exit code and what it said."""
    folder = place.server.log.parent
    environment = {"DIRECTLINE_DATABASE_URL": place.database_url}
    command = Program(folder, f"command-{words[0]}", ("-m", "service", *words), environment)
    await command.launch()
    try:
        code = await command.ended(30)
    finally:
        await command.stop()
    return code, "\n".join(command.said)


async def test_standard_output_is_one_line_and_sigterm_ends_with_zero(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False) as place:
        began = time.monotonic()
        assert await place.server.terminate() == 0
        assert time.monotonic() - began < END_SECONDS
        assert place.server.said == [f"directline ready on {place.server.url}"]
        await place.server.start()
        assert await place.server.terminate(signal.SIGINT) == 0
    told = [line["event"] for line in place.server.events()]
    assert [word for word in told if word in ("started", "ready", "stopping", "stopped")] == [
        *("started", "ready", "stopping", "stopped")
    ] * 2


async def test_sigterm_stores_what_it_answers_and_tells_screens_to_move(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False) as place:
        url = f"ws://{HOST}:{place.server.port}/v1/live"
        headers = {"Authorization": f"Bearer {place.token('screen')}"}
        pressers = [place.presser("bridge") for _ in range(20)]
        async with connect(url, additional_headers=headers, compression=None) as screen:
            await screen.recv()
            pressing = [asyncio.create_task(_press_for_ever(one)) for one in pressers]
            await until(lambda: sum(len(one.answered) for one in pressers) > 100)
            began = time.monotonic()
            code = await place.server.terminate()
            took = time.monotonic() - began
            with suppress(ConnectionClosedError):
                async for _ in screen:
                    pass
            assert screen.close_code == 1012
        await asyncio.gather(*pressing)
        assert code == 0
        assert took < END_SECONDS
        answered = {press for one in pressers for press in one.answered}
        stored = {row[0] for row in place.rows("SELECT press_id FROM presses")}
        assert answered <= stored
        assert [one.refused for one in pressers if one.refused] == []


async def test_sigterm_ends_in_time_while_the_database_is_locked(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False) as place:
        presser = place.presser("bridge")
        await presser.press(booth=1)
        other = Database(place.database_url).open()
        other.begin()
        try:
            pressing = asyncio.create_task(presser.press(booth=2))
            await until(lambda: not pressing.done())
            began = time.monotonic()
            assert await place.server.terminate() == 0
            assert time.monotonic() - began < END_SECONDS
        finally:
            other.rollback()
            other.close()
        answer = (await asyncio.gather(pressing, return_exceptions=True))[0]
        assert isinstance(answer, OSError) or not getattr(answer, "stored", True)


async def test_a_step_missed_by_a_kill_fires_at_once_after_it_and_is_marked_late(
    tmp_path: Path,
) -> None:
    async with open_place(tmp_path, time_scale=20) as place:
        presser = place.presser("booth")
        alert = (await presser.press()).body["alert"]
        await place.server.kill()
        due = alert["next"]["at"]
        assert alert["next"]["rung"] == 1
        # Down for longer than a step may be late.
        await until(lambda: _seconds_since(due) > 1.5)
        await place.server.start()
        ready = time.time()

        def reached() -> list[tuple[float, str]]:
            return place.rows(
                "SELECT at, data FROM log WHERE name = 'rung_reached' AND alert = :alert"
                " ORDER BY seq",
                alert=alert["id"],
            )[1:]

        at, data = (await until(reached))[0]
        assert at - ready <= 1.0
        assert json.loads(data)["rung"] == 1
        assert json.loads(data)["late_s"] >= 1.5
        assert json.loads(data)["late_s"] == pytest.approx(_seconds(at, due), abs=0.01)
        assert place.rows("SELECT whole FROM alerts")[0][0].count('"late":true') == 1


def _seconds(at: float, moment: str) -> float:
    from datetime import datetime

    return at - datetime.fromisoformat(moment).timestamp()


def _seconds_since(moment: str) -> float:
    return _seconds(time.time(), moment)


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ({"time_scale": "0"}, 2, "DIRECTLINE_TIME_SCALE"),
        ({"port": "notanumber"}, 2, "DIRECTLINE_PORT"),
        ({"public_url": "ftp://x"}, 2, "DIRECTLINE_PUBLIC_URL"),
        ({"twilio_account_sid": "AC1"}, 2, "TWILIO_AUTH_TOKEN"),
        ({"database_url": "mysql://x"}, 2, "DIRECTLINE_DATABASE_URL"),
        ({"database_url": "sqlite:////nowhere/at/all.db"}, 2, "/nowhere/at"),
        ({"database_url": "postgresql://nobody@127.0.0.1:1/none"}, 3, "DIRECTLINE_DATABASE_URL"),
    ],
    ids=["scale", "port", "address", "account", "kind", "folder", "away"],
)
async def test_what_cannot_start_says_so_in_one_line(
    tmp_path: Path, setting: dict[str, str], code: int, words: str
) -> None:
    given = {"database_url": f"sqlite:///{tmp_path / 'x.db'}"} | setting
    environment = {f"DIRECTLINE_{name.upper()}": value for name, value in given.items()}
    environment = {"DIRECTLINE_PORT": "0"} | environment
    server = Program(tmp_path, "server", ("-m", "service", "serve"), environment)
    await server.launch()
    try:
        assert await server.ended(30) == code
    finally:
        await server.stop()
    assert server.said == []
    assert server.words().count("\n") == 1, server.words()
    assert words in server.words()


async def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False) as place:
        second = Server(tmp_path, place.database_url, name="second", port=place.server.port)
        await second.launch()
        try:
            assert await second.ended(30) == 2
        finally:
            await second.stop()
        assert second.words().count("\n") == 1
        assert str(place.server.port) in second.words()


@pytest.mark.parametrize("fault", ["block", "hang", "end"])
async def test_a_part_that_stalls_or_ends_unasked_ends_the_process(
    tmp_path: Path, fault: str
) -> None:
    async with open_place(tmp_path, phones=False, script=STALLING) as place:
        began = time.monotonic()
        (tmp_path / fault).touch()
        assert await place.server.ended(10) == 70
        # The part looks once a second, and only then meets its fault.
        assert time.monotonic() - began < 1 + STALL_SECONDS
        (last,) = [line for line in place.server.events() if line["event"] == "task_ended"]
        assert last["level"] == "critical"
        assert last["task"]
        assert place.server.said == [f"directline ready on {place.server.url}"]


async def test_more_than_can_be_stored_ends_nothing(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False, script=PILING) as place:
        (tmp_path / "pile").touch()
        await until(lambda: not (tmp_path / "pile").exists())
        # It waits behind all that was handed over before it, longer than a part may stall.
        async with asyncio.timeout(30):
            await place.presser("booth").press_until_stored()
        assert place.rows("SELECT count(*) FROM alerts")[0][0] == 1
        assert place.server.runs
        assert not [line for line in place.server.events() if line["event"] == "task_ended"]


async def test_a_frozen_process_that_is_thawed_goes_on(tmp_path: Path) -> None:
    async with open_place(tmp_path, time_scale=20) as place:
        presser = place.presser("booth")
        await presser.press()
        place.server.freeze()
        frozen = time.monotonic()
        await until(lambda: time.monotonic() - frozen > 6)
        place.server.thaw()
        pid = place.server.pid
        presser.line.drop()  # Nobody used it for so long that the server may just be closing it.
        answer = await presser.press()
        assert answer.stored
        assert answer.seconds < 5
        # Long enough for a watch that would count the frozen time as a stall.
        thawed = time.monotonic()
        await until(lambda: time.monotonic() - thawed > 2)
        assert place.server.runs
        assert place.server.pid == pid
        late = place.rows("SELECT data FROM log WHERE name = 'rung_reached' ORDER BY seq")
        assert max(json.loads(row[0])["late_s"] for row in late) > 3


async def test_the_outside_watchdog_is_pinged(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    port = free_port()
    async with await asyncio.start_server(answer, HOST, port):
        url = f"http://{HOST}:{port}/alive"
        async with open_place(tmp_path, phones=False, watchdog_url=url):
            await until(lambda: heard)
    assert heard[0].startswith(b"GET /alive ")


async def test_operators_work_beside_a_running_server(tmp_path: Path) -> None:
    async with open_place(tmp_path, phones=False) as place:
        presser = place.presser("bridge")
        pressing = asyncio.create_task(_press_for_ever(presser))
        add = ("device", "add", "--site", "AMC4", "--kind", "booth", "--booth", "2", "--json")
        (code, said), (verified, words) = await asyncio.gather(
            directline(place, *add), directline(place, "audit", "verify")
        )
        assert (code, verified) == (0, 0), words
        made = json.loads(said)
        new = Presser.at(place.server.url, made["token"])
        place.pressers.append(new)
        assert (await new.press()).status == 201
        assert (await directline(place, "device", "revoke", made["device_id"]))[0] == 0
        async with DirectlineClient(place.server.url, made["token"]) as client:

            async def revoked() -> bool:
                try:
                    await client.whoami()
                except Refused:
                    return True
                return False

            await until(revoked, 3, "the revocation")
        # A revoked button still raises the alarm.
        assert (await new.press()).stored
        pressing.cancel()
        assert (await directline(place, "audit", "verify"))[0] == 0
        assert presser.answered
        assert presser.refused == []
        assert presser.longest < 5


async def _press_for_ever(presser: Presser) -> None:
    """Until the server ends, or the task is cancelled."""
    with suppress(OSError):
        while True:
            await presser.press(booth=1)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_two_nodes_bring_an_empty_database_up_to_date_at_once(
    tmp_path: Path, kind: str, postgres: Postgres
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else postgres.create_database()
    nodes = [Server(tmp_path, url, name=name) for name in ("one", "two")]
    try:
        for node in nodes:
            await node.launch()
        for node in nodes:
            await node.ready()
        assert [await node.terminate() for node in nodes] == [0, 0]
    finally:
        for node in nodes:
            await node.stop()


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_memory_tasks_and_files_stay_flat(tmp_path: Path) -> None:
    async with open_place(tmp_path, time_scale=20, script=COUNTING) as place:

        async def count() -> list[int]:
            before = len(place.server.said)
            place.server.tell(signal.SIGUSR1)
            await until(lambda: len(place.server.said) > before)
            return [int(word) for word in place.server.said[-1].split()[1:]]

        pressers = [place.presser("booth", booth) for booth in range(1, 9)]
        pressing = [asyncio.create_task(_press_for_ever(one)) for one in pressers]
        counts: list[list[int]] = []
        for seconds in SOAK_SECONDS:
            await a_while(seconds)
            looks = [await count() for _ in range(20)]  # Texts on their way come and go.
            counts.append([min(part) for part in zip(*looks, strict=True)])
        for task in pressing:
            task.cancel()
        await asyncio.gather(*pressing, return_exceptions=True)
    (pages, files, tasks, threads), (later, more_files, more_tasks, more_threads) = counts
    assert sum(len(one.answered) for one in pressers) > 1000
    assert later <= pages * 1.05
    # Connections to the phone network come and go; what was left by each press would be hundreds.
    assert more_files <= files + 20
    assert more_tasks <= tasks + 20
    assert more_threads <= threads
