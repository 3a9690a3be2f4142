"""The service and the phone network as real processes that a test starts, kills, freezes and ends.

Nothing here runs in the test's own process but `set_up`, which loads the demo site and makes its
devices. Every process that was started is ended, by its own id, whatever the test does.
"""

import asyncio
import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dispatch import registry, setup
from dispatch.clock import SystemClock
from dispatch.database import Database
from dispatch.site_file import read_site
from dispatch.writer import InlineWriter, Item
from service.opening import bring_up_to_date
from service.pin_hashes import hashed_pins
from tests import private
from tests.pressing import Presser

ROOT = Path(__file__).resolve().parent.parent
DEMO_SITE = ROOT / "service" / "demo_site.toml"
HOST = "127.0.0.1"
ACCOUNT, AUTH = "AC" + "a" * 32, "b" * 32
READY_SECONDS = 30.0
END_SECONDS = 10.0
ONE_AT_A_TIME = Lock()
"""Alembic knows one database at a time in a process."""
END_WITH_PARENT = 1
_LIBRARY = ctypes.CDLL(None)
Json = dict[str, Any]


class NotReadyError(Exception):
    """The process ended or said nothing; the sentence holds the end of its log."""


class Program:
    """One Python program: started again and again with the same arguments, ended by its id.

    What it says on standard output is in `said`, line by line, of all its lives; standard error
    goes to the file `log`.
    """

    def __init__(
        self, folder: Path, name: str, arguments: Sequence[str], environment: dict[str, str]
    ) -> None:
        """Nothing runs yet. It will run in `folder`, where no `.env` of anybody lies."""
        self._arguments = [sys.executable, *arguments]
        kept = {key: value for key, value in os.environ.items() if "DIRECTLINE_" not in key}
        self._environment = kept | {"PYTHONPATH": str(ROOT)} | environment
        self._folder = folder
        self.log = folder / f"{name}.log"
        self.said: list[str] = []
        self._news = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id, while it runs."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not been seen to end."""
        return self._process is not None and self._process.returncode is None

    async def launch(self) -> None:
        """Start it, without waiting for anything."""
        assert not self.runs, "it runs already"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._heard = len(self.said)
        self._reading = asyncio.create_task(self._read(self._process))

    async def ready(self, within: float = READY_SECONDS) -> str:
        """Wait for its first line of this life; the line. Raises NotReadyError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while len(self.said) == self._heard and self.runs:
                    self._news.clear()
                    await self._news.wait()
        if len(self.said) == self._heard:
            raise NotReadyError(f"{self.log.name}: {self.words()[-2000:]}")
        return self.said[self._heard]

    async def start(self) -> float:
        """Start it and wait until it is ready; the seconds that this took. Raises NotReadyError."""
        began = time.monotonic()
        await self.launch()
        await self.ready()
        return time.monotonic() - began

    async def kill(self) -> None:
        """SIGKILL: no goodbye, no clean-up."""
        self._signal(signal.SIGKILL)
        await self.ended()

    async def terminate(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; the exit code."""
        self._signal(how)
        return await self.ended()

    def tell(self, how: signal.Signals) -> None:
        """Send a signal and wait for nothing."""
        self._signal(how)

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        self._signal(signal.SIGCONT)

    async def ended(self, within: float = END_SECONDS) -> int:
        """Wait until it has ended; the exit code, negative for a signal. Raises TimeoutError."""
        assert self._process is not None
        assert self._reading is not None
        async with asyncio.timeout(within):
            code = await self._process.wait()
            await self._reading
        return code

    async def stop(self) -> None:
        """End it, however it fares. It may be called again."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            if self.runs:
                self._process.kill()
        await self.ended()

    def words(self) -> str:
        """Its log."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def events(self) -> list[Json]:
        """Its log, one object a line; what is no object is left out."""
        lines = [line for line in self.words().splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    def _signal(self, how: signal.Signals) -> None:
        assert self._process is not None, "it does not run"
        self._process.send_signal(how)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.said.append(line.decode().rstrip("\n"))
            self._news.set()
        await process.wait()
        self._news.set()


def _end_with_parent() -> None:
    """Also when the test's own process is killed. Only Linux knows how; elsewhere nothing."""
    if sys.platform == "linux":
        _LIBRARY.prctl(END_WITH_PARENT, signal.SIGKILL)


class Server(Program):
    """`directline serve` on a port that stays the same over restarts.

    `script` is Python to run in place of it, for a server with a fault built in.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        name: str = "server",
        port: int | None = None,
        public_url: str = "",
        phones_url: str = "",
        time_scale: float = 1.0,
        script: str | None = None,
        **settings: str,
    ) -> None:
        """`settings` are others of `DIRECTLINE_…`, by their names in small letters."""
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        given = {
            "database_url": database_url,
            "host": HOST,
            "port": str(self.port),
            "public_url": public_url,
            "time_scale": str(time_scale),
            "log": "json",
        }
        if phones_url:
            given |= {
                "twilio_account_sid": ACCOUNT,
                "twilio_auth_token": AUTH,
                "twilio_url": phones_url,
            }
        environment = {
            f"DIRECTLINE_{key.upper()}": text for key, text in (given | settings).items()
        }
        arguments = ("-m", "service", "serve") if script is None else ("-c", script)
        super().__init__(folder, name, arguments, environment)


class Phones(Program):
    """The phone network simulator, with its truth log in a file."""

    def __init__(self, folder: Path, to: str, *, port: int | None = None) -> None:
        """`to` is where it reaches the service."""
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._truth = folder / "truth.jsonl"
        arguments = (
            *("-m", "clients", "phones", "--port", str(self.port)),
            *("--account", ACCOUNT, "--auth", AUTH),
            *("--sms-url", f"{to}/twilio/sms", "--voice-url", f"{to}/twilio/call"),
            *("--truth", str(self._truth)),
        )
        super().__init__(folder, "phones", arguments, {})

    def truth(self) -> list[Json]:
        """Every request, callback and key in order, with what was really accepted."""
        return [json.loads(line) for line in self._truth.read_text("utf-8").splitlines()]

    def accepted(self, kind: str = "message") -> list[Json]:
        """The texts (or `call`) that the network has taken from us."""
        return [row for row in self.truth() if row["kind"] == kind and row["accepted"]]


def free_port() -> int:
    """A port on which nobody listens now."""
    with closing(socket.socket()) as asked:
        asked.bind((HOST, 0))
        return asked.getsockname()[1]


def set_up(database_url: str, *, bridges: int = 1) -> Json:
    """The demo site and its devices, in this database; keys in the shape of the demo's file.

    `tokens.bridge` is a list, the first for whoever asks for one.
    """
    loaded = read_site(DEMO_SITE.read_text("utf-8"), DEMO_SITE.name)
    site = loaded.site
    with ONE_AT_A_TIME:
        bring_up_to_date(database_url)
    connection = Database(database_url).open()
    try:
        writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
        hashes = hashed_pins(loaded.pins, registry.pins(connection, site.code))
        _carry_out(writer, setup.load_site(loaded, hashes))

        def token(kind: str, booth: int | None, name: str) -> str:
            return _carry_out(writer, setup.add_device(site.code, kind, booth, name)).token

        booths = {
            str(booth.number): token("booth", booth.number, f"Button {booth.number}")
            for booth in site.booths
        }
        tokens: Json = {
            kind: token(kind, None, kind.capitalize())
            for kind in ("tablet", "screen", "monitor", "board")
        }
        tokens |= {"booth": booths, "bridge": []}
        tokens["bridge"] = [token("bridge", None, f"Bridge {i}") for i in range(bridges)]
    finally:
        connection.close()
    return {
        "site": site.code,
        "tokens": tokens,
        "people": [
            {"id": one.id, "phone": one.phone, "pin": loaded.pins.get(one.id) or None}
            for one in site.people
        ],
    }


def _by_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{HOST}:{port}"))


def _carry_out(writer: InlineWriter, item: Item) -> Any:
    return writer.now(item)


@dataclass(frozen=True, slots=True)
class Place:
    """A demo site with its server and, if asked for, its phones, all running."""

    server: Server
    phones: Phones
    keys: Json
    database_url: str
    pressers: list[Presser] = field(default_factory=list[Presser])

    def presser(self, kind: str, booth: int = 1) -> Presser:
        """Somebody who presses with the token of such a device."""
        self.pressers.append(Presser.at(self.server.url, self.token(kind, booth)))
        return self.pressers[-1]

    def token(self, kind: str, booth: int = 1) -> str:
        """The token of the first device of this kind, or of a booth's button."""
        tokens = self.keys["tokens"]
        if kind == "booth":
            return tokens["booth"][str(booth)]
        return tokens["bridge"][0] if kind == "bridge" else tokens[kind]

    def rows(self, statement: str, **parameters: Any) -> list[Any]:
        """Ask the database beside the server; the rows."""
        connection = Database(self.database_url).open(read_only=True)
        try:
            return list(connection.execute(statement, parameters))
        finally:
            connection.close()


def refuse_private(database_url: str, *servers: Server) -> None:
    """Search what these servers and their database hold written. Raises PrivateWritten."""
    sites, events = private.kept_in(database_url)
    written = {"the events": events} | {server.log.name: server.words() for server in servers}
    private.Left(private.Private.of(sites), written, {}).refuse_private()


@asynccontextmanager
async def open_place(
    folder: Path,
    database_url: str | None = None,
    *,
    phones: bool = True,
    wire: int | None = None,
    **more: Any,
) -> AsyncGenerator[Place]:
    """A place with the demo site; `more` is for the server.

    With a `wire` the server reaches its database by that port, and nobody else does.
    """
    url = database_url or f"sqlite:///{folder / 'place.db'}"
    keys = await asyncio.to_thread(set_up, url)
    port = free_port()
    network = Phones(folder, f"http://{HOST}:{port}")
    reached = url if wire is None else _by_port(url, wire)
    server = Server(folder, reached, port=port, phones_url=network.url if phones else "", **more)
    async with running(*([network] if phones else []), server):
        place = Place(server, network, keys, url)
        try:
            yield place
        finally:
            for presser in place.pressers:
                presser.line.drop()
    refuse_private(url, server)


@asynccontextmanager
async def running(*programs: Program) -> AsyncGenerator[None]:
    """Start these, one after the other, and end them all whatever happens."""
    try:
        for program in programs:
            await program.start()
        yield
    finally:
        for program in reversed(programs):
            await program.stop()
