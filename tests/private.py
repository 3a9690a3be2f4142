"""What nobody may find written anywhere: the numbers, the address and the names of people.

A story's world and a running server are searched when they are closed, so a test that makes the
service write any of it fails by itself, whatever it was about (`promises.md` 17).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self

from alerts.line_says import digits
from alerts.site import Site
from dispatch.database import Database
from dispatch.site_numbers import national
from dispatch.site_text import site_from_json

SIGNIFICANT = 9
"""So many digits at the end of a number are the same however it is written."""
RUNS = re.compile(rb"[0-9]{%d,}" % SIGNIFICANT)


class PrivateWritten(AssertionError):
    """Something private stands where it may not; the sentence says what and where."""


@dataclass(frozen=True, slots=True)
class Private:
    """What may not be written: the ends of numbers, numbers as spoken, the address, names."""

    numbers: frozenset[bytes]
    spoken: frozenset[bytes]
    address: frozenset[bytes]
    names: frozenset[bytes]

    @classmethod
    def of(cls, sites: Iterable[Site], phones: Iterable[str] = ()) -> Self:
        """Of these sites, and of these phones besides."""
        every, address, names = set(phones), set[str](), set[str]()
        for site in sites:
            every |= _numbers_of(site)
            names |= {person.name for person in site.people}
            if place := site.address:
                address |= {place.line, place.line.split()[0], place.entrance}
        ways = {way for number in every for way in _ways(number)}
        return cls(
            frozenset(one.lstrip("+")[-SIGNIFICANT:].encode() for one in every),
            frozenset(one.encode() for one in ways),
            frozenset(one.encode() for one in address if one),
            frozenset(one.encode() for one in names),
        )

    def found_in(self, text: str, *, named: bool = False) -> list[str]:
        """What of it stands in this text, searched for as bytes; names only where none may be."""
        written = text.encode()
        runs = set(RUNS.findall(written))
        found = {one for one in self.numbers for run in runs if one in run}
        found |= {one for one in (*self.spoken, *self.address) if one in written}
        if not named:
            found |= {one for one in self.names if re.search(rb"\b%s\b" % re.escape(one), written)}
        return sorted(one.decode() for one in found)


@dataclass(frozen=True, slots=True)
class Left:
    """What was left written behind: where nothing private may be, and where names may."""

    private: Private
    written: Mapping[str, str]
    named: Mapping[str, str]

    def refuse_private(self) -> None:
        """Raise PrivateWritten, by what it is, when any of it is there."""
        found = {
            what: there
            for texts, named in ((self.written, False), (self.named, True))
            for what, text in texts.items()
            if (there := self.private.found_in(text, named=named))
        }
        if found:
            raise PrivateWritten(f"private, and written: {found}")


def kept_in(database_url: str) -> tuple[list[Site], str]:
    """Every site of this database, and all that their logs hold: what timelines and feeds show."""
    connection = Database(database_url).open(read_only=True)
    try:
        sites = connection.execute("SELECT file FROM sites")
        rows = connection.execute("SELECT name, by_kind, by_id, data FROM log ORDER BY site, seq")
    finally:
        connection.close()
    events = "\n".join(" ".join(map(str, row)) for row in rows)
    return [site_from_json(json.loads(site[0])) for site in sites], events


def _numbers_of(site: Site) -> set[str]:
    line = site.line
    found = {site.voice_number, *site.sender_numbers, site.test_phone, line.line_phone}
    found |= {person.phone for person in site.people}
    found |= {*line.numbers, *line.test_numbers}
    found.add(site.address.call_back if site.address else "")
    return {one for one in found if one}


@cache
def _ways(number: str) -> frozenset[str]:
    """How else it is written or said: 020 123 4567, and 0 2 0, 1 2 3, 4 5, 6 7."""
    grouped = national(number)
    return frozenset({grouped, digits(grouped)})
