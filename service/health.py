"""Health for machines: is the loop alive, can a press be stored here, and what is degraded."""

import asyncio
import contextlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from alerts.times import clock_text
from dispatch import presence, store
from dispatch.clock import DEGRADED_SECONDS, Clock
from dispatch.codec import alert_from_text, stamp
from dispatch.database import Connection, DatabaseAway
from dispatch.loop import Scans, pause
from service.callers import OPEN
from service.wiring import Wiring

READ_SECONDS = 2.0
LATE_SECONDS = 1.0
DISK_BYTES_LEAST = 200_000_000
PING_SECONDS = 30.0
WATCH_SECONDS = 0.5
FROZEN_SECONDS = 1.5
STALLED_EXIT = 70


def build(wiring: Wiring) -> APIRouter:
    """The routes of health."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", openapi_extra=OPEN)
    async def alive() -> dict[str, bool]:
        """The loop runs."""
        return {"ok": True}

    @router.get(
        "/readyz",
        responses={503: {"description": "A press could not be stored here"}},
        openapi_extra=OPEN,
    )
    async def ready() -> JSONResponse:
        """Whether a press can be stored here; trouble with phones alone is only degraded."""
        said = await _readiness(wiring)
        return JSONResponse(said, 200 if said["ready"] else 503)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        openapi_extra=OPEN,
    )
    async def metrics() -> Response:
        """Prometheus' text format."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                states = await wiring.reader.ask(_open_alerts)
        except (TimeoutError, DatabaseAway):
            states = {}
        for state in ("unanswered", "on_the_way", "at_booth", "recovering"):
            wiring.metrics.open_alerts.labels(state).set(states.get(state, 0))
        return Response(wiring.metrics.text(), media_type="text/plain; version=0.0.4")

    return router


async def _readiness(wiring: Wiring) -> dict[str, Any]:
    local = wiring.ready()
    why: list[str] = list(local["why"])
    degraded: list[str] = list(local["degraded"])
    overdue = unsent = 0.0
    try:
        async with asyncio.timeout(READ_SECONDS):
            overdue, unsent, screenless = await wiring.reader.ask(_ages, wiring.clock)
        if screenless:
            degraded.append("no_screen")
    except (TimeoutError, DatabaseAway):
        if "database" not in why:
            why.append("database")
    if overdue > LATE_SECONDS:
        degraded.append("lateness")
    return {
        "ready": not why,
        "why": why,
        "degraded": degraded,
        "oldest_overdue_s": overdue,
        "oldest_unsent_s": unsent,
        "node": wiring.node,
        "time_scale": wiring.settings.time_scale,
    }


def _ages(connection: Connection, clock: Clock) -> tuple[float, float, bool]:
    now = clock.now()
    due = store.next_due(connection)
    overdue = max(0.0, (now - due).total_seconds()) if due else 0.0
    rows = connection.execute(
        "SELECT min(made_at) FROM outbox WHERE state IN ('waiting', 'sending') AND due <= :now",
        {"now": stamp(now)},
    )
    oldest = rows[0][0]
    unsent = max(0.0, stamp(now) - oldest) if oldest is not None else 0.0
    return round(overdue, 3), round(unsent, 3), bool(presence.without_screen(connection, now))


def _open_alerts(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        f"SELECT state, count(*) FROM alerts a WHERE state <> 'closed' AND {store.REAL}"
        " GROUP BY state"
    )
    return {str(row[0]): int(row[1]) for row in rows}


def first_answers(connection: Connection, lines: set[tuple[str, int]]) -> list[float]:
    """Seconds from press to first answer, for those of these log lines that were the first.

    How long people take in a drill says nothing of how long they take when it is real.
    """
    found: dict[str, float] = {}
    for site, seq in lines:
        rows = connection.execute(
            "SELECT l.at, a.whole FROM log l JOIN alerts a ON a.id = l.alert"
            " WHERE l.site = :site AND l.seq = :seq",
            {"site": site, "seq": seq},
        )
        for at, whole in rows:
            alert = alert_from_text(whole)
            first = alert.first_answer_at
            if first is not None and stamp(first) == at and not alert.drill:
                found[alert.id] = at - stamp(alert.raised_at)
    return list(found.values())


def disk_is_low(path: str) -> bool:
    """Whether the disk of the embedded database is nearly full."""
    return shutil.disk_usage(Path(path).resolve().parent).free < DISK_BYTES_LEAST


def clock_is_off(ahead: float) -> bool:
    """Whether our time and the reference's differ by more than they should."""
    return abs(ahead) > DEGRADED_SECONDS


class StallWatch:
    """A thread that ends the process when a follower has stalled: a supervisor starts it anew."""

    def __init__(
        self, scans: Scans, clock: Clock, excused: Callable[[], bool] = lambda: False
    ) -> None:
        """Watches once started. While `excused`, what does not complete is not our own fault."""
        self._scans = scans
        self._clock = clock
        self._excused = excused
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="stall-watch", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _watch(self) -> None:
        try:
            name = self._stalled()
            why = "stalled"
        except Exception as error:  # noqa: BLE001 - nobody would watch any more
            name, why = "stall-watch", repr(error)
        if name is not None:
            said = {"at": clock_text(self._clock.now()), "level": "critical"}
            said |= {"event": "task_ended", "task": name, "why": why}
            # The log's own lock may be held by what has stalled.
            os.write(2, f"{json.dumps(said)}\n".encode())
            os._exit(STALLED_EXIT)

    def _stalled(self) -> str | None:
        """The follower that has stalled, once one has; None when there is no more to watch."""
        last = since = self._clock.monotonic()
        while not self._ended.wait(WATCH_SECONDS):
            now = self._clock.monotonic()
            # When we ourselves were frozen, everybody was. A database that is away refuses presses
            # and stops the steps; ending the process would bring back neither.
            if now - last > FROZEN_SECONDS or self._excused():
                since = now
            last = now
            name = self._scans.stalled(since)
            if name is not None:
                return name
        return None


async def ping(url: str, scans: Scans) -> None:
    """Tell an outside watchdog every 30 s that the scans complete; our silence is its alarm."""
    async with httpx2.AsyncClient(timeout=10) as client:
        while True:
            if scans.stalled() is None:
                # Whatever it is, an outside watchdog that cannot be told must not end the service.
                with contextlib.suppress(Exception):
                    await client.get(url)
            await pause(PING_SECONDS)
