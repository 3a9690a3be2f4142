"""PINs: checked off the loop, and five wrong ones make that name wait (`wire.md`)."""

import asyncio
from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatch import registry
from dispatch.clock import Clock
from dispatch.reader import Reader
from service.problems import Problem

WRONG_MOST = 5
WAIT_SECONDS = 30
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hashed_pins(pins: Mapping[str, str | None]) -> dict[str, str | None]:
    """PINs of a site file as they are kept: absent ones left out, empty ones forgotten."""
    return {
        person: _HASHER.hash(pin) if pin else None
        for person, pin in pins.items()
        if pin is not None
    }


class Pins:
    """Checks PINs of people; remembers on this node who was wrong how often."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        """Nobody was wrong yet."""
        self._reader = reader
        self._clock = clock
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}

    async def check(self, site: str, person: str, pin: str | None) -> None:
        """Return when it is right. Raises Problem: pin_needed, wrong_pin, pin_wait."""
        if not pin:
            raise Problem("pin_needed")
        wrong, since = self._wrong.get((site, person), (0, 0.0))
        if wrong >= WRONG_MOST:
            left = WAIT_SECONDS - (self._clock.monotonic() - since)
            if left > 0:
                raise Problem("pin_wait", headers={"Retry-After": str(WAIT_SECONDS)})
            wrong = 0
        kept = (await self._reader.ask(registry.pins, site)).get(person)
        if kept is None:
            raise Problem(
                "pin_needed", "This person has no PIN, so somebody who has one must do it."
            )
        if not await asyncio.to_thread(_matches, kept, pin):
            self._wrong[site, person] = (wrong + 1, self._clock.monotonic())
            raise Problem("wrong_pin")
        self._wrong.pop((site, person), None)


def _matches(kept: str, pin: str) -> bool:
    try:
        return _HASHER.verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
