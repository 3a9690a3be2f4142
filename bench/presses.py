"""Presses: how long until one is stored, and how many are stored a second by fifty at once."""

import asyncio
import itertools
import time
from collections.abc import Iterator

import uvloop

from bench.connection import Caller
from bench.figures import Figure, median, percentile
from bench.harness import Disk, Server, raw_writer, server

WARM_UP = 50
AT_ONCE = 50
SECONDS = 10.0
BOOTHS = 8
SITES_ALONE, SITES = 50, 3000

Booth = tuple[str, int]


def _booths(sites: list[dict[str, str]]) -> Iterator[Booth]:
    """Every booth once, one of each site after the other: each press is a new alert."""
    return ((site["bridge"], booth) for booth in range(1, BOOTHS + 1) for site in sites)


async def _load(url: str, booths: Iterator[Booth], at_once: int, seconds: float) -> list[float]:
    """Press booth after booth, so many at a time; the seconds each took."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def presser() -> None:
        caller = await Caller(url).open()
        while time.perf_counter() < end and (booth := next(booths, None)) is not None:
            took.append((await caller.press(booth[0], {"booth": booth[1]})).took)
        caller.close()

    await asyncio.gather(*(presser() for _ in range(at_once)))
    return took


def measure(where: Disk) -> list[Figure]:
    """Both measurements, with a bare writer before and after."""
    before = raw_writer(where)
    with server(where, "presses", SITES_ALONE) as running:
        booths = _booths(running.sites)
        uvloop.run(_load(running.url, itertools.islice(booths, WARM_UP), 1, 60))
        single = uvloop.run(_load(running.url, booths, 1, 60))
    # A new server, because these sites have no screens: ten seconds after its start it would
    # begin to move all the ladders.
    with server(where, "presses-at-once", SITES) as running:
        many, rate = _many(running)
    after = raw_writer(where)
    commit, raw_rate = (before.commit + after.commit) / 2, (before.rate + after.rate) / 2
    p50, p99 = median(many), percentile(many, 0.99)
    over = median(single) * 1000 - commit
    return [
        Figure("press to 201, one at a time: median over a raw commit", over, 2.5, "ms"),
        Figure(
            f"durable presses, {AT_ONCE} at once: times the raw writer's rate",
            rate / raw_rate, 4.0, "times", f"{rate:.0f} presses/s", least=True,
        ),
        Figure(
            f"press to 201, {AT_ONCE} at once: p99 in p50", p99 / p50, 6.0, "times",
            f"p50 {p50 * 1000:.0f} ms",
        ),
    ]  # fmt: skip


def _many(running: Server) -> tuple[list[float], float]:
    """Fifty at once: the seconds each took, and presses a second."""
    began, cpu = time.perf_counter(), running.cpu()
    took = uvloop.run(_load(running.url, _booths(running.sites), AT_ONCE, SECONDS))
    passed, used = time.perf_counter() - began, running.cpu() - cpu
    print(
        f"{AT_ONCE} at once: {len(took)} presses in {passed:.1f} s, each with"
        f" {used / len(took) * 1000:.2f} ms of processor; the server had {used / passed:.2f} cores"
    )
    return took, len(took) / passed
