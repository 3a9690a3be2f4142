"""PINs as they are kept: argon2 hashes. Nothing here knows who asks or how often."""

from collections.abc import Callable, Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hashed_pins(
    pins: Mapping[str, str | None],
    kept: Mapping[str, str] | None = None,
    told: Callable[[int], None] = lambda _done: None,
) -> dict[str, str | None]:
    """What a site file's PINs change in those that are `kept` (hashes by person).

    A hash to keep, or None to forget. Absent PINs, and those that are kept already, are left out:
    two hashes of one PIN differ, so a PIN is compared and never its hash. That is slow on purpose:
    `told` hears after each how many are done.
    """
    known = kept or {}
    changed: dict[str, str | None] = {}
    for done, (person, pin) in enumerate(pins.items(), 1):
        if pin and not (person in known and matches(known[person], pin)):
            changed[person] = _HASHER.hash(pin)
        elif pin == "" and person in known:
            changed[person] = None
        told(done)
    return changed


def matches(kept: str, pin: str) -> bool:
    """Whether this is the PIN that was kept."""
    try:
        return _HASHER.verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
