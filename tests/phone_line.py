"""The line from the service to the simulated phone network, with time-outs by the moved clock.

A request that the network holds back hangs until the clock has moved on, as it would for real,
while everything else goes on.
"""

import asyncio
from dataclasses import dataclass, field

import httpx2

from dispatch.outbox import Outbox
from dispatch.twilio import SEND_SECONDS
from tests.clock import MovedClock

TURNS = 400
"""A request that is not held back is answered in far fewer turns of the loop."""


@dataclass(slots=True)
class Hanging:
    """One request without an answer yet, and when its time is out."""

    answer: asyncio.Future[httpx2.Response]
    until: float
    over: asyncio.Event = field(default_factory=asyncio.Event)
    cut: bool = False


class Door(httpx2.AsyncBaseTransport):
    """The way to a service that may be down for a while; `inner` is None as long as it is."""

    inner: httpx2.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request. Raises ConnectError while the service is down."""
        if self.inner is None:
            raise httpx2.ConnectError("nobody listens", request=request)
        return await self.inner.handle_async_request(request)


class PhoneLine(httpx2.AsyncBaseTransport):
    """Carries requests to `inner`; those that hang wait for `clock`, not for real time."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, clock: MovedClock) -> None:
        """Nothing hangs yet."""
        self._inner = inner
        self._clock = clock
        self._hanging: list[Hanging] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request. Raises ReadTimeout when the time-out of a send has passed by the clock."""
        answer = asyncio.ensure_future(self._inner.handle_async_request(request))
        for _ in range(TURNS):
            if answer.done():
                return answer.result()
            await asyncio.sleep(0)
        hanging = Hanging(answer, self._clock.monotonic() + SEND_SECONDS)
        answer.add_done_callback(lambda _: hanging.over.set())
        self._hanging.append(hanging)
        try:
            await hanging.over.wait()
        finally:
            self._hanging.remove(hanging)
        if answer.done():
            return answer.result()
        answer.cancel()
        if hanging.cut:
            raise asyncio.CancelledError
        raise httpx2.ReadTimeout("no answer", request=request)

    def next_due(self) -> float | None:
        """When the next time-out is, on the clock's monotonic scale."""
        return min((one.until for one in self._hanging), default=None)

    def cut(self) -> None:
        """The service dies with its requests: nobody hears of them."""
        for one in self._hanging:
            one.cut = True
            one.over.set()

    async def rest(self, outbox: Outbox) -> bool:
        """Wait until all that is on its way has landed or hangs; whether anything has landed."""
        now = self._clock.monotonic()
        for one in self._hanging:
            if one.until <= now:
                one.over.set()
        landed = False
        while outbox.flying > sum(not one.over.is_set() for one in self._hanging):
            landed = True
            await asyncio.sleep(0)
        return landed
