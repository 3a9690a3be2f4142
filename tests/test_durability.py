"""What was answered 2xx is stored, whatever befalls the database; what is not, is said in time."""

import asyncio
import resource
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from dispatch.database import Connection, Database, DatabaseAway, DatabaseUnfit
from tests.postgres import Postgres, PostgresServer
from tests.pressing import Presser, until
from tests.process import Place, Server, open_place
from tests.wires import Wire, between

TIME_SCALE = 20
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


def test_an_embedded_database_that_is_not_durable_is_refused() -> None:
    """A database in memory is the one that SQLite will not keep a write-ahead log for."""
    with pytest.raises(DatabaseUnfit, match="not durable"):
        Database("sqlite:///:memory:").open()


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


async def test_a_transaction_that_the_server_has_ended_is_a_database_that_was_away(
    postgres: Postgres,
) -> None:
    """A node that was frozen in the middle of one finds it so, and must begin again, not end."""
    database = Database(postgres.create_database())
    frozen, other = database.open(), database.open()
    try:
        frozen.begin()
        frozen.execute("SET LOCAL idle_in_transaction_session_timeout = 50")
        pid = frozen.execute("SELECT pg_backend_pid()")[0][0]
        alive = "SELECT 1 FROM pg_stat_activity WHERE pid = :pid"
        await until(lambda: not other.execute(alive, {"pid": pid}))
        with pytest.raises(DatabaseAway):
            frozen.execute("SELECT 1")
    finally:
        frozen.close()
        other.close()


@pytest.mark.timeout(120)
async def test_a_database_that_is_away_refuses_in_time_and_recovers(
    tmp_path: Path, postgres: Postgres, postgres_server: PostgresServer
) -> None:
    """Five ways of being away, side by side, each with a service of its own."""
    ways = {
        "locked": _locked(None),
        "locked-server": _locked(postgres.create_database()),
        "full": _full(),
        "crashed": _crashed(postgres_server),
        "deaf": _deaf(postgres.create_database()),
    }
    async with asyncio.TaskGroup() as stories:
        for name, way in ways.items():
            (tmp_path / name).mkdir()
            stories.create_task(_tell(tmp_path / name, way), name=name)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of being away: where the database is, how to take it away and give it back."""

    url: str | None
    away: Callable[[Place], Awaitable[Any]]
    back: Callable[[Place], Awaitable[Any]]
    wire: Wire | None = None


async def _tell(folder: Path, opened: AbstractAsyncContextManager[Way]) -> None:
    async with opened as way:
        port = way.wire.port if way.wire is not None else None
        async with open_place(folder, way.url, wire=port, time_scale=TIME_SCALE) as place:
            presser = place.presser("booth")
            first = (await presser.press()).body["alert"]
            await way.away(place)
            await _is_refused_and_lives(place, presser)
            await way.back(place)
            await _recovers(place, presser, first["id"])


@asynccontextmanager
async def _locked(url: str | None) -> AsyncGenerator[Way]:
    """Somebody else's transaction holds the file, or the table that every change needs first."""
    held: list[Connection] = []

    async def away(place: Place) -> None:
        other = Database(place.database_url).open()
        other.begin()
        if other.dialect == "postgresql":
            # A tool that forgot to commit, of a kind that the server does not end.
            other.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            other.execute("LOCK TABLE log_heads IN ACCESS EXCLUSIVE MODE")
        held.append(other)

    async def back(_place: Place) -> None:
        held[0].rollback()

    yield Way(url, away, back)
    for other in held:
        other.close()


@asynccontextmanager
async def _full() -> AsyncGenerator[Way]:
    """A file that may not grow is what a full disk is to a database that appends to its log."""
    free: list[tuple[int, int]] = []

    async def away(place: Place) -> None:
        full = Path(f"{place.database_url.removeprefix('sqlite:///')}-wal").stat().st_size
        free.append(resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE))
        resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE, (full, free[0][1]))

    async def back(place: Place) -> None:
        resource.prlimit(place.server.pid, resource.RLIMIT_FSIZE, free[0])
        assert place.rows("PRAGMA integrity_check")[0][0] == "ok"

    yield Way(None, away, back)


@asynccontextmanager
async def _crashed(server: PostgresServer) -> AsyncGenerator[Way]:
    """The database server dies without a word, and is started again."""
    yield Way(
        server.create_database(),
        lambda _place: asyncio.to_thread(server.crash),
        lambda _place: asyncio.to_thread(server.restart),
    )


@asynccontextmanager
async def _deaf(url: str) -> AsyncGenerator[Way]:
    """The line to the database stands, and nothing comes over it."""
    async with between(urlsplit(url).port or 5432) as wire:

        async def away(_place: Place) -> None:
            wire.deafen()

        async def back(_place: Place) -> None:
            wire.hear()

        yield Way(url, away, back, wire)


@pytest.mark.timeout(120)
async def test_a_commit_whose_answer_is_lost_is_no_false_success_and_no_double(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.create_database()
    async with (
        between(urlsplit(url).port or 5432) as wire,
        open_place(tmp_path, url, wire=wire.port, time_scale=TIME_SCALE) as place,
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

    await until(lambda: len(sent()) >= 2 * alerts, 30)
    assert sorted(sent()) == sorted(made)
    late = [
        _epoch(row["at"]) - made[row["token"]]
        for row in place.phones.accepted()
        if row["token"] in made
    ]
    assert max(late) < 3.5, late


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


async def _is_refused_and_lives(place: Place, presser: Presser) -> None:
    """Presses are refused in time, health says why, and the process outlives the watch."""
    presses = [place.presser("booth", booth).press(press_id=f"refused-{booth}") for booth in (2, 3)]
    answers = await asyncio.gather(presser.press(press_id="refused-1"), *presses)
    # Until here it took as long as a part may stall; this is as long again.
    answers.append(await presser.press(press_id="refused-1"))
    for answer in answers:
        assert answer.status == 503, answer
        assert answer.body["type"] == "urn:directline:not_stored"
        assert answer.seconds < SAID_SECONDS
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
    again = await presser.press(press_id="refused-1")
    assert again.stored
    assert again.body["alert"]["id"] == alert
    reached = "SELECT data FROM log WHERE name = 'rung_reached' AND alert = :alert AND at > :at"
    await until(lambda: place.rows(reached, alert=alert, at=at))
    ids = [row[0] for row in place.rows("SELECT press_id FROM presses")]
    assert len(ids) == len(set(ids))
    assert set(presser.answered) <= set(ids)
    assert place.server.runs
