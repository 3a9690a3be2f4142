"""The rows of the outbox: what may be claimed, and what a claim that is gone can still change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.events import By, What
from dispatch import migrations, outbox_rows, setup
from dispatch.book import Book
from dispatch.database import Connection, Database
from dispatch.desk import Action, Desk, Press, Rules
from dispatch.inbound import Inbound, Status
from dispatch.outbox_rows import Mail
from dispatch.site_file import read_site
from dispatch.store import Store, due_timers
from dispatch.writer import Committed, Failure, Item, commit_batch

SITE = (Path(__file__).parent.parent / "service" / "demo_site.toml").read_text("utf-8")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Bench:
    """A desk on a database with the demo site, and a clock that is moved."""

    def __init__(self, connection: Connection) -> None:
        """It is noon."""
        self.connection = connection
        self.desk = Desk(Rules(), Book())
        self.now = NOW

    def commit(self, carry_out: Callable[[Store], Any]) -> Committed:
        """Carry this out in a transaction of its own."""
        committed = commit_batch(self.connection, [Item(carry_out, ("AMC4",))], self.now)
        assert not isinstance(committed.results[0], Failure), committed.results[0]
        return committed

    def press(self, booth: int) -> str:
        """A new alert; its id."""
        press = Press("AMC4", f"p{booth}", "d", "bridge", booth)
        return self.commit(self.desk.press(press).carry_out).results[0].alert.id

    def until_calls(self) -> None:
        """Half a minute passes, and every rung that comes in it fires."""
        end = self.now + timedelta(seconds=30)
        while due := due_timers(self.connection, end, 1):
            self.now = max(self.now, due[0].due)
            self.commit(self.desk.ring(due[0]).carry_out)
        self.now = end

    def claim(self, most: int = 99) -> list[Mail]:
        """What is claimed now."""
        return self.commit(lambda store: outbox_rows.claim(store, most)).effects.outgoing


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Nothing was pressed yet."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.bring_up_to_date(database)
    connection = database.open()
    made = Bench(connection)
    made.commit(setup.load_site(read_site(SITE, "demo.toml"), {}).carry_out)
    yield made
    connection.close()


def calls(claimed: list[Mail]) -> list[str]:
    """The phones that are called, in order."""
    return [one.phone for one in claimed if one.channel == "call"]


def test_of_two_calls_that_wait_for_one_phone_one_is_claimed(bench: Bench) -> None:
    """Two alerts call everybody at the same moment; each phone rings for one of them."""
    for booth in (1, 2):
        bench.press(booth)
    bench.until_calls()
    first = calls(bench.claim())
    assert len(first) == len(set(first)) == 5
    assert calls(bench.claim()) == [], "the others wait for their ends"


def test_a_result_that_comes_after_its_claim_has_ended_changes_nothing(bench: Bench) -> None:
    """The lease ran out and somebody else sends it: only their word counts (promise 21)."""
    bench.press(1)
    lost = bench.claim()[0]
    bench.now += timedelta(seconds=outbox_rows.LEASE_SECONDS)
    [holds] = [one for one in bench.claim() if one.id == lost.id]
    assert holds.lost

    def late(store: Store) -> None:
        assert not outbox_rows.wait_again(store, lost, 9.0, lost=False)
        assert not outbox_rows.hold(store, lost)

    bench.commit(late)
    row = outbox_rows.find(bench.connection, lost.id)
    assert row is not None
    assert (row.state, row.claim) == ("sending", holds.claim)
    bench.commit(lambda store: outbox_rows.wait_again(store, holds, 9.0, lost=False))
    row = outbox_rows.find(bench.connection, lost.id)
    assert row is not None
    assert (row.state, row.claim) == ("waiting", None)


def test_what_was_dropped_is_forgotten_and_what_was_taken_is_not_dropped(bench: Bench) -> None:
    """A text that nobody may send any more says nothing any more."""
    alert = bench.press(1)
    sent, waits = bench.claim(1)[0], 2

    def drop(store: Store) -> None:
        outbox_rows.heard(store, sent, state="sent", sid="SM1", rank=1)
        for attempt in (sent.attempt, waits):
            outbox_rows.drop(store, "AMC4", alert, attempt)

    bench.commit(drop)
    rows = bench.connection.execute("SELECT attempt, state, body FROM outbox ORDER BY attempt")
    assert [tuple(row) for row in rows] == [(1, "sent", ""), (2, "dropped", "")]


def test_an_ask_is_superseded_by_a_newer_one_that_goes(bench: Bench) -> None:
    """One that was dropped goes nowhere, and of another person or kind is another matter."""
    alert = bench.press(1)
    older = bench.claim(1)[0]
    bench.until_calls()
    [newer] = bench.connection.execute(
        "SELECT attempt FROM outbox WHERE person = 'sam' AND rung = 1 AND channel = 'text'"
    )
    assert outbox_rows.is_superseded(bench.connection, older)
    bench.commit(lambda store: outbox_rows.drop(store, "AMC4", alert, newer[0]))
    assert not outbox_rows.is_superseded(bench.connection, older)


def test_what_is_done_to_a_call_is_nothing_that_the_network_reports_on(bench: Bench) -> None:
    """Its row has a token like any other; words about it, though signed, are of no call."""
    bench.press(1)
    bench.until_calls()
    ringing = next(one for one in bench.claim() if one.channel == "call")
    inbound = Inbound(bench.desk)
    bench.commit(inbound.status(ringing, Status(ringing.id, "CA1", "ringing")).carry_out)
    bench.commit(bench.desk.act(act(bench, What.ON_MY_WAY)).carry_out)
    [row] = bench.connection.execute("SELECT id FROM outbox WHERE channel = 'hang_up'")
    order = outbox_rows.find(bench.connection, row[0])
    assert order is not None
    before = bench.connection.execute("SELECT count(*) FROM log")
    bench.commit(inbound.status(order, Status(order.id, "CA1", "failed")).carry_out)
    assert bench.connection.execute("SELECT count(*) FROM log") == before
    assert outbox_rows.find(bench.connection, row[0]) == order


def test_a_call_that_was_dropped_on_its_way_is_ended_though_people_are_sought_again(
    bench: Bench,
) -> None:
    """It was taken for a search that had ended; the new search rings that phone by itself."""
    bench.press(1)
    bench.until_calls()
    old = next(one for one in bench.claim() if (one.channel, one.person) == ("call", "noor"))
    for what in (What.ON_MY_WAY, What.CANNOT_GO):
        bench.commit(bench.desk.act(act(bench, what)).carry_out)
    taken = Status(old.id, "CA1", "initiated")
    bench.commit(Inbound(bench.desk).status(old, taken).carry_out)
    ended = bench.connection.execute("SELECT attempt, body FROM outbox WHERE channel = 'hang_up'")
    assert [tuple(row) for row in ended] == [(-old.attempt, "CA1")]


@pytest.mark.parametrize(
    ("word", "name"),
    [("failed", "call_failed"), ("busy", "call_unanswered"), ("no-answer", "call_unanswered")],
)
def test_a_call_that_could_not_be_made_is_a_refusal_and_one_that_rang_out_is_none(
    bench: Bench, word: str, name: str
) -> None:
    """Only the first fails over; for the others the ladder keeps its time."""
    bench.press(1)
    bench.until_calls()
    call = next(one for one in bench.claim() if one.channel == "call")
    bench.commit(Inbound(bench.desk).status(call, Status(call.id, "CA1", word)).carry_out)
    said = "SELECT name FROM log WHERE name LIKE 'call%' AND name <> 'call_placed'"
    assert [row[0] for row in bench.connection.execute(said)] == [name]


def test_the_end_of_a_call_wakes_what_waits_for_that_phone(bench: Bench) -> None:
    """Its first words do not; after the last the next call need not wait for a look."""
    bench.press(1)
    bench.until_calls()
    call = next(one for one in bench.claim() if one.channel == "call")
    inbound = Inbound(bench.desk)
    for word, wakes in (("ringing", False), ("no-answer", True)):
        told = inbound.status(call, Status(call.id, "CA1", word))
        assert bench.commit(told.carry_out).effects.waiting is wakes


def test_after_a_start_what_was_said_of_the_line_meanwhile_is_asked_for_at_once(
    bench: Bench,
) -> None:
    """Without one a call of the line is asked about after three seconds, another after twenty."""
    bench.press(1)
    bench.commit(bench.desk.act(act(bench, What.OPEN_LINE)).carry_out)
    inbound = Inbound(bench.desk)
    for number, one in enumerate(bench.claim()):
        word = Status(one.id, f"SM{number}", "queued")
        bench.commit(inbound.status(one, word).carry_out)

    def asked() -> set[str]:
        return {one.channel for one in outbox_rows.unheard(bench.connection, bench.now, 99)}

    assert asked() == set()
    bench.commit(lambda store: outbox_rows.take_over(store, bench.now))
    assert asked() == {"leg"}
    bench.now += timedelta(seconds=outbox_rows.HEARD_SECONDS)
    assert asked() == {"leg", "text"}


def act(bench: Bench, what: What) -> Action:
    """Kim does this to the only alert."""
    alert = bench.connection.execute("SELECT id FROM alerts")[0][0]
    return Action("AMC4", alert, what, "kim", By("person", "kim"))
