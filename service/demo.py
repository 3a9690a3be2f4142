"""`directline demo`: a server, a demo site and simulated phones; nothing leaves this machine."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from importlib.resources import files
from pathlib import Path
from typing import Any

from alerts.site import Site
from dispatch import registry, setup
from dispatch.clock import SystemClock
from dispatch.database import Database
from dispatch.setup import NewDevice
from dispatch.site_file import SiteFile, read_site
from dispatch.writer import InlineWriter
from service import app
from service.pin_hashes import hashed_pins
from service.running import run as serve
from service.serve import PortTaken, listen
from service.settings import complain, read_settings

HOST = "127.0.0.1"
FAST = 10
CODE_SECONDS = 24 * 3600.0
CODE_USES = 10_000
WRONG, AWAY = 2, 3


def run(port: int, phones_port: int, data: str | None, *, fast: bool) -> int:
    """Run the demo until told to stop; the exit code."""
    folder = Path(data) if data else Path(tempfile.mkdtemp(prefix="directline-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # The port must be known before the phones start: they call back on it.
        probe = listen(HOST, port)
        port = probe.getsockname()[1]
        probe.close()
        return _run(port, phones_port, folder, fast=fast)
    except PortTaken as taken:
        complain(f"--port: {taken}; try --port 0")
        return WRONG
    finally:
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(port: int, phones_port: int, folder: Path, *, fast: bool) -> int:
    url = f"http://{HOST}:{port}"
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    phones = _start_phones(phones_port, account, token, url, folder)
    if phones is None:
        complain("--phones-port: the simulated phones did not start; try --phones-port 0")
        return AWAY
    process, phones_url = phones
    try:
        settings = read_settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'demo.db'}",
            host=HOST,
            port=port,
            public_url="",
            twilio_account_sid=account,
            twilio_auth_token=token,
            twilio_api_key="",
            twilio_api_secret="",
            twilio_url=phones_url,
            time_scale=FAST if fast else 1,
            watchdog_url="",
        )
        app.prepare(settings)
        loaded = _site()
        keys = _set_up(Database(settings.database_url), loaded)
        keys |= {"phones": phones_url, "url": url}
        _name_handsets(phones_url, loaded.site)
        said = _write(folder / "keys.json", keys)
        return serve(settings, lambda _port: _say(url, phones_url, keys, said))
    finally:
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()


def _start_phones(
    port: int, account: str, token: str, url: str, folder: Path
) -> tuple[subprocess.Popen[str], str] | None:
    """The simulator as a process of its own, and where it listens."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "clients",
            "phones",
            "--port",
            str(port),
            "--account",
            account,
            "--auth",
            token,
            "--sms-url",
            f"{url}/twilio/sms",
            "--voice-url",
            f"{url}/twilio/call",
            # The pipe ends with us, however we end, and the phones with it.
            "--until-eof",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "phones.log").open("w"),
        text=True,
        # Ctrl-C is for us; we end the phones when we have ended.
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    prefix = "phones ready on "
    if not line.startswith(prefix):
        process.kill()
        process.wait()
        return None
    return process, line.removeprefix(prefix).strip()


def _site() -> SiteFile:
    text = files("service").joinpath("demo_site.toml").read_text("utf-8")
    return read_site(text, "demo_site.toml")


def _set_up(database: Database, loaded: SiteFile) -> dict[str, Any]:
    """Load the demo site and make its devices; the keys to all of them."""
    site = loaded.site
    connection = database.open()
    try:
        carry_out = InlineWriter(connection, SystemClock(), lambda _effects: None).now
        kept = registry.pins(connection, site.code)
        carry_out(setup.load_site(loaded, hashed_pins(loaded.pins, kept)))

        def add(kind: str, booth: int | None, name: str) -> NewDevice:
            return carry_out(
                setup.add_device(
                    site.code, kind, booth, name, code_seconds=CODE_SECONDS, uses=CODE_USES
                )
            )

        booths = {
            booth.number: add("booth", booth.number, f"Button {booth.number}")
            for booth in site.booths
        }
        wall = add("tablet", None, "Wall")
        rest = {
            kind: add(kind, None, name)
            for kind, name in {
                "screen": "TV",
                "bridge": "Bridge",
                "monitor": "Monitor",
                "board": "Board",
            }.items()
        }
    finally:
        connection.close()
    return {
        "site": site.code,
        "tokens": {
            "booth": {str(number): made.token for number, made in booths.items()},
            "tablet": wall.token,
            **{kind: made.token for kind, made in rest.items()},
        },
        "codes": {"booth": booths[site.booths[0].number].code, "wall": wall.code},
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


def _name_handsets(phones_url: str, site: Site) -> None:
    """Let the page of handsets say whose each is."""
    labels: dict[str, str | dict[str, str]] = {
        person.phone: f"{person.name} ({person.roles[0]})" for person in site.people
    }
    line = site.line
    rooms = [f"Control room {letter}" for letter in "ABCDEFGH"]
    desks = dict(zip(line.numbers, rooms, strict=False)) | dict.fromkeys(
        line.test_numbers, "Control room, line test"
    )
    labels |= {number: {"name": name, "kind": "control_room"} for number, name in desks.items()}
    if line.line_phone:
        labels[line.line_phone] = {"name": "Line phone", "kind": "line_phone"}
    request = urllib.request.Request(
        f"{phones_url}/sim/names",
        json.dumps(labels).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=5):
        pass


def _write(path: Path, keys: dict[str, Any]) -> Path:
    """The keys, readable by us alone."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file, indent=1)
    return path


def _say(url: str, phones_url: str, keys: dict[str, Any], path: Path) -> None:
    print(
        f"directline ready on {url}\n"
        f"booth {url}/pair#{keys['codes']['booth']}\n"
        f"wall {url}/pair#{keys['codes']['wall']}\n"
        f"phones {phones_url}\n"
        f"keys {path}\n"
        "Open the wall, tap PAIR and then ARM; open the booth in the same browser, tap PAIR and"
        " press HELP; then read the text on a handset and reply 1. Ctrl-C stops everything.",
        flush=True,
    )
