"""What the stubs for tests of clients stand on: a clock to move, and an app on a real socket."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette

from clients.clock import SystemClock

Json = dict[str, Any]

PHONES = {"+31600000001": "sam", "+31600000002": "kim", "+31600000003": "jo"}
CLOCK = SystemClock()


class TestClock:
    """A clock that stands still until it is moved; sleeps up to `jumps` seconds move it."""

    __test__ = False

    def __init__(self, *, jumps: float = 0) -> None:
        self._jumps = jumps
        self._start = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
        self._passed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        if seconds <= self._jumps:
            self._passed += max(0.0, seconds)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._passed + seconds, waiting))
        await waiting

    def move(self, seconds: float) -> None:
        self._passed += seconds
        for due, waiting in self._sleepers:
            if due <= self._passed and not waiting.done():
                waiting.set_result(None)


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Return when the condition holds; fail when it does not within `seconds`."""
    deadline = CLOCK.monotonic() + seconds
    while not condition():
        assert CLOCK.monotonic() < deadline, "it did not happen in time"
        await CLOCK.sleep(0.005)


class Served:
    """An app on a real socket; `stop` and `start` are a crash and a restart on the same port."""

    def __init__(self) -> None:
        self._port = 0
        self._serving: asyncio.Task[None] | None = None
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def up(self) -> bool:
        return self._serving is not None

    def app(self) -> Starlette:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        listening.listen(64)
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        # The runner of the tests handles Ctrl-C; the server must not take it over.
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._serving = asyncio.create_task(self._server._serve([listening]))  # pyright: ignore[reportPrivateUsage]
        server = self._server
        await until(lambda: server.started)

    async def stop(self) -> None:
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = self._server.force_exit = True
        await self._serving
        self._server = self._serving = None


def stamp(moment: datetime | None = None) -> str:
    """A time as the wire writes it; now if none is given."""
    text = (moment or CLOCK.now()).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
