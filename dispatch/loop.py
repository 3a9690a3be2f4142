"""The endless loop around a step: the only one, and it decides nothing.

A follower is a `step` that does one unit of work and says whether there may be more. Between
steps it waits for the bell, for its own next due time, or for a second at most, so a lost bell
costs a second.
"""

import asyncio
from collections.abc import Awaitable, Callable

from dispatch.bell import Bell
from dispatch.clock import Clock
from dispatch.database import DatabaseAway

LOOK_SECONDS = 1.0
STALL_SECONDS = 3.0
"""A scan that has not completed for so long ends the process (`architecture.md`, rule 9)."""

Step = Callable[[], Awaitable[bool]]


class Scans:
    """When each follower last completed a step, on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        """No follower has begun."""
        self._clock = clock
        self._done: dict[str, float] = {}

    def done(self, name: str) -> None:
        """This follower has completed a step just now."""
        self._done[name] = self._clock.monotonic()

    def stalled(self, since: float = float("-inf")) -> str | None:
        """The follower that has not completed a step for too long, if there is one.

        What was before `since`, on the monotonic clock, does not count.
        """
        before = self._clock.monotonic() - STALL_SECONDS
        return next((n for n, at in self._done.items() if max(at, since) < before), None)


async def pause(seconds: float) -> None:
    """Wait so long on the monotonic clock; for chores that nothing depends on."""
    await asyncio.sleep(seconds)


async def follow(
    name: str,
    step: Step,
    bell: Bell,
    scans: Scans,
    wait: Callable[[], float] = lambda: LOOK_SECONDS,
    most: float = LOOK_SECONDS,
) -> None:
    """Step for ever; `wait` says how many seconds to the follower's own next due time.

    A database that is away ends nothing: the next look is the retry.
    """
    while True:
        scans.done(name)
        ticket = bell.ticket()
        try:
            more = await step()
        except DatabaseAway:
            more = False
        scans.done(name)
        if more:
            await asyncio.sleep(0)
            continue
        seconds = min(most, max(0.0, wait()))
        try:
            async with asyncio.timeout(seconds):
                await ticket.wait()
        except TimeoutError:
            pass
