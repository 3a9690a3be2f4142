"""Timers: hands every timer that has come due to the desk, the most overdue first.

A firing timer is a transition in the database, decided and marked done in the desk's one
transaction; so it needs no lease, and two nodes that both see it do no harm. Nor is the commit
waited for: what comes due meanwhile joins the next one. What comes due within seconds is read
ahead, so that at its moment nothing has to be asked; one that is replaced meanwhile is void.
"""

import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any

from dispatch import store
from dispatch.bell import Bell
from dispatch.clock import Clock
from dispatch.codec import stamp
from dispatch.desk import Desk
from dispatch.effects import Effects
from dispatch.loop import LOOK_SECONDS
from dispatch.reader import Reader
from dispatch.store import DueTimer
from dispatch.writer import Failure, InlineWriter, Writer

MOST = 200
AHEAD_SECONDS = 2 * LOOK_SECONDS
"""Timers are read so long before they are due, twice as far as the next look."""
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
        self._coming: deque[DueTimer] = deque()
        self._read_until = self._look_at = -inf
        self._ringing: set[DueTimer] = set()
        self._failed: dict[DueTimer, float] = {}
        self.bell = Bell()

    def stored(self, effects: Effects) -> None:
        """Look again if a timer was set that is due before the next look."""
        if effects.due < self._read_until:
            self.look_again()

    def look_again(self) -> None:
        """There may be timers that were not seen."""
        self._look_at = -inf
        self.bell.ring()

    def wait(self) -> float:
        """Seconds until the next timer is due or the next look is, as far as the last one knows."""
        if len(self._ringing) >= MOST:
            return LOOK_SECONDS
        due = stamp(self._coming[0].due) if self._coming else inf
        return min(due, self._look_at) - stamp(self._clock.now())

    async def step(self) -> bool:
        """Hand over what is due now; whether there may be more."""
        if len(self._ringing) >= MOST:
            return False
        if stamp(self._clock.now()) >= self._look_at:
            await self._look()
        now = self._clock.now()
        rung = False
        while self._coming and self._coming[0].due <= now and len(self._ringing) < MOST:
            self._ring(self._coming.popleft())
            rung = True
        return rung

    async def _look(self) -> None:
        """Read what is due or soon will be, but for what is on its way to be stored."""
        until = self._clock.now() + timedelta(seconds=AHEAD_SECONDS)
        # Set before reading, so that what is set meanwhile is looked for again.
        self._read_until = stamp(until)
        self._look_at = self._read_until - LOOK_SECONDS
        now = self._clock.monotonic()
        self._failed = {timer: again for timer, again in self._failed.items() if again > now}
        known = self._ringing | self._failed.keys()
        most = MOST + len(known)
        found = await self._reader.ask(store.due_timers, until, most)
        if len(found) == most:
            self._look_at = min(self._look_at, stamp(found[-1].due))
        self._coming = deque(timer for timer in found if timer not in known)

    def _ring(self, timer: DueTimer) -> None:
        late = max(0.0, (self._clock.now() - timer.due).total_seconds())
        self._ringing.add(timer)
        try:
            self._writer.hand_over(self._desk.ring(timer), partial(self._rung, timer, late))
        except BaseException:
            self._ringing.discard(timer)
            raise

    def _rung(self, timer: DueTimer, late: float, result: Any) -> None:
        if len(self._ringing) >= MOST:
            self.bell.ring()
        self._ringing.discard(timer)
        if isinstance(result, Failure):
            # It stays due and is tried again with a later look; the others have fired.
            self._failed[timer] = self._clock.monotonic() + LOOK_SECONDS
            log.error("timer_failed", exc_info=result.error)
        elif result:
            self._fired(late)
