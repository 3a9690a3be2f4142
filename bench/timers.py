"""Timers: how late the desk fires them, with a thousand and with a hundred thousand pending.

`python -m bench.timers DATABASE PENDING` is one run in a process of its own: the writer, the
desk and the timers as the service runs them, without the rest. A timer counts as fired once its
commit is there.
"""

import asyncio
import json
import os
import random
import secrets
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from bench.connection import LONG_SECONDS
from bench.figures import Figure, median, percentile
from bench.harness import Disk, raw_writer
from bench.make_sites import site_text
from dispatch import checkpoints, migrations, setup
from dispatch.bell import Bell
from dispatch.book import Book
from dispatch.clock import SystemClock
from dispatch.codec import stamp
from dispatch.database import Connection, Database
from dispatch.desk import Desk, Press, Rules
from dispatch.effects import Effects
from dispatch.loop import Scans, follow
from dispatch.reader import Reader
from dispatch.site_file import read_site
from dispatch.store import Store
from dispatch.timers import Timers
from dispatch.waits import Waits
from dispatch.writer import Item, Writer, commit_batch
from service.serve import SWITCH_SECONDS

PENDING = (1_000, 100_000)
ROUNDS = 2
BOOTHS = 8
ALERTS = 400
SPAN_SECONDS = 4.0
RUNG_SECONDS = 15.0
"""When the second rung of the demo site is due: the one that is waited for."""
LEAD_SECONDS = 1.0
FAR_SECONDS = 86_400.0


def _fill(connection: Connection, clock: SystemClock, pending: int) -> dict[str, datetime]:
    """Sites, timers that are due tomorrow, and alerts whose second rung is due in some seconds.

    Returns when it is due for each alert.
    """
    desk = Desk(Rules(phones=False), Book())

    def sites(store: Store) -> None:
        for index in range(ALERTS // BOOTHS):
            setup.load_site(read_site(site_text(index), "bench.toml"), {}).carry_out(store)
        tomorrow = stamp(store.now) + FAR_SECONDS
        rows = (
            {"alert": f"far-{n}", "site": "S00000", "due": tomorrow + random.random() * FAR_SECONDS}
            for n in range(pending)
        )
        store.connection.many(
            "INSERT INTO timers (alert, timer, site, due) VALUES (:alert, 'rung', :site, :due)",
            rows,
        )

    commit_batch(connection, [Item(sites)], clock.now())
    due: dict[str, datetime] = {}
    began = clock.now() + timedelta(seconds=LEAD_SECONDS + ALERTS * 0.008)
    for index in range(ALERTS):
        at = began + timedelta(seconds=random.random() * SPAN_SECONDS)
        site, booth = f"S{index // BOOTHS:05d}", index % BOOTHS + 1
        press = Press(site, secrets.token_urlsafe(16), "bench", "bridge", booth)
        pressed_at = at - timedelta(seconds=RUNG_SECONDS)
        result = commit_batch(connection, [desk.press(press)], pressed_at).results[0]
        due[result.alert.id] = at
    return due


async def _fire(database: Database, clock: SystemClock, due: dict[str, datetime]) -> Any:
    """Let the timers run until all of these have fired: how late each was, and each commit."""
    late: list[float] = []
    commits: list[tuple[float, int]] = []
    ended = asyncio.Event()

    def stored(effects: Effects) -> None:
        now = clock.now()
        fired = [line.alert for line in effects.lines if line.name == "rung_reached"]
        late.extend((now - due[alert]).total_seconds() for alert in fired if alert is not None)
        timers.stored(effects)
        if len(late) >= len(due):
            ended.set()

    waits = Waits(clock)

    def measured(seconds: float, items: int) -> None:
        commits.append((seconds, items))

    writer = Writer(database, clock, stored, waits, measured)
    reader = Reader(database, waits)
    timers = Timers(Desk(Rules(phones=False), Book()), writer, reader, clock)
    writer.start()
    scans = Scans(clock)
    followers = (
        follow("timers", timers.step, timers.bell, scans, timers.wait),
        follow("checkpoints", partial(checkpoints.step, reader), Bell(), scans),
    )
    following = asyncio.gather(*followers)
    await asyncio.wait_for(ended.wait(), LONG_SECONDS)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await writer.stop()
    reader.close()
    return {"late": late, "commits": commits}


def main(path: str, pending: int) -> None:
    """One run; prints what was seen as JSON."""
    sys.setswitchinterval(SWITCH_SECONDS)
    database, clock = Database(f"sqlite:///{path}"), SystemClock()
    migrations.bring_up_to_date(database)
    connection = database.open()
    due = _fill(connection, clock, pending)
    connection.close()
    print(json.dumps(uvloop.run(_fire(database, clock, due))))


def _run(where: Disk, pending: int, number: int) -> dict[str, Any]:
    path = where.folder / f"timers-{pending}-{number}.db"
    done = subprocess.run(
        [sys.executable, "-m", "bench.timers", str(path), str(pending)],
        env=os.environ | where.environment, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for left in path.parent.glob(f"{path.name}*"):
        Path(left).unlink()
    return json.loads(done.stdout)


def measure(where: Disk) -> list[Figure]:
    """Both sizes in turn, with a bare writer before and after."""
    before = raw_writer(where)
    late: dict[int, list[float]] = {pending: [] for pending in PENDING}
    cost: dict[int, list[float]] = {pending: [] for pending in PENDING}
    for number in range(ROUNDS):
        for pending in PENDING:
            seen = _run(where, pending, number)
            late[pending] += seen["late"]
            cost[pending] += [seconds for seconds, items in seen["commits"] if items == 1]
    commit = (before.commit + raw_writer(where).commit) / 2 / 1000
    figures: list[Figure] = []
    for pending in PENDING:
        p50, p99 = median(late[pending]), percentile(late[pending], 0.99)
        named = f"a step's lateness with {pending // 1000} thousand timers pending"
        note = f"{p50 * 1000:.1f} ms"
        figures.append(Figure(f"{named}: median", p50 / commit, 1.5, "commits", note))
        note = f"{p99 * 1000:.1f} ms"
        figures.append(Figure(f"{named}: p99", p99 / commit, 3.0, "commits", note))
    few, many = (median(cost[pending]) for pending in PENDING)
    figures.append(
        Figure(
            "firing one timer, a hundred thousand pending against a thousand",
            many / few, 1.15, "times", f"{many * 1000:.2f} and {few * 1000:.2f} ms",
        )
    )  # fmt: skip
    return figures


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
