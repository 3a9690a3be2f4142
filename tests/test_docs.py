"""The words that must stay true: the README against the settings, commands, tests and the table."""

import re
from pathlib import Path

import pytest
import typer.main

from alerts.alert import State
from alerts.machine import mermaid
from service import operators
from service.__main__ import CLIENT_COMMANDS, command
from service.app import Service
from service.settings import Settings
from tests.world import World

README = Path("README.md").read_text("utf-8")
WEB = sorted(Path("clients/web").glob("*.js"))
ROUTE = re.compile(r"['\"`](/v1/[a-z\-/]*[a-z])")


def test_every_setting_stands_in_the_readme() -> None:
    """And every setting the README names exists."""
    real = {f"DIRECTLINE_{name.upper()}" for name in Settings.model_fields}
    table = README[README.index("| setting |") : README.index("1. **The site.**")]
    assert set(re.findall(r"DIRECTLINE_[A-Z_]+", table)) == real


def test_every_command_stands_in_the_readme() -> None:
    """Operators' and users' commands alike."""
    operators.add_to(command)
    group = typer.main.get_command(command)
    names = set(getattr(group, "commands", {})) | CLIENT_COMMANDS
    block = README[README.index("## Commands") : README.index("## Real input")]
    missing = sorted(name for name in names if name not in block)
    assert missing == []


def test_every_test_the_readme_names_exists() -> None:
    """A promise whose test is not there is not kept."""
    named = set(re.findall(r"tests/[a-z_/]+\.py", README))
    assert sorted(name for name in named if not Path(name).is_file()) == []


def test_every_promise_that_holds_so_far_names_what_tests_it() -> None:
    """By its number, and with a command or a file of tests."""
    table = README[README.index("| | promise | tested by |") :].partition("\n\n")[0]
    rows = [row.split("|")[1:4] for row in table.splitlines()[2:]]
    numbers = {int(number) for number, _, _ in rows if number.strip()}
    assert numbers == {*range(1, 18), *range(20, 27)}
    assert all(re.search(r"`(tests/|make )", how) for _, _, how in rows)


def test_every_target_the_readme_names_exists() -> None:
    """The commands we tell people to run."""
    makefile = Path("Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_the_diagram_in_the_readme_is_the_one_drawn_from_the_table() -> None:
    """When the table changes, what `alerts.machine.mermaid()` draws goes there."""
    drawn = README[README.index("<!-- diagram -->") : README.index("<!-- /diagram -->")]
    assert mermaid() in drawn
    assert all(state.value in drawn for state in State)


def test_the_readme_begins_with_what_it_is_for_a_picture_and_two_commands() -> None:
    """In this order, and the picture is there."""
    picture = re.search(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert picture is not None
    assert Path(picture[1]).is_file()
    assert README.index("overdose") < picture.start() < README.index("make run")


def test_every_decision_is_short() -> None:
    """Context, decision, consequences, in twelve lines at most."""
    decisions = Path("DECISIONS.md").read_text("utf-8").split("\n## ")[1:]
    for one in decisions:
        lines = [line for line in one.splitlines() if line.strip()]
        assert len(lines) <= 12, lines[0]
        assert {"Context", "Decision", "Consequences"} <= {line.split(":")[0] for line in lines}


@pytest.mark.parametrize("script", WEB, ids=lambda path: path.name)
def test_pages_use_only_routes_that_exist(script: Path, world: World) -> None:
    """A page that calls a route that is not there is a dead button."""
    service: Service = world.service
    known = {
        re.sub(r"\{[^}]+\}.*", "", path).rstrip("/") for path in service.app.openapi()["paths"]
    }
    used = {route.rstrip("/") for route in ROUTE.findall(script.read_text("utf-8"))}
    assert sorted(used - known - {"/v1/live"}) == []
