"""What is due when: one heap, driven by the clock that it is given.

It refuses to sleep by itself: `step` runs what is due for a test that moves its clock, and `run`
waits for real.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Protocol

# A clock may be moved by hand while `run` waits; it is looked at again after so many seconds.
CLOCK_LOOK_SECONDS = 0.25

Action = Callable[[], Awaitable[None] | None]


class Clock(Protocol):
    """What time it is. `monotonic` is in seconds from an unknown start and never jumps back."""

    def now(self) -> datetime:
        """The time of day, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of which only differences mean anything."""
        ...


class Schedule:
    """Actions with their due times; equal times run in the order they were asked for.

    While `step` runs an action, `now` and `monotonic` say the moment at which it was due. So a
    test may move its clock a minute in one jump, and whatever follows from the first action
    still happens at its own second of that minute.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Action]] = []
        self._count = itertools.count()
        self._rang = asyncio.Event()
        self._pauses: set[asyncio.Event] = set()
        self._due: ContextVar[float | None] = ContextVar("due", default=None)

    def monotonic(self) -> float:
        """The moment of the action that runs, else the clock's."""
        due = self._due.get()
        return self._clock.monotonic() if due is None else due

    def now(self) -> datetime:
        """The same moment as a time of day."""
        due = self._due.get()
        if due is None:
            return self._clock.now()
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - due)

    def after(self, seconds: float, action: Action) -> None:
        """Run `action` that many seconds from now."""
        due = self.monotonic() + max(0.0, seconds)
        heapq.heappush(self._heap, (due, next(self._count), action))
        self._rang.set()

    async def pause(self, seconds: float) -> None:
        """Return when the schedule has moved on by `seconds`. Never call it from an action."""
        passed = asyncio.Event()
        self._pauses.add(passed)
        try:
            self.after(seconds, passed.set)
            await passed.wait()
        finally:
            self._pauses.discard(passed)

    def next_due(self) -> float | None:
        """When the next action is due, on the clock's monotonic scale."""
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Forget every action; whoever pauses goes on at once."""
        self._heap.clear()
        for passed in self._pauses:
            passed.set()

    async def step(self) -> bool:
        """Run the earliest action that is due. True if there may be more."""
        entry = self._take()
        if entry is None:
            return False
        due, action = entry
        before = self._due.set(due)
        try:
            result = action()
            if result is not None:
                await result
        finally:
            self._due.reset(before)
        return True

    async def run(self) -> None:
        """Run actions as they come due until cancelled.

        What an action awaits (a callback that the server is slow to answer) never holds up the
        next one. An action that raises ends `run` with its error.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                self._rang.clear()
                entry = self._take()
                if entry is None:
                    await self._wait()
                    continue
                result = entry[1]()
                if result is not None:
                    group.create_task(_finish(result))
                    # Its first bytes leave before the next action, and a long row of due
                    # actions never keeps requests waiting.
                    await _let_others_run()

    def _take(self) -> tuple[float, Action] | None:
        if not self._heap or self._heap[0][0] > self._clock.monotonic():
            return None
        due, _, action = heapq.heappop(self._heap)
        return due, action

    async def _wait(self) -> None:
        due = self.next_due()
        seconds = CLOCK_LOOK_SECONDS if due is None else due - self._clock.monotonic()
        try:
            async with asyncio.timeout(min(max(seconds, 0.0), CLOCK_LOOK_SECONDS)):
                await self._rang.wait()
        except TimeoutError:
            return


async def _let_others_run() -> None:
    turn = asyncio.Event()
    asyncio.get_running_loop().call_soon(turn.set)
    await turn.wait()


async def _finish(result: Awaitable[None]) -> None:
    await result
