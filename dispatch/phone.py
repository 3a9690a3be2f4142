"""What the outbox asks of a phone network, and how one fails; which one it is, is not known."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took it: its id, and its first word for the status."""

    sid: str
    status: str


class PhoneError(Exception):
    """It was not taken, or we do not know.

    `refused`: trying again is no use. `unclear`: it may have been taken. Neither: surely not
    taken, and worth trying again. `ours`: refused because of who we are, not of whom we reach for.
    `code` is the network's error code, 0 for none.
    """

    def __init__(
        self,
        message: str,
        *,
        refused: bool = False,
        ours: bool = False,
        unclear: bool = False,
        code: int = 0,
    ) -> None:
        """`message` holds no phone number."""
        super().__init__(message)
        self.refused = refused
        self.ours = ours
        self.unclear = unclear
        self.code = code


class Phone(Protocol):
    """A phone network. Every method raises PhoneError and returns or raises within 3.5 s."""

    async def text(self, sender: str, to: str, body: str, token: str) -> Receipt:
        """Hand over a text; statuses come back under `token`."""
        ...

    async def call(self, sender: str, to: str, token: str, ring: float) -> Receipt:
        """Ring a phone for so many seconds; what is said is fetched under `token`."""
        ...

    async def hang_up(self, sid: str) -> None:
        """End a call, ringing or answered. One that has ended already is no error."""
        ...

    async def turn(self, sid: str, url: str) -> None:
        """Let a live call fetch what it says from here, now."""
        ...

    async def in_room(self, sid: str, room: str, muted: bool | None, say_url: str) -> None:
        """Mute a call in its room or let it speak; `muted` None says to it what is at `say_url`."""
        ...

    async def people(self, room: str) -> tuple[str, frozenset[str]]:
        """The network's id of the room of this name, empty for none, and the calls in it."""
        ...

    async def calls_to(self, sender: str, to: str, since: float) -> list[str]:
        """The ids of calls from this number of ours made since then (seconds since 1970)."""
        ...

    async def status(self, channel: str, sid: str) -> tuple[str, int | None]:
        """What became of a text or call: the network's word and its error code."""
        ...
