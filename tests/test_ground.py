"""What everything stands on: the locks, the commands, the image and the database."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.postgres import Postgres, PostgresServer

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-runtime.lock")
FOLDERS = ("alerts", "dispatch", "service", "clients", "tests", "bench", ".ci")
# Written in two halves, so that this file does not name them either.
HOSTS = re.compile(r"pypi\." r"org|python" r"hosted|registry\.npm|npm" r"js\.")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(ro" r"ot|ho" r"me|wo" r"rk|Use" r"rs)/")
# What a run leaves behind here, or a person keeps here, is no part of the project.
LOCAL = re.compile(r"\.pyc$|^\.coverage|^\.env$|\.db(-wal|-shm)?$|^uv\.lock$")

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, set[str]]:
    """The versions a lock holds of each package, by kind of machine it is for."""
    held: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", read(lock), re.MULTILINE):
        held.setdefault(name, set()).add(version)
    return held


def read(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_every_package(lock: str) -> None:
    entries = [line for line in read(lock).splitlines() if re.match(r"[a-z0-9]", line)]
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[^ ]+( ; .+)? \\$", entry), entry
    assert len(re.findall(r" \\\n    --hash=sha256:", read(lock))) == len(
        re.findall(r"--hash=", read(lock))
    )


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json", "package.json", ".npmrc"])
def test_a_lock_names_no_host_and_no_place(lock: str) -> None:
    assert not re.search(r"://|file:|index-url|find-links|resolved\"", read(lock))
    assert not MACHINE_PATHS.search(read(lock))


def test_no_file_names_a_registry_or_somebody_s_folder() -> None:
    written = [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file()]
    written += [path for path in ROOT.iterdir() if path.is_file()]
    named: list[str] = []
    for path in written:
        text = path.read_text(errors="ignore")
        if not LOCAL.search(path.name) and (HOSTS.search(text) or MACHINE_PATHS.search(text)):
            named.append(path.relative_to(ROOT).as_posix())
    assert named == []


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked: list[str] = PROJECT["project"]["dependencies"]
    more: list[str] = PROJECT["dependency-groups"]["dev"]
    for lock, wanted in (("requirements-runtime.lock", asked), ("requirements.lock", asked + more)):
        held = pins(lock)
        for requirement in map(Requirement, wanted):
            versions = held.get(canonicalize_name(requirement.name), set())
            assert versions, f"{lock} lacks {requirement}: run make lock"
            for version in versions:
                assert requirement.specifier.contains(version), f"{requirement}: run make lock"


def test_what_runs_is_what_was_tested() -> None:
    everything = pins("requirements.lock")
    for name, versions in pins("requirements-runtime.lock").items():
        assert everything[name] == versions, name


def test_the_packages_of_npm_are_pinned_with_their_sums() -> None:
    wanted = json.loads(read("package.json"))
    locked = json.loads(read("package-lock.json"))["packages"]
    assert locked[""]["dependencies"] == wanted["dependencies"]
    assert locked[""]["optionalDependencies"] == wanted["optionalDependencies"]
    for place, package in locked.items():
        assert not place or package["integrity"].startswith("sha512-"), place


def test_make_prints_its_commands() -> None:
    apart = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    printed = subprocess.run(
        ["make", "--no-print-directory"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=apart,
        text=True,
    ).stdout
    commands = [line.split()[1] for line in printed.splitlines()]
    assert {"run", "test", "check", "cover", "torture", "bench", "lock", "setup"} <= set(commands)


def test_the_gate_checks_and_then_tests() -> None:
    gate = ROOT / ".ci" / "run"
    assert os.access(gate, os.X_OK)
    lines = gate.read_text().splitlines()
    assert "set -eu" in lines
    assert lines.index("make check") < lines.index("make test")


def test_one_floor_of_python_is_meant_everywhere() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py311"
    assert PROJECT["tool"]["pyright"]["pythonVersion"] == "3.11"
    assert "--python-version 3.11" in read("Makefile")


def test_the_image_holds_the_project_and_runs_as_nobody_special() -> None:
    dockerfile = read("Dockerfile")
    folders: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    let_in = read(".dockerignore").splitlines()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in let_in, source
    for folder in folders:
        assert f"COPY {folder} {folder}\n" in dockerfile
    assert dockerfile.count("\nFROM ") == 2
    for line in ("USER 10001:10001", "VOLUME /data", 'CMD ["directline", "serve"]'):
        assert line in dockerfile.splitlines()
    assert "--require-hashes requirements-runtime.lock" in dockerfile
    assert "HEALTHCHECK" in dockerfile


def test_a_test_gets_a_database_of_its_own(postgres: Postgres) -> None:
    template = postgres.create_database()
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute("CREATE TABLE presses (booth integer)")
        connection.execute("INSERT INTO presses VALUES (4)")
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    copied = postgres.create_database(template)
    assert copied != template
    with psycopg.connect(copied) as connection:
        assert connection.execute("SELECT booth FROM presses").fetchall() == [(4,)]


def test_a_commit_outlives_a_crash_of_the_server(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE presses (booth integer)")
        connection.execute("INSERT INTO presses VALUES (4)")
        postgres_server.crash()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT booth FROM presses")
    postgres_server.restart()
    with psycopg.connect(postgres_server.url) as connection:
        assert connection.execute("SELECT booth FROM presses").fetchall() == [(4,)]
