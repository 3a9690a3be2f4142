"""Timers are handed over once, and one that fails holds up no other."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.events import By, What
from dispatch import migrations, setup, store
from dispatch.book import Book
from dispatch.clock import Clock
from dispatch.codec import stamp
from dispatch.database import Connection, Database
from dispatch.desk import Action, Desk, Press, Rules
from dispatch.effects import Effects
from dispatch.loop import LOOK_SECONDS
from dispatch.reader import Reader, T
from dispatch.site_file import read_site
from dispatch.store import DueTimer, Store
from dispatch.timers import MOST, Timers
from dispatch.waits import Waits
from dispatch.writer import Committed, Failure, InlineWriter, Item, commit_batch
from tests.clock import MovedClock

SITE = (Path(__file__).parent.parent / "service" / "demo_site.toml").read_text("utf-8")
RUNG_SECONDS = 15


class BrokenDesk(Desk):
    """A desk that cannot ring the timers of one alert."""

    broken = ""
    tried = 0

    def ring(self, timer: DueTimer) -> Item:
        """See `Desk`."""
        if timer.alert != self.broken:
            return super().ring(timer)
        self.tried += 1

        def fails(_store: Store) -> None:
            raise ValueError("broken")

        return Item(fails, (timer.site,))


class SlowWriter(InlineWriter):
    """Takes items and stores them only when told to, all at once."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """On this connection."""
        super().__init__(connection, clock, lambda _effects: None)
        self.waiting: list[tuple[Item, Callable[[Any], None]]] = []

    def hand_over(self, item: Item, done: Callable[[Any], None]) -> None:
        """See `InlineWriter`."""
        self.waiting.append((item, done))

    def store(self, now: datetime) -> Committed:
        """Store what waits."""
        taken, self.waiting = self.waiting, []
        committed = commit_batch(self.connection, [item for item, _ in taken], now)
        for (_, done), result in zip(taken, committed.results, strict=True):
            done(result)
        return committed


class CountingReader(Reader):
    """Counts what it is asked."""

    asked = 0

    async def ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """See `Reader`."""
        self.asked += 1
        return await super().ask(question, *arguments)


class Bench:
    """Three alerts whose second rung comes due, and timers over a slow writer."""

    def __init__(self, folder: Path) -> None:
        """Press three times."""
        database = Database(f"sqlite:///{folder / 'x.db'}")
        migrations.bring_up_to_date(database)
        self.clock = MovedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.connection = database.open()
        self.desk = BrokenDesk(Rules(phones=False), Book())
        site = setup.load_site(read_site(SITE, "demo.toml"), {})
        self.commit(Item(site.carry_out))
        pressed = [
            self.commit(self.desk.press(Press("AMC4", f"p{booth}", "d", "bridge", booth)))
            for booth in (1, 2, 3)
        ]
        self.alerts = [one.alert.id for one in pressed]
        self.writer = SlowWriter(self.connection, self.clock)
        self.reader = CountingReader(database, Waits(self.clock))
        self.timers = Timers(self.desk, self.writer, self.reader, self.clock, self.count)
        self.fired = 0

    def count(self, _late: float) -> None:
        """A timer has fired."""
        self.fired += 1

    def commit(self, item: Item) -> Any:
        """Store one item now."""
        result = commit_batch(self.connection, [item], self.clock.now()).results[0]
        assert not isinstance(result, Failure)
        return result

    def due(self) -> list[str]:
        """The alerts that have a timer which is due."""
        now = self.clock.now()
        return [one.alert for one in store.due_timers(self.connection, now, 10)]

    def step(self) -> bool:
        """One step."""
        return asyncio.run(self.timers.step())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Everything is due."""
    made = Bench(tmp_path)
    made.clock.move(RUNG_SECONDS)
    yield made
    made.reader.close()
    made.connection.close()


def test_what_waits_for_its_commit_is_not_handed_over_again(bench: Bench) -> None:
    """Looks go on while a commit is under way."""
    assert bench.step()
    assert len(bench.writer.waiting) == 3
    assert not bench.step()
    assert len(bench.writer.waiting) == 3
    assert bench.timers.wait() > 0, "what is under way is not waited for"
    committed = bench.writer.store(bench.clock.now())
    assert [line.name for line in committed.effects.lines].count("rung_reached") == 3
    assert bench.due() == []
    assert not bench.step()


def test_one_that_fails_is_tried_again_and_holds_up_no_other(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays due; a second later it is tried again."""
    bench.desk.broken = bench.alerts[0]
    bench.step()
    with caplog.at_level(logging.ERROR):
        bench.writer.store(bench.clock.now())
    assert [record.msg for record in caplog.records] == ["timer_failed"]
    assert bench.due() == [bench.alerts[0]]
    assert not bench.step(), "not at once"
    bench.clock.move(1.1)
    assert bench.step()
    assert bench.desk.tried == 2
    bench.desk.broken = ""
    bench.writer.store(bench.clock.now())
    bench.clock.move(1.1)
    bench.step()
    bench.writer.store(bench.clock.now())
    assert bench.due() == []


def test_what_was_read_ahead_needs_no_look_and_only_what_still_holds_fires(bench: Bench) -> None:
    """One alert is answered between the look and the moment at which its rung would come."""
    bench.step()
    bench.writer.store(bench.clock.now())
    bench.clock.move(RUNG_SECONDS - 0.8)
    assert not bench.step()
    assert 0.7 < bench.timers.wait() < 0.9
    there = Action("AMC4", bench.alerts[0], What.AT_BOOTH, "kim", By("person", "kim"))
    bench.commit(bench.desk.act(there))
    looks, bench.fired = bench.reader.asked, 0
    bench.clock.move(0.8)
    assert bench.step()
    assert bench.reader.asked == looks
    committed = bench.writer.store(bench.clock.now())
    rung = [line.alert for line in committed.effects.lines if line.name == "rung_reached"]
    assert sorted(map(str, rung)) == sorted(bench.alerts[1:])
    assert bench.fired == 2


def void_timers(bench: Bench, count: int) -> None:
    """Timers that are due and of no alert: each is handed over, found void, and removed."""
    row = "INSERT INTO timers (alert, timer, site, due) VALUES (:alert, 'rung', 'AMC4', :due)"
    due = stamp(bench.clock.now()) - 1
    bench.connection.many(row, [{"alert": f"none-{n}", "due": due} for n in range(count)])


def test_more_than_fit_at_once_are_handed_over_without_waiting_for_the_next_look(
    bench: Bench,
) -> None:
    """So many on their way are enough; as soon as some are stored the bell brings the next."""
    void_timers(bench, 2 * MOST)
    for _ in range(2):
        assert bench.step()
        assert len(bench.writer.waiting) == MOST
        assert not bench.step(), "no more at once"
        assert bench.timers.wait() == LOOK_SECONDS
        ticket = bench.timers.bell.ticket()
        bench.writer.store(bench.clock.now())
        assert ticket.is_set()
    # The three alerts came due after all of those.
    assert bench.step()
    bench.writer.store(bench.clock.now())
    assert bench.due() == []


def test_what_could_not_be_handed_over_is_tried_again(bench: Bench) -> None:
    """The writer refuses once; nothing counts as under way that is not."""
    take, refused = bench.writer.hand_over, list[Item]()

    def refuse(item: Item, done: Callable[[Any], None]) -> None:
        if not refused:
            refused.append(item)
            raise LookupError
        take(item, done)

    bench.writer.hand_over = refuse
    with pytest.raises(LookupError):
        bench.step()
    bench.timers.look_again()
    bench.step()
    bench.writer.store(bench.clock.now())
    assert bench.due() == []


def test_a_timer_that_comes_before_the_next_look_is_looked_for(bench: Bench) -> None:
    """One that comes later is not: the next look is early enough."""
    bench.step()
    bench.writer.store(bench.clock.now())
    bench.step()
    ticket, now = bench.timers.bell.ticket(), stamp(bench.clock.now())
    bench.timers.stored(Effects(due=now + RUNG_SECONDS))
    assert not ticket.is_set()
    assert bench.timers.wait() > 0
    bench.timers.stored(Effects(due=now + 0.5))
    assert ticket.is_set()
    assert bench.timers.wait() <= 0
