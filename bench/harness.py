"""What the measurements share: a disk of fixed cost, a raw writer to compare with, a server."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import median

SYNC_MICROSECONDS = 4000
SLOW_SYNC = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <time.h>
/* Every sync costs exactly SYNC_MICROSECONDS: with the data on tmpfs, a disk that never varies. */
static int wait_sync(void) {
    const char *text = getenv("SYNC_MICROSECONDS");
    long cost = text ? atol(text) : 0;
    struct timespec left = {cost / 1000000, (cost % 1000000) * 1000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
    return 0;
}
int fsync(int file) { (void)file; return wait_sync(); }
int fdatasync(int file) { (void)file; return wait_sync(); }
"""
RAW_PRESSES = 200
ACCOUNT, AUTH = "AC" + "a" * 32, "b" * 32


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the data lies and the environment that makes its syncs cost what they should."""

    folder: Path
    environment: dict[str, str]
    words: str


@contextmanager
def disk() -> Generator[Disk]:
    """A disk of fixed cost where there is a C compiler and tmpfs, else the real one."""
    shared = Path("/dev/shm")
    compiler = shutil.which("cc") or shutil.which("gcc")
    parent = shared if compiler and shared.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="directline-bench-", dir=parent))
    try:
        if parent is None or compiler is None:
            yield Disk(
                folder, {}, "the real disk (no C compiler or no tmpfs for one of fixed cost)"
            )
            return
        source, library = folder / "slow_sync.c", folder / "slow_sync.so"
        source.write_text(SLOW_SYNC)
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True
        )
        environment = {"LD_PRELOAD": str(library), "SYNC_MICROSECONDS": str(SYNC_MICROSECONDS)}
        words = f"a disk of fixed cost: {SYNC_MICROSECONDS / 1000:g} ms a sync, on tmpfs"
        yield Disk(folder, environment, words)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


RAW_WRITER = """
import json, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode=WAL", "synchronous=FULL"):
    connection.execute("PRAGMA " + pragma)
connection.execute("CREATE TABLE press (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)")
connection.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, press INT, name TEXT)")
connection.execute("CREATE TABLE timer (id INTEGER PRIMARY KEY, press INT, due REAL)")
took = []
for number in range(int(sys.argv[2])):
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO press VALUES (?, ?, '{}')", (number, str(number)))
    connection.execute("INSERT INTO event VALUES (?, ?, 'pressed')", (number, number))
    connection.execute("INSERT INTO timer VALUES (?, ?, 0)", (number, number))
    connection.execute("COMMIT")
    took.append(time.perf_counter() - began)
print(json.dumps(took))
"""


@dataclass(frozen=True, slots=True)
class Raw:
    """The bare writer beside which everything is measured: one commit a press, three rows each."""

    took: list[float]

    @property
    def commit(self) -> float:
        """The median of a press, in milliseconds."""
        return median(self.took) * 1000

    @property
    def rate(self) -> float:
        """Presses a second."""
        return len(self.took) / sum(self.took)


def raw_writer(where: Disk, count: int = RAW_PRESSES) -> Raw:
    """Let the bare writer run on this disk."""
    file = where.folder / f"raw-{time.monotonic_ns()}.db"
    done = subprocess.run(
        [sys.executable, "-c", RAW_WRITER, str(file), str(count)],
        env=os.environ | where.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    raw = Raw(json.loads(done.stdout))
    print(f"raw writer, one commit a press: median {raw.commit:.2f} ms, {raw.rate:.0f} presses/s")
    return raw


@dataclass(slots=True)
class Server:
    """A server of its own process on this disk."""

    url: str
    sites: list[dict[str, Any]]
    process: subprocess.Popen[str]

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(
    where: Disk, name: str, sites: int, *, screens: int = 0, phones: str | None = None
) -> Generator[Server]:
    """A server with so many sites of 8 booths and five people.

    `sites` of the result has each one's tokens: of a bridge, a tablet and so many screens.
    `phones` is the address of the phone network; without it phones are off.
    """
    file = where.folder / f"{name}.db"
    environment = (
        os.environ
        | where.environment
        | {
            "DIRECTLINE_DATABASE_URL": f"sqlite:///{file}",
            "DIRECTLINE_PORT": "0",
            "DIRECTLINE_LOG": "json",
        }
    )
    if phones is not None:
        environment |= {
            "DIRECTLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
            "DIRECTLINE_TWILIO_AUTH_TOKEN": AUTH,
            "DIRECTLINE_TWILIO_URL": phones,
        }
    made = subprocess.run(
        [sys.executable, "-m", "bench.make_sites", str(sites), str(screens)],
        # Making thousands of rows needs no durable disk; what is measured comes after.
        env=os.environ | {"DIRECTLINE_DATABASE_URL": f"sqlite:///{file}"},
        check=True,
        capture_output=True,
        text=True,
    )
    tokens = json.loads(made.stdout)
    log = (where.folder / f"{name}.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if " on " not in line:
            raise RuntimeError((where.folder / f"{name}.log").read_text()[-2000:])
        yield Server(line.split(" on ")[1].strip(), tokens, process)
    finally:
        process.terminate()
        process.wait(timeout=10)
        log.close()
