"""The operators' commands: they open the database of the settings and may run beside a server.

Every change they make goes through the same door as the server's own.
"""

import json
import sys
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from dispatch.database import Connection
    from dispatch.registry import Device
    from dispatch.site_file import SiteFile
    from dispatch.writer import Item
    from service.settings import Settings

REFUSED, WRONG, AWAY = 1, 2, 3
NAME_MOST = 64
Kind = Literal["booth", "screen", "tablet", "bridge", "monitor", "board"]

site = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Check, load and export site files."
)
device = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Add, list and revoke devices."
)
audit = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Prove that the log is whole."
)


def add_to(command: typer.Typer) -> None:
    """Add the operators' commands to the `directline` command."""
    command.add_typer(site, name="site")
    command.add_typer(device, name="device")
    command.add_typer(audit, name="audit")
    command.command(help="Bring the database to this version.")(migrate)
    command.command(help="Check database, clock, phones, texts, screens and buttons.")(doctor)


@contextmanager
def told() -> Generator[None]:
    """End the command with one clear line and the right exit code when something is wrong."""
    from dispatch.database import DatabaseAway, DatabaseUnfit
    from service.settings import WrongSetting, complain

    try:
        yield
    except WrongSetting as wrong:
        complain(wrong)
        raise typer.Exit(WRONG) from None
    except DatabaseUnfit as unfit:
        complain(f"DIRECTLINE_DATABASE_URL: {unfit}")
        raise typer.Exit(WRONG) from None
    except DatabaseAway as away:
        complain(f"DIRECTLINE_DATABASE_URL: {away}")
        raise typer.Exit(AWAY) from None


@contextmanager
def opened() -> Generator[tuple["Settings", "Connection", Callable[["Item"], Any]]]:
    """The settings, the database brought up to date, and a way to carry out changes."""
    from dispatch.clock import SystemClock
    from dispatch.writer import InlineWriter
    from service.opening import open_database
    from service.settings import read_settings

    with told():
        settings = read_settings()
        connection = open_database(settings.database_url)
        try:
            writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
            yield settings, connection, writer.now
        finally:
            connection.close()


def _plain(text: str) -> str:
    """Text that every database can keep and every screen can show."""
    if not text.isprintable() or len(text) > NAME_MOST:
        raise typer.BadParameter(f"must be at most {NAME_MOST} letters, digits and signs")
    return text


def _all(texts: list[str]) -> list[str]:
    return [_plain(text) for text in texts]


SiteCode = Annotated[str, typer.Argument(help="Code of the site.", callback=_plain)]
DeviceId = Annotated[str, typer.Argument(help="Id of the device.", callback=_plain)]


def migrate() -> None:
    """Bring the database to this version."""
    from service.opening import bring_up_to_date, newest_version
    from service.settings import read_settings

    with told():
        changed = bring_up_to_date(read_settings().database_url)
        print(f"schema {newest_version()}{'' if changed else ' already'}")


def doctor() -> None:
    """Check database, clock, phones, public URL, texts, screens and buttons."""
    from service.doctor import examine

    with opened() as (settings, connection, _carry_out):
        lines = list(examine(settings, connection))
    for line in lines:
        print(f"{'ok  ' if line.well else 'MEND'}  {line.what:12} {line.why}")
    if not all(line.well for line in lines):
        raise typer.Exit(REFUSED)


@site.command("check")
def site_check(file: Path) -> None:
    """Validate a site file: exit 0, or 2 with one line per fault and its place."""
    loaded = _read(file, _text(file))
    print(f"{file}: {loaded.site.code} {loaded.site.name} is fit to load")


@site.command("load")
def site_load(file: Path) -> None:
    """Create or update the site of this file; prints what changed."""
    from dispatch import registry, setup
    from service.pin_hashes import hashed_pins
    from service.waiting import shown

    text = _text(file)
    with opened() as (_, connection, carry_out):
        loaded = _read(file, text, _kept_pins(connection, text))
        kept = registry.pins(connection, loaded.site.code)
        with shown("hashing PINs", len(loaded.pins)) as told:
            pins = hashed_pins(loaded.pins, kept, told)
        try:
            changed = carry_out(setup.load_site(loaded, pins))
        except setup.NumberTaken as taken:
            _end(WRONG, f"{file}: {taken}")
        for line in changed or ["nothing changed"]:
            print(f"{loaded.site.code}: {line}")


@site.command("export")
def site_export(code: SiteCode) -> None:
    """Print the site as a file, without PINs."""
    from dispatch.codec import decode
    from dispatch.site_text import export_site, site_from_json

    with opened() as (_, connection, _carry_out):
        print(export_site(site_from_json(decode(_site_row(connection, code)))), end="")


@site.command("send-test")
def site_send_test(code: SiteCode) -> None:
    """Send one text to the site's test phone."""
    from dispatch.codec import decode
    from dispatch.site_text import site_from_json

    with opened() as (settings, connection, _carry_out):
        site = site_from_json(decode(_site_row(connection, code)))
        from service.send_test import send_test

        problem = send_test(settings, site)
        if problem:
            _end(REFUSED, problem)
        print(f"{code}: the phone network took the test text")


@device.command("add")
def device_add(
    sites: Annotated[
        list[str],
        typer.Option("--site", help="Code of the site; a board may follow several.", callback=_all),
    ],
    kind: Annotated[Kind, typer.Option(help="What the device is.")],
    booth: Annotated[int | None, typer.Option(help="Number of the booth, for a booth.")] = None,
    name: Annotated[str, typer.Option(help="How screens name it.", callback=_plain)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Add a device; its token is printed once."""
    from dispatch import setup

    if (kind == "booth") != (booth is not None):
        _end(WRONG, "--booth goes with --kind booth, and --kind booth needs it")
    followed = list(dict.fromkeys(sites))
    if len(followed) > 1 and kind != "board":
        _end(WRONG, "--site: only a board follows several sites")
    site = followed[0]
    with opened() as (settings, _, carry_out):
        follows = tuple(followed) if kind == "board" else ()
        try:
            made: setup.NewDevice = carry_out(
                setup.add_device(site, kind, booth, name, sites=follows)
            )
        except setup.NoSuchSite as missing:
            _end(REFUSED, f"--site: there is no site {missing}")
        except setup.NoSuchBooth:
            _end(REFUSED, f"--booth: {site} has no booth {booth}")
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
    from dispatch import registry

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
    device_id: DeviceId,
    block: Annotated[
        bool, typer.Option("--block", help="Refuse even its presses, for good.")
    ] = False,
) -> None:
    """Revoke a device: its presses still raise alerts, marked unknown device."""
    from dispatch import setup

    with opened() as (_, connection, carry_out):
        status = "blocked" if block else "revoked"
        found = _device(connection, device_id)
        changed = carry_out(setup.set_status(found, status))
        print(f"device {device_id} is {status if changed else f'{found.status} already'}")


@device.command("code")
def device_code(device_id: DeviceId) -> None:
    """Print a new pairing code, good for ten minutes and one use."""
    from dispatch import setup

    with opened() as (_, connection, carry_out):
        found = _device(connection, device_id)
        if found.status != "active":
            _end(REFUSED, f"device {device_id} is {found.status}")
        print(carry_out(setup.new_code(found)))


@audit.command("verify")
def audit_verify() -> None:
    """Exit 0 if the chain of every log is whole; 2 naming the first bad entry."""
    from dispatch.audit import first_fault
    from service.waiting import shown

    with opened() as (_, connection, _carry_out):
        total = int(connection.execute("SELECT count(*) FROM log")[0][0])
        with shown("proving the log", total) as told:
            fault, count = first_fault(connection, told)
    if fault is not None:
        _end(WRONG, fault)
    print(f"the log is whole: {count} entries")


def _end(code: int, why: str) -> NoReturn:
    """End the command with one line on standard error."""
    from service.settings import complain

    complain(why)
    raise typer.Exit(code)


def _site_row(connection: "Connection", code: str) -> str:
    rows = connection.execute("SELECT file FROM sites WHERE code = :code", {"code": code})
    if not rows:
        _end(REFUSED, f"there is no site {code}")
    return str(rows[0][0])


def _device(connection: "Connection", device_id: str) -> "Device":
    from dispatch import registry

    found = registry.device(connection, device_id)
    if found is None:
        _end(REFUSED, f"there is no device {device_id}")
    return found


def _said(one: "Device") -> dict[str, object]:
    return {
        "device_id": one.id,
        "site": one.site,
        "kind": one.kind,
        "booth": one.booth,
        "name": one.name,
        "status": one.status,
    }


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="surrogateescape")
    except OSError as error:
        _end(WRONG, f"{file}: {error.strerror}")


def _read(file: Path, text: str, kept_pins: Collection[str] = ()) -> "SiteFile":
    """The file, checked; ends the command with its faults when it is not fit.

    PINs that are kept already count: a file need not repeat them.
    """
    from dispatch.site_fields import SiteFaults
    from dispatch.site_file import read_site

    try:
        return read_site(text, str(file), kept_pins)
    except SiteFaults as faults:
        print(faults, file=sys.stderr)
        raise typer.Exit(WRONG) from None


def _kept_pins(connection: "Connection", text: str) -> list[str]:
    """The people whose PIN we have, of the site that this file is about."""
    import tomllib

    from dispatch import registry

    try:
        code = tomllib.loads(text)["site"]["code"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return []
    return list(registry.pins(connection, code)) if isinstance(code, str) else []
