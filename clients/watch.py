"""`watch`: the live board of a site in a terminal, or its frames one a line.

It only looks: it proves no screen, answers nothing, and says when what it shows is old.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TextIO

from clients.client import DirectlineClient
from clients.clock import Clock, SystemClock
from clients.errors import Refused, Unanswered
from clients.state import State, apply
from clients.wire import Json

DONE = 0
REFUSED = 1
NOT_REACHABLE = 3
REDRAW_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Watch:
    """What to watch, and for how many seconds to try for a first connection (None: for ever)."""

    url: str
    token: str
    as_json: bool
    patience: float | None


def run(watch: Watch, warn: Callable[[str], None]) -> int:
    """Watch until Ctrl-C or until the reader has gone; returns the exit code."""
    try:
        if watch.as_json:
            return asyncio.run(follow(watch, Lines(sys.stdout, _as_json), warn))
        if sys.stdout.isatty():
            return asyncio.run(_on_a_terminal(watch, warn))
        from clients.board import line

        return asyncio.run(follow(watch, Lines(sys.stdout, line), warn))
    except KeyboardInterrupt:
        return DONE
    except BrokenPipeError:
        # Python flushes standard output once more on the way out; let it flush into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


class Lines:
    """Writes one line for each frame that has one, each flushed, so that a pipe sees it at once."""

    def __init__(self, out: TextIO, words: Callable[[Json], str | None]) -> None:
        self._out = out
        self._words = words

    def frame(self, frame: Json) -> None:
        """Raises BrokenPipeError when the reader has gone."""
        words = self._words(frame)
        if words is not None:
            self._out.write(words + "\n")
            self._out.flush()

    def link(self, connected: bool, why: str) -> None:
        """The lines say nothing of the connection; `follow` warns."""


class Picture:
    """What the board needs to be drawn: the state, the connection, and the server's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._state = State()
        self._connected = False
        self._why = ""
        self._heard: float | None = None
        self._ahead = timedelta()

    def frame(self, frame: Json) -> None:
        """Take in one frame."""
        self._state = apply(self._state, frame)
        self._heard = self._clock.monotonic()
        if frame.get("server_time"):
            # Times on the board are the server's, so that a wrong clock here cannot mislead.
            self._ahead = datetime.fromisoformat(frame["server_time"]) - self._clock.now()

    def link(self, connected: bool, why: str) -> None:
        """Take in a change of the connection."""
        self._connected = connected
        self._why = why

    def draw(self) -> object:
        """The board as it is now, for rich."""
        from clients.board import Link, board

        age = None if self._heard is None else self._clock.monotonic() - self._heard
        return board(
            self._state, Link(self._connected, self._why, age), self._clock.now() + self._ahead
        )


async def follow(
    watch: Watch,
    reader: Lines | Picture,
    warn: Callable[[str], None],
    clock: Clock | None = None,
) -> int:
    """Hand every frame and every change of the connection to `reader` until something ends it."""
    told = ""

    def link(connected: bool, why: str) -> None:
        nonlocal told
        reader.link(connected, why)
        if isinstance(reader, Lines) and why != told:
            told = why
            warn(f"connected to {watch.url}" if connected else f"not connected: {why}; trying")

    async with DirectlineClient(watch.url, watch.token, clock=clock) as client:
        try:
            async with aclosing(client.live(link=link, patience=watch.patience)) as frames:
                async for frame in frames:
                    reader.frame(frame)
        except Refused as refused:
            warn(_refusal(refused))
            return REFUSED
        except Unanswered as nothing:
            warn(f"{watch.url} could not be reached within {watch.patience:g} s: {nothing}")
            return NOT_REACHABLE
    return DONE


async def _on_a_terminal(watch: Watch, warn: Callable[[str], None]) -> int:
    from rich.live import Live as Drawing

    clock = SystemClock()
    picture = Picture(clock)

    async def redraw(drawing: Drawing) -> None:
        while True:
            drawing.update(picture.draw(), refresh=True)  # pyright: ignore[reportArgumentType]
            await clock.sleep(REDRAW_SECONDS)

    with Drawing(auto_refresh=False, screen=True) as drawing:
        drawer = asyncio.create_task(redraw(drawing))
        words: list[str] = []
        try:
            code = await follow(watch, picture, words.append, clock)
        finally:
            drawer.cancel()
    for sentence in words:
        warn(sentence)  # After the board has left the terminal, so that it stays readable.
    return code


def _as_json(frame: Json) -> str:
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def _refusal(refused: Refused) -> str:
    match refused.problem.get("status"):
        case 401:
            return "The server does not know this token. Pair or add the device again."
        case 403:
            return "This token may not watch. Use one of a screen, a tablet or a monitor."
        case _:
            return f"The server refused: {refused}."
