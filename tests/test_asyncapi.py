"""The document of the live feed matches what runs: its frames, its names, and its examples."""

import ast
import asyncio
import hashlib
import json
import lzma
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import pytest

from alerts import network, plain
from service.asyncapi import document
from service.event_names import EVENTS
from tests.chromium import node_program
from tests.live import served
from tests.stories.test_buttons import beat
from tests.world import PROOF, World

Json = dict[str, Any]
FLOORS = ("alerts", "dispatch", "service")
EXAMPLES = Path("clients/examples")
SCHEMA = Path("tests/asyncapi-3.0.0.json.xz")
"""What an AsyncAPI document is, by those who say so; where it is from stands beside it."""
SCHEMA_HASH = "abe96881dbfaad495ccbb6bd8d3fb43ca18a13b9d7564849ccb66f39d5e5b20f"


def told_in_code() -> Iterator[tuple[str, str]]:
    """Every name that is written out where an event is made, with its place."""
    for floor in FLOORS:
        for path in sorted(Path(floor).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
                called = name if isinstance(name, str) else ast.unparse(name)
                if called in {"note", "Entry"}:
                    for said in ast.walk(node.args[0]):
                        if isinstance(said, ast.Constant) and isinstance(said.value, str):
                            yield said.value, f"{path}:{node.lineno}"


def test_every_event_that_the_code_tells_is_documented() -> None:
    told = dict(told_in_code())
    states = {"silent"}  # Compared with, not told.
    assert {name: at for name, at in told.items() if name not in {*EVENTS, *states}} == {}
    assert len(told) > 50
    for names in (network.NAMES, plain.NAMES):
        assert set(names.values()) <= set(EVENTS)


def test_every_documented_event_is_told_somewhere() -> None:
    code = "".join(p.read_text("utf-8") for floor in FLOORS for p in Path(floor).glob("*.py")
                   if p.name != "event_names.py")  # fmt: skip
    assert [name for name in EVENTS if f'"{name}"' not in code] == []


def checker(name: str) -> jsonschema_rs.Validator:
    """What the document says of this message."""
    payload = document("https://h.example.nl")["components"]["messages"][name]["payload"]
    return jsonschema_rs.validator_for(payload)


def test_the_document_names_where_it_is_served() -> None:
    said = document("https://h.example.nl/help")
    assert said["asyncapi"].startswith("3.")
    live = said["servers"]["live"]
    assert (live["host"], live["protocol"], live["pathname"]) == ("h.example.nl", "wss", "/help")
    messages = set(said["channels"]["live"]["messages"])
    used = {
        one["$ref"].rsplit("/", 1)[1]
        for operation in said["operations"].values()
        for one in operation["messages"]
    }
    assert used == messages == set(said["components"]["messages"])
    assert checker("proof").is_valid(PROOF | {"seq": 1})
    assert not checker("proof").is_valid(PROOF)


def references(part: Any) -> Iterator[str]:
    """Every place of the document that some part of it points to."""
    if isinstance(part, dict):
        for name, value in cast(Json, part).items():
            yield from [value] if name == "$ref" else references(value)
    elif isinstance(part, list):
        for value in cast(list[Any], part):
            yield from references(value)


@pytest.mark.parametrize("url", ["https://h.example.nl", "http://127.0.0.1:8080/help"])
def test_the_document_is_one_by_the_book(url: str) -> None:
    """As their parser finds it: right by their schema, and every reference leads somewhere."""
    text = lzma.decompress(SCHEMA.read_bytes())
    assert hashlib.sha256(text).hexdigest() == SCHEMA_HASH
    book = jsonschema_rs.validator_for(json.loads(text))
    said = document(url)
    assert said["asyncapi"] == "3.0.0"
    assert [fault.message for fault in book.iter_errors(said)] == []
    assert not book.is_valid(said | {"channels": {"live": {"adress": "/v1/live"}}})
    found = list(references(said))
    assert len(found) > 10
    for reference in found:
        part = said
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


async def test_every_frame_is_as_documented(world: World) -> None:
    """A story with much in it, as staff, a booth and a board are told it."""
    button = world.device("booth", 3, "Three")
    async with served(world) as live:
        tokens = [world.device("monitor"), button, world.device("board")]
        screens = [await live.follower(token) for token in tokens]
        await beat(world, button, battery=5)
        await world.press(3)
        await world.phone("kim").reply("1")
        await world.phone("sam").reply("what?")
        acts: list[tuple[str, Json]] = [
            ("at_booth", {}),
            ("oxygen", {"on": True}),
            ("naloxone", {"route": "nasal"}),
            ("breathing", {"breathing": "slow", "awake": False}),
            ("take_job", {"job": "door"}),
            ("classify", {"kind": "overdose"}),
            ("open_line", {}),
        ]
        for action, more in acts:
            assert (await world.act(action, **more)).status_code == 200
        await world.advance(40)
        await world.act("end_line", "jo", pin="8080")
        await world.act("safe")
        await world.act("close", "jo", pin="8080", outcome="monitored")
        world.disarm()
        await world.advance(15)
        body = {"test_id": "t", "booth": 3, "person": "sam"}
        await world.request("POST", "/v1/button-tests", world.tablet(), body)
        await world.press(3, token=button)
        await screens[0].hears("button_tested")
        await screens[0].reaches(live.head())
        # One that was away hears what it missed.
        epoch = screens[0].frames[0]["epoch"]
        again = await live.follower(tokens[0], f"?after={live.head() - 2}&epoch={epoch}")
        await again.reaches(live.head())
        frames = [frame for one in (*screens, again) for frame in one.frames]
    checkers = {name: checker(name) for name in ("snapshot", "resumed", "event", "beat")}
    for frame in frames:
        faults = [fault.message for fault in checkers[frame["type"]].iter_errors(frame)]
        assert faults == [], frame
    assert {frame["type"] for frame in frames} >= {"snapshot", "resumed", "event"}
    assert len({frame["event"]["name"] for frame in frames if frame["type"] == "event"}) > 25


async def test_it_is_served(world: World) -> None:
    answer = await world.to_us.get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.json() == document("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("program", "name"),
    [(lambda: sys.executable, "subscribe.py"), (node_program, "subscribe.mjs")],
    ids=["python", "javascript"],
)
async def test_the_example_follows_a_site(
    world: World, program: Callable[[], object], name: str
) -> None:
    assert len((EXAMPLES / name).read_text("utf-8").splitlines()) <= 25
    async with served(world) as live:
        url = live.url.replace("ws", "http", 1)
        token = world.device("monitor")
        ours = {"DIRECTLINE_URL": url, "DIRECTLINE_TOKEN": token}
        example = await asyncio.create_subprocess_exec(
            str(program()),
            str(EXAMPLES / name),
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | ours,
        )
        assert example.stdout
        try:
            async with asyncio.timeout(30):
                assert await example.stdout.readline() == b"open alerts: 0\n"
                await world.press(3)
                assert await example.stdout.readline() == b"pressed unanswered\n"
        finally:
            example.kill()
            await example.wait()
