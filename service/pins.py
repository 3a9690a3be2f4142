"""PINs: checked off the loop, and five wrong ones make that name wait (`wire.md`)."""

import asyncio
from collections import defaultdict

from dispatch import registry
from dispatch.clock import Clock
from dispatch.reader import Reader
from service.pin_hashes import matches
from service.problems import Problem

WRONG_MOST = 5
WAIT_SECONDS = 30


class Pins:
    """Checks PINs of people; remembers on this node who was wrong how often."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        """Nobody was wrong yet."""
        self._reader = reader
        self._clock = clock
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def check(self, site: str, person: str, pin: str | None, at: str = "pin") -> None:
        """Return when it is right. Raises Problem: pin_needed, wrong_pin, pin_wait.

        `at` is the field of the body it should stand in.
        """
        if not pin:
            raise Problem("pin_needed", errors=[(f"body.{at}", "is needed for this")])
        # One guess at a time for each name: a hundred at once would all be the first.
        async with self._turns[site, person]:
            wrong = self._wrong_so_far(site, person)
            kept = (await self._reader.ask(registry.pins, site)).get(person)
            if kept is None:
                raise Problem(
                    "pin_needed", "This person has no PIN, so somebody who has one must do it."
                )
            if not await asyncio.to_thread(matches, kept, pin):
                self._wrong[site, person] = (wrong + 1, self._clock.monotonic())
                raise Problem("wrong_pin", errors=[(f"body.{at}", "is wrong")])
            self._wrong.pop((site, person), None)

    def _wrong_so_far(self, site: str, person: str) -> int:
        """How often this name was wrong. Raises Problem while it has to wait."""
        wrong, since = self._wrong.get((site, person), (0, 0.0))
        if wrong < WRONG_MOST:
            return wrong
        if self._clock.monotonic() - since >= WAIT_SECONDS:
            return 0
        raise Problem("pin_wait", headers={"Retry-After": str(WAIT_SECONDS)})
