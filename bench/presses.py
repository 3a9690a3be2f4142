"""Presses: how long until one is stored, and how many are stored a second by fifty at once."""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.harness import Disk, median, percentile, raw_commits, server

ONE_AT_A_TIME = 300
AT_ONCE = 50
SECONDS = 10.0
BOOTHS = 8
SITES = 1500


@dataclass(slots=True)
class Presser:
    """One kept-alive connection that presses; as little of a client as will do."""

    host: str
    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def press(self, token: str, booth: int) -> tuple[int, float]:
        """Press; the status and the seconds it took."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        assert self.reader is not None
        body = json.dumps({"booth": booth}).encode()
        began = time.perf_counter()
        self.writer.write(
            b"POST /v1/presses HTTP/1.1\r\nHost: directline\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        took = time.perf_counter() - began
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await self.reader.readexactly(length)
        return int(head[9:12]), took


async def _load(url: str, tokens: list[str], at_once: int, most: int, seconds: float) -> list[float]:
    """Press each booth of each site once, `at_once` at a time; the seconds each took."""
    parts = urlsplit(url)
    booths = iter([(token, booth) for booth in range(1, BOOTHS + 1) for token in tokens][:most])
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def presser() -> None:
        one = Presser(parts.hostname or "", parts.port or 0)
        while time.perf_counter() < end:
            booth = next(booths, None)
            if booth is None:
                return
            status, spent = await one.press(*booth)
            if status != 201:
                raise RuntimeError(f"a press was answered {status}")
            took.append(spent)

    await asyncio.gather(*(presser() for _ in range(at_once)))
    return took


def measure(where: Disk) -> None:
    """Print both measurements with their bars."""
    raw = raw_commits(where)
    commit = median(raw)
    per_second = len(raw) / sum(raw)
    print(f"raw writer, one commit a press: median {commit:.2f} ms, {per_second:.0f} presses/s")
    with server(where, "presses", SITES) as (running, made):
        tokens = [one["bridge"] for one in made]
        single = asyncio.run(_load(running.url, tokens[:50], 1, ONE_AT_A_TIME, 60))
        over = median(single) - commit
        print(
            f"press to 201, one at a time: median {median(single):.2f} ms ="
            f" raw commit + {over:.2f} ms (bar 2.5), p99 {percentile(single, 0.99):.1f} ms"
        )
        began = time.perf_counter()
        many = asyncio.run(_load(running.url, tokens[50:], AT_ONCE, 10**9, SECONDS))
        rate = len(many) / (time.perf_counter() - began)
        p50, p99 = median(many), percentile(many, 0.99)
        print(
            f"press to 201, {AT_ONCE} at once: {rate:.0f} presses/s ="
            f" {rate / per_second:.1f} times the raw writer (bar 4),"
            f" p50 {p50:.1f} ms, p99 {p99:.1f} ms = {p99 / p50:.1f} times p50 (bar 6)"
        )
