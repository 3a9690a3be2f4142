"""The live board: what it shows is true, and when it is old it says so."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from rich.console import Console

from clients.board import Link, board, coming, line, minutes, next_step, place
from clients.state import State, apply
from clients.watch import Lines, Picture, Watch, follow
from tests.stub_served import TestClock, until
from tests.stub_site import StubSite

Json = dict[str, Any]
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIVE = Link(connected=True, why="", age=0.2)


@pytest_asyncio.fixture
async def site() -> AsyncGenerator[StubSite]:
    async with StubSite() as served:
        yield served


def an_alert(booth: int | None, state: str, seconds: float, **more: Any) -> Json:
    raised = (NOW - timedelta(seconds=seconds)).isoformat()
    return {
        "id": f"a{booth}",
        "number": 40 + (booth or 0),
        "booth": booth,
        "state": state,
        "raised_at": raised,
        **more,
    }


def a_state(*alerts: Json, **site: Any) -> State:
    frame = {
        "type": "snapshot",
        "seq": 1,
        "epoch": "e",
        "site": {"code": "AMC4", "name": "Harbour House", **site},
        "alerts": list(alerts),
    }
    return apply(State(), frame)


def shown(state: State, link: Link = LIVE) -> str:
    console = Console(file=io.StringIO(), width=140, color_system=None)
    console.print(board(state, link, NOW))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_a_quiet_board_says_so_only_while_it_is_live() -> None:
    assert "ALL QUIET" in shown(a_state())
    old = shown(a_state(), Link(connected=False, why="the connection broke", age=12))
    assert "ALL QUIET" not in old
    assert "NOT CONNECTED for 12 s" in old
    assert "the connection broke" in old
    silent = shown(a_state(), Link(connected=True, why="", age=11))
    assert "ALL QUIET" not in silent
    assert "SILENT for 11 s" in silent


def test_a_board_that_was_never_connected_shows_nothing_else() -> None:
    words = shown(State(), Link(connected=False, why="not reachable", age=None))
    assert "NOT CONNECTED YET" in words
    assert "QUIET" not in words


def test_alerts_stand_as_on_the_wall() -> None:
    step = {"at": (NOW + timedelta(seconds=18)).isoformat(), "what": "rung", "rung": 2}
    words = shown(
        a_state(
            an_alert(7, "at_booth", 130, answers=[{"name": "Sam", "answer": "at_booth"}]),
            an_alert(
                12,
                "unanswered",
                42,
                presses=3,
                next={**step, "do": ["call"], "who": ["coordinator"]},
            ),
            an_alert(None, "unanswered", 10, late=True),
        )
    )
    lines = [line for line in words.splitlines() if "#" in line]
    assert "BOOTH 12" in lines[0]
    assert "0:42" in lines[0]
    assert "NO ONE YET" in lines[0]
    assert "3x" in lines[0]
    assert "coordinator called in 0:18" in lines[0]
    assert "IN THE HOUSE" in lines[1]
    assert "LATE STEP" in lines[1]
    assert "AT THE BOOTH" in lines[2]
    assert "Sam at the booth" in lines[2]
    assert "2 ALERTS" not in words.splitlines()[1]
    assert "3 ALERTS" in words.splitlines()[0]


def test_what_cannot_alarm_is_named() -> None:
    words = shown(
        a_state(
            phones="failing",
            screens=[{"name": "TV-2", "able": False, "why": ["not_armed"]}],
            buttons=[{"name": "B5", "state": "silent", "last_seen_at": "13:40"}],
        )
    )
    assert "PHONES FAILING" in words
    assert "TV-2 CANNOT ALARM: not armed" in words
    assert "B5 button SILENT since 13:40" in words
    assert "screens able 0/1" in words


def test_a_board_that_is_told_little_shows_that() -> None:
    cut = {"id": "a", "number": 3, "site": "AMC4", "state": "unanswered", "raised_at": None}
    assert "NO ONE YET" in shown(a_state({**cut, "drill": True}))
    assert "DRILL" in shown(a_state({**cut, "drill": True}))
    assert place(cut) == "-"


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "0:00"), (42.9, "0:42"), (725, "12:05"), (3725, "1:02:05")]
)
def test_minutes(seconds: float, words: str) -> None:
    assert minutes(seconds) == words


def test_the_next_step_in_words() -> None:
    at = NOW.isoformat()
    assert next_step({"next": None}, NOW) == ""
    assert next_step({"next": {"at": at, "what": "arrival"}}, NOW).endswith("now")
    rung = {"at": at, "what": "rung", "do": ["louder", "text"], "who": ["everyone"]}
    assert next_step({"next": rung}, NOW) == "everyone texted and louder now"


def test_only_the_newest_answer_of_each_person_is_shown() -> None:
    answers = [
        {"person": "sam", "name": "Sam", "answer": "on_my_way"},
        {"person": "kim", "name": "Kim", "answer": "cannot_go"},
        {"person": "sam", "name": "Sam", "answer": "at_booth"},
    ]
    assert coming({"answers": answers}) == "Sam at the booth, Kim cannot go"


async def test_every_frame_is_one_line_of_json(site: StubSite) -> None:
    out = io.StringIO()
    reader = Lines(out, json.dumps)
    watch = Watch(site.url, "screen-token", as_json=True, patience=None)
    following = asyncio.create_task(follow(watch, reader, lambda words: None))
    await until(lambda: site.sockets)
    site.raise_alert(1)
    await until(lambda: out.getvalue().count("\n") == 2)
    following.cancel()
    await asyncio.wait([following])
    frames = [json.loads(text) for text in out.getvalue().splitlines()]
    assert [frame["type"] for frame in frames] == ["snapshot", "event"]


async def test_a_token_that_may_not_watch_ends_with_a_sentence(site: StubSite) -> None:
    words: list[str] = []
    for token, close, sentence in (
        ("stolen", None, "does not know this token"),
        ("screen-token", 4403, "may not watch"),
    ):
        site.close_codes = [close] if close else []
        watch = Watch(site.url, token, as_json=True, patience=None)
        assert await follow(watch, Lines(io.StringIO(), str), words.append) == 1
        assert sentence in words[-1]


async def test_a_server_that_never_answers_is_told_and_given_up_in_time() -> None:
    words: list[str] = []
    watch = Watch("http://127.0.0.1:9", "screen-token", as_json=True, patience=20)
    clock = TestClock(jumps=10)
    assert await follow(watch, Lines(io.StringIO(), str), words.append, clock) == 3
    assert "not connected" in words[0]
    assert "could not be reached within 20 s" in words[-1]
    assert clock.monotonic() < 20


async def test_the_board_uses_the_time_of_the_server(site: StubSite) -> None:
    clock = TestClock()
    picture = Picture(clock)
    picture.link(connected=True, why="")
    later = clock.now() + timedelta(hours=1)
    picture.frame(
        {
            "type": "snapshot",
            "seq": 1,
            "epoch": "e",
            "server_time": later.isoformat(),
            "site": site.site,
            "alerts": [],
        }
    )
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(picture.draw())
    written = console.file
    assert isinstance(written, io.StringIO)
    assert f"{later:%H:%M:%S}" in written.getvalue()


def test_events_as_lines() -> None:
    alert = an_alert(12, "on_the_way", 1)
    event = {"at": "12:00", "name": "on_my_way", "data": {"person": "sam"}}
    words = line({"type": "event", "event": event, "alert": alert})
    assert words == "12:00 on_my_way sam - alert 52, booth 12, ON THE WAY"
    assert line({"type": "beat"}) is None


async def run_watch(
    site: StubSite, *arguments: str, out: int = subprocess.PIPE
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "clients",
        "watch",
        "--url",
        site.url,
        *arguments,
        env={**os.environ, "DIRECTLINE_TOKEN": "screen-token"},
        stdout=out,
        stderr=subprocess.PIPE,
    )


async def test_ctrl_c_ends_a_watch_with_0(site: StubSite) -> None:
    process = await run_watch(site, "--json")
    assert process.stdout is not None
    first = json.loads(await process.stdout.readline())
    assert first["type"] == "snapshot"
    process.send_signal(signal.SIGINT)
    _, words = await process.communicate()
    assert (process.returncode, b"Traceback" in words) == (0, False)


async def test_a_closed_pipe_ends_a_watch_with_0(site: StubSite) -> None:
    reading, writing = os.pipe()
    process = await run_watch(site, "--json", out=writing)
    os.close(writing)
    await until(lambda: site.sockets, 20)
    os.close(reading)
    site.raise_alert(1)
    _, words = await process.communicate()
    assert (process.returncode, b"Traceback" in words, b"Broken" in words) == (0, False, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["press", "--url", "nowhere", "--token", "t"], "not an address"),
        (["press", "--url", "http://h:x", "--token", "t"], "not an address"),
        (["press", "--url", "http://h", "--token", "t", "--kind", "fire"], "fire"),
        (["press", "--url", "http://h", "--token", "t", "--for", "0"], "--for"),
        (["press", "--url", "http://h"], "--token"),
        (["watch", "--url", "http://h", "--token", "two\nlines"], "one line"),
        (["replay", "no-such-file.csv", "--url", "http://h"], "No such file"),
    ],
)
def test_bad_arguments_exit_with_2(arguments: list[str], words: str) -> None:
    from typer.testing import CliRunner

    from clients.__main__ import app

    result = CliRunner().invoke(app, arguments, env={"DIRECTLINE_TOKEN": None})
    assert result.exit_code == 2
    assert words in result.stderr
