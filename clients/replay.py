"""`replay`: plays a file of real calls against a running server, with simulated staff.

It judges nothing by what it hoped for: the table at the end counts only what was seen.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from clients.calls_file import BadFileError, Row, read_rows
from clients.client import DirectlineClient
from clients.clock import Clock, SystemClock
from clients.errors import Refused, Unanswered
from clients.handsets import Handsets
from clients.house import House
from clients.keys import BadKeysError, Keys, read_keys
from clients.player import Parts, Player
from clients.replay_report import Facts, numbers, succeeded, table
from clients.screens import Screens
from clients.staff import Staff, Tablet
from clients.wire import Json, part
from clients.wire import rows as rows_of

DONE = 0
NOT_DONE = 1
BAD_ARGUMENTS = 2
NOT_REACHABLE = 3

SETTLE_SECONDS = 600.0
READ_AGAIN_SECONDS = 1.0
TIMELINES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play and how.

    Seconds are real ones: `patience` for one press, `start` for a server that is just starting,
    `settle` for the last alerts to end (None: 600 by the server's time scale).
    """

    file: Path
    url: str
    token: str | None = None
    phones: str | None = None
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
    start: float = 10.0
    report: Path | None = None


def run(plan: Plan, warn: Callable[[str], None]) -> int:
    """Play, print the table, and return the exit code: 0 when all is stored and no step lost."""
    try:
        rows = read_rows(plan.file, fold_days=plan.fold_days, only=plan.only)
        keys = read_keys(plan.keys) if plan.keys else Keys()
        figures = asyncio.run(play(plan, rows, keys, SystemClock(), Console(stderr=True)))
        if plan.report is not None:
            plan.report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    except (BadFileError, BadKeysError, _MissingError) as error:
        warn(str(error))
        return BAD_ARGUMENTS
    except OSError as error:
        warn(f"The report could not be written: {error}")
        return BAD_ARGUMENTS
    except Refused as refused:
        warn(f"Refused: {refused}.")
        return NOT_DONE
    except Unanswered as nothing:
        warn(f"Not reachable: {nothing}.")
        return NOT_REACHABLE
    except KeyboardInterrupt:
        warn("Stopped. What was stored stays stored, and its alerts go on.")
        return NOT_DONE
    Console().print(table(figures))
    return DONE if succeeded(figures) else NOT_DONE


async def play(plan: Plan, rows: Sequence[Row], keys: Keys, clock: Clock, screen: Console) -> Json:
    """The figures of one replay. Raises Refused, or Unanswered when it cannot even begin."""
    token = plan.token or keys.first("bridge")
    phones = plan.phones or keys.phones
    if token is None or phones is None:
        raise _MissingError("Give --token and --phones, or --keys with the file the demo wrote.")
    async with AsyncExitStack() as stack:

        async def client(its_token: str) -> DirectlineClient:
            return await stack.enter_async_context(
                DirectlineClient(plan.url, its_token, clock=clock)
            )

        bridge = await client(token)
        scale = float((await _patiently(bridge.ready, clock, plan.start)).get("time_scale") or 1)
        handsets = await stack.enter_async_context(Handsets(phones))
        reading = plan.screen_token or keys.first("monitor", "screen", "tablet")
        reader = await client(reading) if reading else None
        showing = plan.screen_token or keys.first("screen")
        screens = (
            Screens(await client(showing), plan.screens, clock)
            if showing and plan.screens
            else None
        )
        site = await _patiently(reader.site, clock, plan.start) if reader else {}
        booths = [row["number"] for row in rows_of(site, "booths")]
        house = House(clock, booths or range(1, plan.booths + 1))
        tablet = await _tablet(keys, client)
        staff = Staff(handsets, house, clock, tablet=tablet, seed=plan.seed, scale=scale)
        staff.arrival = float(part(site, "clocks").get("arrival") or staff.arrival)
        parts = Parts(bridge, reader, handsets, house, staff, screens, clock, keys.people)
        settle = SETTLE_SECONDS / scale if plan.settle is None else plan.settle
        player = await _played(plan, rows, parts, settle, screen)
        return numbers(await _facts(rows, parts, player, screen))


async def _patiently(ask: Callable[[], Awaitable[Json]], clock: Clock, seconds: float) -> Json:
    """Ask until there is an answer, for as long as a server may take to start."""
    deadline = clock.monotonic() + seconds
    while True:
        try:
            return await ask()
        except Unanswered:
            if clock.monotonic() + READ_AGAIN_SECONDS > deadline:
                raise
        await clock.sleep(READ_AGAIN_SECONDS)


async def _tablet(
    keys: Keys, client: Callable[[str], Awaitable[DirectlineClient]]
) -> Tablet | None:
    token = keys.first("tablet")
    person = next((person for person in keys.people if person.pin), None)
    return Tablet(await client(token), person) if token and person else None


async def _played(
    plan: Plan, rows: Sequence[Row], parts: Parts, settle: float, screen: Console
) -> Player:
    with _bar(screen) as bar:
        playing = bar.add_task("presses stored", total=len(rows))

        def progress() -> None:
            bar.advance(playing)
            if bar.tasks[playing].finished:
                bar.update(playing, description="waiting for the last alerts to end")

        player = Player(parts, speed=plan.speed, patience=plan.patience, progress=progress)
        await player.play(rows, settle)
    return player


def _bar(screen: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


async def _facts(rows: Sequence[Row], parts: Parts, player: Player, screen: Console) -> Facts:
    truth = None
    troubles = [*player.troubles, *parts.staff.counts.troubles]
    try:
        truth = await parts.handsets.truth()
    except (Refused, Unanswered) as error:
        troubles.append(f"the phones' record could not be read: {error}")
    timelines = None
    if parts.reader is not None:
        timelines = await _timelines(parts.reader, parts, screen)
    counts = parts.staff.counts
    return Facts(
        rows=len(rows),
        sent=player.sent,
        screens=parts.screens,
        texts=player.texts,
        calls=player.calls,
        truth=truth,
        timelines=timelines,
        promises=parts.house.promises.values(),
        outages=[(outage.since, outage.until) for outage in parts.house.outages],
        closable=parts.staff.closes,
        left_open=len(parts.house.open_own(asking=False)),
        said={"by_text": counts.texts, "by_key": counts.keys, "ended": counts.ended},
        now=parts.clock.now(),
        troubles=troubles,
    )


async def _timelines(
    reader: DirectlineClient, parts: Parts, screen: Console
) -> dict[str, list[Json]]:
    """The timeline of every alert of this replay; waits for a server that is just restarting."""
    found: dict[str, list[Json]] = {}
    gate = asyncio.Semaphore(TIMELINES_AT_ONCE)

    async def read(alert_id: str, bar: Progress, reading: TaskID) -> None:
        while alert_id not in found:
            try:
                async with gate:
                    found[alert_id] = (await reader.alert(alert_id))["timeline"]
            except Unanswered:
                await parts.clock.sleep(READ_AGAIN_SECONDS)
        bar.advance(reading)

    with _bar(screen) as bar:
        reading = bar.add_task("reading what happened", total=len(parts.house.own))
        async with asyncio.TaskGroup() as group:
            for alert_id in parts.house.own:
                group.create_task(read(alert_id, bar, reading))
    return found


class _MissingError(Exception):
    """An argument is missing that no file gave either."""
