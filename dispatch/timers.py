"""Timers: hands every timer that has come due to the desk, the most overdue first.

A firing timer is a transition in the database, decided and marked done in the desk's one
transaction; so it needs no lease, and two nodes that both see it do no harm.
"""

import asyncio
import logging
from collections.abc import Callable

from dispatch import store
from dispatch.clock import Clock
from dispatch.codec import stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.loop import LOOK_SECONDS
from dispatch.reader import Reader
from dispatch.store import DueTimer
from dispatch.writer import InlineWriter, Writer

MOST = 200
log = logging.getLogger("directline.timers")


class Timers:
    """One step fires what is due. `overdue` is how late the oldest due timer is, in seconds."""

    def __init__(
        self,
        desk: Desk,
        writer: Writer | InlineWriter,
        reader: Reader,
        clock: Clock,
        fired: Callable[[float], None] = lambda _late: None,
    ) -> None:
        """`fired` is told how late each timer was, in seconds."""
        self._desk = desk
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._fired = fired
        self._next: float | None = None
        self.overdue = 0.0

    def wait(self) -> float:
        """Seconds until the next timer is due, as far as the last look knows."""
        if self._next is None:
            return LOOK_SECONDS
        return self._next - stamp(self._clock.now())

    async def step(self) -> bool:
        """Fire what is due now; whether there may be more."""
        due, self._next = await self._reader.ask(self._look)
        if not due:
            self.overdue = 0.0
            return False
        self.overdue = max(0.0, (self._clock.now() - due[0].due).total_seconds())
        for timer in due:
            self._fired(max(0.0, (self._clock.now() - timer.due).total_seconds()))
        rung = await asyncio.gather(
            *(self._writer.carry_out(self._desk.ring(timer)) for timer in due),
            return_exceptions=True,
        )
        problems = [problem for problem in rung if isinstance(problem, BaseException)]
        for problem in problems:
            # It stays due and is tried again with the next look; the others have fired.
            log.error("timer_failed", exc_info=problem)
        return not problems

    def _look(self, connection: Connection) -> tuple[list[DueTimer], float | None]:
        due = store.due_timers(connection, self._clock.now(), MOST)
        following = None if due else store.next_due(connection)
        return due, None if following is None else stamp(following)
