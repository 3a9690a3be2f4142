"""Setting up: sites, PINs, devices and pairing, each an event of the log like everything else."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.events import By
from alerts.orders import Entry
from alerts.site import Site
from dispatch import registry, sightings
from dispatch.codec import decode, encode, moment, stamp
from dispatch.database import Connection
from dispatch.registry import Device
from dispatch.site_file import SiteFile, numbers_of_site
from dispatch.site_text import changes, site_from_json, site_to_json
from dispatch.store import Store
from dispatch.writer import Item

OPERATOR = By("operator")


@dataclass(frozen=True, slots=True)
class NumberTaken(Exception):
    """Another site uses this number of ours: replies could not be told apart."""

    at: str
    site: str

    def __str__(self) -> str:
        """The fault with its place."""
        return f"{self.at}: this number belongs to site {self.site} already"


class NoSuchSite(Exception):
    """There is no site of this code."""


class NoSuchBooth(Exception):
    """The site has no booth of this number."""


@dataclass(frozen=True, slots=True)
class BoothTaken(Exception):
    """The booth has buttons already: these, last heard of then."""

    buttons: tuple[tuple[Device, datetime], ...]


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device just made: its id, its token (shown once) and a pairing code."""

    device: Device
    token: str
    code: str


def load_site(loaded: SiteFile, pins: Mapping[str, str | None]) -> Item:
    """Create or update the site; the result is the list of what changed, empty for nothing.

    `pins` are those that change: hashes to keep, None to forget. Raises NumberTaken. One
    transaction, one event.
    """
    site = loaded.site

    def carry_out(store: Store) -> list[str]:
        old = read_site_row(store.connection, site.code)
        kept = registry.pins(store.connection, site.code)
        changed = changes(old, site)
        changed += [
            f"people.{person}: PIN changed"
            for person in sorted(pins)
            if pins[person] is not None or person in kept
        ]
        if not changed and old is not None:
            return []
        _take_numbers(store, site)
        _save(store, site, new=old is None)
        registry.set_pins(store, site.code, pins)
        registry.setup_changed(store)
        store.append(site.code, None, [Entry("site_changed", OPERATOR, {"changes": changed})])
        return changed

    return Item(carry_out, (site.code,))


def read_site_row(connection: Connection, code: str) -> Site | None:
    """The site as it was last loaded."""
    rows = connection.execute("SELECT file FROM sites WHERE code = :code", {"code": code})
    return site_from_json(decode(rows[0][0])) if rows else None


def loaded_at(connection: Connection, code: str) -> datetime:
    """When the site was last changed."""
    rows = connection.execute("SELECT loaded_at FROM sites WHERE code = :code", {"code": code})
    return moment(rows[0][0])


def _save(store: Store, site: Site, *, new: bool) -> None:
    store.connection.change(
        "INSERT INTO sites (code, file, loaded_at) VALUES (:code, :file, :now)"
        " ON CONFLICT (code) DO UPDATE SET file = excluded.file, loaded_at = excluded.loaded_at",
        {"code": site.code, "file": encode(site_to_json(site)), "now": stamp(store.now)},
    )
    if new:
        store.connection.change(
            "INSERT INTO log_heads (site, seq, hash, number) VALUES (:site, 0, '', 9)"
            " ON CONFLICT (site) DO NOTHING",
            {"site": site.code},
        )
        store.lock([site.code])


def _take_numbers(store: Store, site: Site) -> None:
    """Our numbers are this site's from now on. Raises NumberTaken."""
    store.connection.change("DELETE FROM numbers WHERE site = :site", {"site": site.code})
    for at, number in numbers_of_site(site):
        taken = site_of_number(store.connection, number)
        if taken not in {None, site.code}:
            raise NumberTaken(at, str(taken))
        if taken is None:
            store.connection.change(
                "INSERT INTO numbers (number, site) VALUES (:number, :site)",
                {"number": number, "site": site.code},
            )


def site_of_number(connection: Connection, number: str) -> str | None:
    """The site whose sender, voice or line number this is."""
    rows = connection.execute("SELECT site FROM numbers WHERE number = :number", {"number": number})
    return str(rows[0][0]) if rows else None


def add_device(
    site: str,
    kind: str,
    booth: int | None,
    name: str,
    *,
    sites: tuple[str, ...] = (),
    code_seconds: float = registry.CODE_SECONDS,
    uses: int = 1,
) -> Item:
    """A new device of this site; the result is a NewDevice. Raises NoSuchSite, NoSuchBooth.

    `sites` are those a board follows.
    """

    def carry_out(store: Store) -> NewDevice:
        known = read_site_row(store.connection, site)
        for code in (site, *sites):
            if read_site_row(store.connection, code) is None:
                raise NoSuchSite(code)
        assert known is not None
        if booth is not None and not known.has_booth(booth):
            raise NoSuchBooth(str(booth))
        # It is typed as an argument of commands, so it begins like none of their options.
        made = Device(f"d{secrets.token_urlsafe(9)}", site, kind, booth, name, sites, "active")
        token = registry.add_device(store, made)
        code = registry.add_code(store, made.id, seconds=code_seconds, uses=uses)
        entry = Entry("site_changed", OPERATOR, {"changes": [f"{kind} {name or made.id} added"]})
        store.append(site, None, [entry])
        return NewDevice(made, token, code)

    return Item(carry_out, (site,))


def new_code(device: Device, *, seconds: float = registry.CODE_SECONDS, uses: int = 1) -> Item:
    """A new pairing code for a device; the result is the code."""
    return Item(
        lambda store: registry.add_code(store, device.id, seconds=seconds, uses=uses),
        (device.site,),
    )


def set_status(device: Device, status: str, by: By = OPERATOR) -> Item:
    """Revoke or block a device: it still raises alerts unless it is blocked, marked unknown.

    Blocked is for good. `by` is who did it. The result says whether anything changed.
    """

    return Item(lambda store: _set_status(store, device, status, by), (device.site,))


def _set_status(store: Store, device: Device, status: str, by: By) -> bool:
    now = registry.device(store.connection, device.id)
    if now is None or now.status in {status, "blocked"}:
        return False
    found = registry.set_status(store, device.id, status)
    if found:
        said = f"{device.kind} {device.name or device.id} {status}"
        store.append(device.site, None, [Entry("site_changed", by, {"changes": [said]})])
    return found


def pair(device: Device, code: str, others: str | None = None) -> Item:
    """Use a pairing code of this device; the result is the device and a token of its own, or None.

    `others` is what becomes of the booth's other buttons: `keep` or `replace`, which revokes them.
    Raises BoothTaken while there are any and it was not said (`screens.md` 2.8).
    """

    def carry_out(store: Store) -> tuple[Device, str] | None:
        used = registry.use_code(store, code) == device.id
        found = registry.device(store.connection, device.id)
        if not used or found is None or not in_use(store.connection, found):
            return None
        taken = _other_buttons(store.connection, found)
        if taken and others is None:
            raise BoothTaken(tuple(taken))
        for one, _ in taken if others == "replace" else ():
            _set_status(store, one, "revoked", By("device", found.id))
        return found, registry.add_token(store, found.id)

    return Item(carry_out, (device.site,))


def _other_buttons(connection: Connection, device: Device) -> list[tuple[Device, datetime]]:
    """The other devices that are this booth's button and have been heard of, and when."""
    if device.kind != "booth":
        return []
    heard = sightings.sightings(connection, device.site)
    return [
        (one, heard[one.id][0].at)
        for one in registry.devices(connection, device.site)
        if (one.kind, one.booth, one.status) == ("booth", device.booth, "active")
        and one.id != device.id
        and one.id in heard
    ]


def in_use(connection: Connection, device: Device) -> bool:
    """Whether this device is one of a site as it is now: not revoked, its booth not retired."""
    site = read_site_row(connection, device.site)
    return (
        device.status == "active"
        and site is not None
        and (device.booth is None or site.has_booth(device.booth))
    )
