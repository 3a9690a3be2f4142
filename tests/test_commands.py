"""The `directline` command as processes: what it starts, how it ends, and how little it loads."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.process import free_port
from tests.world import DEMO_SITE

Command = Callable[..., subprocess.CompletedProcess[str]]
SLOW = ("fastapi", "starlette", "uvicorn", "twilio", "alembic", "sqlalchemy", "sqlmodel", "httpx2")
"""What takes long to load and is of no use to most commands."""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs Python in a folder of its own, with a database of its own."""
    kept = {key: text for key, text in os.environ.items() if "DIRECTLINE_" not in key}
    ours = {
        "PYTHONPATH": str(Path.cwd()),
        "DIRECTLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'ours.db'}",
    }

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=kept | ours | settings,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def loading(arguments: tuple[str, ...]) -> str:
    """Python that runs a command and then prints which of the slow ones it loaded."""
    return (
        f"import sys; sys.argv = ['directline', *{arguments!r}]\n"
        "from service.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        f"print('loaded', *[name for name in {SLOW!r} if name in sys.modules])"
    )


def test_a_command_loads_no_more_than_it_needs(command: Command) -> None:
    """Help and checks load no server and no database; others only what they use."""
    site = str(DEMO_SITE.resolve())
    for arguments in (("--help",), ("site", "check", site)):
        said = command("-c", loading(arguments)).stdout.splitlines()
        assert said[-1] == "loaded", said[-1]
    assert command("-m", "service", "site", "load", site).returncode == 0
    for arguments in (("site", "load", site), ("device", "list"), ("audit", "verify")):
        said = command("-c", loading(arguments)).stdout.splitlines()
        assert said[-1] == "loaded", said[-1]


def test_python_m_service_is_serve(command: Command) -> None:
    """With a setting that is wrong it ends at once, with one line on standard error."""
    for arguments in (("-m", "service"), ("-m", "service", "serve")):
        ended = command(*arguments, DIRECTLINE_PORT="http")
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.startswith("directline: DIRECTLINE_PORT: ")
        assert len(ended.stderr.splitlines()) == 1


def test_a_server_that_can_not_start_says_why(command: Command) -> None:
    """Nobody's database: 3. No folder, or no address of this machine: 2."""
    port = {"DIRECTLINE_PORT": str(free_port())}
    away = "postgresql://nobody@127.0.0.1:1/none"
    for settings, code, place in (
        ({"DIRECTLINE_DATABASE_URL": away}, 3, "DIRECTLINE_DATABASE_URL: "),
        ({"DIRECTLINE_DATABASE_URL": "sqlite:////no/where.db"}, 2, "DIRECTLINE_DATABASE_URL: "),
        ({"DIRECTLINE_HOST": "203.0.113.7"}, 2, "DIRECTLINE_HOST, DIRECTLINE_PORT: "),
        ({"DIRECTLINE_HOST": "nowhere.invalid"}, 2, "DIRECTLINE_HOST, DIRECTLINE_PORT: "),
    ):
        ended = command("-m", "service", **(port | settings))
        assert (ended.returncode, ended.stdout) == (code, ""), ended.stderr
        assert ended.stderr.startswith(f"directline: {place}"), ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_users_commands_are_programs_of_the_client_side(command: Command) -> None:
    """They are started in our place, and end as they end."""
    url = f"http://127.0.0.1:{free_port()}"
    ended = command("-m", "service", "press", "--url", url, "--token", "t", "--for", "0.2")
    assert (ended.returncode, ended.stdout) == (3, "")
    for name in ("press", "watch", "replay", "phones"):
        helped = command("-m", "service", name, "--help")
        assert helped.returncode == 0
        assert f"directline {name}" in helped.stdout
    wrong = command("-m", "service", "press", "--url", "nowhere", "--token", "t")
    assert wrong.returncode == 2
