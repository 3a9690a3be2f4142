"""A batch of the writer: a bad item sinks none of the others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch import migrations, setup
from dispatch.audit import first_fault
from dispatch.book import Book
from dispatch.database import Connection, Database
from dispatch.desk import Desk, Press, Rules
from dispatch.site_file import read_site
from dispatch.store import Store
from dispatch.writer import Failure, Item, commit_batch

SITE = (Path(__file__).parent.parent / "service" / "demo_site.toml").read_text("utf-8")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A database with the demo site."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrations.bring_up_to_date(database)
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
