"""The outbox over a phone network that a test answers for: what it sends again, and what not."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from alerts.events import By, What
from dispatch import migrations, outbox_rows, reach, setup
from dispatch.book import Book
from dispatch.codec import stamp
from dispatch.database import Connection, Database
from dispatch.desk import Action, Desk, Press, Rules
from dispatch.effects import Effects
from dispatch.inbound import Inbound, Status
from dispatch.outbox import CLAIM_AGE_SECONDS, DEAF_SECONDS, EXPIRE_SECONDS, Outbox
from dispatch.phone import PhoneError, Receipt
from dispatch.reader import Reader
from dispatch.site_file import read_site
from dispatch.store import due_timers
from dispatch.waits import Waits
from dispatch.writer import InlineWriter, Item
from tests.clock import MovedClock

SITE = (Path(__file__).parent.parent / "service" / "demo_site.toml").read_text("utf-8")
AGAIN, UNCLEAR = PhoneError("busy"), PhoneError("silent", unclear=True)
STOPPED = PhoneError("refused", refused=True, code=21610)
OURS = PhoneError("refused", refused=True, ours=True, code=20003)


class Network:
    """Keeps what it is handed, and answers as it was told: `says` for all, or one for each."""

    def __init__(self) -> None:
        """It takes everything."""
        self.asked: list[tuple[str, str]] = []
        self.says: PhoneError | None = None
        self.word = "sent"
        self.held: asyncio.Event | None = None

    async def _take(self, channel: str, to: str) -> Receipt:
        self.asked.append((channel, to))
        says = self.says
        if self.held is not None:
            await self.held.wait()
        if says is not None:
            raise says
        return Receipt(f"SM{len(self.asked)}", "queued")

    async def text(self, sender: str, to: str, body: str, token: str) -> Receipt:
        """See `Phone`."""
        return await self._take("text", to)

    async def call(self, sender: str, to: str, token: str, ring: float) -> Receipt:
        """See `Phone`."""
        return await self._take("call", to)

    async def status(self, channel: str, sid: str) -> tuple[str, int | None]:
        """See `Phone`."""
        return self.word, None

    async def hang_up(self, sid: str) -> None:
        """See `Phone`."""
        await self._take("hang_up", sid)

    async def turn(self, sid: str, url: str) -> None:
        """See `Phone`."""

    async def in_room(self, sid: str, room: str, muted: bool | None, say_url: str) -> None:
        """See `Phone`."""

    async def people(self, room: str) -> tuple[str, frozenset[str]]:
        """See `Phone`."""
        return "", frozenset()

    async def calls_to(self, sender: str, to: str, since: float) -> list[str]:
        """See `Phone`."""
        return []


class Bench:
    """A desk and an outbox on a database with the demo site; nothing runs by itself."""

    def __init__(self, database: Database) -> None:
        """Nothing was pressed yet."""
        self.clock, self.network = MovedClock(), Network()
        self.connection: Connection = database.open()
        self.desk = Desk(Rules(room=lambda: True), Book())
        self.inbound = Inbound(self.desk)
        self.sent: list[tuple[str, str]] = []
        self.writer = InlineWriter(self.connection, self.clock, self.stored)
        self.reader = Reader(database, Waits(self.clock))
        self.outbox = Outbox(
            self.desk, self.inbound, self.writer, self.reader, self.network, self.clock,
            lambda channel, result: self.sent.append((channel, result)),
        )  # fmt: skip
        self.do(setup.load_site(read_site(SITE, "demo.toml"), {}))

    def stored(self, effects: Effects) -> None:
        """As the service hears it."""
        self.outbox.stored(effects)

    def do(self, item: Item) -> Any:
        """Carry this out."""
        return self.writer.now(item)

    def press(self) -> str:
        """A press in booth 1: its texts to Sam and Kim are claimed; the alert's id."""
        return self.do(self.desk.press(Press("AMC4", "p1", "d", "bridge", 1))).alert.id

    def act(self, alert: str, what: What) -> None:
        """Kim does this."""
        self.do(self.desk.act(Action("AMC4", alert, what, "kim", By("person", "kim"))))

    async def run(self, seconds: float = 0.0) -> None:
        """Let so many seconds pass, and then send all that can be sent."""
        self.clock.move(seconds)
        while await self.outbox.step():
            await self.land()
        await self.land()

    async def land(self) -> None:
        """Wait until what is on its way has been answered, unless the network holds it."""
        while self.outbox.flying and self.network.held is None:
            await asyncio.sleep(0)

    def rows(self, what: str, **more: Any) -> list[tuple[Any, ...]]:
        """These columns of every text and call, in order."""
        found = self.connection.execute(f"SELECT {what} FROM outbox ORDER BY attempt", more)
        return [tuple(row) for row in found]

    def told(self, name: str) -> int:
        """How often the log says this."""
        rows = self.connection.execute("SELECT 1 FROM log WHERE name = :name", {"name": name})
        return len(rows)


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """Ready to be pressed."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.bring_up_to_date(database)
    made = Bench(database)
    yield made
    made.reader.close()
    made.connection.close()


async def test_a_claim_that_grew_old_before_its_send_is_given_back(bench: Bench) -> None:
    """Its lease might end on the way; it is claimed anew and then goes, once."""
    bench.press()
    bench.clock.move(CLAIM_AGE_SECONDS + 0.1)
    assert await bench.outbox.step()
    await bench.land()
    assert bench.network.asked == []
    await bench.run()
    assert len(bench.network.asked) == 2
    assert ("text", "repeated") not in bench.sent


async def test_one_success_ends_what_failures_said_of_the_network(bench: Bench) -> None:
    """Two in a row are a failing network."""
    bench.press()
    bench.network.says = AGAIN
    await bench.run()
    assert bench.outbox.failing
    bench.network.says = None
    await bench.run(0.6)
    assert not bench.outbox.failing


async def test_one_failure_is_not_yet_a_failing_network(bench: Bench) -> None:
    """Any text may fail once."""
    alert = bench.press()
    bench.do(Item(lambda store: outbox_rows.drop(store, "AMC4", alert, 2), ("AMC4",)))
    bench.network.says = AGAIN
    await bench.run()
    assert not bench.outbox.failing
    await bench.run(0.5)
    assert bench.outbox.failing


async def test_what_may_have_been_taken_stays_so_when_its_claim_grows_old(bench: Bench) -> None:
    """It is given back without a send, and the next send is still one more."""
    bench.press()
    bench.network.says = UNCLEAR
    await bench.run()
    bench.network.says = None
    bench.clock.move(outbox_rows.UNCLEAR_SECONDS)
    bench.do(Item(lambda store: outbox_rows.claim(store, 9)))
    await bench.run(CLAIM_AGE_SECONDS + 0.1)
    assert len(bench.network.asked) == 4
    assert bench.sent.count(("text", "repeated")) == 2


@pytest.mark.parametrize(("error", "wait", "repeated"), [(AGAIN, 0.5, False), (UNCLEAR, 2.0, True)])
async def test_what_may_have_been_taken_waits_for_its_callback(
    bench: Bench, error: PhoneError, wait: float, repeated: bool
) -> None:
    """What surely was not goes again soon; and what went twice is counted, also after a no."""
    bench.press()
    bench.network.says = error
    await bench.run()
    now = stamp(bench.clock.now())
    assert [row[0] - now for row in bench.rows("due")] == pytest.approx([wait, wait])
    bench.network.says = AGAIN
    await bench.run(wait)
    bench.network.says = None
    await bench.run(3)
    assert len(bench.network.asked) == 6
    assert bench.sent.count(("text", "repeated")) == (4 if repeated else 0)


async def test_what_was_dropped_before_its_send_is_not_sent(bench: Bench) -> None:
    """Kim answers before the outbox has taken its first step."""
    alert = bench.press()
    bench.act(alert, What.ON_MY_WAY)
    await bench.run()
    assert bench.network.asked == []


async def test_what_could_not_be_handed_over_for_two_minutes_is_noise(bench: Bench) -> None:
    """It is said to have failed, and not tried any more."""
    bench.press()
    bench.network.says = AGAIN
    await bench.run()
    await bench.run(EXPIRE_SECONDS + 1)
    tried = len(bench.network.asked)
    assert [row[0] for row in bench.rows("state")] == ["settled", "settled"]
    assert bench.told("text_failed") == 2
    await bench.run(60)
    assert len(bench.network.asked) == tried


async def test_an_ask_that_fails_while_a_newer_one_waits_is_superseded(bench: Bench) -> None:
    """The next rung came while the first text was on its way: only the newer goes again."""
    bench.press()
    bench.network.says, bench.network.held = AGAIN, asyncio.Event()
    await bench.outbox.step()
    bench.clock.move(15)
    [timer] = due_timers(bench.connection, bench.clock.now(), 9)
    bench.do(bench.desk.ring(timer))
    bench.network.held.set()
    bench.network.held = None
    await bench.land()
    states = bench.rows("person, state")
    assert states[:2] == [("sam", "dropped"), ("kim", "dropped")]
    assert bench.told("text_superseded") == 2


async def test_a_result_that_comes_after_the_claim_was_taken_over_changes_nothing(
    bench: Bench,
) -> None:
    """Frozen in the middle of a send: by then somebody else holds the row (promise 21)."""
    bench.press()
    bench.network.held = asyncio.Event()
    await bench.outbox.step()
    taken = "UPDATE outbox SET claim = 'theirs', due = due + 60"
    bench.connection.change(taken, {})
    bench.network.held.set()
    bench.network.held = None
    await bench.land()
    assert bench.rows("state, claim, sid") == [("sending", "theirs", None)] * 2
    assert bench.told("text_sent") == 0


async def test_a_callback_that_comes_before_the_answer_is_not_taken_back(bench: Bench) -> None:
    """The network's word is further on than its receipt; it was sent once."""
    bench.press()
    bench.network.held = asyncio.Event()
    await bench.outbox.step()
    token = bench.rows("id")[0][0]
    row = outbox_rows.find(bench.connection, token)
    assert row is not None
    bench.do(bench.inbound.status(row, Status(token, "SM1", "sent")))
    claims = "UPDATE outbox SET claim = :claim WHERE id = :id"
    bench.connection.change(claims, {"claim": row.claim, "id": token})
    bench.network.held.set()
    bench.network.held = None
    await bench.land()
    assert [rank for (rank,) in bench.rows("rank")] == [3, 1]
    assert bench.told("text_sent") == 2


@pytest.mark.parametrize(
    ("error", "known", "failing"), [(STOPPED, {"stopped"}, False), (OURS, set[str](), True)]
)
async def test_a_refusal_blames_the_phone_or_our_account(
    bench: Bench, error: PhoneError, known: set[str], failing: bool
) -> None:
    """Of a closed account nobody's own phone is said to fail, and the network is."""
    bench.press()
    bench.network.says = error
    await bench.run()
    assert {one.word for one in reach.reaches(bench.connection, "AMC4").values()} == known
    assert bench.outbox.failing is failing


async def test_callbacks_that_do_not_come_are_a_failing_network_for_a_minute(bench: Bench) -> None:
    """Found by asking: it knows of a delivery that nobody told us of."""
    bench.press()
    await bench.run()
    bench.clock.move(outbox_rows.HEARD_SECONDS)
    await bench.outbox.ask_again()
    await bench.land()
    assert bench.outbox.failing is False, "sent is no more than we might know"
    bench.network.word = "delivered"
    bench.clock.move(outbox_rows.HEARD_SECONDS)
    await bench.outbox.ask_again()
    await bench.land()
    assert bench.told("text_delivered") == 2
    await bench.outbox.ask_again()
    assert bench.outbox.failing, "though no text is late any more"
    bench.clock.move(DEAF_SECONDS + 1)
    assert not bench.outbox.failing


async def test_who_stops_starts_nothing_more_and_waits_for_what_is_on_its_way(
    bench: Bench,
) -> None:
    """SIGTERM in the middle of two sends."""
    bench.press()
    bench.network.held = held = asyncio.Event()
    await bench.outbox.step()
    stopping = asyncio.ensure_future(bench.outbox.finish())
    await asyncio.sleep(0)
    bench.do(bench.desk.press(Press("AMC4", "p2", "d", "bridge", 2)))
    assert not await bench.outbox.step()
    assert not stopping.done()
    held.set()
    await stopping
    assert len(bench.network.asked) == 2
    assert bench.told("text_sent") == 2


async def test_a_row_that_nothing_is_heard_of_is_given_up_in_the_end(bench: Bench) -> None:
    """A text without a word: nobody rings for it. A call without one has rung out."""
    bench.press()
    await bench.run()
    end = bench.clock.now() + timedelta(seconds=30)
    while due := due_timers(bench.connection, end, 1):
        bench.clock.move(max(0.0, (due[0].due - bench.clock.now()).total_seconds()))
        bench.do(bench.desk.ring(due[0]))
        await bench.run()
    bench.clock.move(outbox_rows.SETTLE_SECONDS + 1)
    await bench.outbox.ask_again()
    await bench.land()
    assert set(bench.rows("state")) == {("settled",)}
    assert bench.told("call_unanswered") == 5
    assert bench.told("text_failed") == 0
