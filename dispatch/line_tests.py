"""Tests of the direct line: ring the site's `test_numbers` with the drill text, and nothing else.

A test is no alert and can dial nothing that an alert can: its numbers come from another place of
the site file. One row a number; key 1 is the only thing that says it was heard.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.events import By
from alerts.orders import Entry, Send
from alerts.site import Site
from dispatch import outbox_orders, registry
from dispatch.book import Book
from dispatch.clock import Clock
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.outbox_rows import Mail
from dispatch.reader import Reader
from dispatch.store import ASKING, Store
from dispatch.writer import InlineWriter, Item, Priority, Writer

CHANNEL = "test"
NAME = "linetest-"
FIRST_ATTEMPT = 2_000_000
"""Rows are sent in the order of their attempts: whatever asks, or is said, goes before any test."""
RING_SECONDS = 20.0
OVERDUE_DAYS = 3
"""So long after it was due a test that was not heard is a fault."""
HOUR = 10
"""Tests that nobody asked for ring from ten in the morning on, at the site."""
LOOK = timedelta(minutes=1)
RESULTS = {
    "heard": "heard",
    "busy": "busy",
    "no_key": "no_key",
    "no-answer": "no_answer",
    "canceled": "no_answer",
}
"""The result for what key 1, or the network, says; anything else is a failure."""


class NothingToTest(Exception):
    """The site has no agreement, no number to test with, or no phones."""


@dataclass(frozen=True, slots=True)
class LineTest:
    """The newest test of a site: when it rang, and the result by the place of each number."""

    test_id: str
    at: datetime
    results: dict[int, str | None]

    @property
    def running(self) -> bool:
        """Whether a number still rings."""
        return None in self.results.values()

    @property
    def heard(self) -> bool:
        """Whether every number was heard at the other end."""
        return set(self.results.values()) == {"heard"}


class LineTests:
    """Lets lines be tested by themselves; one step looks once a minute at most."""

    def __init__(
        self, desk: Desk, writer: InlineWriter | Writer, reader: Reader, clock: Clock
    ) -> None:
        """Everything goes through this desk and writer."""
        self._desk = desk
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._book = Book()
        self._looked: datetime | None = None

    async def step(self) -> bool:
        """Ring what is due; there is never more at once."""
        now = self._clock.now()
        if self._looked is None or abs(now - self._looked) >= LOOK:
            self._looked = now
            for code in await self._reader.ask(due_sites, self._book, now):
                test = f"{now:%Y-%m-%d} by itself"
                await self._writer.carry_out(ring(self._desk, code, test, None))
        return False


def ring(desk: Desk, code: str, test_id: str, person: str | None) -> Item:
    """Ring every test number now; the same `test_id` again rings nothing. Raises NothingToTest."""

    def carry_out(store: Store) -> LineTest:
        site = desk.site(store, code)
        known = _read(store.connection, code, test_id)
        if known is not None:
            return known
        newest = last(store.connection, code)
        if newest is not None and newest.running:
            return newest
        if not can_test(site) or not desk.rules.phones:
            raise NothingToTest
        by = By("person", person) if person else By("timer")
        store.append(code, None, [Entry("line_test_started", by, {"test": test_id})])
        name = f"{NAME}{secrets.token_urlsafe(12)}"
        seconds = RING_SECONDS / desk.rules.time_scale
        for place, number in enumerate(site.line.test_numbers):
            _keep(store, code, test_id, place, person)
            language = site.line.language or site.language
            attempt = FIRST_ATTEMPT + place
            send = Send(CHANNEL, test_id, number, language, None, attempt, ring=seconds)
            body = outbox_orders.body_of(send, None)
            voice = site.voice_number
            outbox_orders.add(store, code, name, send, body, voice, claim=desk.rules.room())
        _tell_screens(desk, store, code, by)
        started = _read(store.connection, code, test_id)
        assert started is not None
        return started

    return Item(carry_out, (code,), Priority.REST)


def can_test(site: Site) -> bool:
    """Whether there is an agreement, and a number to test with."""
    return bool(site.line.agreement and site.line.test_numbers)


def heard(desk: Desk, mail: Mail) -> Item:
    """Key 1 was pressed: this number has been heard."""
    return Item(lambda store: settle(desk, store, mail, "heard"), (mail.site,), Priority.REST)


def settle(desk: Desk, store: Store, mail: Mail, word: str) -> None:
    """What became of one number, in our word or the network's; the first word stands."""
    result = RESULTS.get(word, "failed")
    place = mail.attempt - FIRST_ATTEMPT
    changed = store.connection.change(
        "UPDATE line_tests SET result = :result WHERE site = :site AND test_id = :test"
        " AND number = :number AND result IS NULL",
        {"result": result, "site": mail.site, "test": mail.person, "number": place},
    )
    if changed:
        data = {"test": mail.person, "number_index": place, "result": result}
        store.append(mail.site, None, [Entry("line_tested", By("network"), data)])
        _tell_screens(desk, store, mail.site, By("network"))


def last(connection: Connection, site: str) -> LineTest | None:
    """The newest test of this site."""
    rows = connection.execute(
        "SELECT test_id FROM line_tests WHERE site = :site ORDER BY at DESC LIMIT 1",
        {"site": site},
    )
    return _read(connection, site, str(rows[0][0])) if rows else None


def is_overdue(site: Site, newest: LineTest | None, loaded: datetime, now: datetime) -> bool:
    """Whether the line should have been heard by now; counted from set-up without any test."""
    if not can_test(site):
        return False
    since = newest.at if newest is not None and newest.heard else loaded
    if newest is not None and not newest.heard and not newest.running:
        return True
    return now - since > timedelta(days=site.line.test_every + OVERDUE_DAYS)


def due_sites(connection: Connection, book: Book, now: datetime) -> list[str]:
    """The sites whose line should be tested by itself now."""
    book.turn(registry.setup_version(connection))
    codes = [str(row[0]) for row in connection.execute("SELECT code FROM sites ORDER BY code")]
    sites = [site for code in codes if (site := book.site(connection, code)) is not None]
    return [site.code for site in sites if _is_due(connection, book, site, now)]


def _is_due(connection: Connection, book: Book, site: Site, now: datetime) -> bool:
    """Old enough, in the morning, and nobody in need."""
    local = now.astimezone(book.zone(site))
    if not can_test(site) or local.hour < HOUR or local.hour > HOUR + 1:
        return False
    newest = last(connection, site.code)
    if newest is not None and now - newest.at < timedelta(days=site.line.test_every):
        return False
    return not connection.execute(
        f"SELECT 1 FROM alerts WHERE site = :site AND {ASKING} LIMIT 1", {"site": site.code}
    )


def _tell_screens(desk: Desk, store: Store, site: str, by: By) -> None:
    """A test began, or one of its numbers is done: every screen is told with the whole site."""
    desk.note(store, site, Entry("site_changed", by, {"changes": ["line"]}))


def _keep(store: Store, site: str, test_id: str, number: int, person: str | None) -> None:
    store.connection.change(
        "INSERT INTO line_tests (site, test_id, number, person, at, result)"
        " VALUES (:site, :test, :number, :person, :at, NULL)",
        {
            "site": site,
            "test": test_id,
            "number": number,
            "person": person,
            "at": stamp(store.now),
        },
    )


def _read(connection: Connection, site: str, test_id: str) -> LineTest | None:
    rows = connection.execute(
        "SELECT number, at, result FROM line_tests WHERE site = :site AND test_id = :test"
        " ORDER BY number",
        {"site": site, "test": test_id},
    )
    if not rows:
        return None
    return LineTest(test_id, moment(rows[0][1]), {int(row[0]): row[2] for row in rows})
