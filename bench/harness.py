"""What the measurements share: a disk of fixed cost, a raw writer to compare with, a server to load."""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """A disk of fixed cost where there is a C compiler and tmpfs, else the real one, and says so."""
    shared = Path("/dev/shm")
    compiler = shutil.which("cc") or shutil.which("gcc")
    parent = shared if compiler and shared.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="directline-bench-", dir=parent))
    try:
        if parent is None or compiler is None:
            yield Disk(folder, {}, "the real disk (no C compiler or no tmpfs for one of fixed cost)")
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


def raw_commits(where: Disk, count: int = RAW_PRESSES) -> list[float]:
    """Seconds that a bare writer takes for each press of three rows, one commit each."""
    file = where.folder / f"raw-{time.monotonic_ns()}.db"
    done = subprocess.run(
        [sys.executable, "-c", RAW_WRITER, str(file), str(count)],
        env=os.environ | where.environment, check=True, capture_output=True, text=True,
    )
    return json.loads(done.stdout)


def median(values: Sequence[float]) -> float:
    """The middle one, in milliseconds."""
    return statistics.median(values) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed, in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


@dataclass(slots=True)
class Server:
    """A server of its own process on this disk."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def server(
    where: Disk, name: str, sites: int, *, phones: str | None = None
) -> Generator[tuple[Server, list[dict[str, Any]]]]:
    """A server with so many sites of 8 booths, and the tokens of each: bridge, screen, tablet."""
    file = where.folder / f"{name}.db"
    environment = os.environ | where.environment | {
        "DIRECTLINE_DATABASE_URL": f"sqlite:///{file}", "DIRECTLINE_PORT": "0",
        "DIRECTLINE_LOG": "json",
    }
    if phones is not None:
        environment |= {
            "DIRECTLINE_TWILIO_ACCOUNT_SID": ACCOUNT, "DIRECTLINE_TWILIO_AUTH_TOKEN": AUTH,
            "DIRECTLINE_TWILIO_URL": phones,
        }
    made = subprocess.run(
        [sys.executable, "-m", "bench.make_sites", str(sites), *(["phones"] if phones else [])],
        # Making thousands of rows needs no durable disk; what is measured comes after.
        env=os.environ | {"DIRECTLINE_DATABASE_URL": f"sqlite:///{file}"},
        check=True, capture_output=True, text=True,
    )
    tokens = json.loads(made.stdout)
    log = (where.folder / f"{name}.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"], env=environment, stdout=subprocess.PIPE,
        stderr=log, text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if " on " not in line:
            raise RuntimeError((where.folder / f"{name}.log").read_text()[-2000:])
        yield Server(line.split(" on ")[1].strip(), process), tokens
    finally:
        process.terminate()
        process.wait(timeout=10)
        log.close()


@contextmanager
def simulated_phones(where: Disk) -> Generator[str]:
    """The simulated phone network; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "clients", "phones", "--port", "0", "--account", ACCOUNT,
         "--auth", AUTH],
        stdout=subprocess.PIPE, stderr=(where.folder / "phones.log").open("w"), text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split(" on ")[1].strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


def size_of(database: Path) -> int:
    """How many alerts are stored there."""
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM alerts").fetchone()[0])
    finally:
        connection.close()
