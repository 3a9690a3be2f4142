"""`replay`: plays a file of real calls against a running server, with simulated staff.

Every row becomes a stored press, however long that takes and however often the server dies in
between; a row is never dropped. It judges nothing by what it hoped for, only by what it saw.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clients.calls_file import BadFileError, Row, read_rows
from clients.client import DirectlineClient
from clients.clock import Clock, SystemClock
from clients.errors import Refused, Unanswered
from clients.handsets import Handsets
from clients.house import House
from clients.keys import BadKeysError, Keys, Person, read_keys
from clients.replay_report import Facts, Sent, numbers, succeeded, table
from clients.screens import Screens
from clients.staff import Staff, Tablet
from clients.state import Json

DONE = 0
NOT_DONE = 1
BAD_ARGUMENTS = 2
NOT_REACHABLE = 3

CONNECT_SECONDS = 10.0
LOOK_SECONDS = 0.1
ASK_AGAIN_SECONDS = 0.5
TIMELINES_AT_ONCE = 8
_RINGING = ("queued", "initiated", "ringing")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play and how. Seconds are real ones; `settle` None means by the time scale."""

    file: Path
    url: str
    token: str | None
    phones: str | None
    speed: float = 1.0
    fold_days: bool = False
    keys: Path | None = None
    only: str | None = None
    seed: int = 1
    screens: int = 3
    screen_token: str | None = None
    booths: int = 8
    patience: float = 600.0
    settle: float | None = None
    report: Path | None = None


def run(plan: Plan, warn: Callable[[str], None]) -> int:
    """Play, print the table, and return the exit code."""
    try:
        rows = read_rows(plan.file, fold_days=plan.fold_days, only=plan.only)
        keys = read_keys(plan.keys) if plan.keys else Keys()
    except (BadFileError, BadKeysError) as error:
        warn(str(error))
        return BAD_ARGUMENTS
    token = plan.token or keys.first("bridge")
    phones = plan.phones or keys.phones
    if token is None or phones is None:
        warn("Give --token and --phones, or --keys with the file that the demo wrote.")
        return BAD_ARGUMENTS
    try:
        figures = asyncio.run(_run(plan, rows, keys, (token, phones)))
    except KeyboardInterrupt:
        warn("Stopped. What was stored stays stored; the alerts go on.")
        return NOT_DONE
    except* Refused as refused:
        warn(f"The server refused: {refused.exceptions[0]}.")
        return_code = NOT_DONE
    except* Unanswered as nothing:
        warn(f"Not reachable: {nothing.exceptions[0]}")
        return_code = NOT_REACHABLE
    return return_code
