"""`directline demo`: a server, a demo site and simulated phones; nothing leaves this machine."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

from alerts.site import Site
from dispatch.database import Database
from service import app, demo_site
from service.running import run as serve
from service.serve import PortTaken, listen
from service.settings import complain, read_settings

HOST = "127.0.0.1"
FAST = 10
WRONG, AWAY = 2, 3


class _NoFolder(Exception):
    """The data cannot be kept there; the sentence says why."""


class _NoPhones(Exception):
    """The simulated phones did not start; the sentence is their own."""


def run(port: int, phones_port: int, data: str | None, language: str, *, fast: bool) -> int:
    """Run the demo until told to stop; the exit code.

    What is in the folder `data` goes on where it was left; without one nothing is kept.
    """
    try:
        with _folder(data) as folder:
            # The port must be known before the phones start: they call back on it.
            probe = listen(HOST, port)
            port = probe.getsockname()[1]
            probe.close()
            return _run(port, phones_port, folder, language, fast=fast)
    except _NoFolder as reason:
        complain(f"--data: {reason}")
        return WRONG
    except PortTaken as taken:
        complain(f"--port: {taken}; choose another: {_ways('--port 0')}")
        return WRONG
    except _NoPhones as reason:
        complain(f"--phones-port: {reason}; choose another: {_ways('--phones-port 0')}")
        return AWAY


def _ways(option: str) -> str:
    """How this option is given, for whoever started us either way."""
    return f"directline demo {option}, or make run ARGS='{option}'"


@contextlib.contextmanager
def _folder(data: str | None) -> Generator[Path]:
    """Where everything is kept, by this demo alone. Raises _NoFolder."""
    try:
        folder = Path(data or tempfile.mkdtemp(prefix="directline-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise _NoFolder(f"cannot write in {data or 'a new folder'}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _NoFolder(
                f"a demo already runs with what is in {folder}: use it, or end it with Ctrl-C"
            ) from error
        try:
            yield folder
        finally:
            if data is None:
                shutil.rmtree(folder, ignore_errors=True)


def _run(port: int, phones_port: int, folder: Path, language: str, *, fast: bool) -> int:
    url = f"http://{HOST}:{port}"
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    process, phones_url = _start_phones(phones_port, account, token, url, folder)
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
        loaded = demo_site.read(language)
        said = folder / "keys.json"
        database = Database(settings.database_url)
        keys = demo_site.set_up(database, loaded, _read(said))
        left = demo_site.left_open(database)
        keys |= {"phones": phones_url, "url": url}
        _name_handsets(phones_url, loaded.site)
        _write(said, keys)
        return serve(settings, lambda _port: _say(url, phones_url, keys, said, left))
    finally:
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()


def _start_phones(
    port: int, account: str, token: str, url: str, folder: Path
) -> tuple[subprocess.Popen[str], str]:
    """The simulator as a process of its own, and where it listens. Raises _NoPhones."""
    log = folder / "phones.log"
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
        stderr=log.open("w"),
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
        why = log.read_text("utf-8").strip().splitlines()[-1:]
        raise _NoPhones(*why or ["the simulated phones did not start"])
    return process, line.removeprefix(prefix).strip()


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


def _read(path: Path) -> dict[str, Any]:
    """The keys of an earlier start with the same data; nothing where there are none."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _write(path: Path, keys: dict[str, Any]) -> None:
    """The keys, readable by us alone."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file, indent=1)


def _say(url: str, phones_url: str, keys: dict[str, Any], path: Path, left: int) -> None:
    pins = ", ".join(f"{one['name']}'s is {one['pin']}" for one in keys["people"] if one["pin"])
    places = "".join(f"{name} {url}/pair#{code}\n" for name, code in keys["codes"].items())
    print(
        f"directline ready on {url}\n{places}phones {phones_url}\nkeys {path}\n"
        "Open the wall, tap PAIR and say that you hear it; open the booth in the same browser, tap"
        " PAIR and press HELP; then read the text on a handset and reply 1."
        f" Where a PIN is asked: {pins}. Ctrl-C stops everything."
        + (f"\nOpen alerts from before, which go on now: {left}" if left else ""),
        flush=True,
    )
