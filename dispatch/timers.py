"""Timers: hands every timer that has come due to the desk, the most overdue first.

A firing timer is a transition in the database, decided and marked done in the desk's one
transaction; so it needs no lease, and two nodes that both see it do no harm. Nor is the commit
waited for: what comes due meanwhile joins the next one.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from dispatch import store
from dispatch.clock import Clock
from dispatch.codec import stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.loop import LOOK_SECONDS
from dispatch.reader import Reader
from dispatch.store import DueTimer
from dispatch.writer import Failure, InlineWriter, Writer

MOST = 200
log = logging.getLogger("directline.timers")


class Timers:
    """One step hands over what is due and not yet handed over, so many at once at most."""

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
        self._ringing: set[DueTimer] = set()
        self._failed: dict[DueTimer, float] = {}

    def wait(self) -> float:
        """Seconds until the next timer is due, as far as the last look knows."""
        if self._next is None:
            return LOOK_SECONDS
        return self._next - stamp(self._clock.now())

    async def step(self) -> bool:
        """Hand over what is due now; whether there may be more."""
        due, self._next = await self._reader.ask(self._look, MOST + len(self._failed))
        now = self._clock.monotonic()
        self._failed = {timer: until for timer, until in self._failed.items() if until > now}
        waiting = [one for one in due if one not in self._ringing and one not in self._failed]
        ready = waiting[: MOST - len(self._ringing)]
        for timer in ready:
            self._ring(timer)
        return bool(ready)

    def _ring(self, timer: DueTimer) -> None:
        self._fired(max(0.0, (self._clock.now() - timer.due).total_seconds()))
        self._ringing.add(timer)
        try:
            self._writer.hand_over(self._desk.ring(timer), partial(self._rung, timer))
        except BaseException:
            self._ringing.discard(timer)
            raise

    def _rung(self, timer: DueTimer, result: Any) -> None:
        self._ringing.discard(timer)
        if isinstance(result, Failure):
            # It stays due and is tried again with a later look; the others have fired.
            self._failed[timer] = self._clock.monotonic() + LOOK_SECONDS
            log.error("timer_failed", exc_info=result.error)

    def _look(self, connection: Connection, most: int) -> tuple[list[DueTimer], float | None]:
        now = self._clock.now()
        following = store.next_due(connection, now)
        due = store.due_timers(connection, now, most)
        return due, None if following is None else stamp(following)
