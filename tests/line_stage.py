"""A stage for the direct line's panel: it serves the pages and whatever state a test orders.

It decides nothing and keeps what was asked of it; how the line really behaves is for the stories
with the whole service.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.stub_served import CLOCK, Json, Served, stamp

WEB = Path(__file__).parent.parent / "clients" / "web"
PAGES = {"/line": "line.html", "/wall": "wall.html", "/alert/{number}": "alert.html"}
ADDRESS = {
    "line": "Damrak 12, Amsterdam",
    "entrance": "green door in the alley on the left",
    "call_back": "+31201234567",
}
PEOPLE = [
    {"id": "jo", "name": "Jo", "roles": ["coordinator"], "on_duty": True, "has_pin": True},
    {"id": "sam", "name": "Sam", "roles": ["responder"], "on_duty": True, "has_pin": False},
    {"id": "kim", "name": "Kim", "roles": ["responder"], "on_duty": False, "has_pin": False},
]


def ago(seconds: float) -> str:
    """That many seconds ago, as the wire writes it; a negative number lies ahead."""
    moment: datetime = CLOCK.now() - timedelta(seconds=seconds)
    return stamp(moment)


def leg(number: int, who: str, state: str, seconds: float, **more: Any) -> Json:
    """One leg of a line, in its state for so many seconds."""
    return {
        "leg": number,
        "who": who,
        "number_index": None,
        "round": None,
        "state": state,
        "muted": False,
        "since": ago(seconds),
        "reason": None,
    } | more


def room(number: int, index: int, state: str, seconds: float, **more: Any) -> Json:
    """The leg of a control room."""
    return leg(number, "control", state, seconds, **({"number_index": index, "round": 1} | more))


def line(state: str, *legs: Json, **more: Any) -> Json:
    """The line of an alert of staff."""
    return {
        "state": state,
        "number_index": None if state in ("none", "joining") else 0,
        "round": None if state == "none" else 1,
        "since": None if state == "none" else ago(9),
        "by_hand": False,
        "opened_at": None if state == "none" else ago(30),
        "opened_by": None if state == "none" else "jo",
        "numbers": 2,
        "rounds": 2,
        "ring_s": 20,
        "join_at": None,
        "reached_at": None,
        "next": None,
        "legs": list(legs),
    } | more


class Stage(Served):
    """One site with one alert; `show` puts another state on it, in every window."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.done: list[Json] = []
        self.proofs: list[Json] = []
        self.problem: Json | None = None
        self.kind = "tablet"
        self._sockets: dict[WebSocket, asyncio.Queue[Json]] = {}
        self._seq = 1
        self.timeline: list[Json] = []
        self.site: Json = {
            "code": "AMC4",
            "name": "Harbour House",
            "language": "en",
            "timezone": "Europe/Amsterdam",
            "emergency_number": "112",
            "live": True,
            "time_scale": 1,
            "phones": "ok",
            "line": "ready",
            "line_test": None,
            "booths": [{"number": 12, "name": None, "place": None, "covered": True}],
            "people": [one | {"reach": "ok"} for one in PEOPLE],
            "ladder": [],
            "ladder_repeat": {},
            "clocks": {},
            "screens": [],
            "buttons": [],
            "drill": None,
        }
        self.alerts: list[Json] = [self.new_alert()]

    @property
    def alert(self) -> Json:
        """The first alert."""
        return self.alerts[0]

    def new_alert(self, number: int = 47, booth: int = 12) -> Json:
        """An alert with Sam at the booth and no line."""
        return {
            "id": f"a{number}",
            "number": number,
            "site": "AMC4",
            "booth": booth,
            "booth_known": True,
            "kind": "unclear",
            "drill": False,
            "state": "at_booth",
            "ladder": "stopped",
            "presses": 1,
            "raised_at": ago(220),
            "closed_at": None,
            "answers": [
                {"person": "sam", "name": "Sam", "answer": "at_booth", "at": ago(90), "by": "text"}
            ],
            "jobs": {},
            "next": None,
            "sounding": [],
            "line": line("none"),
            "care": {
                "oxygen": True,
                "oxygen_at": ago(240),
                "naloxone": 1,
                "naloxone_at": ago(120),
                "breathing": "slow",
                "awake": False,
            },
            "ems": None,
            "ems_minutes": None,
            "ems_at": None,
            "seq": 1,
            "version": 1,
        }

    def happen(self, name: str, *, of: Json | None = None, by: str = "timer", **data: Any) -> None:
        """An event of the first alert (or `of`), in the timeline and on every socket."""
        self._seq += 1
        alert = of or self.alert
        event = {
            "seq": self._seq,
            "at": ago(0),
            "alert": alert["id"],
            "name": name,
            "by": {"kind": by, "id": None},
            "data": data,
        }
        self.timeline.append(event)
        alert["version"] += 1
        self._send({"type": "event", "seq": self._seq, "event": event, "alert": alert})

    def show(self, shown: Json, **more: Any) -> None:
        """Put this line on the alert, and other fields; every window is told."""
        self.alert.update(line=shown, **more)
        self.happen(f"line_{shown['state']}")

    def change_site(self, **fields: Any) -> None:
        """Change the site; every window is told."""
        self.site.update(fields)
        self._seq += 1
        event = {
            "seq": self._seq,
            "at": ago(0),
            "alert": None,
            "name": "site_changed",
            "by": {"kind": "timer", "id": None},
            "data": {"site": self.site},
        }
        self._send({"type": "event", "seq": self._seq, "event": event, "alert": None})

    def app(self) -> Starlette:
        pages = [Route(path, self._page(name)) for path, name in PAGES.items()]
        return Starlette(
            routes=[
                *pages,
                Mount("/web", StaticFiles(directory=WEB)),
                Route("/healthz", self._answer({"ok": True})),
                Route("/v1/whoami", self._whoami),
                Route("/v1/alerts", self._list),
                Route("/v1/alerts/{id}", self._one),
                Route("/v1/alerts/{id}/actions", self._act, methods=["POST"]),
                Route("/v1/site/address", self._address),
                Route("/v1/line-tests", self._test, methods=["POST"]),
                WebSocketRoute("/v1/live", self._live),
            ]
        )

    def _page(self, name: str) -> Any:
        async def page(request: Request) -> Response:
            del request
            return FileResponse(WEB / name)

        return page

    def _answer(self, body: Json) -> Any:
        async def answer(request: Request) -> Response:
            del request
            return JSONResponse(body)

        return answer

    async def _whoami(self, request: Request) -> Response:
        fits = request.query_params.get("as") == self.kind
        return JSONResponse({"kind": self.kind, "device_id": "d1"}, 200 if fits else 401)

    async def _list(self, request: Request) -> Response:
        before = int(request.query_params.get("before", 10**6))
        closed = request.query_params.get("state") == "closed"
        rows = [
            one
            for one in sorted(self.alerts, key=lambda one: -one["number"])
            if one["number"] < before and (not closed or one["state"] == "closed")
        ]
        return JSONResponse({"alerts": rows, "before": None})

    async def _one(self, request: Request) -> Response:
        found = next(one for one in self.alerts if one["id"] == request.path_params["id"])
        return JSONResponse(found | {"timeline": self.timeline})

    async def _address(self, request: Request) -> Response:
        del request
        self.asked.append("address")
        return JSONResponse(ADDRESS)

    async def _act(self, request: Request) -> Response:
        body = await request.json()
        self.done.append(body)
        if self.problem:
            return JSONResponse(self.problem, self.problem["status"])
        return JSONResponse({"alert": self.alert})

    async def _test(self, request: Request) -> Response:
        self.done.append(await request.json())
        return JSONResponse({"test": "t1"}, 202)

    def _send(self, frame: Json) -> None:
        for waiting in self._sockets.values():
            waiting.put_nowait(frame)

    async def _live(self, socket: WebSocket) -> None:
        await socket.accept("directline.v1")
        waiting = self._sockets[socket] = asyncio.Queue[Json]()
        open_alerts = [one for one in self.alerts if one["state"] != "closed"]
        shared = {"epoch": "e1", "seq": self._seq, "server_time": ago(0), "site": self.site}
        await socket.send_json({"type": "snapshot", **shared, "alerts": open_alerts})
        listening = asyncio.create_task(self._listen(socket))
        try:
            while not listening.done():
                await socket.send_json(await self._next(waiting))
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            listening.cancel()
            self._sockets.pop(socket, None)

    async def _next(self, waiting: asyncio.Queue[Json]) -> Json:
        try:
            async with asyncio.timeout(1):
                return await waiting.get()
        except TimeoutError:
            return {"type": "beat", "seq": self._seq, "server_time": ago(0)}

    async def _listen(self, socket: WebSocket) -> None:
        try:
            while True:
                self.proofs.append(await socket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            return

    async def stop(self) -> None:
        for socket in list(self._sockets):
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(1012)
        await super().stop()
