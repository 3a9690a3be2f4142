"""The operators' commands: what they print, how they end, and that nothing is half changed."""

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from dispatch import migrations, registry
from dispatch.database import Database
from dispatch.site_file import read_site
from service import operators
from service.opening import bring_up_to_date, newest_version
from tests.world import DEMO_SITE

Run = Callable[..., Result]
TEXT = DEMO_SITE.read_text("utf-8")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder of its own, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIRECTLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'ours.db'}")
    command = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    operators.add_to(command)
    (tmp_path / "site.toml").write_text(TEXT, "utf-8")

    def carry_out(*arguments: str) -> Result:
        result = CliRunner().invoke(command, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert "Traceback" not in result.stderr
        return result

    return carry_out


def refused(result: Result, code: int, *words: str) -> None:
    """Check that the command ended so, with one line that has these words."""
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    for word in words:
        assert word in lines[0]


def content(path: Path) -> list[str]:
    """Everything in the database."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_a_site_is_checked(run: Run, tmp_path: Path) -> None:
    """0 and a word of praise; 2 and a line per fault with its place; no database is made."""
    fine = run("site", "check", "site.toml")
    assert (fine.exit_code, fine.stderr) == (0, "")
    assert "AMC4 Harbour House is fit to load" in fine.stdout
    (tmp_path / "bad.toml").write_text(
        TEXT.replace('roles = ["peer", "door"]', 'roles = ["boss"]').replace(
            'phone = "+31612345601"', 'phone = "112"'
        )
    )
    bad = run("site", "check", "bad.toml")
    assert bad.exit_code == 2
    assert len(bad.stderr.splitlines()) >= 2
    assert all(line.startswith("bad.toml:") for line in bad.stderr.splitlines())
    for name, written in (("syntax.toml", b"[site\n"), ("bytes.toml", b"\xff\xfe\x00"), ("e", b"")):
        (tmp_path / name).write_bytes(written)
        wrong = run("site", "check", name)
        assert wrong.exit_code == 2
        assert wrong.stderr.startswith(name)
    refused(run("site", "check", "nowhere.toml"), 2, "nowhere.toml", "No such file")
    refused(run("site", "check", "."), 2, "directory")
    assert not (tmp_path / "ours.db").exists()


def test_loading_says_what_changed_and_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    """Not even a PIN, whose hash is another each time; the log gets a line only for a change."""
    first = run("site", "load", "site.toml")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "AMC4: new site, 8 booths, 5 people" in first.stdout
    before = content(tmp_path / "ours.db")
    again = run("site", "load", "site.toml")
    assert (again.exit_code, again.stdout) == (0, "AMC4: nothing changed\n")
    assert content(tmp_path / "ours.db") == before
    (tmp_path / "site.toml").write_text(TEXT.replace('pin = "8080"', 'pin = "9090"'))
    assert run("site", "load", "site.toml").stdout == "AMC4: people.jo: PIN changed\n"
    (tmp_path / "site.toml").write_text(TEXT.replace('pin = "8080"', ""))
    absent = run("site", "load", "site.toml")
    assert (absent.exit_code, absent.stdout) == (0, "AMC4: nothing changed\n")
    (tmp_path / "site.toml").write_text(TEXT.replace('name = "Kim"', 'name = "Kim B"'))
    changed = run("site", "load", "site.toml").stdout.splitlines()
    assert changed == ["AMC4: people.kim: name changed", "AMC4: people.jo: PIN changed"]


def test_an_empty_pin_clears_it(run: Run, tmp_path: Path) -> None:
    """Unless nobody could end an alert then."""
    both = TEXT.replace('id = "sam"', 'id = "sam"\npin = "2222"')
    (tmp_path / "site.toml").write_text(both)
    run("site", "load", "site.toml")
    (tmp_path / "site.toml").write_text(both.replace('pin = "2222"', 'pin = ""'))
    assert run("site", "load", "site.toml").stdout == "AMC4: people.sam: PIN changed\n"
    assert run("site", "load", "site.toml").stdout == "AMC4: nothing changed\n"
    before = content(tmp_path / "ours.db")
    (tmp_path / "site.toml").write_text(TEXT.replace('pin = "8080"', 'pin = ""'))
    wrong = run("site", "load", "site.toml")
    assert wrong.exit_code == 2
    assert "PIN" in wrong.stderr
    assert content(tmp_path / "ours.db") == before


def test_a_wrong_file_changes_nothing(run: Run, tmp_path: Path) -> None:
    """Faults, and a number that another site has: 2, and the site is as it was."""
    run("site", "load", "site.toml")
    other = TEXT.replace('"AMC4"', '"UTR7"').replace("+3120", "+3130").replace("+3197", "+3198")
    (tmp_path / "other.toml").write_text(other)
    assert run("site", "load", "other.toml").exit_code == 0
    before = content(tmp_path / "ours.db")
    voice = re.search(r'voice_number = "(.*?)"', TEXT)
    assert voice is not None
    taken = re.sub(r'voice_number = ".*?"', f'voice_number = "{voice[1]}"', other)
    (tmp_path / "other.toml").write_text(taken.replace('name = "Kim"', 'name = "Kim B"'))
    refused(run("site", "load", "other.toml"), 2, "other.toml", "voice_number", "AMC4")
    (tmp_path / "other.toml").write_text(other.replace("after = 0", "after = 5"))
    assert run("site", "load", "other.toml").exit_code == 2
    assert run("site", "load", "nowhere.toml").exit_code == 2
    assert content(tmp_path / "ours.db") == before


def test_what_is_exported_is_what_was_loaded(run: Run, tmp_path: Path) -> None:
    """Without PINs, and loading it again changes nothing."""
    run("site", "load", "site.toml")
    said = run("site", "export", "AMC4")
    assert said.exit_code == 0
    assert "8080" not in said.stdout
    assert read_site(said.stdout, "export", ["jo"]).site == read_site(TEXT, "site").site
    (tmp_path / "again.toml").write_text(said.stdout)
    assert run("site", "load", "again.toml").stdout == "AMC4: nothing changed\n"
    refused(run("site", "export", "NONE"), 1, "NONE")
    refused(run("site", "send-test", "NONE"), 1, "NONE")
    refused(run("site", "send-test", "AMC4"), 1, "DIRECTLINE_TWILIO_ACCOUNT_SID")


def test_a_device_is_added_listed_revoked_and_blocked(run: Run, tmp_path: Path) -> None:
    """Its token is printed once and kept as a hash."""
    run("site", "load", "site.toml")
    added = run(
        "device",
        "add",
        "--site",
        "AMC4",
        "--kind",
        "booth",
        "--booth",
        "3",
        "--name",
        "B3",
        "--json",
    )
    made = json.loads(added.stdout)
    assert set(made) == {"device_id", "token", "code", "link"}
    assert made["link"] == f"http://127.0.0.1:8080/pair#{made['code']}"
    plain = run("device", "add", "--site", "AMC4", "--kind", "screen").stdout
    assert [line.split()[0] for line in plain.splitlines()] == ["device", "token", "code", "link"]
    listed = json.loads(run("device", "list", "--json").stdout)
    assert [one["kind"] for one in listed] == ["booth", "screen"]
    assert listed[0] == {
        "device_id": made["device_id"],
        "site": "AMC4",
        "kind": "booth",
        "booth": 3,
        "name": "B3",
        "status": "active",
    }
    assert made["token"] not in "\n".join(content(tmp_path / "ours.db"))
    one = made["device_id"]
    assert f"{one}  AMC4  booth    booth 3" in run("device", "list").stdout
    code = run("device", "code", one).stdout.strip()
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}", code)
    assert code != made["code"]
    assert run("device", "revoke", one).stdout == f"device {one} is revoked\n"
    assert run("device", "revoke", one).stdout == f"device {one} is revoked already\n"
    refused(run("device", "code", one), 1, "revoked")
    assert run("device", "revoke", one, "--block").stdout == f"device {one} is blocked\n"
    assert run("device", "revoke", one).stdout == f"device {one} is blocked already\n"
    assert json.loads(run("device", "list", "--json").stdout)[0]["status"] == "blocked"


def test_what_can_not_be_added(run: Run, tmp_path: Path) -> None:
    """One line and nothing is made; 1 for what is not there, 2 for arguments that do not fit."""
    run("site", "load", "site.toml")
    before = content(tmp_path / "ours.db")
    add = ("device", "add", "--site", "AMC4")
    refused(run("device", "add", "--site", "NONE", "--kind", "screen"), 1, "--site", "NONE")
    two = ("device", "add", "--site", "AMC4", "--site", "NONE")
    refused(run(*two, "--kind", "screen"), 2, "--site", "only a board")
    refused(run(*two, "--kind", "board"), 1, "--site", "NONE")
    refused(run(*add, "--kind", "booth", "--booth", "77"), 1, "--booth", "77")
    refused(run(*add, "--kind", "booth", "--booth", str(2**70)), 1, "--booth")
    refused(run(*add, "--kind", "booth"), 2, "--booth")
    refused(run(*add, "--kind", "screen", "--booth", "3"), 2, "--booth")
    refused(run("device", "revoke", "nothing"), 1, "nothing")
    refused(run("device", "code", "nothing"), 1, "nothing")
    for arguments in (
        (*add, "--kind", "king"),
        (*add,),
        (*add, "--kind", "booth", "--booth", "three"),
        (*add, "--kind", "screen", "--name", "two\nlines"),
        (*add, "--kind", "screen", "--name", "half \udcff"),
        (*add, "--kind", "screen", "--name", "x" * 65),
        ("device", "revoke", "\udcff"),
        ("site", "export", "\udcff"),
        ("site", "load"),
        ("fly",),
    ):
        wrong = run(*arguments)
        assert wrong.exit_code == 2, arguments
        assert "\nError: " in wrong.stderr
    assert content(tmp_path / "ours.db") == before


def test_the_database_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    """By `migrate`, and by every other command."""
    assert newest_version() == migrations.newest()
    assert run("migrate").stdout == f"schema {newest_version()}\n"
    before = content(tmp_path / "ours.db")
    assert run("migrate").stdout == f"schema {newest_version()} already\n"
    assert run("device", "list").exit_code == 0
    assert content(tmp_path / "ours.db") == before
    assert bring_up_to_date(f"sqlite:///{tmp_path / 'other.db'}") is True
    assert bring_up_to_date(f"sqlite:///{tmp_path / 'other.db'}") is False


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://host/name", 2),
        ("sqlite:////nowhere/at/all/our.db", 2),
        ("sqlite:///", 2),
        ("sqlite:///site.toml", 3),
        ("sqlite:///.", 3),
        ("postgresql://user@host:port/name", 2),
        ("postgresql://nobody@127.0.0.1:1/none", 3),
    ],
)
def test_a_wrong_database_is_one_clear_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, code: int
) -> None:
    """2 for a setting that can not be right, 3 for a database that can not be reached."""
    monkeypatch.setenv("DIRECTLINE_DATABASE_URL", url)
    for arguments in (("migrate",), ("site", "load", "site.toml"), ("audit", "verify")):
        refused(run(*arguments), code, "DIRECTLINE_DATABASE_URL: ")
    assert (tmp_path / "site.toml").read_text("utf-8") == TEXT


def test_a_wrong_setting_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """2, whatever the command."""
    monkeypatch.setenv("DIRECTLINE_PORT", "http")
    for arguments in (("migrate",), ("device", "list"), ("doctor",), ("site", "export", "AMC4")):
        refused(run(*arguments), 2, "DIRECTLINE_PORT: ")


def test_a_locked_database_is_away(run: Run, tmp_path: Path) -> None:
    """3, and nothing is half changed."""
    run("site", "load", "site.toml")
    other = sqlite3.connect(tmp_path / "ours.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = content(tmp_path / "ours.db")
    refused(run("device", "add", "--site", "AMC4", "--kind", "screen"), 3, "locked")
    other.execute("ROLLBACK")
    other.close()
    assert content(tmp_path / "ours.db") == before


def test_the_doctor_looks_at_everything(run: Run) -> None:
    """One line each; 1 while there is something to mend."""
    empty = run("doctor")
    assert empty.exit_code == 1
    assert "none is loaded" in empty.stdout
    run("site", "load", "site.toml")
    run("device", "add", "--site", "AMC4", "--kind", "booth", "--booth", "1")
    said = run("doctor")
    assert said.exit_code == 1
    lines = said.stdout.splitlines()
    assert all(line.startswith(("ok    ", "MEND  ")) for line in lines)
    whole = said.stdout
    looked_at = ("database", "clock", "phones", "public URL", "texts", "screens", "buttons", "line")
    for word in looked_at:
        assert word in whole
    assert "no button in booth 2, 3, 4, 5, 6, 7, 8" in whole
    assert "SQLite, WAL, synchronous FULL" in whole
    assert "+31" not in whole


def test_who_may_pair_is_told_at_once(run: Run, tmp_path: Path) -> None:
    """A change of devices changes what every node looks at within a second."""
    run("site", "load", "site.toml")

    def version() -> str:
        connection = Database(f"sqlite:///{tmp_path / 'ours.db'}").open()
        try:
            return registry.setup_version(connection)
        finally:
            connection.close()

    seen = [version()]
    made = json.loads(run("device", "add", "--site", "AMC4", "--kind", "screen", "--json").stdout)
    seen.append(version())
    run("device", "revoke", made["device_id"])
    seen.append(version())
    run("device", "revoke", made["device_id"], "--block")
    seen.append(version())
    assert len(set(seen)) == 4
