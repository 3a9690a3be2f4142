"""Who comes on duty, and whether they have shown that alerts reach their phone.

At the start of a shift a person is asked by text to answer 7 (W1), and what an earlier shift
showed is forgotten. Whoever is on duty always is asked once a week, at nine in the morning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from alerts import words
from alerts.draft import TEXT
from alerts.events import By
from alerts.orders import Entry
from alerts.roster import hours_of
from alerts.site import Person, Site
from alerts.words import Text
from dispatch import notices
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.store import Store
from dispatch.writer import Item, Priority

WEEK_DAYS = 7
HOUR = 9
"""Whoever is on duty always is asked from nine in the morning on, at the site."""
ANSWER_SECONDS = 300.0
"""So long somebody who was asked has to answer before their phone counts as not confirmed."""
AGAIN_SECONDS = 60.0
"""Nobody is asked twice within so long, however often somebody taps."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What is kept of one person. `asked_at` is None while this shift's question is owed."""

    on_duty: bool = False
    confirmed: bool = False
    asked_at: datetime | None = None


def duties(connection: Connection, site: str) -> dict[str, Duty]:
    """What is kept of the people of this site, by id."""
    rows = connection.execute(
        "SELECT person, on_duty, confirmed, asked_at FROM duties WHERE site = :site",
        {"site": site},
    )
    return {
        str(person): Duty(bool(on), bool(confirmed), None if at is None else moment(at))
        for person, on, confirmed, at in rows
    }


def changes(
    site: Site, kept: Mapping[str, Duty], duty: frozenset[str], now: datetime, zone: tzinfo
) -> dict[str, Duty]:
    """Of whom something else has to be kept now: they came or went, or a week has passed."""
    changed: dict[str, Duty] = {}
    for person in site.people:
        known = kept.get(person.id, Duty())
        here = person.id in duty
        if here and (not known.on_duty or _week_is_over(person, known, now, zone)):
            changed[person.id] = Duty(on_duty=True)
        elif known.on_duty and not here:
            changed[person.id] = Duty()
    return changed


def _week_is_over(person: Person, known: Duty, now: datetime, zone: tzinfo) -> bool:
    if person.shifts or known.asked_at is None:
        return False
    local = now.astimezone(zone)
    days = (local.date() - known.asked_at.astimezone(zone).date()).days
    return days >= WEEK_DAYS and local.hour >= HOUR


def owed(kept: Mapping[str, Duty]) -> list[str]:
    """Who is on duty and was not asked yet."""
    return [person for person, one in kept.items() if one.on_duty and one.asked_at is None]


def answering(kept: Mapping[str, Duty], now: datetime) -> bool:
    """Whether somebody on duty was asked just now, and may still answer."""
    since = now - timedelta(seconds=ANSWER_SECONDS)
    return any(
        one.on_duty and not one.confirmed and one.asked_at is not None and one.asked_at > since
        for one in kept.values()
    )


def keep(store: Store, site: str, changed: Mapping[str, Duty]) -> None:
    """Keep who came and who went."""
    for person, one in changed.items():
        _save(store, site, person, one)
    if changed:
        said = [f"people.{person}: {_word(one)}" for person, one in changed.items()]
        store.append(site, None, [Entry("site_changed", By("timer"), {"changes": said})])


def _word(duty: Duty) -> str:
    return "on duty" if duty.on_duty else "off duty"


def _save(store: Store, site: str, person: str, one: Duty) -> None:
    store.connection.change(
        "INSERT INTO duties (site, person, on_duty, confirmed, asked_at)"
        " VALUES (:site, :person, :on, :confirmed, :at) ON CONFLICT (site, person) DO UPDATE"
        " SET on_duty = excluded.on_duty, confirmed = excluded.confirmed,"
        " asked_at = excluded.asked_at,"
        " confirmed_at = CASE WHEN excluded.confirmed THEN duties.confirmed_at END",
        {
            "site": site,
            "person": person,
            "on": one.on_duty,
            "confirmed": one.confirmed,
            "at": None if one.asked_at is None else stamp(one.asked_at),
        },
    )


def ask(desk: Desk, store: Store, site: Site, people: Iterable[str]) -> None:
    """Text these people that they are on duty and what to answer (W1)."""
    zone = desk.book.zone(site)
    local = store.now.astimezone(zone)
    kept = duties(store.connection, site.code)
    sends: list[notices.Notice] = []
    for name in people:
        person = site.person(name)
        if person is None:
            continue
        known = kept.get(name, Duty())
        _save(store, site.code, name, Duty(known.on_duty, known.confirmed, store.now))
        hours = hours_of(person, local)
        sends.append(
            notices.Notice(TEXT, person, Text("W1", {**words.about(site), "hours": hours}))
        )
    notices.send(desk, store, site, sends)


def ask_again(desk: Desk, code: str, person: str) -> Item:
    """Somebody taps RESEND: ask this person anew. Whether a text was ordered."""

    def carry_out(store: Store) -> bool:
        site = desk.site(store, code)
        asked = duties(store.connection, code).get(person, Duty()).asked_at
        lately = asked is not None and store.now - asked < timedelta(seconds=AGAIN_SECONDS)
        if lately or not desk.rules.phones:
            return False
        ask(desk, store, site, [person])
        return True

    return Item(carry_out, (code,), Priority.REST)
