"""Devices, tokens, pairing codes, PINs and links: who may call, kept as hashes.

Reading is on any connection; changes are made inside a `Store` and bump the set-up version, by
which every node notices within a second.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dispatch.codec import stamp
from dispatch.database import Connection
from dispatch.store import Store

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the token or code names it. `status` is active, revoked or blocked."""

    id: str
    site: str
    kind: str
    booth: int | None
    name: str
    sites: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Link:
    """What a responder's link opens: one alert, for one person."""

    site: str
    alert: str
    person: str


def hashed(secret: str) -> str:
    """How a secret of high entropy is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def plain_code(code: str) -> str:
    """A pairing code as it is compared: letters and digits only, upper-case."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:16]


def _device(row: tuple[object, ...]) -> Device:
    ident, site, kind, booth, name, sites, status = row
    return Device(
        str(ident),
        str(site),
        str(kind),
        booth if isinstance(booth, int) else None,
        str(name),
        tuple(str(sites).split()),
        str(status),
    )


_COLUMNS = "d.id, d.site, d.kind, d.booth, d.name, d.sites, d.status"


def device_of(connection: Connection, token: str) -> Device | None:
    """The device this token was issued to, whatever its status."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM tokens t JOIN devices d ON d.id = t.device WHERE t.hash = :hash",
        {"hash": hashed(token)},
    )
    return _device(tuple(rows[0])) if rows else None


def device_of_code(connection: Connection, code: str) -> Device | None:
    """The device this pairing code was made for, whether or not it still works."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM codes c JOIN devices d ON d.id = c.device WHERE c.hash = :hash",
        {"hash": hashed(plain_code(code))},
    )
    return _device(tuple(rows[0])) if rows else None


def device(connection: Connection, device_id: str) -> Device | None:
    """One device by its id."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM devices d WHERE d.id = :id", {"id": device_id}
    )
    return _device(tuple(rows[0])) if rows else None


def devices(connection: Connection, site: str | None = None) -> list[Device]:
    """Every device, or those of one site, in the order they were made."""
    where = "" if site is None else " WHERE d.site = :site"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM devices d{where} ORDER BY d.made_at, d.id",
        {} if site is None else {"site": site},
    )
    return [_device(tuple(row)) for row in rows]


def setup_version(connection: Connection) -> str:
    """Changes whenever a site, a person's PIN or a device does."""
    rows = connection.execute("SELECT value FROM meta WHERE name = 'setup'")
    return str(rows[0][0]) if rows else "0"


def setup_changed(store: Store) -> None:
    """Tell every node that what was set up is different now."""
    store.connection.change(
        "INSERT INTO meta (name, value) VALUES ('setup', :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {"value": secrets.token_hex(8)},
    )


def add_device(store: Store, made: Device) -> str:
    """Keep a new device; returns its token, which is nowhere kept in plain."""
    store.connection.change(
        "INSERT INTO devices (id, site, kind, booth, name, sites, status, made_at)"
        " VALUES (:id, :site, :kind, :booth, :name, :sites, 'active', :now)",
        {
            "id": made.id,
            "site": made.site,
            "kind": made.kind,
            "booth": made.booth,
            "name": made.name,
            "sites": " ".join(made.sites),
            "now": stamp(store.now),
        },
    )
    setup_changed(store)
    return add_token(store, made.id)


def add_token(store: Store, device_id: str) -> str:
    """A new token of 256 bits for this device."""
    token = secrets.token_urlsafe(32)
    store.connection.change(
        "INSERT INTO tokens (hash, device) VALUES (:hash, :device)",
        {"hash": hashed(token), "device": device_id},
    )
    return token


def add_code(store: Store, device_id: str, *, seconds: float = CODE_SECONDS, uses: int = 1) -> str:
    """A pairing code for this device, as it is shown: `K742-9QXD`."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    store.connection.change(
        "INSERT INTO codes (hash, device, expires_at, uses) VALUES (:hash, :device, :at, :uses)",
        {
            "hash": hashed(letters),
            "device": device_id,
            "uses": uses,
            "at": stamp(store.now + timedelta(seconds=seconds)),
        },
    )
    return f"{letters[:4]}-{letters[4:]}"


def use_code(store: Store, code: str) -> str | None:
    """Use a pairing code once: the id of its device, or None when it does not work (any more)."""
    parameters = {"hash": hashed(plain_code(code)), "now": stamp(store.now)}
    used = store.connection.change(
        "UPDATE codes SET uses = uses - 1 WHERE hash = :hash AND expires_at > :now AND uses > 0",
        parameters,
    )
    if used != 1:
        return None
    rows = store.connection.execute(
        "SELECT device FROM codes WHERE hash = :hash", {"hash": parameters["hash"]}
    )
    return str(rows[0][0])


def set_status(store: Store, device_id: str, status: str) -> bool:
    """Revoke or block a device; False when there is none of that id."""
    changed = store.connection.change(
        "UPDATE devices SET status = :status WHERE id = :id", {"id": device_id, "status": status}
    )
    setup_changed(store)
    return changed == 1


def pins(connection: Connection, site: str) -> dict[str, str]:
    """The argon2 hash of everybody's PIN at this site."""
    rows = connection.execute("SELECT person, hash FROM pins WHERE site = :site", {"site": site})
    return {str(person): str(pin) for person, pin in rows}


def set_pins(store: Store, site: str, changed: Mapping[str, str | None]) -> None:
    """Keep these hashes; None forgets a person's PIN."""
    for person, pin in changed.items():
        parameters = {"site": site, "person": person, "hash": pin}
        store.connection.change(
            "DELETE FROM pins WHERE site = :site AND person = :person",
            {"site": site, "person": person},
        )
        if pin is not None:
            store.connection.change(
                "INSERT INTO pins (site, person, hash) VALUES (:site, :person, :hash)", parameters
            )


def link(connection: Connection, token: str) -> Link | None:
    """What this link opens."""
    rows = connection.execute(
        "SELECT site, alert, person FROM links WHERE hash = :hash", {"hash": hashed(token)}
    )
    return Link(str(rows[0][0]), str(rows[0][1]), str(rows[0][2])) if rows else None
