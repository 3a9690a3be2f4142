"""The writer: a bad item sinks none of its batch, a conflict is decided again, presses go first."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.events import By, What
from dispatch import migrations, setup
from dispatch.audit import first_fault
from dispatch.book import Book
from dispatch.clock import SystemClock
from dispatch.database import Connection, Database, DatabaseAway
from dispatch.desk import Action, Desk, Press, Rules
from dispatch.effects import Effects
from dispatch.inbound import Inbound, Status
from dispatch.kept_back import Conflict
from dispatch.outbox_rows import find
from dispatch.site_file import read_site
from dispatch.store import Store, due_timers
from dispatch.waits import Waits
from dispatch.writer import Failure, Item, Priority, Writer, commit_batch

SITE = (Path(__file__).parent.parent / "service" / "demo_site.toml").read_text("utf-8")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A database at this version."""
    made = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.bring_up_to_date(made)
    return made


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """A database with the demo site."""
    opened = database.open()
    site = setup.load_site(read_site(SITE, "demo.toml"), {})
    assert not isinstance(commit_batch(opened, [site], NOW).results[0], Failure)
    yield opened
    opened.close()


def _press(booth: int) -> Item:
    desk = Desk(Rules(phones=False), Book())
    return desk.press(Press("AMC4", f"p{booth}", "d", "bridge", booth))


def _fails_late(booth: int) -> Item:
    """A press that fails when it is as good as done: lines, a timer and a number are there."""
    press = _press(booth)

    def carry_out(store: Store) -> None:
        press.carry_out(store)
        raise ValueError("bad")

    return Item(carry_out, press.sites, press.priority)


def test_of_a_bad_item_nothing_is_left_and_of_the_others_nothing_is_missing(
    connection: Connection,
) -> None:
    """What was carried out before it, and is carried out again without it, is there once."""
    committed = commit_batch(connection, [_press(1), _fails_late(2), _press(3)], NOW)
    first, bad, third = committed.results
    assert isinstance(bad, Failure)
    assert str(bad.error) == "bad"
    assert [first.alert.number, third.alert.number] == [10, 11]
    stored = [first.alert.id, third.alert.id]
    for question in (
        "SELECT id FROM alerts",
        "SELECT alert FROM timers",
        "SELECT alert FROM presses",
        "SELECT alert FROM log WHERE name = 'pressed'",
    ):
        assert sorted(row[0] for row in connection.execute(question)) == sorted(stored), question
    assert {line.alert for line in committed.effects.lines} == set(stored)
    assert first_fault(connection)[0] is None


def _act(alert: str, what: What, **details: object) -> Item:
    desk = Desk(Rules(phones=False), Book())
    by = By("person", "kim")
    return desk.act(Action("AMC4", alert, what, "kim", by, details=details))


def test_those_after_it_in_a_batch_see_what_an_item_has_done(connection: Connection) -> None:
    """A press, the same press again, another there, and an answer: once each, in one go."""
    desk = Desk(Rules(), Book())
    carried_out: list[str] = []

    def counted(name: str, item: Item) -> Item:
        def carry_out(store: Store) -> Any:
            carried_out.append(name)
            return item.carry_out(store)

        return Item(carry_out, item.sites)

    def answers(store: Store) -> Any:
        alert = store.asking("AMC4")[0].id
        action = Action("AMC4", alert, What.ON_MY_WAY, "kim", By("person", "kim"))
        return desk.acted(store, action)

    items = [
        counted("press", desk.press(Press("AMC4", "p1", "d", "bridge", 1))),
        counted("again", desk.press(Press("AMC4", "p1", "d", "bridge", 1))),
        counted("joins", desk.press(Press("AMC4", "p2", "d", "bridge", 1))),
        counted("answer", Item(answers, ("AMC4",))),
    ]
    first, again, joins, answered = commit_batch(connection, items, NOW).results
    assert carried_out == ["press", "again", "joins", "answer"], "nothing had to be done twice"
    assert (first.repeated, again.repeated, joins.joined) == (False, True, True)
    assert {one.alert.id for one in (first, again, joins)} == {answered.id}
    assert (answered.presses, str(answered.state)) == (2, "on_the_way")
    # No text of it had gone yet, so none goes any more.
    states = connection.execute("SELECT asking, state FROM outbox WHERE alert <> ''")
    assert {(bool(asking), state) for asking, state in states} == {(True, "dropped")}
    assert len(states) == 4


def test_an_alert_that_is_changed_twice_in_a_batch_is_written_once(connection: Connection) -> None:
    """Over the version that was there before the first change."""
    alert = commit_batch(connection, [_press(1)], NOW).results[0].alert
    tries: list[int] = []

    def twice(store: Store) -> None:
        tries.append(1)
        after = store.alert("AMC4", alert.id)
        for _ in range(2):
            assert after is not None
            after = store.save_alert(after, after, after.seq)

    assert commit_batch(connection, [Item(twice, ("AMC4",))], NOW).results == (None,)
    kept = Store(connection, NOW).alert("AMC4", alert.id)
    assert kept is not None
    assert (kept.version, len(tries)) == (alert.version + 2, 1)


def test_a_call_that_the_batch_has_just_ordered_is_known_to_what_comes_after_it(
    connection: Connection,
) -> None:
    """Everybody is called, and at that moment Sam's text is said to have failed: one call."""
    desk, at = Desk(Rules(), Book()), NOW
    inbound = Inbound(desk)
    press = desk.press(Press("AMC4", "p1", "d", "bridge", 1))
    alert = commit_batch(connection, [press], NOW).results[0].alert.id
    asked = "SELECT id FROM outbox WHERE person = 'sam' AND rung = 0"
    text = find(connection, connection.execute(asked)[0][0])
    assert text is not None
    commit_batch(connection, [inbound.status(text, Status(text.id, "SM1", "sent"))], at)
    for _ in range(2):
        (timer,) = due_timers(connection, NOW + timedelta(seconds=30), 9)
        at = timer.due
        items = [desk.ring(timer)]
        if at == NOW + timedelta(seconds=30):
            items.append(inbound.status(text, Status(text.id, "SM1", "failed", 30003)))
        results = commit_batch(connection, items, at).results
        assert not any(isinstance(one, Failure) for one in results)
    calls = (
        "SELECT count(*) FROM outbox WHERE channel = 'call' AND person = 'sam' AND alert = :alert"
    )
    assert connection.execute(calls, {"alert": alert})[0][0] == 1


def test_what_a_bad_item_did_to_an_alert_is_undone_for_those_after_it(
    connection: Connection,
) -> None:
    """Three acts on one alert in one batch, the second of which fails at its end."""
    alert = commit_batch(connection, [_press(1)], NOW).results[0].alert.id
    bad = _act(alert, What.CLASSIFY, kind="overdose")

    def fails(store: Store) -> None:
        bad.carry_out(store)
        raise ValueError("bad")

    items = [
        _act(alert, What.OXYGEN, on=True),
        Item(fails, bad.sites),
        _act(alert, What.TAKE_JOB, job="lead"),
    ]
    results = commit_batch(connection, items, NOW).results
    assert [isinstance(one, Failure) for one in results] == [False, True, False]
    stored = Store(connection, NOW).alert("AMC4", alert)
    assert stored is not None
    assert (stored.care.oxygen, stored.kind, stored.jobs) == (True, "unclear", {"lead": "kim"})
    assert stored.version == results[2].version
    assert first_fault(connection)[0] is None


def test_an_alert_that_was_changed_since_it_was_read_is_not_written_over(
    connection: Connection,
) -> None:
    """Two changes that begin with the same version: the second is a conflict, and neither stays."""
    alert = commit_batch(connection, [_press(1)], NOW).results[0].alert

    def twice(store: Store) -> None:
        before = store.alert("AMC4", alert.id)
        assert before is not None
        store.save_alert(before, before, before.seq)
        store.save_alert(before, before, before.seq)

    (result,) = commit_batch(connection, [Item(twice, ("AMC4",))], NOW).results
    assert isinstance(result, Failure)
    assert isinstance(result.error, Conflict)
    kept = Store(connection, NOW).alert("AMC4", alert.id)
    assert kept is not None
    assert kept.version == alert.version


def test_an_alert_in_hand_is_still_of_its_own_site_alone(connection: Connection) -> None:
    """Another site's batch-mate asks for it by its id and finds none."""
    alert = commit_batch(connection, [_press(1)], NOW).results[0].alert.id
    store = Store(connection, NOW)
    assert store.alert("AMC4", alert) is not None
    assert store.alert("ZUI1", alert) is None


@asynccontextmanager
async def running(database: Database, told: list[Effects]) -> AsyncGenerator[Writer]:
    """A writer with its thread; what it has told is in `told`."""
    clock = SystemClock()
    writer = Writer(database, clock, told.append, Waits(clock))
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


async def all_at_once(writer: Writer, items: list[Item]) -> list[Any]:
    """Hand them over while the thread is kept busy, so that they are one batch; their results."""
    gate, entered = threading.Event(), threading.Event()

    def wait(_store: Store) -> None:
        entered.set()
        assert gate.wait(10)

    busy = asyncio.ensure_future(writer.carry_out(Item(wait, (), Priority.PRESS)))
    await asyncio.to_thread(entered.wait, 10)
    waiting = [asyncio.ensure_future(writer.carry_out(item)) for item in items]
    await asyncio.sleep(0)
    gate.set()
    await busy
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_waits_is_stored_in_the_order_of_how_much_it_hurries(
    database: Database, connection: Connection
) -> None:
    """Presses, answers, timers, and then the rest."""
    order: list[Priority] = []

    def item(priority: Priority) -> Item:
        return Item(lambda _store: order.append(priority), (), priority)

    async with running(database, []) as writer:
        await all_at_once(writer, [item(one) for one in reversed(Priority)])
    assert order == sorted(Priority)


@pytest.mark.parametrize("away", [False, True])
async def test_what_another_node_changed_first_is_decided_again(
    database: Database, connection: Connection, away: bool
) -> None:
    """Not in its plainer way, which is for faults, and what others of its batch sent is sent.

    Also when the database goes away between the two.
    """
    alert = commit_batch(connection, [_press(1)], NOW).results[0].alert.id
    act = _act(alert, What.OXYGEN, on=True)
    tries: list[int] = []
    told: list[Effects] = []

    def meets_another_node(store: Store) -> Any:
        tries.append(1)
        if len(tries) < 3:
            changed = "UPDATE alerts SET version = version + 1 WHERE id = :id"
            assert store.apart.change(changed, {"id": alert}) == 1
        if len(tries) == 3 and away:
            raise DatabaseAway("for a moment")
        return act.carry_out(store)

    def plainer(_store: Store) -> None:
        raise AssertionError("a conflict is no fault")

    desk = Desk(Rules(room=lambda: True), Book())
    press = desk.press(Press("AMC4", "p2", "d", "bridge", 2))
    late = Item(meets_another_node, act.sites, act.priority, otherwise=plainer)
    async with running(database, told) as writer:
        pressed, acted = await all_at_once(writer, [press, late])
    assert len(tries) == 3 + away
    assert acted.care.oxygen is True
    assert pressed.alert.booth == 2
    sent = [(mail.alert, mail.person) for effects in told for mail in effects.outgoing]
    assert sent == [(pressed.alert.id, "sam"), (pressed.alert.id, "kim")]
    names = {line.name for effects in told for line in effects.lines}
    # Of a commit whose batch was begun anew nothing rings the bell; whoever follows looks.
    assert names >= ({"oxygen"} if away else {"oxygen", "pressed"})


async def test_a_waiter_that_has_gone_keeps_no_other_waiting(
    database: Database, connection: Connection
) -> None:
    """Both are stored; whoever still waits is told."""
    async with running(database, []) as writer:
        gate, entered = threading.Event(), threading.Event()

        def wait(_store: Store) -> None:
            entered.set()
            assert gate.wait(10)

        busy = asyncio.ensure_future(writer.carry_out(Item(wait)))
        await asyncio.to_thread(entered.wait, 10)
        gone = asyncio.ensure_future(writer.carry_out(_press(1)))
        stays = asyncio.ensure_future(writer.carry_out(_press(2)))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        await busy
        async with asyncio.timeout(10):
            assert (await stays).alert.number == 11
    assert connection.execute("SELECT count(*) FROM alerts")[0][0] == 2
