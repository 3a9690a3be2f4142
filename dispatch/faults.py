"""What can be wrong at a site without anybody having pressed: found, kept, and shown.

Each fault is a row until it is mended, so what was told of it is right over restarts and nodes.
The three kinds of COVER say that an alert raised now might not be heard.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.roster import coordinators
from alerts.site import Site
from alerts.times import clock_text
from dispatch import line_tests, presence, reach, registry, setup, shifts
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.registry import Device
from dispatch.sightings import ITSELF, NEVER, SILENT, Sighting, sightings
from dispatch.store import Store

NO_PHONE, NO_SCREEN, NO_COORDINATOR = "no_phone", "no_screen", "no_coordinator"
BUTTON_SILENT, BATTERY_LOW, BATTERY_FLAT = "button_silent", "battery_low", "battery_flat"
SCREEN_OFF, LINE_UNTESTED = "screen_off", "line_untested"
COVER = (NO_PHONE, NO_SCREEN, NO_COORDINATOR)
KINDS = (*COVER, BUTTON_SILENT, BATTERY_FLAT, BATTERY_LOW, SCREEN_OFF, LINE_UNTESTED)
LOW_PERCENT, FLAT_PERCENT = 20, 10
SHOWN_AFTER: Mapping[str, float] = {NO_SCREEN: presence.RETURN_SECONDS, SCREEN_OFF: 10.0}
"""Seconds a screen may be away before that is a fault: a page that is loaded anew comes back."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `what` names it as people do: a booth's number, a screen's name."""

    kind: str
    subject: str
    what: str
    since: datetime
    device: str | None = None
    booth: int | None = None
    shown: bool = False
    told: bool = False

    @property
    def key(self) -> Key:
        """What makes it this fault and no other."""
        return self.kind, self.subject

    def shows_at(self) -> datetime:
        """When it is a fault that is shown, if it lasts."""
        return self.since + timedelta(seconds=SHOWN_AFTER.get(self.kind, 0.0))


def find(connection: Connection, site: Site, duty: frozenset[str], now: datetime) -> list[Fault]:
    """Everything that is wrong at this site now, in the order of KINDS."""
    devices = [one for one in registry.devices(connection, site.code) if one.status == "active"]
    heard = sightings(connection, site.code)
    screens = presence.screens_of(connection, site.code, now)
    found = [
        *_cover(connection, site, duty, now, any(one["able"] for one in screens.values())),
        *_buttons(devices, heard, now),
    ]
    if duty:
        found += [
            Fault(SCREEN_OFF, one.id, one.name or one.id, now, one.id)
            for one in devices
            # A screen that was never switched on is not yet one that anybody counts on.
            if one.kind in {"screen", "tablet"}
            and (one.id in screens or one.id in heard)
            and not screens.get(one.id, {"able": False})["able"]
        ]
    loaded = setup.loaded_at(connection, site.code)
    if line_tests.is_overdue(site, line_tests.last(connection, site.code), loaded, now):
        found.append(Fault(LINE_UNTESTED, "", "", now))
    return found


def _cover(
    connection: Connection, site: Site, duty: frozenset[str], now: datetime, able: bool
) -> Iterable[Fault]:
    reaches = reach.reaches(connection, site.code)
    kept = shifts.duties(connection, site.code)
    here = {person: one for person, one in kept.items() if person in duty}
    if not any(reaches.get(person, reach.Reach()).word == reach.OK for person in duty):
        # Who was asked a moment ago is given the time to answer, unless no text reaches them.
        willing = {
            person: one
            for person, one in here.items()
            if reaches.get(person, reach.Reach()).word == reach.UNCONFIRMED
        }
        if not shifts.answering(willing, now):
            yield Fault(NO_PHONE, "", "", now)
    if not able:
        yield Fault(NO_SCREEN, "", "", now)
    if not any(one.id in duty for one in coordinators(site.people, duty)):
        yield Fault(NO_COORDINATOR, "", "", now)


def _buttons(
    devices: Sequence[Device], heard: Mapping[str, list[Sighting]], now: datetime
) -> Iterable[Fault]:
    for device in devices:
        if device.kind not in {"booth", "bridge"}:
            continue
        for seen in heard.get(device.id, ()):
            booth = device.booth if seen.booth == ITSELF else seen.booth
            what = device.name or device.id if booth is None else f"{booth:02d}"
            at = f"{device.id}/{seen.booth}"
            fault = Fault(BUTTON_SILENT, at, what, now, device.id, booth)
            if seen.state(now) == SILENT and seen.told != NEVER:
                yield replace(fault, since=seen.at)
            if seen.battery is not None and seen.battery < LOW_PERCENT:
                flat = seen.battery < FLAT_PERCENT
                yield replace(fault, kind=BATTERY_FLAT if flat else BATTERY_LOW)


def kept(connection: Connection, site: str) -> dict[Key, Fault]:
    """The faults of this site as they are kept, also those not shown yet."""
    rows = connection.execute(
        "SELECT kind, subject, what, since, device, booth, shown, told FROM faults"
        " WHERE site = :site",
        {"site": site},
    )
    found = [
        Fault(str(kind), str(subject), str(what), moment(since), device, booth, bool(on), bool(to))
        for kind, subject, what, since, device, booth, on, to in rows
    ]
    found.sort(key=lambda one: (KINDS.index(one.kind), one.booth or 0, one.what, one.subject))
    return {one.key: one for one in found}


def flat(connection: Connection, site: str) -> frozenset[tuple[str, int | None]]:
    """Device and booth of the buttons whose battery is so low that they do not count as cover."""
    every = kept(connection, site).values()
    return frozenset((one.device or "", one.booth) for one in every if one.kind == BATTERY_FLAT)


def save(store: Store, site: str, fault: Fault) -> None:
    """Keep this fault as it is now."""
    store.connection.change(
        "INSERT INTO faults (site, kind, subject, device, booth, what, since, shown, told)"
        " VALUES (:site, :kind, :subject, :device, :booth, :what, :since, :shown, :told)"
        " ON CONFLICT (site, kind, subject) DO UPDATE"
        " SET what = excluded.what, shown = excluded.shown, told = excluded.told",
        {
            "site": site,
            "kind": fault.kind,
            "subject": fault.subject,
            "device": fault.device,
            "booth": fault.booth,
            "what": fault.what,
            "since": stamp(fault.since),
            "shown": fault.shown,
            "told": fault.told,
        },
    )


def forget(store: Store, site: str, fault: Fault) -> None:
    """It is mended."""
    store.connection.change(
        "DELETE FROM faults WHERE site = :site AND kind = :kind AND subject = :subject",
        {"site": site, "kind": fault.kind, "subject": fault.subject},
    )


def cover_shown(faults: Iterable[Fault]) -> dict[str, object]:
    """The site's cover as the wire has it, of its kept faults."""
    lost = [one for one in faults if one.kind in COVER and one.shown]
    since = min((one.since for one in lost), default=None)
    return {"ok": not lost, "why": [one.kind for one in lost], "since": clock_text(since)}


def faults_shown(faults: Iterable[Fault]) -> list[dict[str, object]]:
    """The other faults as the wire has them."""
    return [
        {
            "kind": one.kind,
            "what": one.what,
            "since": clock_text(one.since),
            "booth": one.booth,
            "device": one.device,
        }
        for one in faults
        if one.kind not in COVER and one.shown
    ]
