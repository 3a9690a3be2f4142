"""The book of sites: every site as it is set up now, read once and kept until it changes.

The writer has one and the readers have one: each is turned by what its own side has seen.
"""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from alerts.roster import people_on_duty
from alerts.site import Site
from dispatch.codec import decode
from dispatch.database import Connection
from dispatch.site_text import site_from_json

KEPT_MOST = 4096


@lru_cache(KEPT_MOST)
def _site_of(file: str) -> Site:
    """Reading one takes as long as a press, so it is read once for both books."""
    return site_from_json(decode(file))


class Book:
    """Sites by their code, with their time zone and who is on duty this minute."""

    def __init__(self) -> None:
        """Empty; sites are read when they are asked for."""
        self._version = ""
        self._sites: dict[str, Site] = {}
        self._duty: dict[str, tuple[datetime, frozenset[str]]] = {}

    def turn(self, version: str) -> bool:
        """Forget what was read if the set-up has changed since; whether it had."""
        if version == self._version:
            return False
        self._version = version
        self._sites.clear()
        self._duty.clear()
        return True

    def site(self, connection: Connection, code: str) -> Site | None:
        """The site of this code, or None."""
        # Another thread may forget everything in between, so nothing is looked up twice.
        site = self._sites.get(code)
        if site is None:
            rows = connection.execute("SELECT file FROM sites WHERE code = :code", {"code": code})
            if not rows:
                return None
            site = self._sites[code] = _site_of(rows[0][0])
        return site

    def zone(self, site: Site) -> ZoneInfo:
        """The site's time zone; the library keeps those it has read."""
        return ZoneInfo(site.timezone)

    def duty(self, site: Site, now: datetime) -> frozenset[str]:
        """The ids of those on duty at this minute."""
        minute = now.replace(second=0, microsecond=0)
        known = self._duty.get(site.code)
        if known is None or known[0] != minute:
            known = (minute, people_on_duty(site.people, minute.astimezone(self.zone(site))))
            self._duty[site.code] = known
        return known[1]
