"""The site of the demo and its devices, as they are after each of its starts."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

from dispatch import registry, setup
from dispatch.clock import SystemClock
from dispatch.database import Database
from dispatch.setup import NewDevice
from dispatch.site_file import SiteFile, read_site
from dispatch.writer import InlineWriter
from service.pin_hashes import hashed_pins

Json = dict[str, Any]
CODE_SECONDS = 24 * 3600.0
CODE_USES = 10_000
NAMES = {
    "tablet": "Wall",
    "screen": "TV",
    "bridge": "Bridge",
    "monitor": "Monitor",
    "board": "Board",
}
"""One device of each kind but the booths', and how screens name it."""


def read(language: str) -> SiteFile:
    """Harbour House, whose screens speak this language."""
    text = files("service").joinpath("demo_site.toml").read_text("utf-8")
    loaded = read_site(text, "demo_site.toml")
    address = loaded.site.address
    if address and language == "nl":
        address = replace(address, entrance="groene deur in de steeg links")
    return replace(loaded, site=replace(loaded.site, language=language, address=address))


def set_up(database: Database, loaded: SiteFile, before: Json) -> Json:
    """Load the site and make the devices that are not there yet; the keys to all of them.

    `before` are the keys of an earlier start, `{}` at the first: devices stay who they were, so
    that a browser that was paired is paired still.
    """
    site = loaded.site
    tokens: Json = before.get("tokens", {})
    of_booths: Json = tokens.get("booth", {})
    connection = database.open()
    try:
        writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
        kept = registry.pins(connection, site.code)
        writer.now(setup.load_site(loaded, hashed_pins(loaded.pins, kept)))

        def device(token: str, kind: str, booth: int | None, name: str) -> NewDevice:
            known = registry.device_of(connection, token)
            if known and setup.in_use(connection, known):
                code = setup.new_code(known, seconds=CODE_SECONDS, uses=CODE_USES)
                return NewDevice(known, token, writer.now(code))
            made = setup.add_device(
                site.code, kind, booth, name, code_seconds=CODE_SECONDS, uses=CODE_USES
            )
            return writer.now(made)

        booths = {
            str(one.number): device(
                of_booths.get(str(one.number), ""), "booth", one.number, f"Button {one.number}"
            )
            for one in site.booths
        }
        rest = {
            kind: device(tokens.get(kind, ""), kind, None, name) for kind, name in NAMES.items()
        }
    finally:
        connection.close()
    return {
        "site": site.code,
        "tokens": {
            "booth": {number: made.token for number, made in booths.items()},
            **{kind: made.token for kind, made in rest.items()},
        },
        "codes": {
            "booth": booths[str(site.booths[0].number)].code,
            "wall": rest["tablet"].code,
            "board": rest["board"].code,
        },
        "people": _people(loaded),
    }


def _people(loaded: SiteFile) -> list[Json]:
    """Everybody with phone and PIN: nobody of them is real."""
    return [
        {
            "id": person.id,
            "name": person.name,
            "phone": person.phone,
            "roles": [str(role) for role in person.roles],
            "pin": loaded.pins.get(person.id) or None,
        }
        for person in loaded.site.people
    ]


def left_open(database: Database) -> int:
    """How many alerts, drills among them, an earlier start has left open."""
    connection = database.open()
    try:
        rows = connection.execute("SELECT count(*) FROM alerts WHERE state <> 'closed'")
        return int(rows[0][0])
    finally:
        connection.close()
