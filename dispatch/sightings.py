"""When devices were last heard of, and the buttons that have fallen silent (promise 8).

A bridge watches several buttons: each has a sighting of its own, by its booth. Heartbeats only
write down that they came; `tell` finds what that changes and makes it an event of the site.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch import registry
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.registry import Device
from dispatch.store import Store
from dispatch.writer import Item

SILENT_SECONDS = 90.0
"""A device not heard of for so long may not be an alarm button any more."""
PERIODS = 2.5
"""A battery button keeps its own period; so many of them are silence."""
ITSELF = -1
"""In place of a booth: the device itself was heard of, not a button that it watches."""
NEVER, OK, SILENT = "never", "ok", "silent"

SAW = """INSERT INTO sightings (device, booth, at, battery, period_s, told)
    VALUES (:device, :booth, :at, :battery, :period_s, 'never') ON CONFLICT (device, booth)
    DO UPDATE SET at = excluded.at, battery = excluded.battery, period_s = excluded.period_s"""
SIGHTINGS = """SELECT s.device, s.booth, s.at, s.battery, s.period_s, s.told
    FROM sightings s JOIN devices d ON d.id = s.device WHERE d.site = :site
    ORDER BY s.device, s.booth"""
UNTOLD = f"""SELECT DISTINCT d.site FROM sightings s JOIN devices d ON d.id = s.device
    WHERE d.kind IN ('booth', 'bridge') AND d.status = 'active' AND s.told <>
    CASE WHEN s.at < :now - CASE WHEN s.period_s * {PERIODS} > {SILENT_SECONDS}
        THEN s.period_s * {PERIODS} ELSE {SILENT_SECONDS} END THEN 'silent' ELSE 'ok' END"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One button, or a device itself, as it was last heard of. `told` is its state in the log."""

    device: str
    booth: int
    at: datetime
    battery: int | None
    period_s: float | None
    told: str

    def state(self, now: datetime) -> str:
        """ok, or silent."""
        limit = max(SILENT_SECONDS, PERIODS * (self.period_s or 0))
        return SILENT if now - self.at > timedelta(seconds=limit) else OK


def saw(
    store: Store,
    device_id: str,
    battery: int | None = None,
    period_s: float | None = None,
    booth: int | None = None,
) -> None:
    """The device was heard of just now, or the button of a booth that it watches."""
    store.apart.change(
        SAW,
        {
            "device": device_id,
            "booth": ITSELF if booth is None else booth,
            "at": stamp(store.now),
            "battery": battery,
            "period_s": period_s,
        },
    )


def heartbeat(
    device: Device, battery: int | None, period_s: float | None, booth: int | None
) -> Item:
    """The device was heard of; only a bridge speaks for other booths than its own."""
    watched = booth if device.kind == "bridge" else None
    return Item(lambda store: saw(store, device.id, battery, period_s, watched))


def sightings(connection: Connection, site: str) -> dict[str, list[Sighting]]:
    """What was last heard of each device of the site: of itself first, then booth by booth."""
    found: dict[str, list[Sighting]] = {}
    for device, booth, at, battery, period_s, told in connection.execute(SIGHTINGS, {"site": site}):
        seen = Sighting(str(device), int(booth), moment(at), battery, period_s, str(told))
        found.setdefault(seen.device, []).append(seen)
    return found


def button_shown(state: str, seen: Sighting | None = None) -> dict[str, object]:
    """What the wire has of a button: its state, and what it last said of itself."""
    return {
        "state": state,
        "battery": seen.battery if seen else None,
        "period_s": seen.period_s if seen else None,
        "last_seen_at": clock_text(seen.at) if seen else None,
    }


def untold(connection: Connection, now: datetime) -> list[str]:
    """Sites with a button whose state is not yet an event."""
    return [str(row[0]) for row in connection.execute(UNTOLD, {"now": stamp(now)})]


def tell(site: str) -> Item:
    """Make events of the buttons of this site that have fallen silent, or are heard again."""

    def carry_out(store: Store) -> None:
        heard = sightings(store.connection, site)
        for device in registry.devices(store.connection, site):
            if device.kind in {"booth", "bridge"} and device.status == "active":
                for seen in heard.get(device.id, []):
                    _tell(store, device, seen)

    return Item(carry_out, (site,))


def _tell(store: Store, device: Device, seen: Sighting) -> None:
    state = seen.state(store.now)
    if state == seen.told:
        return
    store.connection.change(
        "UPDATE sightings SET told = :told WHERE device = :device AND booth = :booth",
        {"told": state, "device": seen.device, "booth": seen.booth},
    )
    store.append(device.site, None, [_entry(device, seen, state)])


def _entry(device: Device, seen: Sighting, state: str) -> Entry:
    by = By("device", device.id)
    booth = device.booth if seen.booth == ITSELF else seen.booth
    if seen.told == NEVER and seen.booth != ITSELF:
        # A button of a bridge that nobody knew of yet: the site looks different now.
        change = f"bridge {device.name or device.id}: button of booth {booth}"
        return Entry("site_changed", by, {"changes": [change]})
    data: dict[str, Any] = {
        "device": device.id,
        "kind": device.kind,
        "booth": booth,
        "why": [SILENT] if state == SILENT else [],
        "button": button_shown(state, seen),
    }
    return Entry("device_silent" if state == SILENT else "device_back", by, data)
