"""The `directline` command as processes: what it starts, how it ends, and how little it loads."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service import running
from service.__main__ import CLIENT_COMMANDS
from service.opening import bring_up_to_date
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


def test_a_command_loads_no_more_than_it_needs(command: Command, tmp_path: Path) -> None:
    """No server, no client and no schema's history where nothing of them is used."""
    bring_up_to_date(f"sqlite:///{tmp_path / 'ours.db'}")
    site = str(DEMO_SITE.resolve())
    for arguments in (("site", "check", site), ("site", "load", site), ("audit", "verify")):
        ended = command("-c", loading(arguments))
        assert ended.stdout.splitlines()[-1:] == ["loaded"], ended.stdout + ended.stderr


def test_python_m_service_is_serve(command: Command) -> None:
    """With a setting that is wrong it ends at once, with one line on standard error."""
    ended = command("-m", "service", DIRECTLINE_PORT="http")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("directline: DIRECTLINE_PORT: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_server_that_can_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody's database: 3. No folder, or no address of this machine: 2. Always one line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIRECTLINE_PORT", str(free_port()))
    fine = f"sqlite:///{tmp_path / 'ours.db'}"
    for url, host, code, place in (
        ("postgresql://nobody@127.0.0.1:1/none", "127.0.0.1", 3, "DIRECTLINE_DATABASE_URL"),
        ("sqlite:////no/where/ours.db", "127.0.0.1", 2, "DIRECTLINE_DATABASE_URL"),
        (fine, "203.0.113.7", 2, "DIRECTLINE_HOST, DIRECTLINE_PORT"),
        (fine, "nowhere.invalid", 2, "DIRECTLINE_HOST, DIRECTLINE_PORT"),
    ):
        monkeypatch.setenv("DIRECTLINE_DATABASE_URL", url)
        monkeypatch.setenv("DIRECTLINE_HOST", host)
        assert running.serve() == code
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith(f"directline: {place}: "), said.err
        assert len(said.err.splitlines()) == 1


def test_users_commands_are_programs_of_the_client_side(command: Command) -> None:
    """They are started in our place, and end as they end."""
    assert {"press", "watch", "replay", "phones"} == CLIENT_COMMANDS
    url = f"http://127.0.0.1:{free_port()}"
    ended = command("-m", "service", "press", "--url", url, "--token", "t", "--for", "0.2")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert len(ended.stderr.splitlines()) == 1
