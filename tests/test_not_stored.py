"""The database is away: a retryable 503 in time, nothing lost, nothing twice after the retry."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.types import Message, Scope

from dispatch import setup
from dispatch.database import Connection
from dispatch.site_file import read_site
from dispatch.writer import Writer
from service import app, callers
from service.pin_hashes import hashed_pins
from service.settings import read_settings
from tests.contract import refused
from tests.world import DEMO_SITE, PUBLIC_URL, World

ANSWER_SECONDS = 5.0


@asynccontextmanager
async def open_node(folder: Path) -> AsyncGenerator[tuple[app.Service, httpx2.AsyncClient, str]]:
    """A service with its true writer and clock, a client of it and the token of a bridge."""
    settings = read_settings(
        _env_file=None, database_url=f"sqlite:///{folder / 'node.db'}", public_url=PUBLIC_URL
    )
    app.prepare(settings)
    service = app.Service(settings, 8080)
    assert isinstance(service.writer, Writer)
    service.writer.start()
    loaded = read_site(DEMO_SITE.read_text("utf-8"), "site.toml")
    await service.writer.carry_out(setup.load_site(loaded, hashed_pins(loaded.pins)))
    made = await service.writer.carry_out(setup.add_device("AMC4", "bridge", None, "Bridge"))
    transport = httpx2.ASGITransport(app.outermost(service))
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield service, client, made.token
    await service.stop()


async def occupied(service: app.Service, seconds: float) -> list[asyncio.Task[None]]:
    """Both threads that read, kept for so long."""

    def linger(_connection: Connection) -> None:
        threading.Event().wait(seconds)

    busy = [asyncio.create_task(service.reader.ask(linger)) for _ in range(2)]
    await asyncio.wait(busy, timeout=0.05)
    return busy


def nothing(_connection: Connection) -> None:
    """A question that gives the others a turn."""


async def test_a_locked_database_is_a_503_within_five_seconds(tmp_path: Path) -> None:
    """Looking up who calls and storing share the five seconds; the retry finds one press."""
    async with open_node(tmp_path) as (service, client, token):
        headers = {"Authorization": f"Bearer {token}"}
        press = {"press_id": "once", "booth": 3}
        other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # Both threads that read are busy, so that finding out who calls takes its time as well.
        busy = await occupied(service, 2.0)
        began = time.monotonic()
        answer = await client.post("/v1/presses", headers=headers, json=press)
        assert time.monotonic() - began < ANSWER_SECONDS
        refused(answer, 503, "not_stored")
        assert answer.headers["retry-after"] == "1"
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["why"]) == (503, ["database"])
        assert (await client.get("/healthz")).status_code == 200
        assert other.execute("SELECT count(*) FROM presses").fetchone() == (0,)
        other.execute("ROLLBACK")
        other.close()
        await asyncio.gather(*busy)
        deadline = time.monotonic() + 20
        while (answer := await client.post("/v1/presses", headers=headers, json=press)).is_error:
            assert time.monotonic() < deadline
        assert answer.status_code in {200, 201}
        assert (await client.get("/readyz")).status_code == 200
        again = await client.post("/v1/presses", headers=headers, json=press)
        assert again.status_code == 200
        assert again.json()["alert"]["presses"] == 1
        told = (await client.get("/metrics")).text
        assert 'directline_presses_total{result="not_stored"} 1.0' in told
    rows = sqlite3.connect(tmp_path / "node.db")
    assert rows.execute("SELECT count(*) FROM alerts").fetchone() == (1,)
    assert rows.execute("SELECT press_id FROM presses").fetchall() == [("once",)]
    rows.close()


async def test_who_calls_can_not_be_looked_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same 503: it may be tried again, and then it is stored."""
    monkeypatch.setattr(callers, "FIND_SECONDS", 0.2)
    async with open_node(tmp_path) as (service, client, token):
        busy = await occupied(service, 0.6)
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.post("/v1/presses", headers=headers)
        refused(answer, 503, "not_stored")
        assert answer.headers["retry-after"] == "1"
        await asyncio.gather(*busy)
        monkeypatch.undo()
        assert (await client.post("/v1/presses", headers=headers)).status_code == 201


async def test_a_client_that_goes_away_cancels_nothing(tmp_path: Path) -> None:
    """The press was handed over; it is stored though nobody waits for the answer."""
    async with open_node(tmp_path) as (service, client, token):
        other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        headers = {"Authorization": f"Bearer {token}"}
        await client.get("/v1/whoami", headers=headers)
        sending = asyncio.ensure_future(
            client.post("/v1/presses", headers=headers, json={"press_id": "gone"})
        )
        await asyncio.wait({sending}, timeout=0.3)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        other.execute("ROLLBACK")
        deadline = time.monotonic() + 10
        while other.execute("SELECT press_id FROM presses").fetchall() != [("gone",)]:
            assert time.monotonic() < deadline
            await service.reader.ask(nothing)
        other.close()


async def test_a_press_that_is_cut_off_within_its_body_is_no_error_of_ours(world: World) -> None:
    """The device is gone; it will send the press again. Nothing is stored of the half of it."""
    parts = iter(
        [
            {"type": "http.request", "body": b'{"press_id": "ab', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    answers: list[int] = []

    async def receive() -> Message:
        return next(parts)

    async def send(message: Message) -> None:
        answers.append(message.get("status", 0))

    token = f"Bearer {world.device('bridge')}".encode()
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/presses",
        "raw_path": b"/v1/presses",
        "query_string": b"",
        "headers": [(b"authorization", token)],
    }
    await app.outermost(world.service)(scope, receive, send)
    assert answers[0] == 422
    assert world.connection.execute("SELECT 1 FROM presses") == []
