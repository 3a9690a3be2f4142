"""What takes long shows how far it is on a terminal, and says nothing of it elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.opening import bring_up_to_date
from tests.world import DEMO_SITE

LOAD, VERIFY = ("site", "load", str(DEMO_SITE.resolve())), ("audit", "verify")


def run(folder: Path, *words: str) -> tuple[str, str]:
    """The command with a terminal for its standard error; what it printed, and what was shown."""
    ours, theirs = os.openpty()
    environment = os.environ | {
        "DIRECTLINE_DATABASE_URL": f"sqlite:///{folder / 'x.db'}",
        "PYTHONPATH": str(Path.cwd()),
        "TERM": "xterm",
    }
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "service", *words],
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=environment,
            cwd=folder,
            check=True,
            text=True,
        )
        os.close(theirs)
        shown = b""
        try:
            while part := terminal.read(65536):
                shown += part
        except OSError:
            pass  # Linux says so when nobody holds the other end any more.
    return done.stdout, shown.decode()


@pytest.mark.parametrize(
    ("command", "what", "done"), [(LOAD, "hashing PINs", "5/5"), (VERIFY, "proving the log", "1/1")]
)
def test_a_long_command_shows_how_far_it_is(
    tmp_path: Path, command: tuple[str, ...], what: str, done: str
) -> None:
    """Of all there is to do, and nothing of it goes to standard output."""
    bring_up_to_date(f"sqlite:///{tmp_path / 'x.db'}")
    if command == VERIFY:
        run(tmp_path, *LOAD)
    said, shown = run(tmp_path, *command)
    assert what in shown
    assert done in shown
    assert what not in said
    assert said.startswith(("AMC4: new site", "the log is whole: 1 entries"))
