"""What was answered 2xx is stored, whatever befalls the database; what is not, is said in time."""

import asyncio
import resource
import time
import uuid
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from dispatch.database import Database, DatabaseUnfit
from tests.postgres import Postgres, PostgresServer
from tests.pressing import Presser, a_while, until
from tests.process import Place, Server, open_place
from tests.wires import between

SAID_SECONDS = 5.0
"""Promise 3: so long until a press that cannot be stored is answered."""
COMMITTED = b"C\0\0\0\x0bCOMMIT\0"
"""What PostgreSQL says when a transaction is durable."""


def test_the_embedded_database_is_opened_durable(tmp_path: Path) -> None:
    connection = Database(f"sqlite:///{tmp_path / 'x.db'}").open()
    try:
        assert connection.execute("PRAGMA journal_mode")[0][0] == "wal"
        assert connection.execute("PRAGMA synchronous")[0][0] == 2
    finally:
        connection.close()


async def test_an_embedded_database_that_is_not_durable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnfit, match="not durable"):
        Database("sqlite:///:memory:").open()
    await _refuses(tmp_path, "sqlite:///:memory:", "not durable")


async def test_postgresql_with_synchronous_commit_off_is_refused(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        name = urlsplit(url).path[1:]
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
    with pytest.raises(DatabaseUnfit, match="synchronous_commit"):
        Database(url).open()
    await _refuses(tmp_path, url, "synchronous_commit")


async def _refuses(folder: Path, url: str, words: str) -> None:
    server = Server(folder, url)
    await server.launch()
    try:
        assert await server.ended(30) == 2
    finally:
        await server.stop()
    assert words in server.words()
    assert server.words().count("\n") == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_database_held_by_somebody_else_refuses_in_time_and_recovers(
    tmp_path: Path, kind: str, postgres: Postgres
) -> None:
    url = None if kind == "sqlite" else postgres.create_database()
    async with open_place(tmp_path, url, time_scale=20) as place:
        presser = place.presser("booth")
        first = (await presser.press()).body["alert"]
        other = Database(place.database_url).open()
        other.begin()
        if kind == "postgres":
            # A tool that forgot to commit: it is not idle, so the server does not end it.
            other.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            other.execute("LOCK TABLE log_heads IN ACCESS EXCLUSIVE MODE")
        try:
            await _is_refused_and_lives(place, presser, 8)
        finally:
            other.rollback()
            other.close()
        await _recovers(place, presser, first["id"])


async def test_a_full_disk_refuses_in_time_and_recovers(tmp_path: Path) -> None:
    """A file that may not grow is what a full disk is to a database that appends to its log."""
    async with open_place(tmp_path, time_scale=20) as place:
        presser = place.presser("booth")
        first = (await presser.press()).body["alert"]
        full = Path(f"{place.database_url.removeprefix('sqlite:///')}-wal").stat().st_size
        free = resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE, (full, free[1]))
        await _is_refused_and_lives(place, presser, 6)
        resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE, free)
        await _recovers(place, presser, first["id"])
        assert place.rows("PRAGMA integrity_check")[0][0] == "ok"


async def test_a_database_that_restarts_refuses_in_time_and_the_ladder_goes_on(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    async with open_place(tmp_path, postgres_server.create_database(), time_scale=20) as place:
        presser = place.presser("booth")
        first = (await presser.press()).body["alert"]
        await asyncio.to_thread(postgres_server.crash)
        await _is_refused_and_lives(place, presser, 6)
        await asyncio.to_thread(postgres_server.restart)
        await _recovers(place, presser, first["id"])


async def test_a_database_behind_a_deaf_line_refuses_in_time_and_recovers(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.create_database()
    async with (
        between(urlsplit(url).port or 5432) as wire,
        open_place(tmp_path, url, wire=wire.port, time_scale=20) as place,
    ):
        presser = place.presser("booth")
        first = (await presser.press()).body["alert"]
        wire.deafen()
        await _is_refused_and_lives(place, presser, 10)
        wire.hear()
        await _recovers(place, presser, first["id"])


async def test_a_commit_whose_answer_is_lost_is_no_false_success_and_no_double(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.create_database()
    async with (
        between(urlsplit(url).port or 5432) as wire,
        open_place(tmp_path, url, wire=wire.port, time_scale=20) as place,
    ):
        presser = place.presser("bridge")
        ids = [str(uuid.uuid4()) for _ in range(8)]
        for booth, press_id in enumerate(ids, 1):
            cuts, wire.cut_at = wire.cuts, COMMITTED
            pressing = asyncio.create_task(presser.press(booth, press_id))
            await until(lambda cuts=cuts: wire.cuts > cuts)
            answer = await pressing
            again = await presser.press(booth, press_id)
            assert again.status == 200
            if answer.stored:
                assert again.body["alert"]["id"] == answer.body["alert"]["id"]
        rows = place.rows("SELECT press_id, alert FROM presses")
        assert sorted(row[0] for row in rows) == sorted(ids)
        assert len({row[1] for row in rows}) == len(ids)
        await _sent_once(place, len(ids))


async def _sent_once(place: Place, alerts: int) -> None:
    """The first texts of every alert went out once, and none of them waited for a lease's end."""
    first = "SELECT id, made_at FROM outbox WHERE rung = 0 AND asking"
    await until(lambda: len(place.phones.accepted()) >= 2 * alerts)
    made = dict(map(tuple, place.rows(first)))
    assert len(made) == 2 * alerts

    def sent() -> list[str]:
        return [row["token"] for row in place.phones.accepted() if row["token"] in made]

    await until(lambda: len(sent()) >= 2 * alerts)
    assert sorted(sent()) == sorted(made)
    late = [
        _epoch(row["at"]) - made[row["token"]]
        for row in place.phones.accepted()
        if row["token"] in made
    ]
    assert max(late) < 3.5, late


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


async def _is_refused_and_lives(place: Place, presser: Presser, seconds: float) -> None:
    """For so long each press is refused in time, health says why, and the process lives."""
    end = time.monotonic() + seconds
    refused = 0
    while time.monotonic() < end:
        answer = await presser.press(press_id=f"refused-{refused}")
        assert answer.status == 503, answer
        assert answer.body["type"] == "urn:directline:not_stored"
        assert answer.seconds < SAID_SECONDS
        refused += 1
        await a_while(0.1)
    assert refused >= 2
    async with httpx2.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{place.server.url}/healthz")).status_code == 200
        ready = await http.get(f"{place.server.url}/readyz")
        assert ready.status_code == 503
        assert "database" in ready.json()["why"]
    assert place.server.runs


async def _recovers(place: Place, presser: Presser, alert: str) -> None:
    """Presses are stored again, each once, and the ladder of the alert from before goes on."""
    stored = await presser.press_until_stored()
    assert stored["id"] == alert
    at = time.time()
    again = await presser.press(press_id="refused-0")
    assert again.stored
    assert again.body["alert"]["id"] == alert
    reached = "SELECT data FROM log WHERE name = 'rung_reached' AND alert = :alert AND at > :at"
    await until(lambda: place.rows(reached, alert=alert, at=at))
    ids = [row[0] for row in place.rows("SELECT press_id FROM presses")]
    assert len(ids) == len(set(ids))
    assert set(presser.answered) <= set(ids)
    assert place.server.runs
