"""Two nodes on one PostgreSQL are one service: what either is told, both know; one may die."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from clients.client import DirectlineClient
from clients.state import State, apply
from dispatch.database import Database
from tests.judge import Death, judge
from tests.postgres import Postgres
from tests.pressing import Presser, a_while, until
from tests.process import Phones, Server, refuse_private, running, set_up
from tests.wires import Wire, between

pytestmark = pytest.mark.asyncio(loop_scope="module")
TIME_SCALE = 20
LEASE_SECONDS = 5.0
TAKE_OVER_SECONDS = LEASE_SECONDS + 1.0
"""Promise 11: so late at most when the node that held a step died or froze."""
BELL_SECONDS = 1.0
"""What a lost bell costs; a loaded machine gets as much again."""
Json = dict[str, Any]
PROOF: Json = {
    "armed": True,
    "sound": "running",
    "visible": True,
    "awake": True,
    "volume_ok": True,
    "silenced_until": None,
    "silenced_by": None,
}


@dataclass(slots=True)
class Nodes:
    """The two, what leads to whichever lives, and how often one of them was away."""

    one: Server
    two: Server
    wire: Wire
    phones: Phones
    keys: Json
    database_url: str
    deaths: list[Death] = field(default_factory=list[Death])

    def client(self, node: Server, kind: str) -> DirectlineClient:
        """Somebody with a device of this kind at this node."""
        return DirectlineClient(node.url, self.keys["tokens"][kind])

    def presser(self, url: str, booth: int) -> Presser:
        """The button of this booth."""
        return Presser.at(url, self.keys["tokens"]["booth"][str(booth)])

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Ask the database."""
        connection = Database(self.database_url).open(read_only=True)
        try:
            return list(connection.execute(statement, parameters))
        finally:
            connection.close()

    async def close_all(self) -> None:
        """End every alert, so that the next story begins in a quiet house."""
        async with self.client(self.two, "tablet") as tablet:
            for alert in (await tablet.alerts())["alerts"]:
                await tablet.act(alert["id"], "close", "jo", pin="8080", outcome="not_medical")

    def faults(self) -> list[str]:
        """What a judge finds who knows when a node was away."""
        connection = Database(self.database_url).open()
        try:
            return judge(connection, self.phones.truth(), self.deaths, {}).faults
        finally:
            connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nodes(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> AsyncGenerator[Nodes]:
    folder = tmp_path_factory.mktemp("nodes")
    url = postgres.create_database()
    keys = set_up(url)
    async with between() as wire:
        public = f"http://127.0.0.1:{wire.port}"
        phones = Phones(folder, public)

        def node(name: str) -> Server:
            return Server(
                folder,
                url,
                name=name,
                public_url=public,
                phones_url=phones.url,
                time_scale=TIME_SCALE,
            )

        one, two = node("one"), node("two")
        wire.targets = (one.port, two.port)
        async with running(phones, one, two):
            yield Nodes(one, two, wire, phones, keys, url)
    refuse_private(url, one, two)


@pytest_asyncio.fixture(loop_scope="module")
async def quiet(nodes: Nodes) -> AsyncGenerator[Nodes]:
    """Both nodes run and no alert is open, before and after."""
    yield nodes
    for node in (nodes.one, nodes.two):
        if not node.runs:
            await node.start()
    await nodes.close_all()


class Screen:
    """A screen that is armed and sounds whatever asks."""

    def __init__(self) -> None:
        self.frames: list[Json] = []
        self.state = State()

    def proof(self, _seq: int) -> Json:
        return PROOF | {"sounding": sorted(self.state.alerts)}

    async def follow(self, client: DirectlineClient, **cursor: Any) -> None:
        async with aclosing(client.live(proof=self.proof, **cursor)) as frames:
            async for frame in frames:
                self.frames.append(frame)
                self.state = apply(self.state, frame)

    def hears(self, name: str, alert: str) -> Callable[[], bool]:
        """Whether such an event of this alert has come."""
        return lambda: any(
            frame["type"] == "event"
            and frame["event"]["name"] == name
            and frame["event"]["alert"] == alert
            for frame in self.frames
        )

    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if frame["type"] == "event"]


@asynccontextmanager
async def screen_at(nodes: Nodes, node: Server, **cursor: Any) -> AsyncGenerator[Screen]:
    """A screen that follows this node and has its first frame."""
    screen = Screen()
    async with nodes.client(node, "screen") as client:
        following = asyncio.create_task(screen.follow(client, **cursor))
        try:
            await until(lambda: screen.frames)
            yield screen
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_a_press_on_one_sounds_on_the_screens_of_the_other(quiet: Nodes) -> None:
    async with screen_at(quiet, quiet.two) as screen:
        presser = quiet.presser(quiet.one.url, 1)
        async with presser.line:
            began = time.monotonic()
            alert = (await presser.press()).body["alert"]["id"]
            await until(screen.hears("pressed", alert))
            assert time.monotonic() - began < BELL_SECONDS
            # The booth, at the first node, is told that a screen of the second sounds.
            await until(screen.hears("sounding", alert))
            assert (await presser.press()).body["alert"]["sounding"] == ["Screen"]


async def test_an_answer_on_one_stops_the_ladder_of_the_other(quiet: Nodes) -> None:
    async with (
        quiet.presser(quiet.one.url, 2).line as line,
        quiet.client(quiet.two, "tablet") as tablet,
    ):
        alert = (await Presser(line).press()).body["alert"]["id"]
        rungs = "SELECT count(*) FROM log WHERE alert = :alert AND name = 'rung_reached'"
        await until(lambda: quiet.rows(rungs, alert=alert)[0][0] >= 2)
        await tablet.act(alert, "at_booth", "kim")
        stopped, reached = time.time(), quiet.rows(rungs, alert=alert)[0][0]
        # As long as a whole loop of the ladder takes at this time scale.
        await a_while(3.5)
        assert quiet.rows(rungs, alert=alert)[0][0] == reached
        asks = {row[0] for row in quiet.rows("SELECT id FROM outbox WHERE asking = true")}
        late = [
            row
            for kind in ("message", "call")
            for row in quiet.phones.accepted(kind)
            if row["token"] in asks
            and datetime.fromisoformat(row["at"]).timestamp() > stopped + 2.0
        ]
        assert late == []


async def test_a_screen_resumes_at_the_other_node_without_a_gap(quiet: Nodes) -> None:
    presser = quiet.presser(quiet.two.url, 3)
    async with presser.line:
        async with screen_at(quiet, quiet.one) as screen:
            alert = (await presser.press()).body["alert"]["id"]
            await until(screen.hears("pressed", alert))
        place, epoch = screen.state.seq, screen.frames[0]["epoch"]
        for _ in range(5):
            await presser.press()
        async with screen_at(quiet, quiet.two, after=place, epoch=epoch) as again:
            assert again.frames[0]["type"] == "resumed"
            again.state = screen.state
            head = again.frames[0]["seq"]
            await until(lambda: again.seqs() and again.seqs()[-1] >= head)
            seqs = again.seqs()
            assert seqs == list(range(place + 1, place + 1 + len(seqs)))


async def test_a_lost_bell_costs_a_second(quiet: Nodes) -> None:
    async with screen_at(quiet, quiet.two) as screen:
        presser = quiet.presser(quiet.one.url, 4)
        async with presser.line:
            with psycopg.connect(quiet.database_url, autocommit=True) as connection:
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query = 'LISTEN directline' AND datname = current_database()"
                ).fetchall()
            assert len(ended) == 2
            began = time.monotonic()
            alert = (await presser.press()).body["alert"]["id"]
            await until(screen.hears("pressed", alert))
            assert time.monotonic() - began < 2 * BELL_SECONDS
    assert quiet.one.runs
    assert quiet.two.runs


@pytest.mark.parametrize("end", ["killed", "frozen"])
async def test_when_one_is_gone_the_other_does_its_steps_and_nothing_twice(
    quiet: Nodes, end: str
) -> None:
    pressers = [quiet.presser(quiet.one.url, booth) for booth in range(1, 9)]
    try:
        # The first texts are on their way to the network when the node is gone.
        answers = await asyncio.gather(*(one.press() for one in pressers))
        gone, began = datetime.now(UTC), time.monotonic()
        if end == "killed":
            await quiet.one.kill()
        else:
            quiet.one.freeze()
        alerts = [answer.body["alert"]["id"] for answer in answers]
        await until(lambda: time.monotonic() - began > TAKE_OVER_SECONDS + 1, 10)
        if end == "killed":
            await quiet.one.start()
        else:
            quiet.one.thaw()
        quiet.deaths.append(Death(gone, datetime.now(UTC)))
        await a_while(2)
        _all_in_time(quiet, alerts, gone.timestamp())
        assert quiet.one.runs
        await pressers[0].press_until_stored()
    finally:
        for one in pressers:
            one.line.drop()
    await quiet.close_all()
    await until(_all_sent(quiet), 15)
    # Both nodes go on texting while the judge reads: what is explained a moment later is no fault.
    seen = "\n".join(quiet.faults())
    await until(lambda: not quiet.faults(), what=f"an explanation of {seen}")


async def test_a_line_opened_on_one_is_dialled_on_by_the_other_and_nobody_twice(
    quiet: Nodes,
) -> None:
    """Killed right after the opening: the other fires its timers, number after number."""
    presser = quiet.presser(quiet.two.url, 2)
    try:
        alert = (await presser.press()).body["alert"]["id"]
        async with quiet.client(quiet.one, "tablet") as tablet:
            await tablet.act(alert, "open_line", "sam")
        gone = datetime.now(UTC)
        await quiet.one.kill()
        over = "SELECT 1 FROM log WHERE alert = :alert AND name = 'line_not_reached'"
        await until(lambda: bool(quiet.rows(over, alert=alert)), 30)
        await quiet.one.start()
        quiet.deaths.append(Death(gone, datetime.now(UTC)))
    finally:
        presser.line.drop()
    dialled = "SELECT data FROM log WHERE alert = :alert AND name = 'line_dialled'"
    steps = [json.loads(row[0]) for row in quiet.rows(dialled, alert=alert)]
    assert sorted((one["round"], one["number_index"]) for one in steps) == [
        *((1, 0), (1, 1)),
        *((2, 0), (2, 1)),
    ]
    calls = "SELECT id FROM outbox WHERE alert = :alert AND channel IN ('leg', 'line')"
    taken = [row["token"] for row in quiet.phones.accepted("call")]
    counts = [taken.count(row[0]) for row in quiet.rows(calls, alert=alert)]
    assert max(counts) == 1, counts


def _all_in_time(nodes: Nodes, alerts: list[str], gone: float) -> None:
    """Every step came, and every text made before `gone` went out, in lease and a second."""
    for alert in alerts:
        reached = nodes.rows(
            "SELECT data FROM log WHERE alert = :alert AND name = 'rung_reached'", alert=alert
        )
        assert len(reached) >= 4
        assert max(_late(row[0]) for row in reached) <= TAKE_OVER_SECONDS
    taken = {row["token"]: row["at"] for row in reversed(nodes.phones.accepted())}
    for token, state in nodes.rows(
        "SELECT id, state FROM outbox WHERE channel = 'text' AND made_at > :since"
        " AND made_at < :gone AND state <> 'dropped'",
        since=gone - 5,
        gone=gone,
    ):
        assert token in taken, state
        assert datetime.fromisoformat(taken[token]).timestamp() - gone <= TAKE_OVER_SECONDS


def _late(data: str) -> float:
    return json.loads(data)["late_s"]


def _all_sent(nodes: Nodes) -> Callable[[], bool]:
    waiting = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending')"
    return lambda: not nodes.rows(waiting)


async def test_a_booth_does_not_notice_a_rolling_restart(quiet: Nodes) -> None:
    url = f"http://127.0.0.1:{quiet.wire.port}"
    ended = asyncio.Event()
    told: list[tuple[str, float]] = []

    async def booth(number: int) -> None:
        async with DirectlineClient(url, quiet.keys["tokens"]["booth"][str(number)]) as client:
            while not ended.is_set():
                began = time.monotonic()
                press_id = str(uuid.uuid4())
                await client.press(press_id=press_id, patience=5)
                told.append((press_id, time.monotonic() - began))
                await a_while(0.02)

    async with asyncio.TaskGroup() as booths:
        for number in (5, 6, 7):
            booths.create_task(booth(number))
        for node in (quiet.one, quiet.two):
            assert await node.terminate() == 0
            await node.start()
        ended.set()
    stored = {row[0] for row in quiet.rows("SELECT press_id FROM presses")}
    assert {press_id for press_id, _ in told} <= stored
    assert max(seconds for _, seconds in told) < 5
    for node in (quiet.one, quiet.two):
        async with quiet.client(node, "monitor") as client:
            # Neither has taken the other's time for a broken clock of its own.
            assert "clock" not in (await client.ready())["degraded"]
