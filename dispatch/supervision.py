"""Supervision: every site is looked over once a minute, and at once when something of it changes.

A reader looks; only where something differs does an item of the writer look again, under the
site's lock, keep it, make it an event, and tell the coordinators. So of several nodes one does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts import words
from alerts.events import By
from alerts.orders import Entry
from alerts.site import Site
from alerts.words import Text
from dispatch import faults, notices, presence, registry, shifts
from dispatch.bell import Bell
from dispatch.book import Book
from dispatch.clock import Clock
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.faults import Fault, Key
from dispatch.reader import Reader
from dispatch.shifts import Duty
from dispatch.store import ASKING, Store
from dispatch.writer import InlineWriter, Item, Priority, Writer

LOOK_SECONDS = 60.0
SITES_MOST = 50
"""So many sites are looked over at once; with very many sites a round takes a little longer."""
AGAIN_SECONDS = 900.0
"""The coordinators hear of one kind of fault no more often than this."""
AGAIN_MOST = 4 * 3600.0
"""What lasts is repeated, each time after twice as long, up to so long."""
TEXTS: Mapping[str, tuple[str, str | None]] = {
    faults.NO_PHONE: ("W2", "/shift"),
    faults.NO_SCREEN: ("W2s", "/wall"),
    faults.NO_COORDINATOR: ("W2c", "/shift"),
    faults.BUTTON_SILENT: ("W3m", None),
    faults.BATTERY_FLAT: ("W7", None),
    faults.SCREEN_OFF: ("W8", None),
}
TOLD_AFTER: Mapping[str, float] = {faults.NO_SCREEN: 120.0, faults.SCREEN_OFF: 120.0}
"""Seconds before anybody is texted about it; the screens show it long before."""
LISTED_MOST = 6
CHANGES_ALL = frozenset(
    {"site_changed", "device_silent", "device_back", "safe", "closed", "stood_down", "drill_ended"}
)
"""What may change how well a site is covered, or whether its people may be told of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """When the coordinators last heard of a kind of fault, and how often since it began."""

    at: datetime
    count: int


@dataclass(slots=True)
class Plan:
    """What has to be done at a site now; `next` is when to look again, whatever happens."""

    duty: dict[str, Duty] = field(default_factory=dict[str, Duty])
    ask: list[str] = field(default_factory=list[str])
    save: list[Fault] = field(default_factory=list[Fault])
    mended: list[Fault] = field(default_factory=list[Fault])
    tell: dict[str, list[Fault]] = field(default_factory=dict[str, list[Fault]])
    over: list[str] = field(default_factory=list[str])
    next: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether all is as it was."""
        return not (self.duty or self.ask or self.save or self.mended or self.tell or self.over)


def plan(connection: Connection, book: Book, site: Site, now: datetime, *, phones: bool) -> Plan:
    """Look the site over."""
    duty = book.duty(site, now)
    kept = shifts.duties(connection, site.code)
    made = Plan(duty=shifts.changes(site, kept, duty, now, book.zone(site)))
    quiet = phones and not _asking(connection, site.code)
    if quiet:
        here = {person.id for person in site.people}
        made.ask = [one for one in shifts.owed(kept | made.duty) if one in here]
    if made.duty or made.ask:
        # Whoever is asked now has time to answer, so what else is wrong is looked at next.
        made.next = now
        return made
    found = {one.key: one for one in faults.find(connection, site, duty, now)}
    known = faults.kept(connection, site.code)
    made.mended = [one for key, one in known.items() if key not in found]
    lasting = [_lasting(one, known, now) for one in found.values()]
    made.save = [one for one in lasting if one != known.get(one.key)]
    told = _told(connection, site.code)
    if quiet:
        made.tell = {
            kind: group for kind, group in _groups(lasting) if _due(kind, group, told, now)
        }
    kinds = {one.kind for one in lasting}
    made.over = [kind for kind, one in told.items() if one.count and kind not in kinds]
    made.next = min(_moments(lasting, kept, now), default=None)
    return made


def _lasting(fault: Fault, known: Mapping[Key, Fault], now: datetime) -> Fault:
    """A fault that was kept before began then; it is shown once it has lasted."""
    before = known.get(fault.key)
    if before is not None:
        fault = replace(before, what=fault.what)
    return fault if fault.shown or fault.shows_at() > now else replace(fault, shown=True)


def _groups(lasting: Iterable[Fault]) -> Iterable[tuple[str, list[Fault]]]:
    every = list(lasting)
    for kind in TEXTS:
        group = [one for one in every if one.kind == kind and one.shown]
        if group:
            yield kind, group


def _due(kind: str, group: list[Fault], told: Mapping[str, Told], now: datetime) -> bool:
    """Whether the coordinators should hear of these now."""
    ripe = [one for one in group if _ripe_at(one) <= now]
    last = told.get(kind)
    if not ripe or last is None:
        return bool(ripe)
    fresh = any(not one.told for one in ripe) or last.count == 0
    wait = AGAIN_SECONDS if fresh else min(AGAIN_SECONDS * 2 ** (last.count - 1), AGAIN_MOST)
    return now - last.at >= timedelta(seconds=wait)


def _ripe_at(fault: Fault) -> datetime:
    return fault.since + timedelta(seconds=TOLD_AFTER.get(fault.kind, 0.0))


def _moments(
    lasting: Iterable[Fault], kept: Mapping[str, Duty], now: datetime
) -> Iterable[datetime]:
    """When something becomes true by the clock alone."""
    wait = timedelta(seconds=shifts.ANSWER_SECONDS)
    for one in kept.values():
        if one.on_duty and not one.confirmed and one.asked_at and one.asked_at + wait > now:
            yield one.asked_at + wait
    for fault in lasting:
        yield from (at for at in (fault.shows_at(), _ripe_at(fault)) if at > now)


def _told(connection: Connection, site: str) -> dict[str, Told]:
    rows = connection.execute(
        "SELECT kind, at, count FROM notices WHERE site = :site", {"site": site}
    )
    return {str(kind): Told(moment(at), int(count)) for kind, at, count in rows}


def _asking(connection: Connection, site: str) -> bool:
    """Whether people are wanted: nothing may draw them away."""
    rows = connection.execute(
        f"SELECT 1 FROM alerts WHERE site = :site AND {ASKING} LIMIT 1", {"site": site}
    )
    return bool(rows)


def look_over(desk: Desk, code: str) -> Item:
    """Do what has to be done at this site now. The result is when to look again, if by a time."""

    def carry_out(store: Store) -> datetime | None:
        site = desk.site(store, code)
        made = plan(store.connection, desk.book, site, store.now, phones=desk.rules.phones)
        shifts.keep(store, code, made.duty)
        shifts.ask(desk, store, site, made.ask)
        for fault in made.mended:
            faults.forget(store, code, fault)
        for fault in made.save:
            faults.save(store, code, fault)
        _make_events(store, code, made)
        for kind, group in made.tell.items():
            _tell(desk, store, site, kind, group)
        for kind in made.over:
            store.connection.change(
                "UPDATE notices SET count = 0 WHERE site = :site AND kind = :kind",
                {"site": code, "kind": kind},
            )
        return made.next

    return Item(carry_out, (code,), Priority.REST)


def _make_events(store: Store, site: str, made: Plan) -> None:
    """What anybody can see has changed is told: cover by its own events, the rest with the site."""
    lost = [one.kind for one in made.save if one.shown and one.kind in faults.COVER]
    back = [one.kind for one in made.mended if one.shown and one.kind in faults.COVER]
    said = [_named(one) for one in made.save if _plain(one)]
    said += [f"{_named(one)} mended" for one in made.mended if _plain(one)]
    by = By("timer")
    cover = {"cover": faults.cover_shown(faults.kept(store.connection, site).values())}
    entries = [Entry("cover_lost", by, {"why": lost, **cover})] if lost else []
    entries += [Entry("cover_back", by, {"why": back, **cover})] if back else []
    entries += [Entry("site_changed", by, {"changes": said})] if said else []
    store.append(site, None, entries)


def _named(fault: Fault) -> str:
    return f"{fault.kind} {fault.what}".rstrip()


def _plain(fault: Fault) -> bool:
    return fault.shown and fault.kind not in faults.COVER


def _tell(desk: Desk, store: Store, site: Site, kind: str, group: list[Fault]) -> None:
    code, page = TEXTS[kind]
    about = words.about(site)
    text = Text(code, about | ({"what": _listed(group)} if code in {"W3m", "W7", "W8"} else {}))
    if kind == faults.BUTTON_SILENT and len(group) == 1 and group[0].booth is not None:
        since = f"{group[0].since.astimezone(desk.book.zone(site)):%H:%M}"
        text = Text("W3", {**words.about(site, None, group[0].booth), "time": since})
    notices.to_coordinators(desk, store, site, text, page)
    for one in group:
        faults.save(store, site.code, replace(one, told=True))
    store.connection.change(
        "INSERT INTO notices (site, kind, at, count) VALUES (:site, :kind, :now, 1)"
        " ON CONFLICT (site, kind) DO UPDATE SET at = excluded.at, count = notices.count + 1",
        {"site": site.code, "kind": kind, "now": stamp(store.now)},
    )


def _listed(group: list[Fault]) -> str:
    names = sorted(one.what for one in group)
    more = len(names) - LISTED_MOST
    return ", ".join(names[:LISTED_MOST]) + (f" +{more}" if more > 0 else "")


class Supervision:
    """Looks sites over in turn; `changed` asks for some of them at once."""

    def __init__(
        self, desk: Desk, writer: InlineWriter | Writer, reader: Reader, clock: Clock
    ) -> None:
        """Nothing was looked at yet; screens are given time to come back after a start."""
        self._desk = desk
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._book = Book()
        self._due: dict[str, float] = {}
        self._started = clock.monotonic()
        self._heard: set[str] = set()
        self.bell = Bell()

    def changed(self, sites: Iterable[str]) -> None:
        """Something of these sites is different: look at once."""
        self._heard |= set(sites)
        if self._heard:
            self.bell.ring()

    async def step(self) -> bool:
        """Look over what is due; whether there may be more."""
        now = self._clock.monotonic()
        if now - self._started < presence.RETURN_SECONDS:
            return False
        sites, heard = await self._reader.ask(self._sites), self._heard
        self._heard = set()
        self._due = {site: now if site in heard else self._due.get(site, now) for site in sites}
        due = sorted((at, site) for site, at in self._due.items() if at <= now)[:SITES_MOST]
        if not due:
            return False
        more = len(due) == SITES_MOST
        seen = await self._reader.ask(self._look, [site for _, site in due])
        for site, (soon, differs) in seen.items():
            again = soon
            if differs:
                more = True
                again = await self._writer.carry_out(look_over(self._desk, site))
            left = LOOK_SECONDS
            if again is not None:
                left = min(left, max(0.0, (again - self._clock.now()).total_seconds()))
            self._due[site] = now + left
        return more

    def _sites(self, connection: Connection) -> list[str]:
        return [str(row[0]) for row in connection.execute("SELECT code FROM sites")]

    def _look(
        self, connection: Connection, sites: list[str]
    ) -> dict[str, tuple[datetime | None, bool]]:
        self._book.turn(registry.setup_version(connection))
        found: dict[str, tuple[datetime | None, bool]] = {}
        for code in sites:
            site = self._book.site(connection, code)
            if site is not None:
                phones = self._desk.rules.phones
                made = plan(connection, self._book, site, self._clock.now(), phones=phones)
                found[code] = made.next, not made.empty
        return found
