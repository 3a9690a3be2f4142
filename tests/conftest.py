"""What every test may ask for: a PostgreSQL server and windows in a real browser."""

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import Windows, open_browser
from tests.chromium import NoChromiumError, axe_script, find_chromium
from tests.line_stage import Stage
from tests.pages import House, open_house
from tests.postgres import Postgres, PostgresServer, open_postgres
from tests.process import Place, open_place
from tests.world import World, open_world

NEEDS = {
    "browser": {"browser", "windows"},
    "postgres": {"postgres", "postgres_server"},
}
"""Marks that a test gets by asking for one of these fixtures."""
MEMORY_BYTES = 2 * 1024**3
"""More than a run writes."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory where there is room: what is proved there needs no disk."""
    memory = Path("/dev/shm")
    told = "TMPDIR" in os.environ or config.option.basetemp
    if not told and memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)
    # A run in the background ignores Ctrl-C, and so would every program that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for; leave browser tests out when a person said so.

    Files with tests that take long come first, so that the processes end at the same time.
    """
    without_browser = os.environ.get("DIRECTLINE_NO_BROWSER") == "1"
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in NEEDS.items():
            if asked & fixtures:
                item.add_marker(mark)
        if without_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="DIRECTLINE_NO_BROWSER=1"))
    long = Counter(item.path for item in items if item.get_closest_marker("slow"))
    real = {item.path for item in items if any(map(item.get_closest_marker, NEEDS))}
    items.sort(key=lambda item: (-long[item.path], item.path not in real))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetch what browser tests need before the first of them: a slow line is no slow test.

    What cannot be fetched is told by the tests that need it.
    """
    wanted = any(
        item.get_closest_marker("browser") and not item.get_closest_marker("skip")
        for item in session.items
    )
    if wanted and not session.config.option.collectonly:
        with suppress(NoChromiumError):
            find_chromium()
            axe_script()


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    """One server for the whole run; take a database of your own with `create_database`."""
    server = open_postgres()
    yield server
    server.stop()


@pytest.fixture
def postgres_server() -> Generator[PostgresServer]:
    """A server of this test's own, started, that it may crash and restart."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """One Chromium for the whole run."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser) -> AsyncGenerator[Windows]:
    """Windows of this test's own; a complaint in a console that is not forgiven fails it.

    The test lives in the browser's loop: mark it `asyncio(loop_scope="session")`.
    """
    opened = Windows(browser)
    yield opened
    await opened.close()
    assert opened.unforgiven() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Place]:
    """The service and the phone network as processes, for all tests of the pages.

    A test that kills the server need not start it again.
    """
    async with open_place(tmp_path_factory.mktemp("place")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def house(place: Place, windows: Windows) -> AsyncGenerator[House]:
    """A site of this test's own at that service, and windows to open at it."""
    if not place.server.runs:
        await place.server.start()
    async with open_house(place, windows) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(windows: Windows) -> AsyncGenerator[Stage]:
    """A stage for the pages of the direct line."""
    async with Stage() as set_up:
        yield set_up
        await windows.close()


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    """A service on SQLite with the demo site, one armed screen and simulated phones."""
    async with open_world(tmp_path) as opened:
        yield opened
