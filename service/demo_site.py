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


def read(language: str) -> SiteFile:
    """Harbour House, whose screens speak this language."""
    text = files("service").joinpath("demo_site.toml").read_text("utf-8")
    loaded = read_site(text, "demo_site.toml")
    entrance = {"nl": "groene deur in de steeg links"}.get(language, loaded.site.address.entrance)
    address = replace(loaded.site.address, entrance=entrance)
    return replace(loaded, site=replace(loaded.site, language=language, address=address))


def set_up(database: Database, loaded: SiteFile, before: Json) -> Json:
    """Load the site and make the devices that are not there yet; the keys to all of them.

    `before` are the keys of an earlier start, `{}` at the first: devices stay who they were, so
    that a browser that was paired is paired still.
    """
    site = loaded.site
    tokens: Json = before.get("tokens", {})
    connection = database.open()
    try:
        carry_out = InlineWriter(connection, SystemClock(), lambda _effects: None).now
        kept = registry.pins(connection, site.code)
        carry_out(setup.load_site(loaded, hashed_pins(loaded.pins, kept)))

        def device(kind: str, booth: int | None, name: str) -> NewDevice:
            token = tokens.get(kind, "")
            token = token.get(str(booth), "") if isinstance(token, dict) else token
            known = registry.device_of(connection, token)
            if known and setup.in_use(connection, known):
                code = carry_out(setup.new_code(known, seconds=CODE_SECONDS, uses=CODE_USES))
                return NewDevice(known, token, code)
            return carry_out(
                setup.add_device(
                    site.code, kind, booth, name, code_seconds=CODE_SECONDS, uses=CODE_USES
                )
            )

        booths = {
            booth.number: device("booth", booth.number, f"Button {booth.number}")
            for booth in site.booths
        }
        names = {
            "tablet": "Wall",
            "screen": "TV",
            "bridge": "Bridge",
            "monitor": "Monitor",
            "board": "Board",
        }
        rest = {kind: device(kind, None, name) for kind, name in names.items()}
    finally:
        connection.close()
    return {
        "site": site.code,
        "tokens": {
            "booth": {str(number): made.token for number, made in booths.items()},
            **{kind: made.token for kind, made in rest.items()},
        },
        "codes": {
            "booth": booths[site.booths[0].number].code,
            "wall": rest["tablet"].code,
            "board": rest["board"].code,
        },
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "phone": person.phone,
                "roles": [str(role) for role in person.roles],
                "pin": loaded.pins.get(person.id) or None,
            }
            for person in site.people
        ],
    }


def left_open(database: Database) -> int:
    """How many alerts, drills among them, an earlier start has left open."""
    connection = database.open()
    try:
        rows = connection.execute("SELECT count(*) FROM alerts WHERE state <> 'closed'")
        return int(rows[0][0])
    finally:
        connection.close()
