"""`directline doctor`: looks at everything an alarm needs, one line each, and says what to mend."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx2

from alerts import words
from alerts.site import Site
from dispatch import line_tests, presence, registry, setup
from dispatch.clock import DEGRADED_SECONDS, SystemClock
from dispatch.codec import decode
from dispatch.database import Connection
from dispatch.line_tests import LineTest
from dispatch.phone import PhoneError
from dispatch.sightings import ITSELF, SILENT, sightings
from dispatch.site_text import site_from_json
from service.network import twilio_of
from service.opening import newest_version
from service.reference import reference_time
from service.settings import Settings, is_loopback

LINK_LETTERS = 22


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at: whether it is well, and what to know or do."""

    well: bool
    what: str
    why: str


def examine(settings: Settings, connection: Connection) -> Iterator[Line]:
    """Database, clock, phones, public URL, and each site's texts, screens, buttons and line."""
    yield _database(settings, connection)
    yield _clock(connection)
    yield _phones(settings)
    yield _public_url(settings)
    sites = [
        site_from_json(decode(row[0]))
        for row in connection.execute("SELECT file FROM sites ORDER BY code")
    ]
    if not sites:
        yield Line(False, "sites", "none is loaded: directline site load FILE")
    for site in sites:
        yield _texts(settings, site)
        yield _screens(connection, site)
        yield _buttons(connection, site)
        yield direct_line(connection, site, SystemClock().now())


def _database(settings: Settings, connection: Connection) -> Line:
    if connection.dialect == "sqlite":
        return Line(
            True,
            "database",
            f"SQLite, WAL, synchronous FULL, schema {newest_version()};"
            " it lives and dies with its disk",
        )
    standby = str(connection.execute("SHOW synchronous_standby_names")[0][0])
    why = f"PostgreSQL, schema {newest_version()}"
    why += "" if standby else "; no synchronous standby: a lost machine loses its last presses"
    return Line(bool(settings.database_url), "database", why)


def _clock(connection: Connection) -> Line:
    reference = reference_time(connection)
    if reference is None:
        return Line(True, "clock", f"this machine says {SystemClock.wall():%Y-%m-%d %H:%M:%S} UTC")
    off = abs((reference - SystemClock.wall()).total_seconds())
    return Line(off < DEGRADED_SECONDS, "clock", f"{off:.1f} s from the database's")


def _phones(settings: Settings) -> Line:
    if not settings.phones:
        return Line(False, "phones", "off: set DIRECTLINE_TWILIO_ACCOUNT_SID and _AUTH_TOKEN")
    problem = asyncio.run(_ask(settings))
    return Line(problem is None, "phones", problem or "the phone network knows the account")


async def _ask(settings: Settings) -> str | None:
    """A question that costs nothing: a text that does not exist."""
    twilio = twilio_of(settings, settings.reached_at(settings.port))
    try:
        await twilio.status("text", "SM" + "0" * 32)
    except PhoneError as error:
        unknown = 20404
        return (
            None
            if error.code == unknown
            else f"the phone network says: {error} (code {error.code})"
        )
    finally:
        await twilio.close()
    return None


def _public_url(settings: Settings) -> Line:
    url = settings.reached_at(settings.port)
    host = httpx2.URL(url).host
    if is_loopback(host):
        return Line(
            not settings.phones or is_loopback(httpx2.URL(settings.twilio_url).host),
            "public URL",
            f"{url}: only this machine reaches it",
        )
    try:
        answer = httpx2.get(f"{url}/healthz", timeout=5)
        return Line(
            answer.is_success,
            "public URL",
            f"{url} answers {answer.status_code}",
        )
    except httpx2.HTTPError as error:
        return Line(False, "public URL", f"{url} does not answer: {type(error).__name__}")


def _texts(settings: Settings, site: Site) -> Line:
    link = f"{settings.reached_at(settings.port)}/r/{'x' * LINK_LETTERS}"
    long = sorted({one.code for one in words.lengths(site, link) if not one.fits})
    why = (
        "every text fits one part"
        if not long
        else f"too long with their link, sent without: {', '.join(long)}"
    )
    return Line(not long, f"{site.code} texts", why)


def _screens(connection: Connection, site: Site) -> Line:
    known = presence.screens_of(connection, site.code, SystemClock().now())
    able = sum(bool(screen["able"]) for screen in known.values())
    return Line(able > 0, f"{site.code} screens", f"{able} able to alarm, {len(known)} connected")


def _buttons(connection: Connection, site: Site) -> Line:
    heard, now = sightings(connection, site.code), SystemClock().now()
    booths: set[int | None] = set()
    silent: set[int | None] = set()
    for device in registry.devices(connection, site.code):
        if device.kind not in {"booth", "bridge"} or device.status != "active":
            continue
        booths.add(device.booth)
        for seen in heard.get(device.id, ()):
            booth = device.booth if seen.booth == ITSELF else seen.booth
            booths.add(booth)
            if seen.state(now) == SILENT:
                silent.add(booth)
    numbers = [booth.number for booth in site.booths]
    faults = {
        "no button": [number for number in numbers if number not in booths],
        "a silent button": [number for number in numbers if number in silent],
    }
    why = "; ".join(
        f"{what} in booth {', '.join(map(str, where))}" for what, where in faults.items() if where
    )
    return Line(not why, f"{site.code} buttons", why or "every booth has a button")


def direct_line(connection: Connection, site: Site, now: datetime) -> Line:
    """Whether the direct line can be dialled, and was heard lately; places of numbers alone."""
    what, plan = f"{site.code} line", site.line
    if not plan.numbers:
        return Line(True, what, "none in the site file: nothing is dialled")
    if not plan.agreement:
        return Line(False, what, "no agreement in the site file: nothing is dialled")
    if not plan.test_numbers:
        return Line(False, what, "no test_numbers in the site file: it cannot be tested")
    newest = line_tests.last(connection, site.code)
    overdue = line_tests.is_overdue(site, newest, setup.loaded_at(connection, site.code), now)
    why = f"{len(plan.numbers)} numbers; {_last_test(newest)}"
    if overdue and (newest is None or newest.heard):
        why += "; the next test is overdue"
    return Line(not overdue, what, why)


def _last_test(newest: LineTest | None) -> str:
    if newest is None:
        return "not tested yet"
    if newest.running:
        return "a test rings now"
    day = f"{newest.at:%Y-%m-%d}"
    if newest.heard:
        return f"heard on {day}"
    missed = [f"number {place} {word}" for place, word in newest.results.items() if word != "heard"]
    return f"the test of {day} was not heard: {', '.join(missed)}"
