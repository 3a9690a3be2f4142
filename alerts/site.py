"""A site as its people agreed it: booths, people, ladder, clocks and the direct line.

These are plain values. Reading and checking a site file is `dispatch.site_file`; who is on duty
at a moment is `alerts.roster`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is asked as; `EVERYONE` stands only in a rung and means all on duty."""

    RESPONDER = "responder"
    COORDINATOR = "coordinator"
    NURSE = "nurse"
    PEER = "peer"
    DOOR = "door"
    MANAGER = "manager"
    EVERYONE = "everyone"


IN_CHARGE = frozenset({Role.COORDINATOR, Role.MANAGER})
"""Who may begin a drill and revoke a device, with a PIN."""


class Do(StrEnum):
    """One thing a rung does, in the words of the site file."""

    SCREENS = "screens"
    LOUDER = "louder"
    TEXT = "text"
    CALL = "call"
    OFFER_LINE = "offer_line"
    OPEN_LINE = "open_line"


@dataclass(frozen=True, slots=True)
class Booth:
    """One place with a button."""

    number: int
    name: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be asked. `shifts` is empty for somebody who is always on duty.

    A shift is text such as `Mo-Fr 09:00-17:00`, in the site's own time zone. The PIN is not here:
    only its hash is kept, and only in the database.
    """

    id: str
    name: str
    phone: str
    roles: tuple[Role, ...]
    language: str
    shifts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder, `after` seconds from the press, unscaled."""

    after: float
    do: tuple[Do, ...]
    who: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """After the last rung, start again at rung `from_rung`, `every` seconds after the last one."""

    from_rung: int
    every: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of an alert, in seconds, unscaled (`wire.md`, site file)."""

    arrival: float = 30
    reassess: float = 150
    ems_prompt: float = 180
    recovery: float = 7200
    recovery_check: float = 900


@dataclass(frozen=True, slots=True)
class Address:
    """The guarded address: shown on a paired tablet and spoken on the direct line, nowhere else."""

    line: str
    entrance: str
    call_back: str


@dataclass(frozen=True, slots=True)
class DirectLine:
    """What the site agreed with its control room; without `agreement` nothing is dialled.

    `test_every` is in days: so often the line is tested by itself, on `test_numbers` alone.
    """

    numbers: tuple[str, ...] = ()
    language: str = ""
    join: float = 10
    ring: float = 20
    rounds: int = 2
    test_numbers: tuple[str, ...] = ()
    agreement: str = ""
    line_phone: str = ""
    test_every: int = 30


NO_DIRECT_LINE = DirectLine()
"""Nothing to dial: what a site has before it agrees to anything, and what a drill always has."""


@dataclass(frozen=True, slots=True)
class Site:
    """The whole site file, checked and normalised; phone numbers are E.164 text.

    `booth_languages` are those the booth page offers besides English and Dutch.
    """

    code: str
    name: str
    language: str
    timezone: str
    emergency_number: str
    sender_numbers: tuple[str, ...]
    voice_number: str
    booths: tuple[Booth, ...]
    people: tuple[Person, ...]
    ladder: tuple[Rung, ...]
    repeat: Repeat
    clocks: Clocks = Clocks()
    spoken_name: str = ""
    test_phone: str = ""
    place_word: Mapping[str, str] = field(default_factory=lambda: {"en": "BOOTH", "nl": "PLEK"})
    booth_languages: tuple[str, ...] = ()
    notes: bool = False
    retention_days: int = 30
    hidden_below: int = 10
    address: Address | None = None
    line: DirectLine = NO_DIRECT_LINE

    def person(self, person_id: str) -> Person | None:
        """The person with this id, or None when the file does not name them."""
        return next((person for person in self.people if person.id == person_id), None)

    def has_booth(self, number: int | None) -> bool:
        """Whether the file names this booth; no booth at all is nobody's."""
        return any(booth.number == number for booth in self.booths)
