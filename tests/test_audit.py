"""The log proves itself: any edit, deletion, reorder or cut of it is found (promise 25)."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from alerts.events import By
from alerts.orders import Entry
from dispatch.audit import COLUMNS, first_fault
from dispatch.clock import SystemClock
from dispatch.database import Connection, Database, SqliteConnection
from dispatch.writer import InlineWriter, Item
from service import operators
from tests.world import DEMO_SITE, World, open_world

LENGTH = 40


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the log of an eventful hour at two sites; each test leaves it whole."""
    folder = tmp_path_factory.mktemp("audit")
    asyncio.run(live(folder))
    return folder / "story.db"


async def live(folder: Path) -> None:
    """An hour at one site, and something at the other."""
    async with open_world(folder) as world:
        text = DEMO_SITE.read_text("utf-8").replace('"AMC4"', '"UTR7"')
        world.load(text.replace("+312", "+313").replace("+3197", "+3198"))
        await hour(world)
        assert world.connection.execute("SELECT count(*) FROM log")[0][0] > LENGTH


async def hour(world: World) -> None:
    """Presses, rungs, answers and an end; one press at the other site."""
    await world.press(3)
    await world.advance(70)
    await world.phone("sam").reply("1")
    await world.act("at_booth")
    await world.act("naloxone", route="nasal")
    await world.act("close", "jo", outcome="naloxone", pin="8080")
    await world.press(4)
    await world.press(1, token=world.device("bridge", None, "Theirs", "UTR7"))


@contextmanager
def changed(path: Path) -> Generator[tuple[sqlite3.Connection, Connection]]:
    """The raw database to change, beside a connection that looks; everything is undone."""
    raw = sqlite3.connect(path, isolation_level=None)
    ours = SqliteConnection(str(path))
    saved = raw.execute(f"SELECT {', '.join(COLUMNS)} FROM log").fetchall()
    heads = raw.execute("SELECT site, seq, hash, number FROM log_heads").fetchall()
    try:
        yield raw, ours
    finally:
        raw.execute("BEGIN")
        raw.execute("DELETE FROM log")
        raw.execute("DELETE FROM log_heads")
        marks = ", ".join("?" * len(COLUMNS))
        raw.executemany(f"INSERT INTO log ({', '.join(COLUMNS)}) VALUES ({marks})", saved)
        raw.executemany("INSERT INTO log_heads (site, seq, hash, number) VALUES (?,?,?,?)", heads)
        raw.execute("COMMIT")
        raw.close()
        ours.close()


def found(ours: Connection) -> str:
    """What is found; it must be something."""
    fault, _ = first_fault(ours)
    assert fault is not None
    return fault


def test_a_whole_log_is_whole(kept: Path) -> None:
    """And how long it is."""
    with changed(kept) as (raw, ours):
        count = raw.execute("SELECT count(*) FROM log").fetchone()[0]
        assert first_fault(ours) == (None, count)


def test_an_edit_is_found_and_named(kept: Path) -> None:
    """Of any column, however small, and of any kind of value; the entry is named."""
    values: list[tuple[str, Any]] = [
        ("at", 1.0),
        ("alert", ""),
        ("alert", None),
        ("name", "closed"),
        ("name", b"pressed"),
        ("by_kind", "person"),
        ("by_id", "jo"),
        ("by_id", None),
        ("data", "{}"),
        ("data", b"{}"),
        ("data", ""),
        ("hash", "0" * 64),
        ("hash", ""),
        ("hash", b"0"),
    ]
    with changed(kept) as (raw, ours):
        for column, value in values:
            (before,) = raw.execute(
                f"SELECT {column} FROM log WHERE site = 'AMC4' AND seq = 7"
            ).fetchone()
            if before == value:
                continue
            raw.execute(f"UPDATE log SET {column} = ? WHERE site = 'AMC4' AND seq = 7", (value,))
            assert found(ours) == "site AMC4: entry 7 is not as it was written", column
            raw.execute(f"UPDATE log SET {column} = ? WHERE site = 'AMC4' AND seq = 7", (before,))
        raw.execute("UPDATE log SET data = CAST(x'ff41' AS TEXT) WHERE site = 'AMC4' AND seq = 9")
        assert found(ours) == "site AMC4: entry 9 is not as it was written"


def test_a_deletion_a_cut_and_a_stray_are_found(kept: Path) -> None:
    """In the middle, at the start, at the end, of the whole, and with the head moved back."""
    for statement, said in (
        ("DELETE FROM log WHERE site = 'AMC4' AND seq = 7", "site AMC4: entry 7 is missing"),
        ("DELETE FROM log WHERE site = 'AMC4' AND seq = 1", "site AMC4: entry 1 is missing"),
        ("DELETE FROM log WHERE site = 'AMC4' AND seq > 20", "site AMC4: the log ends at entry 20"),
        ("DELETE FROM log WHERE site = 'AMC4'", "site AMC4: the log ends at entry 0"),
        ("DELETE FROM log WHERE site = 'UTR7'", "site UTR7: the log ends at entry 0"),
        ("UPDATE log_heads SET hash = '' WHERE site = 'AMC4'", "site AMC4: the log ends at entry"),
        ("DELETE FROM log_heads WHERE site = 'UTR7'", "site UTR7: the whole log is missing"),
        ("INSERT INTO log SELECT 'AMC4', 0, at, alert, name, by_kind, by_id, data, hash FROM log"
         " WHERE site = 'AMC4' AND seq = 1", "entries that belong to no chain: 1"),
        ("INSERT INTO log SELECT 'NONE', 1, at, alert, name, by_kind, by_id, data, hash FROM log"
         " WHERE site = 'AMC4' AND seq = 1", "entries that belong to no chain: 1"),
        ("UPDATE log SET site = 'UTR7', seq = 9000 WHERE site = 'AMC4' AND seq = 7",
         "site AMC4: entry 7 is missing"),
    ):  # fmt: skip
        with changed(kept) as (raw, ours):
            raw.execute(statement)
            assert found(ours).startswith(said), statement
    with changed(kept) as (raw, ours):
        raw.execute("DELETE FROM log WHERE site = 'AMC4' AND seq > 20")
        raw.execute(
            "UPDATE log_heads SET seq = 20,"
            " hash = (SELECT hash FROM log WHERE site = 'AMC4' AND seq = 20) WHERE site = 'AMC4'"
        )
        assert "an alert has entry" in found(ours), "cut together with its head"


def test_a_reorder_is_found(kept: Path) -> None:
    """Two neighbours, or two far apart, change places whole."""
    for one, other in ((7, 8), (3, 30), (1, 2)):
        with changed(kept) as (raw, ours):
            raw.execute("UPDATE log SET seq = -1 WHERE site = 'AMC4' AND seq = ?", (one,))
            raw.execute("UPDATE log SET seq = ? WHERE site = 'AMC4' AND seq = ?", (one, other))
            raw.execute("UPDATE log SET seq = ? WHERE site = 'AMC4' AND seq = -1", (other,))
            assert found(ours) == f"site AMC4: entry {one} is not as it was written"


def test_any_random_change_is_found(kept: Path) -> None:
    """Edits, deletions, swaps and cuts, several at once, wherever they fall."""
    change = st.one_of(
        st.tuples(
            st.just("edit"),
            st.integers(1, LENGTH),
            st.sampled_from(["at", "alert", "name", "by_kind", "by_id", "data", "hash"]),
            st.one_of(st.text(max_size=8), st.binary(max_size=8), st.floats(0, 2e9)),
        ),
        st.tuples(st.just("delete"), st.integers(1, LENGTH)),
        st.tuples(st.just("swap"), st.integers(1, LENGTH), st.integers(1, LENGTH)),
        st.tuples(st.just("cut"), st.integers(1, LENGTH)),
    )

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(change, min_size=1, max_size=4))
    def trial(made: list[tuple[Any, ...]]) -> None:
        with changed(kept) as (raw, ours):
            before = everything(raw)
            for one in made:
                carry_out(raw, *one)
            fault, good = first_fault(ours)
            assert (fault is None) == (everything(raw) == before), made
            assert good <= len(before)

    trial()


def everything(raw: sqlite3.Connection) -> list[Any]:
    """The whole log with the kinds of its values, as it stands."""
    raw.text_factory = bytes
    columns = ", ".join(f"{name}, typeof({name})" for name in COLUMNS)
    try:
        return raw.execute(f"SELECT {columns} FROM log ORDER BY site, seq").fetchall()
    finally:
        raw.text_factory = str


def carry_out(raw: sqlite3.Connection, what: str, seq: int, *more: Any) -> None:
    """One change to the log of AMC4; one that the tables themselves refuse is none."""
    try:
        if what == "edit":
            column, value = more
            raw.execute(
                f"UPDATE log SET {column} = ? WHERE site = 'AMC4' AND seq = ?", (value, seq)
            )
        elif what == "swap":
            for old, new in ((seq, -1), (more[0], seq), (-1, more[0])):
                raw.execute("UPDATE log SET seq = ? WHERE site = 'AMC4' AND seq = ?", (new, old))
        elif what == "delete":
            raw.execute("DELETE FROM log WHERE site = 'AMC4' AND seq = ?", (seq,))
        else:
            raw.execute("DELETE FROM log WHERE site = 'AMC4' AND seq > ?", (seq,))
    except sqlite3.IntegrityError:
        return


class Busy:
    """A connection beside which somebody writes, each time it asks anything."""

    dialect = "sqlite"

    def __init__(self, ours: Connection, write: Item, writer: InlineWriter) -> None:
        """Write this before each question."""
        self._ours = ours
        self._write = write
        self._writer = writer

    def __getattr__(self, name: str) -> Any:
        """As the connection itself."""
        if name == "execute":
            self._writer.now(self._write)
        return getattr(self._ours, name)


def test_a_server_may_write_meanwhile(kept: Path) -> None:
    """What was looked at is one moment, so that a busy log is no broken one."""
    database = Database(f"sqlite:///{kept}")
    ours, theirs = database.open(), database.open()
    entry = Entry("address_shown", By("device", "d"), {"person": None})

    def write(store: Any) -> None:
        store.append("AMC4", None, [entry])
        store.append("UTR7", None, [entry])

    writer = InlineWriter(theirs, SystemClock(), lambda _effects: None)
    busy: Any = Busy(ours, Item(write, ("AMC4", "UTR7")), writer)
    before = ours.execute("SELECT count(*) FROM log")[0][0]
    fault, good = first_fault(busy)
    assert fault is None
    assert good >= before
    assert ours.execute("SELECT count(*) FROM log")[0][0] > good
    ours.close()
    theirs.close()


def test_the_command_tells_it(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 and how many; 2 and the first bad entry on one line."""
    monkeypatch.setenv("DIRECTLINE_DATABASE_URL", f"sqlite:///{kept}")
    command = typer.Typer(rich_markup_mode=None)
    operators.add_to(command)
    with changed(kept) as (raw, _):
        fine = CliRunner().invoke(command, ["audit", "verify"])
        count = raw.execute("SELECT count(*) FROM log").fetchone()[0]
        assert (fine.exit_code, fine.stdout) == (0, f"the log is whole: {count} entries\n")
        raw.execute("UPDATE log SET name = 'closed' WHERE site = 'AMC4' AND seq = 7")
        broken = CliRunner().invoke(command, ["audit", "verify"])
        assert (broken.exit_code, broken.stdout) == (2, "")
        assert broken.stderr == "directline: site AMC4: entry 7 is not as it was written\n"
