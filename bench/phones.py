"""Phones: how long from a press, or an opened line, until the network has the first request.

The phone network is a listener of our own inside this process that only notes when a request
comes and says yes: the simulator would use the processor that is being measured.
"""

import asyncio
import json
import socket
import time
from collections.abc import Sequence
from itertools import count
from typing import Any, cast
from urllib.parse import parse_qs

import uvloop

from bench.connection import LENGTH, LONG_SECONDS, Caller
from bench.figures import Figure, median, percentile
from bench.harness import Disk, Server, raw_writer, server
from dispatch.loop import pause

ONE_AT_A_TIME = 100
AT_ONCE = 100
ROUNDS = 3
"""Each on a server of its own, whose sites have nothing else to do."""
TEXTS = 2
"""The first rung of the demo site texts so many people."""
OPENINGS = 40
"""Few enough that the first alerts' later steps have not come due before the last is opened."""
OWN_DIGITS = 6
"""The last digits of a number tell its site."""
VOICE_DIGITS = 230_000
"""Those of the number that calls come from are its site's, counted from here."""
PEERS_ALONE_MS, PEERS_AT_ONCE_MS = 12.0, 100.0
"""What the study of peers asks of us on a machine like its own; the others' bars are our own."""
QUIET_SECONDS = 0.05
"""So long after the texts of one press, all that follows from them is stored."""


class Network:
    """A phone network that takes everything. `first` is when each of our numbers first sent one."""

    def __init__(self) -> None:
        """Listens on a port of its own once `serve` is called."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.first: dict[int, float] = {}
        self._requests = 0
        self._wanted = 0
        self._enough: asyncio.Future[None] | None = None
        self._awaited: dict[int, asyncio.Future[None]] = {}
        self._sids = count()

    async def serve(self) -> None:
        """Take requests from now on."""
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: _Line(self), sock=self._socket)

    def expect(self, more: int) -> asyncio.Future[None]:
        """Ends once so many more requests have come."""
        self._wanted = self._requests + more
        self._enough = asyncio.get_running_loop().create_future()
        return self._enough

    def expect_from(self, number: int) -> asyncio.Future[None]:
        """Ends once something has come from our number that ends in these digits."""
        return self._awaited.setdefault(number, asyncio.get_running_loop().create_future())

    def came(self, form: bytes, at: float) -> bytes:
        """Somebody is to be sent something; the answer."""
        sender = parse_qs(form.decode()).get("From", [""])[0]
        if not sender:
            # A question about a call that nothing was heard of: there is no news of it.
            return json.dumps({"sid": "", "status": "queued"}).encode()
        number = int(sender[-OWN_DIGITS:])
        self.first.setdefault(number, at)
        if (awaited := self._awaited.pop(number, None)) is not None:
            awaited.set_result(None)
        self._requests += 1
        if self._requests == self._wanted and self._enough is not None:
            self._enough.set_result(None)
        return json.dumps({"sid": f"SM{next(self._sids):032x}", "status": "queued"}).encode()


class _Line(asyncio.Protocol):
    """One kept-alive connection of the server that is measured."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._buffer = b""
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._buffer:
            self._began = time.perf_counter()
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        assert self._transport is not None
        said = self._network.came(body, self._began)
        self._transport.write(
            b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(said)}\r\n\r\n".encode()
            + said
        )


async def _one_at_a_time(running: Server, network: Network) -> list[float]:
    """Seconds from each press to its first request."""
    await network.serve()
    caller = await Caller(running.url).open()
    took: list[float] = []
    for index, site in enumerate(running.sites):
        texts = network.expect(TEXTS)
        pressed = await caller.press(site["bridge"], {"booth": 1})
        await asyncio.wait_for(texts, LONG_SECONDS)
        took.append(network.first[index] - pressed.sent_at)
        await pause(QUIET_SECONDS)
    caller.close()
    return took[ONE_AT_A_TIME // 10 :]


async def _all_at_once(running: Server, network: Network) -> list[float]:
    """The same for presses that all come together, each at a site of its own."""
    await network.serve()
    callers = [await Caller(running.url).open() for _ in running.sites]
    texts = network.expect(TEXTS * len(callers))
    pressed = await asyncio.gather(
        *(
            caller.press(site["bridge"], {"booth": 1})
            for caller, site in zip(callers, running.sites, strict=True)
        )
    )
    await asyncio.wait_for(texts, LONG_SECONDS)
    for caller in callers:
        caller.close()
    return [network.first[index] - one.sent_at for index, one in enumerate(pressed)]


async def _opened(running: Server, network: Network) -> list[float]:
    """Seconds from each opening of the direct line to the first request that rings somebody."""
    await network.serve()
    caller = await Caller(running.url).open()
    took: list[float] = []
    for index, site in enumerate(running.sites):
        texts = network.expect_from(index)
        pressed = await caller.press(site["bridge"], {"booth": 1})
        await asyncio.wait_for(texts, LONG_SECONDS)
        await pause(QUIET_SECONDS)
        rings = network.expect_from(VOICE_DIGITS + index)
        path = f"/v1/alerts/{pressed.body['alert']['id']}/actions"
        act = {"action_id": f"open-{index}", "action": "open_line", "person": "sam"}
        opened = await caller.post(path, site["tablet"], act)
        await asyncio.wait_for(rings, LONG_SECONDS)
        took.append(network.first[VOICE_DIGITS + index] - opened.sent_at)
        await pause(QUIET_SECONDS)
    caller.close()
    return took[OPENINGS // 10 :]


def _run(where: Disk, name: str, sites: int, presses: Any) -> list[float]:
    network = Network()
    with server(where, name, sites, phones=network.url) as running:
        return uvloop.run(presses(running, network))


def measure(where: Disk) -> list[Figure]:
    """One press at a time, then many at once, with a bare writer before and after."""
    before = raw_writer(where)
    alone = _run(where, "phones", ONE_AT_A_TIME, _one_at_a_time)
    rounds: Sequence[list[float]] = [
        _run(where, f"phones-{number}", AT_ONCE, _all_at_once) for number in range(ROUNDS)
    ]
    opened = _run(where, "line", OPENINGS, _opened)
    commit = (before.commit + raw_writer(where).commit) / 2
    p95 = median([percentile(took, 0.95) for took in rounds]) * 1000
    each = ", ".join(f"{percentile(took, 0.95) * 1000:.0f}" for took in rounds)
    return [
        Figure(
            "press to the phone network's first request: median over a raw commit",
            median(alone) * 1000 - commit, 10.0, "ms",
            f"p99 {percentile(alone, 0.99) * 1000:.0f} ms",
        ),
        Figure(
            "press to the phone network's first request: median, as the study of peers asks",
            median(alone) * 1000, PEERS_ALONE_MS, "ms",
        ),
        Figure(
            f"press to the phone network's first request, {AT_ONCE} at once: p95",
            p95, 250.0, "ms", f"the middle of {ROUNDS} rounds: {each}",
        ),
        Figure(
            f"the same {AT_ONCE} at once: p95, as the study of peers asks",
            p95, PEERS_AT_ONCE_MS, "ms",
        ),
        Figure(
            "opening the direct line to the first request that rings: median over a raw commit",
            median(opened) * 1000 - commit, 10.0, "ms",
            f"p95 {percentile(opened, 0.95) * 1000:.0f} ms",
        ),
    ]  # fmt: skip
