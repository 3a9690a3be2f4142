"""`python -m tests.torture`: kills the server again and again during a replay, and judges it.

Simulated staff answer, booths press, and at random instants the server gets SIGKILL and is started
again. The judge looks at the stopped database after every kill and at everything in the end.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dispatch.database import Connection, Database
from tests import judge
from tests.judge import Death, Verdict
from tests.postgres import PostgresServer
from tests.pressing import Line, Presser, a_while, until
from tests.process import Phones, Program, Server, free_port, set_up

TIME_SCALE = 10
BEHIND_SECONDS = 10.0
"""Killed every other second, at this time scale, there are whole loops of the ladder to catch up
with, one rung at a time: a step may be so late while we serve. Elsewhere it is a second."""
PRESSERS = 3
ROUND_SECONDS = 3.0
"""About how long one kill takes, with the start after it: the replay is made as long."""
UP_SECONDS = 3.0
STARTING_SECONDS = 1.5
AWAY_EVERY, AWAY_SECONDS = 3, 2.0
"""After so many kills the server stays away for so long: some steps are late for certain."""
KILLED_WHILE_STARTING = 0.2
REPLAY_SPEED = 60
KINDS = ("EMS: OVERDOSE", "EMS: CARDIAC EMERGENCY", "EMS: UNCONSCIOUS SUBJECT", "EMS: FALL VICTIM")
QUIET_SECONDS = 40.0
END_SECONDS = 600.0
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: how often to kill, with which dice, on which database."""

    kills: int
    seed: int
    database: str


@dataclass(slots=True)
class Torture:
    """One run: the programs, the dice, and what was seen so far."""

    plan: Plan
    folder: Path
    database_url: str
    server: Server
    phones: Phones
    keys: Json
    dice: random.Random
    tell: Callable[[str], None]
    answered: dict[str, str] = field(default_factory=dict[str, str])
    acted: set[str] = field(default_factory=set[str])
    deaths: list[Death] = field(default_factory=list[Death])
    starts: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])
    died_at: datetime | None = None
    ending: bool = False

    async def killing(self) -> None:
        """Kill as often as planned, look at what is left each time, and start again."""
        for number in range(1, self.plan.kills + 1):
            await a_while(self._until_the_kill())
            self.died_at = self.died_at or datetime.now(UTC)
            if self.server.runs:
                await self.server.kill()
            else:
                last = self.server.words().splitlines()[-1:]
                self.faults.append(f"before kill {number} the server ended by itself: {last}")
            assert self.phones.runs, self.phones.words()[-2000:]
            found = await asyncio.to_thread(self._look)
            self.faults += [f"after kill {number}: {words}" for words in found]
            self.tell(f"kill {number} of {self.plan.kills}, {len(self.answered)} presses stored")
            if number % AWAY_EVERY == 0:
                await a_while(AWAY_SECONDS)
            await self._start(last=number == self.plan.kills)

    def _until_the_kill(self) -> float:
        if not self.server.runs or self.died_at is not None:
            return self.dice.uniform(0, STARTING_SECONDS)
        return self.dice.uniform(0, UP_SECONDS)

    async def _start(self, *, last: bool) -> None:
        began = time.monotonic()
        await self.server.launch()
        if not last and self.dice.random() < KILLED_WHILE_STARTING:
            return
        await self.server.ready()
        self.starts.append(time.monotonic() - began)
        assert self.died_at is not None
        self.deaths.append(Death(self.died_at, datetime.now(UTC)))
        self.died_at = None

    def _look(self) -> list[str]:
        """What the database holds while nobody serves: of SQLite a copy, left as it was."""
        verdict = Verdict()
        answered, acted = dict(self.answered), set(self.acted)
        if self.plan.database == "sqlite":
            path = Path(self.database_url.removeprefix("sqlite:///"))
            copy = self.folder / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            copy.mkdir()
            for part in ("", "-wal"):
                if (found := path.with_name(path.name + part)).exists():
                    shutil.copy(found, copy / found.name)
            url = f"sqlite:///{copy / path.name}"
        else:
            url = self.database_url
        connection = Database(url).open()
        try:
            judge.whole(connection, verdict)
            judge.presses(connection, answered, acted, verdict)
            judge.timers(connection, verdict)
        finally:
            connection.close()
        return verdict.faults

    async def pressing(self, token: str) -> None:
        """Press, wait, sometimes press again, and end it; for as long as the torture lasts."""
        presser = Presser.at(self.server.url, token)
        presser.answered = self.answered
        async with presser.line, Line(self.server.url, self.keys["tokens"]["tablet"]) as tablet:
            while not self.ending:
                alert = await presser.press_until_stored()
                for _ in range(self.dice.choice((0, 0, 1, 2))):
                    await a_while(self.dice.uniform(0.1, 2))
                    await presser.press_until_stored()
                await a_while(self.dice.uniform(0.1, 4))
                await self._close(tablet, alert["id"])

    async def _close(self, tablet: Line, alert: str) -> None:
        body = {
            "action_id": str(uuid.uuid4()),
            "action": "close",
            "person": "jo",
            "pin": "8080",
            "outcome": "not_medical",
        }
        while True:
            try:
                answer = await tablet.post(f"/v1/alerts/{alert}/actions", body)
            except (OSError, TimeoutError):
                await a_while(0.2)
                continue
            if answer.status == 200:
                self.acted.add(body["action_id"])
                return
            if answer.status == 404:
                self.faults.append(f"alert {alert} was stored and is unknown")
                return
            assert answer.status in (429, 503), answer
            await a_while(0.5)

    async def until_quiet(self) -> None:
        """Until every text and call has been handed over."""

        def quiet() -> bool:
            connection = Database(self.database_url).open(read_only=True)
            try:
                waiting = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending') LIMIT 1"
                return not connection.execute(waiting)
            finally:
                connection.close()

        await until(quiet, QUIET_SECONDS, "the end of all sends")


async def torture(plan: Plan, folder: Path, tell: Callable[[str], None]) -> tuple[Json, list[str]]:
    """Run it; the figures, and every fault in words."""
    postgres: PostgresServer | None = None
    url = f"sqlite:///{folder / 'torture.db'}"
    if plan.database == "postgres":
        postgres = PostgresServer()
        postgres.start(durable=True)
        url = postgres.create_database()
    try:
        return await _on(plan, folder, url, tell)
    finally:
        if postgres is not None:
            postgres.stop()


async def _on(
    plan: Plan, folder: Path, url: str, tell: Callable[[str], None]
) -> tuple[Json, list[str]]:
    port = free_port()
    phones = Phones(folder, f"http://127.0.0.1:{port}")
    keys = set_up(url, bridges=1 + PRESSERS) | {"phones": phones.url}
    server = Server(
        folder, url, port=port, phones_url=phones.url, time_scale=TIME_SCALE, name="server"
    )
    (folder / "keys.json").write_text(json.dumps(keys))
    dice = random.Random(plan.seed)
    calls(folder / "calls.csv", plan.kills * ROUND_SECONDS, dice)
    run = Torture(plan, folder, url, server, phones, keys, dice, tell)
    replay = _replay(folder, server, plan.seed)
    try:
        await phones.start()
        run.starts.append(await server.start())
        await replay.launch()
        exit_code = await _run(run, replay)
        assert await server.terminate() == 0
        figures = json.loads((folder / "report.json").read_text())
        verdict = await asyncio.to_thread(_verdict, run)
    finally:
        for program in (replay, server, phones):
            await program.stop()
    verdict.faults[:0] = run.faults
    verdict.faults += _complaints(figures, exit_code)
    told = figures["presses"]["stored"] + len(run.answered)
    if verdict.counts["presses stored"] < told:
        verdict.faults.append(f"{told} presses were answered 2xx in all, and fewer are stored")
    return _figures(run, figures, verdict), verdict.faults


async def _run(run: Torture, replay: Program) -> int:
    """Kill until done, then let the replay and the pressers come to their end."""
    tokens = run.keys["tokens"]["bridge"][1:]
    async with asyncio.TaskGroup() as group:
        for token in tokens:
            group.create_task(run.pressing(token))
        await run.killing()
        run.tell("waiting for the replay to end")
        code = await replay.ended(END_SECONDS)
        run.ending = True
    await run.until_quiet()
    return code


def calls(path: Path, seconds: float, dice: random.Random) -> None:
    """A file of calls of seven days that, folded and played, lasts about so long."""
    first = datetime(2026, 11, 2, 8, tzinfo=UTC)
    rows = ["time,kind"]
    for _ in range(max(4, int(seconds))):
        at = first + timedelta(
            days=dice.randrange(7), seconds=dice.uniform(0, seconds * REPLAY_SPEED)
        )
        rows.append(f"{at:%Y-%m-%d %H:%M:%S},{dice.choice(KINDS)}")
    path.write_text("\n".join(rows) + "\n")


def _replay(folder: Path, server: Server, seed: int) -> Program:
    words = (
        *("-m", "clients", "replay", "calls.csv", "--fold-days", "--url", server.url),
        *("--keys", "keys.json", "--speed", str(REPLAY_SPEED), "--seed", str(seed)),
        *("--json", "report.json"),
    )
    return Program(folder, "replay", words, {})


def _verdict(run: Torture) -> Verdict:
    connection: Connection = Database(run.database_url).open()
    try:
        truth = run.phones.truth()
        return judge.judge(connection, truth, run.deaths, run.answered, run.acted, BEHIND_SECONDS)
    finally:
        connection.close()


def _complaints(figures: Json, exit_code: int) -> list[str]:
    """What the replay itself has to say."""
    steps: Json = figures["steps"] or {}
    presses: Json = figures["presses"]
    said: dict[str, int] = {
        "presses not stored": presses["not_stored"],
        "presses refused": presses["refused"],
        "steps lost": steps.get("lost", 0),
        "late steps without a mark": steps.get("late_unmarked", 0),
    }
    found = [f"the replay saw {count} {what}" for what, count in said.items() if count]
    if exit_code and not found:
        found.append(f"the replay ended with {exit_code}")
    return found


def _figures(run: Torture, figures: Json, verdict: Verdict) -> Json:
    lateness: Json = figures["step_late_s"] or {}
    return {
        "database": run.plan.database,
        "seed": run.plan.seed,
        "kills": run.plan.kills,
        "presses of the replay": figures["presses"]["stored"],
        "presses acknowledged to the pressers": len(run.answered),
        "acts acknowledged": len(run.acted),
        **{name: count for name, count in sorted(verdict.counts.items()) if "acknowl" not in name},
        "lateness of steps, s": f"median {lateness.get('median')}, worst {lateness.get('worst')}",
        "latest step while serving, s": round(verdict.latest, 2),
        "start to ready, s": f"{min(run.starts):.1f} to {max(run.starts):.1f}",
        "away in all, s": round(
            sum((death.until - death.since).total_seconds() for death in run.deaths), 1
        ),
        "FAULTS": len(verdict.faults),
    }


def table(figures: Json) -> Table:
    """The figures for people."""
    drawn = Table(title="Torture", title_justify="left", show_header=False)
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column()
    for name, value in figures.items():
        drawn.add_row(name, str(value))
    return drawn


def main() -> int:
    """Run it from a command line; 0 when no fault was found, 1 otherwise."""
    read = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    read.add_argument("--kills", type=int, default=50)
    read.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    read.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = read.parse_args()
    screen = Console(stderr=True)
    kinds = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    bad = False
    for kind in kinds:
        folder = Path(tempfile.mkdtemp(prefix=f"directline-torture-{kind}-"))
        screen.print(f"{kind}, seed {given.seed}, in {folder}")
        with screen.status("starting") as status:
            figures, faults = asyncio.run(
                torture(Plan(given.kills, given.seed, kind), folder, status.update)
            )
        Console().print(table(figures))
        for words in faults[:50]:
            Console().print(f"FAULT: {words}")
        bad = bad or bool(faults)
        if not faults:
            shutil.rmtree(folder, ignore_errors=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
