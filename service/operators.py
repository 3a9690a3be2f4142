"""The operators' commands: they open the database of the settings and may run beside a server.

Every change they make goes through the same door as the server's own.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dispatch import migrations, registry, setup
from dispatch.audit import first_fault
from dispatch.clock import SystemClock
from dispatch.codec import decode
from dispatch.database import Connection, Database, DatabaseAway, DatabaseUnfit
from dispatch.registry import Device
from dispatch.setup import NewDevice
from dispatch.site_fields import SiteFaults
from dispatch.site_file import SiteFile, read_site
from dispatch.site_text import export_site, site_from_json
from dispatch.writer import InlineWriter, Item
from service.pins import hashed_pins
from service.settings import Settings, WrongSetting, complain, read_settings

REFUSED, WRONG, AWAY = 1, 2, 3
Kind = Literal["booth", "screen", "tablet", "bridge", "monitor", "board"]

site = typer.Typer(no_args_is_help=True, help="Check, load and export site files.")
device = typer.Typer(no_args_is_help=True, help="Add, list and revoke devices.")
audit = typer.Typer(no_args_is_help=True, help="Prove that the log is whole.")


def add_to(command: typer.Typer) -> None:
    """Add the operators' commands to the `directline` command."""
    from service.doctor import doctor

    command.add_typer(site, name="site")
    command.add_typer(device, name="device")
    command.add_typer(audit, name="audit")
    command.command(help="Bring the database to this version.")(migrate)
    command.command(help="Check database, clock, phones, texts, screens and buttons.")(doctor)


@contextmanager
def opened() -> Generator[tuple[Settings, Connection, Callable[[Item], Any]]]:
    """The settings, the database brought up to date, and a way to carry out changes.

    Ends the command with one clear line and the right exit code when something is wrong.
    """
    try:
        settings = read_settings()
        database = Database(settings.database_url)
        migrations.bring_up_to_date(database)
        connection = database.open()
        try:
            writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
            yield settings, connection, writer.now
        finally:
            connection.close()
    except (WrongSetting, DatabaseUnfit) as wrong:
        complain(wrong)
        raise typer.Exit(WRONG) from None
    except DatabaseAway as away:
        complain(f"DIRECTLINE_DATABASE_URL: {away}")
        raise typer.Exit(AWAY) from None


def migrate() -> None:
    """Bring the database to this version."""
    try:
        settings = read_settings()
        changed = migrations.bring_up_to_date(Database(settings.database_url))
    except (WrongSetting, DatabaseUnfit) as wrong:
        complain(wrong)
        raise typer.Exit(WRONG) from None
    except DatabaseAway as away:
        complain(f"DIRECTLINE_DATABASE_URL: {away}")
        raise typer.Exit(AWAY) from None
    print(f"schema {migrations.newest()}{'' if changed else ' already'}")


@site.command("check")
def site_check(file: Path) -> None:
    """Validate a site file: exit 0, or 2 with one line per fault and its place."""
    loaded = _read(file)
    print(f"{file}: {loaded.site.code} {loaded.site.name} is fit to load")


@site.command("load")
def site_load(file: Path) -> None:
    """Create or update the site of this file; prints what changed."""
    with opened() as (_, connection, carry_out):
        loaded = _read(file, connection)
        try:
            changed = carry_out(setup.load_site(loaded, hashed_pins(loaded.pins)))
        except setup.NumberTaken as taken:
            complain(f"{file}: {taken}")
            raise typer.Exit(WRONG) from None
        for line in changed or ["nothing changed"]:
            print(f"{loaded.site.code}: {line}")


@site.command("export")
def site_export(code: str) -> None:
    """Print the site as a file, without PINs."""
    with opened() as (_, connection, _carry_out):
        rows = connection.execute("SELECT file FROM sites WHERE code = :code", {"code": code})
        if not rows:
            complain(f"there is no site {code}")
            raise typer.Exit(REFUSED)
        print(export_site(site_from_json(decode(rows[0][0]))), end="")


@site.command("send-test")
def site_send_test(code: str) -> None:
    """Send one text to the site's test phone."""
    from service.send_test import send_test

    with opened() as (settings, connection, _carry_out):
        rows = connection.execute("SELECT file FROM sites WHERE code = :code", {"code": code})
        if not rows:
            complain(f"there is no site {code}")
            raise typer.Exit(REFUSED)
        problem = send_test(settings, site_from_json(decode(rows[0][0])))
        if problem:
            complain(problem)
            raise typer.Exit(REFUSED)
        print(f"{code}: the phone network took the test text")


@device.command("add")
def device_add(
    site: Annotated[str, typer.Option(help="Code of the site.")],
    kind: Annotated[Kind, typer.Option(help="What the device is.")],
    booth: Annotated[int | None, typer.Option(help="Number of the booth, for a booth.")] = None,
    name: Annotated[str, typer.Option(help="How screens name it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Add a device; its token is printed once."""
    if (kind == "booth") != (booth is not None):
        complain("--booth goes with --kind booth, and --kind booth needs it")
        raise typer.Exit(WRONG)
    with opened() as (settings, _, carry_out):
        sites = (site,) if kind == "board" else ()
        try:
            made: NewDevice = carry_out(setup.add_device(site, kind, booth, name, sites=sites))
        except setup.NoSuchSite:
            complain(f"--site: there is no site {site}")
            raise typer.Exit(REFUSED) from None
        except setup.NoSuchBooth:
            complain(f"--booth: {site} has no booth {booth}")
            raise typer.Exit(REFUSED) from None
        link = f"{settings.reached_at(settings.port)}/pair#{made.code}"
        if as_json:
            print(
                json.dumps(
                    {
                        "device_id": made.device.id,
                        "token": made.token,
                        "code": made.code,
                        "link": link,
                    }
                )
            )
            return
        print(f"device {made.device.id}\ntoken  {made.token}\ncode   {made.code}\nlink   {link}")
        if sys.stdout.isatty():
            import segno

            segno.make(link).terminal(compact=True)


@device.command("list")
def device_list(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every device."""
    with opened() as (_, connection, _carry_out):
        found = registry.devices(connection)
    if as_json:
        print(json.dumps([_said(one) for one in found]))
        return
    for one in found:
        booth = f"booth {one.booth}" if one.booth is not None else ""
        print(f"{one.id}  {one.site}  {one.kind:8} {booth:9} {one.status:8} {one.name}".rstrip())


@device.command("revoke")
def device_revoke(
    device_id: str,
    block: Annotated[
        bool, typer.Option("--block", help="Refuse even its presses, for good.")
    ] = False,
) -> None:
    """Revoke a device: its presses still raise alerts, marked unknown device."""
    with opened() as (_, connection, carry_out):
        status = "blocked" if block else "revoked"
        carry_out(setup.set_status(_device(connection, device_id), status))
        print(f"device {device_id} is {status}")


@device.command("code")
def device_code(device_id: str) -> None:
    """Print a new pairing code, good for ten minutes and one use."""
    with opened() as (_, connection, carry_out):
        print(carry_out(setup.new_code(_device(connection, device_id))))


@audit.command("verify")
def audit_verify() -> None:
    """Exit 0 if the chain of every log is whole; 2 naming the first bad entry."""
    with opened() as (_, connection, _carry_out):
        fault, count = first_fault(connection)
    if fault is not None:
        complain(fault)
        raise typer.Exit(WRONG)
    print(f"the log is whole: {count} entries")


def _device(connection: Connection, device_id: str) -> Device:
    found = registry.device(connection, device_id)
    if found is None:
        complain(f"there is no device {device_id}")
        raise typer.Exit(REFUSED)
    return found


def _said(one: Device) -> dict[str, object]:
    return {
        "device_id": one.id,
        "site": one.site,
        "kind": one.kind,
        "booth": one.booth,
        "name": one.name,
        "status": one.status,
    }


def _read(file: Path, connection: Connection | None = None) -> SiteFile:
    """The file, checked; ends the command with its faults when it is not fit.

    With a database, PINs that are kept there count: a file need not repeat them.
    """
    try:
        text = file.read_text("utf-8", errors="surrogateescape")
    except OSError as error:
        complain(f"{file}: {error.strerror}")
        raise typer.Exit(WRONG) from None
    try:
        return read_site(text, str(file), _kept_pins(connection, text) if connection else ())
    except SiteFaults as faults:
        print(faults, file=sys.stderr)
        raise typer.Exit(WRONG) from None


def _kept_pins(connection: Connection, text: str) -> list[str]:
    """The people whose PIN we have, of the site that this file is about."""
    try:
        code = tomllib.loads(text)["site"]["code"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return []
    return list(registry.pins(connection, code)) if isinstance(code, str) else []
